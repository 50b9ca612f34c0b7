// Evaluates and differentiates resolved formulas in any arithmetic.
#ifndef TENSORD_GRADING_SRC_FORMULA_EVALUATE_H_
#define TENSORD_GRADING_SRC_FORMULA_EVALUATE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "grading/src/formula/arithmetic.h"
#include "grading/src/formula/instance.h"
#include "grading/src/formula/program.h"
#include "tensord/grading/formula_question.h"

namespace tensord::grading::formula {

// How reads outside a tensor's shape are taken.
struct Reading {
  OutsideRule outside = OutsideRule::kError;
  bool leaves_out = true;  // sums without written limits leave such terms out; of the question's own that is a fault
};

// Evaluates one program; `slots` holds the symbols' and the free indices' values, and has room for the others.
// Recursion is as deep as the tree, which the parser bounds.
template <typename Arithmetic>
class Evaluator {
 public:
  using Value = typename Arithmetic::Value;
  using Result = Outcome<Value>;
  using Tensors = std::vector<Cells<Value>>;

  // All but the values are kept by reference. `ranges` has a range for each slot of a sum without written limits;
  // `budget` is the number of nodes that may yet be evaluated.
  Evaluator(const Arithmetic& arithmetic, const Program& program, const Tensors& tensors,
            const std::vector<Range>& ranges, Reading reading, int64_t* budget)
      : arithmetic_(arithmetic),
        program_(program),
        tensors_(tensors),
        ranges_(ranges),
        reading_(reading),
        budget_(budget),
        slots_(program.slots.size(), 0) {}

  std::vector<int64_t>& slots() { return slots_; }
  Result Run() { return Evaluate(program_.tree.root); }

  // Adds adjoint * (derivative of the formula by each cell that it reads) to `gradients`, tensors as those read.
  State Differentiate(const Value& adjoint, Tensors* gradients) {
    gradients_ = gradients;
    return Push(program_.tree.root, adjoint);
  }

 private:
  const Node& At(size_t node) const { return program_.tree.nodes[node]; }
  Value Number(int64_t value) const { return arithmetic_.FromFraction(value, 1); }
  bool Spend() { return --*budget_ >= 0; }

  Result Evaluate(size_t id) {
    if (!Spend()) return {State::kTooMuch, {}};
    const Node& node = At(id);
    switch (node.kind) {
      case NodeKind::kNumber:
        return {State::kOk, arithmetic_.FromFraction(node.numerator, node.denominator)};
      case NodeKind::kIndex: {
        const std::optional<int64_t> index = IndexValue(node.indices[0], slots_);
        return index.has_value() ? Result{State::kOk, Number(*index)} : Result{State::kTooMuch, {}};
      }
      case NodeKind::kRead:
        return Read(node);
      case NodeKind::kAdd:
      case NodeKind::kMultiply:
        return Fold(node, node.children.size());
      case NodeKind::kSum:
        return Sum(node);
      default:
        return Operate(node);
    }
  }

  Result Operate(const Node& node) {
    const Result child = Evaluate(node.children[0]);
    if (!child.ok()) return child;
    switch (node.kind) {
      case NodeKind::kNegate:
        return {State::kOk, arithmetic_.Negate(child.value)};
      case NodeKind::kInvert:
        return arithmetic_.Invert(child.value);
      case NodeKind::kPower:
        return Power(child.value, node.exponent);
      case NodeKind::kCompare: {
        const Result right = Evaluate(node.children[1]);
        if (!right.ok()) return right;
        if (!Arithmetic::Fits(child.value) || !Arithmetic::Fits(right.value)) return {State::kInexact, {}};
        return {State::kOk, Number(arithmetic_.Holds(node.comparison, child.value, right.value) ? 1 : 0)};
      }
      default:
        break;
    }
    if (node.children.size() == 1) return arithmetic_.Apply(node.function, child.value);
    const Result right = Evaluate(node.children[1]);
    if (!right.ok()) return right;
    if (!Arithmetic::Fits(child.value) || !Arithmetic::Fits(right.value)) return {State::kInexact, {}};
    const bool left =
        arithmetic_.Holds(node.function == Function::kMax ? Comparison::kGreaterOrEqual : Comparison::kLessOrEqual,
                          child.value, right.value);
    return left ? child : right;
  }

  Result Power(Value base, int64_t exponent) const {
    Value power = Number(1);
    for (int64_t left = exponent < 0 ? -exponent : exponent; left > 0; left >>= 1) {
      if ((left & 1) != 0) power = arithmetic_.Multiply(power, base);
      base = arithmetic_.Multiply(base, base);
    }
    return exponent < 0 ? arithmetic_.Invert(power) : Result{State::kOk, power};
  }

  // The sum or product of all children but one.
  Result Fold(const Node& node, size_t without) {
    const bool add = node.kind == NodeKind::kAdd;
    Value total = Number(add ? 0 : 1);
    for (size_t i = 0; i < node.children.size(); ++i) {
      if (i == without) continue;
      const Result child = Evaluate(node.children[i]);
      if (!child.ok()) return child;
      total = add ? arithmetic_.Add(total, child.value) : arithmetic_.Multiply(total, child.value);
    }
    return {State::kOk, total};
  }

  // The cell that a node reads, or nothing outside the tensor.
  std::optional<size_t> Place(const Node& node) {
    cell_.clear();
    for (const IndexExpression& index : node.indices) {
      const std::optional<int64_t> value = IndexValue(index, slots_);
      if (!value.has_value()) return std::nullopt;
      cell_.push_back(*value);
    }
    return tensors_[node.tensor].Place(cell_);
  }

