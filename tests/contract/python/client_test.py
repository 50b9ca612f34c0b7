"""A client made from protos/ by protoc convolves, differentiates and pools against a real daemon.

Every result is compared with plain loops over Python's lists. Over TCP and over a Unix socket.
"""

import argparse
import itertools
import math
import struct
import sys
import unittest
from pathlib import Path

import grpc

import stubs
from daemon import Daemon

SECONDS = 60


def parse_arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tensord", required=True)
    parser.add_argument("--stubs", required=True, type=Path, help="where the generated client goes")
    return parser.parse_known_args()


ARGUMENTS, REST = parse_arguments()
stubs.generate(ARGUMENTS.stubs)

# Only after stubs.generate() can these be imported.
from google.rpc import error_details_pb2, status_pb2  # noqa: E402
from tensord.v1 import activation_pb2, analysis_pb2, analysis_service_pb2_grpc, convolution_pb2  # noqa: E402
from tensord.v1 import pooling_pb2, server_pb2, server_service_pb2_grpc, tensor_pb2, tensor_service_pb2_grpc  # noqa: E402

FLOAT32, FLOAT64 = tensor_pb2.DATA_TYPE_FLOAT32, tensor_pb2.DATA_TYPE_FLOAT64
LETTER = {FLOAT32: "f", FLOAT64: "d"}


def tensor(values, shape, data_type=FLOAT64):
    data = struct.pack(f"<{len(values)}{LETTER[data_type]}", *values)
    return tensor_pb2.Tensor(data_type=data_type, shape=shape, data=data)


def values_of(message):
    return list(struct.unpack(f"<{math.prod(message.shape)}{LETTER[message.data_type]}", message.data))


def places(shape):
    return itertools.product(*map(range, shape))


def at(values, shape, place):
    index = 0
    for size, i in zip(shape, place):
        index = index * size + i
    return values[index]


def integers(count, start):
    """Small integers without a pattern that a swapped axis would keep."""
    return [float((start + 7 * i * i + 3 * i) % 11 - 5) for i in range(count)]


X_SHAPE, W_SHAPE, Z_SHAPE = (2, 4, 5, 3), (2, 3, 3, 2), (2, 3, 3, 2)  # NHWC, HWIO
X, W, B = integers(2 * 4 * 5 * 3, 1), integers(2 * 3 * 3 * 2, 4), [1.0, -2.0]


def convolve(x, w, b):
    """Z[n,y,x,o] = b[o] + sum over i,j,c of w[i,j,c,o] x[n,y+i,x+j,c]."""
    return [b[o] + math.fsum(at(w, W_SHAPE, (i, j, c, o)) * at(x, X_SHAPE, (n, y + i, q + j, c))
                             for i, j, c in places(W_SHAPE[:3]))
            for n, y, q, o in places(Z_SHAPE)]


def sigmoid(z):
    return 1 / (1 + math.exp(-z))


