#!/usr/bin/python3
"""Writes the seeds of the fuzz targets' corpora, with no randomness.

    make_seeds.py STUBS [tests/fuzz/corpus]

STUBS is a folder with the protos' Python, as examples/python/convolve.py says how to make it, and with that of
/usr/include/onnx/onnx.proto (--proto_path=/usr/include) beside. A seed is the byte that
picks what is run and what it is run on: corpus/request, an rpc (rpc_choice.h) and its message; corpus/files, a reader
and a file (files_fuzz.h; from the fixtures of tests/client/cli); corpus/config, a file or a command line
(config_fuzz.h); corpus/flags, a parser and its text (flags_fuzz.cc). But for corpus/onnx and corpus/model_file: a file as it is
(onnx_fuzz.h, model_file_fuzz.h).
"""
import pathlib
import sys

sys.path.insert(0, sys.argv[1])

from google.protobuf import text_format  # noqa: E402
from onnx import onnx_pb2  # noqa: E402
from tensord.v1 import (activation_pb2, analysis_pb2, convolution_pb2, pooling_pb2, server_pb2,  # noqa: E402
                        stream_pb2, transposed_convolution_pb2, unpooling_pb2)

INPUT = 'input { data_type: DATA_TYPE_FLOAT32 shape: [3, 4] doubles { values: [1,2,3,4,5,6,7,8,9,10,11,12] } }'
FILTER = 'filter { data_type: DATA_TYPE_FLOAT32 shape: [2, 2] integers { values: [1,-1,2,0] } }'
GRADIENT = 'output_gradient { data_type: DATA_TYPE_FLOAT32 shape: [2, 3] doubles { values: [1,2,3,4,5,6] } }'
VALUES = 'data_type: DATA_TYPE_FLOAT32 shape: 2 doubles { values: [5,6] }'
INDICES = 'data_type: DATA_TYPE_INT32 shape: 2 integers { values: [1,2] }'
REQUESTS = [
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
    (4, activation_pb2.ActivateRequest, "activate_softmax",
     f"{INPUT} activation {{ kind: ACTIVATION_KIND_SOFTMAX axis: 'W' axis_index: -1 }} profile: CONVENTION_PROFILE_PYTORCH"),
    (4, activation_pb2.ActivateRequest, "activate_prelu",
     f"{INPUT} slope {{ data_type: DATA_TYPE_FLOAT32 shape: 1 axes: 'H' integers {{ values: 2 }} }}"
     "activation { kind: ACTIVATION_KIND_PRELU slope_match: SLOPE_MATCH_AXES }"),
    (5, activation_pb2.ActivateBackwardRequest, "activate_backward_prelu",
     f"{INPUT} {INPUT.replace('input', 'output_gradient', 1)} slope {{ data_type: DATA_TYPE_FLOAT32 doubles {{ values: 0.5 }} }}"
     "activation { kind: ACTIVATION_KIND_PRELU } return_slope_gradient: true"),
    (5, activation_pb2.ActivateBackwardRequest, "activate_backward_hard_tanh",
     f"{INPUT} {INPUT.replace('input', 'output_gradient', 1)} activation {{ kind: ACTIVATION_KIND_HARD_TANH minimum: -2 maximum: 3 }}"),
    (6, analysis_pb2.AnalyzeLayerRequest, "analyze_convolution",
     "convolution { input_shape: [{symbol: 'N'}, {value: 48}, {symbol: 'W'}, {value: 10}] filter_shape: [{value: 3},"
     "{value: 3}, {value: 10}, {value: 20}] conventions { padding { mode: PADDING_MODE_SAME_UPPER } } }"),
    (6, analysis_pb2.AnalyzeLayerRequest, "analyze_pooling",
     "pooling { kind: POOLING_KIND_MAX input_shape: [{symbol: 'B'}, {symbol: 'N'}, {symbol: 'C'}] symbolic_strides: {symbol: 's'}"
     "conventions { input_layout: 'NWC' window: 2 length_rule: LENGTH_RULE_START_INSIDE } }"),
    (7, analysis_pb2.DescribeDatasetRequest, "describe_dataset",
     "axes { name: 'image' size { symbol: 'N' } } axes { name: 'height' size { value: 256 } } data_type: DATA_TYPE_FLOAT32"),
    (8, server_pb2.GetServerInfoRequest, "get_server_info", ""),
    (14, stream_pb2.StreamComputeRequest, "stream_pool",
     f"id: 7 pool {{ kind: POOLING_KIND_MAX {INPUT} conventions {{ window: 2 }} return_indices: true }}"),
    (14, stream_pb2.StreamComputeRequest, "stream_activate",
     f"id: 8 activate {{ {INPUT} activation {{ kind: ACTIVATION_KIND_RELU }} }}"),
    (14, stream_pb2.StreamComputeRequest, "stream_bad", f"id: 9 convolve {{ {INPUT} }}"),
    (2, pooling_pb2.PoolRequest, "pool_lp", f"kind: POOLING_KIND_LP {INPUT} conventions {{ window: 2 p: 2.5 }}"),
    (2, pooling_pb2.PoolRequest, "pool_adaptive",
     f"kind: POOLING_KIND_MAX {INPUT} conventions {{ window_mode: WINDOW_MODE_ADAPTIVE output_size: 2 }} return_indices: true"),
    (2, pooling_pb2.PoolRequest, "pool_empty_windows",
     f"kind: POOLING_KIND_MAX {INPUT} conventions {{ window: 1 padding {{ begin: 2 }} empty_window: EMPTY_WINDOW_NEGATIVE_INFINITY }}"),
    (2, pooling_pb2.PoolRequest, "pool_padding_limit",
     f"kind: POOLING_KIND_MAX {INPUT} conventions {{ window: 3 padding {{ begin: 1 }} padding_limit: PADDING_LIMIT_HALF_WINDOW }}"),
    (3, pooling_pb2.PoolBackwardRequest, "pool_backward_split",
     f"kind: POOLING_KIND_MAX {INPUT} output_gradient {{ data_type: DATA_TYPE_FLOAT32 shape: [1, 1] doubles {{ values: 1 }} }}"
     "conventions { window_mode: WINDOW_MODE_GLOBAL tie_rule: TIE_RULE_SPLIT }"),
    (9, unpooling_pb2.UnpoolRequest, "unpool", f"input {{ {VALUES} }} indices {{ {INDICES} }} conventions {{ window: 2 }}"),
    (10, unpooling_pb2.UnpoolBackwardRequest, "unpool_backward",
     f"indices {{ {INDICES} }} output_gradient {{ data_type: DATA_TYPE_FLOAT32 shape: 4 doubles {{ values: [1,2,3,4] }} }}"
     "conventions { window: 2 } index_range: INDEX_RANGE_WINDOW"),
    (0, convolution_pb2.ConvolveRequest, "convolve_reflect",
     f"{INPUT} {FILTER} conventions {{ padding {{ begin: [1, 3] end: [2, 0] source: PADDING_SOURCE_REFLECT }} }}"),
    (6, analysis_pb2.AnalyzeLayerRequest, "analyze_transposed",
     "transposed_convolution { input_shape: [{symbol: 'N'}, {value: 8}, {value: 4}] filter_shape: [{value: 3}, {value: 4}, {value: 2}]"
     "symbolic_strides: {symbol: 's'} conventions { groups: 2 output_padding: 1 dilations: 2 } }"),
    (11, transposed_convolution_pb2.ConvolveTransposeRequest, "convolve_transpose",
     f"{INPUT} {FILTER} conventions {{ strides: [2, 3] padding {{ mode: PADDING_MODE_SAME_UPPER }} output_shape: [5, 11] }}"),
    (12, transposed_convolution_pb2.ConvolveTransposeBackwardRequest, "convolve_transpose_backward",
     f"input {{ data_type: DATA_TYPE_FLOAT32 shape: [1, 2] doubles {{ values: [1,2] }} }} {FILTER} {GRADIENT}"
     "conventions { output_padding: 0 } gradients: [CONVOLUTION_GRADIENT_INPUT, CONVOLUTION_GRADIENT_FILTER, CONVOLUTION_GRADIENT_BIAS]"),
    (0, convolution_pb2.ConvolveRequest, "convolve_exact",
     f"{INPUT} {FILTER} activation {{ kind: ACTIVATION_KIND_RELU }} accumulation: ACCUMULATION_EXACT return_error_bounds: true"),
    (0, convolution_pb2.ConvolveRequest, "convolve_halves",
     f"{INPUT} {FILTER} accumulation: ACCUMULATION_FAITHFUL".replace("FLOAT32", "FLOAT16")),
    (0, convolution_pb2.ConvolveRequest, "convolve_wide",
     "input { data_type: DATA_TYPE_INT32 shape: 3 integers { values: [1,-2,2147483647] } }"
     "filter { data_type: DATA_TYPE_INT32 shape: 2 integers { values: [1,2] } } output_type: DATA_TYPE_INT64"),
    (0, convolution_pb2.ConvolveRequest, "convolve_quantized",
     "input { data_type: DATA_TYPE_UINT8 shape: 3 integers { values: [1,200,255] } }"
     "filter { data_type: DATA_TYPE_INT8 shape: 2 integers { values: [1,-128] } }"
     "quantization { input_zero_point: 128 filter_zero_points: 1 input_scale: 0.5 filter_scales: 0.25 output_scale: 2 output_zero_point: 7 }"),
    (1, convolution_pb2.ConvolveBackwardRequest, "convolve_backward_exact",
     f"{INPUT} {FILTER} {GRADIENT} gradients: [CONVOLUTION_GRADIENT_INPUT, CONVOLUTION_GRADIENT_FILTER, CONVOLUTION_GRADIENT_BIAS]"
     "accumulation: ACCUMULATION_EXACT return_error_bounds: true"),
    (11, transposed_convolution_pb2.ConvolveTransposeRequest, "convolve_transpose_exact",
     f"{INPUT} {FILTER} conventions {{ strides: 2 }} accumulation: ACCUMULATION_EXACT return_error_bounds: true"),
    (11, transposed_convolution_pb2.ConvolveTransposeRequest, "convolve_transpose_integers",
     "input { data_type: DATA_TYPE_INT8 shape: 3 integers { values: [1,-2,3] } }"
     "filter { data_type: DATA_TYPE_INT8 shape: 2 integers { values: [1,2] } } quantization { filter_zero_points: -3 }"),
    (12, transposed_convolution_pb2.ConvolveTransposeBackwardRequest, "convolve_transpose_backward_exact",
     f"input {{ data_type: DATA_TYPE_FLOAT32 shape: [1, 2] doubles {{ values: [1,2] }} }} {FILTER} {GRADIENT}"
     "gradients: [CONVOLUTION_GRADIENT_INPUT, CONVOLUTION_GRADIENT_FILTER] accumulation: ACCUMULATION_EXACT"),
    (2, pooling_pb2.PoolRequest, "pool_average_of_integers",
     "kind: POOLING_KIND_AVERAGE input { data_type: DATA_TYPE_INT8 shape: 4 integers { values: [1,-2,3,4] } }"
     "conventions { window: 3 strides: 1 } output_type: DATA_TYPE_BFLOAT16 return_error_bounds: true"),
    (2, pooling_pb2.PoolRequest, "pool_lp_exact",
     f"kind: POOLING_KIND_LP {INPUT} conventions {{ window: 2 }} accumulation: ACCUMULATION_EXACT return_error_bounds: true"),
    (3, pooling_pb2.PoolBackwardRequest, "pool_backward_exact",
     f"kind: POOLING_KIND_AVERAGE {INPUT} {GRADIENT} conventions {{ window: 2 strides: 1 }} accumulation: ACCUMULATION_EXACT return_error_bounds: true"),
    (4, activation_pb2.ActivateRequest, "activate_halves",
     f"{INPUT} activation {{ kind: ACTIVATION_KIND_TANH }}".replace("FLOAT32", "BFLOAT16")),
    (9, unpooling_pb2.UnpoolRequest, "unpool_integers",
     f"input {{ {VALUES.replace('FLOAT32', 'INT8').replace('doubles', 'integers')} }} indices {{ {INDICES} }} conventions {{ window: 2 }}"),
    (2, pooling_pb2.PoolRequest, "pool_exact",
     f"kind: POOLING_KIND_AVERAGE {INPUT} conventions {{ window: 2 }} accumulation: ACCUMULATION_EXACT return_error_bounds: true"),
]


