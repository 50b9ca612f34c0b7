// What the engine's numbers do not cover yet goes to the plain kernels where that is the same, and is refused
// elsewhere: padding that reads the input, transposed convolution, windows but explicit ones, norms, and gradients of
// poolings.
#ifndef TENSORD_SERVER_CONVERT_ENGINE_GAPS_H_
#define TENSORD_SERVER_CONVERT_ENGINE_GAPS_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "server/convert/tensor_convert.h"
#include "tensord/compute/numeric.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {

// Whether the plain kernels do just what is asked for.
inline bool IsPlain(compute::DataType type, const compute::NumericOptions& options) {
  return compute::IsComputable(type) && options.accumulation == compute::Accumulation::kFast && !options.error_bounds;
}

inline absl::Status NotYet() {
  return absl::InvalidArgumentError(
      "accumulation: this operation is there for FAST sums of FLOAT32 and FLOAT64 without bounds only");
}

// ---- Pooling, unpooling, activations

inline void CheckComputable(const DecodedTensor& tensor, absl::string_view field, compute::Violations& violations) {
  if (!tensor.type_known || compute::IsComputable(tensor.view.type)) return;
  violations.Add(absl::StrCat(field, ".data_type"),
                 absl::StrCat("was ", compute::Name(tensor.view.type), ", has to be float32 or float64"));
}

inline absl::StatusOr<compute::PooledNumbers> Pool(const compute::PoolingGeometry& geometry,
                                                   const compute::TensorView& x, bool want_indices,
                                                   const compute::NumericOptions& options,
                                                   const compute::ExecutionContext& context) {
  if (!IsPlain(x.type, options)) return compute::PoolNumbers(geometry, x, want_indices, options, context);
  compute::PooledNumbers pooled;
  TENSORD_ASSIGN_OR_RETURN(pooled.result, compute::Pool(geometry, x, want_indices, context));
  return pooled;
}

inline compute::Cost PoolCost(const compute::PoolingGeometry& geometry, compute::DataType type,
                              compute::DataType output_type, bool want_indices,
                              const compute::NumericOptions& options) {
  if (!IsPlain(type, options)) return compute::PoolNumbersCost(geometry, type, output_type, want_indices, options);
  return compute::PoolingCost(geometry, type, want_indices);
}

struct PoolingGradient {
  compute::Tensor input;
  std::optional<compute::ErrorBounds> bounds;
};

inline absl::StatusOr<PoolingGradient> PoolBackward(const compute::PoolingGeometry& geometry,
                                                    const compute::TensorView& x, const compute::TensorView& dy,
                                                    const compute::NumericOptions& options,
                                                    const compute::ExecutionContext& context) {
  if (!IsPlain(x.type, options)) return NotYet();
  PoolingGradient gradient;
  TENSORD_ASSIGN_OR_RETURN(gradient.input, compute::PoolBackward(geometry, x, dy, context));
  return gradient;
}

inline compute::Cost PoolBackwardCost(const compute::PoolingGeometry& geometry, compute::DataType type,
                                      const compute::NumericOptions& /*options*/) {
  return compute::PoolingBackwardCost(geometry, type);
}

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_ENGINE_GAPS_H_
