"""Messages that are larger than they may be, or than they look."""

import socket
import zlib

from harness.door import in_threads
from harness.fault import MIB, Attack, count
from harness.h2 import CANCEL, RST_STREAM, frame, grpc_message

CONVOLVE = "/tensord.v1.TensorService/Convolve"
SMALL_LIMITS = (("--max-message-bytes", "1MiB"), ("--max-tensor-bytes", "512KiB"))


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, payload):
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


class Oversize(Attack):
    name = "message_over_the_limit"
    what = "8 messages of 16 times --max-message-bytes at once, 128 MiB, against a quota of 16 MiB for gRPC"
    flags = SMALL_LIMITS + (("--transport-quota-bytes", "16MiB"),)
    # gRPC 1.51 holds itself to its quota with delay: three times of it was seen with 8 connections.
    most_rss_mib = 64
    most_cpu_seconds = 5
    most_failed = 20  # who is served when the quota is full is gRPC's choice

    def attack(self, context):
        body = field(1, field(4, bytes(16 * MIB)))
        answers = in_threads(8, lambda _: context.connect().call(CONVOLVE, body))
        self.codes = [getattr(answer, "code", answer) for answer in answers]
        return f"8 x 16 MiB against 1 MiB: {count(self.codes)}"

    def expect(self, context, row):
        if "OK" in self.codes or "no answer" in self.codes:
            row.problems.append("a message over the limit was not refused")


class OversizeAnnounced(Attack):
    name = "message_claims_4_GiB"
    what = "prefixes that claim 4 GiB, and 1000 bytes of it"
    most_rss_mib = 4

    def attack(self, context):
        connection = context.connect()
        for _ in range(50):
            stream = connection.open_stream(CONVOLVE)
            connection.send_body(stream, b"\0\xff\xff\xff\xff" + bytes(1000), end_stream=False)
        for _ in range(10):
            connection.pump(0.1)
        return f"50 streams: {count(answer.code for answer in connection.answers.values())}"


class GzipBomb(Attack):
    name = "gzip_bomb"
    what = "255 KiB of gzip that inflate to 256 MiB"
    most_rss_mib = 1
    most_cpu_seconds = 0.5
    expected = ("UNIMPLEMENTED",)

    def prepare(self, context):
        # An ordinary message of the same size, so that what a connection and its buffers take is not counted.
        context.connect().call(CONVOLVE, field(1, field(4, bytes(255 << 10))))

    def attack(self, context):
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        bomb = b"".join(packer.compress(bytes(MIB)) for _ in range(256)) + packer.flush()
        connection = context.connect()
        self.codes = [connection.call(CONVOLVE, bomb, [("grpc-encoding", "gzip")], compressed=True).code]
        return f"{len(bomb) >> 10} KiB: {count(self.codes)}"

    def expect(self, context, row):
        if set(self.codes) != set(self.expected):
            row.problems.append(f"expected UNIMPLEMENTED, got {count(self.codes)}")


