// Words that scale a number.
#ifndef TENSORD_GRADING_SRC_READER_UNITS_H_
#define TENSORD_GRADING_SRC_READER_UNITS_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"

namespace tensord::grading::internal {

// base^exponent.
struct Scale {
  int64_t base = 10;
  int64_t exponent = 0;
};

// What the word behind a number scales it by: "million", "GFLOPs", "MiB", and, where it touches the number, "k", "M",
// "G". Nothing where it does not: "multiplications", "m".
[[nodiscard]] std::optional<Scale> ScaleOfUnit(absl::string_view word, bool touches);

}  // namespace tensord::grading::internal

#endif  // TENSORD_GRADING_SRC_READER_UNITS_H_
