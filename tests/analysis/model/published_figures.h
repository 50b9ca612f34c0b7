// What is compared with published figures: counts as they are written there, and the stages of a network.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_PUBLISHED_FIGURES_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_PUBLISHED_FIGURES_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tensord/analysis/model.h"
#include "tests/analysis/model/small_graph.h"
#include "tests/support/matchers.h"

namespace tensord::analysis::networks {

inline constexpr int64_t kMillion = 1'000'000;
inline constexpr int64_t kBillion = 1'000'000'000;

// A fraction with so many digits behind the point, the others cut off: "3.5".
inline std::string Truncated(int64_t count, int64_t unit, int digits) {
  int64_t scale = 1;
  for (int i = 0; i < digits; ++i) scale *= 10;
  const int64_t scaled = count * scale / unit;
  if (digits == 0) return absl::StrCat(scaled);
  return absl::StrFormat("%d.%0*d", scaled / scale, digits, scaled % scale);
}

// Likewise, but the nearest, and of two the larger one.
inline std::string Rounded(int64_t count, int64_t unit, int digits) {
  int64_t half = unit / 2;
  for (int i = 0; i < digits; ++i) half /= 10;
  return Truncated(count + half, unit, digits);
}

inline ModelAnalysis Analyzed(const Graph& graph) {
  absl::StatusOr<ModelAnalysis> model = AnalyzeModel(graph, {});
  EXPECT_THAT(model, test_support::IsOk()) << graph.name;
  if (!model.ok()) return {};
  EXPECT_THAT(model->unknown_layers, testing::IsEmpty()) << graph.name;
  EXPECT_THAT(model->conditions, testing::IsEmpty()) << graph.name;
  return *std::move(model);
}

// With one image.
inline int64_t Number(const Expression& count) {
  const absl::StatusOr<Integer> value = count.Evaluate({{"N", 1}});
  EXPECT_THAT(value, test_support::IsOk()) << count.ToString();
  return value.ok() ? value->ToInt64().value_or(-1) : -1;
}
inline int64_t ParametersOf(const ModelAnalysis& model) { return Number(model.parameter_count.exact()); }
inline int64_t MacsOf(const ModelAnalysis& model) { return Number(model.operations.macs); }

// As some authors count, who fold normalizations into the layer before.
inline int64_t ParametersWithoutNormalizations(const ModelAnalysis& model) {
  int64_t parameters = ParametersOf(model);
  for (const ModelLayer& layer : model.layers) {
    if (layer.op_type == "BatchNormalization") parameters -= Number(layer.parameter_count.exact());
  }
  return parameters;
}

// The layers of one stage together.
struct Stage {
  int64_t parameters = 0;
  int64_t macs = 0;
  int64_t elements = 0;     // that its last layer gives
  int64_t connections = 0;  // inputs of sums, a bias being one
  std::string output;       // the shape of what its last layer gives
};

inline Stage StageOf(const ModelAnalysis& model, const std::string& name) {
  Stage stage;
  for (const ModelLayer& layer : model.layers) {
    if (!absl::StartsWith(layer.name, name + "/")) continue;
    const OperationCounts& counts = *layer.operations;
    stage.parameters += Number(layer.parameter_count.exact());
    stage.macs += Number(counts.macs);
    stage.output = model::Text(layer.outputs[0]);
    stage.elements = 1;
    for (const Count& size : *layer.outputs[0].shape) stage.elements *= Number(size.exact());
    stage.connections += Number(counts.macs + counts.bias_additions);
    // An average's sum has one input more than additions; a trained bias is added by an operator of its own; distances
    // are of differences.
    if (layer.op_type == "AveragePool") stage.connections += Number(counts.additions) + stage.elements;
    if (layer.op_type == "Add" || layer.op_type == "Sub") stage.connections += Number(counts.additions);
  }
  EXPECT_NE(stage.output, "") << "no stage " << name;
  return stage;
}

inline std::vector<std::string> OutputsOf(const ModelAnalysis& model, const std::vector<std::string>& stages) {
  std::vector<std::string> outputs;
  for (const std::string& stage : stages) outputs.push_back(StageOf(model, stage).output);
  return outputs;
}

}  // namespace tensord::analysis::networks

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_PUBLISHED_FIGURES_H_
