"""Work that nobody waits for, and numbers that are slow."""

import random
import statistics
import struct
import time

from harness.daemon import cpu_seconds
from harness.door import in_threads
from harness.fault import Attack, count

MILLISECONDS_AFTER_DEADLINE = 5  # of CPU, per call
SLOWEST_RATIO = 1.3


class Deadlines(Attack):
    name = "deadlines_of_50_ms"
    what = "200 calls with a deadline of 50 ms on ten seconds of work: CPU used after the deadline"
    client_beside = False  # its CPU time would be counted

    def attack(self, context):
        calls, at_once = context.scaled(200, 40), 2
        request = context.bench.requests.long_convolve().SerializeToString()
        method = "/tensord.v1.TensorService/Convolve"
        pid = context.daemon.pid
        self.codes, self.after = [], 0.0
        connections = [context.connect() for _ in range(at_once)]
        for _ in range(calls // at_once):
            answers = in_threads(at_once, lambda i: connections[i].call(method, request, [("grpc-timeout", "50m")], 5))
            start = cpu_seconds(pid)
            time.sleep(0.06)
            self.after += cpu_seconds(pid) - start
            self.codes += [answer.code for answer in answers]
        self.calls = len(self.codes)
        return (f"{self.calls} calls: {count(self.codes)}; {1000 * self.after / self.calls:.2f} ms of CPU per call "
                f"after it")

    def expect(self, context, row):
        if set(self.codes) - {"DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "RST_STREAM 8", "CANCELLED"}:
            row.problems.append(f"expected DEADLINE_EXCEEDED, got {count(self.codes)}")
        if 1000 * self.after > MILLISECONDS_AFTER_DEADLINE * self.calls:
            row.problems.append(f"{1000 * self.after / self.calls:.1f} ms of CPU per call after the deadline, "
                                f"allowed are {MILLISECONDS_AFTER_DEADLINE}")


class Denormals(Attack):
    name = "denormals"
    what = "every kernel on 1e-40 instead of ordinary numbers: the ratio of the medians of CPU time"
    doors = ("direct",)
    client_beside = False

    def attack(self, context):
        requests = context.bench.requests
        connection = context.connect()
        pid, self.ratios = context.daemon.pid, {}

        def seconds(rpc, body):
            start = cpu_seconds(pid)
            answer = connection.call(requests.TENSOR + rpc, body)
            if answer.code != "OK":
                raise RuntimeError(f"{rpc}: {answer.code}")
            return cpu_seconds(pid) - start

        for name, rpc, make in kernels(requests):
            bodies = {scale: make(scale).SerializeToString() for scale in (1e-40, 1.0)}
            times = {scale: [] for scale in bodies}
            for turn in range(context.scaled(31, 9)):  # in turns, each first as often: the machine changes its pace
                for scale in sorted(bodies, reverse=turn % 2 == 1):
                    times[scale].append(seconds(rpc, bodies[scale]))
            self.ratios[name] = statistics.median(times[1e-40]) / statistics.median(times[1.0])
        return "denormal / normal: " + ", ".join(f"{name} {ratio:.2f}" for name, ratio in self.ratios.items())

    def expect(self, context, row):
        for name, ratio in self.ratios.items():
            if ratio > SLOWEST_RATIO:
                row.problems.append(f"{name}: {ratio:.1f} times as slow, allowed is {SLOWEST_RATIO}")


def kernels(requests):
    """Name, rpc and a function from a scale to a request of a few milliseconds."""
    from tensord.v1 import activation_pb2, convolution_pb2, pooling_pb2
    noise = random.Random(2)

    def tensor(scale, *shape):
        size = 1
        for length in shape:
            size *= length
        values = [scale * (1 + noise.random()) for _ in range(size)]
        return requests.tensor_pb2.Tensor(data_type=3, shape=shape, data=struct.pack(f"<{size}f", *values))

    def convolve(scale):
        return convolution_pb2.ConvolveRequest(input=tensor(scale, 40, 40, 64), filter=tensor(1, 3, 3, 64, 64))

    def product(scale):
        root = scale ** 0.5
        return convolution_pb2.ConvolveRequest(input=tensor(root, 40, 40, 64), filter=tensor(root, 3, 3, 64, 64))

    def backward(scale):
        return convolution_pb2.ConvolveBackwardRequest(
            input=tensor(scale, 34, 34, 64), filter=tensor(scale, 3, 3, 64, 64),
            output_gradient=tensor(1, 32, 32, 64), gradients=[1, 2, 3])

    def pool(scale):
        return pooling_pb2.PoolRequest(kind=pooling_pb2.POOLING_KIND_AVERAGE, input=tensor(scale, 256, 256, 16),
                                       conventions=pooling_pb2.PoolingConventions(window=[3]))

    def activate(kind):
        return lambda scale: activation_pb2.ActivateRequest(input=tensor(scale, 1 << 20),
                                                            activation=activation_pb2.Activation(kind=kind))

    return [("convolve", "Convolve", convolve), ("product", "Convolve", product),
            ("backward", "ConvolveBackward", backward),
            ("average", "Pool", pool), ("leaky relu", "Activate", activate(3)),
            ("sigmoid", "Activate", activate(6)), ("softsign", "Activate", activate(9))]
