// What the tests of layers share.
#ifndef TENSORD_TESTS_ANALYSIS_LAYER_CHECKS_H_
#define TENSORD_TESTS_ANALYSIS_LAYER_CHECKS_H_

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tensord/analysis/layer.h"
#include "tests/analysis/formula_reader.h"

namespace tensord::analysis {

// "46,62,20".
inline std::string Text(const std::vector<Count>& counts) {
  std::string text;
  for (const Count& count : counts) text += (text.empty() ? "" : ",") + count.ToString();
  return text;
}

// Every count of the analysis but the output shape's, by the name that its formula has.
inline std::map<std::string, Count> NamedCounts(const LayerAnalysis& analysis) {
  return {{"parameter_count", analysis.parameter_count},
          {"weight_count", analysis.weight_count},
          {"bias_count", analysis.bias_count},
          {"multiplication_count", analysis.multiplication_count},
          {"addition_count", analysis.addition_count},
          {"mac_count", analysis.mac_count},
          {"flop_count", analysis.flop_count},
          {"input_channel_count", analysis.input_channel_count},
          {"output_channel_count", analysis.output_channel_count},
          {"byte_count.input", analysis.byte_count.input},
          {"byte_count.filter", analysis.byte_count.filter},
          {"byte_count.bias", analysis.byte_count.bias},
          {"byte_count.output", analysis.byte_count.output},
          {"comparison_count", analysis.comparison_count},
          {"division_count", analysis.division_count}};
}

// Every count has one formula, and both of its texts come to the count. `names` has values for the general texts.
inline void ExpectFormulasGiveCounts(const LayerAnalysis& analysis, const std::map<std::string, int64_t>& names) {
  std::map<std::string, Count> counts = NamedCounts(analysis);
  for (size_t i = 0; i < analysis.output_shape.size(); ++i) {
    counts.emplace("output_shape[" + std::to_string(i) + "]", analysis.output_shape[i]);
  }
  EXPECT_EQ(analysis.formulas.size(), counts.size());
  for (const Formula& formula : analysis.formulas) {
    ASSERT_EQ(counts.count(formula.quantity), 1) << formula.quantity;
    const std::optional<int64_t> expected = counts.at(formula.quantity).value();
    EXPECT_EQ(ReadFormula(formula.substituted, {}), expected) << formula.quantity << " = " << formula.substituted;
    EXPECT_EQ(ReadFormula(formula.general, names), expected) << formula.quantity << " = " << formula.general;
    counts.erase(formula.quantity);
  }
}

// The formula of a quantity: general and substituted.
inline std::pair<std::string, std::string> FormulaOf(const LayerAnalysis& analysis, const std::string& quantity) {
  for (const Formula& formula : analysis.formulas) {
    if (formula.quantity == quantity) return {formula.general, formula.substituted};
  }
  return {};
}

// "FIELD: DESCRIPTION" of every violation kept.
inline std::vector<std::string> Lines(const compute::Violations& violations) {
  std::vector<std::string> lines;
  for (const compute::Violation& violation : violations.kept()) {
    lines.push_back(violation.field + ": " + violation.description);
  }
  return lines;
}

}  // namespace tensord::analysis

#endif  // TENSORD_TESTS_ANALYSIS_LAYER_CHECKS_H_
