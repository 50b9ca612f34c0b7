// The activation functions as kernels apply them, also inside a convolution's epilogue. Serial; the callers split work.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_FUNCTIONS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_FUNCTIONS_H_

#include <cstdint>

#include "tensord/compute/activation.h"

namespace tensord::compute {

// values[i] = f(values[i]). T is float or double. Accuracy and edges: Activate.
template <typename T>
void ApplyActivation(const Activation& activation, T* values, int64_t count);

// dx[i] = dy[i] * f'(x[i]). dx may be x or dy. T is float or double. Accuracy and edges: ActivateBackward.
template <typename T>
void ApplyActivationGradient(const Activation& activation, const T* x, const T* dy, T* dx, int64_t count);

extern template void ApplyActivation<float>(const Activation&, float*, int64_t);
extern template void ApplyActivation<double>(const Activation&, double*, int64_t);
extern template void ApplyActivationGradient<float>(const Activation&, const float*, const float*, float*, int64_t);
extern template void ApplyActivationGradient<double>(const Activation&, const double*, const double*, double*, int64_t);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_FUNCTIONS_H_
