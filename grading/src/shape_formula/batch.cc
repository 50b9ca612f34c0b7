#include "grading/src/shape_formula/batch.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace tensord::grading::shapes {
namespace {

constexpr Int128 kWidest = Int128{1} << 62;
constexpr Int128 kNarrowest = std::numeric_limits<int32_t>::max();

template <typename Integer>
void Divide(const BatchComparer::Column& a, const BatchComparer::Column& b, size_t count,
            BatchComparer::Column* result) {
  for (size_t i = 0; i < count; ++i) {
    const auto dividend = static_cast<Integer>(a[i]);
    const auto divisor = static_cast<Integer>(std::max<int64_t>(b[i], 1));
    const Integer quotient = dividend / divisor;
    (*result)[i] = quotient - (quotient * divisor > dividend ? 1 : 0);
  }
}

// result[i] = f(a[i], b[i]).
template <typename Function>
void Apply(const BatchComparer::Column& a, const BatchComparer::Column& b, size_t count, Function f,
           BatchComparer::Column* result) {
  for (size_t i = 0; i < count; ++i) (*result)[i] = f(a[i], b[i]);
}

}  // namespace

BatchComparer::BatchComparer(const Comparison& comparison)
    : comparison_(comparison),
      variables_(comparison.ranges.size()),
      narrow_(comparison.program.instructions().size(), false) {
  for (size_t i = 0; i < variables_.size(); ++i) variables_[i].fill(comparison.ranges[i].least);
}

std::optional<BatchComparer::Bounds> BatchComparer::BoundsOf(const Instruction& instruction, const Bounds& a,
                                                             const Bounds& b) {
  switch (instruction.op) {
    case Op::kAdd:
      return Bounds{a.least + b.least, a.most + b.most};
    case Op::kSubtract:
      return Bounds{a.least - b.most, a.most - b.least};
    case Op::kMultiply: {
      const auto [least, most] = std::minmax({a.least * b.least, a.least * b.most, a.most * b.least, a.most * b.most});
      return Bounds{least, most};
    }
    case Op::kFloorDivide:  // between the dividend, -1 and 0
      return Bounds{std::min<Int128>(a.least, 0), std::max<Int128>(a.most, 0)};
    case Op::kMin:
      return Bounds{std::min(a.least, b.least), std::min(a.most, b.most)};
    case Op::kMax:
      return Bounds{std::max(a.least, b.least), std::max(a.most, b.most)};
    case Op::kAtLeast:
      return Bounds{0, 1};
    case Op::kConstant:
      return Bounds{instruction.constant, instruction.constant};
    case Op::kVariable:
      break;
  }
  return std::nullopt;
}

std::optional<BatchComparer::Bounds> BatchComparer::RemainderBounds(size_t place,
                                                                    const std::vector<Bounds>& bounds) const {
  const std::vector<Instruction>& instructions = comparison_.program.instructions();
  const auto at = [&](int number) -> const Instruction& { return instructions[static_cast<size_t>(number)]; };
  const Instruction& instruction = instructions[place];
  if (instruction.op != Op::kMultiply && instruction.op != Op::kSubtract) return std::nullopt;
  const bool difference = instruction.op == Op::kSubtract;
  const Instruction& product = difference ? at(instruction.second) : instruction;
  if (product.op != Op::kMultiply) return std::nullopt;
  for (const auto& [quotient, divisor] : {std::pair(product.first, product.second), {product.second, product.first}}) {
    if (at(quotient).op != Op::kFloorDivide || at(quotient).second != divisor) continue;
    const int dividend = at(quotient).first;
    const Bounds& d = bounds[static_cast<size_t>(divisor)];
    const Bounds& a = bounds[static_cast<size_t>(dividend)];
    if (d.least < 1) continue;
    if (!difference) return Bounds{a.least - d.most + 1, a.most};
    if (instruction.first == dividend) return Bounds{0, d.most - 1};
  }
  return std::nullopt;
}

uint64_t BatchComparer::PointCost() const {
  constexpr uint64_t kExactCost = 16;
  return std::max<uint64_t>(comparison_.program.instructions().size(), 1) * (fits_ ? 1 : kExactCost);
}

