#include <initializer_list>

#include "compute/src/internal/convert_tensor.h"
#include "tensord/compute/numeric.h"

namespace tensord::compute {
namespace {

using internal::IsFloating;

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

}  // namespace

Cost ConvolveNumbersCost(const ConvolutionGeometry& geometry, const NumericTypes& types, DataType output_type,
                         const NumericOptions& options, int thread_count) {
  const Cost plain = ConvolutionCost(geometry, DataType::kFloat64, thread_count);
  Cost cost{.result_bytes = SaturatingBytes(geometry.output_shape, output_type),
            .scratch_bytes = 0,
            .multiplication_count =
                SaturatingMultiply(plain.multiplication_count, WorkOf(types.input, options.accumulation))};
  if (!IsFloating(types.input)) {
    if (options.error_bounds) {
      cost.result_bytes = SaturatingAdd(
          cost.result_bytes, SaturatingMultiply(2, SaturatingBytes(geometry.output_shape, DataType::kFloat64)));
    }
    return cost;
  }
  const Shape bias = BiasShape(geometry);
  const DataType wide = WideType(types.input, options.accumulation);
  AddCopies(cost, {&geometry.input_shape, &geometry.filter_shape, &bias, &geometry.output_shape}, types.input, wide);
  if (options.accumulation != Accumulation::kExact) {
    AddScratch(cost, ConvolutionCost(geometry, wide, thread_count).scratch_bytes);
  } else {
    // Z before its activation, by way of float64 for the 16-bit types.
    AddScratch(cost, SaturatingMultiply(3, SaturatingBytes(geometry.output_shape, DataType::kFloat64)));
  }
  if (options.error_bounds) {
    AddBounds(cost, plain, geometry.output_shape, {&geometry.input_shape, &geometry.filter_shape, &bias});
  }
  return cost;
}

Cost ConvolveBackwardNumbersCost(const ConvolutionGeometry& geometry, DataType type, bool has_activation,
                                 const ConvolutionGradients& wanted, const NumericOptions& options, int thread_count) {
  const DataType wide = WideType(type, options.accumulation);
  Cost cost = ConvolutionBackwardCost(geometry, wide, has_activation, wanted, thread_count);
  if (!wanted.input && !wanted.filter && !wanted.bias && !wanted.pre_activation) return cost;
  cost.multiplication_count = SaturatingMultiply(cost.multiplication_count, WorkOf(type, options.accumulation));
  const Shape bias = BiasShape(geometry);
  if (wide != type) {
    // The gradients are made in `wide` and then rounded.
    AddScratch(cost, cost.result_bytes);
    cost.result_bytes = ConvolutionBackwardCost(geometry, type, has_activation, wanted, thread_count).result_bytes;
    AddCopies(cost, {&geometry.input_shape, &geometry.filter_shape, &bias, &geometry.output_shape}, type, wide);
  }
  if (options.accumulation == Accumulation::kExact && has_activation) {
    AddScratch(cost, SaturatingMultiply(3, SaturatingBytes(geometry.output_shape, DataType::kFloat64)));
  }
  if (!options.error_bounds) return cost;
  const auto add = [&](bool is_wanted, const ConvolutionGradients& one, const Shape& result) {
    if (!is_wanted) return;
    AddBounds(cost, ConvolutionBackwardCost(geometry, DataType::kFloat64, false, one, thread_count), result,
              {&geometry.input_shape, &geometry.filter_shape, &geometry.output_shape});
  };
  add(wanted.input, {.input = true}, geometry.input_shape);
  add(wanted.filter, {.filter = true}, geometry.filter_shape);
  add(wanted.bias, {.bias = true}, bias);
  return cost;
}

Cost PoolNumbersCost(const PoolingGeometry& geometry, DataType type, DataType output_type, bool want_indices,
                     const NumericOptions& options) {
  const Cost plain = PoolingCost(geometry, output_type, want_indices);
  const bool average = geometry.kind == PoolingKind::kAverage;
  const Accumulation accumulation = average ? options.accumulation : Accumulation::kFast;
  Cost cost{.result_bytes = plain.result_bytes,
            .scratch_bytes = 0,
            .multiplication_count = SaturatingMultiply(plain.multiplication_count, WorkOf(type, accumulation))};
  if (IsFloating(type)) {
    AddCopies(cost, {&geometry.input_shape, &geometry.output_shape}, type, WideType(type, accumulation));
  }
  if (!options.error_bounds) return cost;
  const int64_t bound_bytes = SaturatingBytes(geometry.output_shape, DataType::kFloat64);
  cost.result_bytes = SaturatingAdd(cost.result_bytes, SaturatingMultiply(2, bound_bytes));
  if (average) {
    AddScratch(cost, SaturatingAdd(bound_bytes, SaturatingBytes(geometry.input_shape, DataType::kFloat64)));
    AddWork(cost, SaturatingMultiply(2, plain.multiplication_count));
  }
  return cost;
}

}  // namespace tensord::compute
