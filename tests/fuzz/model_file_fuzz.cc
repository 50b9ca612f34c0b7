#include "tests/fuzz/model_file_fuzz.h"

#include <string>
#include <unordered_set>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/model_file/builder.h"
#include "client/cli/model_file/read.h"
#include "server/convert/model_graph_convert.h"
#include "server/convert/request_errors.h"
#include "tensord/analysis/model.h"
#include "tests/fuzz/check.h"

namespace tensord::fuzz {
namespace {

using cli::model_file::Builder;

void CheckError(const absl::Status& status) {
  constexpr size_t kMost = 4096;
  if (status.ok()) return;
  Check(absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status), "no bad model may get this code", status);
  Check(!status.message().empty(), "an error has to say what is wrong");
  Check(status.message().size() <= kMost, "an error has to be short", status.message().substr(0, kMost));
  Check(IsShowable(status.message()), "an error has to be fit for a terminal", status.message());
}

// Of everything that has a name: each once, and before what takes it.
void CheckNames(const v1::Model& model) {
  std::unordered_set<std::string> known;
  for (const v1::ModelInput& input : model.inputs()) {
    Check(known.insert(input.name()).second, "an input has a name of its own", input.name());
  }
  for (const v1::ModelParameter& parameter : model.parameters()) {
    Check(known.insert(parameter.name()).second, "a parameter has a name of its own", parameter.name());
  }
  for (const v1::ModelNode& node : model.nodes()) {
    for (const std::string& input : node.inputs()) {
      Check(input.empty() || known.count(input) != 0, "what a node takes is there before it", input);
    }
    for (const std::string& output : node.outputs()) {
      Check(known.insert(output).second, "what a node gives has a name of its own", output);
    }
  }
  for (const std::string& output : model.outputs()) {
    Check(known.count(output) != 0, "an output is there", output);
  }
}

void CheckAnalysis(const v1::Model& model) {
  // Repetitions make many nodes of few bytes, and the search would do little else.
  constexpr int kMaxNodes = 500;
  if (model.nodes_size() > kMaxNodes) return;
  server::RequestErrors errors;
  const analysis::Graph graph = server::DecodeModelGraph(model, errors);
  const absl::Status status = errors.ToStatus();
  CheckError(status);
  if (!status.ok()) return;
  Check(graph.nodes.size() == static_cast<size_t>(model.nodes_size()), "a graph has the model's nodes");
  CheckError(analysis::AnalyzeModel(graph, {}).status());
}

}  // namespace

void RunModelFile(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<v1::Model> model = cli::model_file::ReadModel(text, "f");
  CheckError(model.status());
  if (!model.ok()) return;
  Check(!model->nodes().empty(), "a model has a node at least");
  Check(static_cast<size_t>(model->nodes_size()) <= Builder::kMaxNodes, "a model has so many nodes at most");
  CheckNames(*model);
  CheckAnalysis(*model);
}

}  // namespace tensord::fuzz
