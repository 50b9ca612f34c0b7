#!/usr/bin/python3
"""Writes the seeds of the fuzzer's corpus: one small request per rpc and form of payload, with no randomness.

    make_seeds.py STUBS corpus/request

STUBS is a folder with the protos' Python, as examples/python/convolve.py says how to make it. A seed is the byte that
picks the rpc (tests/fuzz/request_fuzz.cc) and the message.
"""
import pathlib
import sys

sys.path.insert(0, sys.argv[1])

from google.protobuf import text_format  # noqa: E402
from tensord.v1 import activation_pb2, analysis_pb2, convolution_pb2, pooling_pb2  # noqa: E402

INPUT = 'input { data_type: DATA_TYPE_FLOAT32 shape: [3, 4] doubles { values: [1,2,3,4,5,6,7,8,9,10,11,12] } }'
FILTER = 'filter { data_type: DATA_TYPE_FLOAT32 shape: [2, 2] integers { values: [1,-1,2,0] } }'
GRADIENT = 'output_gradient { data_type: DATA_TYPE_FLOAT32 shape: [2, 3] doubles { values: [1,2,3,4,5,6] } }'
SEEDS = [
    (0, convolution_pb2.ConvolveRequest, "convolve", f"{INPUT} {FILTER}"),
    (0, convolution_pb2.ConvolveRequest, "convolve_bias_same",
     f"{INPUT} {FILTER} bias {{ data_type: DATA_TYPE_FLOAT32 shape: 1 data: '\\000\\000\\200?' }}"
     "conventions { padding { mode: PADDING_MODE_SAME_LOWER } strides: [1, 2] dilations: 1 kernel: KERNEL_MODE_TRUE_CONVOLUTION }"
     "activation { kind: ACTIVATION_KIND_GELU gelu_form: GELU_FORM_TANH }"),
    (0, convolution_pb2.ConvolveRequest, "convolve_grouped",
     "input { data_type: DATA_TYPE_FLOAT64 shape: [1, 3, 2] axes: 'NWC' integers { values: [1,2,3,4,5,6] } }"
     "filter { data_type: DATA_TYPE_FLOAT64 shape: [2, 1, 2] doubles { values: [1,2,3,4] } } conventions { groups: 2 }"),
    (1, convolution_pb2.ConvolveBackwardRequest, "convolve_backward",
     f"{INPUT} {FILTER} {GRADIENT} activation {{ kind: ACTIVATION_KIND_SIGMOID }} gradients: [CONVOLUTION_GRADIENT_INPUT,"
     "CONVOLUTION_GRADIENT_FILTER, CONVOLUTION_GRADIENT_BIAS, CONVOLUTION_GRADIENT_PRE_ACTIVATION]"),
    (2, pooling_pb2.PoolRequest, "pool_max", f"kind: POOLING_KIND_MAX {INPUT} conventions {{ window: 2 strides: [1, 2] }} return_indices: true"),
    (2, pooling_pb2.PoolRequest, "pool_average",
     f"kind: POOLING_KIND_AVERAGE {INPUT} profile: CONVENTION_PROFILE_TEXTBOOK conventions {{ window: 2 padding {{ begin: 1 end: 0 }} }}"),
    (2, pooling_pb2.PoolRequest, "pool_subsample", f"kind: POOLING_KIND_SUBSAMPLE {INPUT} conventions {{ strides: 2 length_rule: LENGTH_RULE_CEIL }}"),
    (3, pooling_pb2.PoolBackwardRequest, "pool_backward", f"kind: POOLING_KIND_MAX {INPUT} {GRADIENT} conventions {{ window: 2 strides: 1 }}"),
    (4, activation_pb2.ActivateRequest, "activate", f"{INPUT} activation {{ kind: ACTIVATION_KIND_HARD_SIGMOID slope: 0.25 kink_slope: KINK_SLOPE_MEAN }}"),
    (5, activation_pb2.ActivateBackwardRequest, "activate_backward",
     f"{INPUT} {INPUT.replace('input', 'output_gradient', 1)} activation {{ kind: ACTIVATION_KIND_SOFTPLUS beta: 2 }}"),
    (6, analysis_pb2.AnalyzeLayerRequest, "analyze_convolution",
     "convolution { input_shape: [{symbol: 'N'}, {value: 48}, {symbol: 'W'}, {value: 10}] filter_shape: [{value: 3},"
     "{value: 3}, {value: 10}, {value: 20}] conventions { padding { mode: PADDING_MODE_SAME_UPPER } } }"),
    (6, analysis_pb2.AnalyzeLayerRequest, "analyze_pooling",
     "pooling { kind: POOLING_KIND_MAX input_shape: [{symbol: 'B'}, {symbol: 'N'}, {symbol: 'C'}] symbolic_strides: {symbol: 's'}"
     "conventions { input_layout: 'NWC' window: 2 length_rule: LENGTH_RULE_START_INSIDE } }"),
    (7, analysis_pb2.DescribeDatasetRequest, "describe_dataset",
     "axes { name: 'image' size { symbol: 'N' } } axes { name: 'height' size { value: 256 } } data_type: DATA_TYPE_FLOAT32"),
]


def main():
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for selector, message, name, text in SEEDS:
        request = text_format.Parse(text, message())
        (folder / name).write_bytes(bytes([selector]) + request.SerializeToString(deterministic=True))


if __name__ == "__main__":
    main()
