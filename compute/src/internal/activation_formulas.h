// Every activation function and its derivative, once.
//
// Each is a struct with Value(x) and Derivative(x), rounded to float64. Both give NaN for NaN (but for identity, whose
// derivative is 1 everywhere) and the limits at the infinities. A new elementwise activation adds its struct to
// activation_piecewise.h, activation_smooth.h or activation_normal.h, and a case to WithActivation().
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_FORMULAS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_FORMULAS_H_

#include <limits>

#include "compute/src/internal/activation_exponential.h"
#include "compute/src/internal/activation_normal.h"
#include "compute/src/internal/activation_piecewise.h"
#include "compute/src/internal/activation_smooth.h"
#include "tensord/compute/activation.h"

namespace tensord::compute::formulas {

// What stands for an activation that is no function of one number: every caller has refused it before. Should one
// forget, the result shows it.
struct NotElementwise {
  double Value(double) const { return std::numeric_limits<double>::quiet_NaN(); }
  double Derivative(double) const { return std::numeric_limits<double>::quiet_NaN(); }
};

// Calls `use` with the struct of `activation` for results of type T, so that the choice is made once and not per
// element.
template <typename T, typename Use>
void WithActivation(const Activation& activation, Use&& use) {
  using Real = RealOf<T>;
  switch (activation.kind) {
    case ActivationKind::kIdentity:
      return use(Identity{});
    case ActivationKind::kRelu:
      return use(Relu(activation));
    case ActivationKind::kLeakyRelu:
      return use(LeakyRelu(activation.slope, activation.kink_slope));
    case ActivationKind::kElu:
      return use(Elu<Real>(1, activation.alpha, activation.kink_slope));
    case ActivationKind::kSelu:
      return use(Elu<Real>(kSeluScale, kSeluAlpha, activation.kink_slope));
    case ActivationKind::kSigmoid:
      return use(Sigmoid<Real>{});
    case ActivationKind::kTanh:
      return use(Tanh<Real>{});
    case ActivationKind::kSoftplus:
      return use(Softplus<Real>(activation.beta));
    case ActivationKind::kSoftsign:
      return use(Softsign<Real>{});
    case ActivationKind::kSilu:
      return use(Silu<Real>{});
    case ActivationKind::kGelu:
      return activation.gelu_form == GeluForm::kExact ? use(Gelu<Real>{}) : use(GeluTanh<Real>{});
    case ActivationKind::kHardSigmoid:
      return use(HardSigmoid(activation));
    case ActivationKind::kHardSwish:
      return use(HardSwish(activation));
    case ActivationKind::kCelu:
      return use(Celu<Real>(activation));
    case ActivationKind::kMish:
      return use(Mish<Real>{});
    case ActivationKind::kThresholdedRelu:
      return use(ThresholdedRelu(activation));
    case ActivationKind::kErf:
      return use(Erf<Real>{});
    case ActivationKind::kHardTanh:
      return use(Clip(activation.minimum, activation.maximum, activation.kink_slope));
    case ActivationKind::kRelu6:
      return use(Clip(0, 6, activation.kink_slope));
    case ActivationKind::kLogSigmoid:
      return use(LogSigmoid<Real>{});
    case ActivationKind::kPrelu:
    case ActivationKind::kSoftmax:
    case ActivationKind::kLogSoftmax:
      return use(NotElementwise{});
  }
}

}  // namespace tensord::compute::formulas

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_ACTIVATION_FORMULAS_H_
