#include "compute/src/internal/activation_functions.h"

#include "compute/src/internal/activation_formulas.h"

namespace tensord::compute {

template <typename T>
void ApplyActivation(const Activation& activation, T* values, int64_t count) {
  if (activation.kind == ActivationKind::kIdentity) return;
  formulas::WithActivation<T>(activation, [=](const auto& f) {
    for (int64_t i = 0; i < count; ++i) values[i] = static_cast<T>(f.Value(static_cast<double>(values[i])));
  });
}

template <typename T>
void ApplyActivationGradient(const Activation& activation, const T* x, const T* dy, T* dx, int64_t count) {
  formulas::WithActivation<T>(activation, [=](const auto& f) {
    for (int64_t i = 0; i < count; ++i) {
      dx[i] = static_cast<T>(static_cast<double>(dy[i]) * f.Derivative(static_cast<double>(x[i])));
    }
  });
}

template void ApplyActivation<float>(const Activation&, float*, int64_t);
template void ApplyActivation<double>(const Activation&, double*, int64_t);
template void ApplyActivationGradient<float>(const Activation&, const float*, const float*, float*, int64_t);
template void ApplyActivationGradient<double>(const Activation&, const double*, const double*, double*, int64_t);

}  // namespace tensord::compute
