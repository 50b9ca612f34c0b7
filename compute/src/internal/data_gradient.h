// The adjoint of a convolution by its input: the input's gradient, and a transposed convolution.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_DATA_GRADIENT_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_DATA_GRADIENT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "compute/src/internal/correlate.h"
#include "compute/src/internal/correlation.h"
#include "tensord/compute/activation.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/execution.h"

namespace tensord::compute::internal {

// Runs every part of `gradient`, and stores each sum by way of the epilogue. What no part covers is left alone.
// Errors: as Correlate.
template <typename T>
absl::Status RunDataGradient(const DataGradient& gradient, const T* dz, const T* w, T* dx, const Epilogue<T>& epilogue,
                             const ExecutionContext& context);

// The products of RunDataGradient at most, saturating: each element of dX with every tap that could reach it.
[[nodiscard]] int64_t DataGradientMultiplications(const ConvolutionGeometry& geometry);

// dz from z, in place: dz = du * f'(z).
template <typename T>
absl::Status MultiplyBySlope(const Activation& activation, const T* du, int64_t count, T* z,
                             const ExecutionContext& context);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_DATA_GRADIENT_H_
