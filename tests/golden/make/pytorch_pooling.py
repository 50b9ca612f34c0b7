"""Poolings and unpoolings of torch, forwards and backwards."""

import torch
import torch.nn.functional as F

from cases import Numbers, expected, gamma, tensor
from pytorch_convolution import flat, make, per_axis

NAN = float("nan")
UNIT32 = 2.0**-24
LP_CEIL = ("torch sums a window that is cut off at the input's end as its average times the whole window's size; "
           "tensord's is the norm of the elements that are there")


def conventions_of(axes, window=None, stride=None, padding=0, dilation=1, ceil_mode=False):
    # Three axes are CHW where nothing is said, but batch, channel and width to torch's functions of one spatial axis.
    result = {"inputLayout": "NCW"} if axes == 1 else {}
    if window is not None:
        result["window"] = per_axis(window, axes)
    if stride is not None:
        result["strides"] = per_axis(stride, axes)
    if padding != 0:
        result["padding"] = {"begin": per_axis(padding, axes)}
    if dilation != 1:
        result["dilations"] = per_axis(dilation, axes)
    if ceil_mode:
        result["lengthRule"] = "LENGTH_RULE_CEIL"
    return result


def input_of(name, shape, values):
    if values is not None:
        return torch.tensor(values, dtype=torch.float64).reshape(shape)
    return make(Numbers(sum(map(ord, name))), shape, False)


def add_pair(cases, name, kind, source, x, function, conventions, indices=None, differs=None):
    """A forward case and a backward one, both exact: whole numbers, and at most one division."""
    x = x.clone().requires_grad_()
    y = function(x)
    request = {"profile": "CONVENTION_PROFILE_PYTORCH", "kind": "POOLING_KIND_" + kind, "conventions": conventions,
               "input": tensor(x.shape, flat(x))}
    answer = {"output": expected(y.shape, flat(y))}
    if indices is not None:
        answer["indices"] = expected(indices.shape, flat(indices))
    forward = dict(request, returnIndices=True) if indices is not None else request
    cases.add(name, "Pool", source, forward, answer, differs)
    # Multiples of 720, so that a share of a gradient is whole for every small divisor.
    dy = 720 * make(Numbers(sum(map(ord, name)) + 1), y.shape, False)
    y.backward(dy)
    backward = dict(request, outputGradient=tensor(dy.shape, flat(dy)))
    cases.add(name + "_backward", "PoolBackward", source + ", autograd", backward,
              {"input_gradient": expected(x.shape, flat(x.grad))}, differs)


def maximum(cases, name, shape, window, stride=None, padding=0, dilation=1, ceil_mode=False, values=None):
    axes = len(per_axis(window, 1)) if isinstance(window, (list, tuple)) else len(shape) - 2
    operator = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[axes - 1]
    x = input_of(name, shape, values)

    def call(x):
        return operator(x, window, stride, padding, dilation, ceil_mode, return_indices=True)

    source = "torch.nn.functional.max_pool%dd(%s, stride=%s, padding=%s, dilation=%s, ceil_mode=%s, return_indices)" % (
        axes, window, stride, padding, dilation, ceil_mode)
    add_pair(cases, name, "MAX", source, x, lambda x: call(x)[0],
             conventions_of(axes, window, stride, padding, dilation, ceil_mode), call(x)[1])


def average(cases, name, shape, window, stride=None, padding=0, ceil_mode=False, include=True, divisor=None):
    axes = len(shape) - 2
    operator = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[axes - 1]
    x = input_of(name, shape, None)
    conventions = conventions_of(axes, window, stride, padding, 1, ceil_mode)
    arguments = [window, stride, padding, ceil_mode, include]
    if divisor is not None:
        arguments.append(divisor)
        conventions.update(averageDivisor="AVERAGE_DIVISOR_FIXED", fixedDivisor=divisor)
    elif not include:
        conventions["averageDivisor"] = "AVERAGE_DIVISOR_EXCLUDED"
    source = ("torch.nn.functional.avg_pool%dd(%s, stride=%s, padding=%s, ceil_mode=%s, count_include_pad=%s, "
              "divisor_override=%s)") % (axes, window, stride, padding, ceil_mode, include, divisor)
    add_pair(cases, name, "AVERAGE", source, x, lambda x: operator(x, *arguments), conventions)


