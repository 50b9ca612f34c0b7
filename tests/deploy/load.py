#!/usr/bin/python3
"""Convolves again and again from several threads, and prints what became of the calls, as JSON.

    tests/deploy/load.py --address HOST:PORT [--ca FILE] [--threads N] [--most-seconds S] [--until-refused] [--retry]

Without --retry every call is made once. A call that the server never took ends as UNAVAILABLE. --until-refused ends a
thread at its first call that is not OK. The answers are compared with the first one. Exit codes: 0 printed; 1 an
answer that differs, or no call that is OK; 2 usage.
"""

import argparse
import collections
import json
import struct
import sys
import threading
import time
from pathlib import Path

import grpc

METHOD = "/tensord.v1.TensorService/Convolve"
CALL_SECONDS = 60


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def float32_tensor(shape):
    count = 1
    for length in shape:
        count *= length
    data = struct.pack(f"<{count}f", *((7 * i * i + 3 * i) % 11 - 5 for i in range(count)))
    return varint(1 << 3) + varint(3) + field(2, b"".join(varint(length) for length in shape)) + field(4, data)


def convolve_request(height, channels, kernel):
    """A ConvolveRequest: an image of height x height x channels, a filter kernel x kernel x channels x channels."""
    return (field(1, float32_tensor([height, height, channels])) +
            field(2, float32_tensor([kernel, kernel, channels, channels])))


def connect(arguments):
    # Each its own connection: a pool within the process would otherwise share them.
    options = [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1),
               ("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1),
               ("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 200)]
    if not arguments.ca:
        return grpc.insecure_channel(arguments.address, options)
    return grpc.secure_channel(arguments.address, grpc.ssl_channel_credentials(arguments.ca.read_bytes()), options)


def is_repeatable(code, details):
    """Whether nobody, or nobody any more, works on the call. Every rpc may be repeated.

    Nothing here cancels: CANCELLED, and a stream that ends without a status, are what gRPC makes of an edge that loses
    its daemon while the request is still being sent (docs/ops/edge.md).
    """
    return code in ("UNAVAILABLE", "CANCELLED") or (code, details) == ("UNKNOWN", "Stream removed")


class Load:
    def __init__(self, arguments):
        self.arguments = arguments
        self.request = convolve_request(arguments.height, 16, 5)
        self.codes = collections.Counter()
        self.details = collections.Counter()
        self.repeated = collections.Counter()
        self.first_answer = None
        self.different = 0
        self.lock = threading.Lock()
        self.end = time.monotonic() + arguments.most_seconds

    def note(self, code, details, answer=None):
        with self.lock:
            self.codes[code] += 1
            if code != "OK":
                self.details[f"{code}: {details}"[:200]] += 1
            elif self.first_answer is None:
                self.first_answer = answer
            elif answer != self.first_answer:
                self.different += 1

    def call_once(self, call):
        """The code of one call, repeated where that is asked for and helps, and what it said."""
        for attempt in range(40):
            try:
                return "OK", "", call(self.request, timeout=CALL_SECONDS, wait_for_ready=False)
            except grpc.RpcError as error:
                code, details = error.code().name, error.details()
            if not self.arguments.retry or not is_repeatable(code, details):
                break
            with self.lock:
                self.repeated[code] += 1
            time.sleep(min(0.05 * 2 ** attempt, 0.5))
        return code, details, None

    def run_thread(self):
        with connect(self.arguments) as channel:
            call = channel.unary_unary(METHOD)
            while time.monotonic() < self.end:
                code, details, answer = self.call_once(call)
                self.note(code, details, answer)
                if code != "OK" and self.arguments.until_refused:
                    return

    def run(self):
        threads = [threading.Thread(target=self.run_thread) for _ in range(self.arguments.threads)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(json.dumps({"codes": self.codes, "repeated": self.repeated, "different_answers": self.different,
                          "details": self.details}))
        return 1 if self.different or not self.codes["OK"] else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", required=True)
    parser.add_argument("--ca", type=Path)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--height", type=int, default=128)
    parser.add_argument("--most-seconds", type=float, default=60)
    parser.add_argument("--until-refused", action="store_true")
    parser.add_argument("--retry", action="store_true")
    return Load(parser.parse_args()).run()


if __name__ == "__main__":
    sys.exit(main())
