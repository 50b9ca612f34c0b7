"""Tensors and parameters that make no sense, through every rpc that takes them."""

import math

from cases.case import Case
from harness import requests as good
from harness.requests import TENSOR, ramp
from tensord.v1 import activation_pb2

# Every rpc that takes tensors, with the tensors whose sizes are checked by themselves, and the others.
RPCS = ((TENSOR + "Convolve", good.good_convolve, ("input", "filter"), ("bias",)),
        (TENSOR + "ConvolveBackward", good.good_convolve_backward, ("input", "filter"), ("bias", "output_gradient")),
        (TENSOR + "ConvolveTranspose", good.good_convolve_transpose, ("input", "filter"), ("bias",)),
        (TENSOR + "ConvolveTransposeBackward", good.good_convolve_transpose_backward, ("input", "filter"),
         ("bias", "output_gradient")),
        (TENSOR + "Pool", good.good_pool, ("input",), ()),
        (TENSOR + "PoolBackward", good.good_pool_backward, ("input",), ("output_gradient",)),
        (TENSOR + "Activate", good.good_activate, ("input",), ()),
        (TENSOR + "ActivateBackward", good.good_activate_backward, ("input",), ("output_gradient",)))


def tensor_rows():
    def reshape(*shape):
        def spoil(tensor):
            del tensor.shape[:]
            tensor.shape.extend(shape)
        return spoil

    def data(change):
        def spoil(tensor):
            tensor.data = change(tensor.data)
        return spoil

    return [
        ("type missing", lambda t: t.ClearField("data_type"), "data_type"),
        ("type 99", lambda t: setattr(t, "data_type", 99), "data_type"),
        ("type -1", lambda t: setattr(t, "data_type", -1), "data_type"),
        ("rank 9", lambda t: t.shape.extend([1] * 9), "shape"),
        ("rank 100000", reshape(*[1] * 100000), "shape"),
        ("payload missing", lambda t: t.ClearField("data"), "data"),
        ("payload empty", data(lambda d: b""), "data"),
        ("payload one byte short", data(lambda d: d[:-1]), "data"),
        ("payload one byte long", data(lambda d: d + b"x"), "data"),
        ("payload twice", data(lambda d: d + d), "data"),
        ("doubles too few", lambda t: t.doubles.values.append(1), "doubles.values"),
        ("integers too few", lambda t: t.integers.values.append(1), "integers.values"),
        ("doubles none", lambda t: t.doubles.SetInParent(), "doubles.values"),
    ]


SIZES = ((-1, "-1"), (0, "0"), (1 << 31, "2^31"), ((1 << 32) + 2, "2^32+2"), ((1 << 63) - 1, "2^63-1"),
         (-(1 << 63), "-2^63"))


def tensor_cases():
    cases = []
    for method, make, own, others in RPCS:
        for tensor in own + others:
            for name, spoil, field in tensor_rows():
                request = make()
                spoil(getattr(request, tensor))
                cases.append(case(method, f"{tensor} {name}", request, f"{tensor}.{field}"))
        for tensor in own:
            for size, text in SIZES:
                request = make()
                getattr(request, tensor).shape[1] = size
                fields = [f"{tensor}.shape[1]"]
                if size == 0:
                    getattr(request, tensor).data = b""  # so that it is what the shape says
                if method.endswith("/ActivateBackward"):
                    fields.append("output_gradient.shape")  # it is no longer the input's
                cases.append(case(method, f"{tensor} of size {text}", request, *fields))
            request = make()
            request.ClearField(tensor)
            cases.append(case(method, f"no {tensor}", request, tensor))
        request = make()
        request.profile = 42
        cases.append(case(method, "profile 42", request, "profile"))
    return cases


def case(method, name, request, *fields, **other):
    return Case(f"{method.rsplit('/', 1)[1]}: {name}", method, request.SerializeToString(), fields=fields, **other)


