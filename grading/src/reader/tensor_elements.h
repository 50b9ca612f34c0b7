// The elements of a tensor.
#ifndef TENSORD_GRADING_SRC_READER_TENSOR_ELEMENTS_H_
#define TENSORD_GRADING_SRC_READER_TENSOR_ELEMENTS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "grading/src/reader/tokens.h"
#include "tensord/grading/reading.h"

namespace tensord::grading::internal {

struct Element {
  double value = 0;  // rounded once
  int16_t last_place = kExactPlace;
  std::string dtype;  // of np.float32(1.5)
  size_t end = 0;     // the token behind it
};

struct ElementFailure {
  std::string reason;
  size_t token = 0;
};

// The element at token i: -1.5e-3, 1/3, nan, -inf, True, np.float32(1.5).
[[nodiscard]] std::variant<Element, ElementFailure> ReadElement(const Tokens& tokens, size_t i,
                                                                const ReadLimits& limits);

// Whether an element may begin at token i.
[[nodiscard]] bool BeginsElement(const Tokens& tokens, size_t i);

}  // namespace tensord::grading::internal

#endif  // TENSORD_GRADING_SRC_READER_TENSOR_ELEMENTS_H_
