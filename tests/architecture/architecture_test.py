"""Checks this tree against the rules of architecture.py, and the rules against trees with planted violations."""

import sys
import tempfile
import unittest
from pathlib import Path

import architecture

ROOT = Path(__file__).resolve().parents[2]


class ThisTree(unittest.TestCase):
    def test_obeys_every_rule(self):
        for rule in architecture.RULES:
            with self.subTest(rule.__name__):
                self.assertEqual([], rule(ROOT))

    def test_is_really_read(self):
        sources = architecture.files_under(ROOT, architecture.SOURCE_FOLDERS, architecture.CPP_SUFFIXES)
        self.assertIn(Path("compute/include/tensord/compute/shape.h"), sources)
        includes = list(architecture.includes_of(ROOT, Path("compute/include/tensord/compute/tensor.h")))
        self.assertIn("tensord/compute/shape.h", includes)


class PlantedViolations(unittest.TestCase):
    def check(self, rule, files, expected):
        """`expected` has one text per complaint, each a part of it, in order; none for a tree that is right."""
        with tempfile.TemporaryDirectory() as directory:
            for name, text in files.items():
                path = Path(directory) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            complaints = rule(Path(directory))
        self.assertEqual(len(expected), len(complaints), complaints)
        for part, complaint in zip(expected, complaints):
            self.assertIn(part, complaint)

    def check_include(self, path, include, allowed):
        with self.subTest(path=path, include=include):
            bracket = f"#include <{include}>" if "/" not in include else f'#include "{include}"'
            expected = [] if allowed else [f"{path}: must not include {include}"]
            self.check(architecture.dependency_direction, {path: bracket + "\n"}, expected)

    def test_direction_of_dependencies(self):
        for path, include, allowed in (
            ("compute/src/a.cc", "vector", True),
            ("compute/src/a.cc", "absl/status/status.h", True),
            ("compute/src/a.cc", "Eigen/Core", False),
            ("compute/src/a.cc", "tensord/compute/shape.h", True),
            ("compute/src/a.cc", "google/protobuf/message.h", False),
            ("compute/src/a.cc", "grpcpp/grpcpp.h", False),
            ("compute/src/a.cc", "tensord/v1/tensor.pb.h", False),
            ("compute/src/a.cc", "tensord/analysis/layer.h", False),
            ("compute/src/a.cc", "server/config.h", False),
            ("compute/src/a.cc", "prometheus/counter.h", False),
            ("compute/src/a.cc", "spdlog/spdlog.h", False),
            ("compute/src/a.cc", "tests/reference/convolution.h", False),
            ("compute/include/tensord/compute/a.h", "unistd.h", False),
            ("analysis/src/a.cc", "tensord/compute/shape.h", True),
            ("analysis/src/a.cc", "tensord/v1/analysis.pb.h", False),
            ("analysis/src/a.cc", "server/config.h", False),
            ("analysis/src/a.cc", "nlohmann/json.hpp", False),
            ("analysis/src/a.cc", "onnx/onnx.pb.h", False),
            ("analysis/include/tensord/analysis/a.h", "onnx/onnx.pb.h", False),
            ("analysis/src/onnx/a.cc", "onnx/onnx.pb.h", True),
            ("analysis/src/onnx/a.cc", "tensord/v1/analysis.pb.h", False),
            ("grading/src/a.cc", "tensord/analysis/layer.h", True),
            ("grading/src/a.cc", "grading/src/b.h", True),
            ("grading/src/a.cc", "analysis/src/b.h", False),
            ("grading/src/a.cc", "tensord/v1/grading.pb.h", True),
            ("grading/src/a.cc", "grpcpp/grpcpp.h", False),
            ("grading/src/formula/a.cc", "tensord/v1/grading.pb.h", False),
            ("grading/src/a.cc", "nlohmann/json.hpp", False),
            ("grading/src/formats/a.cc", "nlohmann/json.hpp", True),
            ("grading/src/a.cc", "gmp.h", False),
            ("grading/src/reader/rational.h", "gmp.h", True),
            ("analysis/src/a.cc", "tensord/grading/shape_formula.h", False),
            ("grading/src/a.cc", "tensord/analysis/expression.h", True),
            ("grading/src/a.cc", "grading/src/formula/tree.h", True),
            ("grading/src/a.cc", "analysis/src/derivation.h", False),
            ("grading/src/a.cc", "server/config.h", False),
            ("analysis/src/a.cc", "tensord/grading/formula.h", False),
            ("grading/src/formats/a.cc", "tensord/compute/shape.h", False),
            ("analysis/src/a.cc", "tensord/grading/formats.h", False),
            ("server/server.cc", "grpcpp/grpcpp.h", True),
            ("server/server.cc", "prometheus/counter.h", False),
            ("server/server.cc", "onnx/onnx.pb.h", False),
            ("server/server.cc", "client/cli/printer.h", False),
            ("server/server.cc", "tensord/client/client.h", False),
            ("server/metrics/prometheus_metrics.cc", "prometheus/counter.h", True),
            ("server/metrics/prometheus_metrics.cc", "tensord/compute/shape.h", False),
            ("client/cpp/src/client.cc", "tensord/v1/tensor.pb.h", True),
            ("client/cpp/src/client.cc", "tensord/compute/shape.h", False),
            ("client/cpp/src/client.cc", "server/local_server.h", False),
            ("client/cpp/src/client.cc", "gmock/gmock.h", False),
            ("client/cpp/mocks/mock_client.h", "gmock/gmock.h", True),
            ("client/load/mix.cc", "tensord/client/options.h", True),
            ("client/load/mix.cc", "client/cpp/src/target.h", True),
            ("client/load/mix.cc", "server/local_server.h", False),
            ("client/load/mix.cc", "client/cli/printer.h", False),
            ("client/load/mix.cc", "tests/load/options.h", False),
            ("client/cli/document/document.cc", "yaml-cpp/yaml.h", True),
            ("client/cli/document/document.cc", "tensord/v1/tensor.pb.h", False),
            ("client/cli/model_file/read.cc", "yaml-cpp/yaml.h", False),
            ("client/cli/message_file/read.cc", "yaml-cpp/yaml.h", False),
            ("client/cli/message_file/read.cc", "google/protobuf/message.h", True),
            ("client/cli/message_file/read.cc", "grpcpp/grpcpp.h", False),
            ("client/cli/main.cc", "yaml-cpp/yaml.h", False),
            ("client/cli/main.cc", "client/load/mix.h", True),
            ("client/cpp/src/client.cc", "client/load/mix.h", False),
            ("client/cli/main.cc", "tensord/client/client.h", True),
            ("client/cli/main.cc", "server/local_server.h", True),
            ("client/cli/main.cc", "server/config.h", True),
            ("client/cli/main.cc", "server/services/services.h", False),
            ("client/cli/main.cc", "tensord/compute/shape.h", False),
            ("client/cli/main.cc", "tensord/analysis/layer.h", False),
            ("tests/reference/convolution.cc", "Eigen/Core", False),
            ("tests/reference/convolution.cc", "compute/src/internal/gather.h", False),
            ("tests/server/a_test.cc", "server/server.h", True),
        ):
            self.check_include(path, include, allowed)

    def test_a_header_beside_the_file_is_traced_to_its_folder(self):
        files = {"client/cli/commands/a.cc": '#include "../../../server/server.h"\n', "server/server.h": "\n"}
        self.check(architecture.dependency_direction, files, ["must not include server/server.h"])
        files = {"compute/src/a.cc": '#include "internal/b.h"\n', "compute/src/internal/b.h": "\n"}
        self.check(architecture.dependency_direction, files, [])

    def test_the_engine_has_no_clock_log_flags_environment_or_files(self):
        for line in ("#include <chrono>", "#include <iostream>", "#include <fstream>", '#include "absl/time/clock.h"',
                     '#include "absl/flags/flag.h"', 'const char* p = std::getenv("HOME");',
                     "clock_gettime(CLOCK_MONOTONIC, &t);"):
            for folder in ("compute/src", "analysis/src", "grading/src"):
                with self.subTest(line=line, folder=folder):
                    self.check(architecture.forbidden_headers_and_calls, {f"{folder}/a.cc": line + "\n"},
                               [f"{folder}/a.cc: must not"])
        self.check(architecture.forbidden_headers_and_calls, {"compute/src/a.cc": "// never getenv\n"}, [])
        self.check(architecture.forbidden_headers_and_calls, {"server/a.cc": "#include <chrono>\n"}, [])

    def test_only_convert_and_services_know_both_sides(self):
        both = '#include "tensord/compute/shape.h"\n#include "tensord/v1/tensor.pb.h"\n'
        self.check(architecture.both_sides, {"server/rpc/a.cc": both}, ["server/rpc/a.cc: knows protos and compute"])
        self.check(architecture.both_sides, {"server/convert/a.cc": both, "server/services/b.cc": both}, [])
        self.check(architecture.both_sides, {"server/rpc/a.cc": '#include "tensord/compute/shape.h"\n'}, [])

    def test_private_headers_stay_private(self):
        private = '#include "compute/src/internal/gather.h"\n'
        self.check(architecture.private_headers, {"server/a.cc": private}, ["it is private to compute"])
        self.check(architecture.private_headers, {"tests/server/a_test.cc": private}, ["it is private to compute"])
        answers = '#include "grading/src/reader/tokens.h"\n'
        self.check(architecture.private_headers, {"server/a.cc": answers}, ["it is private to grading"])
        self.check(architecture.private_headers, {"tests/grading/reader/a_test.cc": answers}, [])
        self.check(architecture.private_headers, {"tests/compute/a_test.cc": private, "compute/src/a.cc": private}, [])

    def test_production_includes_no_tests(self):
        oracle = '#include "tests/reference/convolution.h"\n'
        self.check(architecture.production_without_tests, {"examples/a.cc": oracle}, ["production must not include"])
        self.check(architecture.production_without_tests, {"server/a.h": "#include <gtest/gtest.h>\n"},
                   ["production must not include"])
        self.check(architecture.production_without_tests, {"tests/compute/a_test.cc": oracle}, [])

    def test_every_test_is_registered_and_on(self):
        rule = architecture.tests_are_registered
        top = {"tests/CMakeLists.txt": "add_subdirectory(x)"}
        lists = "tests/x/CMakeLists.txt"
        self.check(rule, {**top, "tests/x/a_test.cc": "", lists: "tensord_test(a_test LABELS unit)"}, [])
        self.check(rule, {**top, "tests/x/a_test.cc": "", lists: "# a_test"}, ["no CMakeLists.txt"])
        self.check(rule, {**top, "tests/x/a_test.cc": "", lists: "tensord_test(aa_test)"}, ["no CMakeLists.txt"])
        self.check(rule, {"tests/x/a_test.py": ""}, ["no CMakeLists.txt"])
        self.check(rule, {"tests/CMakeLists.txt": "# add_subdirectory(x)", lists: ""}, ["does not add its folder"])
        self.check(rule, {"tests/CMakeLists.txt": "", lists: "project(outside CXX)"}, [])
        self.check(rule, {"tests/support/a.cc": "TEST(A, DISABLED_B) {}\n"}, ["switches a test off"])
        self.check(rule, {"tests/support/a.cc": "#if 0\n#endif\n"}, ["switches a test off"])

    def test_files_are_short(self):
        self.check(architecture.files_are_short, {"server/a.cc": "\n" * 400}, [])
        self.check(architecture.files_are_short, {"server/a.cc": "\n" * 401}, ["401 lines"])


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
