"""ONNX's own node tests, from Debian's libonnx-testdata: a model of one operator, its inputs, and its outputs.

Reads protobuf's wire format itself, so that no onnx package is needed; field numbers are those of onnx.proto.
"""

import os
import struct

from cases import expected, gamma, tensor

FOLDER = "/usr/share/libonnx-testdata/data/node"
UNIT32 = 2.0**-24


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def fields(data):
    """(field number, value) of each field: an int, or bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
            value -= 2**64 if value >= 2**63 else 0
        elif key & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            size = {1: 8, 5: 4}[key & 7]
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def integers(value):
    """A repeated integer field's entry: one, or several packed."""
    if isinstance(value, int):
        return [value]
    result, at = [], 0
    while at < len(value):
        entry, at = varint(value, at)
        result.append(entry - 2**64 if entry >= 2**63 else entry)
    return result


def read_tensor(path):
    """TensorProto: dims 1, data_type 2, float_data 4, int64_data 7, raw_data 9."""
    shape, data_type, raw, numbers = [], 0, b"", []
    with open(path, "rb") as file:
        for number, value in fields(file.read()):
            if number == 1:
                shape += integers(value)
            elif number == 2:
                data_type = value
            elif number == 4:
                numbers += struct.unpack("<%df" % (len(value) // 4), value)
            elif number == 7:
                numbers += integers(value)
            elif number == 9:
                raw = value
    letter = {1: "f", 7: "q"}[data_type]
    if raw:
        numbers = list(struct.unpack("<%d%s" % (len(raw) // struct.calcsize(letter), letter), raw))
    return shape, numbers


def read_node(path):
    """The attributes of the model's one node. ModelProto.graph 7, GraphProto.node 1, NodeProto.op_type 4, attribute 5;
    AttributeProto: name 1, f 2, i 3, s 4, ints 8."""
    with open(path, "rb") as file:
        graph = dict(fields(file.read()))[7]
    node = next(value for number, value in fields(graph) if number == 1)
    operator, attributes = None, {}
    for number, value in fields(node):
        if number == 4:
            operator = value.decode()
        elif number == 5:
            name, content, ints = None, None, []
            for inner, entry in fields(value):
                if inner == 1:
                    name = entry.decode()
                elif inner == 2:
                    content = struct.unpack("<f", entry)[0]
                elif inner == 3:
                    content = entry
                elif inner == 4:
                    content = entry.decode()
                elif inner == 8:
                    ints += integers(entry)
            attributes[name] = ints or content
    return operator, attributes


def geometry(attributes):
    result = {}
    for attribute, field in (("strides", "strides"), ("dilations", "dilations"), ("output_padding", "outputPadding"),
                             ("output_shape", "outputShape")):
        if attribute in attributes:
            result[field] = attributes[attribute]
    if "group" in attributes:
        result["groups"] = attributes["group"]
    if attributes.get("auto_pad", "NOTSET") != "NOTSET":
        result["padding"] = {"mode": "PADDING_MODE_" + attributes["auto_pad"]}
    elif "pads" in attributes:
        half = len(attributes["pads"]) // 2
        result["padding"] = {"begin": attributes["pads"][:half], "end": attributes["pads"][half:]}
    return result


def pool(operator, attributes, inputs, outputs):
    conventions = geometry(attributes)
    if operator.startswith("Global"):
        conventions["windowMode"] = "WINDOW_MODE_GLOBAL"
    else:
        conventions["window"] = attributes["kernel_shape"]
    if attributes.get("ceil_mode"):
        conventions["lengthRule"] = "LENGTH_RULE_CEIL"
    if attributes.get("count_include_pad"):
        conventions["averageDivisor"] = "AVERAGE_DIVISOR_INCLUDED"
    if attributes.get("storage_order"):
        conventions["indexBase"] = "INDEX_BASE_TENSOR_COLUMN_MAJOR"
    maximum = "Max" in operator
    within = None
    if not maximum:
        size = max(abs(value) for value in inputs[0][1])
        elements = len(inputs[0][1])
        # ONNX's own numbers are float32 averages too.
        within = [2 * gamma(elements + 1, UNIT32) * size] * len(outputs[0][1])
    request = {"kind": "POOLING_KIND_" + ("MAX" if maximum else "AVERAGE"), "conventions": conventions,
               "input": tensor(*inputs[0], "FLOAT32")}
    answer = {"output": expected(*outputs[0], within)}
    if len(outputs) > 1:
        request["returnIndices"] = True
        answer["indices"] = expected(*outputs[1])
    return "Pool", request, answer


def unpool(attributes, inputs, outputs):
    conventions = dict(geometry(attributes), window=attributes["kernel_shape"])
    request = {"conventions": conventions, "input": tensor(*inputs[0], "FLOAT32"),
               "indices": tensor(*inputs[1], "INT64")}
    return "Unpool", request, {"output": expected(*outputs[0])}


def convolve(operator, attributes, inputs, outputs):
    """The data of these nodes are small whole numbers: exact."""
    request = {"conventions": geometry(attributes), "input": tensor(*inputs[0], "FLOAT32"),
               "filter": tensor(*inputs[1], "FLOAT32")}
    return ("Convolve" if operator == "Conv" else "ConvolveTranspose"), request, {"output": expected(*outputs[0])}


def activate(operator, attributes, inputs, outputs):
    kind = {"HardSigmoid": "HARD_SIGMOID", "LeakyRelu": "LEAKY_RELU", "ThresholdedRelu": "THRESHOLDED_RELU"}[operator]
    activation = {"kind": "ACTIVATION_KIND_" + kind}
    names = {"HARD_SIGMOID": {"alpha": "slope", "beta": "offset"}, "LEAKY_RELU": {"alpha": "slope"},
             "THRESHOLDED_RELU": {"alpha": "alpha"}}[kind]
    for attribute, field in names.items():
        if attribute in attributes:
            # The decimal that was meant: the attribute is a float32.
            activation[field] = float("%.7g" % attributes[attribute])
    within = [2.0**-22 * (abs(value) + 1) for value in outputs[0][1]]  # both sides round to float32
    request = {"activation": activation, "input": tensor(*inputs[0], "FLOAT32")}
    return "Activate", request, {"output": expected(*outputs[0], within)}


NODES = """averagepool_2d_precomputed_pads averagepool_2d_precomputed_pads_count_include_pad
averagepool_2d_precomputed_same_upper averagepool_2d_precomputed_strides averagepool_2d_ceil
globalaveragepool_precomputed globalmaxpool_precomputed maxpool_2d_ceil maxpool_2d_dilations maxpool_2d_precomputed_pads
maxpool_2d_precomputed_same_upper maxpool_2d_precomputed_strides maxpool_with_argmax_2d_precomputed_pads
maxpool_with_argmax_2d_precomputed_strides maxunpool_export_with_output_shape maxunpool_export_without_output_shape
conv_with_autopad_same conv_with_strides_and_asymmetric_padding conv_with_strides_no_padding conv_with_strides_padding
convtranspose convtranspose_1d convtranspose_autopad_same convtranspose_dilations convtranspose_pads
hardsigmoid_default hardsigmoid_example leakyrelu_default leakyrelu_example thresholdedrelu_default
thresholdedrelu_example""".split()


# What these data do that tensord does not.
DIFFERENCES = {
    "maxunpool_export_with_output_shape":
        "the data count indices in the 4 x 4 that follows from the window, and put that in a corner of output_shape, "
        "5 x 5; tensord counts them in output_shape, where the pooling found them"
}


def add_node(cases, name):
    folder = os.path.join(FOLDER, "test_" + name)
    operator, attributes = read_node(os.path.join(folder, "model.onnx"))
    data = os.path.join(folder, "test_data_set_0")
    inputs, outputs = [[read_tensor(os.path.join(data, file)) for file in sorted(os.listdir(data))
                        if file.startswith(start)] for start in ("input", "output")]
    if operator == "MaxUnpool":
        rpc, request, answer = unpool(attributes, inputs, outputs)
        if len(inputs) > 2:
            request["outputShape"] = inputs[2][1]
    elif "Pool" in operator:
        rpc, request, answer = pool(operator, attributes, inputs, outputs)
    elif "Conv" in operator:
        rpc, request, answer = convolve(operator, attributes, inputs, outputs)
    else:
        rpc, request, answer = activate(operator, attributes, inputs, outputs)
    request["profile"] = "CONVENTION_PROFILE_ONNX"
    cases.add(name, rpc, "test_%s: %s(%s)" % (name, operator, attributes), request, answer,
              DIFFERENCES.get(name))


def add_nodes(cases):
    for name in NODES:
        add_node(cases, name)