def relation_cases():
    """Tensors that disagree with each other."""
    cases = []

    def add(makers, name, spoil, *fields):
        for method, make in makers:
            request = make()
            spoil(request)
            cases.append(case(method, name, request, *fields))

    convolutions = [(m, make) for m, make, _, _ in RPCS[:2]]
    transposed = [(m, make) for m, make, _, _ in RPCS[2:4]]
    pools = [(m, make) for m, make, _, _ in RPCS[4:6]]
    activations = [(m, make) for m, make, _, _ in RPCS[6:]]
    transposed_relations(add, transposed)
    gradient_relations(add, transposed[1:])
    convolution_relations(add, convolutions)
    gradient_relations(add, convolutions[1:])
    pooling_relations(add, pools)
    add(activations[1:], "gradient of other shape", replace("output_gradient", 3, 2), "output_gradient.shape")
    add(activations[1:], "no gradient given", lambda r: r.ClearField("output_gradient"), "output_gradient")
    for makers in (convolutions, transposed, pools, activations):
        add(makers, "axes of another number", lambda r: setattr(r.input, "axes", "NCHWDX"), "input.axes")
        add(makers, "axes of control characters", lambda r: setattr(r.input, "axes", "\x1b\n"), "input.axes")
    return cases


def replace(tensor, *shape):
    return lambda r: getattr(r, tensor).CopyFrom(ramp(*shape))


def convolution_relations(add, convolutions):
    add(convolutions, "filter of rank 6", replace("filter", 1, 1, 1, 1, 1, 1), "filter.shape")
    add(convolutions, "input of rank 2", replace("input", 5, 4), "input.shape")
    add(convolutions, "input a scalar", replace("input"), "input.shape")
    add(convolutions, "filter of other channels", replace("filter", 2, 2, 5, 4), "filter.shape[2]")
    add(convolutions, "filter taller than the input", replace("filter", 6, 2, 3, 4), "filter.shape[0]")
    add(convolutions, "filter wider than the input", replace("filter", 2, 5, 3, 4), "filter.shape[1]")
    add(convolutions, "filter axes of another number", lambda r: setattr(r.filter, "axes", "OIDHWX"), "filter.axes")
    add(convolutions, "filter axes that say nothing", lambda r: setattr(r.filter, "axes", "%s%n"), "filter.axes")
    add(convolutions, "bias of other length", replace("bias", 3), "bias.shape")
    add(convolutions, "bias of rank 2", replace("bias", 1, 4), "bias.shape")
    add(convolutions, "dilation that outgrows the input", lambda r: r.conventions.dilations.append(5),
        "filter.shape[0]", "filter.shape[1]")


def transposed_relations(add, transposed):
    add(transposed, "filter of rank 6", replace("filter", 1, 1, 1, 1, 1, 1), "filter.shape")
    add(transposed, "input of rank 2", replace("input", 5, 4), "input.shape")
    add(transposed, "filter of other channels", replace("filter", 2, 2, 5, 4), "filter.shape[2]")
    add(transposed, "bias of other length", replace("bias", 3), "bias.shape")
    add(transposed, "padding that leaves nothing", lambda r: r.conventions.padding.begin.append(6),
        "filter.shape[0]", "filter.shape[1]")


def gradient_relations(add, backwards):
    add(backwards, "gradient of other shape", replace("output_gradient", 2, 4, 3, 3), "output_gradient.shape")
    add(backwards, "gradient of other rank", replace("output_gradient", 4, 3, 4), "output_gradient.shape")
    add(backwards, "no gradient wanted", lambda r: r.ClearField("gradients"), "gradients")
    add(backwards, "gradient 7 wanted", lambda r: r.gradients.append(7), "gradients[4]")
    add(backwards, "gradient 0 wanted", lambda r: r.gradients.append(0), "gradients[4]")
    add(backwards, "gradient wanted twice", lambda r: r.gradients.append(2), "gradients[4]")
    add(backwards, "gradient before an activation that is not there", lambda r: r.ClearField("activation"),
        "gradients")
    add(backwards, "no gradient given", lambda r: r.ClearField("output_gradient"), "output_gradient")


