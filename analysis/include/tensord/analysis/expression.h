// Exact integer expressions in symbols.
#ifndef TENSORD_ANALYSIS_EXPRESSION_H_
#define TENSORD_ANALYSIS_EXPRESSION_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tensord/analysis/integer.h"

namespace tensord::analysis {

namespace internal {
struct Atom;
using AtomPointer = std::shared_ptr<const Atom>;
// A product of atoms, sorted; an atom's power is the atom repeated. The empty one is 1.
using Monomial = std::vector<AtomPointer>;
// The order of the terms of a sum: the most atoms first, then symbols before the others, then by text.
struct MonomialOrder {
  bool operator()(const Monomial& a, const Monomial& b) const;
};
// The terms of a polynomial: no coefficient is zero.
using Terms = std::map<Monomial, Integer, MonomialOrder>;
}  // namespace internal

// A polynomial with Integer coefficients in atoms. An atom is a symbol, which stands for a positive integer, or one of
//   floor(e/d), ceil(e/d)   e and d expressions, d positive;
//   [e >= f]                1 where it holds, else 0.
//
// Form:    polynomials are kept expanded, with like terms merged, so equal polynomials in the same atoms are equal
//          objects and print alike. In floor, ceil and [] a common divisor of the coefficients is divided out (so
//          floor((N*2 + 3)/2) is N + 1), and what has no symbol left is a number. Apart from that an atom keeps the
//          form in which it was written: floor((N - 1)/2) + 1 does not become floor((N + 1)/2).
// Errors:  an overflow, a denominator that is a number below 1, and an expression beyond the limits below make an
//          expression with an error, as does every operation on one. status() tells: check it once, at the end.
//          kInvalidArgument in each case.
// Owns:    immutable; copies share their terms. Threads: safe to read concurrently.
// Cost:    what is done with numbers alone allocates nothing: whole models are mostly that.
class Expression {
 public:
  // Bounds on what hostile input can build; a product of more than kMaxProducts pairs of terms is beyond them too.
  static constexpr size_t kMaxTerms = 4096;
  static constexpr size_t kMaxTextBytes = size_t{64} << 10;
  static constexpr size_t kMaxProducts = size_t{1} << 16;

  Expression() = default;                                    // 0
  Expression(int64_t value) : Expression(Integer(value)) {}  // NOLINT(google-explicit-constructor): a number is one.
  Expression(const Integer& value) : number_(value) {}       // NOLINT(google-explicit-constructor): likewise.
  // A symbol. `name` must satisfy IsSymbol().
  [[nodiscard]] static Expression Symbol(absl::string_view name);

  [[nodiscard]] const absl::Status& status() const { return status_; }
  [[nodiscard]] bool ok() const { return status_.ok(); }

  // The value where no symbol is left (and there is no error).
  [[nodiscard]] std::optional<Integer> constant() const;

  // `N*57040`, `N*20 + 5`, `floor((N - 1)/2) + 1`: the terms with most atoms first, symbols before other atoms, the
  // number last; but a sum begins with a positive term where it has one. A sum's atoms that all terms share stand
  // before it, and the number that divides all terms behind it where the first term then has none:
  // `B*C*(floor((N - 1)/s) + 1)*4`, `(H - 2)*9900`. A power is a product: `N*N`. An error's text is empty.
  [[nodiscard]] std::string ToString() const;
  // ToString(), in parentheses unless it is a product, an atom or a number that is not negative.
  [[nodiscard]] std::string ToFactor() const;

  // An upper bound of the bytes of ToString(); 0 for a number.
  [[nodiscard]] size_t text_bytes() const { return text_bytes_; }

  // The value with a number for every symbol.
  // Errors: kInvalidArgument - a symbol without a value, a denominator below 1, an overflow, or status().
  [[nodiscard]] absl::StatusOr<Integer> Evaluate(const std::map<std::string, Integer>& symbols) const;

  // A number that the expression is never below while every symbol is at least 1, or nothing where none is evident.
  [[nodiscard]] std::optional<Integer> LowerBound() const;

  bool operator==(const Expression& other) const;

  // As *this + other, but in place: a sum of many does not copy what it has so far.
  Expression& operator+=(const Expression& other);
  // Terms of the polynomial; 0 for 0.
  [[nodiscard]] size_t term_count() const { return is_number() ? (number_.zero() ? 0 : 1) : polynomial_->size(); }

  friend Expression operator+(const Expression& a, const Expression& b);
  friend Expression operator-(const Expression& a, const Expression& b);
  friend Expression operator*(const Expression& a, const Expression& b);
  // floor(e/d) and ceil(e/d), d positive.
  friend Expression Floor(const Expression& e, const Expression& d);
  friend Expression Ceil(const Expression& e, const Expression& d);
  // [e >= f].
  friend Expression AtLeast(const Expression& e, const Expression& f);

  // "N >= 3" for e >= f and "C = 10" for e = f, with the terms on the sides where they are positive and a common
  // divisor divided out; a side that is only a number stands on the right.
  friend std::string AtLeastText(const Expression& e, const Expression& f);
  friend std::string EqualText(const Expression& e, const Expression& f);

 private:
  static Expression FromAtom(internal::AtomPointer atom);
  static Expression FromTerms(internal::Terms terms);
  static Expression Error(absl::string_view what);
  static Expression Quotient(const Expression& e, const Expression& d, bool up);
  // Every term over `divisor`, where it divides them all.
  [[nodiscard]] std::optional<Expression> DividedBy(const Expression& divisor) const;
  [[nodiscard]] bool is_number() const { return polynomial_ == nullptr; }
  // The terms, of a number too.
  [[nodiscard]] std::shared_ptr<const internal::Terms> terms() const;
  [[nodiscard]] Integer NumberTerm() const;
  // The greatest common divisor of the coefficients, without or with the number term.
  [[nodiscard]] Integer Content(bool with_number) const;
  [[nodiscard]] std::string CompareText(absl::string_view relation, absl::string_view flipped) const;

  Integer number_;  // where no symbol is left
  // Where one is. Nobody changes it but its only owner, in a sum of many.
  std::shared_ptr<internal::Terms> polynomial_;
  size_t text_bytes_ = 0;
  absl::Status status_;
};

Expression operator+(const Expression& a, const Expression& b);
Expression operator-(const Expression& a, const Expression& b);
Expression operator*(const Expression& a, const Expression& b);
[[nodiscard]] Expression Floor(const Expression& e, const Expression& d);
[[nodiscard]] Expression Ceil(const Expression& e, const Expression& d);
[[nodiscard]] Expression AtLeast(const Expression& e, const Expression& f);
[[nodiscard]] std::string AtLeastText(const Expression& e, const Expression& f);
[[nodiscard]] std::string EqualText(const Expression& e, const Expression& f);

// Whether `name` can be a symbol: a letter, then letters, digits or underscores, at most 32 characters.
[[nodiscard]] bool IsSymbol(absl::string_view name);

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_EXPRESSION_H_