def adaptive(cases, name, kind, shape, size, is_global=False, values=None):
    axes = len(shape) - 2
    x = input_of(name, shape, values)
    conventions = conventions_of(axes)
    if is_global:
        conventions["windowMode"] = "WINDOW_MODE_GLOBAL"
    else:
        conventions.update(windowMode="WINDOW_MODE_ADAPTIVE", outputSize=per_axis(size, axes))
    if kind == "MAX":
        operator = (F.adaptive_max_pool1d, F.adaptive_max_pool2d, F.adaptive_max_pool3d)[axes - 1]
        indices = operator(x, size, return_indices=True)[1]
        function = lambda x: operator(x, size, return_indices=True)[0]
    else:
        operator = (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d)[axes - 1]
        indices = None
        function = lambda x: operator(x, size)
    source = "torch.nn.functional.adaptive_%s_pool%dd(%s)" % ("max" if kind == "MAX" else "avg", axes, size)
    add_pair(cases, name, kind, source, x, function, conventions, indices)


def norm(cases, name, shape, window, p, stride=None, ceil_mode=False, differs=None):
    """Of numbers above 0: torch takes x^p with its sign."""
    axes = len(shape) - 2
    operator = (F.lp_pool1d, F.lp_pool2d)[axes - 1]
    seed = sum(map(ord, name))
    x = (make(Numbers(seed), shape, True).abs() + 0.25).requires_grad_()
    y = operator(x, float(p), window, stride, ceil_mode)
    dy = make(Numbers(seed + 1), y.shape, True)
    y.backward(dy)
    absolute = x.detach().clone().requires_grad_()
    operator(absolute, float(p), window, stride, ceil_mode).backward(dy.abs())
    elements = torch.tensor(per_axis(window, axes)).prod().item()
    term_error = 4 + (p + 1) * ((2 * elements + 2) / p + 10)
    conventions = dict(conventions_of(axes, window, stride, ceil_mode=ceil_mode), p=p)
    request = {"profile": "CONVENTION_PROFILE_PYTORCH", "kind": "POOLING_KIND_LP", "conventions": conventions,
               "input": tensor(x.shape, flat(x), "FLOAT32")}
    source = "torch.nn.functional.lp_pool%dd(%s, %s, stride=%s, ceil_mode=%s)" % (axes, p, window, stride, ceil_mode)
    bound = gamma((2 * elements + 2) / p + 8, UNIT32)
    cases.add(name, "Pool", source, request,
              {"output": expected(y.shape, flat(y), [bound * abs(value) for value in flat(y)])}, differs)
    # No element lies in more windows than a window has elements.
    bound = gamma(elements + term_error, UNIT32)
    cases.add(name + "_backward", "PoolBackward", source + ", autograd",
              dict(request, outputGradient=tensor(dy.shape, flat(dy), "FLOAT32")),
              {"input_gradient": expected(x.shape, flat(x.grad), [bound * v for v in flat(absolute.grad)])}, differs)


