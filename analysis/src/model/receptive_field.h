// The arithmetic of receptive fields.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_RECEPTIVE_FIELD_H_
#define TENSORD_ANALYSIS_SRC_MODEL_RECEPTIVE_FIELD_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/src/model/axis_read.h"
#include "analysis/src/model/facts.h"
#include "analysis/src/model/node_view.h"
#include "tensord/analysis/receptive_field.h"

namespace tensord::analysis::model {

// What `outer` reads through `inner`: positions of outer's output read positions q of a tensor, which read elements.
// With outer (s*o + p)/d .. + w/d and inner (a*q + b)/c .. + l/c that is (a*s*o + a*p + b*d)/(c*d) .. + (a*w +
// l*d)/(c*d). Whole where one is, or where numbers grow beyond AxisRead::kBound.
[[nodiscard]] AxisRead Through(const AxisRead& outer, const AxisRead& inner);

// What reads what either reads: from the first to the last element of both. Whole where one is, where strides or output
// axes differ, and beyond kBound.
[[nodiscard]] AxisRead United(const AxisRead& a, const AxisRead& b);

// What is noted while fields are followed through a graph.
struct Following {
  // Axes that all tensors' fields may have together: those of batch and channels are followed too.
  static constexpr size_t kMaxAxes = 2 * kMaxReceptiveAxes;

  std::vector<uint8_t> spatial;  // of each of the graph's inputs, the axes along which windows lie: bit i of axis i
  size_t axes = 0;               // that there are so far
};

// What an input of that rank reads of itself.
[[nodiscard]] FieldsPointer FieldsOfInput(size_t input, size_t rank);

// What the node's output reads of the model's inputs, by what the handler told. Null where it told nothing of an input
// that is data, where nothing is known of one, and where they are too many.
[[nodiscard]] FieldsPointer FieldsOfOutput(const NodeView& node, size_t output, Following& following);

// What is published of one axis of a data input, which is that long, for an output of that shape.
[[nodiscard]] ReceptiveAxis PublishedAxis(size_t axis, const AxisRead& read, const Expression& length,
                                          const std::vector<Count>& output);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_RECEPTIVE_FIELD_H_
