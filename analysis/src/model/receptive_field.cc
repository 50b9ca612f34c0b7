#include "analysis/src/model/receptive_field.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>

namespace tensord::analysis::model {
namespace {

// Numbers are below 2^60, so sums of two products of two of them fit.
__extension__ typedef __int128 Int128;

Int128 Divisor(Int128 a, Int128 b) {
  while (b != 0) {
    const Int128 rest = a % b;
    a = b;
    b = rest;
  }
  return a < 0 ? -a : a;
}

// floor(a/b) and ceil(a/b) for b > 0.
Int128 FloorOf(Int128 a, Int128 b) { return a / b - (a % b < 0 ? 1 : 0); }
Int128 CeilOf(Int128 a, Int128 b) { return -FloorOf(-a, b); }

AxisRead Reduced(int output_axis, Int128 stride, Int128 offset, Int128 span, Int128 denominator) {
  const Int128 divisor = Divisor(Divisor(stride, offset), Divisor(span, denominator));
  for (Int128* number : {&stride, &offset, &span, &denominator}) {
    *number /= divisor;
    if (*number >= AxisRead::kBound || *number <= -AxisRead::kBound) return {};
  }
  return {.output_axis = output_axis,
          .stride = static_cast<int64_t>(stride),
          .offset = static_cast<int64_t>(offset),
          .span = static_cast<int64_t>(span),
          .denominator = static_cast<int64_t>(denominator)};
}

bool IsSame(const AxisReads& reads) {
  for (size_t i = 0; i < reads.size(); ++i) {
    if (reads[i] != AxisRead{.output_axis = static_cast<int>(i)}) return false;
  }
  return true;
}

InputReads Through(const AxisReads& outer, const InputReads& inner, Following& following) {
  InputReads result{.input = inner.input, .axes = AxisReads(inner.axes.size())};
  for (size_t i = 0; i < inner.axes.size(); ++i) {
    const AxisRead& read = inner.axes[i];
    if (read.is_whole() || static_cast<size_t>(read.output_axis) >= outer.size()) continue;
    const AxisRead& next = outer[static_cast<size_t>(read.output_axis)];
    if (next.is_window) following.spatial[inner.input] |= static_cast<uint8_t>(1U << i);
    result.axes[i] = model::Through(next, read);
  }
  return result;
}

// Adds one input's fields; false where there are too many.
bool Unite(Fields& fields, InputReads more) {
  const auto place = std::lower_bound(fields.begin(), fields.end(), more.input,
                                      [](const InputReads& reads, size_t input) { return reads.input < input; });
  if (place == fields.end() || place->input != more.input) {
    fields.insert(place, std::move(more));
    return fields.size() <= kMaxReceptiveInputs;
  }
  for (size_t i = 0; i < more.axes.size(); ++i) place->axes[i] = United(place->axes[i], more.axes[i]);
  return true;
}

// How many elements the position reads that reads most. Position o begins at n/d with n = stride*o + offset, which is
// any number that is offset modulo g = gcd(stride, d). With r = n modulo d it reads floor(span/d) + 1 elements where r
// is 0, and floor((r + span)/d), which is no more than that, where it is not; then the most for the greatest r.
int64_t SizeOf(const AxisRead& read) {
  const int64_t d = read.denominator;
  const int64_t g = std::gcd(read.stride, d);
  const int64_t rest = (read.offset % g + g) % g;
  return rest == 0 ? read.span / d + 1 : std::max<int64_t>((d - g + rest + read.span) / d, 1);
}

Fraction FractionOf(int64_t numerator, int64_t denominator) {
  const int64_t divisor = std::gcd(numerator, denominator);
  return {.numerator = numerator / divisor, .denominator = denominator / divisor};
}

// Clamped to 0..positions.
int64_t CountOf(Int128 count, int64_t positions) {
  return static_cast<int64_t>(std::clamp<Int128>(count, 0, positions));
}

}  // namespace

AxisRead Through(const AxisRead& outer, const AxisRead& inner) {
  if (outer.is_whole() || inner.is_whole()) return {};
  const Int128 a = inner.stride;
  const Int128 d = outer.denominator;
  return Reduced(outer.output_axis, a * outer.stride, a * outer.offset + inner.offset * d,
                 a * outer.span + inner.span * d, inner.denominator * d);
}

AxisRead United(const AxisRead& a, const AxisRead& b) {
  if (a == b) return a;
  if (a.is_whole() || b.is_whole() || a.output_axis != b.output_axis) return {};
  const Int128 divisor = Divisor(a.denominator, b.denominator);
  const Int128 to_a = b.denominator / divisor;
  const Int128 to_b = a.denominator / divisor;
  if (a.stride * to_a != b.stride * to_b) return {};
  const Int128 begin = std::min(a.offset * to_a, b.offset * to_b);
  const Int128 end = std::max((a.offset + a.span) * to_a, (b.offset + b.span) * to_b);
  return Reduced(a.output_axis, a.stride * to_a, begin, end - begin, a.denominator * to_a);
}

FieldsPointer FieldsOfInput(size_t input, size_t rank) {
  InputReads reads{.input = input, .axes = AxisReads(rank)};
  for (size_t i = 0; i < rank; ++i) reads.axes[i].output_axis = static_cast<int>(i);
  return std::make_shared<const Fields>(Fields{std::move(reads)});
}

FieldsPointer FieldsOfOutput(const NodeView& node, size_t output, Following& following) {
  const std::vector<InputReads>& told = node.reads()[output];
  std::vector<bool> is_told(node.input_count(), false);
  Fields fields;
  FieldsPointer only;  // the fields of the one input that there is so far, where they stay what they are
  for (const InputReads& reads : told) {
    const TensorFacts& input = node.input(reads.input);
    is_told[reads.input] = true;
    if (input.role != Role::kData) continue;
    if (input.fields == nullptr) return nullptr;
    const bool is_same = IsSame(reads.axes);
    if (is_same && fields.empty() && (only == nullptr || only == input.fields)) {
      only = input.fields;
      continue;
    }
    if (only != nullptr) fields = *std::exchange(only, nullptr);
    for (const InputReads& inner : *input.fields) {
      if (!Unite(fields, is_same ? inner : Through(reads.axes, inner, following))) return nullptr;
    }
  }
  for (size_t i = 0; i < node.input_count(); ++i) {
    if (node.Has(i) && node.input(i).role == Role::kData && !is_told[i]) return nullptr;
  }
  if (only != nullptr) return only;
  for (const InputReads& reads : fields) following.axes += reads.axes.size();
  if (fields.empty() || following.axes > Following::kMaxAxes) return nullptr;
  return std::make_shared<const Fields>(std::move(fields));
}

ReceptiveAxis PublishedAxis(size_t axis, const AxisRead& read, const Expression& length,
                            const std::vector<Count>& output) {
  ReceptiveAxis result;
  result.axis = axis;
  if (read.is_whole() || static_cast<size_t>(read.output_axis) >= output.size()) {
    result.is_whole = true;
    result.size = Count(length);
    return result;
  }
  result.output_axis = static_cast<size_t>(read.output_axis);
  result.size = Count(Expression(SizeOf(read)));
  result.stride = FractionOf(read.stride, read.denominator);
  result.offset = FractionOf(read.offset, read.denominator);
  const std::optional<int64_t> positions = output[result.output_axis].value();
  if (!positions.has_value()) return result;
  // The last o with ceil((stride*o + offset)/d) < 0, and the first one with floor((stride*o + offset + span)/d) at or
  // behind the end.
  const Int128 d = read.denominator;
  const Int128 last = FloorOf(-d - read.offset, read.stride);
  result.begin_border = CountOf(last + 1, *positions);
  const std::optional<Integer> elements = length.constant();
  const std::optional<int64_t> end = elements.has_value() ? elements->ToInt64() : std::nullopt;
  if (!end.has_value()) return result;
  const Int128 first = CeilOf(*end * d - read.offset - read.span, read.stride);
  result.end_border = CountOf(*positions - first, *positions);
  return result;
}

}  // namespace tensord::analysis::model
