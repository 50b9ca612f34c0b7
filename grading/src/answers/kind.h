// Kinds of answer: each reads what students write, and judges what it read.
#ifndef TENSORD_GRADING_ANSWERS_KIND_H_
#define TENSORD_GRADING_ANSWERS_KIND_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "grading/src/question/value.h"
#include "tensord/grading/reading.h"
#include "tensord/v1/grading.pb.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::grading {

// What an answer says, as its kind read it.
class ReadAnswer {
 public:
  virtual ~ReadAnswer() = default;
};

template <typename T>
class ReadAs final : public ReadAnswer {
 public:
  explicit ReadAs(T value) : value_(std::move(value)) {}
  [[nodiscard]] const T& value() const { return value_; }

 private:
  const T value_;
};

template <typename T>
[[nodiscard]] const T& Get(const ReadAnswer& answer) {
  return static_cast<const ReadAs<T>&>(answer).value();  // NOLINT(*-static-cast-downcast): each kind reads one type
}

// A verdict on an answer, given what is expected.
struct Judgement {
  v1::Outcome outcome = v1::OUTCOME_WRONG;
  // Where it differs, with what is expected there; absent where it is right.
  std::optional<v1::Difference> difference;
  // What of it makes the right answer easy to guess: "every element is 2 times the right one".
  std::vector<std::string> patterns;
  // Mistakes that show in the answer itself, whatever else would have been computed.
  std::vector<std::pair<std::string, std::string>> slips;  // id and text
  std::vector<std::string> notes;
};

// One kind, for one part. Threads: immutable.
class Kind {
 public:
  virtual ~Kind() = default;

  // Whether the values can be what this kind asks for: kInvalidArgument, `of[0]: ...`. Asked before anything else.
  [[nodiscard]] virtual absl::Status Check(absl::Span<const Computed> values) const = 0;

  // Reads an answer. A shape, type or number that is wrong is not unreadable.
  [[nodiscard]] virtual std::variant<std::unique_ptr<ReadAnswer>, Unreadable> Read(
      const v1::StudentAnswer& answer) const = 0;

  // Judges it. `values` are as many as Check was asked about, of the same kinds; those of a slip may have other shapes.
  [[nodiscard]] virtual Judgement Judge(const ReadAnswer& answer, absl::Span<const Computed> values) const = 0;

  // An answer that is right where these are the values, as a student would write it.
  [[nodiscard]] virtual std::string Text(absl::Span<const Computed> values) const = 0;

  // Whether what is right follows from values, so that slips can be looked for in them.
  [[nodiscard]] virtual bool uses_values() const { return true; }
  // Whether a judgement is cheap enough for pairs of slips, of which there may be thousands.
  [[nodiscard]] virtual bool is_cheap() const { return true; }
};

// The kind that a part asks for. Error: kInvalidArgument - none is set, or what it says contradicts itself; `FIELD:
// ...`.
[[nodiscard]] absl::StatusOr<std::unique_ptr<Kind>> MakeKind(const v1::Part& part);

// One function for each, in a file of its own.
using MadeKind = absl::StatusOr<std::unique_ptr<Kind>>;
[[nodiscard]] MadeKind MakeIntegers(const v1::Part& part);  // integer and tuple
[[nodiscard]] MadeKind MakeShape(const v1::ShapeAnswer& answer);
[[nodiscard]] MadeKind MakeShapeFormula(const v1::ShapeFormulaAnswer& answer);
[[nodiscard]] MadeKind MakeTensorKind(const v1::Part& part);  // number, tensor and gradient
[[nodiscard]] MadeKind MakePlaces(const v1::Part& part);      // element, and value_and_place
[[nodiscard]] MadeKind MakeLimits(const v1::LimitsAnswer& answer);
[[nodiscard]] MadeKind MakeChoice(const v1::ChoiceAnswer& answer);
[[nodiscard]] MadeKind MakeFormula(const v1::FormulaAnswer& answer);

// The text of an answer; of a tensor, that it is none.
[[nodiscard]] std::variant<std::string, Unreadable> TextOf(const v1::StudentAnswer& answer);

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_ANSWERS_KIND_H_
