#include "analysis/src/adaptive_windows.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "tensord/analysis/integer.h"

namespace tensord::analysis {
namespace {

// How many of 1..n have no divisor in common with n.
int64_t Totient(int64_t n) {
  int64_t result = n;
  for (int64_t prime = 2; prime * prime <= n; ++prime) {
    if (n % prime != 0) continue;
    while (n % prime == 0) n /= prime;
    result -= result / prime;
  }
  return n > 1 ? result - result / n : result;
}

// 1 where d divides e, else 0.
Expression Divides(int64_t d, const Expression& e) {
  return Expression(1) + Floor(e, Expression(d)) - Ceil(e, Expression(d));
}

}  // namespace

Expression GreatestCommonDivisor(const Expression& length, int64_t count) {
  if (const std::optional<Integer> number = length.constant()) {
    return Expression(GreatestCommonDivisor(*number, Integer(count)));
  }
  Expression sum;
  for (int64_t d = 1; d * d <= count; ++d) {
    if (count % d != 0) continue;
    sum = sum + Expression(Totient(d)) * Divides(d, length);
    if (d * d != count) sum = sum + Expression(Totient(count / d)) * Divides(count / d, length);
  }
  return sum;
}

Derivation AdaptiveElements(const AxisSizes& axis, int64_t count) {
  const Derivation length = InputLength(axis);
  const Derivation windows = OutputName(axis, Expression(count));
  const Expression common = GreatestCommonDivisor(axis.input, count);
  const auto call = [&](const std::string& a, const std::string& b) { return absl::StrCat("gcd(", a, ", ", b, ")"); };
  const std::string general = call(length.general(), windows.general());
  const std::string substituted = call(length.substituted(), windows.substituted());
  return length + windows - Derivation::Named(general, common, substituted);
}

}  // namespace tensord::analysis
