// How the sums of an operator are made.
#ifndef TENSORD_COMPUTE_ACCUMULATION_H_
#define TENSORD_COMPUTE_ACCUMULATION_H_

#include <array>

#include "absl/strings/string_view.h"

namespace tensord::compute {

// kFast:     sums in the element type (float32 for float16 and bfloat16, which are rounded once at the end), in an
// order
//            that is the same for any number of threads. Denormals are treated as the calling thread's processor mode
//            says; a server flushes them.
// kFaithful: everything in float64, then one rounding to the element type. Denormals are kept. For float64 this is the
//            order and the rounding of kFast, with denormals kept.
// kExact:    each sum of products (and the bias) is the exact one, rounded once, to nearest, ties to even: the same
// bits
//            for any number of threads, instruction set or order of the terms. Denormals are kept. A sum that is zero
//            exactly is +0; one that rounds to zero keeps its sign. A NaN among the terms, an infinity times zero, or
//            infinities of both signs give the quiet NaN without sign; else an infinity gives itself. Partial sums
//            cannot overflow: only a result beyond the largest finite number is an infinity.
//
// Sums of integers are exact in all three.
enum class Accumulation { kFast, kFaithful, kExact };
inline constexpr std::array<Accumulation, 3> kAllAccumulations = {Accumulation::kFast, Accumulation::kFaithful,
                                                                  Accumulation::kExact};

// "FAST", "FAITHFUL", "EXACT".
[[nodiscard]] absl::string_view Name(Accumulation value);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_ACCUMULATION_H_
