#include "tensord/analysis/model.h"

#include "analysis/src/model/pass.h"

namespace tensord::analysis {

OperationCounts& OperationCounts::operator+=(const OperationCounts& other) {
  multiplications += other.multiplications;
  additions += other.additions;
  comparisons += other.comparisons;
  divisions += other.divisions;
  special_functions += other.special_functions;
  macs += other.macs;
  if (padding_macs.has_value() && other.padding_macs.has_value()) {
    *padding_macs += *other.padding_macs;
  } else {
    padding_macs.reset();
  }
  macs_by_output += other.macs_by_output;
  bias_additions += other.bias_additions;
  return *this;
}

std::vector<const Expression*> OperationCounts::parts() const {
  std::vector<const Expression*> parts = {&multiplications,   &additions, &comparisons,    &divisions,
                                          &special_functions, &macs,      &macs_by_output, &bias_additions};
  if (padding_macs.has_value()) parts.push_back(&*padding_macs);
  return parts;
}

absl::StatusOr<ModelAnalysis> AnalyzeModel(const Graph& graph, const ModelOptions& options) {
  return model::Pass(graph, options).Run();
}

}  // namespace tensord::analysis
