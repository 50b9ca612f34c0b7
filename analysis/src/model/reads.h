// What handlers say of how their outputs read their inputs, by family.
//
// A handler calls one of these, or NodeView::Read, for each input that may be data. Of an output of which one says
// nothing, no receptive field is known.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_READS_H_
#define TENSORD_ANALYSIS_SRC_MODEL_READS_H_

#include <cstddef>
#include <initializer_list>
#include <vector>

#include "absl/types/span.h"
#include "analysis/src/model/axis_read.h"
#include "analysis/src/model/node_view.h"

namespace tensord::analysis::model {

// Axis i becomes axis i + shift of the output, element by element.
[[nodiscard]] AxisReads SameAxes(size_t rank, size_t shift = 0);

// An output of the first input's shape, each element from the same one of the input.
void ReadSame(NodeView& node, size_t output = 0);

// Elements of the first `count` inputs, broadcast to the output's shape.
void ReadBroadcast(NodeView& node, size_t count, const Shape& output);

// Every element from all elements of these inputs that are given; of all inputs.
void ReadWhole(NodeView& node, std::initializer_list<size_t> inputs, size_t output = 0);
void ReadAll(NodeView& node, size_t output = 0);

// Of the first input, all elements along the axes that `joined` has, and the same one along the others; these are all
// of the output's where `keeps_axes` is not true.
void ReadJoined(NodeView& node, const std::vector<bool>& joined, bool keeps_axes = true, size_t output = 0);
// Likewise, with those from `axis` on joined.
void ReadFrom(NodeView& node, size_t axis);
// Likewise, with only that axis joined, and of all outputs.
void ReadAlong(NodeView& node, size_t axis);

// The first input's elements in their order in another shape: axes before which, or behind which, both shapes have the
// same sizes, but for some of 1, stay what they are, and of the others all elements are read.
void ReadReshaped(NodeView& node, const Shape& output);

// Axis permutation[i] of the first input becomes axis i.
void ReadTransposed(NodeView& node, const std::vector<size_t>& permutation);

// Every `step`th element along the axis from `start` on, which may lie before the first. A start that is no number and
// a step backwards read the whole axis.
[[nodiscard]] AxisRead PartOfAxis(size_t axis, const Expression& start, int64_t step);
// Of the first input, the elements along the axis from `start` on, and the same ones along the others.
void ReadPart(NodeView& node, size_t axis, const Expression& start, size_t output);

// All inputs, one after the other along the axis.
void ReadConcatenated(NodeView& node, size_t axis, absl::Span<const Expression> lengths);

// Of the first input, along the axes that are repeated (`repeats` is not 1) all elements.
void ReadRepeated(NodeView& node, const std::vector<Expression>& repeats);

// Blocks of edge*edge elements of an image N,C,H,W that come from one element's channels, or become them.
void ReadFromDepth(NodeView& node, const Expression& edge);
void ReadToDepth(NodeView& node, const Expression& edge);

// A matrix product of the first two inputs, as NumPy's matmul, that has this shape.
void ReadProduct(NodeView& node, const Shape& output);

// Of the first input, elements along the axis at the second one's indices.
void ReadGathered(NodeView& node, size_t axis);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_READS_H_
