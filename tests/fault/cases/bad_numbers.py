"""Accumulations, types, quantisations and bounds that make no sense, through every rpc that shares them."""

import math

from cases.bad_tensors import case
from harness import requests as good
from harness.requests import TENSOR, tensor_pb2

FORWARD = ((TENSOR + "Convolve", good.good_convolve), (TENSOR + "ConvolveTranspose", good.good_convolve_transpose))
BACKWARD = ((TENSOR + "ConvolveBackward", good.good_convolve_backward),
            (TENSOR + "ConvolveTransposeBackward", good.good_convolve_transpose_backward))
POOLS = ((TENSOR + "Pool", good.good_pool), (TENSOR + "PoolBackward", good.good_pool_backward))
INTEGERS = ((5, "INT8", 1), (6, "UINT8", 1), (7, "INT32", 4), (8, "INT64", 8))


def quantized(make):
    """That request in uint8, with every field of a quantisation."""
    request = make()
    request.ClearField("activation")
    request.ClearField("bias")
    for tensor in (request.input, request.filter):
        tensor.data_type = tensor_pb2.DATA_TYPE_UINT8
        tensor.data = tensor.data[::4]
    quantization = request.quantization
    quantization.input_zero_point, quantization.output_zero_point = 3, 100
    quantization.filter_zero_points.append(1)
    quantization.input_scale, quantization.output_scale = 0.5, 2
    quantization.filter_scales.append(0.25)
    return request


def scale_rows():
    rows = []
    for value in (0, -1, math.nan, math.inf, -math.inf):
        rows += [(f"input scale {value}", lambda q, v=value: setattr(q, "input_scale", v), "input_scale"),
                 (f"output scale {value}", lambda q, v=value: setattr(q, "output_scale", v), "output_scale"),
                 (f"filter scale {value}", lambda q, v=value: q.filter_scales.__setitem__(0, v), "filter_scales[0]")]
    for name in ("input_scale", "filter_scales", "output_scale"):
        rows.append((f"no {name}", lambda q, n=name: q.ClearField(n), name))
    for value in (-1, 256, 1 << 32, -(1 << 63), (1 << 63) - 1):
        rows += [(f"zero point {value} of the input", lambda q, v=value: setattr(q, "input_zero_point", v),
                  "input_zero_point"),
                 (f"zero point {value} of the output", lambda q, v=value: setattr(q, "output_zero_point", v),
                  "output_zero_point"),
                 (f"zero point {value} of the filter", lambda q, v=value: q.filter_zero_points.__setitem__(0, v),
                  "filter_zero_points[0]")]
    for count in (2, 3, 5, 100000):
        rows += [(f"{count} zero points", lambda q, n=count: q.filter_zero_points.extend([1] * (n - 1)),
                  "filter_zero_points"),
                 (f"{count} scales", lambda q, n=count: q.filter_scales.extend([1] * (n - 1)), "filter_scales")]
    return rows


def forward_cases():
    cases = []
    for method, make in FORWARD:
        for name, spoil, field in scale_rows():
            request = quantized(make)
            spoil(request.quantization)
            cases.append(case(method, f"quantisation with {name}", request, f"quantization.{field}"))
        request = make()
        request.quantization.SetInParent()
        cases.append(case(method, "a quantisation of floats", request, "quantization"))
        request = quantized(make)
        request.output_type = tensor_pb2.DATA_TYPE_INT64
        cases.append(case(method, "scales and an output of 64 bits", request, "output_type"))
        request = quantized(make)
        request.return_error_bounds = True
        cases.append(case(method, "scales and bounds", request, "return_error_bounds"))
        request = make()
        request.return_error_bounds = True
        cases.append(case(method, "bounds of a sigmoid", request, "activation.kind"))
    return cases


def shared_cases():
    cases = []
    for method, make in FORWARD + BACKWARD + POOLS:
        for value in (-1, 4, 2147483647):
            request = make()
            request.accumulation = value
            cases.append(case(method, f"accumulation {value}", request, "accumulation"))
    for method, make in FORWARD + BACKWARD:
        request = make()
        request.accumulation = 3
        cases.append(case(method, "exact sums under a sigmoid", request, "activation.kind"))
    for method, make in FORWARD + POOLS[:1]:
        for value in (-1, 99):
            request = make()
            request.output_type = value
            cases.append(case(method, f"output type {value}", request, "output_type"))
        request = make()
        request.output_type = tensor_pb2.DATA_TYPE_FLOAT64
        cases.append(case(method, "an output type that is not the input's", request, "output_type"))
    for method, make in BACKWARD:
        request = make()
        request.return_error_bounds = True
        cases.append(case(method, "bounds of a sigmoid's gradients", request, "return_error_bounds"))
    for method, make in POOLS:
        request = make()
        request.kind, request.accumulation, request.conventions.p = 4, 3, 3
        if method.endswith("/Pool"):
            request.ClearField("return_indices")
        cases.append(case(method, "an exact norm with p = 3", request, "accumulation"))
    for kind, name, size in INTEGERS:
        for method, make in FORWARD[:1]:
            request = make()
            request.filter.data_type = kind
            request.filter.data = bytes(48 * size)
            cases.append(case(method, f"a filter of {name} for floats", request, "filter.data_type"))
    return cases


def bad_cases():
    return forward_cases() + shared_cases()
