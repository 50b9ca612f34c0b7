#include <initializer_list>

#include "compute/src/internal/convert_tensor.h"
#include "compute/src/internal/convolution_operator.h"
#include "compute/src/internal/exact_pooling.h"
#include "compute/src/internal/padded_input.h"
#include "tensord/compute/numeric.h"

namespace tensord::compute {
namespace {

void AddScratch(Cost& cost, int64_t bytes) { cost.scratch_bytes = SaturatingAdd(cost.scratch_bytes, bytes); }

void AddWork(Cost& cost, int64_t count) { cost.multiplication_count = SaturatingAdd(cost.multiplication_count, count); }

// In multiplications of float32.
int64_t WorkOf(DataType type, Accumulation accumulation) {
  if (!IsFloating(type)) return kIntegerWork;
  if (accumulation == Accumulation::kExact) return kExactWork;
  return type == DataType::kFloat64 || accumulation == Accumulation::kFaithful ? 2 : 1;
}

// The type in which a floating type is computed with.
DataType WideType(DataType type, Accumulation accumulation) {
  if (type == DataType::kFloat64 || accumulation == Accumulation::kFaithful) return DataType::kFloat64;
  return DataType::kFloat32;
}

// Copies in another type: of tensors in `from` as `to`.
void AddCopies(Cost& cost, std::initializer_list<const Shape*> shapes, DataType from, DataType to) {
  if (from == to) return;
  for (const Shape* shape : shapes) AddScratch(cost, SaturatingBytes(*shape, to));
}

// Bounds of one result: two tensors of float64; and their making: the factors twice in float64, the sums twice, and up
// to three convolutions.
void AddBounds(Cost& cost, const Cost& one_convolution, const Shape& result,
               std::initializer_list<const Shape*> factors) {
  const int64_t result_bytes = SaturatingBytes(result, DataType::kFloat64);
  cost.result_bytes = SaturatingAdd(cost.result_bytes, SaturatingMultiply(2, result_bytes));
  AddScratch(cost, SaturatingMultiply(3, result_bytes));
  for (const Shape* shape : factors)
    AddScratch(cost, SaturatingMultiply(2, SaturatingBytes(*shape, DataType::kFloat64)));
  AddScratch(cost, one_convolution.scratch_bytes);
  AddWork(cost, SaturatingMultiply(6, one_convolution.multiplication_count));
}

// What the padded copy of an input takes, in its own type and, where that is another one, in `wide`; and the table that
// tells where its cells come from.
int64_t PaddedCopyBytes(const ConvolutionGeometry& geometry, DataType type, DataType wide) {
  if (!internal::ReadsPadding(geometry)) return 0;
  const ConvolutionGeometry padded = internal::GeometryOfPadded(geometry);
  int64_t bytes = SaturatingBytes(padded.input_shape, type);
  if (wide != type) bytes = SaturatingAdd(bytes, SaturatingBytes(padded.input_shape, wide));
  for (const AxisWindow& axis : padded.axes) bytes = SaturatingAdd(bytes, SaturatingMultiply(24, axis.input));
  return bytes;
}
int64_t PaddedCopyBytes(const TransposedConvolutionGeometry& /*geometry*/, DataType /*type*/, DataType /*wide*/) {
  return 0;
}

template <typename Operator>
Cost ForwardCost(const typename Operator::Geometry& geometry, const NumericTypes& types, DataType output_type,
                 const NumericOptions& options, int thread_count) {
  const Shape& output = Operator::OutputShape(geometry);
  const Cost plain = Operator::kForwardCost(geometry, DataType::kFloat64, thread_count);
  Cost cost{.result_bytes = SaturatingBytes(output, output_type),
            .scratch_bytes = 0,
            .multiplication_count =
                SaturatingMultiply(plain.multiplication_count, WorkOf(types.input, options.accumulation))};
  if (!IsFloating(types.input)) {
    AddScratch(cost, PaddedCopyBytes(geometry, types.input, types.input));
    if (options.error_bounds) {
      cost.result_bytes =
          SaturatingAdd(cost.result_bytes, SaturatingMultiply(2, SaturatingBytes(output, DataType::kFloat64)));
    }
    return cost;
  }
  const Shape bias = BiasShape(geometry);
  const DataType wide = WideType(types.input, options.accumulation);
  AddCopies(cost, {&Operator::InputShape(geometry), &Operator::FilterShape(geometry), &bias, &output}, types.input,
            wide);
  if (options.accumulation != Accumulation::kExact) {
    AddScratch(cost, Operator::kForwardCost(geometry, wide, thread_count).scratch_bytes);
  } else {
    // Z before its activation, by way of float64 for the 16-bit types.
    AddScratch(cost, SaturatingMultiply(3, SaturatingBytes(output, DataType::kFloat64)));
    AddScratch(cost, PaddedCopyBytes(geometry, types.input, wide));
  }
  if (options.error_bounds) {
    AddBounds(cost, plain, output, {&Operator::InputShape(geometry), &Operator::FilterShape(geometry), &bias});
  }
  return cost;
}

template <typename Operator>
Cost BackwardCost(const typename Operator::Geometry& geometry, DataType type, bool has_activation,
                  const ConvolutionGradients& wanted, const NumericOptions& options, int thread_count) {
  const Shape& input = Operator::InputShape(geometry);
  const Shape& filter = Operator::FilterShape(geometry);
  const Shape& output = Operator::OutputShape(geometry);
  const DataType wide = WideType(type, options.accumulation);
  Cost cost = Operator::kBackwardCost(geometry, wide, has_activation, wanted, thread_count);
  if (!wanted.input && !wanted.filter && !wanted.bias && !wanted.pre_activation) return cost;
  cost.multiplication_count = SaturatingMultiply(cost.multiplication_count, WorkOf(type, options.accumulation));
  const Shape bias = BiasShape(geometry);
  if (wide != type) {
    // The gradients are made in `wide` and then rounded.
    AddScratch(cost, cost.result_bytes);
    cost.result_bytes = Operator::kBackwardCost(geometry, type, has_activation, wanted, thread_count).result_bytes;
    AddCopies(cost, {&input, &filter, &bias, &output}, type, wide);
  }
  if (options.accumulation == Accumulation::kExact) {
    AddScratch(cost, PaddedCopyBytes(geometry, type, wide));
    if (has_activation) AddScratch(cost, SaturatingMultiply(3, SaturatingBytes(output, DataType::kFloat64)));
  }
  if (!options.error_bounds) return cost;
  const auto add = [&](bool is_wanted, const ConvolutionGradients& one, const Shape& result) {
    if (!is_wanted) return;
    AddBounds(cost, Operator::kBackwardCost(geometry, DataType::kFloat64, false, one, thread_count), result,
              {&input, &filter, &output});
  };
  add(wanted.input, {.input = true}, input);
  add(wanted.filter, {.filter = true}, filter);
  add(wanted.bias, {.bias = true}, bias);
  return cost;
}

}  // namespace

Cost ConvolveNumbersCost(const ConvolutionGeometry& geometry, const NumericTypes& types, DataType output_type,
                         const NumericOptions& options, int thread_count) {
  return ForwardCost<internal::PlainConvolution>(geometry, types, output_type, options, thread_count);
}

Cost ConvolveBackwardNumbersCost(const ConvolutionGeometry& geometry, DataType type, bool has_activation,
                                 const ConvolutionGradients& wanted, const NumericOptions& options, int thread_count) {
  return BackwardCost<internal::PlainConvolution>(geometry, type, has_activation, wanted, options, thread_count);
}

Cost ConvolveTransposeNumbersCost(const TransposedConvolutionGeometry& geometry, const NumericTypes& types,
                                  DataType output_type, const NumericOptions& options, int thread_count) {
  return ForwardCost<internal::TransposedConvolution>(geometry, types, output_type, options, thread_count);
}

Cost ConvolveTransposeBackwardNumbersCost(const TransposedConvolutionGeometry& geometry, DataType type,
                                          bool has_activation, const ConvolutionGradients& wanted,
                                          const NumericOptions& options, int thread_count) {
  return BackwardCost<internal::TransposedConvolution>(geometry, type, has_activation, wanted, options, thread_count);
}

Cost PoolNumbersCost(const PoolingGeometry& geometry, DataType type, DataType output_type, bool want_indices,
                     const NumericOptions& options, int thread_count) {
  const Cost plain = PoolingCost(geometry, output_type, want_indices, thread_count);
  const bool sums = geometry.kind == PoolingKind::kAverage || geometry.kind == PoolingKind::kLp;
  const Accumulation accumulation = sums ? options.accumulation : Accumulation::kFast;
  Cost cost{.result_bytes = plain.result_bytes,
            .scratch_bytes = 0,
            .multiplication_count = SaturatingMultiply(plain.multiplication_count, WorkOf(type, accumulation))};
  if (IsFloating(type)) {
    AddScratch(cost, PoolingCost(geometry, WideType(type, accumulation), want_indices, thread_count).scratch_bytes);
    AddCopies(cost, {&geometry.input_shape, &geometry.output_shape}, type, WideType(type, accumulation));
  }
  if (!options.error_bounds) return cost;
  const int64_t bound_bytes = SaturatingBytes(geometry.output_shape, DataType::kFloat64);
  cost.result_bytes = SaturatingAdd(cost.result_bytes, SaturatingMultiply(2, bound_bytes));
  if (sums) {
    AddScratch(cost, SaturatingAdd(bound_bytes, SaturatingBytes(geometry.input_shape, DataType::kFloat64)));
    AddWork(cost, SaturatingMultiply(2, plain.multiplication_count));
  }
  return cost;
}

Cost PoolBackwardNumbersCost(const PoolingGeometry& geometry, DataType type, const NumericOptions& options,
                             int thread_count) {
  const DataType wide = WideType(type, options.accumulation);
  Cost cost = PoolingBackwardCost(geometry, wide, thread_count);
  const int64_t plain = cost.multiplication_count;
  cost.result_bytes = SaturatingBytes(geometry.input_shape, type);
  cost.multiplication_count = SaturatingMultiply(plain, WorkOf(type, options.accumulation));
  AddCopies(cost, {&geometry.input_shape, &geometry.input_shape, &geometry.output_shape}, type, wide);
  if (options.accumulation == Accumulation::kExact) {
    cost.multiplication_count = SaturatingMultiply(cost.multiplication_count, internal::WorkOfShare(geometry));
    // The maxima and their places.
    AddScratch(cost, PoolingCost(geometry, wide, true, thread_count).result_bytes);
  }
  if (!options.error_bounds) return cost;
  const int64_t bound_bytes = SaturatingBytes(geometry.input_shape, DataType::kFloat64);
  cost.result_bytes = SaturatingAdd(cost.result_bytes, SaturatingMultiply(2, bound_bytes));
  AddScratch(cost, SaturatingMultiply(3, bound_bytes));
  AddScratch(cost, SaturatingBytes(geometry.output_shape, DataType::kFloat64));
  AddWork(cost, SaturatingMultiply(4, plain));
  return cost;
}

}  // namespace tensord::compute
