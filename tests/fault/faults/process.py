"""What the operating system, or an operator, does to the process."""

import os
import signal
import socket
import threading
import time

from harness.daemon import Daemon, parse
from harness.door import in_threads
from harness.fault import MIB, NOT, OK, Attack, Context, Fault, count
from harness.h2 import PRIORITY, Connection, frame, grpc_message
from harness.load import Load


class Stopped(Attack):
    name = "stopped_for_3_seconds"
    what = "SIGSTOP, three seconds, SIGCONT"

    def attack(self, context):
        context.daemon.signal(signal.SIGSTOP)
        time.sleep(3)
        context.daemon.signal(signal.SIGCONT)
        time.sleep(0.5)  # in which the client beside gets its answer
        return "the daemon stood still for 3 s"


class BlockedLog(Attack):
    name = "log_sink_blocked"
    what = "standard error is a pipe that nobody reads: calls go on, and the daemon ends when it is told to"
    doors = ("direct",)
    of_daemon = {"read_log": False}

    def attack(self, context):
        connection, calls = context.connect(), context.scaled(3000, 1500)
        codes = [connection.call(context.bench.method, context.bench.body, seconds=2).code for _ in range(20)]
        while len(codes) < calls and codes[-1] == "OK":
            codes.append(connection.call(context.bench.method, context.bench.body, seconds=2).code)
        self.codes, self.calls = codes, calls
        return f"{len(codes)} calls: {count(codes)}"

    def expect(self, context, row):
        if set(self.codes) != {"OK"}:
            row.problems.append(f"the daemon stopped answering after {len(self.codes)} calls")


class ProcessFault(Fault):
    """A daemon of its own; what counts as recovered is that one started in its place answers."""

    doors = ("direct",)

    def fresh_start(self, bench, row, listen="127.0.0.1:0"):
        start = time.monotonic()
        daemon = Daemon(bench.program, listen=listen)
        try:
            door = type("Started", (), {"daemon": daemon, "metadata": [], "socket": _connector(daemon.address)})
            seconds, code = Context(bench, door).until_good(10)
            row.recovered, row.recovery_seconds = (OK, time.monotonic() - start) if seconds is not None else (NOT, 0)
            if seconds is None:
                row.problems.append(f"a fresh daemon answered {code}")
        finally:
            daemon.stop()


def _connector(address):
    return lambda _, seconds: socket.create_connection(address, seconds)


class Terminated(ProcessFault):
    name = "sigterm_under_load"
    what = "SIGTERM under load: what was accepted is answered, exit code 0"

    def run(self, bench, row):
        daemon = Daemon(bench.program, ["--queue", "64"])
        body = bench.requests.medium_convolve().SerializeToString()
        before = daemon.sample()
        with Load([f"127.0.0.1:{daemon.address[1]}"], bench.method, body, threads=8, pause=0) as load:
            # A crowded machine takes its time until calls come; how long is not what this is about.
            end = time.monotonic() + 30
            while load.codes["OK"] < 100 and time.monotonic() < end:
                time.sleep(0.1)
            time.sleep(1.5)
            daemon.reset_peak()
            running = load.total()
            sample = daemon.sample()
            start = time.monotonic()
            code = daemon.stop()
            row.seconds = time.monotonic() - start
            time.sleep(0.2)
        row.cpu_seconds, row.rss_mib = sample.cpu_seconds - before.cpu_seconds, (sample.peak_rss - before.rss) / MIB
        events = [event for event in map(parse, daemon.lines) if event]
        started = next((i for i, event in enumerate(events) if event.get("event") == "drain_started"), len(events))
        after = [event["code"] for event in events[started:] if event.get("event") == "call"]
        row.done = (f"{running} calls, then SIGTERM: ended after {row.seconds:.2f} s with {code}; the calls logged "
                    f"after it: {count(after) or 'none'}; the clients saw {count(load.codes.elements())}")
        if code != 0:
            row.problems.append(f"exit code {code}")
        logged = sum(event.get("event") == "call" and event["code"] == "OK" for event in events)
        if logged != load.codes["OK"] or set(after) - {"OK", "UNAVAILABLE"}:
            row.problems.append(f"{logged} calls were done, {load.codes['OK']} answers came")
        # What arrives in the moment of the shutdown gRPC 1.51 resets before a handler starts.
        if set(load.codes) - {"OK", "UNAVAILABLE", "CANCELLED"} or load.codes["CANCELLED"] > 10:
            row.problems.append("clients may see OK and UNAVAILABLE, and a few CANCELLED")
        if load.codes["OK"] < 100:
            row.problems.append("there was no load")
        self.fresh_start(bench, row, "127.0.0.1:%d" % daemon.address[1])


