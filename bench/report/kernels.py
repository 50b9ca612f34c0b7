"""Prints what kernels_bench measured, and each target's line; writes docs/performance.md's part of it.

    kernels.py [--publish FILE.md] RESULTS.csv...

With --publish the text between the file's markers is replaced, and the charts beside it, FILE.svg of convolutions and
FILE-pooling.svg; what was not measured is not in them. Exit codes: 0 printed;
1 a file cannot be read; 2 usage. Whether targets are reached does not matter for it: a shared machine decides no test.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

import poolings  # noqa: E402
from chart import CONVOLUTIONS, POOLINGS, chart  # noqa: E402
from figures import PEERS, read, targets  # noqa: E402

BEGIN, END = "<!-- the figures: scripts/bench kernels --publish -->", "<!-- the end of the figures -->"
WORST = 3  # that a line of losses names
COLUMNS = ("layer", "pass", "type", "threads", "batch", "ms", "+-", "GFLOP/s", "of peak", "oneDNN", "PyTorch", "Eigen",
           "oneDNN's own layout", "KiB beyond")


def cells(row):
    return (row.name, row.what, row.type, str(row.threads), str(row.batch), f"{1000 * row.seconds:.3f}",
            f"{100 * row.spread / row.seconds:.0f} %", f"{row.gflops:.1f}", f"{100 * row.peak_share:.0f} %",
            *map(row.times_of, PEERS), row.times_of("onednn-own-layout"), f"{row.bytes_beyond_tensors / 1024:.0f}")


def markdown(table):
    lines = ["| " + " | ".join(table[0]) + " |", "|" + "---|" * len(table[0])]
    return lines + ["| " + " | ".join(line) + " |" for line in table[1:]]


def plain(table):
    widths = [max(map(len, column)) for column in zip(*table)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in table]


def target_table(found):
    lines = [("target", "goal", "figure", "")]
    for target in found:
        figure = "-" if target.figure is None else f"{target.figure:.2f}"
        lines.append((target.text, f"{target.goal:.2f}", figure, target.verdict))
    return lines


def facts_of(runs):
    lines = []
    for run in runs:
        facts = run.facts
        lines.append(f"{facts['processor']}, {facts['instruction set']}, {facts['threads']} thread(s): peak "
                     f"{facts['peak float32 GFLOP/s']} GFLOP/s in float32, {facts['peak float64 GFLOP/s']} in float64, "
                     f"triad {facts['triad GB/s']} GB/s; oneDNN {facts['onednn']}, PyTorch {facts['pytorch']}.")
    return list(dict.fromkeys(lines))


def loss_table(rows):
    """By pass, type and threads: how often a peer was faster by more than 5 %, of how many, and where the most."""
    groups = {}
    for row in rows:
        if row.better_peer:
            groups.setdefault((row.told, row.type, row.threads), []).append(row)
    lines = [("pass", "type", "threads", "lost", "of", "most of all")]
    for (told, element_type, threads), group in groups.items():
        lost = sorted((row for row in group if row.better_peer < 0.95), key=lambda row: row.better_peer)
        worst = ", ".join(f"{row.name} (batch {row.batch}) {row.better_peer:.2f}" for row in lost[:WORST])
        lines.append((told, element_type, str(threads), str(len(lost)), str(len(group)), worst or "-"))
    return lines


def split(rows):
    return [row for row in rows if not row.is_pooling], [row for row in rows if row.is_pooling]


def tables(rows):
    """Of each of the two groups of operations that was measured."""
    return [[columns, *map(cells_of, group)]
            for columns, cells_of, group in zip((COLUMNS, poolings.COLUMNS), (cells, poolings.cells), split(rows))
            if group]


def all_targets(runs):
    measured = zip((targets, poolings.targets), split([row for run in runs for row in run.rows]))
    return [target for found, rows in measured if rows for target in found(runs)]


def charts(rows):
    """Pairs of what follows the page's name, and the chart: float32, one thread, convolutions of one sample, poolings
    of the largest batch that was measured."""
    single = [row for row in rows if row.threads == 1 and row.type == "float32"]
    convolved, pooled = split(single)
    shown = [row for row in convolved if row.batch == 1]
    largest = {(row.name, row.operation, row.what): row for row in sorted(pooled, key=lambda row: row.batch)}
    drawn = []
    if shown:
        drawn.append(("", chart(shown, CONVOLUTIONS)))
    if largest:
        drawn.append(("-pooling", chart(largest.values(), POOLINGS)))
    return drawn


def publish(path, runs, rows):
    text = path.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{path} has no line {BEGIN!r} and {END!r}")
    pictures = []
    for suffix, picture in charts(rows):
        file = path.with_name(f"{path.stem}{suffix}.svg")
        file.write_text(picture, encoding="utf-8")
        pictures += [f"![Times of the better peer]({file.name})", ""]
    body = [*facts_of(runs), "", *markdown(target_table(all_targets(runs))), "", *pictures,
            "Where tensord loses, by more than 5 %:", "", *markdown(loss_table(rows))]
    for table in tables(rows):
        body += ["", *markdown(table)]
    head, rest = text.split(BEGIN, 1)
    path.write_text(head + BEGIN + "\n\n" + "\n".join(body) + "\n\n" + END + rest.split(END, 1)[1], encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="+", type=Path)
    parser.add_argument("--publish", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    try:
        runs = [read(path) for path in arguments.results]
        rows = [row for run in runs for row in run.rows]
        for table in tables(rows):
            print("\n".join(plain(table)) + "\n")
        print("The peers' columns: how many times tensord's time they took, from plain tensors to plain tensors; oneDNN's "
              "own layout: the primitive alone. KiB beyond: allocated at most beside the tensors. MB: each tensor that a "
              "pooling has to read or write, once, with indices of 8 bytes; peers' are smaller.\n")
        print("\n".join(facts_of(runs) + [""] + plain(target_table(all_targets(runs)))))
        if arguments.publish:
            publish(arguments.publish, runs, rows)
    except (OSError, ValueError, KeyError) as error:
        print(f"kernels.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
