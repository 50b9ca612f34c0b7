// The geometry of a window that slides along one axis: shared by convolution and pooling, computing and analysis.
#ifndef TENSORD_COMPUTE_WINDOW_H_
#define TENSORD_COMPUTE_WINDOW_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "tensord/compute/conventions.h"
#include "tensord/compute/shape.h"
#include "tensord/compute/violations.h"

namespace tensord::compute {

// One spatial axis. Output o reads the elements o*stride + k*dilation - pad_begin for k in 0..window-1.
// Sizes are kUnknownSize where they depend on a symbol (analysis only).
struct AxisWindow {
  int64_t input = 1;
  int64_t window = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t pad_begin = 0;
  int64_t pad_end = 0;
  int64_t output = 1;

  // dilation * (window - 1) + 1; it fits wherever the axis was resolved.
  [[nodiscard]] int64_t extent() const { return dilation * (window - 1) + 1; }
  bool operator==(const AxisWindow&) const = default;
};

// What sizes are allowed. Compute calls use the default; analysis allows more.
struct SizeRules {
  int64_t max_size = kMaxSize;
  bool allow_unknown = false;
};

// The number of windows along one axis, before it is checked to be at least 1 (it may be 0 or negative), or nothing
// where it does not fit. All of input, window, stride, dilation >= 1, padding >= 0. contract: `Lengths`.
//   kFloor:       floor((N + pb + pe - w) / s) + 1
//   kCeil:        ceil((N + pb + pe - w) / s) + 1, minus 1 where the last window would start at or past N + pb
//   kStartInside: floor((N - 1 + pb) / s) + 1
[[nodiscard]] std::optional<int64_t> WindowCount(LengthRule rule, const AxisWindow& axis);

// The least padding that gives ceil(N/s) windows; the odd cell comes after (`upper`) or before.
struct AxisPadding {
  int64_t begin;
  int64_t end;
};
[[nodiscard]] AxisPadding SamePadding(const AxisWindow& axis, bool upper);

// `list` spread over `count` axes: as it is, or its single entry repeated, or `fallback` for an empty one. Adds a
// violation of `field` where the number of entries is wrong or an entry is below `minimum` or above `max_size`.
// kUnknownSize passes where `rules` allow it. Nothing is returned where a violation was added.
[[nodiscard]] std::optional<std::vector<int64_t>> SpreadList(const std::vector<int64_t>& list, int count,
                                                             std::optional<int64_t> fallback, int64_t minimum,
                                                             absl::string_view field, const SizeRules& rules,
                                                             Violations& violations);

// What padding is for: it decides which modes and sources there are.
//   kConvolution:           all; CAUSAL with one spatial axis only.
//   kTransposedConvolution: neither FULL nor CAUSAL, and no source but kZero.
//   kPooling:               not CAUSAL, and no source: windows leave padding out.
enum class PaddingUse { kConvolution, kTransposedConvolution, kPooling };

// Adds a violation where the mode or the source is none of that use.
void CheckPaddingChoices(const Padding& padding, PaddingUse use, int spatial_rank, absl::string_view padding_field,
                         Violations& violations);

// Sets pad_begin, pad_end and output of every axis from the padding that was given; the other members are set already.
// Where the rule is kStartInside, padding at the end is a violation (but for the SAME modes, which give ceil(N/s)
// under every rule). A length below 1 is a violation that names the axis' window: window_fields[i]. So is padding that
// reads more of the input than there is: kReflect N - 1 cells on either side, kCircular N.
// Returns the mode in force, or nothing where a violation was added.
[[nodiscard]] std::optional<PaddingMode> ResolvePaddingAndLength(const Padding& padding, LengthRule rule,
                                                                 absl::string_view padding_field,
                                                                 const std::vector<std::string>& window_fields,
                                                                 const SizeRules& rules, std::vector<AxisWindow>& axes,
                                                                 Violations& violations,
                                                                 PaddingUse use = PaddingUse::kPooling);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_WINDOW_H_
