"""A client that speaks HTTP/2 frame by frame, and so can misbehave. From any address of 127.0.0.0/8."""

import socket
import ssl
import struct
import time

import hpack
from hyperframe.frame import (ContinuationFrame, DataFrame, Frame, GoAwayFrame, HeadersFrame, RstStreamFrame,
                              SettingsFrame)

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
MOST_FRAME_BYTES = 16384


class Connection:
    """One TLS connection. `frames` has what came; an attack goes on until the other side closes."""

    def __init__(self, port, ca, source="127.0.0.1", greet=True, timeout=10, alpn=("h2",)):
        context = ssl.create_default_context(cafile=ca)
        context.set_alpn_protocols(list(alpn))
        raw = socket.create_connection(("127.0.0.1", port), timeout=timeout, source_address=(source, 0))
        try:
            self.socket = context.wrap_socket(raw, server_hostname="localhost")
        except OSError:
            raw.close()
            raise
        self.encoder = hpack.Encoder()
        self.decoder = hpack.Decoder()
        self.frames = []
        self.closed = False
        self._received = b""
        if greet:
            self.send(PREFACE, SettingsFrame(0))

    def send(self, *parts):
        """Sends bytes and frames as one write; False where the other side has closed."""
        try:
            self.socket.sendall(b"".join(part if isinstance(part, bytes) else part.serialize() for part in parts))
        except OSError:
            self.closed = True
        return not self.closed

    def headers(self, stream, path, *more, end_stream=False, method="POST"):
        fields = [(":method", method), (":scheme", "https"), (":path", path), (":authority", "localhost"),
                  ("content-type", "application/grpc"), ("te", "trailers"), *more]
        block = self.encoder.encode(fields)
        pieces = [block[i:i + MOST_FRAME_BYTES] for i in range(0, len(block), MOST_FRAME_BYTES)]
        frames = [HeadersFrame(stream, pieces[0]), *(ContinuationFrame(stream, piece) for piece in pieces[1:])]
        frames[-1].flags.add("END_HEADERS")
        if end_stream:
            frames[0].flags.add("END_STREAM")
        return b"".join(frame.serialize() for frame in frames)

    def message(self, stream, content=b""):
        return DataFrame(stream, struct.pack(">BI", 0, len(content)) + content, flags=["END_STREAM"])

    def reset(self, stream):
        return RstStreamFrame(stream, error_code=8)

    def call(self, stream, path, *more, content=b"", method="POST"):
        """Sends a whole call and returns the header fields of its answer, trailers included."""
        self.send(self.headers(stream, path, *more, method=method), self.message(stream, content))
        self.receive(lambda frame: frame.stream_id == stream and
                     ("END_STREAM" in frame.flags or isinstance(frame, RstStreamFrame)))
        answer = {}
        for frame in self.frames:
            if isinstance(frame, HeadersFrame) and frame.stream_id == stream:
                answer.update(frame.fields)
            elif isinstance(frame, RstStreamFrame) and frame.stream_id == stream and "grpc-status" not in answer:
                answer["reset"] = frame.error_code
        return answer

    def receive(self, wanted=lambda frame: False, seconds=10):
        """Reads frames until one is wanted (True), the other side closes or the time is over (False)."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            while (frame := self._next_frame()) is not None:
                self.frames.append(frame)
                if wanted(frame):
                    return True
            try:
                self.socket.settimeout(left)
                data = self.socket.recv(65536)
            except TimeoutError:
                return False
            except OSError:
                data = b""
            if not data:
                self.closed = True
                return False
            self._received += data
        return False

    def _next_frame(self):
        if len(self._received) < 9:
            return None
        frame, length = Frame.parse_frame_header(memoryview(self._received[:9]))
        if len(self._received) < 9 + length:
            return None
        frame.parse_body(memoryview(self._received[9:9 + length]))
        self._received = self._received[9 + length:]
        if isinstance(frame, HeadersFrame):
            # Answers of the edge and of gRPC fit into one frame. Decoded in their order, as the table asks for.
            frame.fields = dict(self.decoder.decode(frame.data))
        if isinstance(frame, SettingsFrame) and "ACK" not in frame.flags and self.acknowledge:
            self.send(SettingsFrame(0, flags=["ACK"]))
        return frame

    acknowledge = True

    def went_away(self):
        return any(isinstance(frame, GoAwayFrame) for frame in self.frames)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()
