// Activations of the wire <-> activations of the engine, and the rpcs on them.
#ifndef TENSORD_SERVER_CONVERT_ACTIVATION_CONVERT_H_
#define TENSORD_SERVER_CONVERT_ACTIVATION_CONVERT_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/rpc/prepared_call.h"
#include "tensord/compute/activation.h"
#include "tensord/v1/activation.pb.h"

namespace tensord::server {

// The activation with every parameter resolved; what is wrong is added as FIELD.kind, FIELD.slope, ... Kinds that are
// no function of one element are refused: this is for activations within another operator.
[[nodiscard]] std::optional<compute::Activation> DecodeActivation(const v1::Activation& activation,
                                                                  compute::Profile profile, absl::string_view field,
                                                                  compute::Violations& violations);

// The same for every kind. The axis and the match of slopes are looked at only where the kind does not take them.
[[nodiscard]] std::optional<compute::Activation> DecodeAnyActivation(const v1::Activation& activation,
                                                                     compute::Profile profile, absl::string_view field,
                                                                     compute::Violations& violations);

// With every parameter that compute::Activation has and the kind takes.
[[nodiscard]] v1::Activation EncodeActivation(const compute::Activation& activation);

// What one element of an activation costs, in nanoseconds, for PreparedCall::estimated_ns.
inline constexpr double kActivationElementNs = 40;

[[nodiscard]] absl::StatusOr<PreparedCall<v1::ActivateResponse>> PrepareActivate(const v1::ActivateRequest& request,
                                                                                 const PrepareOptions& options);
[[nodiscard]] absl::StatusOr<PreparedCall<v1::ActivateBackwardResponse>> PrepareActivateBackward(
    const v1::ActivateBackwardRequest& request, const PrepareOptions& options);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_ACTIVATION_CONVERT_H_
