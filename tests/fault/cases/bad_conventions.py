"""Conventions that make no sense, through every rpc that takes them: computing forwards, backwards, and analysis."""

from cases.case import Case
from harness import requests as good

TENSOR, ANALYSIS = good.TENSOR, good.ANALYSIS

# How an rpc takes the conventions: path, good request, where they stand in it, and what comes before their fields.
CONVOLUTION = ((TENSOR + "Convolve", good.good_convolve, lambda r: r.conventions, "conventions."),
               (TENSOR + "ConvolveBackward", good.good_convolve_backward, lambda r: r.conventions, "conventions."),
               (ANALYSIS + "AnalyzeLayer", good.good_analyze_convolution, lambda r: r.convolution.conventions,
                "convolution.conventions."))
TRANSPOSED = ((TENSOR + "ConvolveTranspose", good.good_convolve_transpose, lambda r: r.conventions, "conventions."),
              (TENSOR + "ConvolveTransposeBackward", good.good_convolve_transpose_backward, lambda r: r.conventions,
               "conventions."),
              (ANALYSIS + "AnalyzeLayer", good.good_analyze_transposed,
               lambda r: r.transposed_convolution.conventions, "transposed_convolution.conventions."))
POOLING = ((TENSOR + "Pool", good.good_pool, lambda r: r.conventions, "conventions."),
           (TENSOR + "PoolBackward", good.good_pool_backward, lambda r: r.conventions, "conventions."),
           (TENSOR + "Unpool", good.good_unpool, lambda r: r.conventions, "conventions."),
           (TENSOR + "UnpoolBackward", good.good_unpool_backward, lambda r: r.conventions, "conventions."),
           (ANALYSIS + "AnalyzeLayer", good.good_analyze_pooling, lambda r: r.pooling.conventions,
            "pooling.conventions."))
HUGE = ((1 << 31, "2^31"), ((1 << 32) + 1, "2^32+1"), ((1 << 63) - 1, "2^63-1"))


def put(name, *values):
    """Sets a list."""
    def spoil(conventions):
        del getattr(conventions, name)[:]
        getattr(conventions, name).extend(values)
    return spoil


def give(name, value):
    return lambda conventions: setattr(conventions, name, value)


def pad(begin=(), end=(), mode=0):
    def spoil(conventions):
        conventions.padding.mode = mode
        conventions.padding.begin.extend(begin)
        conventions.padding.end.extend(end)
    return spoil


def common_rows():
    """Name, how it is spoilt, the fields, and whether analysis may count with it all the same."""
    rows = []
    for name in ("strides", "dilations"):
        word = name[:-1]
        rows += [(f"{word} 0", put(name, 0), [f"{name}[0]"], False),
                 (f"{word} -1", put(name, -1), [f"{name}[0]"], False),
                 (f"{word} -2^63", put(name, -(1 << 63)), [f"{name}[0]"], False),
                 (f"second {word} 0", put(name, 1, 0), [f"{name}[1]"], False),
                 (f"both {name} bad", put(name, 0, -5), [f"{name}[0]", f"{name}[1]"], False),
                 (f"3 {name} for 2 axes", put(name, 1, 1, 1), [name], False),
                 (f"10000 {name}", put(name, *[1] * 10000), [name], False)]
        rows += [(f"{word} {text}", put(name, size), [f"{name}[0]"], True) for size, text in HUGE]
    rows += [("padding -1", pad([-1]), ["padding.begin[0]"], False),
             ("padding -2^63", pad([-(1 << 63)]), ["padding.begin[0]"], False),
             ("padding's end -1", pad([0], [-1]), ["padding.end[0]"], False),
             ("padding of 3 axes", pad([0, 0, 0]), ["padding.begin"], False),
             ("padding's end of 3 axes", pad([0], [0, 0, 0]), ["padding.end"], False),
             ("explicit padding without cells", pad(mode=5), ["padding.begin"], False),
             ("valid padding with cells", pad([1], mode=1), ["padding.begin"], False),
             ("padding mode 77", pad(mode=77), ["padding.mode"], False),
             ("padding mode -1", pad(mode=-1), ["padding.mode"], False),
             ("padding source 9", lambda c: setattr(c.padding, "source", 9), ["padding.source"], False),
             ("padding source -1", lambda c: setattr(c.padding, "source", -1), ["padding.source"], False),
             ("causal padding of 2 axes", pad(mode=6), ["padding.mode"], False)]
    rows += [(f"padding {text}", pad([size]), ["padding.begin[0]"], True) for size, text in HUGE]
    rows += [(f"layout {text!r:.20}", give("input_layout", text), ["input_layout"], False)
             for text in ("", "NXYC", "NHHC", "HWC", "nhwc", "N HWC", "NHW\u0421", "NHWC\0", "%s%n", "N" * 5000,
                          "\U0001f980" * 4)]
    return rows


