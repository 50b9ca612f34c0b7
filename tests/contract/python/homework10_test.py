"""examples/homework10 gives the assignment's right answers: in process, over TCP and over a Unix socket."""

import argparse
import json
import math
import re
import subprocess
import sys
import unittest
from fractions import Fraction
from pathlib import Path

from daemon import Daemon

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "homework10" / "homework10.py"


def run_example(*arguments):
    return subprocess.run([sys.executable, "-B", str(EXAMPLE), "--tensorctl", ARGUMENTS.tensorctl, *arguments],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


def evaluate(expression, **symbols):
    """The value of a count or an expression: numbers, symbols, + - * /, floor and ceil, exactly."""
    text = str(expression)
    if not re.fullmatch(r"[\w\s+\-*/().]+", text):
        raise ValueError(f"{text!r} is no expression")
    text = re.sub(r"\b(\d+)\b", r"Fraction(\1)", text)
    names = {name: Fraction(value) for name, value in symbols.items()}
    return eval(text, {"__builtins__": {}, "Fraction": Fraction, "floor": math.floor, "ceil": math.ceil}, names)


class RightAnswers:
    """The tests; server() says whom the example asks."""

    @classmethod
    def setUpClass(cls):
        done = run_example("--json", *cls.server())
        if done.returncode != 0:
            raise AssertionError(f"homework10.py ended with {done.returncode}:\n{done.stderr}")
        cls.parts = json.loads(done.stdout)["parts"]

    def answer(self, part):
        return self.parts[part]["answer"]

    def test_1_shapes_of_data_sets(self):
        for part, batch, others in (("1a", ("image", 1000), {"colour": 3, "height": 256, "width": 256}),
                                    ("1b", ("recording", 40), {"channel": 80, "sample": 2400}),
                                    ("1c", ("video", 32), {"frame": 300, "colour": 3, "height": 512, "width": 512})):
            axes = list(zip(self.answer(part)["axes"], self.answer(part)["shape"]))
            self.assertEqual(batch, axes[0])
            self.assertEqual(others, dict(axes[1:]))

    def test_2_a_convolution(self):
        self.assertEqual([5, 4], self.answer("2b"))
        self.assertEqual({"value": 6, "places": [[1, 3], [2, 3], [3, 3]]}, self.answer("2c"))
        self.assertEqual({"value": -6, "places": [[1, 0], [2, 0], [3, 0]]}, self.answer("2d"))
        zeros = self.answer("2e")["places"]
        self.assertEqual([[0, 1], [0, 2], [1, 1], [1, 2]], zeros)

    def test_3_size_and_cost(self):
        self.assertEqual([46, 62, 20], self.answer("3a"))
        self.assertEqual([10, 20], self.answer("3b"))
        self.assertEqual(5133600, self.answer("3c"))
        self.assertEqual(1820, self.answer("3d"))

    def test_4_gradients_agree_with_central_differences(self):
        for part, shape in (("4a", [2, 3, 2, 3]), ("4b", [2, 2, 2, 3]), ("4c", [2, 4, 3, 2])):
            answer = self.answer(part)
            self.assertEqual(shape, answer["shape"])
            self.assertTrue(answer["agrees"])
            self.assertLessEqual(answer["largest_difference"], answer["tolerance"])
            # A tolerance that a real mistake would pass proves nothing.
            self.assertLess(answer["tolerance"], 1e-7 * answer["largest_gradient"])

    def test_5_pooling(self):
        self.assertEqual([1, 3, 0, 1], self.answer("5a"))
        self.assertEqual([2, 3, 10, 1], self.answer("5b"))

    def test_5c_holds_for_every_length_and_stride(self):
        answer = self.answer("5c")
        self.assertEqual({"subsample", "max"}, set(answer))
        for shape in answer.values():
            self.assertEqual(3, len(shape))
            for length in range(1, 21):
                for stride in range(1, 6):
                    values = [evaluate(size, B=7, N=length, C=5, s=stride) for size in shape]
                    self.assertEqual([7, len(range(0, length, stride)), 5], values)

    def test_says_how(self):
        for part, entry in self.parts.items():
            self.assertTrue(entry["how"], part)
        for part, quantity in (("3a", "output_shape[0]"), ("5c", "output_shape[1]"), ("3c", "multiplication_count"), ("3d", "parameter_count")):
            self.assertTrue(any(line.startswith(quantity + " = ") for line in self.parts[part]["how"]), part)

    def test_prints_for_people(self):
        done = run_example(*self.server())
        self.assertEqual(0, done.returncode, done.stderr)
        for text in ("6 at (1, 3), (2, 3), (3, 3)", "(46, 62, 20)", "[2, 3, 10, 1]", "differences agree"):
            self.assertIn(text, done.stdout)


class InProcess(RightAnswers, unittest.TestCase):
    @classmethod
    def server(cls):
        return []


class OverTcp(RightAnswers, unittest.TestCase):
    @classmethod
    def server(cls):
        return ["--server", DAEMON.tcp]


class OverUnixSocket(RightAnswers, unittest.TestCase):
    @classmethod
    def server(cls):
        return ["--server", DAEMON.unix]


class Failing(unittest.TestCase):
    def test_no_server_is_told_and_fails(self):
        done = run_example("--server", "unix:/nonexistent/tensord.sock")
        self.assertEqual(1, done.returncode)
        self.assertIn("homework10:", done.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--tensord", required=True)
    parser.add_argument("--tensorctl", required=True)
    ARGUMENTS, rest = parser.parse_known_args()
    with Daemon(ARGUMENTS.tensord) as DAEMON:
        program = unittest.main(argv=[sys.argv[0]] + rest, exit=False)
    if program.result.testsRun == 0 or not program.result.wasSuccessful():
        sys.exit(1)
