"""Plants errors in a copy of the engine, one at a time, and tells which tests see them: a check of the checks.

    planted_errors.py [--only NAME] [--jobs N] [--work FOLDER]

An error is one line of a source that is replaced by another. Each has tests that have to fail because of it, and that pass
without it. Exit codes: 0 every error was caught; 1 one was not, or an error could not be planted; 2 usage.
"""

import argparse
import dataclasses
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONVOLUTION = ("convolution_backward_test", "convolution_properties_test")
TRANSPOSED = ("transposed_convolution_test",)
EXACT = ("exact_convolution_test",)
POOLING = ("pooling_backward_test", "pooling_differences_test", "pooling_ties_test")
SHARES = ("exact_fractions_test", "numeric_pooling_gradient_test")
FAMILIES = (("Adjoint", "adjoint identities"), ("Difference", "central differences"))


@dataclasses.dataclass(frozen=True)
class Planted:
    """`line` stands exactly once in `source`, but for the blanks at its ends; `error` takes its place."""
    name: str
    source: str
    line: str
    error: str
    tests: tuple


ERRORS = (
    Planted("sign of the filter's gradient", "internal/filter_gradient.cc",
            "for (int64_t row = 0; row < tile.rows; ++row) to[row * forward_.filter_dest_stride] = sums[row];",
            "for (int64_t row = 0; row < tile.rows; ++row) to[row * forward_.filter_dest_stride] = -sums[row];", CONVOLUTION + TRANSPOSED),
    Planted("sign of the bias' gradient", "internal/bias_gradient.cc",
            "for (int64_t c = 0; c < channels; ++c) sums[c] += panel[c];",
            "for (int64_t c = 0; c < channels; ++c) sums[c] -= panel[c];", CONVOLUTION),
    Planted("missing tap: the last row of the input is padding", "internal/planes.cc",
            "if (h < 0 || h >= h_axis.source_size) {",
            "if (h < 0 || h + 1 >= h_axis.source_size) {", CONVOLUTION + TRANSPOSED),
    Planted("missing tap: the last row of the input is padding, with contiguous channels", "internal/patches.cc",
            "if (index < 0 || index >= axis.source_size) return reads;",
            "if (index < 0 || index + 1 >= axis.source_size) return reads;", CONVOLUTION + TRANSPOSED),
    Planted("missing tap: EXACT leaves out the last along H", "internal/term_runs.h",
            "for (int64_t j = 0; j < h.tap_count; ++j) {",
            "for (int64_t j = 0; j == 0 || j + 1 < h.tap_count; ++j) {", EXACT),
    Planted("missing tap: padding that reads gives no gradient to what it read", "internal/padded_input.cc",
            "for (size_t k = 0; k < w.count; ++k) sum += SumOfRun(row, w.first[k], w.length[k], context);",
            "for (size_t k = 0; k < w.count && k < 1; ++k) sum += SumOfRun(row, w.first[k], w.length[k], context);",
            CONVOLUTION),
    Planted("missing product: the first of every sum of several", "kernels/kernels_impl.h",
            "for (const Step* step = tile.steps; block_end != end;) {",
            "for (const Step* step = tile.steps + (tile.step_count > 1 ? 1 : 0); block_end != end;) {", CONVOLUTION + ("kernels_test",)),
    Planted("missing tap: the last row of the input is padding, with vectors of groups", "internal/group_box.cc",
            "if (h < h_from || h >= h_to) {",
            "if (h < h_from || h + 1 >= h_to) {", CONVOLUTION + TRANSPOSED),
    Planted("missing product: the first of every sum of several, with vectors of groups", "kernels/kernels_impl.h",
            "for (const Step* at = tile.steps; at != end; ++at) {",
            "for (const Step* at = tile.steps + (tile.step_count > 1 ? 1 : 0); at != end; ++at) {",
            CONVOLUTION + ("kernels_test",)),
    Planted("tie rule: FIRST is the last", "internal/pooling_plan.h",
            "const bool take = value > best || (is_nan && (kLastNan || best == best));",
            "const bool take = value >= best || (is_nan && (kLastNan || best == best));", POOLING),
    Planted("tie rule: ALL is FIRST", "pooling_backward.cc",
            "const bool alone = geometry_.kind == PoolingKind::kSubsample || geometry_.tie_rule == TieRule::kFirst;",
            "const bool alone = geometry_.kind == PoolingKind::kSubsample || geometry_.tie_rule != TieRule::kSplit;",
            POOLING),
    Planted("tie rule: SPLIT is ALL", "pooling_backward.cc",
            "shares[lane] /= static_cast<T>(counts[lane]);",
            "shares[lane] /= static_cast<T>(counts[lane] > 0 ? 1 : 0);", POOLING),
    Planted("tie rule: EXACT SPLIT counts one tie too few", "internal/exact_pooling_gradient.cc",
            "counts[output] = count;",
            "counts[output] = count > 1 ? count - 1 : count;", SHARES),
    Planted("rounding: EXACT takes a sum of cut off quotients for the sum", "internal/exact_fractions.h",
            "Snap();",
            "if (guard_digits_ == 0) Snap();", SHARES),
    Planted("divisor: an average's gradient is not divided", "pooling_backward.cc",
            "const T divisor = static_cast<T>(DivisorOf(geometry_, spans));",
            "const T divisor = static_cast<T>(DivisorOf(geometry_, spans) > 0 ? 1 : 0);", POOLING),
)


