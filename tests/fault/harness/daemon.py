"""One tensord under test: started, watched through /proc and its metrics, stopped."""

import contextlib
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.request
from dataclasses import dataclass

START_SECONDS = 60
# Before a command: it ends when this process does, however that ends.
DIE_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL"]


@dataclass
class Sample:
    """What a process holds and has used."""
    cpu_seconds: float
    rss: int
    peak_rss: int
    threads: int
    files: int


def cpu_seconds(pid):
    """The CPU clock of that process, in nanoseconds' resolution, with the threads that have ended."""
    return time.clock_gettime((~pid << 3) | 2)


def sample(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        fields = dict(line.split(":", 1) for line in status)
    kib = {name: int(fields[name].split()[0]) << 10 for name in ("VmRSS", "VmHWM")}
    files = len(os.listdir(f"/proc/{pid}/fd"))
    return Sample(cpu_seconds(pid), kib["VmRSS"], kib["VmHWM"], int(fields["Threads"]), files)


class Daemon:
    """A tensord. `address` is its TCP address (host, port), `metrics_port` where its metrics are."""

    def __init__(self, program, flags=(), environment=None, files_limit=None, wait=True, listen="127.0.0.1:0",
                 read_log=True):
        self.flags = list(flags)
        self.lines = []
        self.address = None
        self.metrics_port = None
        self._ready = threading.Event()

        # Not by preexec_fn: that forks for real, which gRPC's clients in this process do not outlive.
        limit = [] if files_limit is None else ["prlimit", f"--nofile={files_limit}:{files_limit}"]
        arguments = DIE_WITH_PARENT + limit + [str(program), "--listen", listen] + self.flags
        if "--metrics-listen" not in self.flags:
            arguments += ["--metrics-listen", "127.0.0.1:0"]
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})})
        self.pid = self.process.pid
        self._read_all = read_log
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()
        if wait:
            self.wait_ready()

    def _read_log(self):
        for raw in self.process.stderr:
            line = raw.decode("utf-8", "replace")
            self.lines.append(line)
            if self._ready.is_set():
                continue
            event = parse(line) or {}
            if event.get("event") == "metrics_listening":
                self.metrics_port = int(event["address"].rsplit(":", 1)[1])
            if event.get("event") == "ready":
                match = re.search(r"127\.0\.0\.1:(\d+)", line)
                if match:
                    self.address = ("127.0.0.1", int(match.group(1)))
                self.ready_seconds = time.monotonic() - self.started
                self._ready.set()
                if not self._read_all:  # from now on nobody empties the pipe
                    return
        self._ready.set()

    def wait_ready(self):
        if not self._ready.wait(START_SECONDS) or self.address is None:
            self.kill()
            raise RuntimeError("the daemon did not start; its log:\n" + "".join(self.lines[-20:]))

    def alive(self):
        return self.process.poll() is None

    def sample(self):
        return sample(self.pid)

    def reset_peak(self):
        """From now on VmHWM counts anew."""
        with contextlib.suppress(OSError), open(f"/proc/{self.pid}/clear_refs", "w", encoding="ascii") as refs:
            refs.write("5")

    def metrics_text(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=10) as answer:
            return answer.read().decode()

    def metrics(self):
        """Every series and its value."""
        series = {}
        for line in self.metrics_text().splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                series[name] = float(value)
        return series

    def metric_sum(self, prefix):
        return sum(value for name, value in self.metrics().items() if name.split("{")[0] == prefix)

    def bad_log_lines(self):
        """Lines that are not one JSON object."""
        return [line for line in list(self.lines) if parse(line) is None]

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, seconds=40):
        """SIGTERM; the exit code, or None where it had to be killed."""
        if self.alive():
            self.signal(signal.SIGCONT)  # where a fault left it stopped
            self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds=40):
        """The exit code, or None where it did not end by itself and had to be killed."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
        self._join()
        return code

    def kill(self):
        if self.alive():
            self.process.kill()
        self.process.wait()
        self._join()

    def _join(self):
        self._reader.join(10)
        self.process.stderr.close()


def parse(line):
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def flags_of(program):
    """The flags that this build knows."""
    text = subprocess.run([str(program), "--help"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^\s+(--[a-z-]+)", text, re.MULTILINE))
