"""What all faults share: the program under test, the generated client, the good request, the doors."""

import importlib
import pkgutil
import sys
import tempfile
from pathlib import Path

from harness.daemon import flags_of
from harness.door import Door, TlsDoor
from harness.edge import EdgeDoor
from harness.fault import Fault

CONTRACT = Path(__file__).resolve().parents[2] / "contract" / "python"
DOORS = {"direct": Door, "tls": TlsDoor, "edge": EdgeDoor}


class Bench:
    def __init__(self, program, short=False, tensorctl=None):
        self.program, self.short, self.tensorctl = Path(program), short, tensorctl
        self.flags = flags_of(program)
        self._directory = tempfile.TemporaryDirectory(prefix="fault-")
        self.folder = Path(self._directory.name)
        sys.path.insert(0, str(CONTRACT))
        importlib.import_module("stubs").generate(self.folder / "stubs")
        self.requests = importlib.import_module("harness.requests")
        self.method = "/tensord.v1.TensorService/Convolve"
        self.body = self.requests.good_convolve().SerializeToString()
        self.body_file = self.folder / "good_request"
        self.body_file.write_bytes(self.body)

    def open(self, door, flags=(), **of_daemon):
        return DOORS[door](self, flags, **of_daemon)

    def close(self):
        self._directory.cleanup()


def all_faults():
    """Every subclass of Fault with a name in faults/, in the order of the files' names and of the classes in them."""
    import faults
    found = []
    for module in sorted(pkgutil.iter_modules(faults.__path__), key=lambda m: m.name):
        content = importlib.import_module(f"faults.{module.name}")
        found += [value() for value in vars(content).values()
                  if isinstance(value, type) and issubclass(value, Fault) and value.name
                  and value.__module__ == content.__name__]
    return found
