"""Clients in threads that go on until they are told to stop, and remember how every call ended."""

import threading
import time
from collections import Counter

import grpc

OPTIONS = [("grpc.initial_reconnect_backoff_ms", 20), ("grpc.min_reconnect_backoff_ms", 3000),
           ("grpc.max_reconnect_backoff_ms", 100), ("grpc.enable_retries", 0),
           ("grpc.use_local_subchannel_pool", 1)]


# What a client waits before it repeats a call for the first, second and third time.
RETRY_SECONDS = (0.05, 0.15, 0.45)


class Load:
    """A context manager: `threads` clients, each calling `targets` in turn; a call that is UNAVAILABLE is repeated on
    the next target, at most `retries` times."""

    def __init__(self, targets, method, body, threads=4, pause=0.005, retries=0, timeout=30):
        self.targets, self.method, self.body = targets, method, body
        self.pause, self.retries, self.timeout = pause, retries, timeout
        self.codes, self.unretried, self.retried, self.most_retries = Counter(), Counter(), 0, 0
        self.slowest = 0.0
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(index,)) for index in range(threads)]

    def _run(self, index):
        channels = [grpc.insecure_channel(target, OPTIONS) for target in self.targets]
        calls = [channel.unary_unary(self.method) for channel in channels]
        at = index
        while not self._stop.is_set():
            start, attempts, first = time.monotonic(), 0, None
            while True:
                code = self._once(calls[(at + attempts) % len(calls)])
                first = first or code
                if code != "UNAVAILABLE" or attempts >= self.retries:
                    break
                attempts += 1
                time.sleep(RETRY_SECONDS[attempts - 1])
            at += 1
            with self._lock:
                self.codes[code] += 1
                self.unretried[first] += 1
                self.retried += attempts > 0
                self.most_retries = max(self.most_retries, attempts)
                self.slowest = max(self.slowest, time.monotonic() - start)
            self._stop.wait(self.pause)
        for channel in channels:
            channel.close()

    def _once(self, call):
        try:
            call(self.body, timeout=self.timeout)
            return "OK"
        except grpc.RpcError as error:
            return error.code().name

    def total(self):
        with self._lock:
            return sum(self.codes.values())

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def __exit__(self, *unused):
        self.stop()
