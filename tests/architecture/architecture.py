"""The rules of the source tree that no compiler checks, as functions from a root folder to a list of complaints.

Debian puts every header into /usr/include, so a wrong include compiles. These rules read the #include lines.
"""

import os
import re
from pathlib import Path

SOURCE_FOLDERS = ("analysis", "bench", "client", "compute", "examples", "grading", "server", "tests")
CPP_SUFFIXES = (".cc", ".h", ".inc")
LINE_LIMIT = 400

# Where an include leads, by its beginning; the first that fits counts. What fits nothing is "std" where it has neither
# a slash nor an extension, else "system".
ORIGINS = (
    ("tensord/v1/", "protos"),
    ("google/rpc/", "protos"),
    ("grpc/health/", "protos"),
    ("tensord/compute/", "compute"),
    ("tensord/analysis/", "analysis"),
    ("tensord/grading/", "grading"),
    ("tensord/client/", "client/cpp"),
    ("compute/", "compute/private"),
    ("analysis/", "analysis/private"),
    ("grading/", "grading/private"),
    ("server/", "server"),
    ("client/cpp/", "client/cpp"),
    ("client/cli/", "client/cli"),
    ("client/load/", "client/load"),
    ("tests/reference/", "tests/reference"),
    ("tests/", "tests"),
    ("google/protobuf/", "protobuf"),
    ("onnx/", "onnx"),
    ("grpcpp/", "grpc"),
    ("grpc/", "grpc"),
    ("absl/", "absl"),
    ("Eigen/", "eigen"),
    ("unsupported/Eigen/", "eigen"),
    ("prometheus/", "prometheus"),
    ("CLI/", "cli11"),
    ("yaml-cpp/", "yaml"),
    ("nlohmann/", "json"),
    ("spdlog/", "spdlog"),
    ("fmt/", "spdlog"),
    ("xmmintrin.h", "intrinsics"),
    ("immintrin.h", "intrinsics"),
    ("png.h", "png"),
    ("zip.h", "zip"),
    ("gmp.h", "gmp"),
    ("mpfr.h", "mpfr"),
    ("gtest/", "gtest"),
    ("gmock/", "gtest"),
)

# What a folder may include; the longest folder that fits a file counts. tests/ may include everything but the private
# headers of other components, see private_headers().
ALLOWED = {
    "compute": {"std", "absl", "intrinsics", "compute", "compute/private"},
    "analysis": {"std", "absl", "compute", "analysis", "analysis/private"},
    # The only place that knows a format of files: ONNX's messages, and protobuf for their sake.
    "analysis/src/onnx": {"std", "absl", "compute", "analysis", "analysis/private", "onnx", "protobuf"},
    "grading": {"std", "absl", "compute", "analysis", "grading", "grading/private"},
    "server": {"std", "system", "absl", "compute", "analysis", "protos", "protobuf", "grpc", "server", "cli11", "yaml",
               "json", "spdlog"},
    # The only place that knows Prometheus; it knows nothing of what is computed.
    "server/metrics": {"std", "system", "absl", "grpc", "server", "prometheus"},
    "client/cpp": {"std", "absl", "protos", "protobuf", "grpc", "eigen", "client/cpp"},
    "client/cpp/mocks": {"std", "absl", "protos", "protobuf", "grpc", "client/cpp", "gtest"},
    # Makes load: of tensorctl bench and of tests/load.
    "client/load": {"std", "system", "absl", "protos", "protobuf", "grpc", "client/cpp", "client/load"},
    "client/cli": {"std", "system", "absl", "protos", "protobuf", "grpc", "client/cpp", "client/load", "client/cli", "cli11",
                   "json", "png", "zip"},
    # The only place of the client that reads YAML.
    "client/cli/model_file": {"std", "absl", "protos", "protobuf", "client/cli", "yaml"},
    # The oracle shares the engine's types, and none of its code.
    "tests/reference": {"std", "absl", "compute", "tests/reference", "tests", "gtest", "gmp", "mpfr"},
}