def amplifiers(size):
    """Name, rpc and bytes of messages that protobuf would decode into many times their size."""
    tensor = "/tensord.v1.TensorService/Activate"
    analyze = "/tensord.v1.AnalysisService/AnalyzeLayer"
    describe = "/tensord.v1.AnalysisService/DescribeDataset"
    return [
        ("empty sub-messages", analyze, field(1, b"\x0a\x00" * (size // 2))),
        ("empty sub-messages below", describe, b"\x0a\x00" * (size // 2)),
        ("sub-messages with empty strings", analyze, field(1, b"\x0a\x02\x12\x00" * (size // 4))),
        ("unknown empty strings", tensor, b"\x7a\x00" * (size // 2)),
        ("unknown varints", tensor, b"\x78\x01" * (size // 2)),
        ("unknown varints in a tensor", tensor, field(1, b"\x78\x01" * (size // 2))),
        ("unknown empty groups", tensor, b"\x7b\x7c" * (size // 2)),
        ("packed one-byte sizes", tensor, field(1, field(2, b"\x01" * size))),
        ("unpacked one-byte sizes", tensor, field(1, b"\x10\x01" * (size // 2))),
        ("packed one-byte integers", tensor, field(1, field(6, field(1, b"\x01" * size)))),
        ("packed one-byte enums", "/tensord.v1.TensorService/ConvolveBackward", field(8, b"\x01" * size)),
        ("a sub-message again and again", tensor, b"\x0a\x00" * (size // 2)),
    ]


class WireAmplifiers(Attack):
    name = "wire_amplifiers"
    what = "4 MiB each of empty sub-messages, empty strings, unknown fields, one-byte varints"
    flags = (("--memory-budget-bytes", "64MiB"), ("--max-message-bytes", "8MiB"), ("--max-tensor-bytes", "4MiB"))
    most_rss_mib = 64 + 16  # the budget, and the message itself in gRPC's hands
    most_cpu_seconds = 5

    def attack(self, context):
        self.codes, self.worst = [], ("", 0)
        for name, rpc, body in amplifiers(context.scaled(4 * MIB, 2 * MIB)):
            context.daemon.reset_peak()
            before = context.daemon.sample().rss
            self.codes.append(context.connect().call(rpc, body, seconds=20).code)
            growth = context.daemon.sample().peak_rss - before
            self.worst = max(self.worst, (name, growth), key=lambda pair: pair[1])
        self.worst_mib = self.worst[1] / MIB
        return f"{len(self.codes)} messages: {count(self.codes)}; worst: {self.worst[0]}, +{self.worst_mib:.0f} MiB"

    def expect(self, context, row):
        row.rss_mib = max(row.rss_mib, self.worst_mib)
        if wrong := [code for code in self.codes if code not in ("INVALID_ARGUMENT", "RESOURCE_EXHAUSTED")]:
            row.problems.append(f"expected refusals, got {count(wrong)}")


class ResetMidMessage(Attack):
    name = "reset_mid_message"
    what = "1000 streams reset, and 100 connections cut, in the middle of a message"
    most_rss_mib = 16

    def attack(self, context):
        half = grpc_message(context.bench.body)[:-50]
        connection = context.connect()
        streams = context.scaled(1000, 200)
        for _ in range(streams):
            stream = connection.open_stream(CONVOLVE)
            connection.send_body(stream, half, end_stream=False)
            connection.send(frame(RST_STREAM, 0, stream, CANCEL.to_bytes(4, "big")))
            connection.pump(0.001)
        for _ in range(100):
            cut = context.connect()
            cut.send_body(cut.open_stream(CONVOLVE), half, end_stream=False)
            cut.abort()
        return f"{streams} streams, 100 connections; the connection {'was closed' if connection.closed else 'held'}"


class HalfClose(Attack):
    name = "half_close"
    what = "streams that end in the middle of a message or without one, and connections closed for writing"
    most_rss_mib = 8

    def attack(self, context):
        half = grpc_message(context.bench.body)[:-50]
        connection = context.connect()
        self.codes, trailing = [], []
        for body in [half, b"", b"\0\0", grpc_message(context.bench.body) + b"\0"] * 25:
            stream = connection.open_stream(CONVOLVE, end_stream=not body)
            if body:
                connection.send_body(stream, body)
            # gRPC passes over what follows a whole message and is less than another one.
            whole = body.endswith(b"\0") and body != b"\0\0"
            (trailing if whole else self.codes).append(connection.wait(stream, 5).code)
        for _ in range(50):
            shut = context.connect()
            shut.send_body(shut.open_stream(CONVOLVE), half, end_stream=False)
            shut.sock.shutdown(socket.SHUT_WR)
        return f"75 streams: {count(self.codes)}; 25 with a byte too many: {count(trailing)}; 50 connections"

    def expect(self, context, row):
        if "OK" in self.codes or "no answer" in self.codes:
            row.problems.append(f"every such call has to end with an error: {count(self.codes)}")

