#include "server/convert/model_explanation_convert.h"

#include "absl/strings/str_cat.h"
#include "server/convert/append.h"
#include "server/convert/count_convert.h"
#include "tensord/analysis/graph.h"

namespace tensord::server {
namespace {

// PrintableName's bound.
constexpr size_t kMaxNameBytes = 256;

}  // namespace

std::string DecodeExplain(const v1::AnalyzeModelRequest& request, RequestErrors& errors) {
  if (request.explain().size() <= kMaxNameBytes) return request.explain();
  errors.AddViolation("explain", absl::StrCat("has ", request.explain().size(), " bytes, has to be a layer's name of ",
                                              kMaxNameBytes, " at most"));
  return "";
}

absl::Status ExplainError(const absl::Status& status) {
  RequestErrors errors;
  errors.AddViolation("explain", status.message());
  return errors.ToStatus();
}

void EncodeExplanation(const analysis::Explanation& explanation, v1::Explanation& message) {
  message.set_layer(analysis::PrintableName(explanation.layer));
  message.set_operator_(analysis::PrintableName(explanation.op_type));
  for (const analysis::ExplanationStep& step : explanation.steps) {
    v1::DerivationStep& encoded = Append(*message.mutable_steps());
    encoded.mutable_formula()->set_quantity(step.formula.quantity);
    encoded.mutable_formula()->set_general(step.formula.general);
    encoded.mutable_formula()->set_substituted(step.formula.substituted);
    EncodeCount(step.value, *encoded.mutable_value());
    encoded.set_meaning(step.meaning);
  }
}

}  // namespace tensord::server
