#include "grading/src/answers/kind.h"

namespace tensord::grading {

absl::StatusOr<std::unique_ptr<Kind>> MakeKind(const v1::Part& part) {
  switch (part.answer_case()) {
    case v1::Part::kInteger:
    case v1::Part::kTuple:
      return MakeIntegers(part);
    case v1::Part::kNumber:
    case v1::Part::kTensor:
    case v1::Part::kGradient:
      return MakeTensorKind(part);
    case v1::Part::kShape:
      return MakeShape(part.shape());
    case v1::Part::kShapeFormula:
      return MakeShapeFormula(part.shape_formula());
    case v1::Part::kElement:
    case v1::Part::kValueAndPlace:
      return MakePlaces(part);
    case v1::Part::kLimits:
      return MakeLimits(part.limits());
    case v1::Part::kChoice:
      return MakeChoice(part.choice());
    case v1::Part::kFormula:
      return MakeFormula(part.formula());
    case v1::Part::ANSWER_NOT_SET:
      break;
  }
  return absl::InvalidArgumentError(
      "answer: is missing, has to be one of integer, tuple, number, shape, shape_formula, tensor, element, "
      "value_and_place, limits, gradient, choice, formula");
}

std::variant<std::string, Unreadable> TextOf(const v1::StudentAnswer& answer) {
  if (answer.has_text()) return answer.text();
  return Unreadable{"the answer is a tensor", "write it as text", 0};
}

}  // namespace tensord::grading
