// Descriptions of models whose layers have parameters together.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/model_file/read.h"
#include "client/cli/model_file/sharing.h"

namespace tensord::cli::model_file {
namespace {

using ::testing::HasSubstr;

// What each node takes, by name: `name(input, parameter)`, a line each; then how many parameters there are. Or the
// error.
std::string Takes(const std::string& layers) {
  const absl::StatusOr<v1::Model> model = ReadModel(absl::StrCat("input: [N, 6, 32, 24]\nlayers:\n", layers), "f.yaml");
  if (!model.ok()) return std::string(model.status().message());
  std::string result;
  for (const v1::ModelNode& node : model->nodes()) {
    absl::StrAppend(&result, node.name(), "(", absl::StrJoin(node.inputs(), ", "), ")\n");
  }
  std::set<std::string> names;
  for (const v1::ModelParameter& parameter : model->parameters()) names.insert(parameter.name());
  EXPECT_EQ(names.size(), static_cast<size_t>(model->parameters_size()));
  return absl::StrCat(result, names.size());
}

TEST(ModelSharingTest, ALayerHasThoseOfAnother) {
  EXPECT_EQ(Takes(R"(
  - conv: {filters: 6, kernel: 3, padding: 1}
    name: first
  - conv: {filters: 6, kernel: 3, padding: 2, dilation: 2}
    parameters-of: first
  - conv: {filters: 6, kernel: 3, padding: 1}
    parameters-of: conv1
  - conv: {filters: 6, kernel: 3, padding: 1}
)"),
            "first(input, first.weight, first.bias)\n"
            "conv1(first, first.weight, first.bias)\n"
            "conv2(conv1, first.weight, first.bias)\n"
            "conv3(conv2, conv3.weight, conv3.bias)\n4");
}

TEST(ModelSharingTest, EveryKindWithParameters) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"depthwise-conv: {kernel: 3}", "weight bias"},
      {"transposed-conv: {filters: 6, kernel: 2, bias: false}", "weight"},
      {"batch-norm:", "scale bias mean variance"},
      {"instance-norm:", "scale bias"},
      {"group-norm: 3", "scale bias"},
      {"layer-norm: 1", "scale bias"},
      {"prelu:", "slope"},
      {"dense: 6", "weight bias"},
      {"onnx: {operator: Foo, inputs: [input, {shape: [6, open]}, {integers: [1, 2]}]}", "parameter1"}};
  for (const auto& [layer, parts] : rows) {
    SCOPED_TRACE(layer);
    const std::string text = Takes(absl::StrCat("  - ", layer, "\n    name: a\n  - ", layer,
                                                "\n    name: b\n    from: input\n    parameters-of: a\n"));
    const std::string::size_type second = text.find("\nb(");
    ASSERT_NE(second, std::string::npos) << text;
    for (const absl::string_view part : absl::StrSplit(parts, ' ')) {
      EXPECT_THAT(text.substr(second), HasSubstr(absl::StrCat("a.", part)));
    }
    // Numbers are no parameters: each layer has its own.
    if (layer.find("onnx") == 0) {
      EXPECT_THAT(text.substr(second), HasSubstr("b.parameter2"));
    } else {
      EXPECT_EQ(text.find("b.", second + 3), text.find("b.flatten", second + 3)) << text;
    }
  }
}

// As with `from`: those before it, in its list and in the lists around.
TEST(ModelSharingTest, NamesAreLexical) {
  EXPECT_EQ(Takes(R"(
  - dense: 6
    name: cell
  - repeat:
      times: 2
      layers:
        - dense: 6
          parameters-of: cell
)"),
            "cell.flatten(input)\ncell(cell.flatten, cell.weight, cell.bias)\n"
            "repeat1/1/dense1(cell, cell.weight, cell.bias)\nrepeat1/2/dense1(repeat1/1/dense1, cell.weight, "
            "cell.bias)\n2");
  // A name inside hides one around it.
  EXPECT_THAT(
      Takes("  - {dense: 6, name: a}\n  - residual: {layers: [{dense: 6, name: a}, {dense: 6, parameters-of: a}]}"),
      HasSubstr("residual1/dense1(residual1/a, residual1/a.weight, residual1/a.bias)"));
  EXPECT_THAT(
      Takes("  - residual: {layers: [{prelu: , name: inner}]}\n  - {prelu: , parameters-of: inner}"),
      HasSubstr("f.yaml:4: layers[1].parameters-of: was \"inner\", has to be the name of a layer before this one, "
                "of the kind prelu"));
}

