"""What every fault has in common. A new fault is one class in one file of tests/fault/faults/."""

import socket
import time
from collections import Counter
from dataclasses import asdict, dataclass, field

from harness.good_client import GoodClient
from harness.h2 import Connection

MIB = 1 << 20
RECOVERY_SECONDS = 10
# gRPC keeps a poller or two more than at the start; the edge keeps connections to the daemon, one per call that it had
# open, for the next ones (EDGE_DAEMON_CALLS, 256).
LEAK_SLACK_FILES = {"direct": 3, "tls": 3, "edge": 256}
OK, NOT = "yes", "NO"


@dataclass
class Row:
    """One line of the table."""
    fault: str
    door: str
    done: str = ""
    seconds: float = 0
    cpu_seconds: float = 0
    rss_mib: float = 0
    beside: dict = field(default_factory=dict)
    quiet: dict = field(default_factory=dict)
    recovered: str = ""
    recovery_seconds: float = 0
    problems: list = field(default_factory=list)
    limitation: str = ""
    skipped: str = ""

    @property
    def passed(self):
        return not self.problems

    def as_json(self):
        return {**asdict(self), "passed": self.passed}


class Fault:
    """A fault with a run of its own. `run` fills in a row."""

    name = ""
    what = ""
    doors = ("direct", "edge")

    def run(self, bench, row):
        raise NotImplementedError


class Attack(Fault):
    """The usual fault: a daemon, a well-behaved client beside it, an attack, and the check that all is well again.

    attack(context) does it and returns what came of it in a few words. expect(context, row) appends to row.problems
    what must not be. limitation(context, row): why a direct door that does not recover is known, else "".
    """

    flags = ()
    needs = ()  # flags without which a build cannot be tested like this
    metadata = ()  # what good calls bring
    of_daemon = {}
    of_edge = {}  # the edge's limits, as environment variables
    client_beside = True
    most_rss_mib = None
    most_cpu_seconds = None
    most_failed = 0
    edge_most_rss_mib = None  # through the edge, where that is less
    edge_most_cpu_seconds = None
    quiet_seconds = 1.0
    least_seconds = 1.5

    def prepare(self, context):
        """Before anything is measured."""

    def attack(self, context):
        raise NotImplementedError

    def expect(self, context, row):
        pass

    def limitation(self, context, row):
        return ""

    def flags_for(self, bench):
        return [part for flag in self.flags if flag[0] in bench.flags for part in flag]

    def run(self, bench, row):
        if missing := [flag for flag in self.needs if flag not in bench.flags]:
            row.skipped = f"this build has no {missing[0]}"
            return
        of_edge = {"of_edge": self.of_edge} if row.door == "edge" else {}
        with bench.open(row.door, self.flags_for(bench), **self.of_daemon, **of_edge) as door:
            door.metadata = list(self.metadata)
            context = Context(bench, door)
            try:
                self._measure(context, row)
            finally:
                context.release()
        problems = row.problems
        if door.exit_code != 0 and not row.limitation:
            problems.append(f"the daemon's exit code after SIGTERM was {door.exit_code}")
        if bad := door.daemon.bad_log_lines():
            problems.append(f"{len(bad)} lines of the log are no JSON object, e.g. {bad[0][:120]!r}")

    def _measure(self, context, row):
        daemon = context.daemon
        good = bench_client(context) if self.client_beside else NoClient()
        with good:
            self.prepare(context)
            good.mark()
            time.sleep(self.quiet_seconds)
            row.quiet = good.mark()
            before = daemon.sample()
            time.sleep(self.quiet_seconds)
            middle = daemon.sample()
            good.mark()
            daemon.reset_peak()
            rate = (middle.cpu_seconds - before.cpu_seconds) / self.quiet_seconds
            start = time.monotonic()
            row.done = self.attack(context)
            row.seconds = time.monotonic() - start
            time.sleep(max(0, self.least_seconds - row.seconds))
            seconds = time.monotonic() - start
            if not daemon.alive():
                row.recovered = NOT
                row.problems.append(f"the daemon ended with {daemon.process.poll()}: " + "".join(daemon.lines[-3:]))
                return
            after = daemon.sample()
            row.beside = good.mark()
            row.cpu_seconds = max(0.0, after.cpu_seconds - middle.cpu_seconds - rate * seconds)
            row.rss_mib = max(0, after.peak_rss - middle.rss) / MIB
            context.before, context.after = middle, after
            self.expect(context, row)
            context.release()
            self._recover(context, row, good, middle)
        self._bounds(row)

    def _recover(self, context, row, good, before):
        good.mark()
        row.recovery_seconds, answer = context.until_good(RECOVERY_SECONDS)
        beside = good.mark()
        if self.client_beside and row.recovery_seconds is not None:
            time.sleep(0.2)
            beside = good.mark()
        fine = row.recovery_seconds is not None and (not self.client_beside or beside["codes"].get("OK", 0) > 0)
        row.recovered = OK if fine else NOT
        if not fine:
            row.limitation = self.limitation(context, row)
            if not row.limitation:
                row.problems.append(f"not recovered in {RECOVERY_SECONDS} s: a good call got {answer}, the client "
                                    f"beside {beside['codes']}")
            return
        self._leaks(context, row, before)

    def _leaks(self, context, row, before):
        slack = LEAK_SLACK_FILES[row.door]
        deadline = time.monotonic() + RECOVERY_SECONDS
        while context.daemon.sample().files > before.files + slack and time.monotonic() < deadline:
            time.sleep(0.2)
        files = context.daemon.sample().files
        if files > before.files + slack:
            row.problems.append(f"files left open: {before.files} before, {files} after")

    def _bounds(self, row):
        rss, cpu = self.most_rss_mib, self.most_cpu_seconds
        if row.door == "edge":
            rss = rss if self.edge_most_rss_mib is None else self.edge_most_rss_mib
            cpu = cpu if self.edge_most_cpu_seconds is None else self.edge_most_cpu_seconds
        if rss is not None and row.rss_mib > rss:
            row.problems.append(f"memory grew by {row.rss_mib:.1f} MiB, allowed are {rss}")
        if cpu is not None and row.cpu_seconds > cpu:
            row.problems.append(f"{row.cpu_seconds:.2f} CPU seconds, allowed are {cpu}")
        failed = row.beside.get("failed", 0)
        if failed > self.most_failed and not row.limitation:
            row.problems.append(f"{failed} calls of the client beside failed: {row.beside['codes']}")


