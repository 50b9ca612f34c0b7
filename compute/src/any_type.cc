#include "tensord/compute/any_type.h"

#include <initializer_list>
#include <optional>
#include <utility>

#include "compute/src/internal/convert_tensor.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

using internal::AsFloating;
using internal::ConvertFloating;
using internal::ForEachBlock;
using internal::Is16BitFloating;

// The type that does the work for a floating type.
DataType WorkType(DataType type) { return Is16BitFloating(type) ? DataType::kFloat32 : type; }

// A tensor in the type that does the work, which is its own where that is no 16-bit one.
struct Operand {
  std::optional<Tensor> holder;
  TensorView view;
};
absl::StatusOr<Operand> Widened(const TensorView& tensor, const ExecutionContext& context) {
  Operand operand;
  TENSORD_ASSIGN_OR_RETURN(operand.view, AsFloating(tensor, WorkType(tensor.type), operand.holder, context));
  return operand;
}

absl::StatusOr<Tensor> Narrowed(absl::StatusOr<Tensor> result, DataType type, const ExecutionContext& context) {
  if (!result.ok() || result->type() == type) return result;
  return ConvertFloating(result->view(), type, context);
}

// `wide`, of work in float32, for tensors of `type`, whose copies in float32 are scratch.
Cost WithCopies(Cost wide, DataType type, int64_t result_bytes, std::initializer_list<const Shape*> copies) {
  if (ItemSize(type) >= ItemSize(DataType::kFloat32)) return wide;
  wide.scratch_bytes = SaturatingAdd(wide.scratch_bytes, wide.result_bytes);
  for (const Shape* shape : copies) {
    wide.scratch_bytes = SaturatingAdd(wide.scratch_bytes, SaturatingBytes(*shape, DataType::kFloat32));
  }
  wide.result_bytes = result_bytes;
  return wide;
}

// Bits of another type of the same size, or of 1 or 2 bytes in the lower half of a float32's.
template <typename From, typename To>
absl::StatusOr<Tensor> MoveBits(const TensorView& tensor, DataType type, const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor result, Tensor::Allocate(type, tensor.shape));
  const From* const from = static_cast<const From*>(tensor.data);
  To* const to = static_cast<To*>(result.data());
  TENSORD_RETURN_IF_ERROR(ForEachBlock(result.element_count(), context, [&](int64_t first, int64_t count) {
    for (int64_t i = first; i < first + count; ++i) to[i] = static_cast<To>(from[i]);
  }));
  return result;
}

DataType BitsType(DataType type) { return ItemSize(type) == 8 ? DataType::kFloat64 : DataType::kFloat32; }

// The tensor's bits as float32 or float64.
absl::StatusOr<Operand> AsBits(const TensorView& tensor, const ExecutionContext& context) {
  Operand operand{.holder = std::nullopt, .view = tensor};
  operand.view.type = BitsType(tensor.type);
  if (ItemSize(tensor.type) >= ItemSize(DataType::kFloat32)) return operand;
  const auto move = ItemSize(tensor.type) == 1 ? MoveBits<uint8_t, uint32_t> : MoveBits<uint16_t, uint32_t>;
  TENSORD_ASSIGN_OR_RETURN(operand.holder, move(tensor, DataType::kFloat32, context));
  operand.view = operand.holder->view();
  return operand;
}

// What was float32's or float64's bits as `type` again.
absl::StatusOr<Tensor> FromBits(absl::StatusOr<Tensor> bits, DataType type, const ExecutionContext& context) {
  if (!bits.ok() || bits->type() == type) return bits;
  switch (ItemSize(type)) {
    case 1:
      return MoveBits<uint32_t, uint8_t>(bits->view(), type, context);
    case 2:
      return MoveBits<uint32_t, uint16_t>(bits->view(), type, context);
    default:
      bits->Reinterpret(type);
      return bits;
  }
}

}  // namespace

absl::StatusOr<Tensor> ActivateAnyType(const Activation& activation, const TensorView& x,
                                       const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(const Operand wide, Widened(x, context));
  return Narrowed(Activate(activation, wide.view, context), x.type, context);
}

absl::StatusOr<Tensor> ActivateBackwardAnyType(const Activation& activation, const TensorView& x, const TensorView& dy,
                                               const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_x, Widened(x, context));
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_dy, Widened(dy, context));
  return Narrowed(ActivateBackward(activation, wide_x.view, wide_dy.view, context), x.type, context);
}

