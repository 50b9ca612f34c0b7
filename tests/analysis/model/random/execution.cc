#include "tests/analysis/model/random/execution.h"

#include <algorithm>
#include <variant>

#include "absl/strings/str_cat.h"
#include "tests/support/builders.h"

namespace tensord::analysis::random_graphs {
namespace {

template <typename T>
const T* Find(const GraphNode& node, const std::string& name) {
  const auto found = node.attributes.find(name);
  return found == node.attributes.end() ? nullptr : std::get_if<T>(&found->second);
}

}  // namespace

compute::TensorView Value::view() const {
  return {.type = compute::DataType::kFloat64, .shape = compute::Shape(shape), .data = elements.data()};
}

int64_t Product(absl::Span<const int64_t> sizes) {
  int64_t product = 1;
  for (const int64_t size : sizes) product *= size;
  return product;
}

Value ValueOf(const compute::Tensor& tensor) {
  return {.shape = Sizes(tensor.shape().begin(), tensor.shape().end()), .elements = test_support::ToDoubles(tensor)};
}

int64_t IntOf(const GraphNode& node, const std::string& name, int64_t otherwise) {
  const auto* const number = Find<int64_t>(node, name);
  return number == nullptr ? otherwise : *number;
}

double RealOf(const GraphNode& node, const std::string& name, double otherwise) {
  const auto* const number = Find<double>(node, name);
  return number == nullptr ? otherwise : *number;
}

std::string TextOf(const GraphNode& node, const std::string& name, const std::string& otherwise) {
  const auto* const text = Find<std::string>(node, name);
  return text == nullptr ? otherwise : *text;
}

std::optional<Sizes> SizesOf(const GraphNode& node, const std::string& name) {
  const auto* const list = Find<Sizes>(node, name);
  return list == nullptr ? std::nullopt : std::optional<Sizes>(*list);
}

absl::StatusOr<Execution> Execute(const GraphNode& node, const std::vector<const Value*>& inputs, int64_t opset) {
  for (const Outcome& outcome :
       {ExecuteWindows(node, inputs), ExecutePooling(node, inputs), ExecuteMatrices(node, inputs),
        ExecuteActivation(node, inputs, opset), ExecuteLoops(node, inputs)}) {
    if (outcome.has_value()) return *outcome;
  }
  return absl::UnimplementedError(absl::StrCat("nobody executes ", node.op_type));
}

}  // namespace tensord::analysis::random_graphs
