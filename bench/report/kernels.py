"""Prints what kernels_bench measured, and each target's line; writes docs/performance.md's part of it.

    kernels.py [--publish FILE.md] RESULTS.csv...

With --publish the text between the file's markers is replaced, and the chart beside it, FILE.svg. Exit codes: 0 printed;
1 a file cannot be read; 2 usage. Whether targets are reached does not matter for it: a shared machine decides no test.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from chart import chart  # noqa: E402
from figures import PEERS, read, targets  # noqa: E402

BEGIN, END = "<!-- the figures: scripts/bench kernels --publish -->", "<!-- the end of the figures -->"
COLUMNS = ("layer", "pass", "type", "threads", "batch", "ms", "+-", "GFLOP/s", "of peak", "oneDNN", "PyTorch", "Eigen",
           "oneDNN's own layout", "KiB beyond")


def cells(row):
    def times(peer):
        return f"{row.times[peer]:.2f}" if peer in row.times else "-"

    return (row.name, row.what, row.type, str(row.threads), str(row.batch), f"{1000 * row.seconds:.3f}",
            f"{100 * row.spread / row.seconds:.0f} %", f"{row.gflops:.1f}", f"{100 * row.peak_share:.0f} %",
            *(times(peer) for peer in PEERS), times("onednn-own-layout"), f"{row.bytes_beyond_tensors / 1024:.0f}")


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
                     f"triad {facts['triad GB/s']} GB/s; PyTorch {facts['pytorch']}.")
    return list(dict.fromkeys(lines))


def losses(rows):
    return sorted((row for row in rows if row.better_peer and row.better_peer < 0.95), key=lambda row: row.better_peer)


def publish(path, runs, rows):
    text = path.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{path} has no line {BEGIN!r} and {END!r}")
    shown = [row for row in rows if row.threads == 1 and row.batch == 1 and row.type == "float32"]
    path.with_suffix(".svg").write_text(chart(shown), encoding="utf-8")
    lost = [f"- {row.name}, {row.what}, {row.type}, {row.threads} thread(s), batch {row.batch}: {row.better_peer:.2f}"
            for row in losses(rows)]
    body = [*facts_of(runs), "", *markdown(target_table(targets(runs))), "",
            f"![Times of the better peer]({path.with_suffix('.svg').name})", "", "Where tensord loses, by more than 5 %:", "",
            *(lost or ["- nowhere"]), "", *markdown([COLUMNS, *map(cells, rows)])]
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
        print("\n".join(plain([COLUMNS, *map(cells, rows)])))
        print("\nThe peers' columns: how many times tensord's time they took, from plain tensors to plain tensors; oneDNN's "
              "own layout: the primitive alone. KiB beyond: allocated at most beside the tensors.\n")
        print("\n".join(facts_of(runs) + [""] + plain(target_table(targets(runs)))))
        if arguments.publish:
            publish(arguments.publish, runs, rows)
    except (OSError, ValueError, KeyError) as error:
        print(f"kernels.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
