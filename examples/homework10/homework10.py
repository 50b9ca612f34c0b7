#!/usr/bin/env python3
"""Asks tensord the questions of homework 10, from the data in assignment.json, and shows how each answer came about.

Needs nothing but Python's standard library and the program tensorctl.
"""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from gradient_check import STEP, GradientCheck

HERE = Path(__file__).resolve().parent


class Failure(Exception):
    """A call failed; the text says which, and why."""


class Tensorctl:
    """Runs tensorctl against a server, or in its own process where the address is None."""

    def __init__(self, program, server):
        self.base = [program] + (["--server", server] if server else [])
        self.last_command = ""

    def __call__(self, arguments, tensors=None):
        """The answer, as JSON. Tensors travel in files: a command line may be too short for them."""
        with tempfile.TemporaryDirectory() as directory:
            files = []
            for name, values in (tensors or {}).items():
                path = Path(directory) / f"{name}.json"
                path.write_text(json.dumps(values), encoding="utf-8")
                files += ["--" + name.replace("_", "-"), str(path)]
            # Shown as the reader would type it: a value with brackets quoted, file names without their folder.
            self.last_command = shlex.join(["tensorctl"] + arguments + [Path(f).name for f in files])
            done = subprocess.run(self.base + arguments + files + ["--format", "json"], capture_output=True, text=True,
                                  stdin=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            raise Failure(f"{self.last_command} ended with {done.returncode}:\n{done.stderr.strip()}")
        answer = json.loads(done.stdout)
        if answer.get("schema_version") != 1:
            raise Failure(f"{self.last_command}: schema_version is {answer.get('schema_version')}, expected 1")
        return answer


class Homework:
    """The parts' answers, in order: part -> {question, answer, how}."""

    def __init__(self, tensorctl, assignment):
        self.ask = tensorctl
        self.data = assignment
        self.parts = {}
        self.agrees = True

    def _add(self, part, question, answer, *how):
        self.parts[part] = {"question": question, "answer": answer, "how": [h for h in how if h]}

    def run(self):
        self.datasets()
        self.convolution()
        self.layer()
        self.back_propagation()
        self.pooling()
        return self.parts

    def datasets(self):
        for part, data in self.data["datasets"].items():
            # 10 s at 240 Hz is written as [10, 240].
            sizes = {name: size if isinstance(size, int) else product(size) for name, size in data["axes"].items()}
            answer = self.ask(["describe", "--axes", ",".join(f"{name}={size}" for name, size in sizes.items())])
            products = [f"{name}: {' * '.join(map(str, size))} = {sizes[name]}"
                        for name, size in data["axes"].items() if not isinstance(size, int)]
            self._add(part, data["question"], {"shape": answer["shape"], "axes": answer["axes"]},
                      self.ask.last_command, *products,
                      f"{answer['element_count']} elements, {answer['byte_count']} bytes")

    def convolution(self):
        data = self.data["convolution"]
        arguments = ["convolve", "--input", compact(data["input"]), "--filter", compact(data["filter"])]
        output = self.ask(arguments)["output"]
        command = self.ask.last_command
        values = {(i, j): value for i, row in enumerate(output["values"]) for j, value in enumerate(row)}
        analysis = self.ask(["analyze", "layer", "--no-bias", "--input-shape", shape_of(data["input"]),
                             "--filter-shape", shape_of(data["filter"])])
        self._add("2b", f"{data['text']}: the shape of Z", output["shape"], command,
                  formula(analysis, "output_shape"))
        where = {value: sorted(list(place) for place, v in values.items() if v == value) for value in values.values()}
        largest, smallest = max(where), min(where)
        self._add("2c", "The largest value of Z, and where it occurs", {"value": largest, "places": where[largest]},
                  "of the Z of 2b")
        self._add("2d", "The most negative value of Z, and where it occurs",
                  {"value": smallest, "places": where[smallest]}, "of the Z of 2b")
        self._add("2e", "Where Z is 0", {"places": where.get(0, [])}, "of the Z of 2b")

    def layer(self):
        data = self.data["layer"]
        answer = self.ask(["analyze", "layer", "--input-shape", ",".join(map(str, data["input_shape"])),
                           "--filter-shape", ",".join(map(str, data["filter_shape"]))])
        command = self.ask.last_command
        self._add("3a", f"{data['text']}: the shape of Z and of U", answer["output_shape"], command,
                  *shape_formulas(answer))
        channels = [answer["input_channel_count"], answer["output_channel_count"]]
        self._add("3b", "The number of input and of output channels", channels, "of the layer of 3a",
                  formula(answer, "input_channel_count"), formula(answer, "output_channel_count"))
        self._add("3c", "The number of multiplications", answer["multiplication_count"], "of the layer of 3a",
                  formula(answer, "multiplication_count"))
        self._add("3d", "The number of trainable parameters", answer["parameter_count"], "of the layer of 3a",
                  formula(answer, "parameter_count"), formula(answer, "weight_count"), formula(answer, "bias_count"))

    def back_propagation(self):
        data = self.data["back_propagation"]
        check = GradientCheck(self.ask, data)
        results = check.run()
        for part, name in (("4a", "Z"), ("4b", "W"), ("4c", "X")):
            result = results[name]
            self.agrees = self.agrees and result["agrees"]
            question = f"dJ/d{name}, in numbers"
            self._add(part, f"{data['text']}: {question}" if part == "4a" else question, result,
                      "tensorctl convolve-backward --activation sigmoid --type float64, against central differences",
                      f"of layers that it computed too, with the step {STEP:.3g} on each element")

    def pooling(self):
        data = self.data["pooling"]
        x, stride, window = compact(data["input"]), str(data["stride"]), str(data["window"])
        subsample = ["pool", "--kind", "subsample", "--input", x, "--stride", stride]
        self._add("5a", f"{data['subsample_text']}, s = {stride}", self.ask(subsample)["output"]["values"],
                  self.ask.last_command)
        maximum = ["pool", "--kind", "max", "--input", x, "--window", window, "--stride", stride,
                   "--rounding", "start-inside"]
        self._add("5b", f"{data['max_text']}, p = {window}, s = {stride}", self.ask(maximum)["output"]["values"],
                  self.ask.last_command)
        symbolic = ["--input-shape", ",".join(data["symbolic_shape"]), "--layout", data["symbolic_layout"],
                    "--stride", data["symbolic_stride"], "--rounding", "start-inside"]
        # START_INSIDE does not ask how long a window is, so that any p gives the same shape.
        answers, how = {}, []
        for kind in (["subsample"], ["max", "--window", window]):
            answer = self.ask(["analyze", "layer", "--kind"] + kind + symbolic)
            answers[kind[0]] = answer["output_shape"]
            how += [self.ask.last_command, *shape_formulas(answer)]
        self._add("5c", f"The output's shape for an X of shape ({', '.join(data['symbolic_shape'])}), pooled along "
                  f"{data['symbolic_shape'][1]}", answers, *how)


def product(factors):
    result = 1
    for factor in factors:
        result *= factor
    return result


def compact(values):
    return json.dumps(values, separators=(",", ":"))


def shape_of(nested):
    sizes = []
    while isinstance(nested, list):
        sizes.append(str(len(nested)))
        nested = nested[0]
    return ",".join(sizes)


def formula(answer, quantity):
    """The server's own words for how it computed a quantity, or nothing."""
    text = answer.get("formulas", {}).get(quantity)
    return f"{quantity} = {text}" if text else ""


def shape_formulas(answer):
    return [formula(answer, f"output_shape[{axis}]") for axis in range(len(answer["output_shape"]))]


def tuple_text(items):
    return "(" + ", ".join(str(item) for item in items) + ")"


def answer_text(part, answer):
    """An answer as a person would write it."""
    if part.startswith("4"):
        verdict = "agree" if answer["agrees"] else "DISAGREE"
        return (f"shape {tuple_text(answer['shape'])}; gradient and central differences {verdict}: they differ by at "
                f"most {answer['largest_difference']:.2g}, allowed {answer['tolerance']:.2g}, "
                f"largest gradient {answer['largest_gradient']:.3g}")
    if part == "5c":
        return "; ".join(f"{kind}: {tuple_text(shape)}" for kind, shape in answer.items())
    if isinstance(answer, dict) and "axes" in answer:
        return f"{tuple_text(answer['shape'])}: {', '.join(answer['axes'])}"
    if isinstance(answer, dict):
        places = ", ".join(tuple_text(place) for place in answer["places"])
        return f"{number(answer['value'])} at {places}" if "value" in answer else places
    if part in ("5a", "5b"):
        return "[" + ", ".join(number(v) for v in answer) + "]"
    return tuple_text(answer) if isinstance(answer, list) else str(answer)


def number(value):
    return str(int(value)) if float(value).is_integer() else str(value)


def print_parts(assignment, parts):
    print(f"{assignment['title']}\n{assignment['notation']}\n")
    for part, entry in parts.items():
        print(f"{part}  {entry['question']}")
        print(f"    {answer_text(part, entry['answer'])}")
        for line in entry["how"]:
            print(f"      {line}")
        print()


def find_tensorctl():
    for preset in ("release", "ci", "dev"):
        program = HERE.parents[1] / "build" / preset / "bin" / "tensorctl"
        if os.access(program, os.X_OK):
            return str(program)
    return shutil.which("tensorctl")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", metavar="ADDRESS",
                        help="the daemon, as host:port or unix:/path; without it tensorctl answers in its own process")
    parser.add_argument("--tensorctl", metavar="PATH", default=find_tensorctl(),
                        help="the program; default: the one built here, else the one on the PATH")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    arguments = parser.parse_args()
    if arguments.tensorctl is None:
        parser.error("no tensorctl: build it (scripts/quickstart) or give --tensorctl PATH")

    assignment = json.loads((HERE / "assignment.json").read_text(encoding="utf-8"))
    homework = Homework(Tensorctl(arguments.tensorctl, arguments.server), assignment)
    try:
        parts = homework.run()
    except (Failure, OSError) as error:
        print(f"homework10: {error}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps({"schema_version": 1, "title": assignment["title"], "parts": parts}, indent=2))
    else:
        print_parts(assignment, parts)
    if not homework.agrees:
        print("homework10: a gradient and its central differences disagree", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
