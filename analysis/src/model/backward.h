// What gradients cost, and what is kept for them.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_BACKWARD_H_
#define TENSORD_ANALYSIS_SRC_MODEL_BACKWARD_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "tensord/analysis/cost.h"
#include "tensord/analysis/expression.h"
#include "tensord/analysis/model.h"

namespace tensord::analysis::model {

// What the gradients need of the layer's own pass.
struct Kept {
  std::vector<size_t> inputs = {};  // places in layer.inputs
  bool output = false;              // the first one
  Expression other_bytes;           // of what is no tensor of the graph: masks, indices, statistics
};

struct Backward {
  BackwardCounts counts;
  std::optional<Kept> kept = Kept();  // nothing where an element's type is not known
};

// Nothing where the operator has no row in the tables (backward.cc, backward_table.cc), or the row does not fit how it
// is used. Zeros where nothing that the layer takes has a gradient.
[[nodiscard]] std::optional<Backward> BackwardOf(const ModelLayer& layer);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_BACKWARD_H_
