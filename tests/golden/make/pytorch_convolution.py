"""Convolutions and transposed convolutions of torch, forwards and backwards."""

import torch
import torch.nn.functional as F

from cases import Numbers, expected, gamma, tensor

UNIT = {"FLOAT32": 2.0**-24, "FLOAT64": 2.0**-53}
GRADIENTS = ["INPUT", "FILTER", "BIAS"]


def flat(t):
    return t.detach().reshape(-1).tolist()


def per_axis(value, axes):
    return list(value) if isinstance(value, (list, tuple)) else [value] * axes


def make(numbers, shape, real):
    count = 1
    for size in shape:
        count *= size
    return torch.tensor(numbers.reals(count) if real else numbers.integers(count), dtype=torch.float64).reshape(shape)


def differentiate(function, leaves, output_gradient):
    """The function's value, and the gradient of each leaf (None where it is none)."""
    leaves = [None if leaf is None else leaf.clone().requires_grad_() for leaf in leaves]
    output = function(*leaves)
    if output_gradient is None:
        return output, None
    output.backward(output_gradient)
    return output, [None if leaf is None else leaf.grad for leaf in leaves]


def both(cases, name, rpc, source, function, operands, conventions, real, seed):
    """A forward case and a backward one. Integers are exact in any order; reals are bounded as the protos say."""
    x, w, b = operands
    data_type = "FLOAT32" if real else "FLOAT64"
    request = {"profile": "CONVENTION_PROFILE_PYTORCH", "conventions": conventions,
               "input": tensor(x.shape, flat(x), data_type), "filter": tensor(w.shape, flat(w), data_type)}
    if b is not None:
        request["bias"] = tensor(b.shape, flat(b), data_type)
    output, _ = differentiate(function, operands, None)
    dy = make(Numbers(seed + 1), output.shape, real)
    _, gradients = differentiate(function, operands, dy)
    within = [None] * 4
    if real:
        absolute = [None if t is None else t.abs() for t in operands]
        magnitude, sums = differentiate(function, absolute, dy.abs())
        # K is a filter's taps for the output, at most; a gradient's terms are counted by one gradient of ones.
        ones = [None if t is None else torch.ones_like(t) for t in operands]
        terms, counts = differentiate(function, ones, torch.ones_like(dy))
        within = [[gamma(count + 2, UNIT[data_type]) * size for count, size in zip(flat(n), flat(m))]
                  for n, m in zip([terms] + counts, [magnitude] + sums) if n is not None]
    cases.add(name, rpc, source, request, {"output": expected(output.shape, flat(output), within[0])})
    wanted = GRADIENTS if b is not None else GRADIENTS[:2]
    backward = dict(request, outputGradient=tensor(dy.shape, flat(dy), data_type),
                    gradients=["CONVOLUTION_GRADIENT_" + gradient for gradient in wanted])
    answer = {gradient.lower() + "_gradient": expected(value.shape, flat(value), bound)
              for gradient, value, bound in zip(wanted, gradients, within[1:])}
    cases.add(name + "_backward", rpc + "Backward", source + ", autograd", backward, answer)


MODES = {"zeros": None, "reflect": "REFLECT", "replicate": "REPLICATE", "circular": "CIRCULAR"}


