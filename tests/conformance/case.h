// One case of ONNX's operator tests: a node, what goes in, and what has to come out.
#ifndef TENSORD_TESTS_CONFORMANCE_CASE_H_
#define TENSORD_TESTS_CONFORMANCE_CASE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/conformance/onnx/node.h"
#include "tests/conformance/onnx/tensor.h"

namespace tensord::conformance {

struct Case {
  onnx_reader::Node node;
  std::vector<std::optional<onnx_reader::Tensor>> inputs;    // as node.inputs; absent where that name is empty
  std::vector<std::optional<onnx_reader::Tensor>> expected;  // as node.outputs, likewise

  // The input where the node has it and it is given, else null.
  [[nodiscard]] const onnx_reader::Tensor* Input(size_t index) const {
    return index < inputs.size() && inputs[index].has_value() ? &*inputs[index] : nullptr;
  }
};

// The cases in a folder with model.onnx and test_data_set_0, test_data_set_1, ..., each with input_K.pb for the K-th
// input of the graph that has no initializer and output_K.pb for its K-th output.
//
// Errors: kNotFound, kInvalidArgument - a file that is missing or is no such message, a model of several nodes, a
// tensor
//         that the graph does not have; the message names it.
[[nodiscard]] absl::StatusOr<std::vector<Case>> ReadCases(const std::string& folder);

}  // namespace tensord::conformance

#endif  // TENSORD_TESTS_CONFORMANCE_CASE_H_