def tracked_files():
    command = ("git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    names = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
    return [name for name in names if name and (ROOT / name).is_file()]


def copy_tree(tree):
    """Copies what is new or changed, so that only that is built again; removes what is gone."""
    names = set(tracked_files())
    for old in tree.rglob("*"):
        if old.is_file() and str(old.relative_to(tree)) not in names:
            old.unlink()
    for name in names:
        source, copy = ROOT / name, tree / name
        if copy.exists() and copy.read_bytes() == source.read_bytes():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        shutil.copymode(source, copy)


class Bench:
    """The copy of the tree and its build."""

    def __init__(self, work, jobs):
        self.tree = work / "tree"
        self.build = work / "build"
        self.log = work / "build.log"
        self.jobs = jobs
        self.tree.mkdir(parents=True, exist_ok=True)
        copy_tree(self.tree)
        self.log.write_text("")
        self._run("cmake", "-S", self.tree, "-B", self.build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                  "-DTENSORD_BUILD_TESTS=ON")

    def _run(self, *command):
        with self.log.open("a") as log:
            if subprocess.run(command, stdout=log, stderr=log, check=False).returncode:
                raise RuntimeError(f"{' '.join(map(str, command[:3]))} ... failed; the log is {self.log}")

    def failures(self, tests):
        """Builds these programs, and returns the names of their tests that fail, and how many there were."""
        targets = [f"compute_{test}" for test in tests]
        self._run("cmake", "--build", self.build, "-j", str(self.jobs), "--target", *targets)
        failed, count = [], 0
        for target in targets:
            program = self.build / "tests" / "compute" / target
            result = subprocess.run((program, "--gtest_color=no"), stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False, text=True,
                                    errors="replace")
            lines = result.stdout.splitlines()
            count += sum(line.startswith("[ RUN      ]") for line in lines)
            seen = {line.split("]", 1)[1].split(",")[0].split(" (")[0].strip() for line in lines
                    if line.startswith("[  FAILED  ]") and "tests, listed below" not in line}
            if result.returncode < 0:
                seen.add(f"{target} (signal {-result.returncode})")
            failed += sorted(seen)
        return failed, count

    def plant(self, error):
        """Puts the error in; returns what undoes it."""
        source = self.tree / "compute" / "src" / error.source
        text = source.read_text()
        lines = [line for line in text.splitlines() if line.strip() == error.line]
        if len(lines) != 1:
            raise RuntimeError(f"{error.source} has {len(lines)} lines {error.line!r}, has to have 1")
        source.write_text(text.replace(lines[0], lines[0].replace(error.line, error.error)))
        return lambda: source.write_text(text)


def caught_by(failed):
    """How many tests of each family failed, and one of the rest."""
    parts, rest = [], list(failed)
    for word, family in FAMILIES:
        seen = [name for name in rest if word in name]
        rest = [name for name in rest if word not in name]
        if seen:
            parts.append(f"{family} {len(seen)}")
    if rest:
        parts.append(f"others {len(rest)}, e.g. {rest[0]}")
    return "; ".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", metavar="TEXT", help="only the errors whose names contain it")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="compilers at a time")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "planted", metavar="FOLDER",
                        help="where the copy is built (build/planted)")
    arguments = parser.parse_args()
    errors = [error for error in ERRORS if not arguments.only or arguments.only in error.name]
    if not errors:
        parser.error(f"no planted error is called {arguments.only!r}")
    began = time.monotonic()
    bench = Bench(arguments.work, arguments.jobs)
    missed = 0
    for tests in dict.fromkeys(error.tests for error in errors):
        failed, count = bench.failures(tests)
        if failed or not count:
            raise RuntimeError(f"without any error {failed or 'every test'} of {tests} fails")
        print(f"without any error: all {count} tests of {', '.join(tests)} pass", flush=True)
    for error in errors:
        undo = bench.plant(error)
        try:
            failed, count = bench.failures(error.tests)
        finally:
            undo()
        missed += not failed
        outcome = f"caught by {len(failed)} of {count} tests: {caught_by(failed)}" if failed else f"MISSED by {count} tests"
        print(f"{error.name}: {outcome}", flush=True)
    print(f"{len(errors)} errors planted, {len(errors) - missed} caught, in {time.monotonic() - began:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as problem:
        sys.exit(f"planted_errors.py: {problem}")
