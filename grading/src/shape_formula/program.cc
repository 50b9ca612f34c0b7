#include "grading/src/shape_formula/program.h"

#include <algorithm>
#include <utility>

namespace tensord::grading::shapes {
namespace {

using Bound = std::optional<Int128>;

// The exact result, or none: an interval without a bound is always right.
Bound Sum(const Bound& a, const Bound& b) {
  Int128 sum = 0;
  return a.has_value() && b.has_value() && Add(*a, *b, &sum) ? Bound(sum) : std::nullopt;
}

Bound Difference(const Bound& a, const Bound& b) {
  Int128 difference = 0;
  return a.has_value() && b.has_value() && Subtract(*a, *b, &difference) ? Bound(difference) : std::nullopt;
}

Interval ProductInterval(const Interval& a, const Interval& b) {
  if (a.least.has_value() && b.least.has_value() && *a.least >= 0 && *b.least >= 0) {
    Interval product;
    Int128 value = 0;
    if (Multiply(*a.least, *b.least, &value)) product.least = value;
    if (a.most.has_value() && b.most.has_value() && Multiply(*a.most, *b.most, &value)) product.most = value;
    return product;
  }
  if (!a.least.has_value() || !a.most.has_value() || !b.least.has_value() || !b.most.has_value()) return {};
  Int128 corners[4];
  const bool fit = Multiply(*a.least, *b.least, &corners[0]) && Multiply(*a.least, *b.most, &corners[1]) &&
                   Multiply(*a.most, *b.least, &corners[2]) && Multiply(*a.most, *b.most, &corners[3]);
  if (!fit) return {};
  const auto [least, most] = std::minmax_element(corners, corners + 4);
  return {.least = *least, .most = *most};
}

Int128 Divisor(Int128 b) { return std::max<Int128>(b, 1); }

// a/b is between 0 and a, so a quotient's bounds are a's or 0 where b's do not help.
Interval QuotientInterval(const Interval& a, const Interval& b) {
  const Int128 divisor_least = Divisor(b.least.value_or(1));
  Interval quotient;
  if (a.least.has_value()) {
    quotient.least = *a.least < 0         ? FloorDivide(*a.least, divisor_least)
                     : b.most.has_value() ? FloorDivide(*a.least, Divisor(*b.most))
                                          : Int128{0};
  }
  if (a.most.has_value()) {
    quotient.most = *a.most >= 0         ? FloorDivide(*a.most, divisor_least)
                    : b.most.has_value() ? FloorDivide(*a.most, Divisor(*b.most))
                                         : Int128{-1};
  }
  return quotient;
}

Bound Lesser(const Bound& a, const Bound& b) {
  return a.has_value() && b.has_value() ? Bound(std::min(*a, *b)) : std::nullopt;
}
Bound Greater(const Bound& a, const Bound& b) {
  return a.has_value() && b.has_value() ? Bound(std::max(*a, *b)) : std::nullopt;
}
// As Lesser and Greater, where one bound alone is enough.
Bound LesserOfKnown(const Bound& a, const Bound& b) {
  return a.has_value() && b.has_value() ? Bound(std::min(*a, *b)) : a.has_value() ? a : b;
}
Bound GreaterOfKnown(const Bound& a, const Bound& b) {
  return a.has_value() && b.has_value() ? Bound(std::max(*a, *b)) : a.has_value() ? a : b;
}

bool Compute(const Instruction& instruction, Int128 a, Int128 b, Int128* result) {
  switch (instruction.op) {
    case Op::kAdd:
      return Add(a, b, result);
    case Op::kSubtract:
      return Subtract(a, b, result);
    case Op::kMultiply:
      return Multiply(a, b, result);
    case Op::kFloorDivide:
      *result = FloorDivide(a, Divisor(b));
      return true;
    case Op::kMin:
      *result = std::min(a, b);
      return true;
    case Op::kMax:
      *result = std::max(a, b);
      return true;
    case Op::kAtLeast:
      *result = a >= b ? 1 : 0;
      return true;
    case Op::kConstant:
    case Op::kVariable:
      break;
  }
  return false;
}

}  // namespace

std::optional<Int128> Program::constant(int place) const {
  const Instruction& instruction = instructions_[static_cast<size_t>(place)];
  return instruction.op == Op::kConstant ? Bound(instruction.constant) : std::nullopt;
}

int Program::Push(const Instruction& instruction, const Interval& interval) {
  const Key key(instruction.op, instruction.first, instruction.second, instruction.constant);
  const auto place = places_.find(key);
  if (place != places_.end()) return place->second;
  const bool leaf = instruction.op == Op::kConstant || instruction.op == Op::kVariable;
  if (!leaf) {
    if (instruction.first < 0 || instruction.second < 0) return -1;
    const std::optional<Int128> a = constant(instruction.first);
    const std::optional<Int128> b = constant(instruction.second);
    Int128 folded = 0;
    if (a.has_value() && b.has_value() && Compute(instruction, *a, *b, &folded)) return Constant(folded);
  }
  if (instructions_.size() == kMaxInstructions) return -1;
  instructions_.push_back(instruction);
  intervals_.push_back(interval);
  places_.emplace(key, static_cast<int>(instructions_.size()) - 1);
  return static_cast<int>(instructions_.size()) - 1;
}

int Program::Add(int a, int b) {
  if (a < 0 || b < 0) return -1;
  if (constant(a) == Int128{0}) return b;
  if (constant(b) == Int128{0}) return a;
  return Push({.op = Op::kAdd, .first = std::min(a, b), .second = std::max(a, b)},
              {.least = Sum(interval(a).least, interval(b).least), .most = Sum(interval(a).most, interval(b).most)});
}

int Program::Subtract(int a, int b) {
  if (a < 0 || b < 0) return -1;
  if (constant(b) == Int128{0}) return a;
  return Push({.op = Op::kSubtract, .first = a, .second = b},
              {.least = Difference(interval(a).least, interval(b).most),
               .most = Difference(interval(a).most, interval(b).least)});
}

int Program::Multiply(int a, int b) {
  if (a < 0 || b < 0) return -1;
  if (constant(a) == Int128{1}) return b;
  if (constant(b) == Int128{1}) return a;
  return Push({.op = Op::kMultiply, .first = std::min(a, b), .second = std::max(a, b)},
              ProductInterval(interval(a), interval(b)));
}

int Program::FloorDivide(int a, int b) {
  if (a < 0 || b < 0) return -1;
  if (constant(b) == Int128{1}) return a;
  return Push({.op = Op::kFloorDivide, .first = a, .second = b}, QuotientInterval(interval(a), interval(b)));
}

int Program::Min(int a, int b) {
  if (a < 0 || b < 0) return -1;
  return Push({.op = Op::kMin, .first = std::min(a, b), .second = std::max(a, b)},
              {.least = Lesser(interval(a).least, interval(b).least),
               .most = LesserOfKnown(interval(a).most, interval(b).most)});
}

int Program::Max(int a, int b) {
  if (a < 0 || b < 0) return -1;
  return Push({.op = Op::kMax, .first = std::min(a, b), .second = std::max(a, b)},
              {.least = GreaterOfKnown(interval(a).least, interval(b).least),
               .most = Greater(interval(a).most, interval(b).most)});
}

int Program::AtLeast(int a, int b) {
  if (a < 0 || b < 0) return -1;
  return Push({.op = Op::kAtLeast, .first = a, .second = b}, {.least = Int128{0}, .most = Int128{1}});
}

std::optional<std::vector<Int128>> Evaluate(absl::Span<const Instruction> instructions,
                                            const std::vector<int64_t>& variables) {
  std::vector<Int128> values;
  values.reserve(instructions.size());
  for (const Instruction& instruction : instructions) {
    Int128 value = 0;
    if (instruction.op == Op::kConstant) {
      value = instruction.constant;
    } else if (instruction.op == Op::kVariable) {
      value = variables[static_cast<size_t>(instruction.first)];
    } else if (!Compute(instruction, values[static_cast<size_t>(instruction.first)],
                        values[static_cast<size_t>(instruction.second)], &value)) {
      return std::nullopt;
    }
    values.push_back(value);
  }
  return values;
}

}  // namespace tensord::grading::shapes
