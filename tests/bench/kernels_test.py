"""kernels_bench on the smallest of layers: what it computes and writes, and how it refuses. No time is looked at.

    kernels_test.py KERNELS_BENCH
"""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench" / "report"))

import figures  # noqa: E402
import kernels  # noqa: E402

CONVOLUTIONS = """name,cls,g,ic,ih,iw,oc,oh,ow,kh,kw,sh,sw,ph,pw,mb_suggest
tiny,3x3 s1,1,2,5,6,3,5,6,3,3,1,1,1,1,2
"""
POOLINGS = """name,mb_src,c,ih,iw,oh,ow,kh,kw,sh,sw,ph,pw
tiny,2,3,7,7,3,3,3,3,2,2,0,0
tiny-global,4,3,5,5,1,1,5,5,1,1,0,0
"""


class KernelsBench(unittest.TestCase):
    program = ""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.csv = self.folder / "figures.csv"

    def call(self, shapes, *arguments):
        paths = []
        for i, text in enumerate(shapes):
            paths.append(self.folder / f"{i}.csv")
            paths[-1].write_text(text)
        command = [self.program, "--shapes", *paths, "--csv", self.csv, "--rounds", "1", "--seconds", "1e-6", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def run_of(self, *arguments):
        told = self.call((CONVOLUTIONS, POOLINGS), *arguments)
        self.assertEqual((0, ""), (told.returncode, told.stderr))
        return figures.read(self.csv)

    def test_each_layer_has_every_pass_of_its_operation(self):
        rows = self.run_of("--threads", "2").rows
        convolution = [("tiny", "convolution", what) for what in figures.PASSES]
        poolings = [(name, *series) for name in ("tiny", "tiny-global") for series in kernels.poolings.SERIES]
        self.assertEqual(sorted(convolution + poolings), sorted((row.name, row.operation, row.what) for row in rows))

    def test_bytes_are_those_of_the_tensors(self):
        of = {(row.operation, row.what): row.bytes
              for row in self.run_of("--batch", "suggested").rows if row.name == "tiny"}
        x, y = 4 * 2 * 3 * 49, 4 * 2 * 3 * 9
        self.assertEqual(x + y, of["max-pooling", "forward"])
        self.assertEqual(x + y + 2 * y, of["max-pooling", "forward-indices"])
        self.assertEqual(2 * x + y, of["max-pooling", "backward-data"])
        self.assertEqual(x + y, of["average-pooling", "backward-data"])
        self.assertEqual(4 * (2 * 2 * 30 + 2 * 3 * 30 + 3 * 2 * 9), of["convolution", "forward"])

    def test_eigen_is_a_peer_in_float64(self):
        rows = self.run_of("--type", "float64", "--pass", "forward").rows
        self.assertEqual({"convolution"}, {row.operation for row in rows if "eigen" in row.times})

    def test_the_report_reads_it(self):
        run = self.run_of("--one-of-each-kind")
        self.assertEqual(2, len(kernels.tables(run.rows)))
        self.assertIn("PyTorch not installed", kernels.facts_of([run])[0])
        for row in run.rows:
            self.assertGreater(row.triad_share, 0)
            self.assertEqual(row.is_pooling, row.peak_share == 0)

    def test_what_is_wrong_is_told(self):
        for shapes, arguments, code, words in (
                ((POOLINGS,), ("--only", "nothing of that name"), 1, "no problem has such a name"),
                ((POOLINGS.replace("kh,", "k,"),), (), 1, "line 2: no column kh"),
                ((POOLINGS.replace("tiny,2,3,7", "tiny,2,three,7"),), (), 1, 'line 2: c is no number: "three"'),
                ((POOLINGS.replace(",3,3,3,3,2,2", ",2,2,3,3,2,2"),), (), 1, "tiny: the output is"),
                ((POOLINGS,), ("--threads", "0"), 2, "--threads")):
            told = self.call(shapes, *arguments)
            self.assertEqual(code, told.returncode, told.stderr)
            self.assertIn(words, told.stderr + told.stdout)


if __name__ == "__main__":
    KernelsBench.program = sys.argv.pop(1)
    unittest.main()