def both_convolutions_rows():
    rows = common_rows()
    rows += [(f"groups {size}", give("groups", size), ["groups"], False) for size in (0, -1, 2, 5, -(1 << 63))]
    rows += [(f"groups {text}", give("groups", size), ["groups"], False) for size, text in HUGE]
    rows += [(f"kernel mode {value}", give("kernel", value), ["kernel"], False) for value in (9, -1, 2147483647)]
    rows += [(f"filter layout {text!r:.20}", give("filter_layout", text), ["filter_layout"], False)
             for text in ("", "ABCD", "DHWO", "DHWIO", "HHIO", "hwio", "I" * 5000)]
    return rows


def reads(source, begin=(), end=()):
    def spoil(conventions):
        pad(begin, end)(conventions)
        conventions.padding.source = source
    return spoil


def convolution_rows():
    return both_convolutions_rows() + [
        ("reflecting more than there is", reads(2, [4, 4], [0, 0]), ["padding.begin[1]"], False),
        ("going round more than once", reads(4, [0, 0], [6, 0]), ["padding.end[0]"], False),
        ("reflecting 2^30 cells", reads(2, [1 << 30, 0], [0, 1 << 30]), ["padding.begin[0]", "padding.end[1]"], False),
        ("reflecting 2^29 cells all around", reads(2, [1 << 29]), ["padding.begin[0]"], False)]


def transposed_rows():
    rows = both_convolutions_rows()
    rows += [(f"output padding {size}", put("output_padding", size), ["output_padding[0]"], False)
             for size in (-1, 2, -(1 << 63))]
    rows += [(f"output padding {text}", put("output_padding", size), ["output_padding[0]"], False)
             for size, text in HUGE]
    rows += [(f"output shape {size}", put("output_shape", size), ["output_shape[0]"], False)
             for size in (0, -1, -(1 << 63))]
    rows += [(f"output shape {text}", put("output_shape", size), ["output_shape[0]"], False) for size, text in HUGE]
    rows += [("output padding of 3 axes", put("output_padding", 0, 0, 0), ["output_padding"], False),
             ("output shape of 3 axes", put("output_shape", 1, 1, 1), ["output_shape"], False),
             ("full padding", pad(mode=4), ["padding.mode"], False),
             ("padding that reflects", reads(2), ["padding.source"], False)]
    return rows


def pooling_rows():
    rows = common_rows() + [("padding that reflects", reads(2), ["padding.source"], False)]
    rows += [("window 0", put("window", 0), ["window[0]"], False),
             ("window -1", put("window", -1), ["window[0]"], False),
             ("second window 0", put("window", 2, 0), ["window[1]"], False),
             ("no window", put("window"), ["window"], False),
             ("3 windows for 2 axes", put("window", 2, 2, 2), ["window"], False)]
    rows += [(f"window {text}", put("window", size), ["window[0]"], True) for size, text in HUGE]
    for name in ("length_rule", "average_divisor", "tie_rule", "nan_rule", "index_base", "window_mode", "empty_window",
                 "padding_limit"):
        rows += [(f"{name} {value}", give(name, value), [name], False) for value in (9, -1)]
    rows += [("a divisor of a maximum", give("average_divisor", 1), ["average_divisor"], False),
             ("a fixed divisor of a maximum", give("fixed_divisor", 3), ["fixed_divisor"], False),
             ("an exponent of a maximum", give("p", 2), ["p"], False),
             ("output sizes of given windows", put("output_size", 2), ["output_size"], False),
             ("a global window beside another", give("window_mode", 2), ["window"], False)]
    return rows


def bad_cases():
    cases = []
    for rpcs, rows in ((CONVOLUTION, convolution_rows()), (TRANSPOSED, transposed_rows()),
                       (POOLING, pooling_rows())):
        for method, make, conventions_of, prefix in rpcs:
            for name, spoil, fields, countable in rows:
                if countable and method.startswith(ANALYSIS):
                    continue
                # So many groups have more output channels than can be counted.
                if name == "groups 2^63-1" and prefix.startswith("transposed_convolution."):
                    continue
                request = make()
                spoil(conventions_of(request))
                cases.append(Case(f"{method.rsplit('/', 1)[1]}, {prefix.split('.')[0]}: {name}", method,
                                  request.SerializeToString(), fields=tuple(prefix + field for field in fields)))
    return cases
