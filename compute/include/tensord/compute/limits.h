// What one call may cost. Costs are computed from shapes, before anything is allocated.
#ifndef TENSORD_COMPUTE_LIMITS_H_
#define TENSORD_COMPUTE_LIMITS_H_

#include <cstdint>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tensord/compute/data_type.h"
#include "tensord/compute/shape.h"

namespace tensord::compute {

// Upper bounds for one call.
struct Limits {
  int64_t max_tensor_bytes = int64_t{192} << 20;
  int64_t max_multiplication_count = int64_t{1} << 40;
};

// What a call will cost. Saturates at the largest int64_t instead of overflowing.
struct Cost {
  int64_t result_bytes = 0;          // tensors that the call allocates and returns
  int64_t scratch_bytes = 0;         // memory that it uses besides, at most
  int64_t multiplication_count = 0;  // or elements touched, for what multiplies nothing
};

inline constexpr int64_t kSaturatedCost = std::numeric_limits<int64_t>::max();

// a + b and a * b for a, b >= 0, kSaturatedCost where they do not fit.
[[nodiscard]] int64_t SaturatingAdd(int64_t a, int64_t b);
[[nodiscard]] int64_t SaturatingMultiply(int64_t a, int64_t b);
// The elements of a shape, and their bytes; likewise.
[[nodiscard]] int64_t SaturatingCount(const Shape& shape);
[[nodiscard]] int64_t SaturatingBytes(const Shape& shape, DataType type);

// The payloads by which a kResourceExhausted status tells which limit it is (TENSOR_TOO_LARGE, WORK_TOO_LARGE or
// OUT_OF_MEMORY) and which field of the request ran into it.
inline constexpr absl::string_view kReasonPayload = "tensord/reason";
inline constexpr absl::string_view kFieldPayload = "tensord/field";

// A kResourceExhausted status with those payloads; `field` may be empty.
[[nodiscard]] absl::Status LimitError(absl::string_view reason, absl::string_view field, absl::string_view message);

// LimitError TENSOR_TOO_LARGE where a tensor of that shape is larger than limits.max_tensor_bytes. A size 0 counts as
// 1, so that an empty batch does not open the door to absurd sizes.
[[nodiscard]] absl::Status CheckTensorSize(const Shape& shape, DataType type, absl::string_view field,
                                           const Limits& limits);

// LimitError WORK_TOO_LARGE where the cost is over the limit.
[[nodiscard]] absl::Status CheckWork(const Cost& cost, const Limits& limits);

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_LIMITS_H_
