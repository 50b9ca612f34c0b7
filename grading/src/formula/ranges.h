// Over which values a sum without written limits runs.
#ifndef TENSORD_GRADING_SRC_FORMULA_RANGES_H_
#define TENSORD_GRADING_SRC_FORMULA_RANGES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "grading/src/formula/model.h"
#include "grading/src/formula/program.h"

namespace tensord::grading::formula {

struct Ranges {
  std::vector<Range> by_slot;
  std::optional<size_t> unknown;  // a slot whose range cannot be told
};

// The ranges for sizes `symbols`. Of an index that stands alone at some axis: that axis (of several, what they share,
// or where reads outside are 0, all). Of another one that the question names: its range there. Of any other: the values
// for which what it is read at lies inside.
Ranges InferRanges(const Program& program, const Model& model, const std::vector<int64_t>& symbols,
                   const std::vector<int64_t>& free_extents);

// A bound on the steps that InferRanges() takes: it looks for each sum, each time one is found, through all nodes.
int64_t RangeCost(const Program& program);

// Of a definition: the range that the question gives to each index.
Ranges NamedRanges(const Program& program, const std::vector<int64_t>& symbols,
                   const std::vector<int64_t>& free_extents);

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_RANGES_H_
