#include "tests/conformance/catalogue.h"

#include <algorithm>
#include <filesystem>
#include <set>

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
  std::set<std::filesystem::path> folders;
  for (std::filesystem::recursive_directory_iterator at(root, error), end; !error && at != end; at.increment(error)) {
    const std::string file = at->path().filename();
    // A case whose model is missing is one that fails, not one that is left out.
    const bool of_a_case = file == "model.onnx" || absl::StartsWith(file, "test_data_set_");
    if (at.depth() == 2 && of_a_case) folders.insert(at->path().parent_path());
  }
  if (error || folders.empty()) {
    return absl::NotFoundError(absl::StrCat(root, " has no GROUP/NAME/model.onnx (Debian: libonnx-testdata)"));
  }
  for (const std::filesystem::path& folder : folders) {
    const std::string name = folder.parent_path().filename() / folder.filename();
    const absl::StatusOr<::onnx::ModelProto> model = onnx_reader::ReadModelFile(folder / "model.onnx");
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
