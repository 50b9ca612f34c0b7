"""HTTP/2 written by hand, so that it can be written wrongly: frames over a socket, with hpack for the headers."""

import base64
import socket
import struct
import time
from dataclasses import dataclass, field

import hpack

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = 0, 1, 2, 3, 4, 6, 7, 8, 9
END_STREAM, ACK, END_HEADERS = 1, 1, 4
CANCEL = 8
INITIAL_WINDOW_SIZE = 4

CODES = ("OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED "
         "RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS "
         "UNAUTHENTICATED").split()


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def grpc_message(body, compressed=False):
    return struct.pack(">BI", compressed, len(body)) + body


def request_headers(method, extra=()):
    """What a gRPC client sends; `extra` replaces pseudo headers of the same name and adds the others."""
    headers = {":method": "POST", ":scheme": "http", ":path": method, ":authority": "localhost",
               "te": "trailers", "content-type": "application/grpc", "user-agent": "fault-test"}
    more = []
    for name, value in extra:
        if name in headers:
            headers[name] = value
        else:
            more.append((name, value))
    return list(headers.items()) + more


def encode_plainly(headers):
    """HPACK without tables and without Huffman: one block that any connection understands and that hides nothing."""
    block = b""
    for name, value in headers:
        block += b"\x00" + _string(name) + _string(value)
    return block


def _string(text):
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    return integer(len(data), 7) + data


def integer(value, prefix, first=0):
    """HPACK's integer: a prefix of so many bits, then seven bits a byte."""
    limit = (1 << prefix) - 1
    if value < limit:
        return bytes([first | value])
    out, value = [first | limit], value - limit
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + [value])


@dataclass
class Answer:
    """How a call ended: with trailers, a reset, a goodbye, or nothing at all."""
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    reset: int = None
    goaway: int = None
    closed: bool = False

    @property
    def code(self):
        status = self.headers.get("grpc-status")
        if status is not None:
            return CODES[int(status)] if status.isdigit() and int(status) < len(CODES) else f"grpc-status {status}"
        if self.headers.get(":status", "200") != "200":
            return "HTTP " + self.headers[":status"]
        if self.reset is not None:
            return f"RST_STREAM {self.reset}"
        if self.goaway is not None:
            return f"GOAWAY {self.goaway}"
        return "closed" if self.closed else "no answer"

    @property
    def details(self):
        text = self.headers.get("grpc-status-details-bin", "")
        return base64.b64decode(text + "=" * (-len(text) % 4))


