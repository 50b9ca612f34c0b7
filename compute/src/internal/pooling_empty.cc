#include "compute/src/internal/pooling_empty.h"

#include <algorithm>

#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {
namespace {

// The least x >= 0 with low <= (a * x) mod m <= high, or nothing; 0 <= a < m, 0 < low <= high < m. Euclid's algorithm
// on (a, m): logarithmic in m, however many multiples would have to be tried.
std::optional<Int128> FirstMultipleInRange(Int128 a, Int128 m, Int128 low, Int128 high) {
  if (low == 0) return 0;
  if (a == 0) return std::nullopt;
  if (2 * a > m) return FirstMultipleInRange(m - a, m, m - high, m - low);
  const Int128 x = CeilDivide(low, a);
  if (x * a <= high) return x;
  const std::optional<Int128> wraps = FirstMultipleInRange((a - m % a) % a, a, low % a, high % a);
  if (!wraps.has_value()) return std::nullopt;
  return CeilDivide(low + m * *wraps, a);
}

}  // namespace

bool ReachesPastInput(const AxisWindow& axis) {
  if (axis.pad_begin > 0) return true;
  const Int128 last_start = Int128{axis.output - 1} * axis.stride - axis.pad_begin;
  return last_start + axis.extent() > axis.input;
}

std::optional<int64_t> FirstEmptyWindow(const AxisWindow& axis) {
  // Windows that start before the input: element k = ceil(-a/dilation) is the first at or past 0. That k is largest for
  // the first window.
  if (CeilDivide(axis.pad_begin, axis.dilation) >= axis.window) return 0;
  // It stands at a mod dilation, which can be past a short input.
  const Int128 begin_count = std::min<Int128>(axis.output, CeilDivide(axis.pad_begin, axis.stride));
  if (axis.dilation > axis.input && begin_count > 0) {
    const int64_t residue = -axis.pad_begin - FloorDivide(-axis.pad_begin, axis.dilation) * axis.dilation;
    if (residue >= axis.input) return 0;
    const std::optional<Int128> first = FirstMultipleInRange(axis.stride % axis.dilation, axis.dilation,
                                                             axis.input - residue, axis.dilation - 1 - residue);
    if (first.has_value() && *first < begin_count) return static_cast<int64_t>(*first);
  }
  // A window that starts inside the input has its first element there; only the last ones can start behind it.
  const Int128 started_before_end = CeilDivide(Int128{axis.input} + axis.pad_begin, Int128{axis.stride});
  if (started_before_end < axis.output) return static_cast<int64_t>(started_before_end);
  return std::nullopt;
}

}  // namespace tensord::compute::internal
