"""The door through the edge: haproxy as deploy/compose configures it, with TLS, in front of the daemon."""

import os
import re
import select
import subprocess
from pathlib import Path

from harness.daemon import DIE_WITH_PARENT
from harness.door import Door, client_context

COMPOSE = Path(__file__).resolve().parents[3] / "deploy" / "compose"
START_SECONDS = 30


class EdgeDoor(Door):
    name = "edge"

    def __init__(self, bench, flags=(), of_edge=None, **of_daemon):
        super().__init__(bench, flags, **of_daemon)
        self.of_edge = of_edge or {}

    def __enter__(self):
        super().__enter__()
        folder = self.bench.folder / "edge"
        if not folder.exists():
            subprocess.run([str(COMPOSE / "make-certificates"), str(folder)], check=True, capture_output=True)
        self.ca_file = str(folder / "ca.pem")
        self.tls = client_context(self.ca_file)
        self.log = self.bench.folder / "edge.log"
        self.edge = subprocess.Popen(
            DIE_WITH_PARENT + [str(COMPOSE / "run-edge"), "--daemon", self.target, "--tls-dir", str(folder),
                               "--log", str(self.log)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, **self.of_edge})
        line = self.edge.stdout.readline() if select.select([self.edge.stdout], [], [], START_SECONDS)[0] else ""
        match = re.match(r"ready port=(\d+)", line)
        if not match:
            rest = self._stop_edge()
            super().__exit__()
            raise RuntimeError(f"the edge did not start: {line}{rest}")
        self.address = ("127.0.0.1", int(match.group(1)))
        return self

    def _stop_edge(self):
        self.edge.terminate()
        try:
            rest, _ = self.edge.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.edge.kill()
            rest, _ = self.edge.communicate()
        return rest

    def __exit__(self, *unused):
        self._stop_edge()
        super().__exit__()
