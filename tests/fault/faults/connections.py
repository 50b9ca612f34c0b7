"""Connections in numbers, and connections that do nothing."""

import time

from harness.fault import Attack, count
from harness.h2 import PREFACE, SETTINGS, frame, grpc_message

CONVOLVE = "/tensord.v1.TensorService/Convolve"


def open_many(context, number):
    """As many sockets as the door takes; how many that were."""
    sockets = []
    for _ in range(number):
        try:
            sockets.append(context.socket(seconds=1, tls=False))
        except OSError:
            break
    return sockets


def closed_of(sockets):
    """How many of them the server has closed."""
    closed = 0
    for sock in sockets:
        sock.setblocking(False)
        try:
            while data := sock.recv(1 << 16):
                pass
            closed += not data
        except BlockingIOError:
            pass
        except OSError:
            closed += 1
    return closed


class IdleSockets(Attack):
    name = "idle_sockets"
    what = "1000 connections that send nothing"
    most_rss_mib = 64
    opening = b""

    def attack(self, context):
        sockets = open_many(context, context.scaled(1000, 300))
        for sock in sockets:
            try:
                sock.sendall(self.opening)
            except OSError:
                pass
        start = time.monotonic()
        while time.monotonic() < start + 14 and closed_of(sockets) < len(sockets):
            time.sleep(0.5)
        self.opened, self.closed = len(sockets), closed_of(sockets)
        return f"{self.opened} opened, {self.closed} closed by the server within {time.monotonic() - start:.0f} s"

    def expect(self, context, row):
        if self.closed < self.opened:
            row.problems.append("they should be closed when the handshake's time is over (direct 5 s, edge 10 s)")


class HalfHandshakes(IdleSockets):
    name = "half_handshakes"
    what = "1000 connections that send half an HTTP/2 preface"
    opening = PREFACE[:12]


class HalfBodies(Attack):
    name = "half_bodies"
    what = "1000 calls whose bodies never end, on 100 connections"
    most_rss_mib = 64

    def attack(self, context):
        half = grpc_message(context.bench.body)[:-20]
        connections = []
        for _ in range(context.scaled(100, 20)):
            connection = context.connect()
            connections.append(connection)
            for _ in range(10):
                connection.send_body(connection.open_stream(CONVOLVE), half, end_stream=False)
        time.sleep(context.scaled(6, 2))
        for connection in connections:
            connection.pump(0.001)
        codes = [a.code for connection in connections if not connection.closed for a in connection.answers.values()]
        held = sum(not connection.closed for connection in connections)
        return f"{len(connections)} connections, {held} held; their calls: {count(codes)}"


class ConnectionFlood(Attack):
    name = "connection_flood"
    what = "3000 connections opened, greeted and closed as fast as can be"
    most_rss_mib = 64

    def attack(self, context):
        total, refused = context.scaled(3000, 600), 0
        for _ in range(total):
            try:
                sock = context.door.socket(seconds=2, tls=False)
                sock.sendall(PREFACE + frame(SETTINGS, 0, 0))
                sock.close()
            except OSError:
                refused += 1
        return f"{total} connections, {refused} refused"


class FileFlood(Attack):
    name = "file_descriptor_flood"
    what = "a daemon that may open 64 files, and 120 connections (CVE-2023-4785)"
    of_daemon = {"files_limit": 64}
    most_failed = 1 << 30  # the client beside keeps its connection, or loses it: what counts is what comes after

    def attack(self, context):
        sockets = open_many(context, 120)
        time.sleep(2)
        files = context.daemon.sample().files
        return f"{len(sockets)} connections; the daemon had {files} files open"
