"""Good requests of every rpc. Importable once the client is generated."""

import struct

from tensord.v1 import (activation_pb2, analysis_pb2, conventions_pb2, convolution_pb2, grading_pb2, model_pb2, pooling_pb2,
                        server_pb2, stream_pb2, tensor_pb2, transposed_convolution_pb2, unpooling_pb2, verdict_pb2)

TENSOR = "/tensord.v1.TensorService/"
ANALYSIS = "/tensord.v1.AnalysisService/"
GRADING = "/tensord.v1.GradingService/"


def floats(shape, values):
    return tensor_pb2.Tensor(data_type=tensor_pb2.DATA_TYPE_FLOAT32, shape=shape,
                             data=struct.pack(f"<{len(values)}f", *values))


def ramp(*shape):
    count = 1
    for size in shape:
        count *= size
    return floats(shape, [float(i % 7) for i in range(count)])


def zeros(*shape):
    count = 1
    for size in shape:
        count *= size
    return tensor_pb2.Tensor(data_type=tensor_pb2.DATA_TYPE_FLOAT32, shape=shape, data=bytes(4 * count))


def good_convolve():
    return convolution_pb2.ConvolveRequest(
        input=ramp(2, 5, 4, 3), filter=ramp(2, 2, 3, 4), bias=ramp(4),
        activation=activation_pb2.Activation(kind=activation_pb2.ACTIVATION_KIND_SIGMOID))


def good_convolve_backward():
    forward = good_convolve()
    return convolution_pb2.ConvolveBackwardRequest(
        input=forward.input, filter=forward.filter, bias=forward.bias, activation=forward.activation,
        output_gradient=ramp(2, 4, 3, 4), gradients=[1, 2, 3, 4])


def good_convolve_transpose():
    plain = good_convolve()
    return transposed_convolution_pb2.ConvolveTransposeRequest(
        input=plain.input, filter=plain.filter, bias=plain.bias, activation=plain.activation,
        conventions=transposed_convolution_pb2.TransposedConvolutionConventions(strides=[2], output_padding=[1]))


def good_convolve_transpose_backward():
    forward = good_convolve_transpose()
    return transposed_convolution_pb2.ConvolveTransposeBackwardRequest(
        input=forward.input, filter=forward.filter, bias=forward.bias, activation=forward.activation,
        conventions=forward.conventions, output_gradient=ramp(2, 11, 9, 4), gradients=[1, 2, 3, 4])


def good_pool():
    return pooling_pb2.PoolRequest(kind=pooling_pb2.POOLING_KIND_MAX, input=ramp(2, 5, 4, 3),
                                   conventions=pooling_pb2.PoolingConventions(window=[2]), return_indices=True)


def good_pool_backward():
    return pooling_pb2.PoolBackwardRequest(
        kind=pooling_pb2.POOLING_KIND_MAX, input=ramp(2, 5, 4, 3), output_gradient=ramp(2, 2, 2, 3),
        conventions=pooling_pb2.PoolingConventions(window=[2]))


def first_cells():
    """Indices of a pooling of 5 x 4 by windows of 2: the first cell of each."""
    indices = [h * 8 + w * 2 for _ in range(2) for h in range(2) for w in range(2) for _ in range(3)]
    return tensor_pb2.Tensor(data_type=tensor_pb2.DATA_TYPE_INT64, shape=[2, 2, 2, 3], data=struct.pack("<24q", *indices))


def good_unpool():
    return unpooling_pb2.UnpoolRequest(input=ramp(2, 2, 2, 3), indices=first_cells(), output_shape=[2, 5, 4, 3],
                                       conventions=pooling_pb2.PoolingConventions(window=[2]))


def good_unpool_backward():
    return unpooling_pb2.UnpoolBackwardRequest(indices=first_cells(), output_gradient=ramp(2, 5, 4, 3),
                                               conventions=pooling_pb2.PoolingConventions(window=[2]))


def good_activate():
    return activation_pb2.ActivateRequest(
        input=floats([2, 3], [-2, -1, 0, 1, 2, 3]),
        activation=activation_pb2.Activation(kind=activation_pb2.ACTIVATION_KIND_LEAKY_RELU))


def good_activate_backward():
    forward = good_activate()
    return activation_pb2.ActivateBackwardRequest(input=forward.input, activation=forward.activation,
                                                  output_gradient=floats([2, 3], [1, 2, 3, 4, 5, 6]))


def dimensions(*sizes):
    return [analysis_pb2.Dimension(value=size) for size in sizes]


def good_analyze_convolution():
    return analysis_pb2.AnalyzeLayerRequest(convolution=analysis_pb2.ConvolutionLayer(
        input_shape=dimensions(2, 5, 4, 3), filter_shape=dimensions(2, 2, 3, 4)))