READERS = ("npy", "npz", "json", "csv", "png", "pgm")
TYPES = ("float32", "float64", "float16", "bfloat16", "int8", "uint8", "int32", "int64")
TEXT_FILES = [
    ("json", "float32", "matrix", "[[1, 2.5, -3e-2], [\"NaN\", \"Infinity\", \"-Infinity\"]]"),
    ("json", "int64", "integers", "[[[1, -2], [9223372036854775807, 0]]]"),
    ("json", "float16", "scalar", "-0.1"),
    ("json", "float64", "empty", "[[], []]"),
    ("json", "bfloat16", "ragged", "[[1, 2], [3]]"),
    ("csv", "float32", "matrix", "1, 2.5 ,-3e-2\r\nnan,inf,-inf\r\n\r\n"),
    ("csv", "int8", "integers", "1,-2,127\n0,3,-128"),
    ("csv", "float64", "column", "1\n2\n3\n"),
    ("pgm", "float32", "plain", "P2\n# grey\n3 2\n15\n0 1 2\n13 14 15\n"),
    ("pgm", "float32", "binary", "P5 2 2 255\n\x01\x02\x7f\x00"),
]
CONFIGS = [
    (0, "every_form", "listen: [127.0.0.1:0, \"unix:/run/t.sock\"]\nmetrics-listen: off\nthreads: 2\nqueue: 8\n"
     "max-message-bytes: 64MiB\nmax-tensor-bytes: 1048576\ndefault-deadline: 500ms\ndrain-timeout: 1min\n"
     "reflection: on\nlog-level: warning\n"),
    (0, "tls", "tls-certificate: a.pem\ntls-key: 'b.pem'\ntls-client-ca: \"c\\u00fc.pem\"\n"),
    (0, "flow", "{threads: 1, queue: 0, max-multiplications: 1099511627776, memory-budget-bytes: 2GiB}"),
    (0, "mistakes", "threads: 0\nthreads: 2\nwings: 3\nqueue: [1]\nlog-level: loud\n? [a]\n: b\n"),
    (0, "anchors", "listen: &a [\"[::1]:50051\", *a]\nthreads: &t 3\nqueue: *t\n"),
    (0, "block", "tls-key: |\n  a\n  b\ntls-certificate: >-\n  c\n  d\n...\n---\nx: y\n"),
    (0, "nested", "listen: " + "[" * 40 + "]" * 40),
    (0, "no_mapping", "- threads\n- 2\n"),
    (1, "flags", "--threads\n2\n--listen=127.0.0.1:1\n--listen\nunix:/a\n--log-level\ndebug"),
    (1, "print", "--print-config\n--max-message-bytes\n1MiB"),
    (1, "help", "--help"),
    (1, "flag_mistakes", "--threads\n-1\n--wings\n-x\n--\nextra"),
]
FLAGS = [
    (0, "integers", "1,-2,9223372036854775807"), (1, "dimensions", "N,48,W,10"), (2, "axes", "image=N,colour=3,height=256"),
    (3, "padding_word", "same-upper"), (3, "padding", "1,2:3,4"), (4, "activation", "leaky-relu:slope=0.2,kink=right"),
    (4, "activation_form", "gelu:form=tanh"), (4, "activation_axis", "softmax:axis=-1"),
    (4, "activation_match", "prelu:match=axes"), (5, "duration", "500ms"), (5, "duration_hours", "1h"), (6, "profile", "pytorch"),
    (7, "pooling", "subsample"), (8, "length", "start-inside"), (9, "divisor_word", "included"), (9, "divisor", "4"),
    (10, "float", "-1.17549435e-38"), (10, "float_name", "-Infinity"), (11, "double", "4.9406564584124654e-324"),
    (11, "double_large", "1.7976931348623157e308"), (12, "text", "na\u00efve \x1b[31m\n\u2028\U0001f642"),
]
ONNX_INPUT = ("input { name: 'x' type { tensor_type { elem_type: 1 shape { dim { dim_param: 'N' } dim { dim_value: 3 }"
              "dim { dim_value: 8 } dim { dim_value: 8 } } } } }")
