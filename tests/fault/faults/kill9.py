"""SIGKILL, again and again, with two daemons and a client that knows both."""

import random
import socket
import time

from harness.daemon import Daemon
from harness.fault import MIB, NOT, OK, Fault
from harness.good_client import quantile
from harness.load import Load


class KillMinus9(Fault):
    name = "kill_minus_9"
    what = "100 x SIGKILL under load: two daemons, clients that repeat UNAVAILABLE on the other one, at most 3 times"
    doors = ("direct",)
    retries = 3

    def run(self, bench, row):
        kills = 10 if bench.short else 100
        ports = free_ports(2)
        daemons = [Daemon(bench.program, listen=f"127.0.0.1:{port}") for port in ports]
        chance, starts, used = random.Random(9), [], 0.0
        start = time.monotonic()
        try:
            targets = [f"127.0.0.1:{port}" for port in ports]
            with Load(targets, bench.method, bench.body, threads=4, retries=self.retries, timeout=5) as load:
                time.sleep(0.5)
                for kill in range(kills):
                    victim = kill % 2
                    # Never both at once, nor one while clients still wait to connect to the other again (100 ms).
                    time.sleep(chance.uniform(0.2, 0.5))
                    used += daemons[victim].sample().cpu_seconds
                    daemons[victim].kill()
                    daemons[victim] = Daemon(bench.program, listen=f"127.0.0.1:{ports[victim]}")
                    starts.append(daemons[victim].ready_seconds)
                time.sleep(0.3)
            row.seconds = time.monotonic() - start
            row.rss_mib = max(daemon.sample().peak_rss for daemon in daemons) / MIB
            row.cpu_seconds = used + sum(daemon.sample().cpu_seconds for daemon in daemons)
        finally:
            codes = [daemon.stop() for daemon in daemons]
        self._judge(row, load, starts, kills, codes)

    @staticmethod
    def _judge(row, load, starts, kills, exit_codes):
        total = sum(load.codes.values())
        row.done = (f"{kills} kills in {row.seconds:.0f} s, {total} calls ({total / row.seconds:.0f}/s): without retry "
                    f"{dict(load.unretried)}, with it {dict(load.codes)}, {load.retried} calls repeated, at most "
                    f"{load.most_retries} times; ready {1000 * quantile(sorted(starts), 0.5):.0f} ms after exec "
                    f"(median), {1000 * max(starts):.0f} at the most")
        row.beside = {"calls": total, "failed": total - load.codes["OK"], "codes": dict(load.codes), "p50": 0,
                      "p99": 1000 * load.slowest, "max": 1000 * load.slowest}
        if load.codes["OK"] != total:
            row.problems.append(f"calls that failed in spite of the retries: {dict(load.codes)}")
        if set(load.unretried) - {"OK", "UNAVAILABLE"}:
            row.problems.append(f"a killed daemon has to look like UNAVAILABLE: {dict(load.unretried)}")
        if total < 100 * row.seconds:
            row.problems.append(f"too little load: {total / row.seconds:.0f} calls a second")
        if exit_codes != [0, 0]:
            row.problems.append(f"exit codes at the end: {exit_codes}")
        row.recovered = NOT if row.problems else OK


def free_ports(number):
    sockets = [socket.socket() for _ in range(number)]
    for sock in sockets:
        sock.bind(("127.0.0.1", 0))
    ports = [sock.getsockname()[1] for sock in sockets]
    for sock in sockets:
        sock.close()
    return ports
