"""What bench/report makes of files of kernels_bench: figures, targets, the page and its chart."""

import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "report"))

import chart  # noqa: E402
import figures  # noqa: E402
import kernels  # noqa: E402

HEADER = ("name,operation,kind,pass,layout,type,threads,batch,flop,flop_per_byte,bytes,candidate,seconds,spread,"
          "times_of_tensord,peak_share,triad_share,bytes_beyond_tensors,details")
TRIAD, SECOND_LEVEL = 20e9, 1 << 20  # bytes a second, and bytes


def facts(threads, peak):
    return ["# processor: Some Processor", "# instruction set: avx512", f"# threads: {threads}",
            f"# peak float32 GFLOP/s: {peak}", "# peak float64 GFLOP/s: 50", f"# triad GB/s: {TRIAD / 1e9}",
            f"# L2 bytes: {SECOND_LEVEL}", "# onednn: 2.6.3", "# pytorch: not installed", HEADER]


def measured(*problems, threads=1, peak=100):
    """A file's text. A problem: name, kind, pass, FLOP per byte, seconds, {peer: times of tensord's}."""
    lines = facts(threads, peak)
    for name, kind, what, flop_per_byte, seconds, peers in problems:
        for candidate, times in {"tensord": 1, **peers}.items():
            share = 1e9 / (seconds * times) / (peak * 1e9)
            lines.append(f"{name},convolution,{kind},{what},NCHW,float32,{threads},1,1000000000,{flop_per_byte},4000,"
                         f"{candidate},{seconds * times},0.001,{times},{share},0,2048,")
    return "\n".join(lines) + "\n"


def pooled(*problems, threads=1):
    """A file's text. A problem: name, operation, pass, batch, bytes, share of the triad, {peer: times of tensord's}."""
    lines = facts(threads, 100)
    for name, operation, what, batch, size, share, peers in problems:
        for candidate, times in {"tensord": 1, **peers}.items():
            seconds = size / (share * TRIAD) * times
            lines.append(f"{name},{operation},3x3 s2,{what},NCHW,float32,{threads},{batch},0,0.0,{size},{candidate},"
                         f"{seconds},{seconds / 50},{times},0,{share / times},0,")
    return "\n".join(lines) + "\n"