MODELS = [
    ("convolutions", f"{ONNX_INPUT} initializer {{ name: 'w' data_type: 1 dims: [4, 3, 3, 3] }}"
     "initializer { name: 'b' data_type: 1 dims: 4 float_data: [1, 2, 3, 4] }"
     "node { name: 'conv' op_type: 'Conv' input: ['x', 'w', 'b'] output: 'y'"
     "  attribute { name: 'strides' type: INTS ints: [2, 1] } attribute { name: 'pads' type: INTS ints: [1, 0, 1, 2] } }"
     "node { name: 'back' op_type: 'ConvTranspose' input: ['y', 't'] output: 'z'"
     "  attribute { name: 'auto_pad' type: STRING s: 'SAME_UPPER' } attribute { name: 'group' type: INT i: 2 } }"
     "initializer { name: 't' data_type: 10 dims: [4, 1, 2, 2] } output { name: 'z' }"),
    ("pooling", f"{ONNX_INPUT} node {{ op_type: 'MaxPool' input: 'x' output: ['y', ''] attribute {{ name: 'kernel_shape'"
     "  type: INTS ints: [2, 2] } attribute { name: 'ceil_mode' type: INT i: 1 } }"
     "node { op_type: 'GlobalAveragePool' input: 'y' output: 'z' }"
     "node { op_type: 'AveragePool' input: 'y' output: 'a' attribute { name: 'kernel_shape' type: INTS ints: [3, 3] }"
     "  attribute { name: 'count_include_pad' type: INT i: 1 } } output { name: 'z' } output { name: 'a' }"),
    ("products", f"{ONNX_INPUT} node {{ op_type: 'Shape' input: 'x' output: 's' }}"
     "initializer { name: 'i' data_type: 7 int64_data: 0 } node { op_type: 'Gather' input: ['s', 'i'] output: 'n' }"
     "initializer { name: 'minus' data_type: 7 dims: 1 raw_data: '\\377\\377\\377\\377\\377\\377\\377\\377' }"
     "initializer { name: 'zero' data_type: 6 dims: 1 int32_data: 0 }"
     "node { op_type: 'Unsqueeze' input: ['n', 'zero'] output: 'm' }"
     "node { op_type: 'Concat' input: ['m', 'minus'] output: 'shape' attribute { name: 'axis' type: INT i: 0 } }"
     "node { op_type: 'Reshape' input: ['x', 'shape'] output: 'flat' }"
     "initializer { name: 'w' data_type: 1 dims: [10, 192] }"
     "node { op_type: 'Gemm' input: ['flat', 'w'] output: 'y' attribute { name: 'transB' type: INT i: 1 }"
     "  attribute { name: 'alpha' type: FLOAT f: 0.5 } } output { name: 'y' }"),
    ("constants", "node { op_type: 'Constant' output: 'a' attribute { name: 'value' type: TENSOR t { data_type: 16"
     "  dims: 2 int32_data: [16256, 49216] } } } node { op_type: 'Constant' output: 'b' attribute { name: 'value_ints'"
     "  type: INTS ints: [1, -1] } } node { op_type: 'Add' input: ['a', 'b'] output: 'c' } output { name: 'c' }"
     "node { op_type: 'Constant' output: 'd' attribute { name: 'value_strings' type: STRINGS strings: ['x', '\\033'] } }"),
    ("subgraph", "input { name: 'c' type { tensor_type { elem_type: 9 shape { } } } } node { op_type: 'If' input: 'c'"
     "  output: 'y' attribute { name: 'then_branch' type: GRAPH g { node { op_type: 'Identity' input: 'c' output: 'd' }"
     "  initializer { name: 'v' data_type: 3 dims: 2 raw_data: 'ab' } } } } output { name: 'y' type { sequence_type {"
     "  elem_type { tensor_type { elem_type: 1 } } } } }"),
    ("elsewhere", f"{ONNX_INPUT} initializer {{ name: 'w' data_type: 1 dims: [5, 3, 1, 1] data_location: EXTERNAL"
     "  external_data { key: 'location' value: '../w' } } node { name: 'bad\\nname' op_type: 'Conv' domain: 'ai.onnx'"
     "  input: ['x', 'w'] output: 'y' doc_string: 'doc' } value_info { name: 'y' type { tensor_type { elem_type: 1 } } }"
     "sparse_initializer { values { name: 's' data_type: 1 } } output { name: 'y' }"),
]
DESCRIPTIONS = [
    ("windows", "name: w\ninput: [N, 6, 32, 24]\nlayers:\n"
     "  - conv: {filters: 4, kernel: [5, 3], stride: 2, dilation: [1, 2], groups: 2, bias: false, padding: [[1, 2], 3]}\n"
     "  - depthwise-conv: {kernel: 3, multiplier: 2, padding: same-lower}\n"
     "  - transposed-conv: {filters: 4, kernel: 2, stride: 2, groups: 2, output-padding: 1}\n"
     "  - conv: {filters: 4, kernel: 3, padding: full}\n"
     "  - max-pool: {window: 2, padding: [[1, 0], 0], rounding: start-inside}\n"
     "  - average-pool: {window: 3, stride: 1, padding: 1, rounding: ceil, divisor: included}\n"
     "  - global-average-pool\n  - flatten\n  - dense: 10\n"),
    ("elements", "input: {name: x, shape: [2, 6, 8], type: float32}\nlayers:\n  - batch-norm\n  - instance-norm\n"
     "  - group-norm: 3\n  - layer-norm: 1\n  - lrn: 5\n  - prelu\n  - relu6\n  - log-sigmoid\n  - leaky-relu: 0.2\n"
     "  - gelu: {form: tanh}\n  - softmax: {axis: 1}\n  - dropout: 0.25\n  - hard-sigmoid\n  - elu:\n      alpha: 2e0\n"),
    ("shapes", "input: [N, 4, 8, 8]\nlayers:\n  - pad: [[1, 2], 3]\n  - crop: {border: [[1, 0], 3]}\n"
     "  - upsample: {scale: [2, 3], mode: linear}\n  - reshape: [0, 4, -1]\n  - concat: {axis: -1}\n  - reshape: {shape: [0, -1]}\n"),
    ("structures", "input: [N, 4, 8]\nlayers:\n  - repeat:\n      times: 2\n      layers:\n        - relu: {}\n          name: r\n"
     "        - add:\n          from: [r, input]\n    name: twice\n  - residual:\n      layers: [tanh, {tanh: }]\n"
     "      shortcut: [{conv: {filters: 4, kernel: 1}}]\n  - branches: [[relu], [], [tanh, sigmoid]]\n    name: three\n"),
    ("sharing", "input: [N, 4, 8]\nlayers:\n  - conv: {filters: 4, kernel: 1}\n    name: a\n  - conv: {filters: 4, kernel: 1, stride: 2}\n"
     "    parameters-of: a\n  - repeat: {times: 3, shared: true, layers: [{batch-norm: , name: b}, {batch-norm: , parameters-of: b}]}\n"),
    ("names", "inputs: {a: [N, 3, 8], b: {shape: [N, 5, 8]}}\nlayers:\n  - relu:\n    name: r\n    from: a\n"
     "  - concat:\n    from: [r, b]\n  - multiply:\n    from: [concat1, concat1, concat1]\noutputs: [multiply1, r]\n"),
    ("operators", "input: [2, 16, 8, 8]\nlayers:\n  - onnx: {operator: DepthToSpace, attributes: {blocksize: 2}, channels: 4}\n"
     "  - onnx: {operator: Gather, inputs: [onnx1, {integers: [0, 2]}], attributes: {axis: 1, x: [1.5, 2], y: word}}\n"
     "  - onnx: {operator: MatMul, inputs: [onnx2, {shape: [open, 10]}], rank: 4}\n  - onnx: {operator: Clip, inputs: [onnx3, null]}\n"),
    ("json", '{"input": {"shape": ["N", 3, 8, 8]},\n\t"layers": [{"conv": {"filters": 4, "kernel": 3}}, "relu", {"dense": 2, "name": "\\u00e4"}]}'),
    ("quotes", "# text\ninput: ['N', 3]\nlayers:\n- {\"dense\": {units: 0x10, bias: yes}}\n- relu: |\n    a\n- tanh: >-\n    b\n"),
    ("anchors", "input: &a [N, 3]\nlayers: [relu, *a, !!str x]\n---\nb: c\n"),
    ("many", "input: [N, 3]\nlayers: [{repeat: {times: 2147483647, layers: [{repeat: {times: 9, layers: []}}]}}]\n"),
    ("steers", "input: [N, 3]\nlayers:\n  - \"re\\e[31mlu\"\n  - relu: {\"a\\u2028\": 1}\n    name: \"\\x07\"\n"),
]


