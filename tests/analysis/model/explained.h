// Checks of an explanation against the analysis that it explains.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_EXPLAINED_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_EXPLAINED_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tensord/analysis/model.h"
#include "tests/analysis/formula_reader.h"

namespace tensord::analysis::model {

// Values of symbols, to try formulas with; large, so that every window fits.
inline const std::map<std::string, int64_t>& SymbolValues() {
  static const auto* const values = new std::map<std::string, int64_t>{{"N", 5}, {"H", 67}, {"W", 83}, {"L", 96}};
  return *values;
}

inline std::optional<int64_t> ValueOf(const Count& count) {
  std::map<std::string, Integer> symbols;
  for (const auto& [name, value] : SymbolValues()) symbols.emplace(name, value);
  const absl::StatusOr<Integer> value = count.exact().Evaluate(symbols);
  return value.ok() ? value->ToInt64() : std::nullopt;
}

// "floor(H/2) + 1 = floor(48/2) + 1 = 25", what is the same left out; empty where there is no such step.
inline std::string StepText(const Explanation& explanation, const std::string& quantity) {
  for (const ExplanationStep& step : explanation.steps) {
    if (step.formula.quantity != quantity) continue;
    std::string text = step.formula.general;
    if (step.formula.substituted != step.formula.general) absl::StrAppend(&text, " = ", step.formula.substituted);
    const std::string value = step.value.ToString();
    return value == step.formula.substituted ? text : absl::StrCat(text, " = ", value);
  }
  return "";
}

// That both formulas of each step, read and computed by somebody else, come to its value: the general one from the
// values of the steps before it. What is given is its own formula.
inline void ExpectFormulasHold(const Explanation& explanation) {
  std::map<std::string, int64_t> known;
  for (const ExplanationStep& step : explanation.steps) {
    const Formula& formula = step.formula;
    const std::optional<int64_t> value = ValueOf(step.value);
    ASSERT_TRUE(value.has_value()) << formula.quantity << " " << step.value.ToString();
    EXPECT_EQ(ReadFormula(formula.substituted, SymbolValues()), value)
        << formula.quantity << ": " << formula.substituted;
    const bool is_given = formula.general == formula.substituted;
    EXPECT_EQ(ReadFormula(formula.general, is_given ? SymbolValues() : known), value)
        << formula.quantity << ": " << formula.general;
    EXPECT_FALSE(step.meaning.empty()) << formula.quantity;
    EXPECT_TRUE(known.emplace(formula.quantity, *value).second) << formula.quantity << " is there twice";
  }
}

// What the analysis counts, by the steps' names.
inline std::vector<std::pair<std::string, Count>> CountsOf(const ModelLayer& layer) {
  std::vector<std::pair<std::string, Count>> counts = {{"parameter_count", layer.parameter_count},
                                                       {"buffer_count", layer.buffer_count}};
  if (!layer.operations.has_value()) return counts;
  const OperationCounts& operations = *layer.operations;
  const auto add = [&](const char* name, const Expression& count) { counts.emplace_back(name, Count(count)); };
  add("mac_count", operations.macs);
  add("flop_count", operations.macs * 2);
  add("multiplication_count", operations.multiplications);
  add("addition_count", operations.additions);
  add("bias_addition_count", operations.bias_additions);
  add("comparison_count", operations.comparisons);
  add("division_count", operations.divisions);
  add("special_function_count", operations.special_functions);
  add("output_mac_count", operations.macs_by_output);
  if (operations.padding_macs.has_value()) add("padding_mac_count", *operations.padding_macs);
  return counts;
}

// That each number of the layer has a step with that number, and a formula.
inline void ExpectExplains(const Explanation& explanation, const ModelLayer& layer) {
  EXPECT_EQ(explanation.layer, layer.name);
  EXPECT_EQ(explanation.op_type, layer.op_type);
  std::map<std::string, const ExplanationStep*> steps;
  for (const ExplanationStep& step : explanation.steps) steps.emplace(step.formula.quantity, &step);
  for (const auto& [name, count] : CountsOf(layer)) {
    const auto found = steps.find(name);
    if (found == steps.end()) {
      EXPECT_TRUE(count == Count() && name != "parameter_count") << name << " " << count.ToString();
      continue;
    }
    EXPECT_EQ(found->second->value, count) << name;
    const bool is_given = found->second->formula.general == found->second->formula.substituted;
    EXPECT_TRUE(!is_given || count == Count()) << name << " has no formula but " << count.ToString();
  }
  if (layer.outputs.empty() || !layer.outputs[0].shape.has_value()) return;
  const std::vector<Count>& shape = *layer.outputs[0].shape;
  size_t axes = 0;
  for (const ExplanationStep& step : explanation.steps) {
    const std::string& name = step.formula.quantity;
    if (name.size() != 5 || name.substr(1) != "_out" || name[0] == 'E') continue;
    const Formula& formula = step.formula;
    const bool is_number = formula.general == formula.substituted && !IsSymbol(formula.general);
    const bool is_told = layer.op_type == "Reshape" || layer.op_type == "Slice";
    EXPECT_TRUE(!is_number || is_told || formula.general == "1") << name << " has no formula but " << formula.general;
    bool is_there = false;
    for (size_t i = 0; i < shape.size(); ++i) {
      if (step.meaning.find(absl::StrCat("length along axis ", i)) != 0) continue;
      EXPECT_EQ(step.value, shape[i]) << name;
      is_there = true;
    }
    EXPECT_TRUE(is_there) << name << ": " << step.meaning;
    ++axes;
  }
  EXPECT_EQ(axes, shape.size());
}

// Both, for the layer of that name.
inline void ExpectExplained(const Graph& graph, const std::string& layer) {
  const absl::StatusOr<ModelAnalysis> analysis = AnalyzeModel(graph, {.explain = layer});
  ASSERT_TRUE(analysis.ok()) << analysis.status();
  ASSERT_TRUE(analysis->explanation.has_value());
  for (const ModelLayer& candidate : analysis->layers) {
    if (PrintableName(candidate.name) != layer) continue;
    ExpectExplains(*analysis->explanation, candidate);
    break;
  }
  ExpectFormulasHold(*analysis->explanation);
}

}  // namespace tensord::analysis::model

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_EXPLAINED_H_