absl::StatusOr<Tensor> SoftmaxAnyType(ActivationKind kind, const TensorView& x, int axis,
                                      const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(const Operand wide, Widened(x, context));
  return Narrowed(Softmax(kind, wide.view, axis, context), x.type, context);
}

absl::StatusOr<Tensor> SoftmaxBackwardAnyType(ActivationKind kind, const TensorView& x, int axis, const TensorView& dy,
                                              const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_x, Widened(x, context));
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_dy, Widened(dy, context));
  return Narrowed(SoftmaxBackward(kind, wide_x.view, axis, wide_dy.view, context), x.type, context);
}

absl::StatusOr<Tensor> PreluAnyType(const TensorView& x, const TensorView& slopes, const SlopeBroadcast& broadcast,
                                    const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_x, Widened(x, context));
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_slopes, Widened(slopes, context));
  return Narrowed(Prelu(wide_x.view, wide_slopes.view, broadcast, context), x.type, context);
}

absl::StatusOr<PreluGradients> PreluBackwardAnyType(const TensorView& x, const TensorView& slopes,
                                                    const SlopeBroadcast& broadcast, KinkSlope kink_slope,
                                                    const TensorView& dy, bool slope_gradient,
                                                    const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_x, Widened(x, context));
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_slopes, Widened(slopes, context));
  TENSORD_ASSIGN_OR_RETURN(const Operand wide_dy, Widened(dy, context));
  TENSORD_ASSIGN_OR_RETURN(PreluGradients gradients, PreluBackward(wide_x.view, wide_slopes.view, broadcast, kink_slope,
                                                                   wide_dy.view, slope_gradient, context));
  TENSORD_ASSIGN_OR_RETURN(gradients.input, Narrowed(std::move(gradients.input), x.type, context));
  if (gradients.slopes.has_value()) {
    TENSORD_ASSIGN_OR_RETURN(gradients.slopes, Narrowed(*std::move(gradients.slopes), x.type, context));
  }
  return gradients;
}

Cost ActivationAnyTypeCost(const Shape& shape, DataType type) {
  return WithCopies(ActivationCost(shape, WorkType(type)), type, SaturatingBytes(shape, type), {&shape, &shape});
}

Cost SoftmaxAnyTypeCost(const Shape& shape, DataType type) {
  return WithCopies(SoftmaxCost(shape, WorkType(type)), type, SaturatingBytes(shape, type), {&shape, &shape});
}

Cost PreluAnyTypeCost(const Shape& x, DataType type) {
  // The slopes are broadcast: they are no larger than x.
  return WithCopies(PreluCost(x, WorkType(type)), type, SaturatingBytes(x, type), {&x, &x});
}

Cost PreluBackwardAnyTypeCost(const Shape& x, const Shape& slopes, DataType type, bool slope_gradient) {
  int64_t bytes = SaturatingBytes(x, type);
  if (slope_gradient) bytes = SaturatingAdd(bytes, SaturatingBytes(slopes, type));
  return WithCopies(PreluBackwardCost(x, slopes, WorkType(type), slope_gradient), type, bytes, {&x, &slopes, &x});
}

absl::StatusOr<Tensor> UnpoolAnyType(const PoolingGeometry& geometry, const TensorView& y, const TensorView& indices,
                                     const IndexCheck& check, const ExecutionContext& context, Violations& violations) {
  TENSORD_ASSIGN_OR_RETURN(const Operand bits, AsBits(y, context));
  return FromBits(Unpool(geometry, bits.view, indices, check, context, violations), y.type, context);
}

absl::StatusOr<Tensor> UnpoolBackwardAnyType(const PoolingGeometry& geometry, const TensorView& indices,
                                             const TensorView& dx, const IndexCheck& check,
                                             const ExecutionContext& context, Violations& violations) {
  TENSORD_ASSIGN_OR_RETURN(const Operand bits, AsBits(dx, context));
  return FromBits(UnpoolBackward(geometry, indices, bits.view, check, context, violations), dx.type, context);
}

Cost UnpoolingAnyTypeCost(const PoolingGeometry& geometry, DataType type) {
  return WithCopies(UnpoolingCost(geometry, BitsType(type)), type, SaturatingBytes(geometry.input_shape, type),
                    {&geometry.output_shape});
}

Cost UnpoolingBackwardAnyTypeCost(const PoolingGeometry& geometry, DataType type) {
  return WithCopies(UnpoolingBackwardCost(geometry, BitsType(type)), type, SaturatingBytes(geometry.output_shape, type),
                    {&geometry.input_shape});
}

}  // namespace tensord::compute
