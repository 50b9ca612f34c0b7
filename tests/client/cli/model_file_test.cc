// Descriptions of models as text, good and hostile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/model_file/chain.h"
#include "client/cli/model_file/layer.h"
#include "client/cli/model_file/read.h"

namespace tensord::cli::model_file {
namespace {

using ::testing::HasSubstr;

// What the text becomes: `name = Operator(inputs) attribute=value`, a line for each node, parameters with their shapes;
// or the error.
std::string Nodes(const std::string& text) {
  const absl::StatusOr<v1::Model> model = ReadModel(text, "f.yaml");
  if (!model.ok()) return std::string(model.status().message());
  std::map<std::string, std::string> shapes;
  for (const v1::ModelParameter& parameter : model->parameters()) {
    std::vector<std::string> sizes;
    for (const v1::Dimension& size : parameter.shape()) {
      sizes.push_back(size.size_case() == v1::Dimension::kValue ? absl::StrCat(size.value()) : "?");
    }
    shapes[parameter.name()] = parameter.has_integers()
                                   ? absl::StrCat("{", absl::StrJoin(parameter.integers().values(), ","), "}")
                                   : absl::StrCat("[", absl::StrJoin(sizes, ","), "]");
  }
  std::string result;
  for (const v1::ModelNode& node : model->nodes()) {
    std::vector<std::string> inputs;
    for (const std::string& input : node.inputs()) {
      inputs.push_back(shapes.count(input) != 0 ? shapes[input] : input);
    }
    absl::StrAppend(&result, node.outputs(0), " = ", node.operator_(), "(", absl::StrJoin(inputs, ", "), ")");
    const std::map<std::string, v1::ModelAttribute> attributes(node.attributes().begin(), node.attributes().end());
    for (const auto& [name, value] : attributes) {
      absl::StrAppend(&result, " ", name, "=", value.has_integer() ? absl::StrCat(value.integer()) : "", value.text(),
                      value.has_real() ? absl::StrCat(value.real()) : "", absl::StrJoin(value.integers().values(), ","),
                      absl::StrJoin(value.reals().values(), ","));
    }
    result += "\n";
  }
  for (const std::string& output : model->outputs()) absl::StrAppend(&result, "-> ", output, "\n");
  return result;
}

// One layer behind an image of 6 channels.
std::string One(const std::string& layer) {
  return Nodes(absl::StrCat("input: [N, 6, 32, 24]\nlayers:\n  - ", layer, "\n"));
}

TEST(ModelFileTest, Convolutions) {
  EXPECT_EQ(One("conv: {filters: 4, kernel: 5}"), "conv1 = Conv(input, [4,?,5,5], [4]) kernel_shape=5,5\n");
  EXPECT_EQ(One("conv: {filters: 4, kernel: [5, 3], stride: 2, dilation: [1, 2], groups: 2, bias: false, padding: 1}"),
            "conv1 = Conv(input, [4,?,5,3]) dilations=1,2 group=2 kernel_shape=5,3 pads=1,1,1,1 strides=2,2\n");
  EXPECT_EQ(One("conv: {filters: 4, kernel: 5, padding: [1, 2], bias: false}"),
            "conv1 = Conv(input, [4,?,5,5]) kernel_shape=5,5 pads=1,2,1,2\n");
  EXPECT_EQ(One("conv: {filters: 4, kernel: 5, padding: [[1, 2], 3], bias: false}"),
            "conv1 = Conv(input, [4,?,5,5]) kernel_shape=5,5 pads=1,3,2,3\n");
  EXPECT_EQ(One("conv: {filters: 4, kernel: [3, 5], dilation: 2, padding: full, bias: false}"),
            "conv1 = Conv(input, [4,?,3,5]) dilations=2,2 kernel_shape=3,5 pads=4,8,4,8\n");
  EXPECT_EQ(One("conv: {filters: 4, kernel: 3, padding: same-lower, bias: false}"),
            "conv1 = Conv(input, [4,?,3,3]) auto_pad=SAME_LOWER kernel_shape=3,3\n");
  EXPECT_EQ(One("depthwise-conv: {kernel: 3, multiplier: 2}"),
            "depthwise-conv1 = Conv(input, [12,1,3,3], [12]) group=6 kernel_shape=3,3\n");
  EXPECT_EQ(One("transposed-conv: {filters: 4, kernel: 2, stride: 2, groups: 2, output-padding: 1}"),
            "transposed-conv1 = ConvTranspose(input, [?,2,2,2], [4]) group=2 kernel_shape=2,2 output_padding=1,1 "
            "strides=2,2\n");
}

TEST(ModelFileTest, PoolingsAndDense) {
  EXPECT_EQ(One("max-pool: 2"), "max-pool1 = MaxPool(input) kernel_shape=2,2 strides=2,2\n");
  EXPECT_EQ(
      One("average-pool: {window: [3, 2], stride: 1, padding: same-upper, rounding: ceil, divisor: included}"),
      "average-pool1 = AveragePool(input) auto_pad=SAME_UPPER ceil_mode=1 count_include_pad=1 kernel_shape=3,2\n");
  EXPECT_EQ(One("max-pool: {window: 3, stride: 2, rounding: start-inside}"),
            "max-pool1 = MaxPool(input) kernel_shape=3,3 pads=0,0,2,2 strides=2,2\n");
  EXPECT_EQ(One("max-pool: {window: [3, 2], dilation: [2, 1], padding: [[1, 0], 0], rounding: start-inside}"),
            "max-pool1 = MaxPool(input) dilations=2,1 kernel_shape=3,2 pads=1,0,4,1 strides=3,2\n");
  // Under these the rule is without effect.
  EXPECT_EQ(One("average-pool: {window: 3, padding: same-lower, rounding: start-inside}"),
            "average-pool1 = AveragePool(input) auto_pad=SAME_LOWER kernel_shape=3,3 strides=3,3\n");
  EXPECT_EQ(One("global-average-pool"), "global-average-pool1 = GlobalAveragePool(input)\n");
  EXPECT_EQ(One("dense: 10"),
            "dense1.flatten = Flatten(input)\ndense1 = Gemm(dense1.flatten, [10,?], [10]) transB=1\n");
  EXPECT_EQ(Nodes("input: [N, 3]\nlayers: [dense: {units: 4, bias: false}]"), "dense1 = Gemm(input, [4,?]) transB=1\n");
}

TEST(ModelFileTest, NormalisationsActivationsAndShapes) {
  EXPECT_EQ(One("batch-norm"), "batch-norm1 = BatchNormalization(input, [?], [?], [?], [?])\n");
  EXPECT_EQ(One("group-norm: 3"), "group-norm1 = GroupNormalization(input, [?], [?]) num_groups=3\n");
  EXPECT_EQ(One("layer-norm: 1"), "layer-norm1 = LayerNormalization(input, [?,?,?], [?,?,?]) axis=1\n");
  EXPECT_EQ(One("layer-norm"), "layer-norm1 = LayerNormalization(input, [?], [?]) axis=-1\n");
  EXPECT_EQ(One("prelu"), "prelu1 = PRelu(input, [?,1,1])\n");
  EXPECT_EQ(One("leaky-relu: 0.25"), "leaky-relu1 = LeakyRelu(input) alpha=0.25\n");
  EXPECT_EQ(One("gelu"), "gelu1 = Gelu(input)\n");
  EXPECT_EQ(One("gelu: {form: tanh}"), "gelu1 = Gelu(input) approximate=tanh\n");
  EXPECT_EQ(One("relu6"),
            "relu61.minimum = Constant() value_float=0\nrelu61.maximum = Constant() value_float=6\n"
            "relu61 = Clip(input, relu61.minimum, relu61.maximum)\n");
  EXPECT_EQ(One("softmax: {axis: 1}"), "softmax1 = Softmax(input) axis=1\n");
  EXPECT_EQ(One("reshape: [0, -1, 4]"), "reshape1 = Reshape(input, {0,-1,4})\n");
  EXPECT_EQ(One("pad: [[1, 2], 3]"), "pad1 = Pad(input, {0,0,1,3,0,0,2,3})\n");
  EXPECT_EQ(One("crop: [[1, 0], 3]"), "crop1 = Slice(input, {1,3}, {9223372036854775807,-3}, {2,3})\n");
  EXPECT_EQ(One("upsample: [2, 3]"),
            "upsample1.scales = Constant() value_floats=1,1,2,3\n"
            "upsample1 = Resize(input, , upsample1.scales) mode=nearest\n");
  EXPECT_EQ(One("onnx: {operator: Foo, inputs: [input, null, {shape: [3, open]}, {integers: [1, 2]}], "
                "attributes: {a: 1, b: 1.5, c: word, d: [1, 2], e: [1, 2.5], f: true}}"),
            "onnx1 = Foo(input, , [3,?], {1,2}) a=1 b=1.5 c=word d=1,2 e=1,2.5 f=1\n");
}

TEST(ModelFileTest, GraphsByName) {
  EXPECT_EQ(
      Nodes(R"(
inputs: {a: [N, 3, 8], b: {shape: [N, 5, 8]}}
layers:
  - relu:
    name: r
    from: a
  - concat:
    from: [r, b]
  - depthwise-conv: {kernel: 1, bias: false}
  - add: {}
    from: [concat1, depthwise-conv1, b]
    name: sum
outputs: [sum, r]
)"),
      "r = Relu(a)\nconcat1 = Concat(r, b) axis=1\ndepthwise-conv1 = Conv(concat1, [8,1,1]) group=8 kernel_shape=1\n"
      "sum = Sum(concat1, depthwise-conv1, b)\n-> sum\n-> r\n");
}

TEST(ModelFileTest, RepetitionsResidualsAndBranches) {
  EXPECT_EQ(Nodes(R"(
input: [N, 4, 8]
layers:
  - repeat:
      times: 2
      layers:
        - relu: {}
          name: r
        - add:
          from: [r, input]
    name: twice
  - residual:
      layers: [tanh, {tanh: }]
      shortcut: [sigmoid]
  - branches: [[relu], [], [tanh, sigmoid]]
    name: three
  - depthwise-conv: {kernel: 1, bias: false}
)"),
            "twice/1/r = Relu(input)\ntwice/1/add1 = Add(twice/1/r, input)\ntwice/2/r = Relu(twice/1/add1)\n"
            "twice/2/add1 = Add(twice/2/r, input)\nresidual1/tanh1 = Tanh(twice/2/add1)\n"
            "residual1/tanh2 = Tanh(residual1/tanh1)\nresidual1/shortcut/sigmoid1 = Sigmoid(twice/2/add1)\n"
            "residual1/add = Add(residual1/tanh2, residual1/shortcut/sigmoid1)\nthree/1/relu1 = Relu(residual1/add)\n"
            "three/3/tanh1 = Tanh(residual1/add)\nthree/3/sigmoid1 = Sigmoid(three/3/tanh1)\n"
            "three/concat = Concat(three/1/relu1, residual1/add, three/3/sigmoid1) axis=1\n"
            "depthwise-conv1 = Conv(three/concat, [12,1,1]) group=12 kernel_shape=1\n");
}

TEST(ModelFileTest, JsonIsReadToo) {
  EXPECT_EQ(
      Nodes("{\"input\":{\"shape\":[\"N\",3,8,8]},\n\t\"layers\":[{\"conv\":{\"filters\":4,\"kernel\":3}},\"relu\"]}"),
      "conv1 = Conv(input, [4,?,3,3], [4]) kernel_shape=3,3\nrelu1 = Relu(conv1)\n");
}

TEST(ModelFileTest, NamesThatAreGivenComeFirst) {
  EXPECT_EQ(Nodes("input: [N, 3]\nlayers: [relu, {relu: , name: relu1}, relu]"),
            "relu2 = Relu(input)\nrelu1 = Relu(relu2)\nrelu3 = Relu(relu1)\n");
}

// What is wrong, where, and what it had to be.
TEST(ModelFileTest, ErrorsOfLayers) {
  EXPECT_EQ(Nodes("input: [N, 3, 8, 8]\nlayers:\n  - relu\n  - conv:\n      filters: 4\n      kernel: x\n"),
            "f.yaml:6: layers[1].kernel: was \"x\", has to be a whole number, 1..2147483647");
  EXPECT_EQ(
      One("conv: {filters: 4}"),
      "f.yaml:3: layers[0].kernel: is missing, has to be a whole number, 1..2147483647, or one for each spatial axis");
  EXPECT_EQ(One("conv: {filters: -4, kernel: 3}"),
            "f.yaml:3: layers[0].filters: was -4, has to be a whole number, 1..2147483647");
  EXPECT_EQ(One("conv: {filters: 4, kernel: [3, 0]}"),
            "f.yaml:3: layers[0].kernel[1]: was 0, has to be a whole number, 1..2147483647");
  EXPECT_EQ(One("conv: {filters: \"4\", kernel: 3}"),
            "f.yaml:3: layers[0].filters: was \"4\", has to be a whole number, 1..2147483647");
  EXPECT_EQ(One("conv: {filters: .nan, kernel: 3}"),
            "f.yaml:3: layers[0].filters: was \".nan\", has to be a whole number, 1..2147483647");
  EXPECT_EQ(One("conv: {filters: 99999999999999999999, kernel: 3}"),
            "f.yaml:3: layers[0].filters: was 99999999999999999999, has to be a whole number, 1..2147483647");
  EXPECT_EQ(
      One("conv: {filters: 4, kernel: [3, 3, 3]}"),
      "f.yaml:3: layers[0].kernel: has 3 entries, has to have one for each of the 2 spatial axes, or be one number "
      "for all");
  EXPECT_EQ(One("conv: {filter: 4, kernel: 3}"),
            "f.yaml:3: layers[0]: has the unknown key \"filter\" (did you mean filters?), has to have filters, kernel, "
            "stride, padding, dilation, groups, bias");
  EXPECT_EQ(One("conv: {filters: 4, kernel: 3, padding: smae-upper}"),
            "f.yaml:3: layers[0].padding: was \"smae-upper\" (did you mean same-upper?), has to be valid, same-upper, "
            "same-lower, full, a number of at least 0, or one for each axis or side");
  EXPECT_THAT(One("max-pool: {window: 2, padding: full}"), HasSubstr("layers[0].padding: was \"full\""));
  EXPECT_EQ(One("max-pool: {window: 2, padding: 1, rounding: start-inside}"),
            "f.yaml:3: layers[0].padding: has 1 behind along spatial axis 0, has to have 0 there where rounding is "
            "start-inside, e.g. [[1, 0], [1, 0]]");
  EXPECT_THAT(One("max-pool: {window: 2, padding: [0, [0, 3]], rounding: start-inside}"),
              HasSubstr("layers[0].padding: has 3 behind along spatial axis 1"));
  EXPECT_EQ(One("max-pool: {window: 65537, stride: 1, dilation: 65536, rounding: start-inside}"),
            "f.yaml:3: layers[0].window: makes a padding of 4294967296, has to make at most 2147483647");
  EXPECT_THAT(One("max-pool: {window: 2, rounding: up}"),
              HasSubstr("layers[0].rounding: was \"up\", has to be one of floor, ceil, start-inside"));
  EXPECT_EQ(One("conv: {filters: 4, kernel: 3, bias: yes}"),
            "f.yaml:3: layers[0].bias: was \"yes\", has to be true or false");
  EXPECT_EQ(One("leaky-relu: .inf"), "f.yaml:3: layers[0].slope: was \".inf\", has to be a finite number");
  EXPECT_EQ(
      One("onnx: {operator: Foo, attributes: {\"a\\e[31m\": {}}}"),
      "f.yaml:3: layers[0].attributes.a\\x1b[31m: was a mapping, has to be a number, a word, or a list of numbers");
  EXPECT_EQ(One("dropout: 1"), "f.yaml:3: layers[0].rate: was 1, has to be at least 0 and below 1");
  EXPECT_EQ(One("relu: 3"), "f.yaml:3: layers[0]: was 3, has to be empty: it takes no arguments");
  EXPECT_THAT(One("convv: {filters: 4}"),
              HasSubstr("f.yaml:3: layers[0]: was \"convv\" (did you mean conv?), has to be"));
  EXPECT_EQ(One("{conv: {filters: 4, kernel: 3}, relu: }"),
            "f.yaml:3: layers[0]: is both conv and relu, has to be one layer");
  EXPECT_EQ(One("name: x"), "f.yaml:3: layers[0]: has no kind of layer, has to have one, e.g. conv");
  EXPECT_EQ(One("add"), "f.yaml:3: layers[0]: add takes 1 tensor, has to take at least 2: from: [a, b]");
  EXPECT_THAT(One("layer-norm: 4"), HasSubstr("layers[0].axis: was 4, has to be a whole number, -4..3"));
  EXPECT_THAT(One("flatten\n  - conv: {filters: 4, kernel: 3}"),
              HasSubstr("f.yaml:4: layers[1]: takes a tensor of 2 axes, has to be one of 3..5"));
  EXPECT_THAT(One("onnx: {operator: Foo}\n  - depthwise-conv: {kernel: 3}"),
              HasSubstr("f.yaml:4: layers[1]: takes a tensor whose number of channels is not known here"));
  EXPECT_EQ(One("depthwise-conv: {kernel: 3, multiplier: 2147483647}"),
            "f.yaml:3: layers[0].multiplier: makes more than 2147483647 channels");
}

TEST(ModelFileTest, ErrorsOfNamesAndFrom) {
  EXPECT_EQ(One("relu:\n    name: a\n  - relu:\n    name: a"),
            "f.yaml:6: layers[1].name: was \"a\", which the layer of line 4 is called too, has to be another name");
  EXPECT_EQ(One("relu:\n    name: input"),
            "f.yaml:4: layers[0].name: was \"input\", which an input is called, has to be another name");
  EXPECT_EQ(One("relu:\n    name: a/b"),
            "f.yaml:4: layers[0].name: was \"a/b\", has to be without / and control characters");
  // A loop: what a layer takes has to be before it.
  EXPECT_EQ(One("relu:\n    name: first\n    from: second\n  - relu:\n    name: second\n    from: first"),
            "f.yaml:5: layers[0].from: was \"second\", has to be the name of an input or of a layer before this one");
  EXPECT_EQ(
      One("relu:\n    name: itself\n    from: [itself]"),
      "f.yaml:5: layers[0].from[0]: was \"itself\", has to be the name of an input or of a layer before this one");
  EXPECT_THAT(One("relu:\n    name: conv_a\n  - relu:\n    from: conv-a"), HasSubstr("(did you mean conv_a?)"));
  // What is in a repetition has no name outside.
  EXPECT_THAT(One("residual: {layers: [{relu: , name: inner}]}\n  - relu:\n    from: inner"),
              HasSubstr("layers[1].from: was \"inner\""));
  EXPECT_THAT(Nodes("inputs: {a: [N, 3], b: [N, 3]}\nlayers: [relu]"),
              HasSubstr("layers[0]: has no layer before it, and the model has several inputs"));
  EXPECT_THAT(Nodes("input: [N, 3]\nlayers: [relu]\noutputs: [rleu1]"),
              HasSubstr("f.yaml:3: outputs[0]: was \"rleu1\" (did you mean relu1?), has to be the name of a layer"));
}

TEST(ModelFileTest, ErrorsOfTheFile) {
  EXPECT_EQ(Nodes(""), "f.yaml:1: was empty, has to be a mapping of name, input or inputs, layers, outputs");
  EXPECT_THAT(Nodes("layer: []\ninput: [N, 3]\n"),
              HasSubstr("f.yaml:1: has the unknown key \"layer\" (did you mean layers?), has to have name, input"));
  EXPECT_THAT(Nodes("layers: [relu]"), HasSubstr("f.yaml:1: input: is missing"));
  EXPECT_EQ(Nodes("input: [N, 3]\nlayers: []"), "f.yaml:2: layers: has no layers, has to have one at least");
  EXPECT_THAT(Nodes("input: [N, -3]\nlayers: [relu]"),
              HasSubstr("f.yaml:1: input.shape[1]: was -3, has to be a whole number of at least 1"));
  EXPECT_THAT(Nodes("input: [N, 0]\nlayers: [relu]"), HasSubstr("input.shape[1]: was 0, has to be"));
  EXPECT_THAT(Nodes("input: [N, .nan]\nlayers: [relu]"), HasSubstr("input.shape[1]: was \".nan\", has to be"));
  EXPECT_THAT(Nodes("input: [N,1,1,1,1,1,1,1,1]\nlayers: [relu]"), HasSubstr("has to be a list of 1..8 sizes"));
  EXPECT_THAT(Nodes("inputs: {\"a\\nb\": [N, 3]}\nlayers: [relu]"), HasSubstr("inputs.a\\x0ab: has to have a name"));
  EXPECT_THAT(Nodes("input: [N, 3]\ninput: [N, 4]\nlayers: [relu]"),
              HasSubstr("f.yaml:2: has the key \"input\" twice"));
  EXPECT_THAT(Nodes("input: [N, 3\nlayers: [relu]"), HasSubstr("is no YAML: "));
  EXPECT_THAT(Nodes("a: [\x01]"), HasSubstr("f.yaml"));
  EXPECT_THAT(Nodes("input: [N, 3]\nlayers: [relu]\n---\na: b\n"), HasSubstr("has a second document"));
}

TEST(ModelFileTest, WhatIsText) {
  EXPECT_TRUE(IsModelFileName("a/net.yaml"));
  EXPECT_TRUE(IsModelFileName("NET.YML"));
  EXPECT_TRUE(IsModelFileName("net.json"));
  EXPECT_FALSE(IsModelFileName("net.yaml.onnx"));
  EXPECT_FALSE(IsModelFileName("yaml"));
  EXPECT_TRUE(LooksLikeText("name: LeNet\n"));
  EXPECT_TRUE(LooksLikeText("{\r\n\t\"name\": \"\xc3\xa4\"}"));
  // An ONNX file begins with the field of its version.
  EXPECT_FALSE(LooksLikeText("\x08\x07\x12\x07pytorch"));
  EXPECT_FALSE(LooksLikeText(""));
}

std::set<std::string> KeysOf(const nlohmann::json& properties) {
  std::set<std::string> keys;
  for (const auto& [key, value] : properties.items()) keys.insert(key);
  return keys;
}

std::set<std::string> Set(absl::Span<const absl::string_view> keys) { return {keys.begin(), keys.end()}; }

TEST(ModelFileTest, TheSchemaHasTheReadersKeys) {
  std::ifstream file(TENSORD_MODEL_SCHEMA);
  const nlohmann::json schema = nlohmann::json::parse(file);
  EXPECT_EQ(KeysOf(schema["properties"]), Set(ModelKeys()));
  const nlohmann::json& definitions = schema["$defs"];
  std::set<std::string> layer_keys = Set(CommonKeys());
  std::set<std::string> without_arguments;
  for (const LayerKind& kind : LayerKinds()) {
    const nlohmann::json& definition = definitions[absl::StrCat("layer-", kind.name)];
    EXPECT_EQ(KeysOf(definition["properties"]), Set(kind.keys)) << kind.name;
    EXPECT_EQ(definition["additionalProperties"], false) << kind.name;
    // What may stand instead of the mapping, besides nothing.
    size_t more = 0;
    for (const std::string type : definition["type"]) {
      if (type == "null") without_arguments.emplace(kind.name);
      if (type != "null" && type != "object") ++more;
    }
    EXPECT_EQ(more > 0, !kind.shorthand.empty()) << kind.name;
    layer_keys.emplace(kind.name);
  }
  for (const absl::string_view name : StructureNames()) {
    layer_keys.emplace(name);
    const nlohmann::json& definition = definitions[absl::StrCat("layer-", name)];
    if (definition.contains("properties")) {
      EXPECT_EQ(KeysOf(definition["properties"]), Set(KeysOfStructure(name)));
    }
  }
  const nlohmann::json& layer = definitions["layer"]["oneOf"];
  EXPECT_EQ(KeysOf(layer[1]["properties"]), layer_keys);
  EXPECT_EQ(layer[1]["oneOf"].size(), layer_keys.size() - CommonKeys().size());
  const std::vector<std::string> words = layer[0]["enum"];
  EXPECT_EQ(std::set<std::string>(words.begin(), words.end()), without_arguments);
  // The reader agrees that those need no arguments, and the others do.
  for (const LayerKind& kind : LayerKinds()) {
    const std::string text = absl::StrCat("input: [N, 6, 8]\nlayers: [", kind.name, "]");
    const std::string inputs =
        absl::StrCat("inputs: {a: [N, 6, 8], b: [N, 6, 8]}\nlayers: [{", kind.name, ": , from: [a, b]}]");
    const bool is_read = ReadModel(kind.min_inputs > 1 ? inputs : text, "f").ok();
    EXPECT_EQ(is_read, without_arguments.count(std::string(kind.name)) != 0) << kind.name;
  }
}

}  // namespace
}  // namespace tensord::cli::model_file
