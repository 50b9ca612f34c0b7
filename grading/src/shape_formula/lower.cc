#include "grading/src/shape_formula/lower.h"

#include <algorithm>
#include <utility>

namespace tensord::grading::shapes {
namespace {

// A rational number; the denominator is positive wherever it is not zero.
struct Ratio {
  int numerator = -1;
  int denominator = -1;
};

class Lowering {
 public:
  Lowering(const std::vector<int>& renamed, Program* program) : renamed_(renamed), program_(*program) {}

  absl::StatusOr<LoweredFormula> Run(const Tree& tree, int root) {
    const std::vector<bool> used = Used(tree, root);
    std::vector<Ratio> values(tree.size());
    for (size_t i = 0; i < tree.size(); ++i) {
      if (!used[i]) continue;
      const Node& node = tree[i];
      const Ratio first = node.first >= 0 ? values[static_cast<size_t>(node.first)] : Ratio();
      const Ratio second = node.second >= 0 ? values[static_cast<size_t>(node.second)] : Ratio();
      if (node.kind == NodeKind::kDivide && program_.constant(second.numerator) == Int128{0}) {
        return absl::InvalidArgumentError("divides by zero");
      }
      values[i] = Value(node, first, second);
      if (values[i].numerator < 0 || values[i].denominator < 0) {
        return absl::InvalidArgumentError("needs too many operations; write a shorter formula");
      }
    }
    const Ratio result = values[static_cast<size_t>(root)];
    return LoweredFormula{result.numerator, result.denominator, std::move(guards_)};
  }

 private:
  static std::vector<bool> Used(const Tree& tree, int root) {
    std::vector<bool> used(tree.size(), false);
    used[static_cast<size_t>(root)] = true;
    for (size_t i = tree.size(); i-- > 0;) {
      if (!used[i]) continue;
      if (tree[i].first >= 0) used[static_cast<size_t>(tree[i].first)] = true;
      if (tree[i].second >= 0) used[static_cast<size_t>(tree[i].second)] = true;
    }
    return used;
  }

  Ratio Integer(int place) { return {place, program_.Constant(1)}; }
  int Negated(int place) { return program_.Subtract(program_.Constant(0), place); }

  Ratio Value(const Node& node, const Ratio& first, const Ratio& second) {
    switch (node.kind) {
      case NodeKind::kNumber:
        return Number(node);
      case NodeKind::kVariable:
        return Integer(
            program_.Variable(renamed_.empty() ? node.variable : renamed_[static_cast<size_t>(node.variable)]));
      case NodeKind::kAdd:
      case NodeKind::kSubtract:
      case NodeKind::kMin:
      case NodeKind::kMax:
      case NodeKind::kAtLeast:
      case NodeKind::kGreater:
        return Joined(node.kind, first, second);
      case NodeKind::kMultiply:
        return {program_.Multiply(first.numerator, second.numerator),
                program_.Multiply(first.denominator, second.denominator)};
      case NodeKind::kDivide:
        return Quotient(first, second);
      case NodeKind::kFloor:
        return Integer(program_.FloorDivide(first.numerator, first.denominator));
      case NodeKind::kCeil:
        return Integer(Negated(program_.FloorDivide(Negated(first.numerator), first.denominator)));
      case NodeKind::kTruncate:
        return Truncated(first);
      case NodeKind::kPower:
        return Power(first, node.exponent);
    }
    return {};
  }

  Ratio Number(const Node& node) {
    const Int128 divisor = std::max<Int128>(GreatestCommonDivisor(node.numerator, node.denominator), 1);
    return {program_.Constant(node.numerator / divisor), program_.Constant(node.denominator / divisor)};
  }

