"""Starts what the tests of this folder need: certificates, daemons, the edge, each on free ports of 127.0.0.1."""

import json
import os
import queue
import signal
import socket
import subprocess
import tempfile
import threading
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "deploy" / "compose"
START_SECONDS = 60


def make_certificates(folder):
    subprocess.run([COMPOSE / "make-certificates", folder], check=True)
    return Path(folder)


def metrics(port):
    """What the process serves at /metrics: the values by series."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=START_SECONDS) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, value in
            (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))}


class Process:
    """Something that runs until it is told to stop, and says on a pipe when it is ready. A context manager."""

    expected_codes = (0,)

    def __init__(self, command, pipe, environment=None):
        self._lines = []
        self._ready = queue.Queue()
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, pipe: subprocess.PIPE}
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL, text=True,
                                        env={**os.environ, **(environment or {})}, **streams)
        self._pipe = getattr(self.process, pipe)
        # Read to its end, so that a full pipe stops nobody.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            ready = self._ready.get(timeout=START_SECONDS)
        except queue.Empty:
            ready = False
        if not ready:
            self.kill()
            raise RuntimeError(f"{command[0]} did not start:\n{self.log()}")

    def _read(self):
        for line in self._pipe:
            self._lines.append(line)
            if self.says_ready(line):
                self._ready.put(True)
        self._ready.put(False)

    def says_ready(self, line):
        raise NotImplementedError

    def log(self):
        return "".join(self._lines)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self._reader.join()
        self._pipe.close()

    def stop(self, how=signal.SIGTERM):
        """Tells it to stop, waits, and returns its exit code."""
        self.process.send_signal(how)
        try:
            code = self.process.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._reader.join()
        self._pipe.close()
        return code

    def __enter__(self):
        return self

    def __exit__(self, kind, *unused):
        if self.process.returncode is not None:
            return
        code = self.stop()
        if kind is None and code not in self.expected_codes:
            raise RuntimeError(f"it ended with {code}:\n{self.log()}")


class Daemon(Process):
    """A tensord: `port`, `metrics_port`, and what it has in /proc."""

    def __init__(self, program, *flags, port=0, metrics_port=None):
        self.port = port
        self.metrics_port = metrics_port or free_port()
        super().__init__([program, "--listen", f"127.0.0.1:{port}",
                          "--metrics-listen", f"127.0.0.1:{self.metrics_port}", *flags], "stderr")

    def says_ready(self, line):
        try:
            event = json.loads(line)
        except json.JSONDecodeError:
            return False
        if event.get("event") == "listening" and event.get("address", "").startswith("127.0.0.1:"):
            self.port = int(event["address"].rsplit(":", 1)[1])
        return event.get("event") == "ready"

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def calls(self):
        """How many calls it ended, whatever their code."""
        return sum(value for name, value in metrics(self.metrics_port).items()
                   if name.startswith("tensord_rpc_requests_total"))

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mebibytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


class Edge(Process):
    """The edge in front of `daemons`: `port`, `metrics_port`. Limits: EDGE_ variables without their prefix."""

    def __init__(self, tls, *daemons, client_ca=None, **limits):
        self.port = self.metrics_port = 0
        self._folder = tempfile.TemporaryDirectory()
        self._log = Path(self._folder.name) / "haproxy.log"
        command = [COMPOSE / "run-edge", "--tls-dir", tls, "--log", self._log]
        for daemon in daemons:
            command += ["--daemon", daemon]
        if client_ca:
            command += ["--client-ca", client_ca]
        super().__init__(command, "stdout", {f"EDGE_{name.upper()}": str(value) for name, value in limits.items()})

    def says_ready(self, line):
        words = dict(word.split("=") for word in line.split()[1:])
        self.port, self.metrics_port = int(words["port"]), int(words["metrics_port"])
        return True

    def log(self):
        return self._log.read_text(encoding="utf-8")

    def __exit__(self, *arguments):
        try:
            super().__exit__(*arguments)
        finally:
            self._folder.cleanup()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
