// Values and bounds of expressions.
#include "absl/strings/str_cat.h"
#include "analysis/src/expression_atoms.h"
#include "tensord/analysis/expression.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis {

using internal::Atom;
using internal::AtomKind;
using internal::AtomPointer;

namespace {

using SymbolValues = std::map<std::string, Integer>;

absl::Status Overflow() { return absl::InvalidArgumentError("does not fit into 128 bits"); }

absl::StatusOr<Integer> EvaluateAtom(const Atom& atom, const SymbolValues& symbols) {
  if (atom.kind == AtomKind::kSymbol) {
    const auto place = symbols.find(atom.text);
    if (place == symbols.end()) return absl::InvalidArgumentError(absl::StrCat("has no value for ", atom.text));
    return place->second;
  }
  TENSORD_ASSIGN_OR_RETURN(const Integer first, atom.first.Evaluate(symbols));
  if (atom.kind == AtomKind::kAtLeast) return Integer(first >= Integer(0) ? 1 : 0);
  TENSORD_ASSIGN_OR_RETURN(const Integer second, atom.second.Evaluate(symbols));
  if (second < Integer(1)) return absl::InvalidArgumentError("has a denominator below 1");
  return atom.kind == AtomKind::kFloor ? FloorDivide(first, second) : CeilDivide(first, second);
}

// A number from 0 on that the atom is never below while every symbol is at least 1.
std::optional<Integer> AtomLowerBound(const Atom& atom) {
  switch (atom.kind) {
    case AtomKind::kSymbol:
      return Integer(1);
    case AtomKind::kAtLeast:
      return Integer(0);
    case AtomKind::kFloor:
    case AtomKind::kCeil:
      break;
  }
  const std::optional<Integer> numerator = atom.first.LowerBound();
  if (!numerator.has_value() || numerator->negative()) return std::nullopt;
  const std::optional<Integer> denominator = atom.second.constant();
  const bool up = atom.kind == AtomKind::kCeil;
  if (!denominator.has_value()) return Integer(up && !numerator->zero() ? 1 : 0);
  return up ? CeilDivide(*numerator, *denominator) : FloorDivide(*numerator, *denominator);
}

}  // namespace

absl::StatusOr<Integer> Expression::Evaluate(const std::map<std::string, Integer>& symbols) const {
  if (!ok()) return status_;
  if (is_number()) return number_;
  Integer sum;
  for (const auto& [monomial, coefficient] : *polynomial_) {
    Integer product = coefficient;
    for (const AtomPointer& atom : monomial) {
      TENSORD_ASSIGN_OR_RETURN(const Integer factor, EvaluateAtom(*atom, symbols));
      const std::optional<Integer> next = Multiply(product, factor);
      if (!next.has_value()) return Overflow();
      product = *next;
    }
    const std::optional<Integer> next = Add(sum, product);
    if (!next.has_value()) return Overflow();
    sum = *next;
  }
  return sum;
}

std::optional<Integer> Expression::LowerBound() const {
  if (!ok()) return std::nullopt;
  if (is_number()) return number_;
  std::optional<Integer> sum = Integer(0);
  for (const auto& [monomial, coefficient] : *polynomial_) {
    if (coefficient.negative() && !monomial.empty()) return std::nullopt;
    std::optional<Integer> product = coefficient;
    for (const AtomPointer& atom : monomial) {
      const std::optional<Integer> factor = AtomLowerBound(*atom);
      if (!factor.has_value()) return std::nullopt;
      product = Multiply(*product, *factor);
      if (!product.has_value()) return std::nullopt;
    }
    sum = Add(*sum, *product);
    if (!sum.has_value()) return std::nullopt;
  }
  return sum;
}

}  // namespace tensord::analysis
