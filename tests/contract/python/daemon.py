"""Runs a tensord for a test: on a Unix socket and on a TCP port that it picks itself."""

import json
import queue
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

START_SECONDS = 60


def texts_in(value):
    """Every string within a JSON value, lists given as text ("a, b") taken apart."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    if isinstance(value, dict):
        value = list(value.values())
    return [text for item in value for text in texts_in(item)] if isinstance(value, list) else []


class Daemon:
    """A context manager: `unix` and `tcp` are its addresses. It must end with 0 when it is told to stop."""

    def __init__(self, program):
        self._directory = tempfile.TemporaryDirectory()
        self.unix = f"unix:{Path(self._directory.name) / 'tensord.sock'}"
        self.tcp = ""
        self._lines = []
        self._ready = queue.Queue()
        self._process = subprocess.Popen(
            [program, "--listen", self.unix, "--listen", "127.0.0.1:0", "--metrics-listen", "off"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        # The pipe is read to its end, so that a full one cannot stop the daemon.
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    def _read_log(self):
        for line in self._process.stderr:
            self._lines.append(line)
            try:
                event = json.loads(line)
            except json.JSONDecodeError:
                continue
            if isinstance(event, dict) and event.get("event") == "ready":
                self._ready.put(event)
        self._ready.put(None)

    def log(self):
        return "".join(self._lines)

    def __enter__(self):
        try:
            event = self._ready.get(timeout=START_SECONDS)
            if event is None:
                raise RuntimeError("it ended before it was ready")
            self.tcp = next(text for text in texts_in(event) if text.startswith("127.0.0.1:"))
            if self.tcp.endswith(":0"):
                raise RuntimeError("its log does not tell the port that it picked")
        except (queue.Empty, StopIteration, RuntimeError) as error:
            self._process.kill()
            self._process.wait()
            self._reader.join()
            self._process.stderr.close()
            self._directory.cleanup()
            raise RuntimeError(f"the daemon did not start ({error!r}); its log:\n{self.log()}") from error
        return self

    def __exit__(self, *unused):
        self._process.send_signal(signal.SIGTERM)
        try:
            code = self._process.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._reader.join()
        self._process.stderr.close()
        self._directory.cleanup()
        if code != 0:
            raise RuntimeError(f"the daemon ended with {code}; its log:\n{self.log()}")