def good_analyze_transposed():
    return analysis_pb2.AnalyzeLayerRequest(transposed_convolution=analysis_pb2.TransposedConvolutionLayer(
        input_shape=dimensions(2, 5, 4, 3), filter_shape=dimensions(2, 2, 3, 4),
        conventions=good_convolve_transpose().conventions))


def good_analyze_pooling():
    return analysis_pb2.AnalyzeLayerRequest(pooling=analysis_pb2.PoolingLayer(
        kind=pooling_pb2.POOLING_KIND_MAX, input_shape=dimensions(2, 5, 4, 3),
        conventions=pooling_pb2.PoolingConventions(window=[2])))


def good_describe():
    return analysis_pb2.DescribeDatasetRequest(axes=[
        analysis_pb2.DatasetAxis(name=name, size=analysis_pb2.Dimension(value=size))
        for name, size in (("recording", 40), ("channel", 80), ("sample", 2400))])


def part(number, content):
    """A field of less than 128 bytes, or of a small number."""
    if isinstance(content, int):
        return bytes([number << 3, content])
    return bytes([number << 3 | 2, len(content)]) + content


def onnx_model():
    """x [2, 3, 8, 8] through a convolution by [4, 3, 3, 3], in the messages of onnx.proto."""
    sizes = b"".join(part(1, part(1, size)) for size in (2, 3, 8, 8))
    data = part(1, b"x") + part(2, part(1, part(1, 1) + part(2, sizes)))
    weights = b"".join(part(1, size) for size in (4, 3, 3, 3)) + part(2, 1) + part(8, b"w")
    node = part(1, b"x") + part(1, b"w") + part(2, b"y") + part(4, b"Conv")
    graph = part(1, node) + part(2, b"one") + part(5, weights) + part(11, data) + part(12, part(1, b"y"))
    return part(1, 8) + part(8, part(2, 13)) + part(7, graph)


def good_model():
    return model_pb2.AnalyzeModelRequest(onnx=onnx_model())


def good_assignment():
    """A count that follows from a layer's sizes."""
    assignment = grading_pb2.Assignment(id="week1")
    question = assignment.questions.add(id="1")
    layer = question.steps.add(name="layer").analyze_layer.convolution
    for size in (5, 5, 2):
        layer.input_shape.add(value=size)
    for size in (1, 1, 2, 3):
        layer.filter_shape.add(value=size)
    part = question.parts.add(id="a", of=["layer.parameter_count"])
    part.integer.SetInParent()
    return assignment


def good_grade():
    request = verdict_pb2.GradeSubmissionRequest(assignment=good_assignment(), submission=grading_pb2.Submission(id="ada"))
    request.submission.answers["1a"].text = "6"
    return request


def good_audit():
    return verdict_pb2.AuditAssignmentRequest(assignment=good_assignment())


# Every rpc: its path, its good request, and the request's message.
GOOD = {
    TENSOR + "Convolve": good_convolve,
    TENSOR + "ConvolveBackward": good_convolve_backward,
    TENSOR + "ConvolveTranspose": good_convolve_transpose,
    TENSOR + "ConvolveTransposeBackward": good_convolve_transpose_backward,
    TENSOR + "Pool": good_pool,
    TENSOR + "PoolBackward": good_pool_backward,
    TENSOR + "Unpool": good_unpool,
    TENSOR + "UnpoolBackward": good_unpool_backward,
    TENSOR + "Activate": good_activate,
    TENSOR + "ActivateBackward": good_activate_backward,
    ANALYSIS + "AnalyzeLayer": good_analyze_convolution,
    ANALYSIS + "AnalyzeModel": good_model,
    ANALYSIS + "DescribeDataset": good_describe,
    GRADING + "GradeSubmission": good_grade,
    GRADING + "AuditAssignment": good_audit,
    "/tensord.v1.ServerService/GetServerInfo": server_pb2.GetServerInfoRequest,
}


def long_convolve():
    """More than ten seconds of work on one core, in 1.6 MB: every one of 895 x 895 outputs with each of 384 x 384 taps,
    1.2e11 multiplications, which the multiplication limit has to allow."""
    request = convolution_pb2.ConvolveRequest(input=zeros(512, 512, 1), filter=zeros(384, 384, 1, 1))
    request.conventions.padding.mode = conventions_pb2.PADDING_MODE_FULL
    return request


def medium_convolve():
    """Some ten milliseconds of work."""
    return convolution_pb2.ConvolveRequest(input=zeros(128, 128, 32), filter=zeros(3, 3, 32, 32))
