"""Activations of torch, forwards and backwards: computed in float64, which tensord's float32 has to round to."""

import math

import torch
import torch.nn.functional as F

from cases import Numbers, expected, tensor
from pytorch_convolution import differentiate, flat, make

UNIT32 = 2.0**-24
SOFTPLUS = ("torch takes x itself for softplus(x) where beta * x > 20; "
            "tensord computes log(1 + exp(beta * x)) / beta everywhere")
HARD_SIGMOID = ("1/6 is no binary number: at -3 tensord's slope * x + offset, rounded once, is 2^-55, "
                "and torch's min(max(x + 3, 0), 6) / 6 is 0")
HARD_SWISH = ("at -3 and 3 torch takes hard swish's derivative from between them; "
              "tensord's default is that of the flat branch's, for every hard function")


def ulp32(value):
    """The distance of float32's numbers about the value."""
    if value == 0 or not math.isfinite(value):
        return 0.0
    return 2.0 ** (max(math.frexp(abs(value))[1] - 24, -149))


def bounds(values, ulps, own=0.0):
    """float32's published error. Torch's own, in float64, is far below the margin that `expected` adds, but where it
    adds numbers that cancel: there it is `own`."""
    return [ulps * ulp32(value) + own for value in values]


def slope_bounds(function, x, slope, dy, slope_gradient):
    """As prelu.h says: u (1.01 |da| + 2^-20 sum |x dy|) over the elements below 0."""
    _, sums = differentiate(function, [x.clamp(max=0), slope], dy.abs())
    return [UNIT32 * (1.01 * abs(value) + 2.0**-20 * abs(total))
            for value, total in zip(flat(slope_gradient), flat(sums[1]))]


def gradient_bounds(kind, y, dy, axis):
    """As softmax.h says."""
    if kind == "SOFTMAX":
        within = (dy.abs() + (y * dy).abs().sum(axis, keepdim=True)) * y
    else:
        within = dy.abs() + y.exp() * dy.abs().sum(axis, keepdim=True)
    return [2 * UNIT32 * value for value in flat(within)]


def points(extra):
    exact = [-8.0, -5.5, -3.0, -2.0, -1.0, -0.5, -0.0625, 0.0, 0.03125, 0.5, 1.0, 1.5, 2.0, 3.0, 4.25, 6.0, 8.0]
    return sorted(set(exact + Numbers(7).reals(7) + list(extra)))


def add(cases, name, source, activation, function, x, differs=None, differs_backward=None, data_type="FLOAT32",
        ulps=0.51, slope=None, exact=False, axes=None, own=0.0):
    dy = make(Numbers(sum(map(ord, name))), x.shape, True)
    leaves = [x] if slope is None else [x, slope]
    y, gradients = differentiate(function, leaves, dy)
    request = {"profile": "CONVENTION_PROFILE_PYTORCH", "activation": activation,
               "input": tensor(x.shape, flat(x), data_type, axes)}
    if slope is not None:
        request["slope"] = tensor(slope.shape, flat(slope), data_type)

    def within(values, count):
        return None if exact else bounds(values, count, own)

    cases.add(name, "Activate", source, request, {"output": expected(y.shape, flat(y), within(flat(y), ulps))}, differs)
    backward = dict(request, outputGradient=tensor(dy.shape, flat(dy), data_type))
    # A derivative's error may double in ULPs when it is multiplied, and the product is rounded.
    answer = {"input_gradient": expected(x.shape, flat(gradients[0]), within(flat(gradients[0]), 2 * ulps + 0.51))}
    if slope is not None:
        backward["returnSlopeGradient"] = True
        answer["slope_gradient"] = expected(
            slope.shape, flat(gradients[1]), slope_bounds(function, x, slope, dy, gradients[1]))
    cases.add(name + "_backward", "ActivateBackward", source + ", autograd", backward, answer, differs_backward)


def elementwise(cases, name, kind, function, source, extra=(), **activation):
    options = {key: activation.pop(key) for key in ("differs", "differs_backward", "data_type", "exact", "own")
               if key in activation}
    x = torch.tensor(activation.pop("only", points(extra)), dtype=torch.float64)
    add(cases, name, source, dict(activation, kind="ACTIVATION_KIND_" + kind), function, x, **options)