def convolution(cases, name, x_shape, w_shape, bias=True, stride=1, padding=0, dilation=1, groups=1, mode="zeros",
                real=False):
    axes = len(w_shape) - 2
    seed = sum(map(ord, name))
    numbers = Numbers(seed)
    x, w = make(numbers, x_shape, real), make(numbers, w_shape, real)
    b = make(numbers, w_shape[:1], real) if bias else None
    operator = (F.conv1d, F.conv2d, F.conv3d)[axes - 1]
    conventions = {"strides": per_axis(stride, axes), "dilations": per_axis(dilation, axes), "groups": groups}
    if padding == "same":
        conventions["padding"] = {"mode": "PADDING_MODE_SAME_UPPER"}
    elif padding != 0:
        conventions["padding"] = {"begin": per_axis(padding, axes)}
        if MODES[mode]:
            conventions["padding"]["source"] = "PADDING_SOURCE_" + MODES[mode]
    arguments = "stride=%s, padding=%s, dilation=%s, groups=%s" % (stride, padding, dilation, groups)

    def function(x, w, b):
        if mode == "zeros":
            return operator(x, w, b, stride, padding, dilation, groups)
        # As torch.nn.Conv's padding_mode: the last axis comes first.
        pads = [p for p in reversed(per_axis(padding, axes)) for _ in range(2)]
        return operator(F.pad(x, pads, mode), w, b, stride, 0, dilation, groups)

    source = "torch.nn.functional.conv%dd(%s), padding_mode=%s" % (axes, arguments, mode)
    both(cases, name, "Convolve", source, function, (x, w, b), conventions, real, seed)


def transposed(cases, name, x_shape, w_shape, bias=True, stride=1, padding=0, output_padding=0, dilation=1, groups=1,
               real=False):
    axes = len(w_shape) - 2
    seed = sum(map(ord, name))
    numbers = Numbers(seed)
    x, w = make(numbers, x_shape, real), make(numbers, w_shape, real)
    b = make(numbers, [w_shape[1] * groups], real) if bias else None
    operator = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[axes - 1]
    conventions = {"strides": per_axis(stride, axes), "dilations": per_axis(dilation, axes), "groups": groups,
                   "outputPadding": per_axis(output_padding, axes)}
    if padding != 0:
        conventions["padding"] = {"begin": per_axis(padding, axes)}
    source = ("torch.nn.functional.conv_transpose%dd(stride=%s, padding=%s, output_padding=%s, groups=%s, "
              "dilation=%s)") % (
        axes, stride, padding, output_padding, groups, dilation)
    both(cases, name, "ConvolveTranspose", source,
         lambda x, w, b: operator(x, w, b, stride, padding, output_padding, groups, dilation), (x, w, b), conventions,
         real, seed)