# Single headers that a folder may include besides.
EXCEPTIONS = {
    # The one place that asks the system for memory.
    "compute/src/buffer_pool.cc": {"sys/mman.h", "unistd.h"},
    # The one place that computes with GMP.
    "grading/src/reader/rational.h": {"gmp.h"},
    # Returning early from an error is no knowledge of what is computed.
    "server/metrics": {"tensord/compute/status_macros.h"},
    # tensorctl without --server runs the services in its own process; the bits of a number are no knowledge of what is
    # computed with it. Bytes are products of exact counts.
    "client/cli": {"server/local_server.h", "server/config.h", "tensord/compute/float16.h", "tensord/analysis/onnx.h",
                   "tensord/analysis/count.h"},
}

# Headers that a folder must not include though their origin is allowed: the engine has no clock, no log, no flags, no
# files. The values that it needs are passed in.
FORBIDDEN_HEADERS = {
    "compute": re.compile(r"absl/(flags|log|time)/|(chrono|ctime|time\.h|iostream|fstream|cstdio|stdio\.h|filesystem)$"),
    "analysis": re.compile(r"absl/(flags|log|time)/|(chrono|ctime|time\.h|iostream|fstream|cstdio|stdio\.h|filesystem)$"),
    "grading": re.compile(r"absl/(flags|log|time)/|(chrono|ctime|time\.h|iostream|fstream|cstdio|stdio\.h|filesystem)$"),
}
FORBIDDEN_CALLS = {
    "compute": re.compile(r"\b(getenv|clock_gettime|gettimeofday|std::time|time\(nullptr\))"),
    "analysis": re.compile(r"\b(getenv|clock_gettime|gettimeofday|std::time|time\(nullptr\))"),
    "grading": re.compile(r"\b(getenv|clock_gettime|gettimeofday|std::time|time\(nullptr\))"),
}

# The files of the server that may know the messages and the engine's types at once.
BOTH_SIDES = (
    "server/convert/",  # turns one into the other: that is its purpose
    "server/services/",  # one function per rpc: decode by convert, check, call the engine, encode by convert
)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
SWITCHED_OFF = re.compile(r"\bDISABLED_\w|\bGTEST_SKIP\b|^\s*#\s*if\s+0\b", re.MULTILINE)


def files_under(root, folders, suffixes):
    """The files below root/folder for each folder, as paths relative to root."""
    found = []
    for folder in folders:
        for directory, subdirectories, names in os.walk(root / folder):
            subdirectories[:] = [s for s in subdirectories if s not in ("build", "__pycache__")]
            found += [(Path(directory) / name).relative_to(root) for name in names if name.endswith(suffixes)]
    return sorted(found)


def includes_of(root, path):
    """What a file includes; a quoted name that lies beside the file is given from the root."""
    for kind, name in INCLUDE.findall((root / path).read_text(encoding="utf-8")):
        beside = path.parent / name
        if kind == '"' and (root / beside).is_file():
            name = re.sub(r"^.*/include/(?=tensord/)", "", os.path.normpath(beside))
        yield name


def origin_of(include):
    for beginning, origin in ORIGINS:
        if include.startswith(beginning):
            return origin
    return "std" if "/" not in include and "." not in include else "system"


def entry_for(table, path):
    """The table's entry for the longest folder that holds the path, or None."""
    text = path.as_posix() + "/"
    folders = [folder for folder in table if text.startswith(folder + "/")]
    return table[max(folders, key=len)] if folders else None


def dependency_direction(root):
    """Includes only what ALLOWED and EXCEPTIONS let a folder include."""
    complaints = []
    for path in files_under(root, SOURCE_FOLDERS, CPP_SUFFIXES):
        allowed = entry_for(ALLOWED, path)
        if allowed is None:
            continue
        exceptions = entry_for(EXCEPTIONS, path) or set()
        for include in includes_of(root, path):
            if origin_of(include) not in allowed and include not in exceptions:
                complaints.append(f"{path}: must not include {include} ({origin_of(include)})")
    return complaints


