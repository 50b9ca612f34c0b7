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

  static constexpr auto Forward = &Convolve;
  static constexpr auto Backward = &ConvolveBackward;
  static constexpr auto ForwardCost = &ConvolutionCost;
  static constexpr auto BackwardCost = &ConvolutionBackwardCost;
  static constexpr auto ExactForward = &ExactConvolve;
  static constexpr auto ExactInputGradient = &internal::ExactInputGradient;
  static constexpr auto ExactFilterGradient = &internal::ExactFilterGradient;
  static constexpr auto ExactBiasGradient = &internal::ExactBiasGradient;
  static constexpr auto IntegerForward = &IntegerConvolve;

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

  static constexpr auto Forward = &ConvolveTranspose;
  static constexpr auto Backward = &ConvolveTransposeBackward;
  static constexpr auto ForwardCost = &TransposedConvolutionCost;
  static constexpr auto BackwardCost = &TransposedConvolutionBackwardCost;
  static constexpr auto ExactForward = &ExactConvolveTranspose;
  static constexpr auto ExactInputGradient = &ExactTransposedInputGradient;
  static constexpr auto ExactFilterGradient = &ExactTransposedFilterGradient;
  static constexpr auto ExactBiasGradient = &ExactTransposedBiasGradient;
  static constexpr auto IntegerForward = &IntegerConvolveTranspose;

  // The convolution that this is the adjoint of.
  static const ConvolutionGeometry& Convolution(const Geometry& geometry) { return geometry.convolution; }
  static constexpr bool kIsAdjoint = true;
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_CONVOLUTION_OPERATOR_H_
