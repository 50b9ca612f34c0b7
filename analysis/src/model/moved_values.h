// Values of small tensors, moved about as the operators do that shape arithmetic is written with.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_MOVED_VALUES_H_
#define TENSORD_ANALYSIS_SRC_MODEL_MOVED_VALUES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/src/model/node_view.h"

namespace tensord::analysis::model {

// Of tensors whose values have symbols in them, as many elements are kept: a shape has 8, and an expression may be
// large.
inline constexpr size_t kMaxSymbolicValues = 64;

// The sizes, where all are numbers and make no more than kMaxConstantValues elements.
[[nodiscard]] std::optional<std::vector<int64_t>> SmallSizes(const Shape& shape);

// A tensor's elements and its sizes, where both are known and agree.
struct Elements {
  const Values& values;
  std::vector<int64_t> sizes;
};
[[nodiscard]] std::optional<Elements> KnownElements(const TensorFacts& facts);

// How far apart neighbours along each axis lie in row-major order; of sizes that SmallSizes() gave.
[[nodiscard]] std::vector<int64_t> Strides(const std::vector<int64_t>& sizes);

// For every element of a tensor of such sizes, in row-major order: `offset`, and for each axis the element's index
// times the stride.
[[nodiscard]] std::vector<size_t> Places(const std::vector<int64_t>& sizes, const std::vector<int64_t>& strides,
                                         int64_t offset = 0);

// The values at those places, which have to be there.
[[nodiscard]] Values Pick(const Values& values, const std::vector<size_t>& places);

[[nodiscard]] size_t CountOf(const Values& values);
// Adds the values, which have to be of the same kind.
void Append(const Values& values, Values& to);

// The values where they are few enough to be kept.
[[nodiscard]] std::optional<Values> Kept(Values values);

// An output of its first input's type.
void SetMoved(NodeView& node, size_t output, Shape shape, std::optional<Values> values = std::nullopt);
// An output that depends on shapes alone, and on nothing that data holds.
void SetConstant(NodeView& node, ElementType type, Shape shape, std::optional<Values> values = std::nullopt);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_MOVED_VALUES_H_