class Client(unittest.TestCase):
    """The tests; ADDRESS says over what."""

    daemon = None

    @classmethod
    def setUpClass(cls):
        cls.channel = grpc.insecure_channel(cls.address())
        grpc.channel_ready_future(cls.channel).result(timeout=SECONDS)
        cls.tensors = tensor_service_pb2_grpc.TensorServiceStub(cls.channel)
        cls.analysis = analysis_service_pb2_grpc.AnalysisServiceStub(cls.channel)
        cls.server = server_service_pb2_grpc.ServerServiceStub(cls.channel)

    @classmethod
    def tearDownClass(cls):
        cls.channel.close()

    def assert_close(self, expected, actual, tolerance):
        self.assertEqual(len(expected), len(actual))
        for index, (e, a) in enumerate(zip(expected, actual)):
            # Written so that a NaN fails.
            self.assertTrue(abs(e - a) <= tolerance, f"element {index}: expected {e}, got {a}")

    def test_convolves(self):
        for data_type in (FLOAT32, FLOAT64):
            answer = self.tensors.Convolve(convolution_pb2.ConvolveRequest(
                input=tensor(X, X_SHAPE, data_type), filter=tensor(W, W_SHAPE, data_type),
                bias=tensor(B, [2], data_type)), timeout=SECONDS)
            self.assertEqual(list(Z_SHAPE), list(answer.output.shape))
            self.assertEqual(data_type, answer.output.data_type)
            # Integers, so that every sum is exact.
            self.assertEqual(convolve(X, W, B), values_of(answer.output))
            self.assertEqual("NHWC", answer.conventions.input_layout)
            self.assertEqual("HWIO", answer.conventions.filter_layout)

    def test_answers_in_the_form_of_the_request(self):
        answer = self.tensors.Convolve(convolution_pb2.ConvolveRequest(
            input=tensor_pb2.Tensor(data_type=FLOAT32, shape=[3], doubles=tensor_pb2.DoubleArray(values=[1, 2, 4])),
            filter=tensor_pb2.Tensor(data_type=FLOAT32, shape=[2], doubles=tensor_pb2.DoubleArray(values=[1, -1]))),
            timeout=SECONDS)
        self.assertEqual([-1, -2], list(answer.output.doubles.values))

    def test_differentiates(self):
        du = integers(math.prod(Z_SHAPE), 2)
        u = [sigmoid(z) for z in convolve(X, W, B)]
        dz = [g * s * (1 - s) for g, s in zip(du, u)]
        dw = [math.fsum(at(dz, Z_SHAPE, (n, y, q, o)) * at(X, X_SHAPE, (n, y + i, q + j, c))
                        for n, y, q in places(Z_SHAPE[:3]))
              for i, j, c, o in places(W_SHAPE)]
        dx = [math.fsum(at(dz, Z_SHAPE, (n, p - i, q - j, o)) * at(W, W_SHAPE, (i, j, c, o))
                        for i, j, o in itertools.product(range(2), range(3), range(2))
                        if 0 <= p - i < Z_SHAPE[1] and 0 <= q - j < Z_SHAPE[2])
              for n, p, q, c in places(X_SHAPE)]
        db = [math.fsum(dz[o::2]) for o in range(2)]
        wanted = ["INPUT", "FILTER", "BIAS", "PRE_ACTIVATION"]
        answer = self.tensors.ConvolveBackward(convolution_pb2.ConvolveBackwardRequest(
            input=tensor(X, X_SHAPE), filter=tensor(W, W_SHAPE), bias=tensor(B, [2]),
            output_gradient=tensor(du, Z_SHAPE),
            activation=activation_pb2.Activation(kind=activation_pb2.ACTIVATION_KIND_SIGMOID),
            gradients=[f"CONVOLUTION_GRADIENT_{name}" for name in wanted]), timeout=SECONDS)
        # At most 36 products of factors up to 5 each, some 4 ULP of sigmoid' in each factor: far below 1e-12.
        for expected, shape, actual in ((dz, Z_SHAPE, answer.pre_activation_gradient), (dw, W_SHAPE, answer.filter_gradient),
                                        (dx, X_SHAPE, answer.input_gradient), (db, (2,), answer.bias_gradient)):
            self.assertEqual(list(shape), list(actual.shape))
            self.assert_close(expected, values_of(actual), 1e-12)

    def test_returns_only_the_gradients_asked_for(self):
        answer = self.tensors.ConvolveBackward(convolution_pb2.ConvolveBackwardRequest(
            input=tensor([1, 2, 3], [3]), filter=tensor([1, 1], [2]), output_gradient=tensor([1, 10], [2]),
            gradients=[convolution_pb2.CONVOLUTION_GRADIENT_FILTER]), timeout=SECONDS)
        self.assertEqual([21, 32], values_of(answer.filter_gradient))
        for absent in ("input_gradient", "bias_gradient", "pre_activation_gradient"):
            self.assertFalse(answer.HasField(absent), absent)

    def test_pools(self):
        x = [1, 2, 3, 2, 0, 10, 1, 0]
        for kind, window, stride, rule, expected in (
                ("SUBSAMPLE", 1, 2, "FLOOR", x[::2]),
                ("MAX", 2, 2, "START_INSIDE", [max(x[i:i + 2]) for i in range(0, 8, 2)]),
                ("MAX", 4, 2, "START_INSIDE", [max(x[i:i + 4]) for i in range(0, 8, 2)]),
                ("AVERAGE", 2, 3, "FLOOR", [sum(x[i:i + 2]) / 2 for i in range(0, 7, 3)])):
            with self.subTest(kind=kind, window=window):
                answer = self.tensors.Pool(pooling_pb2.PoolRequest(
                    kind=f"POOLING_KIND_{kind}", input=tensor(x, [8]),
                    conventions=pooling_pb2.PoolingConventions(window=[window], strides=[stride],
                                                               length_rule=f"LENGTH_RULE_{rule}")), timeout=SECONDS)
                self.assertEqual(expected, values_of(answer.output))

    def test_pools_backwards_to_the_first_of_equal_maxima(self):
        answer = self.tensors.PoolBackward(pooling_pb2.PoolBackwardRequest(
            kind=pooling_pb2.POOLING_KIND_MAX, input=tensor([5, 5, 1, 7], [4]), output_gradient=tensor([3, 4], [2]),
            conventions=pooling_pb2.PoolingConventions(window=[2])), timeout=SECONDS)
        self.assertEqual([3, 0, 0, 4], values_of(answer.input_gradient))

    def test_activates(self):
        x = [-2.0, -0.5, 0.0, 3.0]
        answer = self.tensors.Activate(activation_pb2.ActivateRequest(
            input=tensor(x, [4]), activation=activation_pb2.Activation(kind="ACTIVATION_KIND_SIGMOID")), timeout=SECONDS)
        self.assert_close([sigmoid(v) for v in x], values_of(answer.output), 1e-15)

    def test_analyses(self):
        def dimensions(*sizes):
            return [analysis_pb2.Dimension(value=size) for size in sizes]

        answer = self.analysis.AnalyzeLayer(analysis_pb2.AnalyzeLayerRequest(convolution=analysis_pb2.ConvolutionLayer(
            input_shape=dimensions(48, 64, 10), filter_shape=dimensions(3, 3, 10, 20))), timeout=SECONDS)
        self.assertEqual([46, 62, 20], [count.value for count in answer.output_shape])
        self.assertEqual("5133600", answer.multiplication_count.decimal)
        self.assertEqual(1820, answer.parameter_count.value)

    def test_tells_what_it_is(self):
        answer = self.server.GetServerInfo(server_pb2.GetServerInfoRequest(), timeout=SECONDS)
        self.assertRegex(answer.version, r"^\d+\.\d+\.\d+")
        self.assertIn("tensord.v1.TensorService/Convolve", answer.methods)

    def test_a_refusal_names_every_field_and_the_server_goes_on(self):
        request = convolution_pb2.ConvolveRequest(input=tensor([1, 2, 3], [3]), filter=tensor([1], [1]))
        request.conventions.strides.append(0)
        request.conventions.dilations.append(-1)
        with self.assertRaises(grpc.RpcError) as caught:
            self.tensors.Convolve(request, timeout=SECONDS)
        self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, caught.exception.code())
        trailers = dict(caught.exception.trailing_metadata())
        status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
        self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT.value[0], status.code)
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        self.assertTrue(any(detail.Unpack(info) for detail in status.details))
        self.assertTrue(any(detail.Unpack(bad) for detail in status.details))
        self.assertEqual(("tensord", "INVALID_REQUEST"), (info.domain, info.reason))
        fields = [violation.field for violation in bad.field_violations]
        self.assertEqual(["conventions.strides", "conventions.dilations"], [f.split("[")[0] for f in fields])
        self.test_convolves()

    def test_bytes_that_are_no_message_are_refused(self):
        call = self.channel.unary_unary("/tensord.v1.TensorService/Convolve")
        with self.assertRaises(grpc.RpcError) as caught:
            call(b"\xff\xff\xff\xff", timeout=SECONDS)
        self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT, caught.exception.code())


class OverTcp(Client):
    @classmethod
    def address(cls):
        return cls.daemon.tcp


class OverUnixSocket(Client):
    @classmethod
    def address(cls):
        return cls.daemon.unix


def load_tests(loader, unused_tests, unused_pattern):
    return unittest.TestSuite(loader.loadTestsFromTestCase(case) for case in (OverTcp, OverUnixSocket))


if __name__ == "__main__":
    with Daemon(ARGUMENTS.tensord) as running:
        Client.daemon = running
        program = unittest.main(argv=[sys.argv[0]] + REST, exit=False)
    if program.result.testsRun == 0 or not program.result.wasSuccessful():
        sys.exit(1)