  Result Read(const Node& node) {
    if (tensors_[node.tensor].values.empty()) return {State::kInexact, {}};
    const std::optional<size_t> place = Place(node);
    if (place.has_value()) return {State::kOk, tensors_[node.tensor].values[*place]};
    if (reading_.outside == OutsideRule::kZero) return {State::kOk, Number(0)};
    return {State::kOutside, {}};
  }

  // Calls `term()` for each choice of the sum's indices from the `depth`-th on; stops at the first state that it
  // returns and that is no reason to leave the term out.
  template <typename Term>
  State ForEach(const Node& node, size_t depth, const Term& term) {
    if (depth == node.sums.size()) {
      const State state = term();
      if (state != State::kOutside) return state;
      return LeavesOut(node) ? State::kOk : State::kForbidden;
    }
    const SumIndex& index = node.sums[depth];
    Range range = ranges_[index.name];
    if (index.first.has_value()) range.first = IndexValue(*index.first, slots_).value_or(0);
    if (index.last.has_value()) range.last = IndexValue(*index.last, slots_).value_or(-1);
    for (int64_t i = range.first; i <= range.last; ++i) {
      if (!Spend()) return State::kTooMuch;
      slots_[index.name] = i;
      const State state = ForEach(node, depth + 1, term);
      if (state != State::kOk) return state;
      if (i == range.last) break;  // The next number need not exist.
    }
    return State::kOk;
  }

  [[nodiscard]] bool LeavesOut(const Node& node) const {
    if (!reading_.leaves_out) return false;
    for (const SumIndex& index : node.sums) {
      if (index.last.has_value()) return false;
    }
    return true;
  }

  Result Sum(const Node& node) {
    Value total = Number(0);
    const State state = ForEach(node, 0, [&] {
      const Result term = Evaluate(node.children[0]);
      if (term.ok()) total = arithmetic_.Add(total, term.value);
      return term.state;
    });
    return {state, total};
  }

  // Reverse mode: hands an adjoint on to the children.
  State Push(size_t id, const Value& adjoint) {
    if (!Spend()) return State::kTooMuch;
    const Node& node = At(id);
    switch (node.kind) {
      case NodeKind::kNumber:
      case NodeKind::kIndex:
      case NodeKind::kCompare:  // constant but where it jumps
        return State::kOk;
      case NodeKind::kRead:
        return PushRead(node, adjoint);
      case NodeKind::kAdd:
        return PushAdd(node, adjoint);
      case NodeKind::kMultiply:
        return PushMultiply(node, adjoint);
      case NodeKind::kNegate:
        return Push(node.children[0], arithmetic_.Negate(adjoint));
      case NodeKind::kSum:
        return ForEach(node, 0, [&] { return Push(node.children[0], adjoint); });
      default:
        return PushOperation(node, adjoint);
    }
  }

  State PushRead(const Node& node, const Value& adjoint) {
    const std::optional<size_t> place = Place(node);
    if (!place.has_value()) return reading_.outside == OutsideRule::kZero ? State::kOk : State::kOutside;
    Value& gradient = (*gradients_)[node.tensor].values[*place];
    gradient = arithmetic_.Add(gradient, adjoint);
    return State::kOk;
  }

  State PushAdd(const Node& node, const Value& adjoint) {
    for (const size_t child : node.children) {
      const State state = Push(child, adjoint);
      if (state != State::kOk) return state;
    }
    return State::kOk;
  }

  State PushMultiply(const Node& node, const Value& adjoint) {
    for (size_t i = 0; i < node.children.size(); ++i) {
      const Result others = Fold(node, i);
      if (!others.ok()) return others.state;
      const State state = Push(node.children[i], arithmetic_.Multiply(adjoint, others.value));
      if (state != State::kOk) return state;
    }
    return State::kOk;
  }

  State PushOperation(const Node& node, const Value& adjoint) {
    const Result child = Evaluate(node.children[0]);
    if (!child.ok()) return child.state;
    Result slope;
    if (node.kind == NodeKind::kInvert) {  // -1/x^2
      slope = Power(child.value, -2);
      slope.value = arithmetic_.Negate(slope.value);
    } else if (node.kind == NodeKind::kPower) {
      slope = node.exponent == 0 ? Result{State::kOk, Number(0)} : Power(child.value, node.exponent - 1);
      slope.value = arithmetic_.Multiply(slope.value, Number(node.exponent));
    } else if (node.children.size() == 2) {
      return PushLarger(node, adjoint);
    } else {
      slope = arithmetic_.Slope(node.function, child.value);
    }
    if (!slope.ok()) return slope.state;
    return Push(node.children[0], arithmetic_.Multiply(adjoint, slope.value));
  }

  // Of max and min the derivative goes to the value that is taken; of equal ones to neither, as at the kink of relu.
  State PushLarger(const Node& node, const Value& adjoint) {
    const Result left = Evaluate(node.children[0]);
    const Result right = Evaluate(node.children[1]);
    if (!left.ok() || !right.ok()) return left.ok() ? right.state : left.state;
    if (arithmetic_.Holds(Comparison::kEqual, left.value, right.value)) return State::kOk;
    const bool larger = arithmetic_.Holds(Comparison::kGreater, left.value, right.value);
    return Push(node.children[larger == (node.function == Function::kMax) ? 0 : 1], adjoint);
  }

  const Arithmetic& arithmetic_;
  const Program& program_;
  const Tensors& tensors_;
  const std::vector<Range>& ranges_;
  Reading reading_;
  int64_t* budget_;
  std::vector<int64_t> slots_;
  std::vector<int64_t> cell_;
  Tensors* gradients_ = nullptr;
};

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_EVALUATE_H_
