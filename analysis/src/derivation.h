// Quantities that remember how they were computed.
#ifndef TENSORD_ANALYSIS_SRC_DERIVATION_H_
#define TENSORD_ANALYSIS_SRC_DERIVATION_H_

#include <string>

#include "absl/strings/string_view.h"
#include "tensord/analysis/expression.h"

namespace tensord::analysis {

// A value with two texts of the formula that gave it: one in names, one in the sizes at hand. The value and the texts
// are built by the same operations, so they cannot disagree.
class Derivation {
 public:
  // 1, left out of products: the size of an axis that there is not.
  Derivation() : value_(1), general_{"1", kProduct}, substituted_{"1", kProduct}, is_unit_(true) {}
  // A number that is written as it is in both texts.
  explicit Derivation(int64_t number);
  // What is called `name` and has that value.
  [[nodiscard]] static Derivation Named(absl::string_view name, const Expression& value);
  // The same with its own text in place of the value; both texts must be able to stand in a product.
  [[nodiscard]] static Derivation Named(absl::string_view name, const Expression& value, absl::string_view substituted);

  [[nodiscard]] const Expression& value() const { return value_; }
  [[nodiscard]] const std::string& general() const { return general_.text; }
  [[nodiscard]] const std::string& substituted() const { return substituted_.text; }

  friend Derivation operator+(const Derivation& a, const Derivation& b);
  friend Derivation operator-(const Derivation& a, const Derivation& b);
  friend Derivation operator*(const Derivation& a, const Derivation& b);
  friend Derivation Floor(const Derivation& a, const Derivation& b);
  friend Derivation Ceil(const Derivation& a, const Derivation& b);
  friend Derivation AtLeast(const Derivation& a, const Derivation& b);

 private:
  // How tightly a text holds together.
  enum Strength { kSum, kProduct, kAtom };
  struct Text {
    std::string text;
    Strength strength;
    // The text, in parentheses where it is weaker than `needed`.
    [[nodiscard]] std::string As(Strength needed) const;
  };
  Derivation(Expression value, Text general, Text substituted)
      : value_(std::move(value)), general_(std::move(general)), substituted_(std::move(substituted)) {}
  static Text Joined(const Text& a, absl::string_view sign, const Text& b, Strength left, Strength right);
  static Text Quotient(absl::string_view function, const Text& a, const Text& b);

  Expression value_;
  Text general_;
  Text substituted_;
  bool is_unit_ = false;
};

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_SRC_DERIVATION_H_
