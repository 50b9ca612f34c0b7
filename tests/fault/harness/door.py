"""Where a fault comes in: straight at the daemon, or through the edge in front of it."""

import contextlib
import socket
import ssl
import subprocess
import tempfile
import threading
from pathlib import Path

from harness.daemon import Daemon
from harness.h2 import Connection

ATTACKER = "127.0.0.2"  # an address of its own, as an attacker has one


class Door:
    """A context manager: a running daemon, and how it is reached. `tls` is a context for clients, or None."""

    name = "direct"

    def __init__(self, bench, flags=(), **of_daemon):
        self.bench = bench
        self.daemon = None
        self.flags, self.of_daemon = list(flags), of_daemon
        self.ca_file = None
        self.tls = None
        self.metadata = []

    def __enter__(self):
        self.daemon = Daemon(self.bench.program, self.flags, **self.of_daemon)
        self.address = self.daemon.address
        return self

    def __exit__(self, *unused):
        self.exit_code = self.daemon.stop()

    @property
    def target(self):
        return f"{self.address[0]}:{self.address[1]}"

    def socket(self, source=ATTACKER, seconds=10, tls=True):
        """A connected socket, with TLS where the door has it."""
        raw = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            raw.settimeout(seconds)
            raw.bind((source, 0))
            raw.connect(self.address)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls is not None and tls:
                return self.tls.wrap_socket(raw, server_hostname="localhost")
            return raw
        except OSError:
            raw.close()
            raise

    def connect(self, polite=True, source=ATTACKER):
        return Connection(self.socket(source), polite)


class TlsDoor(Door):
    """The daemon with TLS on its own listener."""

    def __init__(self, bench, flags=(), certificates=None, **of_daemon):
        super().__init__(bench, flags, **of_daemon)
        self.certificates = certificates or Certificates()
        self.flags += ["--tls-certificate", str(self.certificates.certificate), "--tls-key", str(self.certificates.key)]
        self.ca_file = str(self.certificates.ca)
        self.tls = client_context(self.ca_file)

    def __exit__(self, *unused):
        super().__exit__(*unused)
        self.certificates.remove()


def client_context(ca_file):
    context = ssl.create_default_context(cafile=ca_file)
    context.set_alpn_protocols(["h2"])
    return context


class Certificates:
    """An authority and a server's certificate of it, in files that can be replaced."""

    def __init__(self):
        self._directory = tempfile.TemporaryDirectory(prefix="fault-tls-")
        self.folder = Path(self._directory.name)
        self.ca, self._ca_key = self.folder / "ca.pem", self.folder / "ca.key"
        self.certificate, self.key = self.folder / "server.pem", self.folder / "server.key"
        self._serial = 0
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                 "-subj", "/CN=fault test authority", "-keyout", self._ca_key, "-out", self.ca)
        self.issue(self.certificate, self.key)

    def issue(self, certificate, key):
        """A new key and certificate; replaces the files in one step each."""
        self._serial += 1
        request, new, new_key = (self.folder / f"new.{end}" for end in ("csr", "pem", "key"))
        extensions = self.folder / "extensions"
        extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n", encoding="ascii")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                 f"/CN=server {self._serial}", "-keyout", new_key, "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self._ca_key, "-set_serial",
                 str(self._serial + 1), "-days", "2", "-extfile", extensions, "-out", new)
        new_key.replace(key)
        new.replace(certificate)

    def remove(self):
        with contextlib.suppress(OSError):
            self._directory.cleanup()


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def in_threads(count, work):
    """Runs work(0..count-1) in threads; what each returned, or the exception it ended with."""
    results = [None] * count

    def run(index):
        try:
            results[index] = work(index)
        except Exception as error:  # whatever an attacked socket raises is a result here
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
