// Judges formulas of sizes and shapes, such as "floor((N + 2P - K)/S) + 1" or "(B, ceil(N/s), C)".
#ifndef TENSORD_GRADING_SHAPE_FORMULA_H_
#define TENSORD_GRADING_SHAPE_FORMULA_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tensord::grading {

// What "/" between integers means in an answer. In expected formulas and constraints, and as \frac, it is always exact.
enum class DivisionRule {
  kExact,      // a rational number: 5/2 is two and a half
  kTruncated,  // as in C: towards zero, and % is what remains of that
  kFloored,    // downwards
};

// An integer that formulas speak of.
struct ShapeVariable {
  std::string name;                            // as verdicts print it: "N", "H_in"
  std::vector<std::string> aliases = {};       // other names for it: "n", "length", "H_{in}"
  int64_t least = 1;                           // from kLeastValue
  std::optional<int64_t> most = std::nullopt;  // up to kMostValue; none: unbounded
};

struct ShapeFormulaQuestion {
  std::vector<std::string> expected;  // one formula for each component; a number's question has one
  std::vector<ShapeVariable> variables;
  std::vector<std::string> constraints = {};  // what holds besides: "K <= N + 2*P", "N mod s = 0"
  DivisionRule division = DivisionRule::kExact;
};

enum class ShapeOutcome { kRight, kWrong, kUngradable };

// What a component's verdict stands on.
enum class ShapeEvidence {
  kExhaustive,      // equal at each point of the domain, which is finite
  kProved,          // equal on the whole domain, by the proof that docs/grading/shape_formulas.md describes
  kBox,             // equal at every point that was looked at; neither proved nor refuted beyond
  kCounterExample,  // different at a point
};

struct ShapeCounterExample {
  std::vector<std::pair<std::string, int64_t>> values;  // of all variables, in the question's order
  std::string answer;                                   // "3", "5/2", or "undefined" after a division by zero
  std::string expected;
  // Whether no other has a smaller sum of the variables or, with the same sum, comes before it in lexicographic order.
  bool smallest = true;
};

struct ShapeComponentVerdict {
  bool equal = false;
  ShapeEvidence evidence = ShapeEvidence::kBox;
  std::optional<ShapeCounterExample> counter_example = std::nullopt;  // where it is not equal
  std::string note = {};                                              // for kBox: where it was looked
};

// A slip that explains a whole wrong tuple.
enum class ShapeSlip {
  kNone,
  kAxesPermuted,        // the right components in another order
  kOtherAxisReduced,    // axis `instead` bears the formula of axis `axis`, which is left as it was
  kAxisNotReduced,      // axis `axis` is left as it was
  kOtherAxisInFormula,  // the formula of axis `axis` is applied to the size of `instead`
};

struct ShapeDiagnosis {
  ShapeSlip slip = ShapeSlip::kNone;
  std::vector<size_t> permutation = {};  // for kAxesPermuted: the answer's component i is the expected permutation[i]
  std::string axis = {};                 // the variable's name
  std::string instead = {};
  std::string text = {};  // one sentence; empty for kNone
};

struct ShapeVerdict {
  ShapeOutcome outcome = ShapeOutcome::kUngradable;
  std::string reason;                             // why it is wrong or ungradable; empty where it is right
  std::vector<ShapeComponentVerdict> components;  // none where it is ungradable or has another number of components
  ShapeDiagnosis diagnosis;
  std::vector<std::string> notes;  // how the answer was read, and what is not proved
};

// Judges answers to one question.
//
// Meaning: an answer is right where each component is equal to the expected one at every point of the domain: integers
//          within the variables' ranges for which the constraints hold and the expected formula divides by no zero.
//          docs/grading/shape_formulas.md has the grammar and what is decided how.
// Limits:  kMaxTextBytes a text, kMaxDepth brackets in brackets, kMaxNodes operations, powers up to kMaxExponent.
//          Values are exact up to 127 bits and a sign; an answer that goes beyond is ungradable.
// Cost:    at most some millions of evaluations a component; a fraction of a second, some seconds at the limits.
// Threads: immutable; safe to use concurrently. Copies share what they hold.
class ShapeFormulaJudge {
 public:
  static constexpr size_t kMaxTextBytes = size_t{16} << 10;
  static constexpr size_t kMaxDepth = 64;
  static constexpr size_t kMaxNodes = 1000;
  static constexpr int kMaxExponent = 16;
  static constexpr size_t kMaxComponents = 16;
  static constexpr size_t kMaxVariables = 12;
  static constexpr size_t kMaxAliases = 16;  // of one variable
  static constexpr size_t kMaxConstraints = 16;
  static constexpr int64_t kMostValue = int64_t{1} << 40;
  static constexpr int64_t kLeastValue = -kMostValue;

  // Errors: kInvalidArgument - the question is beyond the limits, two names are one, a range is empty, or a formula or
  //         constraint cannot be read; the text names the field and what would do.
  [[nodiscard]] static absl::StatusOr<ShapeFormulaJudge> Create(const ShapeFormulaQuestion& question);

  // Any text gets a verdict. What cannot be read, names an unknown variable, or is a bare number where the expected
  // formula has variables, is ungradable with the reason.
  [[nodiscard]] ShapeVerdict Judge(absl::string_view answer) const;

 private:
  struct State;
  explicit ShapeFormulaJudge(std::shared_ptr<const State> state) : state_(std::move(state)) {}

  std::shared_ptr<const State> state_;
};

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_SHAPE_FORMULA_H_
