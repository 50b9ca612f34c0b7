// What small graphs cost, layer by layer.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_COSTS_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_COSTS_H_

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tensord/analysis/cost.h"
#include "tensord/analysis/model.h"
#include "tests/analysis/model/small_graph.h"

namespace tensord::analysis::model {

struct Costs {
  ModelAnalysis model;
  std::vector<LayerCost> layers;
  ModelCost total;
};

inline Costs CostsOf(ModelAnalysis model, const CostOptions& options = {}) {
  Costs costs{.model = std::move(model), .layers = {}, .total = {}};
  absl::StatusOr<ModelCost> total = AnalyzeCost(costs.model, options, [&](size_t place, const LayerCost& layer) {
    EXPECT_EQ(place, costs.layers.size());
    costs.layers.push_back(layer);
  });
  EXPECT_TRUE(total.ok()) << total.status();
  if (total.ok()) costs.total = *std::move(total);
  return costs;
}

inline Costs CostsOf(const SmallGraph& graph, const std::vector<std::string>& outputs,
                     const CostOptions& options = {}) {
  absl::StatusOr<ModelAnalysis> model = graph.Analyze(outputs);
  EXPECT_TRUE(model.ok()) << model.status();
  return CostsOf(model.ok() ? *std::move(model) : ModelAnalysis(), options);
}

// "12 mul, 6 add, 3 cmp, 2 div, 1 fun; 12 macs". What is 0 is left out; "nothing" where all is.
inline std::string Brief(const OperationCounts& counts) {
  std::vector<std::string> parts;
  const std::pair<const Expression*, const char*> all[] = {{&counts.multiplications, " mul"},
                                                           {&counts.additions, " add"},
                                                           {&counts.comparisons, " cmp"},
                                                           {&counts.divisions, " div"},
                                                           {&counts.special_functions, " fun"}};
  for (const auto& [count, name] : all) {
    if (*count != Expression()) parts.push_back(absl::StrCat(count->ToString(), name));
  }
  std::string text = parts.empty() ? "nothing" : absl::StrJoin(parts, ", ");
  if (counts.macs != Expression()) absl::StrAppend(&text, "; ", counts.macs.ToString(), " macs");
  return text;
}

// Of a number that may not be known.
inline std::string Text(const std::optional<Expression>& value) {
  return value.has_value() ? value->ToString() : "unknown";
}

}  // namespace tensord::analysis::model

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_COSTS_H_
