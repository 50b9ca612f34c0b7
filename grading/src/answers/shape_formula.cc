// Sizes as formulas of symbols.
#include "tensord/grading/shape_formula.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/answers/kind.h"

namespace tensord::grading {
namespace {

std::string ValuesText(const ShapeCounterExample& example) {
  return absl::StrJoin(example.values, ", ", [](std::string* out, const std::pair<std::string, int64_t>& value) {
    absl::StrAppend(out, value.first, " = ", value.second);
  });
}

class ShapeFormulas final : public Kind {
 public:
  explicit ShapeFormulas(const v1::ShapeFormulaAnswer& answer) {
    for (const v1::SymbolRange& range : answer.symbols()) {
      ShapeVariable& variable = question_.variables.emplace_back();
      variable.name = range.symbol();
      variable.aliases.assign(range.aliases().begin(), range.aliases().end());
      if (range.has_least()) variable.least = range.least();
      if (range.has_most()) variable.most = range.most();
    }
    question_.constraints.assign(answer.constraints().begin(), answer.constraints().end());
    question_.division = answer.integer_division() ? DivisionRule::kTruncated : DivisionRule::kExact;
  }

  [[nodiscard]] absl::Status Check(absl::Span<const Computed> values) const override {
    if (values.size() != 1 || !std::holds_alternative<SizesValue>(values.front())) {
      return absl::InvalidArgumentError("of: has to be one shape or count");
    }
    const absl::StatusOr<ShapeFormulaJudge> judge = JudgeOf(values);
    if (judge.ok()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("shape_formula: ", judge.status().message()));
  }

  [[nodiscard]] std::variant<std::unique_ptr<ReadAnswer>, Unreadable> Read(
      const v1::StudentAnswer& answer) const override {
    const auto text = TextOf(answer);
    if (const auto* const unreadable = std::get_if<Unreadable>(&text)) return *unreadable;
    return std::make_unique<ReadAs<std::string>>(std::get<std::string>(text));
  }

  [[nodiscard]] Judgement Judge(const ReadAnswer& answer, absl::Span<const Computed> values) const override {
    const auto& said = Get<std::string>(answer);
    Judgement judgement;
    if (!std::holds_alternative<SizesValue>(values.front())) return judgement;
    const absl::StatusOr<ShapeFormulaJudge> judge = JudgeOf(values);
    if (!judge.ok()) return judgement;  // of a slip whose formulas leave the domain
    const ShapeVerdict verdict = judge->Judge(said);
    judgement.notes = verdict.notes;
    if (verdict.outcome == ShapeOutcome::kRight) {
      judgement.outcome = v1::OUTCOME_RIGHT;
      return judgement;
    }
    judgement.outcome = verdict.outcome == ShapeOutcome::kUngradable ? v1::OUTCOME_UNGRADABLE : v1::OUTCOME_WRONG;
    v1::Difference& difference = judgement.difference.emplace();
    difference.set_element_count(static_cast<int64_t>(verdict.components.size()));
    difference.set_expected(Text(values));
    std::vector<std::string> differing;
    for (size_t i = 0; i < verdict.components.size(); ++i) {
      const ShapeComponentVerdict& component = verdict.components[i];
      if (component.equal) continue;
      difference.add_cells(static_cast<int64_t>(i));
      difference.set_differing_count(difference.differing_count() + 1);
      if (!component.counter_example.has_value()) continue;
      const ShapeCounterExample& example = *component.counter_example;
      differing.push_back(absl::StrCat("component ", i + 1, " is ", example.answer, " for ", ValuesText(example),
                                       ", which is not right"));
      if (difference.answered().empty()) {
        difference.add_worst_cell(static_cast<int64_t>(i));
        difference.set_answered(absl::StrCat(example.answer, " for ", ValuesText(example)));
      }
    }
    // Without a counter-example: another number of components, or what cannot be read.
    difference.set_text(differing.empty() ? verdict.reason : absl::StrJoin(differing, "; "));
    if (verdict.diagnosis.slip != ShapeSlip::kNone) {
      judgement.slips.emplace_back(IdOf(verdict.diagnosis.slip), verdict.diagnosis.text);
    }
    return judgement;
  }

  [[nodiscard]] std::string Text(absl::Span<const Computed> values) const override {
    const auto& sizes = std::get<SizesValue>(values.front());
    const std::string list =
        absl::StrJoin(sizes.sizes, ", ", [](std::string* out, const Size& size) { absl::StrAppend(out, size.text); });
    return sizes.is_list ? absl::StrCat("(", list, sizes.sizes.size() == 1 ? ",)" : ")") : list;
  }

  // A proof may take a while.
  [[nodiscard]] bool is_cheap() const override { return false; }

 private:
  [[nodiscard]] absl::StatusOr<ShapeFormulaJudge> JudgeOf(absl::Span<const Computed> values) const {
    ShapeFormulaQuestion question = question_;
    for (const Size& size : std::get<SizesValue>(values.front()).sizes) question.expected.push_back(size.text);
    return ShapeFormulaJudge::Create(question);
  }

  static const char* IdOf(ShapeSlip slip) {
    switch (slip) {
      case ShapeSlip::kAxesPermuted:
        return "axes-permuted";
      case ShapeSlip::kOtherAxisReduced:
        return "other-axis-reduced";
      case ShapeSlip::kAxisNotReduced:
        return "axis-not-reduced";
      case ShapeSlip::kOtherAxisInFormula:
        return "other-axis-in-formula";
      case ShapeSlip::kNone:
        break;
    }
    return "";
  }

  ShapeFormulaQuestion question_;
};

}  // namespace

MadeKind MakeShapeFormula(const v1::ShapeFormulaAnswer& answer) { return std::make_unique<ShapeFormulas>(answer); }

}  // namespace tensord::grading
