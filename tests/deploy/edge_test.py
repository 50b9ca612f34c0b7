#!/usr/bin/python3
"""The edge in front of real daemons: what it lets through, what it refuses and how, and what attacks cost behind it.

Attackers come from other addresses than the client that behaves well, as they would in the world.
"""

import argparse
import collections
import contextlib
import hashlib
import ssl
import sys
import tempfile
import threading
import time
import unittest
from concurrent import futures

import grpc

import load
import raw_http2
from processes import Daemon, Edge, make_certificates, metrics

SECONDS = 30
HEALTH = "/grpc.health.v1.Health/Check"
INFO = "/tensord.v1.ServerService/GetServerInfo"
SERVING = b"\x08\x01"


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tensord", required=True)
    parser.add_argument("--sanitized", action="store_true", help="the daemon's memory says nothing")
    return parser.parse_known_args()


ARGUMENTS, REST = parse_arguments()
FOLDER = tempfile.TemporaryDirectory()
TLS = make_certificates(FOLDER.name)
CA = str(TLS / "ca.pem")


def channel(port, **files):
    parts = {name: (TLS / file).read_bytes() for name, file in files.items()}
    credentials = grpc.ssl_channel_credentials((TLS / "ca.pem").read_bytes(), **parts)
    return grpc.secure_channel(f"localhost:{port}", credentials,
                               [("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)])


class Traffic:
    """A client that behaves well, ten calls a second on one connection, while the block runs: `bad` has what failed."""

    def __init__(self, port):
        self.good, self.bad, self.longest = 0, [], 0.0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(port,))

    def _run(self, port):
        with channel(port) as connection:
            call = connection.unary_unary(HEALTH)
            while not self._end.wait(0.1):
                start = time.monotonic()
                try:
                    call(b"", timeout=SECONDS)
                    self.good += 1
                except grpc.RpcError as error:
                    self.bad.append(f"{error.code().name}: {error.details()}")
                self.longest = max(self.longest, time.monotonic() - start)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *unused):
        self._end.set()
        self._thread.join()


class EdgeCase(unittest.TestCase):
    """A daemon or two behind an edge, with its limits as they are unless a test says otherwise."""

    def start(self, *flags, daemons=1, **limits):
        self.daemons = [self.enterContext(Daemon(ARGUMENTS.tensord, *flags)) for _ in range(daemons)]
        self.daemon = self.daemons[0]
        self.edge = self.enterContext(Edge(TLS, *(daemon.address for daemon in self.daemons), **limits))

    def attacker(self, number=2, **options):
        return self.enterContext(raw_http2.Connection(self.edge.port, CA, source=f"127.0.0.{number}", **options))

    def assert_serves(self):
        with channel(self.edge.port) as connection:
            self.assertEqual(SERVING, connection.unary_unary(HEALTH)(b"", timeout=SECONDS))


class EdgeTest(EdgeCase):
    def test_passes_calls_on_unchanged(self):
        self.start()
        with channel(self.edge.port) as through, grpc.insecure_channel(self.daemon.address) as direct:
            answers = [connection.unary_unary(INFO)(b"", timeout=SECONDS) for connection in (through, direct)]
            self.assertGreater(len(answers[0]), 100)
            self.assertEqual(answers[1], answers[0])
            refusals = []
            for connection in (through, direct):
                with self.assertRaises(grpc.RpcError) as raised:
                    connection.unary_unary("/tensord.v1.TensorService/Convolve")(b"", timeout=SECONDS)
                refusals.append((raised.exception.code(), raised.exception.details(),
                                 dict(raised.exception.trailing_metadata())["grpc-status-details-bin"]))
            self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, refusals[0][0])
            self.assertEqual(refusals[1], refusals[0])

    def test_refuses_plain_text_and_http_1(self):
        self.start()
        with grpc.insecure_channel(f"127.0.0.1:{self.edge.port}") as connection:
            with self.assertRaises(grpc.RpcError) as raised:
                connection.unary_unary(HEALTH)(b"", timeout=SECONDS)
        self.assertEqual(grpc.StatusCode.UNAVAILABLE, raised.exception.code())
        old = self.attacker(greet=False, alpn=("http/1.1",))
        old.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        with contextlib.suppress(OSError):
            while data := old.socket.recv(4096):
                answer += data
        self.assertNotIn(b"HTTP/1", answer)
        self.assertEqual(0, self.daemon.calls())
        self.assert_serves()

    def test_asks_for_certificates_where_told_to(self):
        self.start(client_ca=CA)
        with channel(self.edge.port) as stranger:
            with self.assertRaises(grpc.RpcError) as raised:
                stranger.unary_unary(HEALTH)(b"", timeout=SECONDS)
        self.assertEqual(grpc.StatusCode.UNAVAILABLE, raised.exception.code())
        with channel(self.edge.port, private_key="client.key", certificate_chain="client.pem") as known:
            self.assertEqual(SERVING, known.unary_unary(HEALTH)(b"", timeout=SECONDS))

    def test_calls_above_the_rate_are_refused_as_grpc_does(self):
        self.start(source_calls_per_second=20)
        with channel(self.edge.port) as connection:
            calls = [connection.unary_unary(HEALTH).future(b"", timeout=SECONDS) for _ in range(100)]
            refused = [call for call in calls if call.exception(timeout=SECONDS)]
            self.assertGreaterEqual(len(refused), 60)
            self.assertLessEqual(len(refused), 80)
            for call in refused:
                self.assertEqual(grpc.StatusCode.RESOURCE_EXHAUSTED, call.code())
                self.assertIn("20 calls a second", call.details())
                self.assertEqual("1000", dict(call.trailing_metadata())["grpc-retry-pushback-ms"])
            other = self.attacker(3)
            self.assertEqual("0", other.call(1, HEALTH).get("grpc-status"))

    def test_refusals_of_large_calls_arrive(self):
        # Of the edge, and of the daemon behind it: both while the client is still sending.
        self.start("--max-message-bytes", "64KiB", "--max-tensor-bytes", "32KiB", source_calls_per_second=30)
        request = load.convolve_request(128, 16, 5)
        self.assertGreater(len(request), 1 << 20)
        with channel(self.edge.port) as connection:
            calls = [connection.unary_unary(load.METHOD).future(request, timeout=SECONDS) for _ in range(60)]
            details = collections.Counter()
            for call in calls:
                self.assertIsNotNone(call.exception(timeout=SECONDS))
                self.assertEqual(grpc.StatusCode.RESOURCE_EXHAUSTED, call.code(), call.details())
                details[call.details()] += 1
        self.assertEqual(2, len(details), details)

    def test_refusals_that_follow_from_headers_alone_arrive(self):
        # The daemon knows from the headers on that it will refuse. Of strangers it reads nothing: haproxy makes
        # CANCELLED of its answer where the request is still coming.
        tokens = TLS / "tokens"
        tokens.write_text(hashlib.sha256(b"secret").hexdigest() + " course\n", encoding="utf-8")
        self.start("--auth-tokens", tokens, "--auth-without-tls", "on", "--client-calls-per-second", "5")
        secret, wrong = ([("authorization", f"Bearer {token}")] for token in ("secret", "wrong"))
        with channel(self.edge.port) as connection:
            def codes(request, metadata):
                calls = [connection.unary_unary(load.METHOD).future(request, timeout=SECONDS, metadata=metadata)
                         for _ in range(50)]
                return {call.code().name for call in calls if call.exception(timeout=SECONDS) or True}
            small, large = load.convolve_request(8, 4, 2), load.convolve_request(128, 16, 5)
            self.assertEqual({"UNAUTHENTICATED"}, codes(small, wrong))
            self.assertLessEqual(codes(large, wrong), {"UNAUTHENTICATED", "CANCELLED"})
            time.sleep(1)
            self.assertEqual({"OK", "RESOURCE_EXHAUSTED"}, codes(large, secret))

    def test_calls_in_flight_are_limited(self):
        self.start(source_calls_in_flight=5)
        with channel(self.edge.port) as connection:
            watches = [connection.unary_stream("/grpc.health.v1.Health/Watch")(b"", timeout=SECONDS) for _ in range(5)]
            self.assertEqual([SERVING] * 5, [next(watch) for watch in watches])
            with self.assertRaises(grpc.RpcError) as raised:
                connection.unary_unary(HEALTH)(b"", timeout=SECONDS)
            self.assertEqual(grpc.StatusCode.RESOURCE_EXHAUSTED, raised.exception.code())
            for watch in watches:
                watch.cancel()
            # The edge hears of it a moment later.
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                try:
                    self.assertEqual(SERVING, connection.unary_unary(HEALTH)(b"", timeout=SECONDS))
                    return
                except grpc.RpcError:
                    time.sleep(0.05)
        self.fail("calls that were cancelled still count")

    def test_only_what_looks_like_grpc_gets_through(self):
        self.start()
        client = self.attacker()
        self.assertEqual("405", client.call(1, HEALTH, method="GET").get(":status"))
        self.assertEqual("12", client.call(3, "/etc/passwd/../x").get("grpc-status"))
        self.assertEqual("12", client.call(5, "/" + "a" * 300 + "/b").get("grpc-status"))
        self.assertEqual("8", client.call(7, HEALTH, ("x-large", "a" * 5000)).get("grpc-status"))
        # Bad base64: gRPC 1.51 would close the connection.
        self.assertEqual("0", client.call(9, HEALTH, ("x-bad-bin", "!!!")).get("grpc-status"))
        self.assertEqual("0", client.call(11, HEALTH).get("grpc-status"))

    def test_no_daemon_is_unavailable(self):
        self.start()
        self.assert_serves()
        self.daemon.kill()
        with channel(self.edge.port) as connection:
            with self.assertRaises(grpc.RpcError) as raised:
                connection.unary_unary(HEALTH)(b"", timeout=SECONDS)
        self.assertEqual(grpc.StatusCode.UNAVAILABLE, raised.exception.code())
        # Once the edge knows, it says so.
        with channel(self.edge.port) as connection:
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                with self.assertRaises(grpc.RpcError) as raised:
                    connection.unary_unary(HEALTH)(b"", timeout=SECONDS)
                self.assertEqual(grpc.StatusCode.UNAVAILABLE, raised.exception.code())
                if raised.exception.details() == "no daemon takes calls now":
                    return
                time.sleep(0.1)
        self.fail("the edge did not notice")

    def server_is(self, state):
        """Whether the edge's own metrics come to say so of the first daemon."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if metrics(self.edge.metrics_port)[state] == 1:
                return True
            time.sleep(0.1)
        return False

    def test_asks_a_daemon_for_its_health(self):
        up, ok = (f'haproxy_server_{name}{{proxy="daemons",server="daemon1",state="{state}"}}'
                  for name, state in (("status", "UP"), ("check_status", "L7OK")))
        self.start()
        self.assertTrue(self.server_is(ok))
        self.assertTrue(self.server_is(up))
        # One that answers, and says that it is not serving.
        health = grpc.unary_unary_rpc_method_handler(lambda request, context: self.health)
        handler = grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": health})
        self.health = b"\x08\x02"
        server = grpc.server(futures.ThreadPoolExecutor(2), handlers=[handler])
        address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
        server.start()
        self.addCleanup(server.stop, None)
        self.edge = self.enterContext(Edge(TLS, address))
        self.assertTrue(self.server_is(up.replace("UP", "DOWN")))
        self.health = SERVING
        self.assertTrue(self.server_is(up))

    def test_a_daemon_that_is_not_serving_gets_no_calls(self):
        self.start("--drain-timeout", "20s", daemons=2)
        self.assertEqual(0, self.daemons[0].stop())
        deadline = time.monotonic() + SECONDS
        with channel(self.edge.port) as connection:
            call = connection.unary_unary(INFO)
            for _ in range(50):
                self.assertGreater(len(call(b"", timeout=SECONDS)), 100)
        self.assertLess(time.monotonic(), deadline)


class AttackTest(EdgeCase):
    """Attacks that gRPC 1.51 does not stand; beside each a client that behaves well."""

    def report(self, traffic, cpu, calls):
        """What the attack cost, for the reader of the log; and that nobody else noticed."""
        print(f"\n{self.id().rsplit('.', 1)[1]}: daemon {self.daemon.cpu_seconds() - cpu:.2f} s CPU, "
              f"{self.daemon.calls() - calls:.0f} calls, peak {self.daemon.peak_mebibytes():.0f} MiB; beside it "
              f"{traffic.good} good calls, longest {1000 * traffic.longest:.0f} ms, failed {traffic.bad}",
              file=sys.stderr)
        self.assertEqual([], traffic.bad)
        self.assert_serves()

    def flood(self, at_once):
        """20000 calls and their resets: `at_once`, or as many calls as may be open and then their resets."""
        attacker = self.attacker()
        streams = range(1, 40000, 2)
        step = 1 if at_once else 100
        for first in range(0, len(streams), step):
            some = streams[first:first + step]
            calls = b"".join(attacker.headers(stream, INFO) + attacker.message(stream).serialize() for stream in some)
            if not at_once and not attacker.send(calls):
                break
            resets = b"".join(attacker.reset(stream).serialize() for stream in some)
            if not attacker.send(calls + resets if at_once else resets):
                break
        attacker.receive(seconds=2)
        return attacker

    def assert_flood_is_stopped(self, at_once):
        self.start()
        cpu, calls, memory = self.daemon.cpu_seconds(), self.daemon.calls(), self.daemon.peak_mebibytes()
        with Traffic(self.edge.port) as traffic:
            time.sleep(0.5)
            attacker = self.flood(at_once)
            time.sleep(0.5)
        self.report(traffic, cpu, calls)
        self.assertLessEqual(self.daemon.calls() - calls, 250)
        if not ARGUMENTS.sanitized:
            self.assertLess(self.daemon.peak_mebibytes() - memory, 16)
        return attacker

    def test_rapid_reset(self):
        # haproxy never starts what is reset in the same buffer: nothing gets through, nothing is counted.
        self.assert_flood_is_stopped(at_once=True)

    def test_reset_after_the_call_was_passed_on(self):
        self.assertTrue(self.assert_flood_is_stopped(at_once=False).closed)

    def test_streams_without_acknowledged_settings(self):
        self.start()
        attacker = self.attacker(greet=False)
        attacker.acknowledge = False
        attacker.send(raw_http2.PREFACE, raw_http2.SettingsFrame(0))
        for stream in range(1, 400, 2):
            attacker.send(attacker.headers(stream, INFO))
        attacker.receive(seconds=1)
        refused = [frame for frame in attacker.frames if isinstance(frame, raw_http2.RstStreamFrame)]
        self.assertTrue(attacker.went_away() or len(refused) >= 100, f"{len(refused)} streams were refused")
        self.assert_serves()

    def test_one_header_over_many_frames(self):
        self.start()
        cpu, calls = self.daemon.cpu_seconds(), self.daemon.calls()
        with Traffic(self.edge.port) as traffic:
            time.sleep(0.5)
            attacker = self.attacker()
            # A literal of 100 MiB, one piece of a KiB after another.
            start = b"\x83\x87\x00\x05x-abc\x7f" + bytes([0x81, 0xFF, 0xFF, 0x31])
            attacker.send(raw_http2.HeadersFrame(1, start))
            sent = 0
            while sent < 16 << 20 and attacker.send(raw_http2.ContinuationFrame(1, b"a" * 1024)):
                sent += 1024
        self.report(traffic, cpu, calls)
        self.assertTrue(attacker.closed, f"{sent} bytes of one header were taken")

    def test_silent_connections(self):
        self.start(first_request_timeout="1s", client_timeout="1s")
        cpu, calls = self.daemon.cpu_seconds(), self.daemon.calls()
        with Traffic(self.edge.port) as traffic:
            # Some say nothing after TLS, some begin a call and leave it.
            silent = [self.attacker(greet=number % 2 == 0) for number in range(60)]
            for connection in silent:
                if connection.closed is False:
                    connection.send(connection.headers(1, INFO)[:20])
            end = time.monotonic() + SECONDS
            for connection in silent:
                connection.receive(seconds=max(0.1, end - time.monotonic()))
        self.report(traffic, cpu, calls)
        self.assertEqual(60, sum(connection.closed for connection in silent))

    def test_one_source_cannot_take_all_connections(self):
        self.start(source_connections=10)
        taken = refused = 0
        for _ in range(40):
            try:
                self.attacker(4)
                taken += 1
            except (OSError, ssl.SSLError):
                refused += 1
        self.assertEqual((10, 30), (taken, refused))
        self.assert_serves()


if __name__ == "__main__":
    try:
        unittest.main(argv=[sys.argv[0], *REST], verbosity=2)
    finally:
        FOLDER.cleanup()
