#include "grading/src/shape_formula/proof.h"

#include <set>
#include <utility>

#include "grading/src/shape_formula/proof_case.h"
#include "grading/src/shape_formula/proof_quotient.h"

namespace tensord::grading::shapes {
namespace {

constexpr int64_t kMaxWork = 10'000'000;
constexpr size_t kMaxCases = 5000;
constexpr Int128 kFewValues = 32;

class Prover {
 public:
  Prover(const Comparison& comparison, bool small_ranges_first)
      : comparison_(comparison),
        conditions_(comparison.conditions.begin(), comparison.conditions.end()),
        outside_(comparison.outside.begin(), comparison.outside.end()),
        needed_(Needed(comparison)),
        small_ranges_first_(small_ranges_first) {}

  bool Run() {
    open_.emplace_back(comparison_, &work_);
    for (size_t count = 0; !open_.empty(); ++count) {
      if (count == kMaxCases) return false;
      ProofCase current = std::move(open_.back());
      open_.pop_back();
      if (current.facts.Contradictory()) continue;
      ProofStep step = ProofStep::kAgain;
      while (step == ProofStep::kAgain) {
        work_ -= 100 + static_cast<int64_t>(current.values.size());
        if (work_ <= 0 || !current.facts.ok()) return false;
        step = Advance(&current);
      }
      if (step == ProofStep::kFailed) return false;
    }
    return true;
  }

 private:
  static std::vector<bool> Needed(const Comparison& comparison) {
    const std::vector<Instruction>& instructions = comparison.program.instructions();
    std::vector<bool> needed(instructions.size(), false);
    const auto need = [&](const std::vector<int>& places) {
      for (const int place : places) needed[static_cast<size_t>(place)] = true;
    };
    need({comparison.left, comparison.right});
    need(comparison.conditions);
    need(comparison.outside);
    need(comparison.answer.guards);
    for (size_t i = instructions.size(); i-- > 0;) {
      const Instruction& instruction = instructions[i];
      if (needed[i] && instruction.op != Op::kConstant && instruction.op != Op::kVariable) {
        need({instruction.first, instruction.second});
      }
    }
    return needed;
  }

  // One instruction, or after the last the comparison. kDone: the case is settled, or has been split.
  ProofStep Advance(ProofCase* current) {
    const size_t place = current->values.size();
    if (place == comparison_.program.instructions().size()) return Close(current);
    if (!needed_[place]) {
      current->values.emplace_back();
      return ProofStep::kAgain;
    }
    std::optional<Polynomial> value;
    const ProofStep step = Value(current, place, &value);
    if (!value.has_value()) return step;
    if (!value->ok()) return ProofStep::kFailed;
    const bool is_condition = conditions_.count(static_cast<int>(place)) != 0;
    if (is_condition) {
      current->facts.Add(*value - Polynomial(1));
      current->facts.Add(Polynomial(1) - *value);
    }
    // Where it is 0, the point does not count.
    if (outside_.count(static_cast<int>(place)) != 0 && current->facts.Imply(*value)) {
      current->facts.Add(*value - Polynomial(1));
    }
    current->values.push_back(*std::move(value));
    return ProofStep::kAgain;
  }

  // Sets the value, or says what happened instead.
  ProofStep Value(ProofCase* current, size_t place, std::optional<Polynomial>* value) {
    const Instruction& instruction = comparison_.program.instructions()[place];
    const auto operand = [&](int number) -> const Polynomial& { return current->values[static_cast<size_t>(number)]; };
    switch (instruction.op) {
      case Op::kConstant:
        *value = Polynomial(instruction.constant);
        return ProofStep::kAgain;
      case Op::kVariable:
        *value = current->variables[static_cast<size_t>(instruction.first)];
        return ProofStep::kAgain;
      case Op::kAdd:
        *value = operand(instruction.first) + operand(instruction.second);
        return ProofStep::kAgain;
      case Op::kSubtract:
        *value = operand(instruction.first) - operand(instruction.second);
        return ProofStep::kAgain;
      case Op::kMultiply:
        *value = operand(instruction.first) * operand(instruction.second);
        return ProofStep::kAgain;
      case Op::kFloorDivide: {
        const Polynomial divisor = operand(instruction.second);
        if (small_ranges_first_) {
          const auto few = current->FewValued(divisor, 2 * kFewValues);
          if (few.has_value()) return Split(*current, *few);
        }
        return Quotient(operand(instruction.first), divisor, current, &open_, value);
      }
      case Op::kMin:
      case Op::kMax:
      case Op::kAtLeast:
        return Compared(current, place, value);
    }
    return ProofStep::kFailed;
  }

