"""Puts a real daemon under the load generator: good and hostile calls get what mix.cc and hostile_requests.cc say.

end_to_end_test.py TENSORD TENSORD_LOAD
"""

import json
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

PROGRAMS = sys.argv[1:3]


class EndToEndTest(unittest.TestCase):
    def run_load(self, flags, *arguments):
        """The generator's exit code and result against a daemon with these flags."""
        tensord, tensord_load = PROGRAMS
        with tempfile.TemporaryDirectory() as folder:
            target = f"unix:{folder}/s"
            command = [tensord, "--listen", target, "--metrics-listen", "off", "--log-level", "info", *flags]
            with open(Path(folder) / "log", "w+", encoding="utf-8") as log:
                with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log) as daemon:
                    while daemon.poll() is None and '"event":"ready"' not in (Path(folder) / "log").read_text():
                        time.sleep(0.01)
                    try:
                        done = subprocess.run([tensord_load, "--target", target, "--json", "-", "--progress", "0",
                                               "--deadline", "60", *arguments], stdout=subprocess.PIPE, check=False)
                    finally:
                        daemon.terminate()
                    self.assertEqual(daemon.wait(), 0, (Path(folder) / "log").read_text()[-2000:])
        return done.returncode, json.loads(done.stdout)

    def test_every_call_gets_its_own_answer(self):
        # One call at a time, so that nothing is refused for want of a worker.
        code, result = self.run_load([], "--concurrency", "1", "--seconds", "2", "--hostile", "60")
        phase = result["phases"][0]
        self.assertEqual([row for row in phase["codes"] if not row["own"]], [])
        self.assertEqual((code, result["unexpected"]), (0, 0), phase["examples"])
        self.assertGreater(phase["accepted"]["count"], 0)
        self.assertGreater(phase["hostile"]["count"], 0)

    def test_the_heavy_mix_at_a_rate(self):
        code, result = self.run_load([], "--mix", "heavy", "--rate", "5", "--arrivals", "fixed", "--seconds", "1",
                                     "--accept-refusals")
        self.assertEqual((code, result["phases"][0]["due"]), (0, 5))

    def test_a_permanent_refusal_of_a_good_call_is_unexpected(self):
        code, result = self.run_load(["--max-tensor-bytes", "1KiB"], "--mix", "convolve", "--concurrency", "1",
                                     "--seconds", "0.5", "--accept-refusals", "--accept-deadline")
        self.assertEqual(code, 1)
        answers = [row["answer"] for row in result["phases"][0]["codes"]]
        self.assertEqual(answers, ["RESOURCE_EXHAUSTED TENSOR_TOO_LARGE"])
        self.assertEqual(result["unexpected"], result["phases"][0]["sent"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
