// Activation functions, and the elementwise ones' values and derivatives. Those that are no function of one element
// alone are in prelu.h and softmax.h.
#ifndef TENSORD_COMPUTE_ACTIVATION_H_
#define TENSORD_COMPUTE_ACTIVATION_H_

#include <array>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/compute/conventions.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/tensor.h"
#include "tensord/compute/violations.h"

namespace tensord::compute {

// Formulas: ActivationFormula().
enum class ActivationKind {
  kIdentity,
  kRelu,
  kLeakyRelu,
  kElu,
  kSelu,
  kSigmoid,
  kTanh,
  kSoftplus,
  kSoftsign,
  kSilu,
  kGelu,
  kHardSigmoid,
  kHardSwish,
  kCelu,
  kMish,
  kThresholdedRelu,
  kErf,
  kHardTanh,
  kRelu6,
  kLogSigmoid,
  kPrelu,
  kSoftmax,
  kLogSoftmax,
};
inline constexpr std::array<ActivationKind, 23> kAllActivationKinds = {
    ActivationKind::kIdentity,   ActivationKind::kRelu,
    ActivationKind::kLeakyRelu,  ActivationKind::kElu,
    ActivationKind::kSelu,       ActivationKind::kSigmoid,
    ActivationKind::kTanh,       ActivationKind::kSoftplus,
    ActivationKind::kSoftsign,   ActivationKind::kSilu,
    ActivationKind::kGelu,       ActivationKind::kHardSigmoid,
    ActivationKind::kHardSwish,  ActivationKind::kCelu,
    ActivationKind::kMish,       ActivationKind::kThresholdedRelu,
    ActivationKind::kErf,        ActivationKind::kHardTanh,
    ActivationKind::kRelu6,      ActivationKind::kLogSigmoid,
    ActivationKind::kPrelu,      ActivationKind::kSoftmax,
    ActivationKind::kLogSoftmax,
};

// Whether it is a function of one number with fixed parameters: what Activate computes and a convolution can apply to
// its result. The others take a tensor of slopes (prelu) or work along an axis (softmax, log softmax).
[[nodiscard]] constexpr bool IsElementwise(ActivationKind kind) {
  return kind != ActivationKind::kPrelu && kind != ActivationKind::kSoftmax && kind != ActivationKind::kLogSoftmax;
}

enum class GeluForm { kExact, kTanh };

// The derivative where the left and the right branch's slopes differ. kSaturated: the outer, flat branch's, for the
// hard functions at both ends (hard sigmoid, hard tanh, relu6: 0; hard swish: 0 at -3 and 1 at 3).
enum class KinkSlope { kLeft, kRight, kMean, kSaturated };

// Klambauer et al., arXiv:1706.02515.
inline constexpr double kSeluAlpha = 1.6732632423543772;
inline constexpr double kSeluScale = 1.0507009873554805;

// As given: a parameter that is absent comes from the profile or the defaults.
struct ActivationOptions {
  ActivationKind kind = ActivationKind::kIdentity;
  std::optional<double> slope = {};
  std::optional<double> offset = {};
  std::optional<double> alpha = {};
  std::optional<double> beta = {};
  std::optional<double> minimum = {};
  std::optional<double> maximum = {};
  std::optional<GeluForm> gelu_form = {};
  std::optional<KinkSlope> kink_slope = {};
};

// Resolved and checked: only the members that the kind takes mean anything.
struct Activation {
  ActivationKind kind = ActivationKind::kIdentity;
  double slope = 0;
  double offset = 0;
  double alpha = 0;
  double beta = 0;
  double minimum = 0;
  double maximum = 0;
  GeluForm gelu_form = GeluForm::kExact;
  KinkSlope kink_slope = KinkSlope::kLeft;
};

// Which parameters a kind takes.
struct ActivationParameters {
  bool slope = false;
  bool offset = false;
  bool alpha = false;
  bool beta = false;
  bool minimum = false;
  bool maximum = false;
  bool gelu_form = false;
  bool kink_slope = false;
};
[[nodiscard]] ActivationParameters ParametersOf(ActivationKind kind);

// "leaky_relu", "LEAKY_RELU" without its proto prefix in lower case; the formula "max(0, x)".
[[nodiscard]] absl::string_view Name(ActivationKind kind);
[[nodiscard]] absl::string_view ActivationFormula(ActivationKind kind);
[[nodiscard]] absl::string_view Name(GeluForm value);
[[nodiscard]] absl::string_view Name(KinkSlope value);

// The activation with every parameter set. Violations name `field` + ".slope" and so on: a parameter that the kind does
// not take, one that is not finite, a beta or celu's alpha that is not above 0, a minimum that is not below the
// maximum, kSaturated for a function that saturates nowhere.
[[nodiscard]] std::optional<Activation> ResolveActivation(const ActivationOptions& options, Profile profile,
                                                          absl::string_view field, Violations& violations);

// kInvalidArgument unless the kind is elementwise: `what` takes no other.
[[nodiscard]] absl::Status CheckElementwise(absl::string_view what, const Activation& activation);

// f(x) for every element.
//
// Shapes:   x any, the result x's.
// Dtype:    float32 or float64. float32 is computed in float64 and rounded once.
// Edges:    NaN gives NaN; the infinities give the function's limits.
// Accuracy: float32: within 0.51 ULP. float64: within 2 ULP. Subnormal results too. docs/ops/activations.md has the
//           worst that was seen of each function. Tested in tests/compute/activation_accuracy_test.cc.
// Errors:   kUnimplemented - another dtype. kInvalidArgument - the kind is not elementwise.
//           kResourceExhausted - memory. kCancelled - the flag was set.
// Threads:  no shared state.
[[nodiscard]] absl::StatusOr<Tensor> Activate(const Activation& activation, const TensorView& x,
                                              const ExecutionContext& context);

// dy * f'(x) for every element; x is what went into f.
//
// Shapes:   x any, dy and the result x's.
// Dtype:    as Activate, dy of x's.
// Edges:    at a kink, activation.kink_slope; the hard sigmoid's are at -offset/slope and (1-offset)/slope, rounded to
//           float64. NaN gives NaN, but for identity, whose derivative is 1 everywhere. Where f'(x) = 0 the result is
//           dy * 0, so NaN for an infinite dy.
// Accuracy: f' is within 0.51 ULP in float32 and 2 ULP in float64, the product with dy one rounding more; but next to
//           the zeros of f' of silu, gelu and mish (where |f'(x)| < 1/8 and -2 < x) float64 has |error| <= 2^-56.
//           Tested in tests/compute/activation_accuracy_test.cc.
// Errors:   as Activate, and kInvalidArgument - shapes or types differ.
[[nodiscard]] absl::StatusOr<Tensor> ActivateBackward(const Activation& activation, const TensorView& x,
                                                      const TensorView& dy, const ExecutionContext& context);

// What either costs.
[[nodiscard]] Cost ActivationCost(const Shape& shape, DataType type);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_ACTIVATION_H_
