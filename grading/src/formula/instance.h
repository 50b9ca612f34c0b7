// Tensors of one size with their entries.
#ifndef TENSORD_GRADING_SRC_FORMULA_INSTANCE_H_
#define TENSORD_GRADING_SRC_FORMULA_INSTANCE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tensord/compute/checked_math.h"

namespace tensord::grading::formula {

template <typename Value>
struct Cells {
  std::vector<int64_t> shape;
  std::vector<Value> values;  // row-major; empty: not known

  // Where a cell stands in `values`; nothing outside the shape.
  [[nodiscard]] std::optional<size_t> Place(const std::vector<int64_t>& cell) const {
    int64_t place = 0;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (cell[axis] < 0 || cell[axis] >= shape[axis]) return std::nullopt;
      place = place * shape[axis] + cell[axis];
    }
    return static_cast<size_t>(place);
  }
};

// Moves to the next cell, the last axis fastest; false behind the last one, with all zeros.
inline bool NextCell(const std::vector<int64_t>& shape, std::vector<int64_t>* cell) {
  for (size_t axis = shape.size(); axis-- > 0;) {
    if (++(*cell)[axis] < shape[axis]) return true;
    (*cell)[axis] = 0;
  }
  return false;
}

// A question's tensors for one choice of sizes, in the order of Model::tensors: what is given, and what follows from
// it.
template <typename Arithmetic>
struct Instance {
  Arithmetic arithmetic;
  std::vector<int64_t> symbols;
  std::vector<Cells<typename Arithmetic::Value>> tensors;
};

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_INSTANCE_H_