def add_convolutions(cases):
    convolution(cases, "conv1d", [2, 2, 7], [3, 2, 3])
    convolution(cases, "conv1d_unbatched", [2, 7], [3, 2, 3])
    convolution(cases, "conv1d_stride", [1, 2, 8], [2, 2, 3], stride=2)
    convolution(cases, "conv1d_stride_padding", [1, 2, 7], [2, 2, 3], stride=3, padding=2)
    convolution(cases, "conv1d_dilation", [1, 2, 9], [2, 2, 3], dilation=3)
    convolution(cases, "conv1d_depthwise", [1, 3, 6], [6, 1, 2], groups=3)
    convolution(cases, "conv1d_same_even", [1, 1, 5], [1, 1, 4], padding="same")
    convolution(cases, "conv1d_same_dilated", [1, 1, 7], [1, 1, 2], padding="same", dilation=3)
    convolution(cases, "conv1d_reals", [2, 4, 12], [3, 4, 5], padding=2, real=True)
    convolution(cases, "conv2d", [2, 2, 5, 4], [3, 2, 2, 3])
    convolution(cases, "conv2d_no_bias", [1, 2, 4, 4], [2, 2, 3, 3], bias=False)
    convolution(cases, "conv2d_unbatched", [2, 4, 5], [2, 2, 2, 2], padding=1)
    convolution(cases, "conv2d_stride", [1, 2, 7, 6], [2, 2, 3, 2], stride=(2, 3))
    convolution(cases, "conv2d_padding", [1, 1, 4, 5], [2, 1, 3, 3], padding=(2, 1))
    convolution(cases, "conv2d_dilation", [1, 2, 7, 7], [1, 2, 2, 3], dilation=(3, 2), padding=1)
    convolution(cases, "conv2d_groups", [2, 4, 4, 4], [6, 2, 2, 2], groups=2)
    convolution(cases, "conv2d_depthwise", [1, 3, 5, 5], [3, 1, 3, 3], groups=3, padding=1, stride=2)
    convolution(cases, "conv2d_pointwise", [2, 3, 3, 3], [4, 3, 1, 1])
    convolution(cases, "conv2d_same", [1, 1, 4, 5], [1, 1, 2, 3], padding="same")
    convolution(cases, "conv2d_everything", [1, 4, 8, 7], [2, 2, 3, 2], stride=(2, 1), padding=(1, 2), dilation=(1, 2),
                groups=2)
    convolution(cases, "conv2d_reals", [1, 3, 6, 6], [2, 3, 3, 3], padding=1, stride=2, real=True)
    convolution(cases, "conv3d", [1, 2, 3, 4, 4], [2, 2, 2, 2, 3])
    convolution(cases, "conv3d_stride_padding", [1, 1, 4, 3, 5], [2, 1, 2, 3, 2], stride=(2, 1, 3), padding=1)
    convolution(cases, "conv3d_dilation_groups", [1, 2, 4, 4, 4], [2, 1, 2, 2, 2], dilation=(1, 2, 3), groups=2)
    for mode in ("reflect", "replicate", "circular"):
        convolution(cases, "conv1d_" + mode, [2, 2, 6], [2, 2, 3], padding=2, mode=mode)
        convolution(cases, "conv1d_stride_" + mode, [1, 2, 7], [2, 2, 3], padding=3, stride=2, mode=mode)
        convolution(cases, "conv2d_" + mode, [1, 2, 4, 5], [2, 2, 3, 3], padding=(1, 2), mode=mode)
        convolution(cases, "conv3d_" + mode, [1, 1, 3, 3, 4], [1, 1, 2, 3, 2], padding=(1, 2, 1), mode=mode)


def add_transposed(cases):
    transposed(cases, "conv_transpose1d", [2, 2, 4], [2, 3, 3])
    transposed(cases, "conv_transpose1d_unbatched", [2, 4], [2, 3, 3])
    transposed(cases, "conv_transpose1d_stride", [1, 2, 4], [2, 2, 3], stride=2)
    transposed(cases, "conv_transpose1d_output_padding", [1, 2, 4], [2, 2, 3], stride=3, padding=1, output_padding=2)
    transposed(cases, "conv_transpose1d_dilation", [1, 2, 4], [2, 1, 3], dilation=3, output_padding=2)
    transposed(cases, "conv_transpose1d_reals", [1, 3, 6], [3, 2, 4], stride=2, padding=1, real=True)
    transposed(cases, "conv_transpose2d", [1, 2, 3, 3], [2, 3, 2, 3])
    transposed(cases, "conv_transpose2d_no_bias", [1, 2, 3, 3], [2, 1, 3, 3], bias=False, stride=2)
    transposed(cases, "conv_transpose2d_groups", [1, 4, 3, 2], [4, 3, 2, 2], groups=2, stride=2)
    transposed(cases, "conv_transpose2d_depthwise", [1, 3, 3, 3], [3, 1, 3, 3], groups=3, padding=1)
    transposed(cases, "conv_transpose2d_everything", [2, 4, 3, 2], [4, 1, 2, 3], stride=(2, 3), padding=(1, 0),
               output_padding=(1, 2), dilation=(2, 1), groups=2)
    transposed(cases, "conv_transpose3d", [1, 2, 2, 3, 2], [2, 1, 2, 2, 3])
    transposed(cases, "conv_transpose3d_output_padding", [1, 1, 2, 2, 2], [1, 2, 3, 2, 2], stride=(2, 3, 1),
               padding=(1, 0, 0), output_padding=(1, 2, 0))
    transposed(cases, "conv_transpose3d_groups", [1, 2, 2, 2, 2], [2, 1, 2, 2, 2], groups=2, dilation=(1, 2, 1))
