"""An Otter test file in the exception-based form: one test case for each part, worth what the part is worth.

Goes into the notebook's tests/ folder. The notebook writes answers.yaml beside itself; assignment.yaml is beside it too,
or only in the grader's image. Put tensorctl into that image, or name it in TENSORCTL.
Source: https://otter-grader.readthedocs.io/en/latest/test_files/python_format.html
"""

import functools
import json
import os
import subprocess

try:
    from otter.test_files import test_case
except ImportError:  # outside of Otter the functions can be called all the same
    def test_case(**_):
        return lambda function: function

OK_FORMAT = False

name = "convolution"
points = 3


@functools.lru_cache(maxsize=None)
def graded(assignment="assignment.yaml", answers="answers.yaml", timeout=60):
    """By part, what tensorctl says of the answers; an answer is graded once."""
    program = os.environ.get("TENSORCTL", "tensorctl")
    done = subprocess.run([program, "grade", assignment, answers, "--format", "json"], capture_output=True, text=True,
                          timeout=timeout, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"tensorctl could not grade {answers}: {done.stderr.strip()}")
    return {part["id"]: part for part in json.loads(done.stdout)["submissions"][0]["parts"]}


def check(part):
    """Fails with the part's feedback where it does not have all of its points."""
    verdict = graded()[part]
    assert verdict["points"] >= verdict["max_points"], verdict["feedback"]


@test_case(points=1)
def test_1a():
    check("1a")


@test_case(points=2)
def test_1b():
    check("1b")
