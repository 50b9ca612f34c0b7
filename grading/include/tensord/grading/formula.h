// Grading of formulas in index notation, in ASCII or LaTeX.
#ifndef TENSORD_GRADING_FORMULA_H_
#define TENSORD_GRADING_FORMULA_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/grading/formula_question.h"

namespace tensord::grading {

enum class FormulaOutcome {
  kRight,
  kWrong,
  kUngradable,  // cannot be read, or cannot be decided; the first problem says why
};

enum class FormulaProblemCode {
  kSyntax,           // not a formula: nothing further is known
  kTooLarge,         // over a limit on length, depth, nodes or work
  kUnknownTensor,    // a name that the problem does not have
  kUnknownIndex,     // an index that is neither the problem's nor bound in the answer
  kUnsummedIndex,    // an index of the problem that is not free here and that no sum binds
  kSummedTwice,      // a sum over an index inside a sum over the same one
  kSummedFreeIndex,  // a sum over an index of the result
  kUnusedSumIndex,   // a sum over an index that does not occur in it
  kIndexCount,       // a tensor with too few or too many indices
  kUnknownRange,     // a sum over an index whose range cannot be told
  kNotGiven,         // a derivative that the question does not give
  kCircular,         // what is asked for, or what depends on it, stands on the right side
  kOtherTarget,      // the left side is another tensor than the one asked for
  kReadsOutside,     // a tensor is read outside its shape
  kUndefined,        // a division by zero, whatever the values
  kUndecided,        // exact evaluation and doubles contradict each other
};

// One thing that is wrong with an answer, and where.
struct FormulaProblem {
  FormulaProblemCode code = FormulaProblemCode::kSyntax;
  std::string text;   // a sentence for people
  size_t offset = 0;  // bytes from the beginning of the answer
  size_t length = 0;  // in bytes; may be 0
  std::string name;   // the index or tensor that it is about; may be empty
  bool operator==(const FormulaProblem&) const = default;
};

// A tensor of small integers, row-major.
struct FormulaData {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<int64_t> values;
  bool operator==(const FormulaData&) const = default;
};

// Data for which an answer has another value than the question: the smallest sizes for which one was found.
struct FormulaCounterexample {
  std::vector<std::pair<std::string, int64_t>> sizes;  // of the symbols
  std::vector<FormulaData> tensors;                    // what is given, the derivative ("dJ/dU") included
  std::vector<int64_t> cell;                           // of what is asked for
  std::string expected;                                // a fraction such as "-3/2" where `exact`, else 17 digits
  std::string actual;                                  // likewise
  double expected_value = 0;
  double actual_value = 0;
  bool exact = true;
  bool operator==(const FormulaCounterexample&) const = default;
};

struct FormulaVerdict {
  FormulaOutcome outcome = FormulaOutcome::kUngradable;
  // Whether the outcome was decided over the prime field (docs/adr/0030); else, for functions about which the field
  // knows too little, in doubles alone.
  bool exact = true;
  std::vector<FormulaProblem> problems;  // by place; of a right answer none but those that do not change its value
  std::vector<std::string> notes;        // what was assumed in reading the answer
  // What would make a wrong answer right, where something simple does: "the sum over i, j1, j2 is missing".
  std::string repair;
  std::optional<FormulaCounterexample> counterexample;
  bool operator==(const FormulaVerdict&) const = default;
};

namespace formula {
struct Model;
}  // namespace formula

// Judges answers to one question.
//
// Meaning:  the expected tensor is computed from the definitions, derivatives by exact reverse-mode differentiation,
// and
//           compared with the answer's value in every cell at random entries: see
//           docs/adr/0030-formulas-over-a-prime-field.md for how, and for how often that errs (less than 2^-50 for
//           rational formulas).
// Cost:     bounded whatever the answer: 64 KiB of text, 100 levels, 10^4 nodes, 2^23 evaluated nodes a verdict.
// Owns:     immutable; copies share what was computed. Threads: safe to use concurrently.
class FormulaJudge {
 public:
  // Errors: kInvalidArgument - a fault of the question; the text names the field, e.g. "definitions[0]: ...".
  static absl::StatusOr<FormulaJudge> Create(FormulaQuestion question);

  // The verdict on an answer: any bytes.
  [[nodiscard]] FormulaVerdict Judge(absl::string_view answer) const;

  // How an answer was read, as indented text, one node a line.
  // Errors: kInvalidArgument - it cannot be read.
  [[nodiscard]] absl::StatusOr<std::string> Tree(absl::string_view answer) const;

  [[nodiscard]] const FormulaQuestion& question() const { return *question_; }

 private:
  FormulaJudge(std::shared_ptr<const FormulaQuestion> question, std::shared_ptr<const formula::Model> model);

  std::shared_ptr<const FormulaQuestion> question_;
  std::shared_ptr<const formula::Model> model_;
};

// The line of the answer in which a problem lies and, below it, a caret at the place. Control characters are shown as
// spaces, and of a long line only what is near.
std::string FormulaExcerpt(absl::string_view answer, const FormulaProblem& problem);

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_FORMULA_H_
