// What ONNX's operators are to tensord: for each a function that sends a case to a server, and that says independently
// of it, from ONNX's formula, what has to come back.
#ifndef TENSORD_TESTS_CONFORMANCE_OPERATORS_H_
#define TENSORD_TESTS_CONFORMANCE_OPERATORS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tensord/client/client.h"
#include "tests/conformance/case.h"
#include "tests/conformance/onnx/tensor.h"

namespace tensord::conformance {

// The exact result of ONNX's formula, element by element, and how far two may be from it: tensord's answer, by its
// documentation; and the expected value, by the rounding of whoever computed it in its own type.
struct Exact {
  std::vector<int64_t> shape;
  std::vector<long double> values;
  std::vector<long double> answer_bounds;
  std::vector<long double> reference_bounds;
};

// One output of a node: the server's answer, and the exact result. Without one, the operator does not round: the answer
// has to be the expected value.
struct Computed {
  onnx_reader::Tensor answer;
  std::optional<Exact> exact = std::nullopt;
};

// The outputs of the case's node, in its order.
//
// Errors: kInvalidArgument - the node is at odds with ONNX's text; kUnimplemented - tensord has no such thing; others
// are
//         the server's.
using Runner = absl::StatusOr<std::vector<Computed>> (*)(const Case& tested, client::ClientInterface& server);

[[nodiscard]] absl::StatusOr<std::vector<Computed>> RunConv(const Case& tested, client::ClientInterface& server);
[[nodiscard]] absl::StatusOr<std::vector<Computed>> RunConvTranspose(const Case& tested,
                                                                     client::ClientInterface& server);
[[nodiscard]] absl::StatusOr<std::vector<Computed>> RunConvInteger(const Case& tested, client::ClientInterface& server);
[[nodiscard]] absl::StatusOr<std::vector<Computed>> RunQLinearConv(const Case& tested, client::ClientInterface& server);
// MaxPool, AveragePool, LpPool and their Global kinds.
[[nodiscard]] absl::StatusOr<std::vector<Computed>> RunPool(const Case& tested, client::ClientInterface& server);
[[nodiscard]] absl::StatusOr<std::vector<Computed>> RunMaxUnpool(const Case& tested, client::ClientInterface& server);
// Every function of one element.
[[nodiscard]] absl::StatusOr<std::vector<Computed>> RunElementwise(const Case& tested, client::ClientInterface& server);
[[nodiscard]] absl::StatusOr<std::vector<Computed>> RunClip(const Case& tested, client::ClientInterface& server);
[[nodiscard]] absl::StatusOr<std::vector<Computed>> RunPRelu(const Case& tested, client::ClientInterface& server);
[[nodiscard]] absl::StatusOr<std::vector<Computed>> RunSelu(const Case& tested, client::ClientInterface& server);
// Softmax and LogSoftmax.
[[nodiscard]] absl::StatusOr<std::vector<Computed>> RunSoftmax(const Case& tested, client::ClientInterface& server);

// The function for an operator of ONNX's; null where tensord has no such operator.
[[nodiscard]] Runner FindRunner(const std::string& op_type);

}  // namespace tensord::conformance

#endif  // TENSORD_TESTS_CONFORMANCE_OPERATORS_H_