class Context:
    """What an attack has at hand. What is opened through it is closed by it."""

    def __init__(self, bench, door):
        self.bench, self.door, self.daemon = bench, door, door.daemon
        self.short = bench.short
        self._opened = []
        self.before = self.after = None

    def connect(self, polite=True):
        """A connection; where the door takes none, one that is closed."""
        try:
            connection = self.door.connect(polite)
        except OSError:
            connection = Connection(socket.socket(), polite=False)
            connection.close()
        self._opened.append(connection)
        return connection

    def socket(self, **options):
        sock = self.door.socket(**options)
        self._opened.append(sock)
        return sock

    def scaled(self, full, short):
        return short if self.short else full

    def release(self):
        for thing in self._opened:
            try:
                thing.close()
            except OSError:
                pass
        self._opened.clear()

    def good_call(self, seconds=3):
        """A good call on a new connection from where the good client is: its code."""
        connection = None
        try:
            connection = Connection(self.door.socket("127.0.0.1", seconds))
            return connection.call(self.bench.method, self.bench.body, self.door.metadata, seconds).code
        except OSError as error:
            return f"no connection ({error})"
        finally:
            if connection is not None:
                connection.close()

    def until_good(self, seconds):
        """How long until a good call on a new connection was answered, or None, and the last answer."""
        start, code = time.monotonic(), ""
        while time.monotonic() < start + seconds:
            code = self.good_call()
            if code == "OK":
                return time.monotonic() - start, code
            time.sleep(0.1)
        return None, code


class NoClient:
    """Stands where a client beside would disturb what is measured."""

    def mark(self):
        return {"calls": 0, "failed": 0, "codes": {}, "p50": 0, "p99": 0, "max": 0}

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        pass


def bench_client(context):
    door = context.door
    return GoodClient(door.target, context.bench.body_file, context.bench.method, door.ca_file, door.metadata)


def count(things):
    """"3 x this, 2 x that", the most frequent first."""
    return ", ".join(f"{number} x {thing}" for thing, number in Counter(map(str, things)).most_common(4))