class TerminatedWhileSending(ProcessFault):
    name = "sigterm_while_sending"
    what = "SIGTERM while clients send and do not read: they get the answers of 512 KiB that were done"

    def run(self, bench, row):
        daemon = Daemon(bench.program)
        request = bench.requests.convolution_pb2.ConvolveRequest(
            input=bench.requests.zeros(1, 1, 1), filter=bench.requests.zeros(1, 1, 1, 1))
        request.conventions.padding.begin.append(180)
        opened = []
        for _ in range(8):
            connection = Connection(socket.create_connection(daemon.address))
            opened.append((connection, connection.open_stream(bench.method)))
            connection.send_body(opened[-1][1], grpc_message(request.SerializeToString()))
        time.sleep(0.5)
        done = threading.Event()
        threads = [threading.Thread(target=self.send_on, args=(connection.sock, done)) for connection, _ in opened]
        for thread in threads:
            thread.start()
        start = time.monotonic()
        daemon.signal(signal.SIGTERM)
        time.sleep(0.5)
        answers = [connection.wait(stream, 5) for connection, stream in opened]
        done.set()
        for thread, (connection, _) in zip(threads, opened):
            thread.join()
            connection.close()
        code = daemon.wait()
        row.seconds = time.monotonic() - start
        whole = sum(answer.code == "OK" and len(answer.body) > 361 * 361 * 4 for answer in answers)
        row.done = f"{len(answers)} answers, {whole} whole; ended after {row.seconds:.2f} s with {code}"
        if code != 0 or whole != len(answers):
            row.problems.append(f"the clients saw {count(answer.code for answer in answers)}, expected every answer")
        self.fresh_start(bench, row)

    @staticmethod
    def send_on(sock, done):
        """Frames that say nothing, until the other side takes no more."""
        frames = frame(PRIORITY, 0, 1, bytes((0, 0, 0, 0, 15))) * 50
        while not done.is_set():
            try:
                sock.send(frames)
            except OSError:
                return


class TerminatedTwice(ProcessFault):
    name = "sigterm_twice"
    what = "SIGTERM during a long call, and again: ends at once with 1"

    def run(self, bench, row):
        daemon = Daemon(bench.program)
        body = bench.requests.long_convolve().SerializeToString()
        with Load([f"127.0.0.1:{daemon.address[1]}"], bench.method, body, threads=2, pause=0) as load:
            time.sleep(1)
            daemon.signal(signal.SIGTERM)
            time.sleep(0.5)
            drained = daemon.alive()
            start = time.monotonic()
            code = daemon.stop()
            row.seconds = time.monotonic() - start
        row.done = f"{'draining' if drained else 'ended'} after the first, {code} after the second, {row.seconds:.2f} s"
        if not drained or code != 1 or row.seconds > 5 or load.codes["OK"]:
            row.problems.append("expected a drain, and then exit code 1 at once")
        self.fresh_start(bench, row)


class PortTaken(ProcessFault):
    name = "port_taken_at_start"
    what = "the metrics' or the calls' port is taken, a certificate is missing: exit code 1 and a reason, no crash"

    def run(self, bench, row):
        outcomes = []
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = f"127.0.0.1:{taken.getsockname()[1]}"
            for what, flags, listen, named in (
                    ("metrics port", ["--metrics-listen", port], "127.0.0.1:0", port),
                    ("port", [], port, port),
                    ("certificate", ["--tls-certificate", "/nowhere.pem", "--tls-key", "/nowhere.key"], "127.0.0.1:0",
                     "/nowhere.pem")):
                daemon = Daemon(bench.program, flags, wait=False, listen=listen)
                start = time.monotonic()
                try:
                    code = daemon.process.wait(20)
                except Exception:  # still running
                    code = None
                daemon.kill()
                text = "".join(daemon.lines)
                outcomes.append(f"{what}: {code} after {time.monotonic() - start:.1f} s")
                if code != 1 or named not in text:
                    row.problems.append(f"{what}: exit code {code}, the log: {text[-300:]!r}")
                if daemon.bad_log_lines():
                    row.problems.append(f"{what}: a line of the log is no JSON: {daemon.bad_log_lines()[0]!r}")
        row.done = "; ".join(outcomes)
        self.fresh_start(bench, row)


class CpuQuota(Attack):
    name = "cpu_quota"
    what = "a tenth of a processor for five seconds, under load"
    doors = ("direct",)
    most_failed = 1 << 30  # deadlines may pass: it is slow, not broken

    def run(self, bench, row):
        group = _cpu_group()
        if group is None:
            row.skipped = "no cgroup for CPU can be made here (needs root and cgroup v1 or v2 with the cpu controller)"
            return
        self.group = group
        try:
            super().run(bench, row)
        finally:
            for _ in range(50):
                try:
                    os.rmdir(group)
                    break
                except OSError:
                    time.sleep(0.1)

    def attack(self, context):
        _write(self.group, "cgroup.procs", str(context.daemon.pid))
        body = context.bench.requests.medium_convolve().SerializeToString()
        codes = []
        for _ in range(context.scaled(3, 1)):
            codes += [getattr(a, "code", a) for a in in_threads(
                8, lambda _: context.connect().call(context.bench.method, body, seconds=20))]
        parent = os.path.dirname(self.group)
        with open(os.path.join(parent, "cgroup.procs"), "w", encoding="ascii") as procs:
            procs.write(str(context.daemon.pid))
        self.codes = codes
        return f"{len(codes)} calls at 0.1 CPU: {count(codes)}"

    def expect(self, context, row):
        if set(self.codes) - {"OK", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"}:
            row.problems.append(f"unexpected: {count(self.codes)}")


def _write(group, name, text):
    with open(os.path.join(group, name), "w", encoding="ascii") as file:
        file.write(text)


def _cpu_group():
    """A new group of a tenth of a CPU, or None."""
    for root, name, text in (("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", "10000"),
                             ("/sys/fs/cgroup", "cpu.max", "10000 100000")):
        group = os.path.join(root, f"tensord-fault-{os.getpid()}")
        try:
            os.mkdir(group)
            _write(group, name, text)
            return group
        except OSError:
            if os.path.isdir(group):
                os.rmdir(group)
    return None
