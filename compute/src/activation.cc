#include "tensord/compute/activation.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "compute/src/internal/activation_functions.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

// Elements per piece of work: about 0.2 ms of the slowest function, so that cancelling takes effect soon.
constexpr int64_t kChunkElements = 8192;

absl::Status CheckType(const char* what, DataType type) {
  if (IsComputable(type)) return absl::OkStatus();
  return absl::UnimplementedError(absl::StrCat(what, ": activations take float32 or float64, not ", Name(type)));
}

// Calls apply(first, count) on consecutive pieces of 0..total-1. The pieces depend on `total` only.
absl::Status ForChunks(int64_t total, const ExecutionContext& context,
                       absl::FunctionRef<void(int64_t, int64_t)> apply) {
  const int64_t chunks = total / kChunkElements + (total % kChunkElements > 0 ? 1 : 0);
  context.executor->ParallelFor(chunks, [&](int64_t chunk) {
    if (context.cancelled()) return;
    const int64_t first = chunk * kChunkElements;
    apply(first, std::min(kChunkElements, total - first));
  });
  return context.CheckCancelled();
}

template <typename T>
absl::StatusOr<Tensor> ActivateAs(const Activation& activation, const TensorView& x, const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor y, Tensor::Allocate(x.type, x.shape));
  TENSORD_RETURN_IF_ERROR(ForChunks(y.element_count(), context, [&](int64_t first, int64_t count) {
    T* values = y.As<T>() + first;
    std::memcpy(values, x.As<T>() + first, static_cast<size_t>(count) * sizeof(T));
    ApplyActivation(activation, values, count);
  }));
  return y;
}

template <typename T>
absl::StatusOr<Tensor> ActivateBackwardAs(const Activation& activation, const TensorView& x, const TensorView& dy,
                                          const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor dx, Tensor::Allocate(x.type, x.shape));
  TENSORD_RETURN_IF_ERROR(ForChunks(dx.element_count(), context, [&](int64_t first, int64_t count) {
    ApplyActivationGradient(activation, x.As<T>() + first, dy.As<T>() + first, dx.As<T>() + first, count);
  }));
  return dx;
}

}  // namespace

absl::Status CheckElementwise(absl::string_view what, const Activation& activation) {
  if (IsElementwise(activation.kind)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, ": the activation is ", Name(activation.kind), ", has to be an elementwise one"));
}

absl::StatusOr<Tensor> Activate(const Activation& activation, const TensorView& x, const ExecutionContext& context) {
  TENSORD_RETURN_IF_ERROR(CheckElementwise("activate", activation));
  TENSORD_RETURN_IF_ERROR(CheckType("activate: x", x.type));
  return x.type == DataType::kFloat32 ? ActivateAs<float>(activation, x, context)
                                      : ActivateAs<double>(activation, x, context);
}

absl::StatusOr<Tensor> ActivateBackward(const Activation& activation, const TensorView& x, const TensorView& dy,
                                        const ExecutionContext& context) {
  TENSORD_RETURN_IF_ERROR(CheckElementwise("activate backward", activation));
  TENSORD_RETURN_IF_ERROR(CheckType("activate backward: x", x.type));
  if (dy.type != x.type || !(dy.shape == x.shape)) {
    return absl::InvalidArgumentError(absl::StrCat("activate backward: dy is ", Name(dy.type), " ", dy.shape.ToString(),
                                                   ", has to be as x: ", Name(x.type), " ", x.shape.ToString()));
  }
  return x.type == DataType::kFloat32 ? ActivateBackwardAs<float>(activation, x, dy, context)
                                      : ActivateBackwardAs<double>(activation, x, dy, context);
}

Cost ActivationCost(const Shape& shape, DataType type) {
  Cost cost;
  cost.multiplication_count = SaturatingCount(shape);
  cost.result_bytes = SaturatingBytes(shape, type);
  return cost;
}

}  // namespace tensord::compute
