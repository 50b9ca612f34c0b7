// Numbers, tensors and gradients, judged element by element by the bound on rounding.
#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/answers/difference.h"
#include "grading/src/answers/kind.h"

namespace tensord::grading {
namespace {

// Beyond this share of the value a printed number is too coarse to be proof of anything.
constexpr double kCoarse = 1e-3;

// Elements as they were read, each with half a unit of its last printed place: 0 for what is exact.
struct Elements {
  std::vector<int64_t> shape;
  std::vector<double> values;
  std::vector<double> half_units;
  std::vector<std::string> notes;
};

double HalfUnit(std::optional<int64_t> last_place) {
  return last_place.has_value() ? 0.5 * std::pow(10.0, static_cast<double>(*last_place)) : 0;
}

enum class Match { kRight, kBorderline, kWrong };

class TensorKind final : public Kind {
 public:
  TensorKind(bool is_number, double slack) : is_number_(is_number), slack_(slack) {}

  [[nodiscard]] absl::Status Check(absl::Span<const Computed> values) const override {
    if (values.size() != 1)
      return absl::InvalidArgumentError(absl::StrCat("of: was ", values.size(), " values, has to be 1"));
    const absl::StatusOr<TensorValue> value = Numbers(values.front());
    if (!value.ok()) return absl::InvalidArgumentError(absl::StrCat("of[0]: ", value.status().message()));
    if (is_number_ && value->elements.size() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("of[0]: has the shape ", CellText(value->shape), ", has to be one number"));
    }
    return absl::OkStatus();
  }

  [[nodiscard]] std::variant<std::unique_ptr<ReadAnswer>, Unreadable> Read(
      const v1::StudentAnswer& answer) const override {
    if (answer.has_tensor()) {
      absl::StatusOr<TensorValue> value = TensorValueOf(answer.tensor());
      if (!value.ok())
        return Unreadable{absl::StrCat("the tensor ", value.status().message()), "hand in another file", 0};
      std::vector<double> exact(value->elements.size());
      return std::make_unique<ReadAs<Elements>>(Elements{value->shape, value->elements, std::move(exact), {}});
    }
    return is_number_ ? ReadOne(answer.text()) : ReadAll(answer.text());
  }

  [[nodiscard]] Judgement Judge(const ReadAnswer& answer, absl::Span<const Computed> values) const override {
    const auto& read = Get<Elements>(answer);
    Judgement judgement;
    judgement.notes = read.notes;
    const absl::StatusOr<TensorValue> expected = Numbers(values.front());
    if (!expected.ok()) return judgement;  // a slip made no number of it: nothing equals it
    const std::vector<int64_t> shape = is_number_ ? std::vector<int64_t>{} : expected->shape;
    if (read.shape != shape || read.values.size() != expected->elements.size()) {
      OtherShape(read.shape, shape, judgement);
      return judgement;
    }
    std::vector<bool> differs(read.values.size());
    Match worst = Match::kRight;
    for (size_t i = 0; i < differs.size(); ++i) {
      const Match match = Compare(read, *expected, i);
      differs[i] = match != Match::kRight;
      worst = std::max(worst, match);
    }
    judgement.outcome = worst == Match::kRight        ? v1::OUTCOME_RIGHT
                        : worst == Match::kBorderline ? v1::OUTCOME_BORDERLINE
                                                      : v1::OUTCOME_WRONG;
    if (worst != Match::kRight) Locate({shape, read.values, expected->elements, differs}, judgement);
    return judgement;
  }

  [[nodiscard]] std::string Text(absl::Span<const Computed> values) const override {
    const absl::StatusOr<TensorValue> value = Numbers(values.front());
    if (!value.ok()) return "";
    size_t place = 0;
    return Lists(*value, is_number_ ? value->shape.size() : 0, place);
  }

