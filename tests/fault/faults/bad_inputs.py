"""Requests that make no sense, and bytes that are no requests, over real calls."""

import time

from harness.fault import Attack

FREE_EDGE = {"EDGE_SOURCE_CALLS_PER_SECOND": "1000000", "EDGE_SOURCE_FLOOD_PER_SECOND": "2000000"}


class BadInputs(Attack):
    name = "bad_inputs"
    what = "every family of bad input through every rpc that shares the parameter: exact code, reason and fields"
    least_calls = 200
    of_edge = FREE_EDGE
    quiet_seconds = 0.5

    def cases(self):
        from cases import bad_conventions, bad_numbers, bad_sizes, bad_tensors
        return (bad_conventions.bad_cases() + bad_numbers.bad_cases() + bad_tensors.bad_cases() +
                bad_sizes.bad_cases() + bad_sizes.positive_controls())

    def attack(self, context):
        from cases.case import fault_of
        cases = self.cases()
        connection, self.wrong, self.dead = context.connect(), [], 0
        start = time.monotonic()
        for case in cases:
            if connection.closed:
                connection = context.connect()
            answer = connection.call(case.method, case.body, seconds=10)
            if fault := fault_of(case, answer):
                self.wrong.append(f"{case.name}: {fault}")
            if connection.closed or connection.call(context.bench.method, context.bench.body).code != "OK":
                self.dead += 1
        self.calls = len(cases)
        good = sum(case.code == "OK" for case in cases)
        crashes = 0 if context.daemon.alive() else 1
        seconds = time.monotonic() - start
        return (f"{self.calls} calls ({good} of them good controls), wrong codes or fields {len(self.wrong)}, "
                f"crashes {crashes}, good calls after each: {self.dead} failed; {seconds:.1f} s")

    def expect(self, context, row):
        row.problems += self.wrong[:40]
        if self.dead:
            row.problems.append(f"{self.dead} good calls after a bad one failed")
        if self.calls < self.least_calls:
            row.problems.append(f"only {self.calls} calls")


class MalformedBytes(BadInputs):
    name = "malformed_bytes"
    what = "40 and more encodings that are no messages, or not the right ones, to every rpc"

    def cases(self):
        from cases import malformed
        return malformed.cases()
