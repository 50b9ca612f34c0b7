"""Checks the figures that overload.py makes of a run."""

import contextlib
import io
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import overload  # noqa: E402  (beside this file)


def phase(**fields):
    latency = {"count": 0, "p50_ms": 0, "p99_ms": 0, "p999_ms": 0, "max_ms": 0}
    default = {"name": "p", "seconds": 10, "due": 0, "sent": 0, "skipped": 0, "goodput": 0, "accepted": dict(latency),
               "refused": dict(latency), "lag": dict(latency), "refusals_with_retry_info": 0,
               "refusals_with_pushback": 0, "late": 0, "codes": []}
    for name, value in fields.items():
        default[name] = {**default[name], **value} if isinstance(value, dict) else value
    return default


class RecoveryTest(unittest.TestCase):
    def test_at_once(self):
        self.assertEqual(overload.recovery([1.0, 2.0, 1.5, 1.9], 1.0), (0, 0))

    def test_after_the_backlog(self):
        self.assertEqual(overload.recovery([900, 40, 2.1, 2.0, 1.0, 1.0], 1.0), (3, 0))

    def test_one_quiet_second_is_no_recovery(self):
        self.assertEqual(overload.recovery([9, 1, 9, 1, 1, 1, 9], 1.0), (3, 1))

    def test_never(self):
        self.assertEqual(overload.recovery([9, 9, 1, 1], 1.0)[0], None)
        self.assertEqual(overload.recovery([], 1.0)[0], None)

    def test_a_second_without_an_answer_is_outside(self):
        self.assertEqual(overload.recovery([None, 1, 1, 1], 1.0), (1, 0))


class ParseTest(unittest.TestCase):
    def test_no_round_at_all_is_refused(self):
        needed = ["--load", "l", "--target", "t", "--metrics", "m", "--out", "o", "--pid", "1"]
        self.assertEqual(overload.parse(needed + ["--rounds", "1"]).rounds, 1)
        with contextlib.redirect_stderr(io.StringIO()) as said, self.assertRaises(SystemExit) as end:
            overload.parse(needed + ["--rounds", "0"])
        self.assertEqual(end.exception.code, 2)
        self.assertIn("--rounds was 0", said.getvalue())


class FiguresTest(unittest.TestCase):
    def verdicts(self, unexpected=0, **fields):
        good = dict(due=50000, sent=50000, goodput=950, accepted={"p99_ms": 100}, refused={"count": 10, "p99_ms": 5},
                    refusals_with_retry_info=10, refusals_with_pushback=10)
        result = {"phases": [phase(accepted={"p99_ms": 4}), phase(**{**good, **fields}), phase()],
                  "generator_cpu_us_per_call": 10, "unexpected": unexpected, "shares": {"daemon": 1.0}}
        return {name: reached for name, _, _, reached in overload.figures(result, 1000, 4, [5, 5, 5])}

    def test_all_reached(self):
        self.assertNotIn(False, self.verdicts().values())

    def test_each_goal_can_be_missed(self):
        for name, fields in (("goodput", {"goodput": 890}), ("accepted p99", {"accepted": {"p99_ms": 251}}),
                             ("refusals", {"refused": {"count": 10, "p99_ms": 21}}),
                             ("with RetryInfo", {"refusals_with_retry_info": 9}),
                             ("with RetryInfo", {"refusals_with_pushback": 9}), ("unexpected", {"unexpected": 1})):
            with self.subTest(name):
                verdicts = self.verdicts(**fields)
                self.assertIs(verdicts.pop(name), False)
                self.assertNotIn(False, verdicts.values())

    def test_without_refusals_nothing_is_said_of_their_hints(self):
        self.assertIsNone(self.verdicts(refused={"count": 0, "p99_ms": 0})["with RetryInfo"])

    def test_seconds_of_a_phase(self):
        rows = [{"accepted": 1, "p99_ms": 1.0}, {"accepted": 0, "p99_ms": 0}, {"accepted": 2, "p99_ms": 3.0}]
        self.assertEqual(overload.seconds_of({"seconds": rows}, 1, 3), [None, 3.0])


if __name__ == "__main__":
    unittest.main()