def write(folder, name, selector, content):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(bytes([selector]) + content)


def write_models(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, graph in MODELS:
        model = text_format.Parse(f"ir_version: 8 opset_import {{ version: 13 }} graph {{ name: 'g' {graph} }}", onnx_pb2.ModelProto())
        (folder / name).write_bytes(model.SerializeToString(deterministic=True))
    classifier = pathlib.Path(__file__).parents[1] / "models" / "alexnet.onnx"
    (folder / "alexnet").write_bytes(classifier.read_bytes())


def write_descriptions(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in DESCRIPTIONS:
        (folder / name).write_text(text, encoding="utf-8")


def write_files(folder):
    fixtures = pathlib.Path(__file__).parents[1] / "client" / "cli" / "fixtures"
    for path in sorted(fixtures.iterdir()):
        write(folder, path.name.replace(".", "_"), READERS.index(path.suffix[1:]), path.read_bytes())
    for reader, element, name, text in TEXT_FILES:
        selector = READERS.index(reader) + len(READERS) * TYPES.index(element)
        write(folder, f"{reader}_{name}", selector, text.encode("latin-1"))


def main():
    corpus = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else pathlib.Path(__file__).parent / "corpus"
    for selector, message, name, text in REQUESTS:
        request = text_format.Parse(text, message())
        write(corpus / "request", name, selector, request.SerializeToString(deterministic=True))
    write_files(corpus / "files")
    for selector, name, text in CONFIGS:
        write(corpus / "config", name, selector, text.encode())
    for selector, name, text in FLAGS:
        write(corpus / "flags", name, selector, text.encode())
    write_models(corpus / "onnx")
    write_descriptions(corpus / "model_file")


if __name__ == "__main__":
    main()