TEST(ModelSharingTest, RepetitionsShareAll) {
  EXPECT_EQ(Takes(R"(
  - repeat:
      times: 3
      shared: true
      layers:
        - residual:
            layers:
              - conv: {filters: 6, kernel: 1, bias: false}
              - prelu
        - batch-norm
)"),
            "repeat1/1/residual1/conv1(input, repeat1/1/residual1/conv1.weight)\n"
            "repeat1/1/residual1/prelu1(repeat1/1/residual1/conv1, repeat1/1/residual1/prelu1.slope)\n"
            "repeat1/1/residual1/add(repeat1/1/residual1/prelu1, input)\n"
            "repeat1/1/batch-norm1(repeat1/1/residual1/add, repeat1/1/batch-norm1.scale, repeat1/1/batch-norm1.bias, "
            "repeat1/1/batch-norm1.mean, repeat1/1/batch-norm1.variance)\n"
            "repeat1/2/residual1/conv1(repeat1/1/batch-norm1, repeat1/1/residual1/conv1.weight)\n"
            "repeat1/2/residual1/prelu1(repeat1/2/residual1/conv1, repeat1/1/residual1/prelu1.slope)\n"
            "repeat1/2/residual1/add(repeat1/2/residual1/prelu1, repeat1/1/batch-norm1)\n"
            "repeat1/2/batch-norm1(repeat1/2/residual1/add, repeat1/1/batch-norm1.scale, repeat1/1/batch-norm1.bias, "
            "repeat1/1/batch-norm1.mean, repeat1/1/batch-norm1.variance)\n"
            "repeat1/3/residual1/conv1(repeat1/2/batch-norm1, repeat1/1/residual1/conv1.weight)\n"
            "repeat1/3/residual1/prelu1(repeat1/3/residual1/conv1, repeat1/1/residual1/prelu1.slope)\n"
            "repeat1/3/residual1/add(repeat1/3/residual1/prelu1, repeat1/2/batch-norm1)\n"
            "repeat1/3/batch-norm1(repeat1/3/residual1/add, repeat1/1/batch-norm1.scale, repeat1/1/batch-norm1.bias, "
            "repeat1/1/batch-norm1.mean, repeat1/1/batch-norm1.variance)\n6");
  EXPECT_EQ(Takes("  - repeat: {times: 2, shared: false, layers: [prelu]}"),
            "repeat1/1/prelu1(input, repeat1/1/prelu1.slope)\nrepeat1/2/prelu1(repeat1/1/prelu1, "
            "repeat1/2/prelu1.slope)\n2");
}

// Which of two repetitions, one in the other, says that its parameters are shared decides what is one.
TEST(ModelSharingTest, RepetitionsInRepetitions) {
  const auto slopes = [](bool outer, bool inner) {
    const auto word = [](bool is) { return is ? "true" : "false"; };
    const std::string text = Takes(
        absl::StrCat("  - repeat:\n      times: 2\n      shared: ", word(outer),
                     "\n      layers:\n        - prelu\n        - repeat: {times: 3, shared: ", word(inner),
                     ", layers: [prelu]}\n        - {prelu: , name: c}\n        - {prelu: , parameters-of: c}\n"));
    const std::string sharing = text.substr(text.rfind('(') + 1);
    return absl::StrCat(text.substr(text.rfind('\n') + 1), " ", sharing.substr(0, sharing.find(')')));
  };
  // The first prelu, those of the inner repetition, and c: one, three or one, and one, twice or once.
  EXPECT_EQ(slopes(false, false), "10 repeat1/2/c, repeat1/2/c.slope");
  EXPECT_EQ(slopes(false, true), "6 repeat1/2/c, repeat1/2/c.slope");
  EXPECT_EQ(slopes(true, false), "5 repeat1/2/c, repeat1/1/c.slope");
  EXPECT_EQ(slopes(true, true), "3 repeat1/2/c, repeat1/1/c.slope");
}

