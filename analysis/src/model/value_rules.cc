#include "analysis/src/model/value_rules.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace tensord::analysis::model {
namespace {

using MaybeWhole = std::optional<Expression>;

// The value as a whole one, where it is.
MaybeWhole WholeOf(const Value& value) {
  if (const auto* whole = std::get_if<Expression>(&value)) return *whole;
  const double real = std::get<double>(value);
  constexpr double kMaxExact = 9007199254740992.0;  // 2^53
  if (!(std::abs(real) <= kMaxExact) || std::trunc(real) != real) return std::nullopt;
  return Expression(static_cast<int64_t>(real));
}

// Both as reals where both are, else both as whole ones where they can be.
std::optional<Value> Combine(const Value& a, const Value& b, double (*real)(double, double),
                             MaybeWhole (*whole)(const Expression&, const Expression&)) {
  const auto* const x = std::get_if<double>(&a);
  const auto* const y = std::get_if<double>(&b);
  if (x != nullptr && y != nullptr) return real(*x, *y);
  const MaybeWhole m = WholeOf(a);
  const MaybeWhole n = WholeOf(b);
  if (!m.has_value() || !n.has_value()) return std::nullopt;
  return whole(*m, *n);
}

// Combine over all operands, from the first. A text that is too long already is not made longer.
std::optional<Value> CombineAll(absl::Span<const Value> operands, double (*real)(double, double),
                                MaybeWhole (*whole)(const Expression&, const Expression&)) {
  if (operands.empty()) return std::nullopt;
  std::optional<Value> result = operands[0];
  for (const Value& operand : operands.subspan(1)) {
    result = Combine(*result, operand, real, whole);
    if (!result.has_value() || !CastValue(*result, ElementType::kUnknown).has_value()) return std::nullopt;
  }
  return result;
}

// Whether `more` is evidently larger than `less` by that at least, whatever the symbols are.
bool IsAbove(const Expression& more, const Expression& less, int64_t by) {
  const std::optional<Integer> least = (more - less).LowerBound();
  return least.has_value() && *least >= Integer(by);
}

// a < b for all symbols' values: 1; for none: 0.
MaybeWhole LessWhole(const Expression& a, const Expression& b) {
  if (IsAbove(b, a, 1)) return Expression(1);
  if (IsAbove(a, b, 0)) return Expression(0);
  return std::nullopt;
}

MaybeWhole EqualWhole(const Expression& a, const Expression& b) {
  if (a == b) return Expression(1);
  if (IsAbove(b, a, 1) || IsAbove(a, b, 1)) return Expression(0);
  return std::nullopt;
}

MaybeWhole SmallerWhole(const Expression& a, const Expression& b) {
  if (IsAbove(b, a, 0)) return a;
  if (IsAbove(a, b, 0)) return b;
  return std::nullopt;
}

MaybeWhole LargerWhole(const Expression& a, const Expression& b) {
  if (IsAbove(b, a, 0)) return b;
  if (IsAbove(a, b, 0)) return a;
  return std::nullopt;
}

// The quotient of numbers, towards zero.
MaybeWhole TruncatedQuotient(const Integer& a, const Integer& b) {
  if (b.zero()) return std::nullopt;
  const Integer quotient = FloorDivide(Integer::FromMagnitude(a.magnitude()), Integer::FromMagnitude(b.magnitude()));
  return Expression(a.negative() == b.negative() ? quotient : -quotient);
}

// A quotient without a remainder.
MaybeWhole ExactQuotient(const Expression& a, const Expression& b) {
  const std::optional<Integer> least = b.LowerBound();
  if (!least.has_value() || *least < Integer(1)) return std::nullopt;
  Expression quotient = Floor(a, b);
  if (quotient * b == a) return quotient;
  return std::nullopt;
}

MaybeWhole QuotientWhole(const Expression& a, const Expression& b) {
  const std::optional<Integer> dividend = a.constant();
  const std::optional<Integer> divisor = b.constant();
  if (dividend.has_value() && divisor.has_value()) return TruncatedQuotient(*dividend, *divisor);
  if (MaybeWhole exact = ExactQuotient(a, b); exact.has_value()) return exact;
  // Below 0 truncation is not the floor.
  if (!IsAbove(a, 0, 0) || !IsAbove(b, 0, 1)) return std::nullopt;
  return Floor(a, b);
}

// a - b*floor(a/b).
MaybeWhole RemainderWhole(const Expression& a, const Expression& b) {
  const std::optional<Integer> divisor = b.constant();
  if (divisor.has_value() && divisor->negative()) {
    const MaybeWhole mirrored = RemainderWhole(Expression() - a, Expression() - b);
    return mirrored.has_value() ? MaybeWhole(Expression() - *mirrored) : std::nullopt;
  }
  if (!IsAbove(b, 0, 1)) return std::nullopt;
  return a - b * Floor(a, b);
}

// a - b*trunc(a/b).
MaybeWhole RemainderWholeOfC(const Expression& a, const Expression& b) {
  const MaybeWhole quotient = QuotientWhole(a, b);
  return quotient.has_value() ? MaybeWhole(a - b * *quotient) : std::nullopt;
}

// Whether it is not 0, where that is known.
std::optional<bool> TruthOf(const Value& value) {
  const std::optional<Value> truth = CastValue(value, ElementType::kBool);
  if (!truth.has_value()) return std::nullopt;
  return std::get<Expression>(*truth) == Expression(1);
}

template <typename Rule>
std::optional<Value> CombineTruths(absl::Span<const Value> operands, Rule rule) {
  const std::optional<bool> a = TruthOf(operands[0]);
  const std::optional<bool> b = TruthOf(operands[1]);
  if (!a.has_value() || !b.has_value()) return std::nullopt;
  return Expression(rule(*a, *b) ? 1 : 0);
}

std::optional<Value> Swapped(absl::Span<const Value> operands, ValueRule rule, ElementType type) {
  const std::vector<Value> swapped = {operands[1], operands[0]};
  return rule(swapped, type);
}

// A real comparison's result as a whole one.
std::optional<Value> Truth(std::optional<Value> value) {
  return value.has_value() ? CastValue(*value, ElementType::kBool) : std::nullopt;
}

}  // namespace

