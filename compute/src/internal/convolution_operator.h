// What differs between a convolution and a transposed one, for code that is the same for both.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_CONVOLUTION_OPERATOR_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_CONVOLUTION_OPERATOR_H_

#include <cstdint>

#include "compute/src/internal/exact_convolution.h"
#include "compute/src/internal/integer_convolution.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/transposed_convolution.h"

namespace tensord::compute::internal {

struct PlainConvolution {
  using Geometry = ConvolutionGeometry;
  static const Shape& InputShape(const Geometry& geometry) { return geometry.input_shape; }
  static const Shape& FilterShape(const Geometry& geometry) { return geometry.filter_shape; }
  static const Shape& OutputShape(const Geometry& geometry) { return geometry.output_shape; }
  static int64_t OutputChannels(const Geometry& geometry) { return geometry.output_channels; }

  static constexpr auto kForward = &Convolve;
  static constexpr auto kBackward = &ConvolveBackward;
  static constexpr auto kForwardCost = &ConvolutionCost;
  static constexpr auto kBackwardCost = &ConvolutionBackwardCost;
  static constexpr auto kExactForward = &ExactConvolve;
  static constexpr auto kExactInputGradient = &internal::ExactInputGradient;
  static constexpr auto kExactFilterGradient = &internal::ExactFilterGradient;
  static constexpr auto kExactBiasGradient = &internal::ExactBiasGradient;
  static constexpr auto kIntegerForward = &IntegerConvolve;

  // The geometry whose output is this one's, and whose spatial axes tell input and output lengths.
  static const ConvolutionGeometry& Convolution(const Geometry& geometry) { return geometry; }
  static constexpr bool kIsAdjoint = false;
};

struct TransposedConvolution {
  using Geometry = TransposedConvolutionGeometry;
  static const Shape& InputShape(const Geometry& geometry) { return geometry.input_shape(); }
  static const Shape& FilterShape(const Geometry& geometry) { return geometry.filter_shape(); }
  static const Shape& OutputShape(const Geometry& geometry) { return geometry.output_shape(); }
  static int64_t OutputChannels(const Geometry& geometry) { return geometry.output_channels(); }

  static constexpr auto kForward = &ConvolveTranspose;
  static constexpr auto kBackward = &ConvolveTransposeBackward;
  static constexpr auto kForwardCost = &TransposedConvolutionCost;
  static constexpr auto kBackwardCost = &TransposedConvolutionBackwardCost;
  static constexpr auto kExactForward = &ExactConvolveTranspose;
  static constexpr auto kExactInputGradient = &ExactTransposedInputGradient;
  static constexpr auto kExactFilterGradient = &ExactTransposedFilterGradient;
  static constexpr auto kExactBiasGradient = &ExactTransposedBiasGradient;
  static constexpr auto kIntegerForward = &IntegerConvolveTranspose;

  // The convolution that this is the adjoint of.
  static const ConvolutionGeometry& Convolution(const Geometry& geometry) { return geometry.convolution; }
  static constexpr bool kIsAdjoint = true;
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_CONVOLUTION_OPERATOR_H_