def forbidden_headers_and_calls(root):
    """The engine sees no clock, log, flag, environment or file."""
    complaints = []
    for path in files_under(root, SOURCE_FOLDERS, CPP_SUFFIXES):
        headers, calls = entry_for(FORBIDDEN_HEADERS, path), entry_for(FORBIDDEN_CALLS, path)
        if headers is not None:
            complaints += [f"{path}: must not include {i}" for i in includes_of(root, path) if headers.match(i)]
        if calls is not None:
            code = COMMENT.sub("", (root / path).read_text(encoding="utf-8"))
            complaints += [f"{path}: must not call {call}" for call in calls.findall(code)]
    return complaints


def both_sides(root):
    """In the server only BOTH_SIDES includes messages and the engine's headers in one file."""
    complaints = []
    for path in files_under(root, ("server",), CPP_SUFFIXES):
        origins = {origin_of(include) for include in includes_of(root, path)}
        engine = origins & {"compute", "analysis", "grading"}
        if "protos" in origins and engine and not path.as_posix().startswith(BOTH_SIDES):
            complaints.append(f"{path}: knows protos and {', '.join(sorted(engine))}; only {BOTH_SIDES} may")
    return complaints


def private_headers(root):
    """A component's private headers are included by the component and by its own tests."""
    complaints = []
    for path in files_under(root, SOURCE_FOLDERS, CPP_SUFFIXES):
        for include in includes_of(root, path):
            for component in ("compute", "analysis", "grading"):
                owners = (f"{component}/", f"tests/{component}/", "bench/")
                if origin_of(include) == f"{component}/private" and not path.as_posix().startswith(owners):
                    complaints.append(f"{path}: must not include {include}: it is private to {component}")
    return complaints


def production_without_tests(root):
    """Nothing outside tests/ and bench/ includes tests or, but for the mocks, GoogleTest."""
    complaints = []
    for path in files_under(root, ("analysis", "client", "compute", "examples", "grading", "server"), CPP_SUFFIXES):
        for include in includes_of(root, path):
            mock = path.as_posix().startswith("client/cpp/mocks/") and origin_of(include) == "gtest"
            if origin_of(include) in ("tests", "tests/reference", "gtest") and not mock:
                complaints.append(f"{path}: production must not include {include}")
    return complaints


def without_comments(cmake_lists):
    return re.sub(r"#[^\n]*", "", cmake_lists.read_text(encoding="utf-8")) if cmake_lists.is_file() else ""


def tests_are_registered(root):
    """Each *_test.cc and *_test.py is named by the CMakeLists.txt beside it, that one is reached, and no test is off."""
    complaints = []
    for path in files_under(root, ("tests",), ("CMakeLists.txt",)):
        folder = path.parent
        # A CMakeLists.txt with a project() of its own is an outside project that a test builds.
        if folder.as_posix() == "tests" or re.search(r"\bproject\s*\(", without_comments(root / path)):
            continue
        lists = root / folder.parent / "CMakeLists.txt"
        if not re.search(rf"\badd_subdirectory\(\s*{re.escape(folder.name)}\b", without_comments(lists)):
            complaints.append(f"{path}: {lists.relative_to(root)} does not add its folder")
    for path in files_under(root, ("tests",), ("_test.cc", "_test.py")):
        if not re.search(rf"\b{re.escape(path.stem)}\b", without_comments(root / path.parent / "CMakeLists.txt")):
            complaints.append(f"{path}: no CMakeLists.txt beside it registers it")
    for path in files_under(root, ("tests",), CPP_SUFFIXES):
        for found in SWITCHED_OFF.findall((root / path).read_text(encoding="utf-8")):
            complaints.append(f"{path}: {found.strip()} switches a test off")
    return complaints


def files_are_short(root):
    """No source file has more than LINE_LIMIT lines."""
    complaints = []
    suffixes = CPP_SUFFIXES + (".py", ".proto", ".cmake", ".sh", ".txt")
    for path in files_under(root, SOURCE_FOLDERS + ("protos", "cmake", "scripts"), suffixes):
        count = len((root / path).read_text(encoding="utf-8").splitlines())
        if count > LINE_LIMIT:
            complaints.append(f"{path}: has {count} lines, more than {LINE_LIMIT}")
    return complaints


RULES = (dependency_direction, forbidden_headers_and_calls, both_sides, private_headers, production_without_tests,
         tests_are_registered, files_are_short)
