// The variables that an answer may name.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_NAMES_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_NAMES_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/grading/shape_formula.h"

namespace tensord::grading::shapes {

// Names and aliases of a question's variables.
class Names {
 public:
  // Errors: kInvalidArgument - what is no name, is two variables' name, or is a function's.
  [[nodiscard]] static absl::StatusOr<Names> Create(const std::vector<ShapeVariable>& variables);

  // The variable with that name; else the only one whose name differs in nothing but the case of letters.
  [[nodiscard]] std::optional<int> Find(absl::string_view name) const;

  // As Find(), and for "NK", which is no name, the variables N and K where they are: what a name without blanks in it
  // multiplies. Adds a note where it is not the name that was asked for.
  // Errors: kInvalidArgument - an unknown name; the text lists those that are known.
  [[nodiscard]] absl::StatusOr<std::vector<int>> Resolve(absl::string_view name, std::vector<std::string>* notes) const;

  [[nodiscard]] const std::string& name(int variable) const { return names_[static_cast<size_t>(variable)]; }
  [[nodiscard]] int size() const { return static_cast<int>(names_.size()); }
  // "N, s".
  [[nodiscard]] std::string ListText() const;

 private:
  std::vector<std::string> names_;  // as verdicts print them
  std::map<std::string, int, std::less<>> variables_;
  std::map<std::string, std::vector<int>, std::less<>> folded_;  // by the name in lower case
};

// Whether the parser reads the name, before a bracket, as a function: floor, ceil, min, max, mod, int, abs and others.
[[nodiscard]] bool IsFunction(absl::string_view name);

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_NAMES_H_