  // Both over one denominator, and what is to be done with the numerators.
  Ratio Joined(NodeKind kind, Ratio first, Ratio second) {
    const int denominator = CommonDenominator(&first, &second);
    const int a = first.numerator;
    const int b = second.numerator;
    switch (kind) {
      case NodeKind::kAdd:
        return {program_.Add(a, b), denominator};
      case NodeKind::kSubtract:
        return {program_.Subtract(a, b), denominator};
      case NodeKind::kMin:
        return {program_.Min(a, b), denominator};
      case NodeKind::kMax:
        return {program_.Max(a, b), denominator};
      case NodeKind::kAtLeast:
        return Integer(program_.AtLeast(a, b));
      default:  // kGreater, of integers
        return Integer(program_.AtLeast(a, program_.Add(b, program_.Constant(1))));
    }
  }

  int CommonDenominator(Ratio* first, Ratio* second) {
    if (first->denominator == second->denominator) return first->denominator;
    int first_factor = second->denominator;
    int second_factor = first->denominator;
    const std::optional<Int128> a = program_.constant(first->denominator);
    const std::optional<Int128> b = program_.constant(second->denominator);
    if (a.has_value() && b.has_value()) {
      const Int128 divisor = GreatestCommonDivisor(*a, *b);
      first_factor = program_.Constant(*b / divisor);
      second_factor = program_.Constant(*a / divisor);
    }
    first->numerator = program_.Multiply(first->numerator, first_factor);
    second->numerator = program_.Multiply(second->numerator, second_factor);
    return program_.Multiply(first->denominator, first_factor);
  }

  // a/b over c/d is ad/(bc), with a sign or a factor that makes bc positive.
  Ratio Quotient(const Ratio& first, const Ratio& second) {
    guards_.push_back(second.numerator);
    int numerator = program_.Multiply(first.numerator, second.denominator);
    int divisor = second.numerator;
    if (numerator < 0 || divisor < 0) return {};
    const Interval range = program_.interval(divisor);
    if (range.most.has_value() && *range.most < 0) {
      numerator = Negated(numerator);
      divisor = Negated(divisor);
    } else if (!range.least.has_value() || *range.least < 0) {
      numerator = program_.Multiply(numerator, divisor);
      divisor = program_.Multiply(divisor, divisor);
    }
    const int denominator = program_.Multiply(first.denominator, divisor);
    if (numerator < 0 || denominator < 0) return {};
    return Reduced({numerator, denominator});
  }

  // In lowest terms where both are numbers.
  Ratio Reduced(const Ratio& ratio) {
    const std::optional<Int128> a = program_.constant(ratio.numerator);
    const std::optional<Int128> b = program_.constant(ratio.denominator);
    constexpr Int128 kLimit = Int128{1} << 126;
    if (!a.has_value() || !b.has_value() || *a < -kLimit || *a > kLimit) return ratio;
    const Int128 divisor = std::max<Int128>(GreatestCommonDivisor(*a, *b), 1);
    return {program_.Constant(*a / divisor), program_.Constant(*b / divisor)};
  }

  // Towards zero: the floor of what is positive less the floor of what is negative.
  Ratio Truncated(const Ratio& value) {
    const int zero = program_.Constant(0);
    if (value.numerator < 0) return {};
    const std::optional<Int128> least = program_.interval(value.numerator).least;
    const int positive = program_.FloorDivide(program_.Max(value.numerator, zero), value.denominator);
    if (least.has_value() && *least >= 0) return Integer(program_.FloorDivide(value.numerator, value.denominator));
    const int negative = program_.FloorDivide(program_.Max(Negated(value.numerator), zero), value.denominator);
    return Integer(program_.Subtract(positive, negative));
  }

  Ratio Power(const Ratio& base, int exponent) {
    Ratio power = Integer(program_.Constant(1));
    for (int i = 0; i < exponent; ++i) {
      power = {program_.Multiply(power.numerator, base.numerator),
               program_.Multiply(power.denominator, base.denominator)};
    }
    return power;
  }

  const std::vector<int>& renamed_;
  Program& program_;
  std::vector<int> guards_;
};

}  // namespace

absl::StatusOr<LoweredFormula> Lower(const Tree& tree, int root, const std::vector<int>& renamed, Program* program) {
  return Lowering(renamed, program).Run(tree, root);
}

}  // namespace tensord::grading::shapes
