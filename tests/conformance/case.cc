#include "tests/conformance/case.h"

#include <filesystem>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"
#include "tests/conformance/onnx/files.h"

namespace tensord::conformance {
namespace {

using onnx_reader::Tensor;
using TensorsByName = std::map<std::string, Tensor>;

// A tensor for each name; none for an empty one.
absl::StatusOr<std::vector<std::optional<Tensor>>> Select(const std::vector<std::string>& names,
                                                          const TensorsByName& tensors) {
  std::vector<std::optional<Tensor>> selected;
  for (const std::string& name : names) {
    if (name.empty()) {
      selected.emplace_back();
      continue;
    }
    const auto found = tensors.find(name);
    if (found == tensors.end()) {
      return absl::InvalidArgumentError(absl::StrCat("the graph has no tensor \"", name, "\""));
    }
    selected.emplace_back(found->second);
  }
  return selected;
}

absl::StatusOr<Case> ReadSet(const ::onnx::GraphProto& graph, const onnx_reader::Node& node, const std::string& set) {
  TensorsByName inputs;
  for (const ::onnx::TensorProto& initializer : graph.initializer()) {
    TENSORD_ASSIGN_OR_RETURN(inputs[initializer.name()], onnx_reader::ReadTensor(initializer));
  }
  int file = 0;
  for (const ::onnx::ValueInfoProto& input : graph.input()) {
    if (inputs.contains(input.name())) continue;
    TENSORD_ASSIGN_OR_RETURN(inputs[input.name()],
                             onnx_reader::ReadTensorFile(absl::StrCat(set, "/input_", file++, ".pb")));
  }
  TensorsByName outputs;
  for (int output = 0; output < graph.output_size(); ++output) {
    TENSORD_ASSIGN_OR_RETURN(outputs[graph.output(output).name()],
                             onnx_reader::ReadTensorFile(absl::StrCat(set, "/output_", output, ".pb")));
  }
  Case read;
  read.node = node;
  TENSORD_ASSIGN_OR_RETURN(read.inputs, Select(node.inputs, inputs));
  TENSORD_ASSIGN_OR_RETURN(read.expected, Select(node.outputs, outputs));
  return read;
}

}  // namespace

absl::StatusOr<std::vector<Case>> ReadCases(const std::string& folder) {
  TENSORD_ASSIGN_OR_RETURN(const ::onnx::ModelProto model, onnx_reader::ReadModelFile(folder + "/model.onnx"));
  TENSORD_ASSIGN_OR_RETURN(const onnx_reader::Node node, onnx_reader::OnlyNode(model));
  std::vector<Case> cases;
  for (int number = 0;; ++number) {
    const std::string set = absl::StrCat(folder, "/test_data_set_", number);
    if (!std::filesystem::is_directory(set)) break;
    TENSORD_ASSIGN_OR_RETURN(Case read, ReadSet(model.graph(), node, set));
    cases.push_back(std::move(read));
  }
  if (cases.empty()) return absl::NotFoundError(absl::StrCat(folder, "/test_data_set_0: there is no such folder"));
  return cases;
}

}  // namespace tensord::conformance
