#include "tensord/compute/window.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
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
    case PaddingMode::kFull: {
      const int64_t full = window_unknown ? kUnknownSize : axis.extent() - 1;
      return {full, full};
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

// Compares padding that was given beside a mode with what the mode comes to.
void CheckAgainstMode(const std::vector<int64_t>& given, PaddingMode mode, bool begin, absl::string_view field,
                      const std::vector<AxisWindow>& axes, const SizeRules& rules, Violations& violations) {
  if (given.empty()) return;
  const auto spread = SpreadList(given, static_cast<int>(axes.size()), std::nullopt, 0, field, rules, violations);
  if (!spread.has_value()) return;
  for (size_t i = 0; i < axes.size(); ++i) {
    const int64_t expected = begin ? axes[i].pad_begin : axes[i].pad_end;
    if (IsUnknown(expected) || (*spread)[i] == expected) continue;
    violations.Add(given.size() == 1 ? std::string(field) : Indexed(field, i),
                   absl::StrCat("was ", (*spread)[i], ", has to be ", expected, ", which is what mode ", Name(mode),
                                " comes to here; leave it out, or use mode EXPLICIT"));
  }
}

// Sets pad_begin and pad_end. False where a violation was added.
bool SetPadding(const Padding& padding, PaddingMode mode, absl::string_view field, const SizeRules& rules,
                std::vector<AxisWindow>& axes, Violations& violations) {
  const size_t before = violations.total();
  const std::string begin_field = absl::StrCat(field, ".begin");
  const std::string end_field = absl::StrCat(field, ".end");
  const int count = static_cast<int>(axes.size());
  if (mode == PaddingMode::kExplicit) {
    const auto begin = SpreadList(padding.begin, count, std::nullopt, 0, begin_field, rules, violations);
    const auto end =
        padding.end.empty() ? begin : SpreadList(padding.end, count, std::nullopt, 0, end_field, rules, violations);
    if (!begin.has_value() || !end.has_value()) return false;
    for (size_t i = 0; i < axes.size(); ++i) {
      axes[i].pad_begin = (*begin)[i];
      axes[i].pad_end = (*end)[i];
    }
    return true;
  }
  for (AxisWindow& axis : axes) {
    const AxisPadding amount = PaddingOf(mode, axis);
    axis.pad_begin = amount.begin;
    axis.pad_end = amount.end;
  }
  CheckAgainstMode(padding.begin, mode, true, begin_field, axes, rules, violations);
  CheckAgainstMode(padding.end, mode, false, end_field, axes, rules, violations);
  return violations.total() == before;
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
                                                   Violations& violations) {
  const size_t before = violations.total();
  for (size_t i = 0; i < axes.size(); ++i) {
    if (IsUnknown(axes[i].window) || IsUnknown(axes[i].dilation) || Narrow(Extent(axes[i])).has_value()) continue;
    violations.Add(window_fields[i], absl::StrCat("was ", axes[i].window, ", which with dilation ", axes[i].dilation,
                                                  " is longer than 2^63 - 1"));
  }
  if (violations.total() != before) return std::nullopt;

  const bool lists_given = !padding.begin.empty() || !padding.end.empty();
  const PaddingMode mode = padding.mode.value_or(lists_given ? PaddingMode::kExplicit : PaddingMode::kValid);
  if (!SetPadding(padding, mode, padding_field, rules, axes, violations)) return std::nullopt;

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
