// The end of a quantised convolution: an exact sum times a quotient of scales, as an integer of 8 bits.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_REQUANTIZE_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_REQUANTIZE_H_

#include <cstdint>

#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {

// The integer nearest to sum * a * b / c, ties to even, computed exactly; where it is beyond +-2^16, any number beyond
// on the same side. |sum| < 2^64; a, b and c positive and finite.
[[nodiscard]] int64_t RoundScaled(Int128 sum, float a, float b, float c);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_REQUANTIZE_H_
