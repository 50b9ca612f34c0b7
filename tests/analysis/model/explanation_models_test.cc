// Every layer of the classifiers of tests/models, explained.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "tensord/analysis/onnx.h"
#include "tests/analysis/model/explained.h"
#include "tests/support/matchers.h"

namespace tensord::analysis::model {
namespace {

using test_support::IsOk;

class ExplanationModelsTest : public testing::TestWithParam<std::string> {};

TEST_P(ExplanationModelsTest, EveryStepIsTheAnalysisCountAndItsFormula) {
  std::ifstream file(std::string(TENSORD_MODELS_FOLDER) + "/" + GetParam() + ".onnx", std::ios::binary);
  ASSERT_TRUE(file);
  absl::StatusOr<Graph> graph = ReadOnnx(std::string(std::istreambuf_iterator<char>(file), {}));
  ASSERT_THAT(graph, IsOk());
  const absl::StatusOr<ModelAnalysis> analysis = AnalyzeModel(*graph, {});
  ASSERT_THAT(analysis, IsOk());
  EXPECT_FALSE(analysis->explanation.has_value());
  size_t steps = 0;
  for (const ModelLayer& layer : analysis->layers) {
    SCOPED_TRACE(layer.name);
    ExpectExplained(*graph, PrintableName(layer.name));
    steps += AnalyzeModel(*graph, {.explain = PrintableName(layer.name)})->explanation->steps.size();
  }
  std::cout << GetParam() << ": " << analysis->layers.size() << " layers, " << steps << " steps\n";
}

TEST_P(ExplanationModelsTest, ABatchThatIsASymbolStaysOne) {
  std::ifstream file(std::string(TENSORD_MODELS_FOLDER) + "/" + GetParam() + ".onnx", std::ios::binary);
  ASSERT_TRUE(file);
  absl::StatusOr<Graph> graph = ReadOnnx(std::string(std::istreambuf_iterator<char>(file), {}));
  ASSERT_THAT(graph, IsOk());
  for (GraphTensor& input : graph->inputs) {
    if (input.shape->size() == 4) (*input.shape)[0] = std::string("N");
  }
  // What the file says of tensors in between has the number.
  graph->value_info.clear();
  for (GraphTensor& output : graph->outputs) output.shape.reset();
  const absl::StatusOr<ModelAnalysis> analysis = AnalyzeModel(*graph, {});
  ASSERT_THAT(analysis, IsOk());
  for (const ModelLayer& layer : analysis->layers) {
    SCOPED_TRACE(layer.name);
    ExpectExplained(*graph, PrintableName(layer.name));
  }
}

INSTANTIATE_TEST_SUITE_P(All, ExplanationModelsTest,
                         testing::Values("alexnet", "googlenet", "mobilenet_v2", "resnet18", "squeezenet1_1", "vgg16"),
                         [](const auto& model) { return model.param; });

}  // namespace
}  // namespace tensord::analysis::model
