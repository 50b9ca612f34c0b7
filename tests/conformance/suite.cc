#include "tests/conformance/suite.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "tests/conformance/case.h"
#include "tests/conformance/judge.h"
#include "tests/conformance/operators.h"

namespace tensord::conformance {
namespace {

// Everything that a run of all data sets of a case found.
struct Findings {
  bool answer_holds = true;
  bool expected_holds = true;
  std::string complaint = {};
};

void Take(const Judgement& judgement, Findings& findings, Result& result) {
  findings.answer_holds = findings.answer_holds && judgement.answer_holds;
  findings.expected_holds = findings.expected_holds && judgement.expected_holds;
  if (findings.complaint.empty()) findings.complaint = judgement.complaint;
  if (result.place.empty() || static_cast<double>(judgement.largest) > result.largest) {
    result.largest = static_cast<double>(judgement.largest);
    result.place = judgement.place;
  }
}

absl::Status RunSets(const std::string& folder, client::ClientInterface& server, Findings& findings, Result& result) {
  const absl::StatusOr<std::vector<Case>> cases = ReadCases(folder);
  if (!cases.ok()) return cases.status();
  for (const Case& tested : *cases) {
    const Runner runner = FindRunner(tested.node.op_type);
    if (runner == nullptr) return absl::UnimplementedError("tensord has no such operator");
    const absl::StatusOr<std::vector<Computed>> outputs = runner(tested, server);
    if (!outputs.ok()) return outputs.status();
    if (outputs->size() != tested.expected.size()) {
      return absl::UnimplementedError(
          absl::StrCat("tensord has ", outputs->size(), " outputs, and the node ", tested.expected.size()));
    }
    for (size_t at = 0; at < outputs->size(); ++at) {
      if (tested.expected[at].has_value()) Take(Judge((*outputs)[at], *tested.expected[at]), findings, result);
    }
  }
  return absl::OkStatus();
}

const Contradiction* FindContradiction(const std::string& name) {
  for (const Contradiction& contradiction : Contradictions()) {
    if (name == contradiction.name) return &contradiction;
  }
  return nullptr;
}

}  // namespace

const std::vector<Contradiction>& Contradictions() {
  static const std::vector<Contradiction>& list = *new std::vector<Contradiction>{
      {"node/test_maxunpool_export_with_output_shape",
       "MaxUnpool-11, input I: \"The indices are linear, i.e. computed considering the tensor as flattened 1-D tensor, "
       "assuming row-major storage.\" In the output of shape (1,1,5,5) the index 5 is (0,0,1,0); expected has its "
       "element at (0,0,1,1), where 5 is in a tensor of shape (1,1,4,4) (github.com/onnx/onnx/issues/2398)"},
  };
  return list;
}

Result RunEntry(const Entry& entry, client::ClientInterface& server) {
  Result result = {entry};
  Findings findings;
  const absl::Status status = RunSets(entry.folder, server, findings, result);
  const Contradiction* contradiction = FindContradiction(entry.name);
  if (!status.ok()) {
    // Skipped cases fail the run too: they are counted apart because a mapping is missing, not an answer wrong.
    result.outcome = absl::IsUnimplemented(status) ? Outcome::kSkipped : Outcome::kFailed;
    result.detail = status.ToString();
  } else if (!findings.answer_holds || (!findings.expected_holds && contradiction == nullptr)) {
    result.outcome = Outcome::kFailed;
    result.detail = findings.complaint;
  } else if (contradiction != nullptr) {
    result.outcome = findings.expected_holds ? Outcome::kFailed : Outcome::kContradicts;
    result.detail = findings.expected_holds ? "is listed as a contradiction, and is none" : contradiction->sentence;
  }
  return result;
}

}  // namespace tensord::conformance
