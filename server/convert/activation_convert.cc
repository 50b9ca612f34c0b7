#include "server/convert/activation_convert.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "server/convert/enum_convert.h"

namespace tensord::server {
namespace {

// A parameter that stands in the message but is no member of compute::Activation.
void RefuseGiven(bool given, absl::string_view name, compute::ActivationKind kind, absl::string_view field,
                 compute::Violations& violations) {
  if (!given) return;
  violations.Add(absl::StrCat(field, ".", name),
                 absl::StrCat("was given, but ", compute::Name(kind), " takes no such parameter"));
}

bool TakesAxis(compute::ActivationKind kind) {
  return kind == compute::ActivationKind::kSoftmax || kind == compute::ActivationKind::kLogSoftmax;
}

}  // namespace

std::optional<compute::Activation> DecodeAnyActivation(const v1::Activation& activation, compute::Profile profile,
                                                       absl::string_view field, compute::Violations& violations) {
  compute::ActivationOptions options;
  const auto kind = DecodeRequired(activation.kind(), absl::StrCat(field, ".kind"), violations);
  options.gelu_form = Decode(activation.gelu_form(), absl::StrCat(field, ".gelu_form"), violations);
  options.kink_slope = Decode(activation.kink_slope(), absl::StrCat(field, ".kink_slope"), violations);
  const auto slope_match = Decode(activation.slope_match(), absl::StrCat(field, ".slope_match"), violations);
  if (activation.has_slope()) options.slope = activation.slope();
  if (activation.has_offset()) options.offset = activation.offset();
  if (activation.has_alpha()) options.alpha = activation.alpha();
  if (activation.has_beta()) options.beta = activation.beta();
  if (activation.has_minimum()) options.minimum = activation.minimum();
  if (activation.has_maximum()) options.maximum = activation.maximum();
  if (!kind.has_value()) return std::nullopt;
  options.kind = *kind;
  if (*kind != compute::ActivationKind::kPrelu) {
    RefuseGiven(slope_match.has_value(), "slope_match", *kind, field, violations);
  }
  if (!TakesAxis(*kind)) {
    RefuseGiven(activation.has_axis(), "axis", *kind, field, violations);
    RefuseGiven(activation.has_axis_index(), "axis_index", *kind, field, violations);
  }
  return compute::ResolveActivation(options, profile, field, violations);
}

std::optional<compute::Activation> DecodeActivation(const v1::Activation& activation, compute::Profile profile,
                                                    absl::string_view field, compute::Violations& violations) {
  const auto decoded = DecodeAnyActivation(activation, profile, field, violations);
  if (!decoded.has_value() || compute::IsElementwise(decoded->kind)) return decoded;
  violations.Add(absl::StrCat(field, ".kind"),
                 absl::StrCat("was ", absl::AsciiStrToUpper(compute::Name(decoded->kind)),
                              ", has to be a function of one element: only Activate and ActivateBackward take it"));
  return std::nullopt;
}

v1::Activation EncodeActivation(const compute::Activation& activation) {
  const compute::ActivationParameters takes = compute::ParametersOf(activation.kind);
  v1::Activation message;
  message.set_kind(Encode(activation.kind));
  if (takes.slope) message.set_slope(activation.slope);
  if (takes.offset) message.set_offset(activation.offset);
  if (takes.alpha) message.set_alpha(activation.alpha);
  if (takes.beta) message.set_beta(activation.beta);
  if (takes.gelu_form) message.set_gelu_form(Encode(activation.gelu_form));
  if (takes.kink_slope) message.set_kink_slope(Encode(activation.kink_slope));
  if (takes.minimum) message.set_minimum(activation.minimum);
  if (takes.maximum) message.set_maximum(activation.maximum);
  return message;
}

}  // namespace tensord::server
