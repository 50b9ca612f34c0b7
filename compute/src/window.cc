#include "tensord/compute/window.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "compute/src/internal/padding.h"
#include "tensord/compute/checked_math.h"

namespace tensord::compute {
namespace {

// Lengths, padding and extents are each below 2^127 when taken from 63-bit sizes, so nothing here overflows.
using Wide = Int128;

Wide Extent(const AxisWindow& axis) { return Wide{axis.dilation} * (axis.window - 1) + 1; }

std::optional<int64_t> Narrow(Wide value) {
  if (value > std::numeric_limits<int64_t>::max() || value < std::numeric_limits<int64_t>::min()) return std::nullopt;
  return static_cast<int64_t>(value);
}

bool IsUnknown(int64_t size) { return size == kUnknownSize; }

// What `mode` comes to on one axis; kUnknownSize where that depends on a symbol.
AxisPadding PaddingOf(PaddingMode mode, const AxisWindow& axis) {
  const bool window_unknown = IsUnknown(axis.window);
  switch (mode) {
    case PaddingMode::kFull:
    case PaddingMode::kCausal: {
      const int64_t full = window_unknown ? kUnknownSize : axis.extent() - 1;
      return {full, mode == PaddingMode::kFull ? full : 0};
    }
    case PaddingMode::kSameUpper:
    case PaddingMode::kSameLower:
      if (window_unknown || IsUnknown(axis.input) || IsUnknown(axis.stride)) return {kUnknownSize, kUnknownSize};
      return SamePadding(axis, mode == PaddingMode::kSameUpper);
    case PaddingMode::kValid:
    case PaddingMode::kExplicit:
      break;
  }
  return {0, 0};
}

bool DependsOnSymbol(const AxisWindow& axis) {
  return IsUnknown(axis.input) || IsUnknown(axis.window) || IsUnknown(axis.stride) || IsUnknown(axis.pad_begin) ||
         IsUnknown(axis.pad_end);
}

// Sets axis.output, or adds a violation of `window_field`.
void SetOutput(LengthRule rule, bool same, const SizeRules& rules, absl::string_view window_field, AxisWindow& axis,
               Violations& violations) {
  if (DependsOnSymbol(axis)) {
    axis.output = kUnknownSize;
    return;
  }
  const std::optional<int64_t> count = same ? CeilDivide(axis.input, axis.stride) : WindowCount(rule, axis);
  if (!count.has_value() || *count > rules.max_size) {
    violations.Add(window_field, absl::StrCat("the output would be longer than ", rules.max_size,
                                              "; use less padding or a larger stride"));
  } else if (*count < 1) {
    const Wide padded = Wide{axis.input} + axis.pad_begin + axis.pad_end;
    const std::string dilated =
        axis.dilation == 1 ? "" : absl::StrCat(" (", axis.extent(), " with dilation ", axis.dilation, ")");
    violations.Add(window_field, absl::StrCat("was ", axis.window, dilated, ", has to be at most ",
                                              static_cast<int64_t>(padded), ", the length of the padded input"));
  } else {
    axis.output = *count;
  }
}

}  // namespace

std::optional<int64_t> WindowCount(LengthRule rule, const AxisWindow& axis) {
  const Wide input = axis.input;
  const Wide stride = axis.stride;
  if (rule == LengthRule::kStartInside) return Narrow(FloorDivide<Wide>(input - 1 + axis.pad_begin, stride) + 1);
  const Wide room = input + axis.pad_begin + axis.pad_end - Extent(axis);
  if (rule == LengthRule::kFloor) return Narrow(FloorDivide(room, stride) + 1);
  const Wide last = CeilDivide(room, stride);
  return Narrow(last * stride >= input + axis.pad_begin ? last : last + 1);
}

AxisPadding SamePadding(const AxisWindow& axis, bool upper) {
  const Wide output = CeilDivide(axis.input, axis.stride);
  const Wide total = std::max<Wide>((output - 1) * axis.stride + Extent(axis) - axis.input, 0);
  const auto less = static_cast<int64_t>(total / 2);
  const auto more = static_cast<int64_t>(total - total / 2);
  return upper ? AxisPadding{less, more} : AxisPadding{more, less};
}

std::optional<std::vector<int64_t>> SpreadList(const std::vector<int64_t>& list, int count,
                                               std::optional<int64_t> fallback, int64_t minimum,
                                               absl::string_view field, const SizeRules& rules,
                                               Violations& violations) {
  const auto size = static_cast<size_t>(count);
  if (list.empty() && fallback.has_value()) return std::vector<int64_t>(size, *fallback);
  bool good = list.size() == 1 || list.size() == size;
  if (!good) {
    const std::string had = list.empty() ? "was not given" : absl::StrCat("had ", list.size(), " entries");
    const std::string wanted = size == 1 ? "1 entry" : absl::StrCat("1 entry, or ", size, ": one per spatial axis");
    violations.Add(field, absl::StrCat(had, ", has to have ", wanted));
  }
  for (size_t i = 0; i < list.size(); ++i) {
    if (rules.allow_unknown && IsUnknown(list[i])) continue;
    if (list[i] >= minimum && list[i] <= rules.max_size) continue;
    violations.Add(Indexed(field, i), absl::StrCat("was ", list[i], ", has to be ", minimum, "..", rules.max_size));
    good = false;
  }
  if (!good) return std::nullopt;
  return list.size() == size ? list : std::vector<int64_t>(size, list[0]);
}

std::optional<PaddingMode> ResolvePaddingAndLength(const Padding& padding, LengthRule rule,
                                                   absl::string_view padding_field,
                                                   const std::vector<std::string>& window_fields,
                                                   const SizeRules& rules, std::vector<AxisWindow>& axes,
                                                   Violations& violations, PaddingUse use) {
  const size_t before = violations.total();
  CheckPaddingChoices(padding, use, static_cast<int>(axes.size()), padding_field, violations);
  for (size_t i = 0; i < axes.size(); ++i) {
    if (IsUnknown(axes[i].window) || IsUnknown(axes[i].dilation) || Narrow(Extent(axes[i])).has_value()) continue;
    violations.Add(window_fields[i], absl::StrCat("was ", axes[i].window, ", which with dilation ", axes[i].dilation,
                                                  " is longer than 2^63 - 1"));
  }
  if (violations.total() != before) return std::nullopt;

  const PaddingMode mode = internal::ModeOf(padding);
  if (!internal::SetPadding(padding, mode, padding_field, rules, axes, violations,
                            [&](size_t i) { return PaddingOf(mode, axes[i]); })) {
    return std::nullopt;
  }
  internal::CheckPaddingReads(padding, padding_field, axes, violations);

  const bool same = mode == PaddingMode::kSameUpper || mode == PaddingMode::kSameLower;
  for (size_t i = 0; i < axes.size(); ++i) {
    if (rule == LengthRule::kStartInside && !same && axes[i].pad_end > 0) {
      violations.Add(absl::StrCat(padding_field, ".end"),
                     absl::StrCat("was ", axes[i].pad_end,
                                  ", has to be 0: the length rule START_INSIDE cuts windows "
                                  "off at the end of the input; leave it out, or use FLOOR or CEIL"));
    }
    SetOutput(rule, same, rules, window_fields[i], axes[i], violations);
  }
  if (violations.total() != before) return std::nullopt;
  return mode;
}

}  // namespace tensord::compute
