"""Faults that have to be reported, planted one by one: a check that cannot fail is none."""

import signal
import time

from faults.bad_inputs import BadInputs
from faults.compute import Deadlines
from faults.kill9 import KillMinus9
from faults.messages import Oversize
from harness.fault import NOT, Attack, Row
from harness.h2 import Connection


class Nothing(Attack):
    """The control: nothing is done, and nothing must be reported."""
    expected = None
    quiet_seconds = 0.3

    def attack(self, context):
        return "nothing"


class NeverRecovers(Nothing):
    expected = "not recovered"

    def attack(self, context):
        context.daemon.signal(signal.SIGSTOP)
        return "stopped, and not continued"


class Dies(Nothing):
    expected = "the daemon ended with -9"

    def attack(self, context):
        context.daemon.signal(signal.SIGKILL)
        context.daemon.process.wait()
        return "killed"


class FailsOthers(Nothing):
    expected = "calls of the client beside failed"

    def attack(self, context):
        context.daemon.signal(signal.SIGSTOP)
        time.sleep(6)
        context.daemon.signal(signal.SIGCONT)
        return "stopped for longer than a call may take"


class LeaksFiles(Nothing):
    expected = "files left open"

    def attack(self, context):
        # Past the context, so that nobody closes them.
        self.held = [Connection(context.door.socket()) for _ in range(20)]
        return "20 connections held open"


class SpoilsLog(Nothing):
    expected = "no JSON object"

    def attack(self, context):
        context.daemon.lines.append("E1123 07:26:20 a line of another kind\n")
        return "a line that is no JSON"


class TakesMemory(Oversize):
    expected = "memory grew by"
    most_rss_mib = 0
    quiet_seconds = 0.3


class TakesTime(Nothing):
    expected = "CPU seconds, allowed are"
    most_cpu_seconds = 0.05

    def attack(self, context):
        body = context.bench.requests.medium_convolve().SerializeToString()
        connection = context.connect()
        for _ in range(50):
            connection.call(context.bench.method, body)
        return "work"


class WorksOn(Deadlines):
    """What it would see of a daemon that goes on after the deadline."""
    expected = "of CPU per call after the deadline"

    def attack(self, context):
        self.codes, self.calls, self.after = ["DEADLINE_EXCEEDED"], 1, 0.0
        body = context.bench.requests.long_convolve().SerializeToString()
        connection = context.connect()
        stream = connection.open_stream(context.bench.method)
        connection.send_body(stream, b"\0" + len(body).to_bytes(4, "big") + body)
        start = context.daemon.sample().cpu_seconds
        connection.wait(stream, 0.5)
        self.after = context.daemon.sample().cpu_seconds - start
        return "a call without a deadline"


class WrongTable(BadInputs):
    expected = "instead of"
    least_calls = 0

    def cases(self):
        from cases.bad_conventions import bad_cases
        case = bad_cases()[0]
        case.fields = ("conventions.padding",)
        return [case]


class WrongControl(BadInputs):
    expected = "OK instead of INVALID_ARGUMENT"
    least_calls = 0

    def cases(self):
        from cases.bad_sizes import positive_controls
        case = positive_controls()[0]
        case.code = "INVALID_ARGUMENT"
        return [case]


class NoRetries(KillMinus9):
    expected = "calls that failed in spite of"
    retries = 0


PLANTED = (Nothing, NeverRecovers, Dies, FailsOthers, LeaksFiles, SpoilsLog, TakesMemory, TakesTime, WorksOn,
           WrongTable, WrongControl, NoRetries)


def main(bench):
    failures = 0
    for planted in PLANTED:
        row = Row(planted.__name__, "direct")
        fault = planted()
        try:
            fault.run(bench, row)
        except Exception as error:  # must not be what reports the fault
            row.problems = [f"the harness broke: {error!r}"]
            row.recovered = NOT
        text = " | ".join(row.problems)
        fine = row.passed if planted.expected is None else not row.passed and planted.expected in text
        failures += not fine
        print(f"{'ok    ' if fine else 'FAILED'} {planted.__name__:14} {text or 'nothing reported'}"[:200], flush=True)
    print(f"{len(PLANTED)} planted, {failures} not seen as they should be")
    return 1 if failures else 0
