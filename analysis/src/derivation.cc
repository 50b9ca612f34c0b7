#include "analysis/src/derivation.h"

#include "absl/strings/str_cat.h"

namespace tensord::analysis {

std::string Derivation::Text::As(Strength needed) const {
  return strength < needed ? absl::StrCat("(", text, ")") : text;
}

Derivation::Derivation(int64_t number)
    : value_(number), general_{absl::StrCat(number), kAtom}, substituted_{absl::StrCat(number), kAtom} {}

Derivation Derivation::Named(absl::string_view name, const Expression& value) {
  const std::string text = value.ToString();
  const bool is_sum = value.ToFactor() != text;
  const bool is_atom = value.constant().has_value() || IsSymbol(text);
  const Strength strength = is_sum ? kSum : is_atom ? kAtom : kProduct;
  return {value, Text{std::string(name), kAtom}, Text{text, strength}};
}

Derivation Derivation::Named(absl::string_view name, const Expression& value, absl::string_view substituted) {
  return {value, Text{std::string(name), kAtom}, Text{std::string(substituted), kAtom}};
}

Derivation::Text Derivation::Joined(const Text& a, absl::string_view sign, const Text& b, Strength left,
                                    Strength right) {
  return {absl::StrCat(a.As(left), sign, b.As(right)), left};
}

Derivation::Text Derivation::Quotient(absl::string_view function, const Text& a, const Text& b) {
  return {absl::StrCat(function, "(", a.As(kProduct), "/", b.As(kAtom), ")"), kAtom};
}

Derivation operator+(const Derivation& a, const Derivation& b) {
  using D = Derivation;
  return {a.value_ + b.value_, D::Joined(a.general_, " + ", b.general_, D::kSum, D::kSum),
          D::Joined(a.substituted_, " + ", b.substituted_, D::kSum, D::kSum)};
}

Derivation operator-(const Derivation& a, const Derivation& b) {
  using D = Derivation;
  return {a.value_ - b.value_, D::Joined(a.general_, " - ", b.general_, D::kSum, D::kProduct),
          D::Joined(a.substituted_, " - ", b.substituted_, D::kSum, D::kProduct)};
}

Derivation operator*(const Derivation& a, const Derivation& b) {
  using D = Derivation;
  if (a.is_unit_) return b;
  if (b.is_unit_) return a;
  return {a.value_ * b.value_, D::Joined(a.general_, "*", b.general_, D::kProduct, D::kProduct),
          D::Joined(a.substituted_, "*", b.substituted_, D::kProduct, D::kProduct)};
}

Derivation Floor(const Derivation& a, const Derivation& b) {
  return {Floor(a.value_, b.value_), Derivation::Quotient("floor", a.general_, b.general_),
          Derivation::Quotient("floor", a.substituted_, b.substituted_)};
}

Derivation Ceil(const Derivation& a, const Derivation& b) {
  return {Ceil(a.value_, b.value_), Derivation::Quotient("ceil", a.general_, b.general_),
          Derivation::Quotient("ceil", a.substituted_, b.substituted_)};
}

Derivation AtLeast(const Derivation& a, const Derivation& b) {
  const auto compare = [](const Derivation::Text& x, const Derivation::Text& y) {
    return Derivation::Text{absl::StrCat("[", x.text, " >= ", y.text, "]"), Derivation::kAtom};
  };
  return {AtLeast(a.value_, b.value_), compare(a.general_, b.general_), compare(a.substituted_, b.substituted_)};
}

}  // namespace tensord::analysis