def add_activations(cases):
    f = "torch.nn.functional."
    elementwise(cases, "identity", "IDENTITY", torch.nn.Identity(), "torch.nn.Identity()")
    elementwise(cases, "relu", "RELU", F.relu, f + "relu")
    elementwise(cases, "leaky_relu", "LEAKY_RELU", F.leaky_relu, f + "leaky_relu")
    elementwise(cases, "leaky_relu_slope", "LEAKY_RELU", lambda x: F.leaky_relu(x, 0.25), f + "leaky_relu(0.25)",
                slope=0.25)
    elementwise(cases, "elu", "ELU", F.elu, f + "elu")
    elementwise(cases, "elu_alpha", "ELU", lambda x: F.elu(x, 0.5), f + "elu(0.5)", alpha=0.5)
    elementwise(cases, "selu", "SELU", F.selu, f + "selu")
    elementwise(cases, "sigmoid", "SIGMOID", torch.sigmoid, "torch.sigmoid")
    elementwise(cases, "tanh", "TANH", torch.tanh, "torch.tanh")
    elementwise(cases, "softplus", "SOFTPLUS", F.softplus, f + "softplus")
    elementwise(cases, "softplus_beta", "SOFTPLUS", lambda x: F.softplus(x, 2.0), f + "softplus(2)", beta=2)
    elementwise(cases, "softplus_threshold", "SOFTPLUS", F.softplus, f + "softplus", only=[20.5, 25.0],
                differs=SOFTPLUS, differs_backward=SOFTPLUS, data_type="FLOAT64", exact=True)
    elementwise(cases, "softsign", "SOFTSIGN", F.softsign, f + "softsign")
    elementwise(cases, "silu", "SILU", F.silu, f + "silu")
    # 1 + erf(x) and 1 + tanh(x) lose what is below 2^-53; times x, and a gradient of up to 2.
    elementwise(cases, "gelu", "GELU", F.gelu, f + "gelu", own=2.0**-48)
    elementwise(cases, "gelu_tanh", "GELU", lambda x: F.gelu(x, approximate="tanh"), f + "gelu(approximate='tanh')",
                geluForm="GELU_FORM_TANH", own=2.0**-48)
    elementwise(cases, "hard_sigmoid", "HARD_SIGMOID", F.hardsigmoid, f + "hardsigmoid", only=[
        x for x in points([]) if x != -3])
    elementwise(cases, "hard_sigmoid_at_its_lower_kink", "HARD_SIGMOID", F.hardsigmoid, f + "hardsigmoid", only=[-3.0],
                differs=HARD_SIGMOID)
    elementwise(cases, "hard_swish", "HARD_SWISH", F.hardswish, f + "hardswish", differs_backward=HARD_SWISH)
    elementwise(cases, "hard_swish_at_its_lower_kink", "HARD_SWISH", F.hardswish, f + "hardswish", only=[-3.0],
                kinkSlope="KINK_SLOPE_RIGHT")
    elementwise(cases, "hard_swish_at_its_upper_kink", "HARD_SWISH", F.hardswish, f + "hardswish", only=[3.0],
                kinkSlope="KINK_SLOPE_LEFT")
    elementwise(cases, "hard_swish_off_its_kinks", "HARD_SWISH", F.hardswish, f + "hardswish",
                only=[x for x in points([]) if abs(x) != 3])
    elementwise(cases, "celu", "CELU", F.celu, f + "celu")
    elementwise(cases, "celu_alpha", "CELU", lambda x: F.celu(x, 2.0), f + "celu(2)", alpha=2)
    elementwise(cases, "mish", "MISH", F.mish, f + "mish")
    elementwise(cases, "thresholded_relu", "THRESHOLDED_RELU", lambda x: F.threshold(x, 1.0, 0.0),
                f + "threshold(1, 0)")
    elementwise(cases, "thresholded_relu_alpha", "THRESHOLDED_RELU", lambda x: F.threshold(x, 0.5, 0.0),
                f + "threshold(0.5, 0)", alpha=0.5)
    elementwise(cases, "erf", "ERF", torch.erf, "torch.erf")
    elementwise(cases, "hard_tanh", "HARD_TANH", F.hardtanh, f + "hardtanh")
    elementwise(cases, "hard_tanh_range", "HARD_TANH", lambda x: F.hardtanh(x, -2.0, 3.0), f + "hardtanh(-2, 3)",
                minimum=-2, maximum=3)
    elementwise(cases, "relu6", "RELU6", F.relu6, f + "relu6")
    elementwise(cases, "log_sigmoid", "LOG_SIGMOID", F.logsigmoid, f + "logsigmoid")
    add_axes(cases)


def add_axes(cases):
    """Prelu, and softmax along each axis."""
    x = torch.tensor(Numbers(11).integers(12, -8, 8), dtype=torch.float64)
    prelu = {"kind": "ACTIVATION_KIND_PRELU"}
    for name, shape, slopes in (("prelu", [2, 3, 2], [0.25, 0.5, -1.0]), ("prelu_one_slope", [2, 3, 2], [0.25]),
                                ("prelu_2d", [1, 3, 2, 2], [0.25, 2.0, 0.0])):
        add(cases, name, "torch.nn.functional.prelu", prelu, F.prelu, x.reshape(shape),
            slope=torch.tensor(slopes, dtype=torch.float64), axes="NCHW" if len(shape) == 4 else "NCW")
    x = make(Numbers(13), [2, 3, 4], True)
    for name, kind, function in (("softmax", "SOFTMAX", F.softmax), ("log_softmax", "LOG_SOFTMAX", F.log_softmax)):
        for axis in (0, 1, -1):
            y = function(x, axis)
            source = "torch.nn.functional.%s(dim=%d)" % (name, axis)
            activation = {"kind": "ACTIVATION_KIND_" + kind, "axisIndex": axis}
            request = {"profile": "CONVENTION_PROFILE_PYTORCH", "activation": activation,
                       "input": tensor(x.shape, flat(x), "FLOAT32")}
            case = "%s_axis_%d" % (name, axis % 3)
            cases.add(case, "Activate", source, request,
                      {"output": expected(y.shape, flat(y), bounds(flat(y), 0.51))})
            dy = make(Numbers(axis + 20), x.shape, True)
            _, gradients = differentiate(lambda x: function(x, axis), [x], dy)
            within = gradient_bounds(kind, y, dy, axis)
            cases.add(case + "_backward", "ActivateBackward", source + ", autograd",
                      dict(request, outputGradient=tensor(dy.shape, flat(dy), "FLOAT32")),
                      {"input_gradient": expected(x.shape, flat(gradients[0]), within)})
