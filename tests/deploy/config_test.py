#!/usr/bin/python3
"""The files of deploy/ by themselves: what their programs say of them, and that they agree with each other.

Needs haproxy, promtool and openssl: scripts/install-deps test deploy.
"""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import hpack
from hyperframe.frame import DataFrame, Frame, HeadersFrame, SettingsFrame

from processes import COMPOSE, ROOT, make_certificates

PROMETHEUS = ROOT / "deploy" / "prometheus"
PATH = os.environ["PATH"] + ":/usr/sbin"
HAPROXY = (COMPOSE / "haproxy.cfg").read_text(encoding="utf-8")


def run(*command, environment=None):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, cwd=ROOT,
                            env={**os.environ, "PATH": PATH, **(environment or {})})
    return result.returncode, result.stdout + result.stderr


class HaproxyTest(unittest.TestCase):
    def check(self, **variables):
        with tempfile.TemporaryDirectory() as folder:
            make_certificates(folder)
            variables = {name: value.replace("TLS/", folder + "/") for name, value in variables.items()}
            return run("haproxy", "-c", "-q", "-f", COMPOSE / "haproxy.cfg", environment={
                "EDGE_FOLDER": str(COMPOSE), "EDGE_CERTIFICATE": f"{folder}/edge.pem", **variables})

    def test_is_valid_without_a_warning(self):
        for variables in ({}, {"EDGE_DAEMON_2": "127.0.0.1:2"}, {"EDGE_DAEMON_1": "unix@/tmp/tensord.sock"},
                          {"EDGE_CLIENT_CA": "TLS/ca.pem"}):
            self.assertEqual((0, ""), self.check(**variables), variables)

    def test_a_bad_value_is_noticed(self):
        self.assertNotEqual(0, self.check(EDGE_DAEMON_TIMEOUT="soon")[0])
        self.assertNotEqual(0, self.check(EDGE_CERTIFICATE="TLS/none.pem")[0])

    def test_the_health_check_is_the_call_that_its_comments_say(self):
        pieces = re.findall(r"tcp-check send-binary ([0-9a-f]+) comment", HAPROXY)
        data = bytes.fromhex("".join(pieces))
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        self.assertTrue(data.startswith(preface))
        data = data[len(preface):]
        frames = []
        while data:
            frame, length = Frame.parse_frame_header(memoryview(data[:9]))
            frame.parse_body(memoryview(data[9:9 + length]))
            frames.append(frame)
            data = data[9 + length:]
        self.assertEqual([SettingsFrame, HeadersFrame, DataFrame], [type(frame) for frame in frames])
        self.assertEqual({"END_HEADERS"}, set(frames[1].flags))
        self.assertEqual([(":method", "POST"), (":scheme", "http"), (":path", "/grpc.health.v1.Health/Check"),
                          (":authority", "edge"), ("content-type", "application/grpc"), ("te", "trailers")],
                         hpack.Decoder().decode(frames[1].data))
        self.assertEqual((b"\0" * 5, {"END_STREAM"}), (frames[2].data, set(frames[2].flags)))
        # A message of two bytes: field 1, SERVING.
        self.assertIn("tcp-check expect binary 00000000020801\n", HAPROXY)

    def test_every_variable_is_named_where_it_has_its_default(self):
        used = set(re.findall(r"\$\{(EDGE_\w+)\}", HAPROXY))
        given = set(re.findall(r"presetenv (EDGE_\w+)", HAPROXY))
        self.assertEqual({"EDGE_CLIENT_CA", "EDGE_DAEMON_2"}, used - given)
        self.assertEqual(set(), given - used)
        documented = set(re.findall(r"EDGE_\w+", (ROOT / "docs/ops/edge.md").read_text(encoding="utf-8")))
        self.assertEqual(set(), (used | given) - documented, "docs/ops/edge.md does not have them")
        self.assertEqual(set(), documented - used - given - {"EDGE_USER"}, "docs/ops/edge.md has them, nobody else")


class PrometheusTest(unittest.TestCase):
    def test_promtool_is_content(self):
        rules = sorted(PROMETHEUS.glob("rules/*.yml"))
        self.assertTrue(rules)
        for command in (["check", "config", PROMETHEUS / "prometheus.yml"], ["check", "rules", *rules],
                        ["test", "rules", *sorted(PROMETHEUS.glob("rules_test/*.yml"))]):
            code, output = run("promtool", *command)
            self.assertEqual(0, code, output)

    def test_every_alert_has_examples_and_advice(self):
        advice = (ROOT / "docs/ops/alerts.md").read_text(encoding="utf-8")
        for rules in PROMETHEUS.glob("rules/*.yml"):
            examples = (PROMETHEUS / "rules_test" / f"{rules.stem}_test.yml").read_text(encoding="utf-8")
            alerts = re.findall(r"- alert: (\w+)", rules.read_text(encoding="utf-8"))
            self.assertTrue(alerts)
            for alert in alerts:
                # At least one example in which it fires.
                self.assertRegex(examples, rf"alertname: {alert}\n +exp_alerts:\n +- exp_labels")
                self.assertIn(f"| {alert} |", advice)

    def test_metrics_in_rules_exist(self):
        known = set(re.findall(r"\b(?:tensord|process)_\w+", (ROOT / "docs/metrics.md").read_text(encoding="utf-8")))
        text = (PROMETHEUS / "rules/tensord.yml").read_text(encoding="utf-8")
        for name in set(re.findall(r"\b(?:tensord|process)_\w+", text)):
            self.assertIn(re.sub(r"_(bucket|sum|count)$", "", name), known)


class ImageTest(unittest.TestCase):
    def test_versions_agree(self):
        version = re.search(r"^project\(tensord VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text(), re.M).group(1)
        self.assertEqual({version}, set(re.findall(r"ARG VERSION=(.*)", (ROOT / "Dockerfile").read_text())))
        compose = (COMPOSE / "compose.yaml").read_text(encoding="utf-8")
        self.assertEqual({version}, set(re.findall(r"image: [\w-]+:(.*)", compose)))

    def test_what_compose_mounts_and_builds_is_there(self):
        compose = (COMPOSE / "compose.yaml").read_text(encoding="utf-8")
        mounted = [path for path in re.findall(r"- (\.{1,2}/[^:]+):", compose) if "/tls/" not in path]
        mounted += re.findall(r"dockerfile: (.*)", compose)
        self.assertGreaterEqual(len(mounted), 5)
        for path in mounted:
            self.assertTrue((COMPOSE / path).exists(), path)

    def test_the_build_gets_what_it_needs_and_no_more(self):
        given = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
        for path in given:
            self.assertTrue((ROOT / path).exists(), path)
        folders = re.findall(r"add_subdirectory\((\w+)\)", (ROOT / "CMakeLists.txt").read_text())
        # Switched off in the image.
        self.assertEqual(set(), set(folders) - given - {"bench", "tests"})


if __name__ == "__main__":
    unittest.main(verbosity=2)
