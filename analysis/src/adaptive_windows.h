// How many elements the adaptive windows of a pooling have, all of them together.
#ifndef TENSORD_ANALYSIS_SRC_ADAPTIVE_WINDOWS_H_
#define TENSORD_ANALYSIS_SRC_ADAPTIVE_WINDOWS_H_

#include <cstdint>

#include "analysis/src/axis_length.h"
#include "analysis/src/derivation.h"
#include "tensord/analysis/expression.h"

namespace tensord::analysis {

// The most windows along an axis whose length is a symbol: the divisors of their number are looked for.
inline constexpr int64_t kMostSymbolicWindows = int64_t{1} << 20;

// gcd(length, count). A number for a number; for a symbol, sum over the divisors d of count of
// phi(d)*(1 + floor(length/d) - ceil(length/d)), whose bracket is 1 where d divides the length. count is 1..2^63-1, and
// at most kMostSymbolicWindows where the length is no number.
[[nodiscard]] Expression GreatestCommonDivisor(const Expression& length, int64_t count);

// The elements of all the windows along one axis: H + Ho - gcd(H, Ho), as neighbours share one element unless a window
// ends where two of the input's elements meet, which gcd(H, Ho) of the windows do.
[[nodiscard]] Derivation AdaptiveElements(const AxisSizes& axis, int64_t count);

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_SRC_ADAPTIVE_WINDOWS_H_
