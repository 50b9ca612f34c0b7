// How many of a convolution's products read its input, and not padding.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_INSIDE_PAIRS_H_
#define TENSORD_ANALYSIS_SRC_MODEL_INSIDE_PAIRS_H_

#include <cstdint>

#include "tensord/analysis/integer.h"

namespace tensord::analysis::model {

// Windows along one axis: tap k of the one at place o reads the element o*stride + k*dilation - pad_begin.
struct WindowRow {
  int64_t input = 0;  // elements
  int64_t taps = 0;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t pad_begin = 0;
  int64_t places = 0;
};

// The pairs of a place and a tap that read an element 0..input-1. No size is negative, and stride and dilation are
// 1..2^31.
// Cost: the logarithm of the sizes, as a file's numbers say what they are.
[[nodiscard]] Integer InsidePairs(const WindowRow& row);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_INSIDE_PAIRS_H_
