// The number of windows along one axis, with symbols.
#ifndef TENSORD_ANALYSIS_SRC_AXIS_LENGTH_H_
#define TENSORD_ANALYSIS_SRC_AXIS_LENGTH_H_

#include <cstdint>
#include <optional>
#include <string>

#include "analysis/src/derivation.h"
#include "tensord/compute/conventions.h"

namespace tensord::analysis {

// One spatial axis. The padding counts where its mode is VALID or EXPLICIT; the other modes' follows from the rest.
struct AxisSizes {
  char letter = 'W';  // 'H' makes the names H, Kh, sh, dh, ph_begin, ph_end
  Expression input;
  Expression window;
  Expression stride;
  int64_t dilation = 1;
  int64_t pad_begin = 0;
  int64_t pad_end = 0;
};

// "H", "Kh" and "Ho" with their values.
[[nodiscard]] Derivation InputLength(const AxisSizes& axis);
[[nodiscard]] Derivation WindowLength(const AxisSizes& axis);

[[nodiscard]] Derivation OutputName(const AxisSizes& axis, const Expression& length);

// dilation*(window - 1) + 1.
[[nodiscard]] Expression WindowExtent(const AxisSizes& axis);

// The length and how it was computed.
[[nodiscard]] Derivation OutputLength(compute::LengthRule rule, compute::PaddingMode mode, const AxisSizes& axis);

// The length of a transposed convolution's output: sh*(H - 1) + w + oph - ph_begin - ph_end, or H*sh for the SAME
// modes.
[[nodiscard]] Derivation TransposedLength(compute::PaddingMode mode, const AxisSizes& axis, int64_t output_padding);

// What is at least 0 exactly where the length is at least 1; nothing where it always is.
[[nodiscard]] std::optional<Expression> RoomForOneWindow(compute::LengthRule rule, compute::PaddingMode mode,
                                                         const AxisSizes& axis);

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_SRC_AXIS_LENGTH_H_
