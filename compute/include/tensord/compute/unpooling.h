// Unpooling: values put back where a max pooling found them, with 1, 2 or 3 spatial axes, forwards and backwards.
#ifndef TENSORD_COMPUTE_UNPOOLING_H_
#define TENSORD_COMPUTE_UNPOOLING_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/compute/conventions.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/shape.h"
#include "tensord/compute/tensor.h"
#include "tensord/compute/violations.h"

namespace tensord::compute {

// What the fields are called in violations.
struct UnpoolingFields {
  std::string pooled_shape = "input.shape";
  std::string unpooled_shape = "output_shape";
  std::string conventions = "conventions";
};

// The geometry of the max pooling that is undone: what it makes `pooled` of. `unpooled`, where it is given, is that
// pooling's input shape. Else it is derived, per spatial axis with the pooled length K,
//   (K - 1)*stride + dilation*(window - 1) + 1 - pad_begin - pad_end,   or K*stride in the SAME modes,
// which the global and adaptive modes do not allow. Everything that is wrong is added to `violations`, and then nothing
// is returned; conventions are judged as ResolvePooling judges them for kMax. A shape that is not pooled to `pooled` is
// a violation of it.
[[nodiscard]] std::optional<PoolingGeometry> ResolveUnpooling(const PoolingConventions& given, Profile profile,
                                                              const Shape& pooled, const std::optional<Shape>& unpooled,
                                                              const UnpoolingFields& fields, const SizeRules& rules,
                                                              Violations& violations);

// How indices are checked, and what they are called in violations: "indices[3]" for the fourth in row-major order.
struct IndexCheck {
  IndexRange range = IndexRange::kPlane;
  std::string field = "indices";
};

// x, which is 0 but for x[indices[k]] = y[k]. Indices count as geometry.index_base says. Every one is checked first, at
// 64 bits: it has to be an element of its own sample's and channel's plane (kPlane) or of its own window (kWindow). -1
// is legal for a window without any element where geometry.empty_window allows such windows: it is skipped.
//
// Shapes:   y and indices geometry.output_shape; the result geometry.input_shape.
// Dtype:    y float32 or float64, the result likewise; indices int64.
// Edges:    N = 0 gives an empty result. Of equal indices the last in row-major order of the plane (D, H, W) wins.
// Accuracy: exact, bit for bit.
// Cost:     see UnpoolingCost; no scratch.
// Errors:   kInvalidArgument - an index is wrong: each is added to `violations`; or shapes and types. kUnimplemented -
//           another dtype. kResourceExhausted - memory. kCancelled - the flag was set.
// Threads:  no shared state; the same bits for any executor.
[[nodiscard]] absl::StatusOr<Tensor> Unpool(const PoolingGeometry& geometry, const TensorView& y,
                                            const TensorView& indices, const IndexCheck& check,
                                            const ExecutionContext& context, Violations& violations);

// dJ/dy, given dx = dJ/dx: dy[k] = dx[indices[k]], also of equal indices; 0 where the index is -1. This is the adjoint
// of Unpool where no two indices of a plane are equal.
//
// Shapes:   dx geometry.input_shape; indices and the result geometry.output_shape.
// Otherwise as Unpool.
[[nodiscard]] absl::StatusOr<Tensor> UnpoolBackward(const PoolingGeometry& geometry, const TensorView& indices,
                                                    const TensorView& dx, const IndexCheck& check,
                                                    const ExecutionContext& context, Violations& violations);

// `multiplication_count` counts elements visited.
[[nodiscard]] Cost UnpoolingCost(const PoolingGeometry& geometry, DataType type);
[[nodiscard]] Cost UnpoolingBackwardCost(const PoolingGeometry& geometry, DataType type);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_UNPOOLING_H_