def unpooling(cases, name, shape, window, stride=None, padding=0, output_size=None, overlapping=False):
    axes = len(shape) - 2
    pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[axes - 1]
    unpool = (F.max_unpool1d, F.max_unpool2d, F.max_unpool3d)[axes - 1]
    x = input_of(name, shape, None)
    y, indices = pool(x, window, stride, padding, return_indices=True)
    size = None if output_size is None else list(output_size)
    values = make(Numbers(sum(map(ord, name)) + 1), y.shape, False).requires_grad_()
    restored = unpool(values, indices, window, stride, padding, size)
    conventions = conventions_of(axes, window, stride, padding)
    source = "torch.nn.functional.max_unpool%dd(%s, stride=%s, padding=%s, output_size=%s)" % (axes, window, stride,
                                                                                            padding, size)
    common = {"profile": "CONVENTION_PROFILE_PYTORCH", "conventions": conventions,
              "indices": tensor(indices.shape, flat(indices), "INT64")}
    request = dict(common, input=tensor(y.shape, flat(values)))
    if size:
        request["outputShape"] = list(restored.shape)
    cases.add(name, "Unpool", source, request, {"output": expected(restored.shape, flat(restored))})
    dx = make(Numbers(sum(map(ord, name)) + 2), restored.shape, False)
    restored.backward(dx)
    cases.add(name + "_backward", "UnpoolBackward", source + ", autograd",
              dict(common, outputGradient=tensor(dx.shape, flat(dx))),
              {"input_gradient": expected(y.shape, flat(values.grad))})


