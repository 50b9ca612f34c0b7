"""What /proc, a cgroup and /metrics say about a running daemon, and the few figures made of it."""

import math
import os
import re
import time
import urllib.request
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class Process:
    """A process, by its id."""

    def __init__(self, pid):
        self.folder = Path("/proc") / str(pid)

    def alive(self):
        try:
            return self._stat()[0] != "Z"
        except OSError:
            return False

    def _stat(self):
        # The second field, the program's name, is in parentheses and may hold anything.
        return (self.folder / "stat").read_text().rpartition(")")[2].split()

    def cpu_seconds(self):
        fields = self._stat()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def threads(self):
        return int(self._stat()[17])

    def files(self):
        return len(os.listdir(self.folder / "fd"))

    def status_kib(self, name):
        """A line of /proc/PID/status in KiB: VmRSS, VmHWM."""
        return int(re.search(rf"^{name}:\s+(\d+) kB$", (self.folder / "status").read_text(), re.MULTILINE)[1])


class MemoryGroup:
    """A memory cgroup's folder, of version 1 or 2; None stands for no group, of which nothing is known."""

    def __init__(self, folder):
        self.folder = Path(folder) if folder else None

    def _number(self, *names):
        for name in names:
            try:
                return int((self.folder / name).read_text())
            except (OSError, ValueError):
                continue
        return None

    def used_bytes(self):
        return self._number("memory.usage_in_bytes", "memory.current") if self.folder else None

    def peak_bytes(self):
        return self._number("memory.max_usage_in_bytes", "memory.peak") if self.folder else None

    def limit_bytes(self):
        return self._number("memory.limit_in_bytes", "memory.max") if self.folder else None

    def kills(self):
        """How many processes the kernel ended for want of memory, or None where that is not told."""
        for name in ("memory.oom_control", "memory.events") if self.folder else ():
            try:
                found = re.search(r"^oom_kill (\d+)$", (self.folder / name).read_text(), re.MULTILINE)
            except OSError:
                continue
            if found:
                return int(found[1])
        return None


def busy_seconds():
    """CPU time that all processors together have been busy since the machine started."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    user, nice, system, _idle, _waiting, interrupts, soft_interrupts, stolen = map(int, fields)
    return (user + nice + system + interrupts + soft_interrupts + stolen) / TICKS


class Shares:
    """Who used the processors between two moments: trust no timing of a machine on which others did."""

    def __init__(self, process):
        self.process, self.start = process, self._now(process)

    @staticmethod
    def _now(process):
        return time.monotonic(), process.cpu_seconds(), busy_seconds()

    def since(self, generator_seconds):
        """Fractions of one processor: the daemon's, the generator's, everything else's."""
        wall, daemon, busy = (after - before for before, after in zip(self.start, self._now(self.process)))
        others = max(0.0, busy - daemon - generator_seconds)
        return {"daemon": daemon / wall, "generator": generator_seconds / wall, "everything else": others / wall}


def shares_text(shares):
    return "of one processor: " + ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares.items())


def read_metrics(url):
    """The series of a /metrics page: name with labels, to value. Empty where the page cannot be read."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return parse_metrics(answer.read().decode("utf-8"))
    except OSError:
        return {}


def parse_metrics(text):
    series = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.rpartition(" ")
            series[name] = float(value)
    return series


def slope(points):
    """The least-squares line through (x, y) points: its slope and that slope's standard error. None without a line."""
    count = len(points)
    mean_x = sum(x for x, _ in points) / count if count else 0
    mean_y = sum(y for _, y in points) / count if count else 0
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if count < 3 or spread == 0:
        return None
    rise = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    residue = sum((y - mean_y - rise * (x - mean_x)) ** 2 for x, y in points)
    return rise, math.sqrt(residue / (count - 2) / spread)
