// Sizes, axes and counts that operators are told by attributes and by inputs whose values are known.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_SIZE_INPUTS_H_
#define TENSORD_ANALYSIS_SRC_MODEL_SIZE_INPUTS_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "analysis/src/model/node_view.h"

namespace tensord::analysis::model {

// For inputs that a shape depends on: they are no parameters. Where the values of one that is given are not known, no
// shape follows, the node is left unknown, and the result is true.
[[nodiscard]] bool LeaveUndecided(NodeView& node, std::initializer_list<size_t> inputs);

// That the inputs are no parameters, whatever their type, where they are parts of the graph. Those that are data stay
// what they are.
void MarkConstants(NodeView& node, std::initializer_list<size_t> inputs);

// The expression as a number, where it is one.
[[nodiscard]] std::optional<int64_t> NumberOf(const Expression& value);
// As above; an error where it is none. `what`: "axis".
[[nodiscard]] absl::StatusOr<int64_t> RequireNumber(const NodeView& node, const Expression& value,
                                                    absl::string_view what);
// NodeView::IntsOrInput; an error where neither is there.
[[nodiscard]] absl::StatusOr<std::vector<Expression>> RequireList(const NodeView& node, absl::string_view name,
                                                                  size_t index);
// The single number that an attribute, or an input of one element, gives; nothing where neither is there.
[[nodiscard]] absl::StatusOr<std::optional<Expression>> SingleOrInput(const NodeView& node, absl::string_view name,
                                                                      size_t index);

// e >= bound: an error where it never holds (`rule` says why it has to), a condition of the result where symbols
// decide.
[[nodiscard]] absl::Status RequireAtLeast(NodeView& node, const Expression& e, const Expression& bound,
                                          absl::string_view rule);
// e/d where it is whole, likewise.
[[nodiscard]] absl::StatusOr<Expression> Divide(NodeView& node, const Expression& e, const Expression& d,
                                                absl::string_view rule);

// The sum; in linear time, where adding one after another would not be.
[[nodiscard]] Expression SumOf(std::vector<Expression> parts);

// Axis numbers made 0..rank-1; an error where one occurs twice.
[[nodiscard]] absl::StatusOr<std::vector<size_t>> AxesFrom(const NodeView& node, const std::vector<Expression>& axes,
                                                           size_t rank);
// A shape that is told as numbers: at most kMaxGraphRank, none negative.
[[nodiscard]] absl::StatusOr<Shape> ShapeFrom(NodeView& node, const std::vector<Expression>& sizes);
// An error where a tensor of that rank is beyond kMaxGraphRank.
[[nodiscard]] absl::Status CheckRank(const NodeView& node, size_t rank);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_SIZE_INPUTS_H_
