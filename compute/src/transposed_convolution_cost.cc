#include <algorithm>

#include "compute/src/internal/bias_gradient.h"
#include "compute/src/internal/data_gradient.h"
#include "tensord/compute/transposed_convolution.h"

namespace tensord::compute {
namespace {

// The virtual convolution's costs say what its gradients cost, and these are this operator's passes: dX of the one is
// the forward pass of the other.
Cost ConvolutionPass(const TransposedConvolutionGeometry& geometry, DataType type, int thread_count) {
  return ConvolutionCost(geometry.convolution, type, thread_count);
}

Cost FilterPass(const TransposedConvolutionGeometry& geometry, DataType type, int thread_count) {
  return ConvolutionBackwardCost(geometry.convolution, type, false, {.filter = true}, thread_count);
}

// The starting values of cells without terms.
int64_t FillBytes(const TransposedConvolutionGeometry& geometry, DataType type) {
  return SaturatingMultiply(geometry.output_channels(), ItemSize(type));
}

}  // namespace

Cost TransposedConvolutionCost(const TransposedConvolutionGeometry& geometry, DataType type, int thread_count) {
  return {.result_bytes = SaturatingBytes(geometry.output_shape(), type),
          .scratch_bytes =
              SaturatingAdd(ConvolutionPass(geometry, type, thread_count).scratch_bytes, FillBytes(geometry, type)),
          .multiplication_count = std::max(internal::DataGradientMultiplications(geometry.convolution),
                                           SaturatingCount(geometry.output_shape()))};
}

Cost TransposedConvolutionBackwardCost(const TransposedConvolutionGeometry& geometry, DataType type,
                                       bool has_activation, const ConvolutionGradients& wanted, int thread_count) {
  Cost cost;
  if (!wanted.input && !wanted.filter && !wanted.bias && !wanted.pre_activation) return cost;
  // The passes run one after the other.
  const auto add_pass = [&](int64_t result_bytes, int64_t scratch_bytes, int64_t multiplication_count) {
    cost.result_bytes = SaturatingAdd(cost.result_bytes, result_bytes);
    cost.scratch_bytes = std::max(cost.scratch_bytes, scratch_bytes);
    cost.multiplication_count = SaturatingAdd(cost.multiplication_count, multiplication_count);
  };
  const int64_t output_count = SaturatingCount(geometry.output_shape());
  const Cost forward = TransposedConvolutionCost(geometry, type, thread_count);
  if (has_activation) {
    add_pass(0, forward.scratch_bytes, SaturatingAdd(forward.multiplication_count, output_count));
  }
  if (wanted.input) {
    const Cost pass = ConvolutionPass(geometry, type, thread_count);
    add_pass(pass.result_bytes, pass.scratch_bytes, pass.multiplication_count);
  }
  if (wanted.filter) {
    const Cost pass = FilterPass(geometry, type, thread_count);
    add_pass(pass.result_bytes, pass.scratch_bytes, pass.multiplication_count);
  }
  if (wanted.bias) {
    add_pass(SaturatingBytes(BiasShape(geometry), type), internal::MaxBiasGradientScratchBytes(type, thread_count),
             output_count);
  }
  if (has_activation) {
    // dZ is a result, or lies beside the other passes' scratch.
    int64_t& holder = wanted.pre_activation ? cost.result_bytes : cost.scratch_bytes;
    holder = SaturatingAdd(holder, forward.result_bytes);
  }
  return cost;
}

}  // namespace tensord::compute