class Report(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def run_of(self, text, name="results.csv"):
        path = self.folder / name
        path.write_text(text)
        return figures.read(path)

    def verdicts(self, *texts):
        runs = [self.run_of(text, f"{i}.csv") for i, text in enumerate(texts)]
        return {target.text: target for target in kernels.all_targets(runs)}

    def test_a_row_has_its_figures(self):
        run = self.run_of(measured(("a", "3x3 s1", "forward", 60, 0.02, {"onednn": 1.5, "onednn-own-layout": 0.9})))
        self.assertEqual("Some Processor", run.facts["processor"])
        (row,) = run.rows
        self.assertAlmostEqual(50, row.gflops)
        self.assertAlmostEqual(0.5, row.peak_share)
        self.assertEqual(2048, row.bytes_beyond_tensors)
        self.assertEqual({"onednn": 1.5, "onednn-own-layout": 0.9}, row.times)

    def test_the_better_peer_is_the_faster_one_from_plain_tensors(self):
        peers = {"onednn": 1.5, "pytorch": 1.2, "onednn-own-layout": 0.7}
        (row,) = self.run_of(measured(("a", "3x3 s1", "forward", 60, 0.02, peers))).rows
        self.assertEqual(1.2, row.better_peer)

    def test_targets_are_means_and_worst_shapes(self):
        found = self.verdicts(measured(("a", "3x3 s1", "forward", 60, 0.02, {"onednn": 1.0}),
                                       ("b", "1x1 s1", "forward", 20, 0.01, {"onednn": 4.0}),
                                       ("c", "homework layer", "forward", 20, 0.01, {"onednn": 0.1})))
        mean = found["forward, times of the better peer, geometric mean"]
        self.assertAlmostEqual(2, mean.figure)
        self.assertEqual("reached", mean.verdict)
        self.assertEqual(1.0, found["forward, the same, worst shape"].figure)
        self.assertEqual("MISSED", found["homework and LeNet layers, all passes, times of the better peer, worst"].verdict)
        self.assertAlmostEqual(
            0.5, found["share of the FMA peak, compute-bound shapes, all passes, geometric mean"].figure)

    def test_a_layer_that_was_measured_twice_counts_once(self):
        first = measured(("a", "3x3 s1", "forward", 60, 0.02, {"onednn": 1.0}))
        second = measured(("a", "3x3 s1", "forward", 60, 0.02, {"onednn": 9.0}),
                          ("b", "3x3 s1", "forward", 60, 0.02, {"onednn": 4.0}))
        found = self.verdicts(first, second)
        self.assertAlmostEqual(2, found["forward, times of the better peer, geometric mean"].figure)

    def test_what_was_not_measured_is_not_reached(self):
        found = self.verdicts(measured(("a", "3x3 s1", "forward", 60, 0.02, {})))
        mean = found["backward-data, times of the better peer, geometric mean"]
        self.assertEqual((None, "not measured"), (mean.figure, mean.verdict))

    def test_two_threads_are_compared_with_the_peak(self):
        one = measured(("a", "3x3 s1", "forward", 60, 0.02, {}), peak=100)
        two = measured(("a", "3x3 s1", "forward", 60, 0.0125, {}), threads=2, peak=180)
        found = self.verdicts(one, two)
        target = found["two threads over one, compute-bound, as a share of the FMA peak's, geometric mean"]
        self.assertAlmostEqual(1.6 / 1.8, target.figure)

    def test_the_page_tells_figures_and_losses(self):
        page = self.folder / "page.md"
        page.write_text(f"Before\n\n{kernels.BEGIN}\nold\n{kernels.END}\n\nAfter\n")
        run = self.run_of(measured(("a<b", "3x3 s1", "forward", 60, 0.02, {"onednn": 0.5}),
                                   ("c", "3x3 s1", "forward", 60, 0.02, {"onednn": 1.0})))
        kernels.publish(page, [run], run.rows)
        text = page.read_text()
        self.assertTrue(text.startswith("Before\n") and text.endswith("After\n"))
        self.assertNotIn("old", text)
        self.assertIn("| forward | float32 | 1 | 1 | 2 | a<b (batch 1) 0.50 |", text)
        self.assertIn("| forward, the same, worst shape | 0.95 | 0.50 | MISSED |", text)
        xml.etree.ElementTree.parse(page.with_suffix(".svg"))

    def test_losses_name_the_worst(self):
        lost = [(f"n{i}", "3x3 s1", "forward", 60, 0.02, {"onednn": 0.1 * i}) for i in range(9, 0, -1)]
        run = self.run_of(measured(*lost, ("alone", "3x3 s1", "forward", 60, 0.02, {})))
        self.assertEqual([("forward", "float32", "1", "9", "9",
                           "n1 (batch 1) 0.10, n2 (batch 1) 0.20, n3 (batch 1) 0.30")],
                         kernels.loss_table(run.rows)[1:])

    def test_the_chart_has_a_bar_for_each_pass_and_keeps_inside(self):
        run = self.run_of(measured(("a", "3x3 s1", "forward", 60, 0.02, {"onednn": 100.0}),
                                   ("a", "3x3 s1", "backward-data", 60, 0.02, {"onednn": 0.001}),
                                   ("b", "3x3 s1", "forward", 60, 0.02, {})))
        self.check_bars(2, chart.chart(run.rows, chart.CONVOLUTIONS))

    def check_bars(self, count, picture):
        tree = xml.etree.ElementTree.fromstring(picture)
        width = float(tree.get("width"))
        bars = [bar for bar in tree.iter() if bar.tag.endswith("rect") and len(bar)]
        self.assertEqual(count, len(bars))
        for bar in bars:
            self.assertLessEqual(float(bar.get("x")) + float(bar.get("width")), width)
            self.assertGreaterEqual(float(bar.get("x")), chart.LEFT)

    def test_a_pooling_is_told_by_its_bytes(self):
        run = self.run_of(pooled(("p", "max-pooling", "forward", 4, 8_000_000, 0.5,
                                  {"onednn": 0.5, "onednn-own-layout": 0.25})))
        cells = dict(zip(kernels.poolings.COLUMNS, kernels.poolings.cells(run.rows[0])))
        told = {name: cells[name] for name in ("operation", "pass", "batch", "MB", "ms", "+-", "GB/s", "of triad",
                                               "oneDNN", "PyTorch", "oneDNN's own layout")}
        self.assertEqual({"operation": "max-pooling", "pass": "forward", "batch": "4", "MB": "8.000", "ms": "0.800",
                          "+-": "2 %", "GB/s": "10.00", "of triad": "50 %", "oneDNN": "0.50", "PyTorch": "-",
                          "oneDNN's own layout": "0.25"}, told)

    def test_poolings_have_targets_of_their_own(self):
        large, small = 2 * SECOND_LEVEL, SECOND_LEVEL
        one = pooled(("p", "max-pooling", "forward", 4, large, 0.9, {"onednn": 1.1}),
                     ("q", "max-pooling", "forward", 1, small, 0.1, {"onednn": 0.96}),
                     ("p", "average-pooling", "forward", 4, large, 0.8, {"onednn": 0.94}))
        two = pooled(("p", "max-pooling", "forward", 4, large, 0.1, {}), threads=2)  # two threads have two caches
        found = self.verdicts(one, two)
        share = "{}, forward, larger than L2, share of the triad's bandwidth, geometric mean"
        worst = "{}, forward, times of the better peer, worst shape (1.00, less 0.05 for noise)"
        self.assertEqual(["reached", "MISSED"],
                         [found[share.format(f"{kind}-pooling")].verdict for kind in ("max", "average")])
        self.assertAlmostEqual(0.9, found[share.format("max-pooling")].figure)
        self.assertEqual(["reached", "MISSED"],
                         [found[worst.format(f"{kind}-pooling")].verdict for kind in ("max", "average")])
        self.assertNotIn("forward, the same, worst shape", found)

    def test_poolings_do_not_count_among_convolutions(self):
        name = "forward, times of the better peer, geometric mean"
        convolved = measured(("a", "3x3 s1", "forward", 60, 0.02, {"onednn": 2.0}))
        both = self.verdicts(convolved, pooled(("p", "max-pooling", "forward", 1, 4096, 0.5, {"onednn": 0.01})))
        self.assertAlmostEqual(2, both[name].figure)

    def test_the_page_has_both_tables_and_charts(self):
        page = self.folder / "page.md"
        page.write_text(f"{kernels.BEGIN}\n{kernels.END}\n")
        runs = [self.run_of(measured(("a", "3x3 s1", "forward", 60, 0.02, {"onednn": 1.0})), "a.csv"),
                self.run_of(pooled(("p", "max-pooling", "forward", 1, 4096, 0.5, {"onednn": 1.0}),
                                   ("p", "max-pooling", "forward", 8, 32768, 0.5, {"onednn": 0.001}),
                                   ("p", "average-pooling", "backward-data", 8, 32768, 0.5, {"onednn": 9})), "b.csv")]
        kernels.publish(page, runs, [row for run in runs for row in run.rows])
        text = page.read_text()
        for header in (kernels.COLUMNS, kernels.poolings.COLUMNS):
            self.assertIn("| " + " | ".join(header) + " |", text)
        self.assertIn("| max-pooling, forward | float32 | 1 | 1 | 2 | p (batch 8) 0.00 |", text)
        self.assertIn("| average-pooling, backward-data | float32 | 1 | 0 | 1 | - |", text)
        self.assertIn("](page.svg)", text)
        self.assertIn("](page-pooling.svg)", text)
        self.check_bars(2, (self.folder / "page-pooling.svg").read_text())

    def test_a_file_that_is_none_is_told(self):
        program = [sys.executable, "-B", str(ROOT / "bench" / "report" / "kernels.py")]
        for text, name in (("nonsense,1\n2,3\n", "bad.csv"), (None, "missing.csv")):
            if text is not None:
                (self.folder / name).write_text(text)
            told = subprocess.run([*program, str(self.folder / name)], capture_output=True, text=True, check=False)
            self.assertEqual(1, told.returncode)
            self.assertIn("kernels.py: ", told.stderr)


if __name__ == "__main__":
    unittest.main()
