"""What platforms take, as functions from a text to a list of complaints. Written from the platforms' documents alone."""

import csv
import io
import json
import math
import re
import xml.etree.ElementTree as ElementTree


def _json(text):
    """The value, or None with a complaint. NaN and Infinity are no JSON (RFC 8259, section 6)."""
    def refuse(name):
        raise ValueError(f"{name} is no JSON")

    try:
        return json.loads(text, parse_constant=refuse), []
    except (ValueError, RecursionError) as error:
        return None, [f"no JSON: {error}"]


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


class Checker:
    """Collects complaints about the members of objects."""

    def __init__(self):
        self.complaints = []

    def wrong(self, place, text):
        self.complaints.append(f"{place}: {text}")

    def member(self, place, value, name, check, needed, required=False):
        if name not in value:
            if required:
                self.wrong(place, f"{name} is missing")
        elif not check(value[name]):
            self.wrong(place, f"{name} must be {needed}, is {value[name]!r:.60}")


def is_text(value):
    return isinstance(value, str)


def is_object(value):
    return isinstance(value, dict)


def is_list_of_text(value):
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


# https://gradescope-autograders.readthedocs.io/en/latest/specs/, "Output format" and what follows it.
GRADESCOPE_VISIBILITY = ("hidden", "after_due_date", "after_published", "visible")
GRADESCOPE_FORMATS = ("text", "html", "simple_format", "md", "ansi")


def one_of(*names):
    return lambda value: value in names


def gradescope(text):
    results, complaints = _json(text)
    if complaints:
        return complaints
    if not is_object(results):
        return ["results.json must be an object"]
    check = Checker()
    for name in ("score", "execution_time"):
        check.member("results", results, name, _is_number, "a number")
    check.member("results", results, "output", is_text, "a text")
    check.member("results", results, "output_format", one_of(*GRADESCOPE_FORMATS), "a format")
    for name in ("visibility", "stdout_visibility"):
        check.member("results", results, name, one_of(*GRADESCOPE_VISIBILITY), "a visibility")
    check.member("results", results, "extra_data", is_object, "an object")
    check.member("results", results, "tests", lambda value: isinstance(value, list), "a list")
    check.member("results", results, "leaderboard", lambda value: isinstance(value, list), "a list")
    tests = results.get("tests")
    if "score" not in results and "tests" not in results:
        check.wrong("results", "needs score or tests")
    for i, test in enumerate(tests if isinstance(tests, list) else []):
        _gradescope_test(check, f"tests[{i}]", test, "score" not in results)
    return check.complaints


def _gradescope_test(check, place, test, needs_score):
    if not is_object(test):
        check.wrong(place, "must be an object")
        return
    check.member(place, test, "score", _is_number, "a number", required=needs_score)
    check.member(place, test, "max_score", _is_number, "a number")
    check.member(place, test, "status", one_of("passed", "failed"), "passed or failed")
    for name in ("name", "number", "output"):
        check.member(place, test, name, is_text, "a text")
    check.member(place, test, "output_format", one_of(*GRADESCOPE_FORMATS), "a format")
    check.member(place, test, "tags", is_list_of_text, "a list of texts")
    check.member(place, test, "visibility", one_of(*GRADESCOPE_VISIBILITY), "a visibility")
    check.member(place, test, "extra_data", is_object, "an object")


# https://prairielearn.readthedocs.io/en/latest/externalGrading/, "Grading results".
PRAIRIELEARN_MOST_BYTES = 1_000_000


def prairielearn(text):
    if len(text.encode()) > PRAIRIELEARN_MOST_BYTES:
        return [f"{len(text.encode())} bytes, more than 1 MB"]
    results, complaints = _json(text)
    if complaints:
        return complaints
    if not is_object(results):
        return ["results.json must be an object"]
    check = Checker()
    check.member("results", results, "gradable", lambda value: isinstance(value, bool), "a boolean")
    in_range = (lambda value: _is_number(value) and 0 <= value <= 1)
    gradable = results.get("gradable", True) is not False
    check.member("results", results, "score", in_range, "a number in [0, 1]", required=gradable)
    check.member("results", results, "format_errors", lambda value: is_text(value) or is_list_of_text(value),
                 "a text or a list of texts")
    if gradable and "format_errors" in results:
        check.wrong("results", "format_errors only with gradable false")
    for name in ("message", "output"):
        check.member("results", results, name, is_text, "a text")
    check.member("results", results, "tests", lambda value: isinstance(value, list), "a list")
    for i, test in enumerate(results["tests"] if isinstance(results.get("tests"), list) else []):
        if not is_object(test):
            check.wrong(f"tests[{i}]", "must be an object")
            continue
        for name in ("name", "description", "message", "output"):
            check.member(f"tests[{i}]", test, name, is_text, "a text")
        for name in ("points", "max_points"):
            # One test without them hides the points of all.
            check.member(f"tests[{i}]", test, name, _is_number, "a number", required=True)
    return check.complaints


