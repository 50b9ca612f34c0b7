// Which axis a softmax works along, and how the slopes of a prelu lie over its input.
#ifndef TENSORD_COMPUTE_ACTIVATION_AXES_H_
#define TENSORD_COMPUTE_ACTIVATION_AXES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "tensord/compute/conventions.h"
#include "tensord/compute/shape.h"
#include "tensord/compute/violations.h"

namespace tensord::compute {

// The letters of an input's axes: `given`, or those of the default layout of that rank, 1 to 5 (channels first or last
// as the profile has it): W, HW, HWC or CHW, NHWC or NCHW, NDHWC or NCDHW. Empty for other ranks.
[[nodiscard]] std::string AxisLetters(const std::optional<std::string>& given, int rank, Profile profile);

// An axis as given: by its letter, by its index (from the end where negative), by both if they agree, or not at all.
struct AxisOptions {
  std::optional<std::string> letter = {};
  std::optional<int64_t> index = {};
};

// The axis, 0..rank-1. Not given: the profile's default. Violations name `field` + ".axis" or ".axis_index".
[[nodiscard]] std::optional<int> ResolveAxis(const AxisOptions& options, int rank, absl::string_view letters,
                                             Profile profile, absl::string_view field, Violations& violations);

// How the slopes lie, as given.
struct SlopeOptions {
  std::optional<SlopeMatch> match = {};
  std::optional<std::string> axes = {};  // the slopes' own letters
};

// Resolved: the slope of the input's element (i0, i1, ...) is number i0 * strides[0] + i1 * strides[1] + ...
struct SlopeBroadcast {
  SlopeMatch match = SlopeMatch::kTrailing;
  absl::InlinedVector<int64_t, 5> strides;
};

// Not given: kAxes where the slopes have letters, else the profile's default. `letters` are the input's (AxisLetters).
// The shapes' sizes have been checked to be in range. Violations name `match_field` or `slope_field` + ".shape" or
// ".axes": sizes that are neither 1 nor the input's, letters that the input does not have, a rank that does not fit.
[[nodiscard]] std::optional<SlopeBroadcast> ResolveSlopes(const SlopeOptions& options, const Shape& slopes,
                                                          const Shape& input, absl::string_view letters,
                                                          Profile profile, absl::string_view match_field,
                                                          absl::string_view slope_field, Violations& violations);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_ACTIVATION_AXES_H_
