"""Clients that ask for much and read nothing."""

import struct
import time

from harness.fault import MIB, Attack, count
from harness.h2 import INITIAL_WINDOW_SIZE, PREFACE, SETTINGS, frame, grpc_message

CONVOLVE = "/tensord.v1.TensorService/Convolve"
STREAM = "/tensord.v1.TensorService/StreamCompute"


def connect_without_window(context):
    """A connection whose client has no room for any answer."""
    connection = context.connect(polite=False)
    connection.send(PREFACE + frame(SETTINGS, 0, 0, struct.pack(">HI", INITIAL_WINDOW_SIZE, 0)) + frame(SETTINGS, 1, 0))
    return connection


def enlarge(request, requests):
    """A pixel that becomes 1023 x 1023."""
    request.input.CopyFrom(requests.zeros(1, 1, 1))
    request.filter.CopyFrom(requests.zeros(1, 1, 1, 1))
    request.conventions.padding.begin.append(511)
    return request


class AnswersUnread(Attack):
    name = "answers_unread"
    what = "400 small calls with answers of 4 MiB, from clients whose windows are 0: answers that nobody takes"
    flags = (("--default-deadline", "3s"), ("--memory-budget-bytes", "64MiB"), ("--max-tensor-bytes", "8MiB"),
             ("--max-message-bytes", "12MiB"), ("--transport-quota-bytes", "64MiB"))
    # The budget, and as much again for what is being computed and for what the allocator keeps.
    most_rss_mib = 192
    most_failed = 1 << 30  # the budget is full: the client beside may be told to come back later

    def attack(self, context):
        connections, calls = context.scaled(20, 8), 20
        requests = context.bench.requests
        request = enlarge(requests.convolution_pb2.ConvolveRequest(), requests)
        body = grpc_message(request.SerializeToString())
        opened = []
        for _ in range(connections):
            connection = connect_without_window(context)
            opened.append(connection)
            for _ in range(calls):
                connection.send_body(connection.open_stream(CONVOLVE), body)
        time.sleep(3)
        for connection in opened:
            connection.pump(0.01)
        deadline = time.monotonic() + 7
        while (held := context.daemon.metrics().get("tensord_memory_used_bytes", 0)) and time.monotonic() < deadline:
            time.sleep(0.2)
        self.held = held
        self.codes = [answer.code for connection in opened for answer in connection.answers.values()]
        return (f"{len(self.codes)} calls: {count(self.codes)}; {held / MIB:.0f} MiB of the budget held after the "
                f"default deadline")

    def expect(self, context, row):
        if self.held:
            row.problems.append("calls whose deadline has passed still hold memory")


class StreamsUnread(Attack):
    name = "streams_unread"
    what = "streams full of operations with answers of 4 MiB, from clients whose windows are 0"
    flags = AnswersUnread.flags
    most_rss_mib = 192
    most_failed = 1 << 30  # the budget is full: the client beside may be told to come back later

    def attack(self, context):
        connections, operations = context.scaled(20, 8), 200
        requests = context.bench.requests
        operation = requests.stream_pb2.StreamComputeRequest()
        enlarge(operation.convolve, requests)
        body = grpc_message(operation.SerializeToString())
        opened = []
        for _ in range(connections):
            connection = connect_without_window(context)
            opened.append(connection)
            connection.send_body(connection.open_stream(STREAM), body * operations, end_stream=False)
        time.sleep(3)
        self.peak = context.daemon.metrics().get("tensord_memory_used_bytes", 0)
        deadline = time.monotonic() + 7
        while (held := context.daemon.metrics().get("tensord_memory_used_bytes", 0)) and time.monotonic() < deadline:
            time.sleep(0.2)
        self.held = held
        return (f"{connections} streams of {operations} operations; {self.peak / MIB:.0f} MiB of the budget held at "
                f"first, {held / MIB:.0f} after the default deadline")

    def expect(self, context, row):
        if self.held:
            row.problems.append("streams whose answers nobody takes still hold memory")
