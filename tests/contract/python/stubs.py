"""Makes a Python client from protos/ alone, with protoc and grpc_python_plugin, as any user would."""

import subprocess
import sys
from pathlib import Path

PROTOS = Path(__file__).resolve().parents[3] / "protos"


def generate(directory):
    """Generates the messages and services below `directory` and makes them importable."""
    directory.mkdir(parents=True, exist_ok=True)
    # grpc/health is left out: its package would hide the Python package grpc.
    files = [str(path) for folder in ("tensord", "google") for path in sorted((PROTOS / folder).rglob("*.proto"))]
    subprocess.run(["protoc", f"--proto_path={PROTOS}", f"--python_out={directory}", f"--grpc_python_out={directory}",
                    "--plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin"] + files, check=True)
    sys.path.insert(0, str(directory))
    import google  # protobuf's package: google.rpc of ours lies elsewhere
    google.__path__.append(str(directory / "google"))