void BatchComparer::Certify(const std::vector<int64_t>& least, const std::vector<int64_t>& most) {
  const std::vector<Instruction>& instructions = comparison_.program.instructions();
  std::vector<Bounds> bounds;
  fits_ = false;
  for (size_t i = 0; i < instructions.size(); ++i) {
    const Instruction& instruction = instructions[i];
    Bounds own;
    if (instruction.op == Op::kVariable) {
      const auto variable = static_cast<size_t>(instruction.first);
      own = {least[variable], most[variable]};
    } else {
      const bool leaf = instruction.op == Op::kConstant;
      const Bounds a = leaf ? Bounds() : bounds[static_cast<size_t>(instruction.first)];
      const Bounds b = leaf ? Bounds() : bounds[static_cast<size_t>(instruction.second)];
      const std::optional<Bounds> remainder = RemainderBounds(i, bounds);
      own = remainder.has_value() ? *remainder : *BoundsOf(instruction, a, b);
      const Int128 widest = std::max({-a.least, a.most, -b.least, b.most});
      narrow_[i] = widest <= kNarrowest;
    }
    if (own.least < -kWidest || own.most > kWidest) return;
    bounds.push_back(own);
  }
  fits_ = true;
  if (values_.empty()) values_.resize(instructions.size());
  for (size_t i = 0; i < instructions.size(); ++i) {
    if (instructions[i].op == Op::kConstant) values_[i].fill(static_cast<int64_t>(instructions[i].constant));
  }
}

void BatchComparer::Execute(size_t place, size_t count) {
  const Instruction& instruction = comparison_.program.instructions()[place];
  if (instruction.op == Op::kConstant) return;
  Column& result = values_[place];
  if (instruction.op == Op::kVariable) {
    result = variables_[static_cast<size_t>(instruction.first)];
    return;
  }
  const Column& a = values_[static_cast<size_t>(instruction.first)];
  const Column& b = values_[static_cast<size_t>(instruction.second)];
  switch (instruction.op) {
    case Op::kAdd:
      return Apply(
          a, b, count, [](int64_t x, int64_t y) { return x + y; }, &result);
    case Op::kSubtract:
      return Apply(
          a, b, count, [](int64_t x, int64_t y) { return x - y; }, &result);
    case Op::kMultiply:
      return Apply(
          a, b, count, [](int64_t x, int64_t y) { return x * y; }, &result);
    case Op::kFloorDivide:
      return narrow_[place] ? Divide<int32_t>(a, b, count, &result) : Divide<int64_t>(a, b, count, &result);
    case Op::kMin:
      return Apply(
          a, b, count, [](int64_t x, int64_t y) { return std::min(x, y); }, &result);
    case Op::kMax:
      return Apply(
          a, b, count, [](int64_t x, int64_t y) { return std::max(x, y); }, &result);
    case Op::kAtLeast:
      return Apply(
          a, b, count, [](int64_t x, int64_t y) { return int64_t{x >= y}; }, &result);
    case Op::kConstant:
    case Op::kVariable:
      break;
  }
}

BatchComparer::Result BatchComparer::Run(size_t count) {
  if (!fits_) return RunExactly(count);
  for (size_t i = 0; i < values_.size(); ++i) Execute(i, count);
  const auto values = [this](int place) -> const Column& { return values_[static_cast<size_t>(place)]; };
  Column different;
  Apply(
      values(comparison_.left), values(comparison_.right), count, [](int64_t x, int64_t y) { return int64_t{x != y}; },
      &different);
  for (const int place : comparison_.answer.guards) {
    Apply(
        different, values(place), count, [](int64_t d, int64_t guard) { return d | int64_t{guard == 0}; }, &different);
  }
  for (const int place : comparison_.outside) {
    Apply(
        different, values(place), count, [](int64_t d, int64_t guard) { return guard == 0 ? 0 : d; }, &different);
  }
  for (const int place : comparison_.conditions) {
    Apply(
        different, values(place), count, [](int64_t d, int64_t holds) { return holds == 1 ? d : 0; }, &different);
  }
  const auto begin = different.begin();
  const auto first = std::find(begin, begin + static_cast<ptrdiff_t>(count), 1);
  Result result;
  if (first != begin + static_cast<ptrdiff_t>(count)) result.different = static_cast<size_t>(first - begin);
  return result;
}

BatchComparer::Result BatchComparer::RunExactly(size_t count) {
  Result result;
  std::vector<int64_t> point(variables_.size());
  for (size_t lane = 0; lane < count; ++lane) {
    for (size_t v = 0; v < point.size(); ++v) point[v] = variables_[v][lane];
    const PointResult compared = CompareAt(comparison_, point);
    if (compared == PointResult::kOverflow && !result.overflow.has_value()) result.overflow = lane;
    if (compared != PointResult::kDifferent) continue;
    result.different = lane;
    return result;
  }
  return result;
}

}  // namespace tensord::grading::shapes