  ProofStep Compared(ProofCase* current, size_t place, std::optional<Polynomial>* value) {
    const Instruction& instruction = comparison_.program.instructions()[place];
    const Polynomial& first = current->values[static_cast<size_t>(instruction.first)];
    const Polynomial& second = current->values[static_cast<size_t>(instruction.second)];
    const Polynomial difference = first - second;
    const Polynomial opposite = second - first - Polynomial(1);
    if (!difference.ok() || !opposite.ok()) return ProofStep::kFailed;
    if (conditions_.count(static_cast<int>(place)) != 0 && instruction.op == Op::kAtLeast) {
      current->facts.Add(difference);
    }
    const bool at_least = current->facts.Imply(difference);
    if (!at_least && !current->facts.Imply(opposite)) {
      ProofCase other = *current;
      other.facts.Add(opposite);
      current->facts.Add(difference);
      open_.push_back(std::move(other));
      open_.push_back(std::move(*current));
      return ProofStep::kDone;
    }
    if (instruction.op == Op::kAtLeast) {
      *value = Polynomial(at_least ? 1 : 0);
    } else {
      *value = at_least == (instruction.op == Op::kMax) ? first : second;
    }
    return ProofStep::kAgain;
  }

  ProofStep Split(const ProofCase& current, const ProofCase::Values& values) {
    for (Int128 value = values.least; value <= values.most; ++value) {
      open_.push_back(current);
      open_.back().Define(values.unknown, Polynomial(value));
    }
    return ProofStep::kDone;
  }

  ProofStep Close(ProofCase* current) {
    const Polynomial difference = current->values[static_cast<size_t>(comparison_.left)] -
                                  current->values[static_cast<size_t>(comparison_.right)];
    if (!difference.ok()) return ProofStep::kFailed;
    if (!difference.zero()) {
      if (current->facts.Contradictory()) return ProofStep::kDone;
      if (DefineByEquality(current)) return ProofStep::kAgain;
      const auto few = current->FewValued(difference, kFewValues);
      return few.has_value() ? Split(*current, *few) : ProofStep::kFailed;
    }
    for (const int place : comparison_.answer.guards) {
      const Polynomial& guard = current->values[static_cast<size_t>(place)];
      const bool not_zero = current->facts.Imply(guard - Polynomial(1)) || current->facts.Imply(Polynomial(-1) - guard);
      if (!not_zero && !current->facts.Contradictory()) return ProofStep::kFailed;
    }
    return ProofStep::kDone;
  }

  // A fact f >= 0 that is an equality defines an unknown that stands in it with the factor 1 or -1.
  static bool DefineByEquality(ProofCase* current) {
    const std::vector<Polynomial> facts = current->facts.all();
    for (const Polynomial& fact : facts) {
      const std::optional<int> unknown = UnitUnknown(fact, Polynomial(1), current->facts);
      if (!unknown.has_value() || !current->facts.Imply(Polynomial(0) - fact)) continue;
      const Polynomial term = Polynomial::Unknown(*unknown);
      const Int128 factor = fact.Coefficient(Monomial(1, static_cast<char>(*unknown)));
      current->Define(*unknown, (fact - term * Polynomial(factor)) * Polynomial(-factor));
      return true;
    }
    return false;
  }

  const Comparison& comparison_;
  const std::set<int> conditions_;
  const std::set<int> outside_;
  const std::vector<bool> needed_;
  const bool small_ranges_first_;
  int64_t work_ = kMaxWork;
  std::vector<ProofCase> open_;
};

}  // namespace

bool Prove(const Comparison& comparison) { return Prover(comparison, false).Run() || Prover(comparison, true).Run(); }

}  // namespace tensord::grading::shapes
