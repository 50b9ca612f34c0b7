// The classifiers of tests/models, from their files to their totals.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>

#include "tensord/analysis/model.h"
#include "tensord/analysis/onnx.h"
#include "tests/support/matchers.h"

namespace tensord::analysis {
namespace {

using test_support::IsOk;

std::string ReadFile(const std::string& name) {
  std::ifstream file(std::string(TENSORD_MODELS_FOLDER) + "/" + name, std::ios::binary);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

class OnnxModelsTest : public testing::TestWithParam<std::string> {
 protected:
  OnnxModelsTest()
      : truth_(nlohmann::json::parse(ReadFile("truth.json")).at(GetParam())), bytes_(ReadFile(GetParam() + ".onnx")) {}

  // "1,3,224,224".
  [[nodiscard]] std::string TrueShape(const std::string& key) const {
    std::string text;
    for (const int64_t size : truth_.at(key)) text += (text.empty() ? "" : ",") + std::to_string(size);
    return text;
  }

  nlohmann::json truth_;
  std::string bytes_;
};

std::string ShapeOf(const std::vector<ModelTensor>& tensors) {
  if (tensors.size() != 1) return std::to_string(tensors.size()) + " tensors";
  if (!tensors[0].shape.has_value()) return "not known";
  std::string text;
  for (const Count& size : *tensors[0].shape) text += (text.empty() ? "" : ",") + size.ToString();
  return text;
}

TEST_P(OnnxModelsTest, IsWhatTheTruthSays) {
  const absl::StatusOr<Graph> graph = ReadOnnx(bytes_);
  ASSERT_THAT(graph, IsOk());
  const absl::StatusOr<ModelAnalysis> analysis = AnalyzeModel(*graph, {});
  ASSERT_THAT(analysis, IsOk());
  EXPECT_THAT(analysis->unknown_layers, testing::IsEmpty());
  EXPECT_THAT(analysis->conditions, testing::IsEmpty());
  EXPECT_EQ(ShapeOf(analysis->inputs), TrueShape("input"));
  EXPECT_EQ(ShapeOf(analysis->outputs), TrueShape("output"));
  EXPECT_EQ(analysis->parameter_count.ToString(), std::to_string(truth_.at("parameters").get<int64_t>()));
  EXPECT_EQ(analysis->operations.macs.ToString(), std::to_string(truth_.at("macs").get<int64_t>()));
  const auto multiplies = [](const ModelLayer& layer) { return layer.op_type == "Conv" || layer.op_type == "Gemm"; };
  EXPECT_EQ(std::count_if(analysis->layers.begin(), analysis->layers.end(), multiplies), truth_.at("conv_linear"));
}

TEST_P(OnnxModelsTest, StrippedItIsTheSameGraph) {
  const absl::StatusOr<std::string> stripped = StripWeights(bytes_);
  ASSERT_THAT(stripped, IsOk());
  const absl::StatusOr<Graph> before = ReadOnnx(bytes_);
  const absl::StatusOr<Graph> after = ReadOnnx(*stripped);
  ASSERT_THAT(before, IsOk());
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(*before, *after);
  EXPECT_EQ(before->opset, 13);
  EXPECT_EQ(before->name, "torch_jit");
}

INSTANTIATE_TEST_SUITE_P(All, OnnxModelsTest,
                         testing::Values("alexnet", "googlenet", "mobilenet_v2", "resnet18", "squeezenet1_1", "vgg16"),
                         [](const auto& model) { return model.param; });

}  // namespace
}  // namespace tensord::analysis