def add_poolings(cases):
    maximum(cases, "max1d", [2, 2, 8], 2)
    maximum(cases, "max1d_overlapping", [1, 2, 7], 3, stride=1)
    maximum(cases, "max1d_ceil", [1, 1, 7], 3, stride=2, padding=1, ceil_mode=True)
    maximum(cases, "max1d_ceil_drops_a_window", [1, 1, 5], 2, stride=3, padding=1, ceil_mode=True)
    maximum(cases, "max1d_ties", [1, 1, 6], 3, values=[2, 5, 5, 1, 1, 1])
    maximum(cases, "max1d_ties_overlapping", [1, 1, 5], 3, stride=1, values=[4, 4, 4, 4, 4])
    maximum(cases, "max1d_nan_first_and_last", [1, 1, 4], 4, values=[NAN, 1, NAN, 2])
    maximum(cases, "max1d_nan_overlapping", [1, 1, 5], 3, stride=1, values=[1, NAN, 3, NAN, 2])
    maximum(cases, "max2d", [1, 2, 4, 6], (2, 3))
    maximum(cases, "max2d_stride_padding", [1, 2, 5, 5], 3, stride=2, padding=1)
    maximum(cases, "max2d_dilation", [1, 1, 7, 7], 2, stride=2, dilation=3)
    maximum(cases, "max2d_ceil", [1, 1, 5, 6], (2, 3), stride=(2, 2), ceil_mode=True)
    maximum(cases, "max2d_ties", [1, 1, 2, 4], 2, values=[3, 3, 0, 7, 3, 3, 7, 7])
    maximum(cases, "max2d_nan", [1, 1, 2, 4], 2, values=[NAN, 1, 5, NAN, 9, NAN, NAN, 6])
    maximum(cases, "max2d_negative_with_padding", [1, 1, 2, 2], 2, stride=1, padding=1, values=[-3, -1, -4, -2])
    maximum(cases, "max3d", [1, 2, 4, 4, 4], 2)
    maximum(cases, "max3d_everything", [1, 1, 5, 4, 5], (2, 3, 2), stride=(1, 2, 3), padding=(1, 1, 0),
            dilation=(2, 1, 1), ceil_mode=True)
    average(cases, "average1d", [2, 2, 8], 2)
    average(cases, "average1d_padding_included", [1, 1, 6], 4, stride=2, padding=2)
    average(cases, "average1d_padding_excluded", [1, 1, 6], 4, stride=2, padding=2, include=False)
    average(cases, "average1d_ceil_included", [1, 1, 6], 4, stride=3, padding=1, ceil_mode=True)
    average(cases, "average1d_ceil_excluded", [1, 1, 6], 4, stride=3, padding=1, ceil_mode=True, include=False)
    average(cases, "average2d", [1, 2, 4, 4], 2)
    average(cases, "average2d_thirds", [1, 1, 6, 6], 3)
    average(cases, "average2d_padding_included", [1, 1, 5, 5], 3, stride=2, padding=1)
    average(cases, "average2d_padding_excluded", [1, 1, 5, 5], 3, stride=2, padding=1, include=False)
    average(cases, "average2d_ceil_included", [1, 1, 4, 5], (3, 2), stride=2, padding=1, ceil_mode=True)
    average(cases, "average2d_ceil_excluded", [1, 1, 4, 5], (3, 2), stride=2, padding=1, ceil_mode=True, include=False)
    average(cases, "average2d_divisor", [1, 1, 5, 5], 3, stride=2, padding=1, divisor=5)
    average(cases, "average2d_divisor_ceil", [1, 1, 4, 4], 3, stride=2, ceil_mode=True, divisor=2)
    average(cases, "average3d", [1, 1, 4, 4, 4], 2)
    average(cases, "average3d_padding", [1, 1, 3, 4, 5], 2, stride=2, padding=1)
    average(cases, "average3d_excluded", [1, 1, 3, 4, 5], 2, stride=2, padding=1, include=False)
    average(cases, "average3d_divisor", [1, 1, 3, 4, 4], 2, divisor=3)
    for kind in ("MAX", "AVERAGE"):
        name = "adaptive_%s" % kind.lower()
        adaptive(cases, name + "1d", kind, [1, 2, 7], 3)
        adaptive(cases, name + "1d_longer_than_the_input", kind, [1, 1, 3], 5)
        adaptive(cases, name + "2d", kind, [1, 2, 5, 7], (2, 3))
        adaptive(cases, name + "3d", kind, [1, 1, 3, 4, 5], (2, 2, 3))
        adaptive(cases, "global_" + kind.lower() + "1d", kind, [2, 2, 6], 1, is_global=True)
        adaptive(cases, "global_" + kind.lower() + "2d", kind, [1, 2, 3, 4], (1, 1), is_global=True)
        adaptive(cases, "global_" + kind.lower() + "3d", kind, [1, 2, 2, 3, 2], (1, 1, 1), is_global=True)
    adaptive(cases, "adaptive_max1d_ties", "MAX", [1, 1, 6], 2, values=[7, 7, 1, 0, 2, 2])
    adaptive(cases, "adaptive_max2d_nan", "MAX", [1, 1, 3, 3], (2, 2), values=[NAN, 1, 2, 3, NAN, 5, 6, 7, NAN])
    norm(cases, "lp1d_p1", [1, 2, 8], 2, 1)
    norm(cases, "lp1d_p2", [1, 2, 8], 3, 2, stride=2)
    norm(cases, "lp1d_p3", [1, 1, 9], 3, 3)
    norm(cases, "lp1d_p2_5", [1, 1, 8], 4, 2.5, stride=2)
    norm(cases, "lp2d_p2", [1, 2, 4, 4], 2, 2)
    norm(cases, "lp2d_p3", [1, 1, 5, 5], (2, 3), 3, stride=(1, 2))
    norm(cases, "lp1d_p2_ceil", [1, 1, 7], 3, 2, stride=3, ceil_mode=True, differs=LP_CEIL)
    unpooling(cases, "unpool1d", [1, 2, 8], 2)
    unpooling(cases, "unpool1d_odd", [1, 1, 7], 2, output_size=(7,))
    unpooling(cases, "unpool1d_overlapping", [1, 1, 7], 3, stride=2)
    unpooling(cases, "unpool2d", [1, 2, 4, 4], 2)
    unpooling(cases, "unpool2d_stride_padding", [1, 1, 6, 6], 2, stride=2, padding=1)
    unpooling(cases, "unpool2d_output_size", [1, 1, 5, 5], 2, output_size=(5, 5))
    unpooling(cases, "unpool3d", [1, 1, 4, 2, 4], 2)
