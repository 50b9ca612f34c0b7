"""Calls of strangers."""

import hashlib
import time

from harness.daemon import cpu_seconds
from harness.fault import Attack, count

GOOD = "a-good-token-of-the-fault-test"


class Strangers(Attack):
    name = "wrong_tokens"
    what = "5000 calls with wrong tokens, malformed ones and none, whose bodies never come"
    needs = ("--auth-tokens", "--auth-without-tls")
    metadata = (("authorization", f"Bearer {GOOD}"),)
    of_edge = {"EDGE_SOURCE_CALLS_PER_SECOND": "1000000", "EDGE_SOURCE_FLOOD_PER_SECOND": "2000000"}
    most_rss_mib = 8

    def flags_for(self, bench):
        tokens = bench.folder / "tokens"
        tokens.write_text(f"{hashlib.sha256(GOOD.encode()).hexdigest()} good\n", encoding="ascii")
        tokens.chmod(0o600)
        return ["--auth-tokens", str(tokens), "--auth-without-tls", "on"]

    def attack(self, context):
        wrong = [[("authorization", value)] for value in
                 ("Bearer wrong", "Bearer ", "Bearer", "", f"Basic {GOOD}", f"bearer{GOOD}", f"Bearer {GOOD}x",
                  f"Bearer {GOOD[:-1]}", "Bearer " + "x" * 2000, f"Bearer {hashlib.sha256(GOOD.encode()).hexdigest()}")] + [[]]
        wrong.append([("authorization", "Bearer wrong"), ("authorization", f"Bearer {GOOD}")])
        connection, self.codes, total = context.connect(), [], context.scaled(5000, 600)
        start = cpu_seconds(context.daemon.pid)
        for number in range(total):
            if connection.closed:
                connection = context.connect()
            # Without a body: a stranger is refused before it is waited for.
            stream = connection.open_stream(context.bench.method, wrong[number % len(wrong)])
            self.codes.append(connection.wait(stream, 3).code)
            if self.codes[-1] == "no answer" and self.codes.count("no answer") > 3:
                break
        used = cpu_seconds(context.daemon.pid) - start
        time.sleep(0.1)
        self.told = any(GOOD in line for line in context.daemon.lines)
        return f"{len(self.codes)} calls: {count(self.codes)}; {1e6 * used / len(self.codes):.0f} us of CPU each"

    def expect(self, context, row):
        if set(self.codes) != {"UNAUTHENTICATED"}:
            row.problems.append(f"expected UNAUTHENTICATED, got {count(self.codes)}")
        if self.told:
            row.problems.append("the token is in the log")
