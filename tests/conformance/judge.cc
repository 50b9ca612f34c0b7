#include "tests/conformance/judge.h"

#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace tensord::conformance {
namespace {

using onnx_reader::Tensor;
using Real = long double;

std::string Show(const std::vector<int64_t>& shape) { return absl::StrCat("(", absl::StrJoin(shape, ","), ")"); }

std::string PlaceOf(size_t element, const std::vector<int64_t>& shape) {
  std::vector<int64_t> place(shape.size());
  auto rest = static_cast<int64_t>(element);
  for (size_t axis = shape.size(); axis-- > 0;) {
    place[axis] = rest % shape[axis];
    rest /= shape[axis];
  }
  return Show(place);
}

// The distance; 0 for equal infinities and for two NaN, infinity where one alone is NaN.
Real Distance(Real left, Real right) {
  if (left == right || (std::isnan(left) && std::isnan(right))) return 0;
  const Real distance = std::fabs(left - right);
  return std::isnan(distance) ? INFINITY : distance;
}

void CompareElements(const Computed& computed, const Tensor& expected, Judgement& judgement) {
  const auto answers = Reals(computed.answer), wanted = Reals(expected);
  for (size_t at = 0; at < answers.size(); ++at) {
    const Real difference = Distance(answers[at], wanted[at]);
    if (judgement.place.empty() || difference > judgement.largest) {
      judgement.largest = difference;
      judgement.place = PlaceOf(at, expected.shape);
    }
    const bool exact = computed.exact.has_value();
    const Real truth = exact ? computed.exact->values[at] : wanted[at];
    // A bound that is no number promises nothing; what is infinite or NaN has to be met.
    const Real answer_bound = exact && std::isfinite(truth) ? computed.exact->answer_bounds[at] : 0;
    const Real reference_bound = exact && std::isfinite(truth) ? computed.exact->reference_bounds[at] : 0;
    const bool answer_holds = Distance(answers[at], truth) <= answer_bound;
    const bool expected_holds = Distance(wanted[at], truth) <= reference_bound;
    judgement.answer_holds = judgement.answer_holds && answer_holds;
    judgement.expected_holds = judgement.expected_holds && expected_holds;
    if ((answer_holds && expected_holds) || !judgement.complaint.empty()) continue;
    judgement.complaint = absl::StrFormat(
        "%s at %s: answer %.9Lg, expected %.9Lg, exact %.9Lg; allowed %.3Lg of the answer, %.3Lg of the expected value",
        answer_holds ? "the expected value is wrong" : "the answer is wrong", PlaceOf(at, expected.shape), answers[at],
        wanted[at], truth, answer_bound, reference_bound);
  }
}

}  // namespace

Judgement Judge(const Computed& computed, const Tensor& expected) {
  Judgement judgement;
  const Tensor& answer = computed.answer;
  if (answer.type != expected.type || answer.shape != expected.shape) {
    judgement.answer_holds = false;
    judgement.complaint =
        absl::StrCat("the answer is ", ::onnx::TensorProto::DataType_Name(answer.type), " ", Show(answer.shape),
                     ", expected ", ::onnx::TensorProto::DataType_Name(expected.type), " ", Show(expected.shape));
  } else if (computed.exact.has_value() && computed.exact->shape != expected.shape) {
    // The answer has the expected shape: neither has the right one.
    judgement.answer_holds = false;
    judgement.expected_holds = false;
    judgement.complaint = absl::StrCat("by ONNX's formula the shape is ", Show(computed.exact->shape),
                                       ", and expected is ", Show(expected.shape));
  } else {
    CompareElements(computed, expected, judgement);
  }
  return judgement;
}

}  // namespace tensord::conformance
