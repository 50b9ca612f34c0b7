#include "tests/conformance/catalogue.h"

#include <algorithm>
#include <filesystem>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/conformance/onnx/files.h"
#include "tests/conformance/operators.h"

namespace tensord::conformance {
namespace {

bool IsTensor(const ::onnx::ValueInfoProto& value) { return value.type().has_tensor_type(); }

// Why a model is no case; empty where it is one.
std::string ReasonToExclude(const std::string& name, const ::onnx::ModelProto& model) {
  const ::onnx::GraphProto& graph = model.graph();
  if (absl::EndsWith(name, "_expanded")) return "the same case again, spelled in other operators (*_expanded)";
  if (graph.node_size() != 1) return "several nodes";
  const ::onnx::NodeProto& node = graph.node(0);
  if (!node.domain().empty() || FindRunner(node.op_type()) == nullptr) return "an operator that tensord does not have";
  if (!std::all_of(graph.input().begin(), graph.input().end(), IsTensor) ||
      !std::all_of(graph.output().begin(), graph.output().end(), IsTensor)) {
    return "inputs that are no tensors (sequences, optionals)";
  }
  return "";
}

}  // namespace

absl::StatusOr<Catalogue> ReadCatalogue(const std::string& root) {
  Catalogue catalogue;
  std::error_code error;
  std::vector<std::filesystem::path> models;
  for (std::filesystem::recursive_directory_iterator at(root, error), end; !error && at != end; at.increment(error)) {
    if (at.depth() == 2 && at->path().filename() == "model.onnx") models.push_back(at->path());
  }
  if (error || models.empty()) {
    return absl::NotFoundError(absl::StrCat(root, " has no GROUP/NAME/model.onnx (Debian: libonnx-testdata)"));
  }
  std::sort(models.begin(), models.end());
  for (const std::filesystem::path& path : models) {
    const std::filesystem::path folder = path.parent_path();
    const std::string name = folder.parent_path().filename() / folder.filename();
    const absl::StatusOr<::onnx::ModelProto> model = onnx_reader::ReadModelFile(path);
    const std::string reason = model.ok() ? ReasonToExclude(name, *model) : "";
    if (reason.empty()) {
      catalogue.entries.push_back({name, folder, model.ok() ? model->graph().node(0).op_type() : "?"});
    } else {
      ++catalogue.excluded[reason];
    }
  }
  return catalogue;
}

}  // namespace tensord::conformance
