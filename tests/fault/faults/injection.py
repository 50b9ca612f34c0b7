"""Names from clients that try to become more than names."""

from harness.daemon import parse
from harness.fault import MIB, Attack, count
from harness.h2 import (DATA, END_HEADERS, END_STREAM, HEADERS, Answer, encode_plainly, frame, grpc_message,
                        request_headers)

MOST_METRICS_BYTES = 200 << 10
SECRET = "this-is-a-secret-token"
PATTERNS = ("%s%n%x%p-{i}", "{{}}{{0}}-{i}", '","level":"error","event":"forged-{i}', "a\nb\r\n{i}",
            "\x1b[31m{i}\x1b[0m", "{i}" + "A" * 3000, "../../../etc/passwd-{i}", '{i}"}}\n{{"event":"forged"}}',
            "\u202e{i}", "\\u000a{i}", "\0{i}", "{i}\t\x7f", "00-{i:032x}-{i:016x}-01")


class Injection(Attack):
    name = "hostile_names"
    what = "20000 names (request ids, tokens, methods, user agents) of new lines, quotes, format strings, escapes"
    doors = ("direct",)
    most_rss_mib = 32

    def prepare(self, context):
        # Every code that hostile names get has been counted once before the series are.
        self._send(context, range(400))
        self.series = len(context.daemon.metrics())

    def attack(self, context):
        total = context.scaled(20000, 3000)
        first = len(context.daemon.lines)
        codes = self._send(context, range(400, 400 + total))
        self.text = context.daemon.metrics_text()
        self.series_after = len(context.daemon.metrics())
        self.lines = context.daemon.lines[first:]
        size = sum(len(line) for line in self.lines)
        return (f"{total} names: {count(codes)}; {len(self.lines)} lines, {size / MIB:.1f} MiB of log; series "
                f"{self.series} -> {self.series_after}, /metrics {len(self.text) >> 10} KiB")

    @staticmethod
    def _send(context, numbers):
        codes, connection, body = [], None, grpc_message(context.bench.body)
        for number in numbers:
            if connection is None or connection.closed or connection.goaway is not None:
                connection = context.connect()
                stream = -1
            stream += 2
            name = PATTERNS[number % len(PATTERNS)].format(i=number)
            extra = [("x-request-id", name), ("traceparent", name), ("user-agent", name),
                     ("authorization", f"Bearer {SECRET}{number}"), ("x-client", name)]
            method = context.bench.method if number % 5 else "/" + name.replace("/", "_") + "/Method"
            connection.answers[stream] = Answer()
            connection.send(frame(HEADERS, END_HEADERS, stream, encode_plainly(request_headers(method, extra))) +
                            frame(DATA, END_STREAM, stream, body))
            codes.append(connection.wait(stream, 5).code)
        return codes

    def expect(self, context, row):
        if self.series_after != self.series:
            row.problems.append(f"the number of series went from {self.series} to {self.series_after}")
        if len(self.text) > MOST_METRICS_BYTES:
            row.problems.append(f"/metrics has {len(self.text)} bytes")
        events = [parse(line) for line in self.lines]
        if forged := [event for event in events if event and str(event.get("event", "")).startswith("forged")]:
            row.problems.append(f"forged events in the log: {forged[:2]}")
        if any(SECRET in line for line in self.lines) or SECRET in self.text:
            row.problems.append("a token is in the log or the metrics")
        if long := [line for line in self.lines if len(line) > 4096]:
            row.problems.append(f"a line of {len(long[0])} characters: names have to be cut")