std::optional<Value> SumOf(absl::Span<const Value> operands, ElementType /*type*/) {
  if (operands.empty()) return Expression(0);
  return CombineAll(
      operands, [](double a, double b) { return a + b; },
      [](const Expression& a, const Expression& b) { return MaybeWhole(a + b); });
}

std::optional<Value> ProductOf(absl::Span<const Value> operands, ElementType /*type*/) {
  if (operands.empty()) return Expression(1);
  return CombineAll(
      operands, [](double a, double b) { return a * b; },
      [](const Expression& a, const Expression& b) { return MaybeWhole(a * b); });
}

std::optional<Value> SmallestOf(absl::Span<const Value> operands, ElementType /*type*/) {
  return CombineAll(
      operands, [](double a, double b) { return std::min(a, b); }, &SmallerWhole);
}

std::optional<Value> LargestOf(absl::Span<const Value> operands, ElementType /*type*/) {
  return CombineAll(
      operands, [](double a, double b) { return std::max(a, b); }, &LargerWhole);
}

std::optional<Value> DifferenceOf(absl::Span<const Value> operands, ElementType /*type*/) {
  return Combine(
      operands[0], operands[1], [](double a, double b) { return a - b; },
      [](const Expression& a, const Expression& b) { return MaybeWhole(a - b); });
}

std::optional<Value> QuotientOf(absl::Span<const Value> operands, ElementType type) {
  return Combine(
      operands[0], operands[1], [](double a, double b) { return a / b; },
      IsReal(type) ? &ExactQuotient : &QuotientWhole);
}

std::optional<Value> RemainderOf(absl::Span<const Value> operands, ElementType /*type*/) {
  return Combine(
      operands[0], operands[1], [](double a, double b) { return a - b * std::floor(a / b); }, &RemainderWhole);
}

