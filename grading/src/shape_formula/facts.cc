#include "grading/src/shape_formula/facts.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace tensord::grading::shapes {
namespace {

using Row = std::vector<Int128>;     // coefficients of the unknowns
using Rows = std::map<Row, Int128>;  // row + constant >= 0, the least constant of each row
constexpr size_t kMaxRows = 150;
constexpr Int128 kLargest = Int128{1} << 60;  // so that products and their sums fit

// Adds the row, divided by its content and the constant rounded down, as the unknowns are integers. A row of zeros is
// kept where its constant is negative: the contradiction. What is too large is left out: that only weakens.
void Insert(Row row, Int128 constant, Rows* rows) {
  Int128 content = 0;
  for (const Int128 coefficient : row) content = GreatestCommonDivisor(content, coefficient);
  if (content == 0 && constant >= 0) return;
  if (content > 1) {
    for (Int128& coefficient : row) coefficient /= content;
    constant = FloorDivide(constant, content);
  }
  const auto too_large = [](Int128 value) { return value > kLargest || value < -kLargest; };
  if (too_large(constant) || std::any_of(row.begin(), row.end(), too_large)) return;
  const auto [place, is_new] = rows->emplace(std::move(row), constant);
  if (!is_new) place->second = std::min(place->second, constant);
}

bool IsContradiction(const Rows& rows) {
  if (rows.empty()) return false;
  // A row of zeros, which is there only as a contradiction.
  return rows.count(Row(rows.begin()->first.size(), 0)) != 0;
}

// The unknown whose elimination makes the fewest rows, or none where no row has any left.
std::optional<size_t> CheapestUnknown(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  std::optional<size_t> cheapest;
  size_t least = 0;
  for (size_t i = 0; i < rows.begin()->first.size(); ++i) {
    size_t positive = 0;
    size_t negative = 0;
    for (const auto& [row, constant] : rows) {
      if (row[i] > 0) ++positive;
      if (row[i] < 0) ++negative;
    }
    if (positive + negative == 0) continue;
    if (cheapest.has_value() && positive * negative >= least) continue;
    cheapest = i;
    least = positive * negative;
  }
  return cheapest;
}

Rows Eliminated(const Rows& rows, size_t unknown) {
  Rows result;
  for (const auto& [row, constant] : rows) {
    if (row[unknown] == 0) Insert(row, constant, &result);
  }
  for (const auto& [upper, upper_constant] : rows) {
    if (upper[unknown] >= 0) continue;
    for (const auto& [lower, lower_constant] : rows) {
      if (lower[unknown] <= 0) continue;
      const Int128 a = lower[unknown];
      const Int128 b = -upper[unknown];
      Row row(upper.size());
      for (size_t i = 0; i < row.size(); ++i) row[i] = a * upper[i] + b * lower[i];
      Insert(std::move(row), a * upper_constant + b * lower_constant, &result);
    }
  }
  return result;
}

Rows RowsOf(const std::vector<Polynomial>& facts) {
  std::map<Monomial, size_t> unknowns;
  for (const Polynomial& fact : facts) {
    for (const auto& [monomial, coefficient] : fact.terms()) {
      if (!monomial.empty()) unknowns.emplace(monomial, unknowns.size());
    }
  }
  Rows rows;
  for (const Polynomial& fact : facts) {
    Row row(unknowns.size(), 0);
    for (const auto& [monomial, coefficient] : fact.terms()) {
      if (!monomial.empty()) row[unknowns[monomial]] = coefficient;
    }
    Insert(std::move(row), fact.ConstantTerm(), &rows);
  }
  return rows;
}

// The last fact, and those that share a monomial with it, directly or by way of others.
std::vector<Polynomial> ConnectedToLast(const std::vector<Polynomial>& facts) {
  std::vector<Polynomial> connected = {facts.back()};
  std::vector<bool> taken(facts.size(), false);
  std::set<Monomial> monomials;
  const auto insert = [&](const Polynomial& fact) {
    for (const auto& [monomial, coefficient] : fact.terms()) {
      if (!monomial.empty()) monomials.insert(monomial);
    }
  };
  insert(facts.back());
  for (bool grown = true; grown;) {
    grown = false;
    for (size_t i = 0; i + 1 < facts.size(); ++i) {
      if (taken[i]) continue;
      const bool shares = std::any_of(facts[i].terms().begin(), facts[i].terms().end(),
                                      [&](const auto& term) { return monomials.count(term.first) != 0; });
      if (!shares) continue;
      taken[i] = grown = true;
      insert(facts[i]);
      connected.push_back(facts[i]);
    }
  }
  return connected;
}

}  // namespace

void Facts::Substitute(int unknown, const Polynomial& value) {
  for (Polynomial& fact : facts_) fact = fact.Substituted(unknown, value);
}