# https://docs.autolabproject.com/lab/, "Writing Autograders".
def autolab(output):
    lines = output.splitlines()
    if not lines:
        return ["no output"]
    result, complaints = _json(lines[-1])
    if complaints:
        return [f"the last line is {complaint}" for complaint in complaints]
    if not is_object(result):
        return ["the last line must be an object"]
    check = Checker()
    check.member("autoresult", result, "scores", is_object, "an object", required=True)
    check.member("autoresult", result, "scoreboard", lambda value: isinstance(value, list), "a list")
    for name, score in (result["scores"].items() if is_object(result.get("scores")) else ()):
        if not _is_number(score):
            check.wrong("scores", f"{name!r} must be a number, is {score!r}")
    return check.complaints


# junit-10.xsd of https://github.com/jenkinsci/xunit-plugin: by element, the attributes that it may have (True: must),
# the elements that may be in it, and whether text may.
JUNIT = {
    "testsuites": ({"name": False, "time": False, "tests": False, "failures": False, "errors": False},
                   {"testsuite"}, False),
    "testsuite": ({"name": True, "tests": True, "failures": True, "errors": True, "group": False, "time": False,
                   "skipped": False, "timestamp": False, "hostname": False, "id": False, "package": False,
                   "file": False, "log": False, "url": False},
                  {"testsuite", "properties", "testcase", "system-out", "system-err"}, False),
    "properties": ({}, {"property"}, False),
    "property": ({"name": True, "value": True}, set(), False),
    "testcase": ({"name": True, "time": False, "classname": False, "group": False},
                 {"skipped", "error", "failure", "rerunFailure", "rerunError", "flakyFailure", "flakyError",
                  "system-out", "system-err"}, False),
    "failure": ({"type": False, "message": False}, set(), True),
    "error": ({"type": False, "message": False}, set(), True),
    "skipped": ({"type": False, "message": False}, set(), True),
    "system-out": ({}, set(), True),
    "system-err": ({}, set(), True),
}
SUREFIRE_TIME = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")


def _junit_element(element, complaints):
    if element.tag not in JUNIT:
        complaints.append(f"{element.tag}: no such element")
        return
    attributes, children, has_text = JUNIT[element.tag]
    for name in element.attrib:
        if name not in attributes:
            complaints.append(f"{element.tag}: no attribute {name}")
    for name, required in attributes.items():
        if required and name not in element.attrib:
            complaints.append(f"{element.tag}: {name} is missing")
    if element.tag.startswith("testsuite") and not SUREFIRE_TIME.fullmatch(element.get("time", "")):
        complaints.append(f"{element.tag}: time must be in seconds")
    texts = [element.text or ""] + [child.tail or "" for child in element]
    if not has_text and any(text.strip() for text in texts):
        complaints.append(f"{element.tag}: text in it")
    for child in element:
        if child.tag not in children:
            complaints.append(f"{element.tag}: no {child.tag} in it")
        _junit_element(child, complaints)


def _junit_counts(suite, complaints):
    cases = list(suite.iter("testcase"))
    for name, found in (("tests", len(cases)), ("failures", sum(case.find("failure") is not None for case in cases)),
                        ("errors", sum(case.find("error") is not None for case in cases))):
        if suite.get(name, str(found)) != str(found):
            complaints.append(f"{suite.tag}: {name} is {suite.get(name)}, counted {found}")


def junit(text):
    try:
        root = ElementTree.fromstring(text.encode())
    except ElementTree.ParseError as error:
        return [f"no XML: {error}"]
    complaints = []
    if root.tag not in ("testsuites", "testsuite"):
        complaints.append(f"the root is {root.tag}")
    _junit_element(root, complaints)
    for suite in [root, *root.iter("testsuite")]:
        _junit_counts(suite, complaints)
    return complaints


# RFC 4180, section 2, and that no cell is a formula to a spreadsheet.
def gradebook(text):
    complaints = []
    if not text.endswith("\r\n"):
        complaints.append("the last line does not end with CRLF")
    if re.search(r"(?<!\r)\n", text):
        complaints.append("a line that ends without CR")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    for row in rows:
        if len(row) != len(rows[0]):
            complaints.append(f"{len(row)} cells, the head has {len(rows[0])}")
        for cell in row:
            if cell[:1] and cell[0] in "=+-@\t\r" and not re.fullmatch(r"-?[0-9.]+(e[+-]?[0-9]+)?", cell):
                complaints.append(f"{cell!r} is a formula")
    return complaints