std::optional<Value> RemainderOfC(absl::Span<const Value> operands, ElementType /*type*/) {
  return Combine(
      operands[0], operands[1], [](double a, double b) { return std::fmod(a, b); }, &RemainderWholeOfC);
}

std::optional<Value> AreEqual(absl::Span<const Value> operands, ElementType /*type*/) {
  return Truth(Combine(
      operands[0], operands[1], [](double a, double b) { return a == b ? 1.0 : 0.0; }, &EqualWhole));
}

std::optional<Value> IsLess(absl::Span<const Value> operands, ElementType /*type*/) {
  return Truth(Combine(
      operands[0], operands[1], [](double a, double b) { return a < b ? 1.0 : 0.0; }, &LessWhole));
}

std::optional<Value> IsLessOrEqual(absl::Span<const Value> operands, ElementType /*type*/) {
  return Truth(Combine(
      operands[0], operands[1], [](double a, double b) { return a <= b ? 1.0 : 0.0; },
      [](const Expression& a, const Expression& b) { return LessWhole(a, b + 1); }));
}

std::optional<Value> IsGreater(absl::Span<const Value> operands, ElementType type) {
  return Swapped(operands, &IsLess, type);
}

std::optional<Value> IsGreaterOrEqual(absl::Span<const Value> operands, ElementType type) {
  return Swapped(operands, &IsLessOrEqual, type);
}

std::optional<Value> BothOf(absl::Span<const Value> operands, ElementType /*type*/) {
  return CombineTruths(operands, [](bool a, bool b) { return a && b; });
}

std::optional<Value> EitherOf(absl::Span<const Value> operands, ElementType /*type*/) {
  return CombineTruths(operands, [](bool a, bool b) { return a || b; });
}

std::optional<Value> OneOf(absl::Span<const Value> operands, ElementType /*type*/) {
  return CombineTruths(operands, [](bool a, bool b) { return a != b; });
}

std::optional<Value> SameAs(absl::Span<const Value> operands, ElementType /*type*/) { return operands[0]; }

std::optional<Value> NegativeOf(absl::Span<const Value> operands, ElementType /*type*/) {
  if (const auto* real = std::get_if<double>(&operands[0])) return -*real;
  return Expression() - std::get<Expression>(operands[0]);
}

std::optional<Value> AbsoluteOf(absl::Span<const Value> operands, ElementType /*type*/) {
  if (const auto* real = std::get_if<double>(&operands[0])) return std::abs(*real);
  const auto& whole = std::get<Expression>(operands[0]);
  return LargerWhole(whole, Expression() - whole);
}

std::optional<Value> FloorOf(absl::Span<const Value> operands, ElementType /*type*/) {
  if (const auto* real = std::get_if<double>(&operands[0])) return std::floor(*real);
  return operands[0];
}

std::optional<Value> CeilingOf(absl::Span<const Value> operands, ElementType /*type*/) {
  if (const auto* real = std::get_if<double>(&operands[0])) return std::ceil(*real);
  return operands[0];
}

std::optional<Value> RoundedOf(absl::Span<const Value> operands, ElementType /*type*/) {
  // Halves to even, as ONNX has it and as rint does in the mode that nothing here changes.
  if (const auto* real = std::get_if<double>(&operands[0])) return std::rint(*real);
  return operands[0];
}

std::optional<Value> NotOf(absl::Span<const Value> operands, ElementType /*type*/) {
  const std::optional<bool> truth = TruthOf(operands[0]);
  if (!truth.has_value()) return std::nullopt;
  return Expression(*truth ? 0 : 1);
}

std::optional<Value> ChosenOf(absl::Span<const Value> operands, ElementType /*type*/) {
  if (operands[1] == operands[2]) return operands[1];
  const std::optional<bool> condition = TruthOf(operands[0]);
  if (!condition.has_value()) return std::nullopt;
  return operands[*condition ? 1 : 2];
}

}  // namespace tensord::analysis::model