 private:
  // A count or shape is a list of numbers too.
  static absl::StatusOr<TensorValue> Numbers(const Computed& value) {
    if (const auto* const tensor = std::get_if<TensorValue>(&value)) return *tensor;
    const auto& sizes = std::get<SizesValue>(value);
    TensorValue numbers;
    numbers.type = v1::DATA_TYPE_FLOAT64;
    if (sizes.is_list) numbers.shape = {static_cast<int64_t>(sizes.sizes.size())};
    for (const Size& size : sizes.sizes) {
      if (!size.number.has_value()) {
        return absl::InvalidArgumentError(absl::StrCat("was ", size.text, ", has to be a number"));
      }
      numbers.elements.push_back(static_cast<double>(*size.number));
    }
    return numbers;
  }

  static std::variant<std::unique_ptr<ReadAnswer>, Unreadable> ReadOne(const std::string& text) {
    auto reading = ReadNumber(text);
    if (const auto* const unreadable = std::get_if<Unreadable>(&reading)) return *unreadable;
    const auto& number = std::get<NumberReading>(reading);
    Elements read{{}, {number.value.number.ToDouble()}, {HalfUnit(number.value.last_place)}, {}};
    for (const Note& note : number.notes) read.notes.push_back(note.text);
    return std::make_unique<ReadAs<Elements>>(std::move(read));
  }

  static std::variant<std::unique_ptr<ReadAnswer>, Unreadable> ReadAll(const std::string& text) {
    auto reading = ReadTensor(text);
    if (const auto* const unreadable = std::get_if<Unreadable>(&reading)) return *unreadable;
    auto& tensor = std::get<TensorReading>(reading);
    Elements read{std::move(tensor.shape), std::move(tensor.values), {}, {}};
    for (const int16_t place : tensor.last_places) {
      // Printers cut zeros off: beside 0.3333 a 0.5 is 0.5000.
      const int16_t lowest = place == kExactPlace ? place : std::min(place, tensor.lowest_place);
      read.half_units.push_back(lowest == kExactPlace ? 0 : HalfUnit(lowest));
    }
    return std::make_unique<ReadAs<Elements>>(std::move(read));
  }

  [[nodiscard]] Match Compare(const Elements& read, const TensorValue& expected, size_t i) const {
    const double value = expected.elements[i];
    const double answered = read.values[i];
    if (std::isnan(value) || std::isnan(answered)) {
      return std::isnan(value) && std::isnan(answered) ? Match::kRight : Match::kWrong;
    }
    if (answered == value) return Match::kRight;
    if (std::isinf(value) || std::isinf(answered)) return Match::kWrong;
    const double off = std::fabs(answered - value);
    const double bound = expected.bounds.empty() ? 0 : expected.bounds[i];
    // A bound that is no promise lets nothing be marked wrong, and nothing right.
    if (!std::isfinite(bound)) return Match::kBorderline;
    const double printed = read.half_units[i];
    if (off <= bound + printed) {
      const bool is_coarse = printed > kCoarse * std::fabs(value) && off > bound;
      return is_coarse ? Match::kBorderline : Match::kRight;
    }
    return off <= bound + printed + slack_ * std::fabs(value) ? Match::kBorderline : Match::kWrong;
  }

  static std::string Lists(const TensorValue& value, size_t axis, size_t& place) {
    if (axis == value.shape.size()) return NumberText(value.elements[place++]);
    std::vector<std::string> parts;
    for (int64_t i = 0; i < value.shape[axis]; ++i) parts.push_back(Lists(value, axis + 1, place));
    return absl::StrCat("[", absl::StrJoin(parts, ", "), "]");
  }

  const bool is_number_;
  const double slack_;
};

}  // namespace

MadeKind MakeTensorKind(const v1::Part& part) {
  const bool is_gradient = part.has_gradient();
  const double slack = part.has_number() ? part.number().slack()
                       : is_gradient     ? part.gradient().slack()
                                         : part.tensor().slack();
  if (!std::isfinite(slack) || slack < 0 || slack > 1) {
    return absl::InvalidArgumentError(absl::StrCat("slack: was ", NumberText(slack), ", has to be from 0 to 1"));
  }
  if (is_gradient && !part.gradient().fixed_rule()) {
    return absl::InvalidArgumentError(
        "gradient.fixed_rule: was false, has to be true: other elements of the subdifferential are not judged yet");
  }
  return std::make_unique<TensorKind>(part.has_number(), slack);
}

}  // namespace tensord::grading
