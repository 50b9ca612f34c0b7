"""Small examples worked out from documented formulas, in plain loops. No system answered these."""

import itertools

from cases import Numbers, expected, tensor

PROFILE = "CONVENTION_PROFILE_"


def same_upper(length, window, stride):
    """TensorFlow's SAME: the output's length, and the cells before the first."""
    count = -(-length // stride)
    return count, max((count - 1) * stride + window - length, 0) // 2


def tensorflow_max_same(cases):
    """Input NHWC; an argmax counts (y W + x) C + c within its sample."""
    n, h, w, c, window, stride = 2, 3, 4, 2, 2, 2
    values = list(range(n * h * w * c))
    numbers = Numbers(5)
    for i in reversed(range(1, len(values))):  # distinct, in some order
        j = numbers.integer(0, i)
        values[i], values[j] = values[j], values[i]
    (ho, top), (wo, left) = same_upper(h, window, stride), same_upper(w, window, stride)
    output, indices = [], []
    for b, y, x, channel in itertools.product(range(n), range(ho), range(wo), range(c)):
        best = None
        for i, j in itertools.product(range(window), range(window)):
            row, column = y * stride + i - top, x * stride + j - left
            if 0 <= row < h and 0 <= column < w:
                place = (row * w + column) * c + channel
                value = values[b * h * w * c + place]
                if best is None or value > best[0]:
                    best = (value, place)
        output.append(best[0])
        indices.append(best[1])
    request = {"profile": PROFILE + "TENSORFLOW", "kind": "POOLING_KIND_MAX", "returnIndices": True,
               "conventions": {"window": [window], "padding": {"mode": "PADDING_MODE_SAME_UPPER"}},
               "input": tensor([n, h, w, c], values)}
    cases.add("tensorflow_max_same_with_argmax", "Pool", "tf.nn.max_pool_with_argmax's documented index", request,
              {"output": expected([n, ho, wo, c], output), "indices": expected([n, ho, wo, c], indices)})


def one_axis(cases, name, profile, source, kind, values, conventions, output, **more):
    request = {"profile": PROFILE + profile, "kind": "POOLING_KIND_" + kind, "conventions": conventions,
               "input": tensor([len(values)], values)}
    expect = {"output": expected([len(output)], output)}
    if "indices" in more:
        request["returnIndices"] = True
        expect["indices"] = expected([len(output)], more["indices"])
    cases.add(name, "Pool", source, request, expect, refused=more.get("refused"))


def activation(cases, name, profile, source, kind, values, output, within):
    request = {"profile": PROFILE + profile, "activation": {"kind": "ACTIVATION_KIND_" + kind},
               "input": tensor([len(values)], values)}
    cases.add(name, "Activate", source, request, {"output": expected([len(output)], output, [within] * len(output))})


def filters(cases):
    """A filter of two channels to three, one tap: the same numbers lie differently in each profile's layout."""
    x, w = [1, 10], [1, 2, 3, 4, 5, 6]
    for profile, shape, layout in (("TEXTBOOK", [1, 2, 3], "WIO"), ("TENSORFLOW", [1, 2, 3], "WIO"),
                                   ("CUDNN", [3, 2, 1], "OIW")):
        output = [sum(x[i] * (w[i * 3 + o] if layout == "WIO" else w[o * 2 + i]) for i in range(2)) for o in range(3)]
        channels_last = layout == "WIO"
        cases.add("%s_filter" % profile.lower(), "Convolve",
                  "y[o] = sum over i of w[i,o] x[i]; the layout is " + layout,
                  {"profile": PROFILE + profile, "input": tensor([1, 2] if channels_last else [2, 1], x),
                   "filter": tensor(shape, w)},
                  {"output": expected([1, 3] if channels_last else [3, 1], output)})
    for profile, shape, layout in (("TENSORFLOW", [1, 3, 2], "WOI"), ("CUDNN", [3, 2, 1], "OIW")):
        output = [sum(x[i] * w[o * 2 + i] for i in range(2)) for o in range(3)]
        channels_last = layout == "WOI"
        cases.add("%s_transposed_filter" % profile.lower(), "ConvolveTranspose",
                  "y[o] = sum over i of w[o,i] x[i]; the layout is " + layout,
                  {"profile": PROFILE + profile, "input": tensor([1, 2] if channels_last else [2, 1], x),
                   "filter": tensor(shape, w)},
                  {"output": expected([1, 3] if channels_last else [3, 1], output)})


def add_textbook(cases):
    row = [1, 2, 3, 2, 0, 10, 1, 0]
    one_axis(cases, "textbook_start_inside", "TEXTBOOK", "windows 1 2 3; 2 0 10; 1 0", "MAX", row, {"window": [3]},
             [3, 10, 1], indices=[2, 5, 6])
    one_axis(cases, "textbook_average_cut_off", "TEXTBOOK", "windows 2 4; 6 8; 5, which is cut off", "AVERAGE",
             [2, 4, 6, 8, 5], {"window": [2]}, [3, 7, 5])
    one_axis(cases, "textbook_nan", "TEXTBOOK", "the first NaN's index", "MAX", [1, float("nan"), float("nan"), 4],
             {"window": [4]}, [float("nan")], indices=[1])


def add_derived(cases):
    add_textbook(cases)
    tensorflow_max_same(cases)
    same = {"mode": "PADDING_MODE_SAME_UPPER"}
    one_axis(cases, "tensorflow_average_same", "TENSORFLOW", "windows 2 4 6; 6 8: padding does not count", "AVERAGE",
             [2, 4, 6, 8], {"window": [3], "strides": [2], "padding": same}, [4, 7])
    activation(cases, "tensorflow_hard_sigmoid", "TENSORFLOW", "max(0, min(1, 0.2 x + 0.5))", "HARD_SIGMOID",
               [-3, -1, 0, 1, 3], [0, 0.3, 0.5, 0.7, 1], 2.0**-52)
    activation(cases, "tensorflow_leaky_relu", "TENSORFLOW", "0.2 x below 0", "LEAKY_RELU", [-10, 0, 5], [-2, 0, 5],
               2.0**-51)
    activation(cases, "cudnn_hard_sigmoid", "CUDNN", "max(0, min(1, x / 6 + 0.5))", "HARD_SIGMOID", [-4, 0, 1.5, 4],
               [0, 0.5, 0.75, 1], 2.0**-52)
    one_axis(cases, "cudnn_average_without_padding", "CUDNN", "2 4; 6 8", "AVERAGE", [2, 4, 6, 8], {"window": [2]},
             [3, 7])
    one_axis(cases, "cudnn_average_needs_its_divisor", "CUDNN", "cuDNN has a mode for either, and no default",
             "AVERAGE", [2, 4, 6], {"window": [3], "strides": [1], "padding": {"begin": [1]}}, [1],
             refused="conventions.average_divisor")
    filters(cases)
    # True convolution, cuDNN's other mode: y[i] = sum over k of w[2 - k] x[i + k].
    cases.add("cudnn_true_convolution", "Convolve", "3 2 1 against 1 2 3, 2 3 4, 3 4 5",
              {"profile": PROFILE + "CUDNN", "input": tensor([5], [1, 2, 3, 4, 5]), "filter": tensor([3], [1, 2, 3]),
               "conventions": {"kernel": "KERNEL_MODE_TRUE_CONVOLUTION"}}, {"output": expected([3], [10, 16, 22])})
