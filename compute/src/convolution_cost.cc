#include <algorithm>

#include "compute/src/internal/bias_gradient.h"
#include "compute/src/internal/correlate.h"
#include "compute/src/internal/data_gradient.h"
#include "compute/src/internal/filter_gradient.h"
#include "compute/src/internal/padded_input.h"
#include "tensord/compute/convolution.h"

namespace tensord::compute {
namespace {

// Multiplications of the forward pass and of dW: every output element with every tap and channel of its group.
int64_t Multiplications(const ConvolutionGeometry& geometry) {
  int64_t count = SaturatingMultiply(SaturatingCount(geometry.output_shape),
                                     geometry.input_channels / std::max<int64_t>(1, geometry.groups));
  for (const AxisWindow& axis : geometry.axes) count = SaturatingMultiply(count, axis.window);
  return count;
}

// Of a forward pass or an input gradient.
int64_t CorrelateScratchBytes(DataType type, int thread_count) {
  return type == DataType::kFloat32 ? internal::MaxCorrelateScratchBytes<float>(thread_count)
                                    : internal::MaxCorrelateScratchBytes<double>(thread_count);
}

// Of a filter gradient over that many positions.
int64_t FilterScratchBytes(int64_t position_count, DataType type, int thread_count) {
  return type == DataType::kFloat32 ? internal::MaxFilterGradientScratchBytes<float>(position_count, thread_count)
                                    : internal::MaxFilterGradientScratchBytes<double>(position_count, thread_count);
}

// Of the padded copy of the input, or of its gradient: one at a time.
int64_t PaddedBytes(const ConvolutionGeometry& geometry, DataType type) {
  if (!internal::ReadsPadding(geometry)) return 0;
  return SaturatingBytes(internal::GeometryOfPadded(geometry).input_shape, type);
}

// Of dX; with padding that reads the input, of the padded copy's.
int64_t InputGradientMultiplications(const ConvolutionGeometry& geometry) {
  return internal::DataGradientMultiplications(internal::ReadsPadding(geometry) ? internal::GeometryOfPadded(geometry)
                                                                                : geometry);
}

// Output positions of all samples.
int64_t PositionCount(const ConvolutionGeometry& geometry) {
  int64_t count = geometry.batch;
  for (const AxisWindow& axis : geometry.axes) count = SaturatingMultiply(count, axis.output);
  return count;
}

}  // namespace

int64_t ConvolutionScratchBytes(const ConvolutionGeometry& geometry, DataType type, int thread_count) {
  return SaturatingAdd(
      std::max(CorrelateScratchBytes(type, thread_count), FilterScratchBytes(kSaturatedCost, type, thread_count)),
      PaddedBytes(geometry, type));
}

Cost ConvolutionCost(const ConvolutionGeometry& geometry, DataType type, int thread_count) {
  return {.result_bytes = SaturatingBytes(geometry.output_shape, type),
          .scratch_bytes = SaturatingAdd(CorrelateScratchBytes(type, thread_count), PaddedBytes(geometry, type)),
          .multiplication_count = Multiplications(geometry)};
}

Cost ConvolutionBackwardCost(const ConvolutionGeometry& geometry, DataType type, bool has_activation,
                             const ConvolutionGradients& wanted, int thread_count) {
  Cost cost;
  if (!wanted.input && !wanted.filter && !wanted.bias && !wanted.pre_activation) return cost;
  const auto add_result = [&](const Shape& shape) {
    cost.result_bytes = SaturatingAdd(cost.result_bytes, SaturatingBytes(shape, type));
  };
  const auto add_multiplications = [&](int64_t count) {
    cost.multiplication_count = SaturatingAdd(cost.multiplication_count, count);
  };
  // The passes run one after the other.
  if (wanted.input || has_activation) cost.scratch_bytes = CorrelateScratchBytes(type, thread_count);
  if (wanted.filter) {
    cost.scratch_bytes = std::max(cost.scratch_bytes, FilterScratchBytes(PositionCount(geometry), type, thread_count));
  }
  if (wanted.bias) {
    cost.scratch_bytes = std::max(cost.scratch_bytes, internal::MaxBiasGradientScratchBytes(type, thread_count));
  }
  if (wanted.input || wanted.filter || has_activation) {
    cost.scratch_bytes = SaturatingAdd(cost.scratch_bytes, PaddedBytes(geometry, type));
  }
  const int64_t output_count = SaturatingCount(geometry.output_shape);
  if (has_activation) {
    // Z again, and its product with f'; dZ is a result or lies in scratch.
    add_multiplications(SaturatingAdd(Multiplications(geometry), output_count));
    const int64_t dz_bytes = SaturatingBytes(geometry.output_shape, type);
    int64_t& holder = wanted.pre_activation ? cost.result_bytes : cost.scratch_bytes;
    holder = SaturatingAdd(holder, dz_bytes);
  }
  if (wanted.input) {
    add_result(geometry.input_shape);
    // Every element of dX meets every tap, though dZ may be much shorter than X.
    add_multiplications(std::max(Multiplications(geometry), InputGradientMultiplications(geometry)));
  }
  if (wanted.filter) {
    add_result(geometry.filter_shape);
    add_multiplications(Multiplications(geometry));
  }
  if (wanted.bias) {
    add_result(BiasShape(geometry));
    add_multiplications(output_count);  // added up, not multiplied
  }
  return cost;
}

}  // namespace tensord::compute
