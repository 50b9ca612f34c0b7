// Which elements the samples of a resized tensor are interpolated from.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_RESIZE_READS_H_
#define TENSORD_ANALYSIS_SRC_MODEL_RESIZE_READS_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "analysis/src/model/node_view.h"

namespace tensord::analysis::model {

// Says of the first output how it reads the first input, which it is resized from: by `scales`, one for each of `axes`,
// or where there are none from sizes to sizes. Neighbours: how far from a sample the elements lie that it is
// interpolated from: less than `reach`, or the one nearest where that is 0. Axes whose scale is no simple fraction, and
// ways of which nothing is known, read all elements.
void ReadResized(NodeView& node, const std::vector<size_t>& axes, const std::optional<std::vector<double>>& scales,
                 const Shape& output, int reach);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_RESIZE_READS_H_
