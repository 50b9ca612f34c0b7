#include "analysis/src/model/inside_pairs.h"

#include <algorithm>
#include <utility>

#include "tensord/compute/checked_math.h"

namespace tensord::analysis::model {
namespace {

// Sizes are below 2^63, and strides and dilations at most 2^31: every product and sum below is less than 2^127.
using Wide = compute::Int128;

// The sum of floor((a*i + b)/m) for i = 0..n-1; a, b, n >= 0 and m >= 1. What is whole in a/m and b/m is summed at
// once; the rest counts the points of a grid below a line, which are as many seen from the other axis, where the slope
// is m/a. Source: Graham, Knuth, Patashnik: Concrete Mathematics, 2nd edition, section 3.5 (sums of floors, Euclid's
// way).
Wide SumOfFloors(Wide n, Wide m, Wide a, Wide b) {
  Wide sum = 0;
  while (n > 0) {
    sum += n * (n - 1) / 2 * (a / m) + n * (b / m);
    a %= m;
    b %= m;
    const Wide top = a * n + b;
    n = top / m;
    b = top % m;
    std::swap(m, a);
  }
  return sum;
}

// The pairs of a place o and a tap k with o*stride + k*dilation < a.
Wide PairsBefore(Wide a, const WindowRow& row) {
  const Wide taps = row.taps;
  const Wide last = (Wide{row.places} - 1) * row.stride;
  // The taps that are such a pair with every place, and with any.
  const Wide full = std::clamp<Wide>(compute::CeilDivide(a - last, Wide{row.dilation}), 0, taps);
  const Wide any = std::clamp<Wide>(compute::CeilDivide(a, Wide{row.dilation}), 0, taps);
  // Of tap k it is ceil((a - k*dilation)/stride) places; the last tap comes first, where a - k*dilation is least.
  const Wide least = a - (any - 1) * row.dilation;
  return full * row.places + SumOfFloors(any - full, row.stride, row.dilation, least + row.stride - 1);
}

}  // namespace

Integer InsidePairs(const WindowRow& row) {
  if (row.places == 0 || row.taps == 0) return 0;
  const Wide pairs = PairsBefore(Wide{row.input} + row.pad_begin, row) - PairsBefore(row.pad_begin, row);
  return Integer::FromMagnitude(static_cast<Uint128>(pairs));
}

}  // namespace tensord::analysis::model