bool Facts::ok() const {
  return std::all_of(facts_.begin(), facts_.end(), [](const Polynomial& fact) { return fact.ok(); });
}

std::optional<Int128> Facts::LeastOf(int unknown) const {
  std::optional<Int128> least;
  const Monomial monomial(1, static_cast<char>(unknown));
  for (const Polynomial& fact : facts_) {
    const Int128 coefficient = fact.Coefficient(monomial);
    if (coefficient <= 0 || fact.terms().size() > 2) continue;
    if (fact.terms().size() == 2 && fact.ConstantTerm() == 0) continue;
    const Int128 bound = -FloorDivide(fact.ConstantTerm(), coefficient);
    least = std::max(least.value_or(bound), bound);
  }
  return least;
}

std::optional<Int128> Facts::MostOf(int unknown) const {
  std::optional<Int128> most;
  const Monomial monomial(1, static_cast<char>(unknown));
  for (const Polynomial& fact : facts_) {
    const Int128 coefficient = fact.Coefficient(monomial);
    if (coefficient >= 0 || fact.terms().size() > 2) continue;
    if (fact.terms().size() == 2 && fact.ConstantTerm() == 0) continue;
    const Int128 bound = FloorDivide(fact.ConstantTerm(), -coefficient);
    most = std::min(most.value_or(bound), bound);
  }
  return most;
}

// For x*m with x >= l >= 0 and m >= k >= 0: (x - l)*(m - k) >= 0.
void Facts::AddProducts(std::vector<Polynomial>* facts) const {
  std::vector<Monomial> monomials;
  for (const Polynomial& fact : *facts) {
    for (const auto& [monomial, coefficient] : fact.terms()) {
      if (monomial.size() > 1) monomials.push_back(monomial);
    }
  }
  std::set<Monomial> seen;
  const auto least_of = [this](const Monomial& monomial) {
    Polynomial least(1);
    for (const char unknown : monomial) {
      const std::optional<Int128> own = LeastOf(static_cast<unsigned char>(unknown));
      if (!own.has_value() || *own < 0) return std::optional<Int128>();
      least = least * Polynomial(*own);
    }
    return least.ok() ? std::optional(least.ConstantTerm()) : std::nullopt;
  };
  for (size_t i = 0; i < monomials.size() && seen.size() < 24; ++i) {
    const Monomial monomial = monomials[i];
    if (!seen.insert(monomial).second) continue;
    for (size_t k = 0; k < monomial.size(); ++k) {
      if (k > 0 && monomial[k] == monomial[k - 1]) continue;
      const Monomial first(1, monomial[k]);
      const Monomial rest = monomial.substr(0, k) + monomial.substr(k + 1);
      const std::optional<Int128> first_least = least_of(first);
      const std::optional<Int128> rest_least = least_of(rest);
      if (!first_least.has_value() || !rest_least.has_value()) continue;
      facts->push_back((Polynomial::Term(first, 1) - Polynomial(*first_least)) *
                       (Polynomial::Term(rest, 1) - Polynomial(*rest_least)));
      if (rest.size() > 1) monomials.push_back(rest);
      if (monomial.size() == 2) break;  // the other order says the same
    }
  }
}

bool Facts::Contradictory(std::vector<Polynomial> facts) const {
  Rows rows = RowsOf(facts);
  while (*work_ > 0) {
    if (IsContradiction(rows)) return true;
    const std::optional<size_t> unknown = CheapestUnknown(rows);
    if (!unknown.has_value() || rows.size() > kMaxRows) return false;
    *work_ -= static_cast<int64_t>(rows.size() * rows.begin()->first.size());
    rows = Eliminated(rows, *unknown);
    if (!rows.empty()) *work_ -= static_cast<int64_t>(rows.size() * rows.begin()->first.size());
  }
  return false;
}

bool Facts::Charge() const {
  // A term is an allocation or several, in two copies: as dear as some ten coefficients of a row.
  constexpr size_t kTermWork = 20;
  for (const Polynomial& fact : facts_) *work_ -= static_cast<int64_t>(kTermWork * (fact.terms().size() + 1));
  return *work_ > 0;
}

bool Facts::Imply(const Polynomial& p) const {
  if (!p.ok()) return false;
  if (p.IsConstant()) return p.ConstantTerm() >= 0;
  if (!Charge()) return false;
  std::vector<Polynomial> facts = facts_;
  // First, so that products of its monomials are made too; last, so that what is connected to it is found.
  const Polynomial denied = Polynomial(-1) - p;
  facts.push_back(denied);
  AddProducts(&facts);
  facts.push_back(denied);
  return Contradictory(ConnectedToLast(facts));
}

bool Facts::Contradictory() const {
  if (!Charge()) return false;
  std::vector<Polynomial> facts = facts_;
  AddProducts(&facts);
  return Contradictory(std::move(facts));
}

}  // namespace tensord::grading::shapes
