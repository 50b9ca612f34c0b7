"""The well-behaved client beside a fault: a process of its own, so that its times are not the attacker's.

It calls at an even pace over one channel, with a deadline each, and does not retry. A line on standard input asks for
what happened since the last one; the answer is one line of JSON.
"""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

PACE = 0.01
DEADLINE = 5


class GoodClient:
    """Starts and asks the process. A context manager."""

    def __init__(self, target, body_file, method, ca_file=None, metadata=()):
        command = [sys.executable, "-B", str(Path(__file__)), target, str(body_file), method, ca_file or "",
                   json.dumps(list(metadata))]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()  # "ready", after its first calls

    def mark(self):
        """What happened since the last mark: calls, failed, codes, p50 and p99 in milliseconds."""
        try:
            self.process.stdin.write("mark\n")
            self.process.stdin.flush()
            return json.loads(self.process.stdout.readline())
        except (OSError, ValueError):
            return {"calls": 0, "failed": 0, "codes": {"the client itself ended": 1}, "p50": 0, "p99": 0, "max": 0}

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def quantile(ordered, share):
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0


def summary(results):
    times = sorted(seconds * 1000 for seconds, _ in results)
    codes = {}
    for _, code in results:
        codes[code] = codes.get(code, 0) + 1
    return {"calls": len(results), "failed": len(results) - codes.get("OK", 0), "codes": codes,
            "p50": round(quantile(times, 0.5), 2), "p99": round(quantile(times, 0.99), 2),
            "max": round(times[-1], 2) if times else 0}


def open_channel(grpc, target, ca_file):
    # The "least back-off" is how long an attempt to connect may take: a TLS handshake on a busy machine takes a while.
    options = [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.min_reconnect_backoff_ms", 3000),
               ("grpc.max_reconnect_backoff_ms", 200), ("grpc.enable_retries", 0)]
    if not ca_file:
        return grpc.insecure_channel(target, options)
    credentials = grpc.ssl_channel_credentials(Path(ca_file).read_bytes())
    return grpc.secure_channel(target, credentials, options + [("grpc.ssl_target_name_override", "localhost")])


def main():
    import grpc  # here, so that whoever imports GoodClient does not load gRPC

    target, body_file, method, ca_file, metadata = sys.argv[1:6]
    metadata = [tuple(pair) for pair in json.loads(metadata)]
    channel = open_channel(grpc, target, ca_file)
    call = channel.unary_unary(method)
    body = Path(body_file).read_bytes()
    lock, results, stopped = threading.Lock(), [], threading.Event()

    def once():
        start = time.monotonic()
        try:
            call(body, timeout=DEADLINE, metadata=metadata)
            return time.monotonic() - start, "OK"
        except grpc.RpcError as error:
            return time.monotonic() - start, f"{error.code().name} ({error.details()[:80]})"

    def run():
        while not stopped.is_set():
            result = once()
            with lock:
                results.append(result)
            stopped.wait(PACE)

    for _ in range(20):
        once()
    print("ready", flush=True)
    worker = threading.Thread(target=run)
    worker.start()
    for _ in sys.stdin:
        with lock:
            taken = results[:]
            results.clear()
        print(json.dumps(summary(taken)), flush=True)
    stopped.set()
    worker.join()
    channel.close()


if __name__ == "__main__":
    main()
