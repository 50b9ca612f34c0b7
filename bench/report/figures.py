"""The figures of kernels_bench, and what is asked of them."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path

PASSES = ("forward", "backward-data", "backward-weights")
PEERS = ("onednn", "pytorch", "eigen")  # from plain tensors to plain tensors
COMPUTE_BOUND = 50  # FLOP per byte


@dataclass(frozen=True)
class Row:
    """One pass of one layer: how long tensord took, and how many times that each peer did."""
    name: str
    operation: str  # "convolution", "max-pooling", "average-pooling"
    kind: str
    what: str  # the pass
    layout: str
    type: str
    threads: int
    batch: int
    flop: float
    flop_per_byte: float
    bytes: int  # that tensord cannot but read or write
    seconds: float
    spread: float
    peak_share: float
    triad_share: float
    bytes_beyond_tensors: int
    times: dict  # of each other candidate

    @property
    def is_pooling(self):
        return self.operation != "convolution"

    @property
    def told(self):
        """The pass, with the operation where it is no convolution."""
        return f"{self.operation}, {self.what}" if self.is_pooling else self.what

    @property
    def gflops(self):
        return self.flop / self.seconds / 1e9

    @property
    def better_peer(self):
        """How many times tensord's time the fastest peer took; None without peers."""
        known = [self.times[peer] for peer in PEERS if peer in self.times]
        return min(known, default=None)

    def times_of(self, candidate):
        return f"{self.times[candidate]:.2f}" if candidate in self.times else "-"


@dataclass
class Run:
    """One file of kernels_bench."""
    facts: dict  # "processor", "threads", "peak float32 GFLOP/s", ...
    rows: list


def read(path):
    facts, lines = {}, []
    for line in Path(path).read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            name, value = line[2:].split(": ", 1)
            facts[name] = value
        else:
            lines.append(line)
    problems = {}
    for cells in csv.DictReader(lines):
        key = tuple(cells[name] for name in ("name", "operation", "pass", "layout", "type", "threads", "batch"))
        problems.setdefault(key, []).append(cells)
    return Run(facts, [row_of(candidates) for candidates in problems.values()])


def row_of(candidates):
    own = next(c for c in candidates if c["candidate"] == "tensord")
    return Row(own["name"], own["operation"], own["kind"], own["pass"], own["layout"], own["type"], int(own["threads"]),
               int(own["batch"]), float(own["flop"]), float(own["flop_per_byte"]), int(own["bytes"]),
               float(own["seconds"]), float(own["spread"]), float(own["peak_share"]), float(own["triad_share"]),
               int(own["bytes_beyond_tensors"]),
               {c["candidate"]: float(c["times_of_tensord"]) for c in candidates if c is not own})


def geometric_mean(values):
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def is_course_layer(row):
    return row.kind in ("homework layer", "LeNet layer")


def is_depthwise(row):
    return row.kind.startswith("depthwise")


@dataclass(frozen=True)
class Target:
    """What is asked of a figure; None where it was not measured."""
    text: str
    goal: float
    figure: float

    @property
    def verdict(self):
        if self.figure is None:
            return "not measured"
        return "reached" if self.figure >= self.goal else "MISSED"


def targets(runs):
    """Every target of convolutions that these runs can tell of."""
    # A layer whose suggested batch is 1 was measured twice: the first counts.
    rows = list({(row.name, row.what, row.layout, row.type, row.threads, row.batch): row
                 for run in reversed(runs) for row in run.rows if not row.is_pooling}.values())
    one = [row for row in rows
           if (row.threads, row.type, row.batch, row.layout) == (1, "float32", 1, "NCHW")]
    networks = [row for row in one if not is_course_layer(row)]
    found = []
    for what in PASSES:
        ratios = [row.better_peer for row in networks if row.what == what and row.better_peer]
        found.append(Target(f"{what}, times of the better peer, geometric mean", 1.3, geometric_mean(ratios)))
        found.append(Target(f"{what}, the same, worst shape", 0.95, min(ratios, default=None)))
    pointwise = [row for row in networks
                 if row.what == "forward" and row.kind.startswith("1x1") and "s2" not in row.kind]
    found.append(Target("forward, 1x1 stride 1, times of the better peer, geometric mean", 1.0,
                        geometric_mean(row.better_peer for row in pointwise if row.better_peer)))
    own = [row.times["onednn-own-layout"] for row in networks
           if row.what == "forward" and row.kind[:3] in ("1x1", "3x3") and "onednn-own-layout" in row.times]
    found.append(Target("forward, 3x3 and 1x1, times of oneDNN in its own layout without reorders, geometric mean",
                        0.95, geometric_mean(own)))
    bound = [row.peak_share for row in networks if row.flop_per_byte > COMPUTE_BOUND]
    found.append(Target("share of the FMA peak, compute-bound shapes, all passes, geometric mean", 0.70,
                        geometric_mean(bound)))
    course = [row.better_peer for row in one if is_course_layer(row) and row.better_peer]
    found.append(Target("homework and LeNet layers, all passes, times of the better peer, worst", 2.0,
                        min(course, default=None)))
    depthwise = [row for row in networks if is_depthwise(row) and row.better_peer]
    for text, passes in (("forward", PASSES[:1]), ("backward", PASSES[1:])):
        found.append(Target(f"depthwise, {text}, times of the better peer, geometric mean", 2.0,
                            geometric_mean(row.better_peer for row in depthwise if row.what in passes)))
    found.append(Target("two threads over one, compute-bound, as a share of the FMA peak's, geometric mean", 0.95,
                        two_threads(runs)))
    doubles = [row.better_peer for row in rows if row.type == "float64" and row.what == "forward" and row.better_peer]
    found.append(Target("forward in float64, times of the better peer, geometric mean", 1.5, geometric_mean(doubles)))
    return found


def two_threads(runs):
    """Of compute-bound shapes: the speed-up by a second thread over the speed-up of the peak."""
    peaks, rows = {}, {}
    for run in runs:
        threads = int(run.facts["threads"])
        peaks[threads] = float(run.facts["peak float32 GFLOP/s"])
        for row in run.rows:
            if row.type == "float32" and row.flop_per_byte > COMPUTE_BOUND:  # no pooling is
                rows[(row.name, row.what, row.batch, row.layout, threads)] = row.gflops
    ratios = [speed / rows[(*key[:4], 1)] for key, speed in rows.items() if key[4] == 2 and (*key[:4], 1) in rows]
    if not ratios:
        return None
    return geometric_mean(ratios) / (peaks[2] / peaks[1])
