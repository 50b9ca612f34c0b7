"""Sizes that overflow or cost too much, analysis of what cannot exist, and names; and what has to be answered."""

from cases.bad_tensors import RPCS, case
from cases.case import Case
from harness import requests as good
from harness.requests import ANALYSIS, TENSOR, ramp

TOO_LARGE = {"code": "RESOURCE_EXHAUSTED", "reason": "TENSOR_TOO_LARGE"}


def sized(*shape):
    """A tensor that claims a size and has no payload."""
    return good.tensor_pb2.Tensor(data_type=good.tensor_pb2.DATA_TYPE_FLOAT32, shape=shape, data=b"")


def size_cases():
    """Products that wrap to something small, with no payload to go with them."""
    cases = []
    # Of 4 channels each, which the filter fits too.
    shapes = (((2147483647, 2147483647, 2147483647), "(2^31-1)^3 x 4"),
              ((65536, 65536, 1 << 30), "2^64, which wraps to 0"), ((0, 1 << 30, 1 << 30), "0 x 2^62, 2^64 bytes"),
              ((1 << 30, 2, 2), "2^34"), ((65536, 65536, 65536), "2^50"), ((1, 1 << 15, 1 << 14), "2^31"))
    for method, make, _, _ in RPCS:
        for (batch, height, width), text in shapes:
            request = make()
            request.input.CopyFrom(sized(batch, height, width, 4))
            if "Convolve" in method:
                request.filter.CopyFrom(ramp(2, 2, 4, 4))
            if "Transpose" in method:
                # As large as the input.
                request.conventions.Clear()
                request.conventions.padding.mode = 2
            if method.endswith("Backward"):
                sizes = {"Conv": (height - 1, width - 1), "Pool": (height // 2, width // 2), "Acti": (height, width)}
                name = "Acti" if "Transpose" in method else method.rsplit("/", 1)[1][:4]
                size = sizes[name]
                request.output_gradient.CopyFrom(sized(batch, *size, 4))
            cases.append(case(method, f"input of {text} elements", request, "input.shape", **TOO_LARGE))
    padded = good.good_convolve()
    padded.conventions.padding.begin.append(100000)
    cases.append(case(TENSOR + "Convolve", "an output of 10^10 pixels by padding", padded, "output.shape", **TOO_LARGE))
    for kind, name, size in ((5, "INT8", 1), (6, "UINT8", 1), (7, "INT32", 4), (8, "INT64", 8)):
        request = good.good_activate()
        request.input.CopyFrom(good.tensor_pb2.Tensor(data_type=kind, shape=[2], data=bytes(2 * size)))
        cases.append(case(TENSOR + "Activate", f"a type that activations do not take, {name}", request,
                          "input.data_type"))
    work = good.convolution_pb2.ConvolveRequest(input=good.zeros(1024, 1024, 1), filter=good.zeros(512, 512, 1, 16))
    work.conventions.padding.mode = 2
    cases.append(case(TENSOR + "Convolve", "2^42 multiplications", work, code="RESOURCE_EXHAUSTED",
                      reason="WORK_TOO_LARGE"))
    return cases


def analysis_cases():
    cases = []
    convolution, pooling = good.good_analyze_convolution, good.good_analyze_pooling
    method = ANALYSIS + "AnalyzeLayer"

    def add(name, make, spoil, *fields):
        request = make()
        spoil(request)
        cases.append(case(method, name, request, *fields))

    def size(shape, index, value):
        def spoil(request):
            getattr(request.convolution, shape)[index].value = value
        return spoil

    def symbol(text):
        def spoil(request):
            request.convolution.input_shape[1].symbol = text
        return spoil

    add("no layer", good.analysis_pb2.AnalyzeLayerRequest, lambda r: None, "layer")
    for make in (convolution, pooling):
        add("type 50", make, lambda r: setattr(r, "data_type", 50), "data_type")
        add("profile 42", make, lambda r: setattr(r, "profile", 42), "profile")
    add("pooling without kind", pooling, lambda r: r.pooling.ClearField("kind"), "pooling.kind")
    add("pooling of kind 9", pooling, lambda r: setattr(r.pooling, "kind", 9), "pooling.kind")
    for value in (-1, 0, -(1 << 63)):
        add(f"input of size {value}", convolution, size("input_shape", 1, value), "convolution.input_shape[1]")
        add(f"filter of size {value}", convolution, size("filter_shape", 1, value), "convolution.filter_shape[1]")
    add("a size missing", convolution, lambda r: r.convolution.filter_shape[1].Clear(), "convolution.filter_shape[1]")
    for text in ("1N", "", "N" * 33, "N+1", "N\n", "\u00d1", "%n", "N;drop"):
        add(f"symbol {text!r:.12}", convolution, symbol(text), "convolution.input_shape[1]")
    add("9 sizes", pooling, lambda r: r.pooling.input_shape.extend(good.dimensions(*[1] * 9)), "pooling.input_shape")

    def beyond(request):
        for index in (1, 2):
            request.convolution.input_shape[index].value = (1 << 63) - 1
        request.convolution.filter_shape[3].value = (1 << 63) - 1
    add("counts beyond 128 bits", convolution, beyond, "convolution")

    def twice(request):
        request.convolution.conventions.strides.append(1)
        request.convolution.symbolic_strides.add().symbol = "s"
    add("strides twice", convolution, twice, "convolution.symbolic_strides")
    return cases + dataset_cases()


def dataset_cases():
    cases = []

    def add(name, spoil, *fields):
        request = good.good_describe()
        spoil(request)
        cases.append(case(ANALYSIS + "DescribeDataset", name, request, *fields))

    add("no axes", lambda r: r.ClearField("axes"), "axes")
    add("9 axes", lambda r: r.axes.extend([good.analysis_pb2.DatasetAxis(name=f"a{i}", size=good.dimensions(1)[0])
                                           for i in range(6)]), "axes")
    for text in ("", "a\nb", "1a", "a" * 65, "a b", "\u00e4", '"', "%s", "recording", "../x"):
        add(f"a name {text!r:.12}", lambda r, text=text: setattr(r.axes[1], "name", text), "axes[1].name")
    for value in (0, -1, -(1 << 63)):
        add(f"size {value}", lambda r, value=value: setattr(r.axes[2].size, "value", value), "axes[2].size")
    add("size missing", lambda r: r.axes[2].ClearField("size"), "axes[2].size")
    for text in ("1N", "", "N" * 33, "N\n"):
        add(f"size {text!r:.12}", lambda r, text=text: setattr(r.axes[2].size, "symbol", text), "axes[2].size")
    add("type 50", lambda r: setattr(r, "data_type", 50), "data_type")
    return cases


def positive_controls():
    """What over-eager checks would refuse."""
    controls = [Case(f"{method.rsplit('/', 1)[1]}: good", method, make().SerializeToString(), "OK")
                for method, make in good.GOOD.items()]

    def add(method, name, request):
        controls.append(case(method, name, request, code="OK"))

    for method, make, _, _ in RPCS:
        request = make()
        for tensor in ("input", "output_gradient"):
            if hasattr(request, tensor) and getattr(request, tensor).shape[0] == 2 and "Activate" not in method:
                getattr(request, tensor).shape[0] = 0
                getattr(request, tensor).data = b""
        if "Activate" not in method:
            add(method, "batch 0", request)
        request = make()
        request.input.data = b"\x00\x00\xc0\x7f" * (len(request.input.data) // 4)
        add(method, "NaN as data", request)
        request.input.data = b"\x00\x00\x80\x7f" * (len(request.input.data) // 4)
        add(method, "infinity as data", request)
        request.input.data = b"\x01\x00\x00\x80" * (len(request.input.data) // 4)
        add(method, "denormal numbers as data", request)
    return controls + geometry_controls()


def geometry_controls():
    """Strides, dilations and sizes at their ends."""
    controls = []

    def add(method, name, request):
        controls.append(case(method, name, request, code="OK"))

    request = good.good_pool()
    request.conventions.strides.append(3)
    add(TENSOR + "Pool", "stride over the window", request)
    request.conventions.strides[0] = 2147483647
    add(TENSOR + "Pool", "stride 2^31-1", request)
    request.conventions.strides[0] = 1
    add(TENSOR + "Pool", "overlapping windows", request)
    request = good.good_convolve()
    request.conventions.strides.extend([2147483647, 3])
    add(TENSOR + "Convolve", "stride over the filter", request)
    request = good.good_convolve()
    request.conventions.dilations.extend([4, 3])
    add(TENSOR + "Convolve", "the largest dilation that fits", request)
    request.input.CopyFrom(ramp(1, 1, 1, 1))
    request.filter.CopyFrom(ramp(1, 1, 1, 1))
    request.bias.CopyFrom(ramp(1))
    request.conventions.dilations[:] = [2147483647, 1]
    add(TENSOR + "Convolve", "dilation 2^31-1 of one tap", request)
    request = good.good_analyze_convolution()
    request.convolution.input_shape[1].value = 1 << 40
    request.convolution.input_shape[2].symbol = "W"
    add(ANALYSIS + "AnalyzeLayer", "sizes that no tensor has, and a symbol", request)
    request = good.good_describe()
    request.axes[0].size.value = (1 << 63) - 1
    add(ANALYSIS + "DescribeDataset", "2^63-1 recordings", request)
    return controls


def bad_cases():
    return size_cases() + analysis_cases()
