#include "tensord/analysis/model.h"

#include "analysis/src/model/pass.h"

namespace tensord::analysis {

OperationCounts& OperationCounts::operator+=(const OperationCounts& other) {
  multiplications = multiplications + other.multiplications;
  additions = additions + other.additions;
  comparisons = comparisons + other.comparisons;
  divisions = divisions + other.divisions;
  special_functions = special_functions + other.special_functions;
  macs = macs + other.macs;
  if (padding_macs.has_value() && other.padding_macs.has_value()) {
    padding_macs = *padding_macs + *other.padding_macs;
  } else {
    padding_macs.reset();
  }
  macs_by_output = macs_by_output + other.macs_by_output;
  bias_additions = bias_additions + other.bias_additions;
  return *this;
}

absl::StatusOr<ModelAnalysis> AnalyzeModel(const Graph& graph, const ModelOptions& options) {
  return model::Pass(graph, options).Run();
}

}  // namespace tensord::analysis
