// The operators that are known, and how each is analysed.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_OPERATORS_H_
#define TENSORD_ANALYSIS_SRC_MODEL_OPERATORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "analysis/src/model/node_view.h"

namespace tensord::analysis::model {

// Sets every output's facts and the node's counts from its inputs' facts and attributes.
using Handler = absl::Status (*)(NodeView& node);

struct Operator {
  absl::string_view name;  // ONNX's
  Handler handler;
};

// One table per family; a new operator is a row in one of them.
[[nodiscard]] absl::Span<const Operator> ConvolutionOperators();
[[nodiscard]] absl::Span<const Operator> PoolingOperators();
[[nodiscard]] absl::Span<const Operator> MatrixOperators();
[[nodiscard]] absl::Span<const Operator> EinsumOperators();
[[nodiscard]] absl::Span<const Operator> NormalizationOperators();
[[nodiscard]] absl::Span<const Operator> ElementwiseOperators();
[[nodiscard]] absl::Span<const Operator> ActivationOperators();
[[nodiscard]] absl::Span<const Operator> ReductionOperators();
[[nodiscard]] absl::Span<const Operator> ShapeOperators();
[[nodiscard]] absl::Span<const Operator> ConstantOperators();
[[nodiscard]] absl::Span<const Operator> SliceOperators();
[[nodiscard]] absl::Span<const Operator> ResizeOperators();

// Null where the operator is not known.
[[nodiscard]] Handler FindOperator(absl::string_view domain, absl::string_view name);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_OPERATORS_H_
