#include "grading/src/formula/decide.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/formula/build.h"
#include "grading/src/formula/numbers.h"
#include "grading/src/formula/settings.h"

namespace tensord::grading::formula {
namespace {

using Code = FormulaProblemCode;

// Degrees up to 2^34: two points of a field of 2^61 elements err with less than 2^-52.
constexpr double kMaxLogDegree = 34;

struct FieldResult {
  bool equal = true;
  std::vector<FormulaProblem> stop;  // what keeps it from being decided, at most one
  std::vector<FormulaProblem> why;   // what is wrong whatever the values, at most one
};

FormulaProblem Problem(const Resolved& answer, Code code, std::string text) {
  const Node& root = answer.program.tree.nodes[answer.program.tree.root];
  return {code, std::move(text), root.offset, root.length, ""};
}

FieldResult Different(std::vector<FormulaProblem> why) { return {false, {}, std::move(why)}; }

// What a state that is no value means for the verdict.
FieldResult Stopped(const Model& model, const Resolved& answer, const Instance<FieldArithmetic>& instance,
                    const Comparisons<FieldValue>& found) {
  if (found.unknown_range.has_value()) {
    const std::string& name = answer.program.slots[*found.unknown_range].name;
    FormulaProblem problem =
        Problem(answer, Code::kUnknownRange,
                absl::StrCat("over which values of ", name, " is summed cannot be told: write its limits"));
    problem.name = name;
    return {false, {std::move(problem)}, {}};
  }
  if (found.state == State::kTooMuch) {
    return {false, {Problem(answer, Code::kTooLarge, "evaluating this takes too much work: simplify it")}, {}};
  }
  if (found.state == State::kUndefined) {
    return Different(
        {Problem(answer, Code::kUndefined, absl::StrCat("divides by zero for ", SizesText(model, instance.symbols)))});
  }
  if (found.state == State::kOutside || found.state == State::kForbidden) {
    return Different(
        {Problem(answer, Code::kReadsOutside,
                 absl::StrCat("reads a tensor outside its shape, for example for the cell (",
                              absl::StrJoin(found.cell, ","), ") with ", SizesText(model, instance.symbols)))});
  }
  return Different({});
}

FieldResult DecideInField(const Model& model, const Resolved& answer, int64_t* budget) {
  size_t undefined = 0;  // trials of the setting in a row
  for (size_t i = 0; i < model.instances.size(); ++i) {
    if (i % kTrials == 0) undefined = 0;
    const Instance<FieldArithmetic>& instance = model.instances[i];
    const Comparisons<FieldValue> found = Compare(model, answer.program, instance, budget);
    if (found.same) continue;
    // By bad luck a denominator is 0 at one point; the other one decides.
    if (found.state == State::kUndefined && ++undefined < kTrials) continue;
    return Stopped(model, answer, instance, found);
  }
  return {};
}

struct RealResult {
  int agree = 0;
  int differ = 0;
};

// At random reals, of either sign and positive alone, as logarithms need them.
RealResult DecideInReals(const Model& model, const Program& program, int64_t* budget) {
  RealResult result;
  Random random(Random::Mix(model.seed ^ 0x5EED));
  for (const std::vector<int64_t>& sizes : model.settings) {
    for (const double lowest : {-1.5, 0.1}) {
      const auto built = BuildInstance(model, RealArithmetic(), sizes, [&](size_t, size_t) {
        return lowest + (1.5 - lowest) * static_cast<double>(random.Below(uint64_t{1} << 53)) * 0x1p-53;
      });
      if (!built.ok()) continue;
      const Comparisons<double> found = Compare(model, program, *built.value, budget);
      result.agree += found.same ? 1 : 0;
      result.differ += !found.same && found.state == State::kOk ? 1 : 0;
    }
  }
  return result;
}

bool DegreeFits(const Model& model, const Program& program) {
  for (size_t i = 0; i < model.settings.size(); ++i) {
    const std::vector<int64_t>& shape = model.instances[i * kTrials].tensors[model.target].shape;
    const double answer = LogDegree(program, model, model.settings[i], shape, model.log_degrees);
    if (std::max(answer, model.log_degrees[model.target]) + 1 > kMaxLogDegree) return false;
  }
  return true;
}

}  // namespace

bool EqualInField(const Model& model, const Program& program, int64_t* budget) {
  return std::all_of(model.instances.begin(), model.instances.end(), [&](const Instance<FieldArithmetic>& instance) {
    return Compare(model, program, instance, budget).same;
  });
}

Decision Decide(const Model& model, const Resolved& answer, int64_t* budget) {
  if (RangeCost(answer.program) > kVerdictBudget / 16) {
    return {FormulaOutcome::kUngradable, true, {Problem(answer, Code::kTooLarge, "there are too many sums in it")}};
  }
  if (!DegreeFits(model, answer.program)) {
    return {FormulaOutcome::kUngradable,
            true,
            {Problem(answer, Code::kTooLarge, "the powers in it are too high to decide it")}};
  }
  FieldResult field = DecideInField(model, answer, budget);
  if (!field.stop.empty()) return {FormulaOutcome::kUngradable, true, std::move(field.stop)};
  if (model.rational && answer.rational) {
    return {field.equal ? FormulaOutcome::kRight : FormulaOutcome::kWrong, true, std::move(field.why)};
  }
  const bool outside = !field.why.empty() && field.why[0].code == Code::kReadsOutside;
  if (outside) return {FormulaOutcome::kWrong, true, std::move(field.why)};
  const RealResult reals = DecideInReals(model, answer.program, budget);
  if (field.equal && reals.differ > 0) {
    return {
        FormulaOutcome::kUngradable,
        true,
        {Problem(answer, Code::kUndecided, "exact evaluation and doubles disagree about it: a person has to decide")}};
  }
  if (field.equal) return {FormulaOutcome::kRight, true, {}};
  if (reals.agree > 0 && reals.differ == 0) return {FormulaOutcome::kRight, false, {}};
  if (reals.differ == 0 && field.why.empty()) {
    field.why.push_back(Problem(answer, Code::kUndefined, "has no value at real numbers"));
  }
  return {FormulaOutcome::kWrong, true, std::move(field.why)};
}

}  // namespace tensord::grading::formula