def pooling_relations(add, pools):
    add(pools, "input of rank 6", replace("input", 1, 1, 1, 1, 1, 1), "input.shape")
    add(pools, "input a scalar", replace("input"), "input.shape")
    for kind in (0, 9, -1):
        add(pools[:1], f"kind {kind}", lambda r, kind=kind: (setattr(r, "kind", kind), r.ClearField("return_indices")),
            "kind")
        add(pools[1:], f"kind {kind}", lambda r, kind=kind: setattr(r, "kind", kind), "kind")
    add(pools[1:], "gradient of other shape", replace("output_gradient", 2, 2, 2, 4), "output_gradient.shape")
    add(pools[1:], "no gradient given", lambda r: r.ClearField("output_gradient"), "output_gradient")
    add(pools[:1], "indices of an average", lambda r: setattr(r, "kind", 2), "return_indices")


def activation_cases():
    """Parameters of activations, through every rpc that takes one."""
    cases = []
    rows = [("kind 99", {"kind": 99}, "kind"), ("no kind", {"kind": 0}, "kind"), ("kind -1", {"kind": -1}, "kind"),
            ("an alpha it does not take", {"kind": 3, "alpha": 1}, "alpha"),
            ("an offset it does not take", {"kind": 2, "offset": 1}, "offset"),
            ("a beta it does not take", {"kind": 6, "beta": 1}, "beta"),
            ("gelu form 5", {"kind": 11, "gelu_form": 5}, "gelu_form"),
            ("gelu form of a relu", {"kind": 2, "gelu_form": 1}, "gelu_form"),
            ("kink slope 9", {"kind": 2, "kink_slope": 9}, "kink_slope"),
            ("beta 0", {"kind": 8, "beta": 0}, "beta"), ("beta -1", {"kind": 8, "beta": -1}, "beta"),
            ("celu's alpha 0", {"kind": 14, "alpha": 0}, "alpha"), ("celu's alpha -1", {"kind": 14, "alpha": -1}, "alpha"),
            ("a minimum at the maximum", {"kind": 18, "minimum": 1}, "minimum"),
            ("a minimum it does not take", {"kind": 19, "minimum": 0}, "minimum"),
            ("a maximum it does not take", {"kind": 15, "maximum": 0}, "maximum"),
            ("an axis it does not take", {"kind": 7, "axis": "W"}, "axis"),
            ("an axis index it does not take", {"kind": 7, "axis_index": 0}, "axis_index"),
            ("a slope match it does not take", {"kind": 3, "slope_match": 1}, "slope_match")]
    for kind, parameter in ((3, "slope"), (12, "slope"), (12, "offset"), (4, "alpha"), (8, "beta"), (14, "alpha"),
                            (16, "alpha"), (18, "minimum"), (18, "maximum")):
        rows += [(f"{parameter} {value} of kind {kind}", {"kind": kind, parameter: value}, parameter)
                 for value in (math.nan, math.inf, -math.inf)]
    for method, make in [(m, make) for m, make, _, _ in RPCS[:4] + RPCS[6:]]:
        for name, values, field in rows:
            request = make()
            request.activation.Clear()
            for key, value in values.items():
                setattr(request.activation, key, value)
            request.activation.SetInParent()
            cases.append(case(method, f"activation: {name}", request, f"activation.{field}"))
        # Only Activate takes a prelu, and it needs its slopes.
        request = make()
        request.activation.CopyFrom(activation_pb2.Activation(kind=activation_pb2.ACTIVATION_KIND_PRELU, slope_match=7))
        beside = "slope" if method.rsplit("/", 1)[1].startswith("Activate") else "activation.kind"
        cases.append(case(method, "activation: slope match 7", request, "activation.slope_match", beside))
    return cases


def bad_cases():
    return tensor_cases() + relation_cases() + activation_cases()