class Connection:
    """One connection. Nothing is sent but what is asked for, unless `polite`: then preface, settings and acks."""

    def __init__(self, sock, polite=True):
        self.sock = sock
        self.polite = polite
        self.buffer = b""
        self.encoder, self.decoder = hpack.Encoder(), hpack.Decoder()
        self.decoder.max_header_list_size = 1 << 20
        self.next_stream = 1
        self.answers = {}
        self.closed = False
        self.goaway = None
        self.ping_acks = 0  # until the goodbye: what was sent before it may still be answered after
        self.settings = {}
        self.window, self.windows, self.initial = 65535, {}, 65535
        if polite:
            # A large window of our own, so that answers of any size come at once.
            self.send(PREFACE + frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW_SIZE, (1 << 31) - 1)) +
                      frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", (1 << 31) - 1 - 65535)))

    def send(self, data):
        """Whether all of it could be sent."""
        if self.closed:
            return False
        try:
            self.sock.settimeout(30)
            self.sock.sendall(data)
            return True
        except OSError:
            self._lost()
            return False

    def _lost(self):
        self.closed = True
        for answer in self.answers.values():
            answer.closed = True

    def close(self):
        self.closed = True
        try:
            self.sock.close()
        except OSError:
            pass

    def abort(self):
        """Closes with a TCP reset."""
        if self.closed:
            return
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def open_stream(self, method, extra=(), end_stream=False):
        stream, self.next_stream = self.next_stream, self.next_stream + 2
        self.answers[stream] = Answer()
        block = self.encoder.encode(request_headers(method, extra))
        self.send(frame(HEADERS, END_HEADERS | (END_STREAM if end_stream else 0), stream, block))
        return stream

    def send_body(self, stream, data, end_stream=True, seconds=30):
        """In frames of 16 KiB, as the peer's windows allow; whether all of it went."""
        deadline, at = time.monotonic() + seconds, 0
        while at < len(data) or not data:
            room = min(self.window, self.windows.get(stream, self.initial), 16384)
            if room <= 0 and data:
                self.pump(0.05)
                if self.closed or self._ended(stream) or time.monotonic() > deadline:
                    return False
                continue
            piece = data[at:at + room]
            at += len(piece)
            self.window -= len(piece)
            self.windows[stream] = self.windows.get(stream, self.initial) - len(piece)
            last = end_stream and at >= len(data)
            if not self.send(frame(DATA, END_STREAM if last else 0, stream, piece)):
                return False
            if not data:
                break
        return True

    def _ended(self, stream):
        answer = self.answers[stream]
        return answer.reset is not None or "grpc-status" in answer.headers or answer.closed

    def pump(self, seconds):
        """Reads what comes within `seconds`, at least one attempt; whether anything came."""
        if self.closed:
            return False
        self.sock.settimeout(max(seconds, 0.0001))
        try:
            data = self.sock.recv(1 << 18)
        except (TimeoutError, BlockingIOError):
            return False
        except OSError:
            data = b""
        if not data:
            self._lost()
            return False
        self.buffer += data
        self._read_frames()
        return True

    def _read_frames(self):
        at = 0
        while len(self.buffer) - at >= 9:
            length = int.from_bytes(self.buffer[at:at + 3], "big")
            if len(self.buffer) - at < 9 + length:
                break
            kind, flags, stream = struct.unpack_from(">BBI", self.buffer, at + 3)
            self._on_frame(kind, flags, stream & 0x7fffffff, self.buffer[at + 9:at + 9 + length])
            at += 9 + length
        self.buffer = self.buffer[at:]

    def _on_frame(self, kind, flags, stream, payload):
        answer = self.answers.get(stream)
        if kind == SETTINGS and not flags & ACK:
            for at in range(0, len(payload) - 5, 6):
                name, value = struct.unpack_from(">HI", payload, at)
                self.settings[name] = value
                if name == INITIAL_WINDOW_SIZE:
                    self.windows = {s: w + value - self.initial for s, w in self.windows.items()}
                    self.initial = value
            if self.polite:
                self.send(frame(SETTINGS, ACK, 0))
        elif kind == PING:
            if flags & ACK:
                self.ping_acks += self.goaway is None
            elif self.polite:
                self.send(frame(PING, ACK, 0, payload))
        elif kind == WINDOW_UPDATE:
            step = struct.unpack(">I", payload)[0]
            if stream:
                self.windows[stream] = self.windows.get(stream, self.initial) + step
            else:
                self.window += step
        elif kind == GOAWAY:
            self.goaway = struct.unpack_from(">I", payload, 4)[0]
            for waiting in self.answers.values():
                if waiting.goaway is None:
                    waiting.goaway = self.goaway
        elif kind == HEADERS:
            fields = {_text(n): _text(v) for n, v in self.decoder.decode(payload, raw=True)}
            if answer is not None:
                answer.headers.update(fields)
        elif kind == DATA and answer is not None:
            answer.body += payload
        elif kind == RST_STREAM and answer is not None:
            answer.reset = struct.unpack(">I", payload)[0]

    def wait(self, stream, seconds=10):
        """Until that call has ended, in whatever way."""
        deadline = time.monotonic() + seconds
        while not self._ended(stream) and not self.closed and time.monotonic() < deadline:
            self.pump(min(0.25, max(0.001, deadline - time.monotonic())))
        self.answers[stream].closed |= self.closed
        return self.answers[stream]

    def call(self, method, body, extra=(), seconds=10, compressed=False):
        stream = self.open_stream(method, extra)
        self.send_body(stream, grpc_message(body, compressed), seconds=seconds)
        return self.wait(stream, seconds)


def _text(value):
    return value.decode("latin-1") if isinstance(value, bytes) else value
