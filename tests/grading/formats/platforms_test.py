#!/usr/bin/env python3
"""Checks the reports for platforms by validators, and the validators by planted mistakes.

    platforms_test.py --write-samples PROGRAM
"""

import argparse
import copy
import csv
import io
import json
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import validators

OPTIONS = argparse.Namespace()
NAMES = ("mixed", "right", "ungradable", "odd", "big", "empty")


def samples():
    """The reports, by file name."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([OPTIONS.write_samples, folder], check=True, timeout=120)
        return {path.name: path.read_bytes().decode() for path in Path(folder).iterdir()}


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.reports = samples()

    def json(self, name):
        return json.loads(self.reports[name])


class Reports(Case):
    def test_are_valid(self):
        for name in NAMES:
            with self.subTest(name):
                self.assertEqual([], validators.gradescope(self.reports[f"gradescope-{name}.json"]))
                self.assertEqual([], validators.prairielearn(self.reports[f"prairielearn-{name}.json"]))
                self.assertEqual([], validators.autolab(self.reports[f"autolab-{name}.txt"]))
        for name in ("junit.xml", "junit-odd.xml", "junit-none.xml"):
            with self.subTest(name):
                self.assertEqual([], validators.junit(self.reports[name]))
        self.assertEqual([], validators.gradebook(self.reports["grades.csv"]))

    def test_gradescope_says_what_the_verdicts_say(self):
        results = self.json("gradescope-mixed.json")
        self.assertEqual(1, results["score"])
        self.assertEqual(["passed", "failed", "failed"], [test["status"] for test in results["tests"]])
        self.assertEqual(["1a", "1b", "2a"], [test["number"] for test in results["tests"]])
        self.assertEqual({"text"}, {test["output_format"] for test in results["tests"]})
        self.assertIn("<script>alert(1)</script>", results["tests"][1]["output"])

    def test_prairielearn_gives_a_share_and_no_attempt_away(self):
        self.assertEqual(0.25, self.json("prairielearn-mixed.json")["score"])
        self.assertEqual(1, self.json("prairielearn-right.json")["score"])
        ungradable = self.json("prairielearn-ungradable.json")
        self.assertIs(False, ungradable["gradable"])
        self.assertEqual(3, len(ungradable["format_errors"]))
        self.assertNotIn("score", ungradable)
        # A note says what is left out; the score is that of all.
        big = self.json("prairielearn-big.json")
        self.assertRegex(big["message"], r"Only the first \d+ of 20003 parts are shown")
        self.assertGreater(len(big["tests"]), 1000)

    def test_autolab_is_one_line(self):
        self.assertEqual('{"scores":{"1a":1,"1b":0,"2a":0}}\n', self.reports["autolab-mixed.txt"])

    def test_junit_says_what_the_verdicts_say(self):
        root = ElementTree.fromstring(self.reports["junit.xml"].encode())
        self.assertEqual(["9", "5"], [root.get("tests"), root.get("failures")])
        suite = root[0]
        self.assertEqual("ann <script>alert(1)</script>\"'&", suite.get("name"))
        case = suite.findall("testcase")[1]
        self.assertEqual("<script>alert(1)</script>\"'&", case.find("system-out").text)
        self.assertEqual("wrong", case.find("failure").get("type"))
        odd = ElementTree.fromstring(self.reports["junit-odd.xml"].encode())
        self.assertIn("\ufffd", odd[0].findall("testcase")[1].find("system-out").text)

    def test_gradebook_has_the_points(self):
        rows = list(csv.reader(io.StringIO(self.reports["grades.csv"], newline="")))
        self.assertEqual(["id", "score", "max_score", "1a", "1b", "2a"], rows[0])
        self.assertEqual(["ann <script>alert(1)</script>\"'&", "1", "4", "1", "0", "0"], rows[1])


class PlantedMistakes(Case):
    """Each change to a valid report makes the validator complain."""

    def check(self, validator, base, changes):
        self.assertEqual([], validator(json.dumps(base)))
        for name, change in changes.items():
            with self.subTest(name):
                changed = copy.deepcopy(base)
                change(changed)
                self.assertNotEqual([], validator(json.dumps(changed)))

    def test_gradescope(self):
        self.check(validators.gradescope, self.json("gradescope-mixed.json"), {
            "score a text": lambda r: r.update(score="1"),
            "score a boolean": lambda r: r.update(score=True),
            "score no number": lambda r: r.update(score=float("nan")),
            "neither score nor tests": lambda r: [r.pop("score"), r.pop("tests")],
            "no score anywhere": lambda r: [r.pop("score"), r["tests"][1].pop("score")],
            "visibility unknown": lambda r: r.update(visibility="public"),
            "stdout_visibility unknown": lambda r: r.update(stdout_visibility=True),
            "output no text": lambda r: r.update(output=["a"]),
            "tests an object": lambda r: r.update(tests={}),
            "a test a text": lambda r: r["tests"].append("a"),
            "test score a text": lambda r: r["tests"][0].update(score="2"),
            "test max_score null": lambda r: r["tests"][0].update(max_score=None),
            "test status unknown": lambda r: r["tests"][0].update(status="wrong"),
            "test number a number": lambda r: r["tests"][0].update(number=1),
            "test output_format unknown": lambda r: r["tests"][0].update(output_format="latex"),
            "test tags a text": lambda r: r["tests"][0].update(tags="a"),
            "extra_data a list": lambda r: r.update(extra_data=[]),
        })
        self.assertNotEqual([], validators.gradescope("[]"))
        self.assertNotEqual([], validators.gradescope("{"))

    def test_prairielearn(self):
        self.check(validators.prairielearn, self.json("prairielearn-mixed.json"), {
            "score over 1": lambda r: r.update(score=1.01),
            "score below 0": lambda r: r.update(score=-0.01),
            "score a text": lambda r: r.update(score="0.5"),
            "no score": lambda r: r.pop("score"),
            "gradable a text": lambda r: r.update(gradable="false"),
            "format_errors though gradable": lambda r: r.update(format_errors=["a"]),
            "format_errors numbers": lambda r: r.update(gradable=False, format_errors=[1]),
            "message a list": lambda r: r.update(message=["a"]),
            "test without points": lambda r: r["tests"][0].pop("points"),
            "test max_points null": lambda r: r["tests"][0].update(max_points=None),
            "test name a number": lambda r: r["tests"][0].update(name=1),
            "more than 1 MB": lambda r: r.update(output="x" * 1_000_000),
        })
        self.assertNotEqual([], validators.prairielearn("no"))

    def test_autolab(self):
        self.check(validators.autolab, json.loads(self.reports["autolab-mixed.txt"]), {
            "no scores": lambda r: r.pop("scores"),
            "scores a list": lambda r: r.update(scores=[1]),
            "a score a text": lambda r: r["scores"].update({"1a": "1"}),
            "a score null": lambda r: r["scores"].update({"1a": None}),
            "scoreboard an object": lambda r: r.update(scoreboard={}),
        })
        good = self.reports["autolab-mixed.txt"]
        self.assertEqual([], validators.autolab("Feedback\n" + good))
        self.assertNotEqual([], validators.autolab(good + "and more\n"))
        self.assertNotEqual([], validators.autolab(""))

    def test_junit(self):
        good = self.reports["junit.xml"]
        self.assertEqual([], validators.junit(good))
        for old, new in (
                ("<testsuites ", "<report "),
                (' name="1a"', ""),
                (' errors="0" skipped', " skipped"),
                ('tests="3"', 'tests="2"'),
                ('failures="2"', 'failures="1"'),
                ('<failure type="wrong"', '<failure kind="wrong"'),
                ("<properties>", "<properties>text"),
                ("<property ", "<datum "),
                ("<system-out>", "<system-out>\x01"),
                ("<system-out>", "<system-out><script/>"),
                ("&#60;", "<"),
                ("</testsuites>", ""),
                ('<testsuite name', '<testsuite time="1s" name'),
                ('<testcase classname', '<testcase status="run" classname'),
        ):
            with self.subTest(old=old, new=new):
                changed = good.replace(old, new, 1).replace("</testsuites>", "</report>" if "report" in new else
                                                            "</testsuites>")
                self.assertNotEqual(good, changed)
                self.assertNotEqual([], validators.junit(changed))

    def test_gradebook(self):
        good = self.reports["grades.csv"]
        for changed in (good.replace("bob", "=bob"), good.replace("bob", "@bob"), good.replace("\r\n", "\n"),
                        good.replace("bob,", "bob,1,"), good[:-2]):
            with self.subTest(changed[:20]):
                self.assertNotEqual(good, changed)
                self.assertNotEqual([], validators.gradebook(changed))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--write-samples", required=True)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest])
