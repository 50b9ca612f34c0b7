#!/usr/bin/env python3
"""Runs the scripts of examples/ in folders that are laid out as the platforms lay them out.

    examples_test.py --write-samples PROGRAM

A program stands in for tensorctl: it notes its arguments and prints a report of the sample verdicts.
"""

import argparse
import contextlib
import importlib.util
import io
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path
from unittest import mock

import validators

OPTIONS = argparse.Namespace()
EXAMPLES = Path(__file__).resolve().parents[3] / "examples"

# Prints the report that stands beside it; `broken` prints half a report and fails.
STAND_IN = """#!/bin/sh
here="$(dirname "$(readlink -f "$0")")"
printf '%s\\n' "$@" >"$here/arguments"
cat "$here/report"
if [ -e "$here/broken" ]; then echo 'tensorctl: assignment.yaml:3: wrong' >&2; exit 1; fi
"""


SAMPLES = tempfile.TemporaryDirectory()


def setUpModule():
    subprocess.run([OPTIONS.write_samples, SAMPLES.name], check=True, timeout=120)


def tearDownModule():
    SAMPLES.cleanup()


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name) / "root"
        self.root.mkdir()

    def stand_in(self, folder, report):
        folder.mkdir(parents=True, exist_ok=True)
        program = folder / "tensorctl"
        program.write_text(STAND_IN, encoding="utf-8")
        program.chmod(0o755)
        shutil.copy(Path(SAMPLES.name) / report, folder / "report")
        return program

    def run_script(self, script, variable):
        # No PATH but the system's, nothing of the caller's environment.
        done = subprocess.run([script], env={"PATH": "/usr/bin:/bin", variable: str(self.root)}, cwd=self.root, check=False,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(0, done.returncode, done.stderr)
        results = self.root / "results" / "results.json"
        self.assertEqual([results], list(results.parent.iterdir()))
        return results.read_text(encoding="utf-8"), done


class Gradescope(Case):
    """/autograder with source/, submission/ and run_autograder; results/ is there already."""

    def setUp(self):
        super().setUp()
        source = self.root / "source"
        shutil.copytree(EXAMPLES / "gradescope", source)
        self.bin = source / "bin"
        self.stand_in(self.bin, "gradescope-mixed.json")
        shutil.copy(source / "run_autograder", self.root / "run_autograder")
        (self.root / "results").mkdir()
        self.answers = self.root / "submission" / "answers.yaml"
        self.answers.parent.mkdir()
        shutil.copy(source / "answers.yaml", self.answers)

    def grade(self):
        results, done = self.run_script(self.root / "run_autograder", "AUTOGRADER")
        self.assertEqual([], validators.gradescope(results))
        return json.loads(results), done

    def test_setup_and_grading(self):
        (self.bin / "tensorctl").chmod(0o644)
        subprocess.run([self.root / "source" / "setup.sh"], check=True, timeout=60, env={
            "PATH": "/usr/bin:/bin", "AUTOGRADER": str(self.root)})
        results, _ = self.grade()
        self.assertEqual(1, results["score"])
        self.assertEqual(3, len(results["tests"]))
        self.assertEqual(["grade", str(self.root / "source" / "assignment.yaml"), str(self.answers), "--format",
                          "gradescope"], (self.bin / "arguments").read_text(encoding="utf-8").splitlines())

    def test_setup_complains_without_the_program(self):
        shutil.rmtree(self.bin)
        done = subprocess.run([self.root / "source" / "setup.sh"], check=False, timeout=60, capture_output=True,
                              env={"PATH": "/usr/bin:/bin", "AUTOGRADER": str(self.root)})
        self.assertEqual(1, done.returncode)
        self.assertIn(b"bin/tensorctl is missing", done.stderr)

    def test_no_answers(self):
        self.answers.unlink()
        results, _ = self.grade()
        self.assertEqual(0, results["score"])
        self.assertIn("answers.yaml", results["output"])

    def test_a_link_is_no_answer(self):
        self.answers.unlink()
        self.answers.symlink_to(self.root / "source" / "assignment.yaml")
        results, _ = self.grade()
        self.assertEqual(0, results["score"])
        self.assertFalse((self.bin / "arguments").exists())

    def test_a_failure_is_told_without_its_reason(self):
        (self.bin / "broken").touch()
        results, done = self.grade()
        self.assertEqual(0, results["score"])
        self.assertIn("could not be graded", results["output"])
        self.assertNotIn("assignment.yaml:3", json.dumps(results))
        self.assertIn("assignment.yaml:3", done.stderr)

    def test_the_archive_runs_on_its_own(self):
        # A real program with its libraries and loader, which prints what is mapped into it.
        archive = self.root / "autograder.zip"
        subprocess.run([EXAMPLES / "gradescope" / "make-zip", "/bin/cat", archive], check=True, timeout=60)
        unpacked = self.root / "unpacked"
        with zipfile.ZipFile(archive) as file:
            self.assertLessEqual({"setup.sh", "run_autograder", "assignment.yaml", "bin/tensorctl"}, set(file.namelist()))
            file.extractall(unpacked)
        for name in ("tensorctl", "tensorctl.d/program", *[f"tensorctl.d/{path.name}" for path in
                                                           (unpacked / "bin" / "tensorctl.d").glob("ld-*")]):
            (unpacked / "bin" / name).chmod(0o755)
        done = subprocess.run([unpacked / "bin" / "tensorctl", "/proc/self/maps"], check=True, timeout=60,
                              capture_output=True, text=True)
        libraries = {line.split()[-1] for line in done.stdout.splitlines() if ".so" in line}
        self.assertGreaterEqual(len(libraries), 2)
        self.assertEqual({str(unpacked / "bin" / "tensorctl.d")}, {str(Path(path).parent) for path in libraries})


class PrairieLearn(Case):
    """/grade with data/, serverFilesCourse/, student/ and tests/; results/ is not there."""

    def setUp(self):
        super().setUp()
        course = EXAMPLES / "prairielearn"
        self.question = course / "questions" / "convolution"
        shutil.copytree(course / "serverFilesCourse", self.root / "serverFilesCourse")
        shutil.copytree(self.question / "tests", self.root / "tests")
        self.tensord = self.root / "serverFilesCourse" / "tensord"
        self.stand_in(self.tensord / "bin", "prairielearn-mixed.json")
        (self.root / "data").mkdir()
        (self.root / "data" / "data.json").write_text("{}", encoding="utf-8")
        self.answers = self.root / "student" / "answers.yaml"
        self.answers.parent.mkdir()
        self.answers.write_text("id: me\nanswers: {1a: (2, 3)}\n", encoding="utf-8")

    def grade(self):
        results, done = self.run_script(self.tensord / "grade", "GRADE")
        self.assertEqual([], validators.prairielearn(results))
        return json.loads(results), done

    def test_grading(self):
        results, _ = self.grade()
        self.assertEqual(0.25, results["score"])
        self.assertEqual(["grade", str(self.root / "tests" / "assignment.yaml"), str(self.answers), "--format",
                          "prairielearn"], (self.tensord / "bin" / "arguments").read_text(encoding="utf-8").splitlines())

    def test_what_cannot_be_graded_costs_no_attempt(self):
        (self.tensord / "bin" / "broken").touch()
        results, _ = self.grade()
        self.assertIs(False, results["gradable"])
        self.answers.unlink()
        self.assertIs(False, self.grade()[0]["gradable"])
        self.answers.symlink_to(self.root / "tests" / "assignment.yaml")
        self.assertIn("no file", self.grade()[0]["format_errors"][0])

    def test_the_question_leads_to_the_script(self):
        info = json.loads((self.question / "info.json").read_text(encoding="utf-8"))
        options = info["externalGradingOptions"]
        self.assertEqual("External", info["gradingMethod"])
        self.assertIs(False, options["enableNetworking"])
        self.assertLessEqual(options["timeout"], 600)
        self.assertRegex(info["uuid"], "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        script = EXAMPLES / "prairielearn" / Path(options["entrypoint"]).relative_to("/grade")
        self.assertTrue(os.access(script, os.X_OK))
        self.assertEqual("tensord", Path(options["serverFilesCourse"][0]).name)
        page = (self.question / "question.html").read_text(encoding="utf-8")
        self.assertEqual(["answers.yaml"], re.findall(r'file-name="([^"]*)"', page))
        self.assertIn("<pl-external-grader-results>", page)


class Notebooks(Case):
    def setUp(self):
        super().setUp()
        program = self.stand_in(self.root / "bin", "report.json")
        patch = mock.patch.dict(os.environ, {"TENSORCTL": str(program)})
        patch.start()
        self.addCleanup(patch.stop)

    def test_otter(self):
        spec = importlib.util.spec_from_file_location("convolution", EXAMPLES / "otter" / "convolution.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self.assertIs(False, module.OK_FORMAT)
        module.test_1a()
        with self.assertRaisesRegex(AssertionError, "Wrong. 3 of 12 elements differ."):
            module.test_1b()
        self.assertEqual("assignment.yaml", (self.root / "bin" / "arguments").read_text(encoding="utf-8").split()[1])

    def test_nbgrader(self):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            cell = runpy.run_path(str(EXAMPLES / "nbgrader" / "autograder_cell.py"))
            self.assertEqual(1, cell["points"]())
        self.assertIn("1b: 0/1 Wrong.", printed.getvalue())

    def test_a_failure_is_no_credit(self):
        (self.root / "bin" / "broken").touch()
        with self.assertRaisesRegex(RuntimeError, "assignment.yaml:3"):
            runpy.run_path(str(EXAMPLES / "nbgrader" / "autograder_cell.py"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--write-samples", required=True)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
