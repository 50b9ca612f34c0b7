"""Checks that soak.py and watch.py tell a leak from none. `scripts/soak-test --self-check` runs it too."""

import os
import random
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import soak  # noqa: E402  (beside this file)
import watch  # noqa: E402

HALF_AN_HOUR = 1800


def synthetic(duration, mib_an_hour, warm_up_mib=20, noise_mib=0.3):
    """A run's rows: memory that fills up in the first minutes, noise, and a leak."""
    noise = random.Random(1)
    rows = []
    for seconds in range(0, duration, 5):
        warm = warm_up_mib * min(1, seconds / (soak.settle_seconds(duration) * 0.8))
        mib = 60 + warm + mib_an_hour * seconds / 3600 + noise.uniform(-noise_mib, noise_mib)
        rows.append({"seconds": seconds, "rss_kib": mib * 1024})
    return rows


class GrowthTest(unittest.TestCase):
    def verdict(self, duration, mib_an_hour):
        return soak.grows(soak.growth(synthetic(duration, mib_an_hour), duration), 1.0)

    def test_no_leak_is_none(self):
        self.assertFalse(self.verdict(HALF_AN_HOUR, 0))
        self.assertFalse(self.verdict(90, 0))

    def test_a_kibibyte_a_call_is_a_leak(self):
        self.assertTrue(self.verdict(HALF_AN_HOUR, 1000 * 3600 / 1024))
        self.assertTrue(self.verdict(90, 1000 * 3600 / 1024))

    def test_a_small_leak_is_one(self):
        self.assertTrue(self.verdict(HALF_AN_HOUR, 4))

    def test_the_slope_is_the_leak(self):
        rise, error = soak.growth(synthetic(HALF_AN_HOUR, 12), HALF_AN_HOUR)
        self.assertAlmostEqual(rise, 12, delta=0.5)
        self.assertLess(error, 0.5)

    def test_what_settles_is_left_out(self):
        self.assertFalse(soak.grows(soak.growth(synthetic(HALF_AN_HOUR, 0, warm_up_mib=200), HALF_AN_HOUR), 1.0))

    def test_too_few_rows_say_nothing(self):
        self.assertIsNone(soak.growth(synthetic(10, 0), 10))
        self.assertFalse(soak.grows(None, 1.0))


class SummaryTest(unittest.TestCase):
    class Group:
        def __init__(self, kills):
            self.kills = lambda: kills
            self.peak_bytes = self.limit_bytes = lambda: 1 << 20

    def summary(self, rows_change=None, kills=0, unexpected=0, growth=0.0, minutes=30.0, files_after=10, **phase):
        rows = synthetic(int(minutes * 60), growth)
        for row in rows:
            row.update(threads=20, files=10, series=100, cpu_seconds=row["seconds"] / 2)
        rows[-1].update(rows_change or {})
        accepted = {"p50_ms": 1, "p99_ms": 5, "p999_ms": 9, "max_ms": 9, **phase.pop("accepted", {})}
        result = {"unexpected": unexpected, "generator_cpu_us_per_call": 1, "generator_cpu_seconds": 1,
                  "phases": [{"hostile": {"count": 1}, "due": 9, "seconds": 9, "skipped": 0, "compared_answers": 1,
                              "differing_answers": 0, "codes": [], "accepted": accepted, **phase}]}
        daemon = type("Daemon", (), {"status_kib": lambda self, name: 1000})()
        shares = watch.Shares(watch.Process(os.getpid()))
        watcher = type("Watcher", (), {"rows": rows, "group": self.Group(kills), "daemon": daemon, "shares": shares})()
        options = type("Options", (), {"minutes": minutes, "growth": 1.0, "direct": True})()
        return soak.Summary(options, watcher, {**rows[-1], "files": files_after}, result)

    def test_all_is_well(self):
        summary = self.summary()
        self.assertEqual((summary.wrong, summary.missed), ([], []))

    def test_what_is_wrong_whatever_the_machine(self):
        self.assertEqual(self.summary(unexpected=2).wrong, ["2 unexpected answers"])
        self.assertEqual(len(self.summary(kills=1).wrong), 1)

    def test_each_goal_can_be_missed(self):
        for arguments in ({"rows_change": {"threads": 24}}, {"rows_change": {"series": 101}}, {"growth": 5.0},
                          {"files_after": 14}, {"accepted": {"p50_ms": 3}}, {"accepted": {"p99_ms": 16}},
                          {"accepted": {"p999_ms": 51}}, {"skipped": 1}):
            with self.subTest(arguments):
                self.assertEqual(len(self.summary(**arguments).missed), 1)

    def test_a_short_run_says_little(self):
        self.assertEqual(self.summary(minutes=1.5, growth=300.0).missed, [])
        self.assertEqual(len(self.summary(minutes=1.5, growth=3600.0).missed), 1)


class ChartTest(unittest.TestCase):
    def test_is_xml_with_a_point_for_each_row(self):
        rows = synthetic(90, 0)
        root = xml.etree.ElementTree.fromstring(soak.chart(rows, 512 << 20))
        line = root.find("{http://www.w3.org/2000/svg}polyline")
        self.assertEqual(len(line.get("points").split()), len(rows))


class WatchTest(unittest.TestCase):
    def test_slope_of_a_line(self):
        rise, error = watch.slope([(x, 3 * x + 7) for x in range(10)])
        self.assertAlmostEqual(rise, 3)
        self.assertAlmostEqual(error, 0, places=6)
        self.assertIsNone(watch.slope([(1, 1), (1, 2), (1, 3)]))

    def test_metrics(self):
        text = '# HELP a b\n# TYPE a counter\na{code="OK",method="x y"} 3\ntensord_queue_length 2\nb 1e+06\n'
        self.assertEqual(watch.parse_metrics(text),
                         {'a{code="OK",method="x y"}': 3, "tensord_queue_length": 2, "b": 1e6})

    def test_this_process(self):
        process = watch.Process(os.getpid())
        self.assertTrue(process.alive())
        self.assertGreater(process.status_kib("VmRSS"), 1000)
        self.assertGreaterEqual(process.threads(), 1)
        self.assertGreaterEqual(process.files(), 3)
        self.assertGreaterEqual(process.cpu_seconds(), 0)

    def test_a_busy_process_is_seen(self):
        process = watch.Process(os.getpid())
        shares = watch.Shares(process)
        start = process.cpu_seconds()
        while process.cpu_seconds() - start < 0.05:
            pass
        seen = shares.since(0.01)
        self.assertGreater(seen["daemon"], 0)
        self.assertGreater(seen["generator"], 0)
        self.assertGreaterEqual(seen["everything else"], 0)

    def test_memory_groups_of_both_versions(self):
        for names in (("memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.oom_control"),
                      ("memory.current", "memory.peak", "memory.events")):
            with tempfile.TemporaryDirectory() as folder:
                for name, text in zip(names, ("100\n", "200\n", "under_oom 0\noom_kill 3\n")):
                    (Path(folder) / name).write_text(text)
                group = watch.MemoryGroup(folder)
                self.assertEqual((group.used_bytes(), group.peak_bytes(), group.kills()), (100, 200, 3))
        self.assertEqual(watch.MemoryGroup("").peak_bytes(), None)


if __name__ == "__main__":
    unittest.main()
