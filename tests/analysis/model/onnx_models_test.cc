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
#include "tests/analysis/model/field_text.h"
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

// What the last layer before the pooling, or the last pooling, sees of the image, as both axes have it.
std::string FieldBefore(const std::string& model, const std::string& op_type) {
  const absl::StatusOr<Graph> graph = ReadOnnx(ReadFile(model + ".onnx"));
  if (!graph.ok()) return std::string(graph.status().message());
  const absl::StatusOr<ModelAnalysis> analysis = AnalyzeModel(*graph, {});
  if (!analysis.ok()) return std::string(analysis.status().message());
  const auto first = std::find_if(analysis->layers.begin(), analysis->layers.end(),
                                  [&](const ModelLayer& layer) { return layer.op_type == op_type; });
  if (first == analysis->layers.begin() || first == analysis->layers.end()) return "no " + op_type;
  const ModelLayer& layer = *(first - 1);
  EXPECT_EQ(layer.receptive_fields.size(), 1U);
  const std::vector<ReceptiveAxis>& axes = layer.receptive_fields.at(0).axes;
  EXPECT_EQ(axes.size(), 2U);
  EXPECT_EQ(field_text::Text(axes.at(0)).substr(1), field_text::Text(axes.at(1)).substr(1));
  return field_text::Text(axes.at(1));
}

// By the geometry of torchvision's models: each window adds (window - 1)*(stride so far) to the size, and takes
// padding*(stride so far) from the offset.
TEST(OnnxModelsFieldTest, BeforeTheirLastPooling) {
  // 7 by 2; a pooling of 3 by 2, to 11 by 4; windows of 3, of which the first of each group but one has stride 2:
  // 11 + 4*8 + (8 + 3*16) + (16 + 3*32) + (32 + 3*64) = 435. Of the 7 positions, each but the first, which ends at 217,
  // ends behind 223.
  EXPECT_EQ(FieldBefore("resnet18", "GlobalAveragePool"), "3: 435 by 32 from -217, borders 7 and 6");
  // 13 windows of 3, padded by 1, in groups of 2, 2, 3, 3 and 3, and a pooling of 2 behind each: 212 from
  // -(2 + 2*2 + 3*4 + 3*8 + 3*16). Position 2 of the 7 begins at -26, and position 4 ends at 249.
  EXPECT_EQ(FieldBefore("vgg16", "AveragePool"), "3: 212 by 32 from -90, borders 3 and 3");
  // 11 by 4, padded by 2; 3 by 2; 5, padded by 2; 3 by 2; 3 windows of 3, padded by 1; 3 by 2: 195 from -(2 + 16 + 48).
  EXPECT_EQ(FieldBefore("alexnet", "AveragePool"), "3: 195 by 32 from -66, borders 3 and 3");
}

INSTANTIATE_TEST_SUITE_P(All, OnnxModelsTest,
                         testing::Values("alexnet", "googlenet", "mobilenet_v2", "resnet18", "squeezenet1_1", "vgg16"),
                         [](const auto& model) { return model.param; });

}  // namespace
}  // namespace tensord::analysis