TEST(ModelSharingTest, ErrorsOfNames) {
  EXPECT_EQ(
      Takes("  - {prelu: , name: first}\n  - prelu:\n    parameters-of: frist"),
      "f.yaml:5: layers[1].parameters-of: was \"frist\" (did you mean first?), has to be the name of a layer before "
      "this one, of the kind prelu");
  // Itself, a loop, an input.
  EXPECT_THAT(Takes("  - {prelu: , name: a, parameters-of: a}"),
              HasSubstr("layers[0].parameters-of: was \"a\", has to be the name of a layer before this one"));
  EXPECT_THAT(Takes("  - {prelu: , name: a, parameters-of: b}\n  - {prelu: , name: b, parameters-of: a}"),
              HasSubstr("layers[0].parameters-of: was \"b\", has to be the name of a layer before this one"));
  EXPECT_THAT(Takes("  - {prelu: , parameters-of: input}"), HasSubstr("was \"input\", has to be the name of a layer"));
  EXPECT_THAT(Takes("  - prelu\n  - {prelu: , parameters-of: [prelu1]}"),
              HasSubstr("parameters-of: was a list, has to be a word"));
  EXPECT_THAT(Takes("  - prelu\n  - {prelu: , parameters-of: }"),
              HasSubstr("parameters-of: was empty, has to be a word"));
  EXPECT_EQ(Takes("  - relu\n  - {prelu: , parameters-of: relu1}"),
            "f.yaml:4: layers[1].parameters-of: was \"relu1\", of the kind relu, has to be of the kind prelu, as this "
            "layer is");
  EXPECT_EQ(Takes("  - relu\n  - {relu: , parameters-of: relu1}"),
            "f.yaml:4: layers[1].parameters-of: stands beside relu, which has no parameters");
  EXPECT_EQ(Takes("  - residual: {layers: [prelu]}\n  - {residual: {layers: [prelu]}, parameters-of: residual1}"),
            "f.yaml:4: layers[1].parameters-of: stands beside residual, has to stand beside a layer");
}

TEST(ModelSharingTest, ErrorsOfShapes) {
  const std::string first = "  - {conv: {filters: 6, kernel: 3}, name: a}\n";
  EXPECT_EQ(
      Takes(first + "  - {conv: {filters: 6, kernel: [3, 5]}, parameters-of: a}"),
      "f.yaml:4: layers[1].parameters-of: was \"a\", which has weight [6,open,3,3] and bias [6], has to be a layer "
      "with weight [6,open,3,5] and bias [6]");
  EXPECT_THAT(Takes(first + "  - {conv: {filters: 6, kernel: 3, bias: false}, parameters-of: a}"),
              HasSubstr("has to be a layer with weight [6,open,3,3]"));
  EXPECT_THAT(Takes("  - {dense: {units: 6, bias: false}, name: a}\n  - {dense: 6, parameters-of: a}"),
              HasSubstr("which has weight [6,open], has to be a layer with weight [6,open] and bias [6]"));
  EXPECT_EQ(
      Takes("  - repeat:\n      times: 2\n      shared: true\n      layers:\n        - depthwise-conv: {kernel: 1, "
            "multiplier: 2, bias: false}"),
      "f.yaml:7: layers[0].layers[0]: has weight [24,1,1,1], and had weight [12,1,1,1] the first time, has to have "
      "the same where shared is true");
  EXPECT_THAT(Takes("  - repeat: {times: 2, shared: yes, layers: [prelu]}"),
              HasSubstr("layers[0].shared: was \"yes\", has to be true or false"));
}

// What is shared is not made again, and what takes it is bounded all the same.
TEST(ModelSharingTest, IsBounded) {
  std::string inputs = "{shape: [1]}";
  for (int i = 0; i < 500; ++i) inputs += ", {shape: [1]}";
  EXPECT_THAT(Takes(absl::StrCat("  - repeat: {times: 30000, shared: true, layers: [{onnx: {operator: Foo, inputs: [",
                                 inputs, "]}}]}")),
              HasSubstr("makes the model too large"));
  std::string nested = "prelu";
  for (int i = 0; i < 12; ++i) nested = "repeat: {times: 2147483647, shared: true, layers: [" + nested + "]}";
  EXPECT_THAT(Takes("  - " + nested), HasSubstr("makes the model too large"));
}

TEST(DescribeTest, IsShort) {
  EXPECT_EQ(Describe(std::vector<Parameter>()), "no parameters");
  std::vector<Parameter> many(20, Parameter{.name = "x", .part = "p", .shape = {1}});
  EXPECT_EQ(Describe(many), "p [1], p [1], p [1], p [1], p [1], p [1], p [1], p [1] and 12 more");
}

}  // namespace
}  // namespace tensord::cli::model_file
