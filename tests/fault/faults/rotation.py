"""Certificates that are replaced under load, and a pair that does not match."""

import random
import signal
import socket
import time

from harness.door import in_threads
from harness.fault import Attack, count
from harness.h2 import PREFACE, SETTINGS, Connection, frame


class Rotation(Attack):
    name = "certificates_replaced"
    what = "20 new certificates under load, every call on a new TLS connection; then one that does not fit its key"
    doors = ("tls",)
    flags = (("--reload-interval", "1s"),)
    needs = ("--reload-interval",)

    def attack(self, context):
        rotations, self.stop, self.unseen = context.scaled(20, 5), False, 0
        codes, files = [], context.door.certificates

        def caller(_):
            found = []
            while not self.stop:
                found.append(new_connection(context))
            return found

        def rotate(_):
            try:
                time.sleep(0.3)
                for _ in range(rotations):
                    before = serial(context)
                    files.issue(files.certificate, files.key)
                    context.daemon.signal(signal.SIGHUP)
                    self.unseen += not wait_for(lambda: serial(context) != before, 10)
            finally:
                self.stop = True

        for result in in_threads(4, lambda i: rotate(i) if i == 0 else caller(i)):
            if isinstance(result, Exception):
                raise result
            codes += result or []
        self.codes = codes
        mismatch = self._mismatch(context, files)
        return f"{rotations} rotations, {len(codes)} new connections: {count(codes)}; then {mismatch}"

    def _mismatch(self, context, files):
        before = serial(context)
        files.issue(files.folder / "other.pem", files.folder / "other.key")
        (files.folder / "other.pem").replace(files.certificate)
        context.daemon.signal(signal.SIGHUP)
        self.raised = wait_for(lambda: failing(context) == 1, 10)
        codes = [new_connection(context) for _ in range(20)]
        self.kept = serial(context) == before
        self.mismatch_codes = codes
        files.issue(files.certificate, files.key)
        context.daemon.signal(signal.SIGHUP)
        self.lowered = wait_for(lambda: failing(context) == 0, 10)
        return (f"a pair that does not match: the old one {'kept' if self.kept else 'NOT kept'}, metric "
                f"{'raised' if self.raised else 'NOT raised'} and {'lowered' if self.lowered else 'NOT lowered'}, "
                f"20 connections: {count(codes)}")

    def expect(self, context, row):
        if set(self.codes) != {"OK"} or set(self.mismatch_codes) != {"OK"}:
            row.problems.append(f"calls failed: {count(self.codes + self.mismatch_codes)}")
        if self.unseen:
            row.problems.append(f"{self.unseen} new certificates were not served within 10 s")
        if not (self.kept and self.raised and self.lowered):
            row.problems.append("a pair that does not match has to keep the old one and to raise the metric")


class TlsGarbage(Attack):
    name = "tls_garbage"
    what = "500 TLS handshakes of noise, cut off, plain HTTP/2, TLS without ALPN, and renegotiated sizes"
    doors = ("tls", "edge")
    most_rss_mib = 16

    def attack(self, context):
        noise, closed = random.Random(4), 0
        hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
        openings = [noise.randbytes(517), hello + noise.randbytes(505), hello, PREFACE + frame(SETTINGS, 0, 0),
                    b"\x16\x03\x01\xff\xff" + noise.randbytes(2000), b"\x15\x03\x03\x00\x02\x02\x28",
                    b"GET / HTTP/1.0\r\n\r\n",
                    b"\x80\x2e\x01\x00\x02" + noise.randbytes(40)]
        total = context.scaled(500, 100)
        for index in range(total):
            try:
                with context.door.socket(seconds=2, tls=False) as sock:
                    sock.sendall(openings[index % len(openings)])
                    sock.settimeout(0.02)
                    closed += sock.recv(4096) is not None
            except (TimeoutError, socket.timeout):
                pass
            except OSError:
                closed += 1
        return f"{total} handshakes, {closed} answered with an alert or closed at once"


def new_connection(context):
    connection = None
    try:
        connection = Connection(context.door.socket())
        return connection.call(context.bench.method, context.bench.body, seconds=5).code
    except OSError as error:
        return f"{type(error).__name__}: {error}"
    finally:
        if connection is not None:
            connection.close()


def serial(context):
    with context.door.socket() as sock:
        return sock.getpeercert()["serialNumber"]


def failing(context):
    return context.daemon.metrics().get('tensord_reload_failing{what="tls"}')


def wait_for(true, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False
