#include "analysis/src/axis_length.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace tensord::analysis {
namespace {

using compute::LengthRule;
using compute::PaddingMode;

std::string NameOf(absl::string_view prefix, const AxisSizes& axis, absl::string_view suffix = "") {
  return absl::StrCat(prefix, std::string(1, absl::ascii_tolower(static_cast<unsigned char>(axis.letter))), suffix);
}

bool IsSame(PaddingMode mode) { return mode == PaddingMode::kSameUpper || mode == PaddingMode::kSameLower; }

bool IsOne(const Expression& expression) { return expression.constant() == Integer(1); }

Derivation Stride(const AxisSizes& axis) { return Derivation::Named(NameOf("s", axis), axis.stride); }

Derivation Dilation(const AxisSizes& axis) { return Derivation::Named(NameOf("d", axis), axis.dilation); }

// dh*(Kh - 1) + 1, or Kh without dilation.
Derivation Extent(const AxisSizes& axis) {
  const Derivation window = WindowLength(axis);
  return axis.dilation == 1 ? window : Dilation(axis) * (window - Derivation(1)) + Derivation(1);
}

Derivation PlusPadding(const Derivation& sum, const AxisSizes& axis, absl::string_view suffix, int64_t padding) {
  return padding == 0 ? sum : sum + Derivation::Named(NameOf("p", axis, suffix), padding);
}

// H + ph_begin.
Derivation PaddedBefore(PaddingMode mode, const AxisSizes& axis) {
  const Derivation input = InputLength(axis);
  if (mode != PaddingMode::kFull && mode != PaddingMode::kCausal)
    return PlusPadding(input, axis, "_begin", axis.pad_begin);
  return input + (Extent(axis) - Derivation(1));
}

// H + ph_begin + ph_end - w: the steps from the first place of a window to the last.
Derivation Room(PaddingMode mode, const AxisSizes& axis) {
  const Derivation extent = Extent(axis);
  if (mode == PaddingMode::kFull || mode == PaddingMode::kCausal) {
    const Derivation steps = WindowLength(axis) - Derivation(1);
    const Derivation padding = axis.dilation == 1 ? steps : Dilation(axis) * steps;
    return InputLength(axis) + (mode == PaddingMode::kFull ? Derivation(2) * padding : padding) - extent;
  }
  return PlusPadding(PaddedBefore(mode, axis), axis, "_end", axis.pad_end) - extent;
}

Derivation CeilLength(PaddingMode mode, const AxisSizes& axis) {
  const Derivation room = Room(mode, axis);
  const Derivation last = IsOne(axis.stride) ? room : Ceil(room, Stride(axis));
  Derivation length = last + Derivation(1);
  // The last window starts at most at room + s - 1 of the padded input; with w >= ph_end + s that is inside H +
  // ph_begin.
  const Expression extent = WindowExtent(axis);
  const Expression pad_end = mode == PaddingMode::kFull ? extent - 1 : Expression(axis.pad_end);
  const std::optional<Integer> spare = (extent - pad_end - axis.stride).LowerBound();
  if (spare.has_value() && !spare->negative()) return length;
  const Derivation start = IsOne(axis.stride) ? last : Stride(axis) * last;
  return length - AtLeast(start, PaddedBefore(mode, axis));
}

}  // namespace

Derivation InputLength(const AxisSizes& axis) { return Derivation::Named(std::string(1, axis.letter), axis.input); }

Derivation WindowLength(const AxisSizes& axis) { return Derivation::Named(NameOf("K", axis), axis.window); }

Derivation OutputName(const AxisSizes& axis, const Expression& length) {
  return Derivation::Named(absl::StrCat(std::string(1, axis.letter), "o"), length);
}

Expression WindowExtent(const AxisSizes& axis) { return Expression(axis.dilation) * (axis.window - 1) + 1; }

Derivation OutputLength(LengthRule rule, PaddingMode mode, const AxisSizes& axis) {
  const bool unit_stride = IsOne(axis.stride);
  if (IsSame(mode)) return unit_stride ? InputLength(axis) : Ceil(InputLength(axis), Stride(axis));
  switch (rule) {
    case LengthRule::kFloor: {
      const Derivation room = Room(mode, axis);
      return (unit_stride ? room : Floor(room, Stride(axis))) + Derivation(1);
    }
    case LengthRule::kCeil:
      return CeilLength(mode, axis);
    case LengthRule::kStartInside:
      if (unit_stride) return PaddedBefore(mode, axis);
      return Floor(PlusPadding(InputLength(axis) - Derivation(1), axis, "_begin", axis.pad_begin), Stride(axis)) +
             Derivation(1);
  }
  __builtin_unreachable();
}

Derivation TransposedLength(PaddingMode mode, const AxisSizes& axis, int64_t output_padding) {
  const Derivation input = InputLength(axis);
  const bool unit_stride = IsOne(axis.stride);
  if (IsSame(mode)) return unit_stride ? input : input * Stride(axis);
  const Derivation steps = input - Derivation(1);
  Derivation length = (unit_stride ? steps : Stride(axis) * steps) + Extent(axis);
  if (output_padding != 0) length = length + Derivation::Named(NameOf("op", axis), output_padding);
  if (axis.pad_begin != 0) length = length - Derivation::Named(NameOf("p", axis, "_begin"), axis.pad_begin);
  if (axis.pad_end != 0) length = length - Derivation::Named(NameOf("p", axis, "_end"), axis.pad_end);
  return length;
}

std::optional<Expression> RoomForOneWindow(LengthRule rule, PaddingMode mode, const AxisSizes& axis) {
  if (IsSame(mode) || rule == LengthRule::kStartInside) return std::nullopt;
  // Rounded up, a window that begins less than a stride too late still counts.
  const Expression slack = rule == LengthRule::kCeil ? axis.stride - 1 : Expression(0);
  const Expression room = Room(mode, axis).value() + slack;
  const std::optional<Integer> bound = room.LowerBound();
  if (bound.has_value() && !bound->negative()) return std::nullopt;
  return room;
}

}  // namespace tensord::analysis
