#include "tests/fuzz/onnx_fuzz.h"

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/analysis/model.h"
#include "tensord/analysis/onnx.h"
#include "tests/fuzz/check.h"

namespace tensord::fuzz {
namespace {

using analysis::Graph;
using analysis::ModelAnalysis;

void CheckError(const absl::Status& status) {
  if (status.ok()) return;
  Check(absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status), "no bad model may get this code", status);
  Check(!status.message().empty(), "an error has to say what is wrong");
  Check(IsShowable(status.message()), "an error has to be fit for a terminal", status.message());
}

void CheckStripped(absl::string_view bytes, const absl::StatusOr<Graph>& graph) {
  const absl::StatusOr<std::string> stripped = analysis::StripWeights(bytes);
  CheckError(stripped.status());
  if (!stripped.ok()) {
    Check(!graph.ok(), "what can be read can be stripped", stripped.status());
    return;
  }
  const absl::StatusOr<Graph> again = analysis::ReadOnnx(*stripped);
  Check(again.status() == graph.status(), "what is stripped is as good as it was", again.status());
  Check(!graph.ok() || *graph == *again, "what is stripped is the same graph");
  const absl::StatusOr<std::string> twice = analysis::StripWeights(*stripped);
  Check(twice.ok() && *twice == *stripped, "what is stripped stays as it is", twice.status());
}

}  // namespace

void RunOnnx(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<Graph> graph = analysis::ReadOnnx(bytes);
  CheckError(graph.status());
  CheckStripped(bytes, graph);
  if (!graph.ok()) return;
  const absl::StatusOr<ModelAnalysis> result = analysis::AnalyzeModel(*graph, {});
  CheckError(result.status());
  Check(!result.ok() || result->layers.size() <= graph->nodes.size(), "a layer is a node");
  if (!result.ok() || result->layers.empty()) return;
  const std::string name = analysis::PrintableName(result->layers[size % result->layers.size()].name);
  if (name.empty()) return;
  const absl::StatusOr<ModelAnalysis> explained = analysis::AnalyzeModel(*graph, {.explain = name});
  Check(explained.ok() && explained->explanation.has_value(), "each layer can be explained", explained.status());
}

}  // namespace tensord::fuzz
