// Normalisations.
//
// What each counts, for E elements, whose statistics are taken of R groups:
//
//   BatchNormalization   in inference x*a + b, as a = scale/sqrt(var + epsilon) and b = B - mean*a are known before:
//                        E multiplications, E additions. In training as InstanceNormalization (R = C), and the running
//                        mean and variance r*momentum + s*(1 - momentum): 4*C multiplications, 2*C additions.
//   standardising        mean = sum of x / n; d = x - mean; var = sum of d*d / n; i = 1/sqrt(var + epsilon); d*i:
//                        2*E multiplications, (E - R) + E + (E - R) + R additions, 3*R divisions, R square roots.
//                        MeanVarianceNormalization is that.
//   InstanceNormalization, GroupNormalization, LayerNormalization
//                        standardising, then *scale + bias: E multiplications and, with a bias, E additions more.
//   LRN                  x/(bias + (alpha/size)*sum of size squares)^beta: 2*E multiplications, E*size additions,
//                        E powers, E divisions. A window that reaches past the channels counts as a whole one.
//   LpNormalization      x over the norm of its group. p = 2: E multiplications, E - R additions, R square roots,
//                        E divisions; p = 1: E comparisons (|x|), E - R additions, E divisions.
//
// Source: https://onnx.ai/onnx/operators/index.html (formulas, shapes, what changed with which opset)
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/broadcast.h"
#include "analysis/src/model/elementwise.h"
#include "analysis/src/model/operators.h"
#include "analysis/src/model/reads.h"
#include "analysis/src/model/reduced_axes.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

void CountStandardising(const Groups& groups, OperationCounts& counts) {
  const Expression& elements = groups.elements;
  counts.multiplications = elements * 2;
  counts.additions = groups.Joins() * 2 + elements + groups.count;
  counts.divisions = groups.count * 3;
  counts.special_functions = groups.count;
}

void CountScaling(const Expression& elements, bool has_bias, OperationCounts& counts) {
  counts.multiplications = counts.multiplications + elements;
  if (has_bias) counts.additions = counts.additions + elements;
}

// An input that has one element for each of `what`, of which there are `count`.
absl::Status CheckVector(NodeView& node, size_t index, absl::string_view name, const Expression& count,
                         absl::string_view what, Role role) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* vector, node.ShapeOf(index, name, 1, 1));
  node.SettleSize(index, 0, count);
  node.Mark(index, role);
  return node.RequireEqual((*vector)[0], count,
                           absl::StrCat("its ", name, " ", node.Describe(index), " has to have one element for each ",
                                        what, " of its input ", node.Describe(0)));
}

// Before opset 9 the attribute spatial = 0 gives every place of a sample its own statistics.
absl::Status CheckPlaces(NodeView& node, size_t index, absl::string_view name, const Shape& input, Role role) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* shape, node.ShapeOf(index, name));
  node.Mark(index, role);
  const Shape sample(input.begin() + 1, input.end());
  if (shape->size() == sample.size()) node.SettleLastSizes(index, sample);
  const std::string rule = absl::StrCat("its ", name, " ", node.Describe(index),
                                        " has to have the shape of a sample of its input ", node.Describe(0));
  if (shape->size() != sample.size()) return node.Error(rule);
  for (size_t i = 0; i < sample.size(); ++i) {
    TENSORD_RETURN_IF_ERROR(node.RequireEqual((*shape)[i], sample[i], rule));
  }
  return absl::OkStatus();
}

// Training computes the statistics: with opset 14 by an attribute, before where outputs are there for them.
absl::StatusOr<bool> IsTraining(const NodeView& node) {
  bool has_statistics = false;
  for (size_t i = 1; i < node.output_count(); ++i) has_statistics = has_statistics || !node.node().outputs[i].empty();
  if (node.opset() < 14) return has_statistics;
  TENSORD_ASSIGN_OR_RETURN(const int64_t mode, node.Int("training_mode", 0));
  if (mode == 0 && has_statistics) {
    return node.Error("it has outputs for the running mean and variance, which need training_mode = 1");
  }
  return mode != 0;
}

absl::Status BatchNormalization(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 1));
  TENSORD_ASSIGN_OR_RETURN(const bool is_training, IsTraining(node));
  TENSORD_ASSIGN_OR_RETURN(const int64_t spatial, node.Int("spatial", 1));
  // An input of one axis is a batch of one channel.
  const Expression channels = input->size() == 1 ? Expression(1) : (*input)[1];
  const bool by_place = node.opset() < 9 && spatial == 0;
  constexpr absl::string_view kNames[] = {"scale", "bias", "mean", "variance"};
  for (size_t i = 0; i < 4; ++i) {
    const Role role = i < 2 ? Role::kParameter : Role::kBuffer;
    TENSORD_RETURN_IF_ERROR(by_place ? CheckPlaces(node, i + 1, kNames[i], *input, role)
                                     : CheckVector(node, i + 1, kNames[i], channels, "channel", role));
  }
  std::vector<bool> joined(input->size(), !by_place);
  joined[0] = true;
  if (!by_place && input->size() > 1) joined[1] = false;
  if (is_training) {
    ReadJoined(node, joined);
  } else {
    ReadSame(node);
  }
  const Groups groups = GroupsOf(*input, joined);
  OperationCounts& counts = node.counts();
  if (is_training) {
    CountStandardising(groups, counts);
    counts.multiplications = counts.multiplications + groups.count * 4;
    counts.additions = counts.additions + groups.count * 2;
  }
  CountScaling(groups.elements, true, counts);
  // The running and, before opset 14, the saved statistics.
  const size_t statistics = node.opset() < 14 ? 4 : 2;
  for (size_t i = 1; i <= statistics; ++i) node.SetOutput(i, node.input(3).type, *node.input(3).shape);
  node.SetOutput(0, node.input(0).type, *input);
  return absl::OkStatus();
}

absl::Status InstanceNormalization(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 3));
  TENSORD_RETURN_IF_ERROR(CheckVector(node, 1, "scale", (*input)[1], "channel", Role::kParameter));
  TENSORD_RETURN_IF_ERROR(CheckVector(node, 2, "bias", (*input)[1], "channel", Role::kParameter));
  ReadFrom(node, 2);
  const Groups groups{.elements = ElementCount(*input), .count = (*input)[0] * (*input)[1]};
  CountStandardising(groups, node.counts());
  CountScaling(groups.elements, true, node.counts());
  node.SetOutput(0, node.input(0).type, *input);
  return absl::OkStatus();
}

absl::Status GroupNormalization(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 2));
  TENSORD_ASSIGN_OR_RETURN(const int64_t group_count, node.Int("num_groups", 0));
  if (group_count < 1) {
    return node.Error(absl::StrCat("its attribute num_groups was ", group_count, ", has to be at least 1"));
  }
  const Expression& channels = (*input)[1];
  const absl::string_view rule = "have to be divisible by num_groups";
  if (const std::optional<Integer> count = channels.constant(); count.has_value()) {
    if (*Multiply(FloorDivide(*count, group_count), group_count) != *count) {
      return node.Error(absl::StrCat("the ", count->ToString(), " channels of its input ", node.Describe(0), " ", rule,
                                     ", which is ", group_count));
    }
  } else {
    TENSORD_RETURN_IF_ERROR(node.RequireEqual(Floor(channels, group_count) * group_count, channels,
                                              absl::StrCat("the channels of its input ", node.Describe(0), " ", rule)));
  }
  // Opsets 18 to 20 scale each group, later ones each channel.
  const bool by_group = node.opset() >= 18 && node.opset() < 21;
  const Expression length = by_group ? Expression(group_count) : channels;
  const absl::string_view what = by_group ? "group" : "channel";
  TENSORD_RETURN_IF_ERROR(CheckVector(node, 1, "scale", length, what, Role::kParameter));
  TENSORD_RETURN_IF_ERROR(CheckVector(node, 2, "bias", length, what, Role::kParameter));
  ReadFrom(node, 1);
  const Groups groups{.elements = ElementCount(*input), .count = (*input)[0] * group_count};
  CountStandardising(groups, node.counts());
  CountScaling(groups.elements, true, node.counts());
  node.SetOutput(0, node.input(0).type, *input);
  return absl::OkStatus();
}

// Scale and bias are broadcast to the input, one way.
absl::Status CheckBroadcast(NodeView& node, size_t index, absl::string_view name, const Shape& input) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* shape, node.ShapeOf(index, name));
  node.Mark(index, Role::kParameter);
  node.SettleLastSizes(index, input);
  return RequireBroadcast(node, *shape, input,
                          absl::StrCat("its ", name, " ", node.Describe(index),
                                       " has to be broadcast to the shape of its input ", node.Describe(0)));
}

absl::Status LayerNormalization(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 1));
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.Axis("axis", -1, input->size()));
  TENSORD_ASSIGN_OR_RETURN(const int64_t stash_type, node.Int("stash_type", 1));
  TENSORD_ASSIGN_OR_RETURN(const ElementType statistics_type, ElementTypeOf(node, "stash_type", stash_type));
  TENSORD_RETURN_IF_ERROR(CheckBroadcast(node, 1, "scale", *input));
  if (node.Has(2)) TENSORD_RETURN_IF_ERROR(CheckBroadcast(node, 2, "bias", *input));
  Shape statistics = *input;
  for (size_t i = axis; i < statistics.size(); ++i) statistics[i] = 1;
  ReadFrom(node, axis);
  const Groups groups{.elements = ElementCount(*input), .count = ElementCount(statistics)};
  CountStandardising(groups, node.counts());
  CountScaling(groups.elements, node.Has(2), node.counts());
  // The mean, and the reciprocal of the standard deviation.
  node.SetOutput(1, statistics_type, statistics);
  node.SetOutput(2, statistics_type, std::move(statistics));
  node.SetOutput(0, node.input(0).type, *input);
  return absl::OkStatus();
}

absl::Status MeanVarianceNormalization(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  TENSORD_ASSIGN_OR_RETURN(std::vector<int64_t> axes, node.Ints("axes"));
  if (!node.HasAttribute("axes")) axes = {0, 2, 3};
  TENSORD_ASSIGN_OR_RETURN(const std::vector<bool> joined,
                           ReducedAxes(node, std::vector<Expression>(axes.begin(), axes.end()), input->size()));
  ReadJoined(node, joined);
  CountStandardising(GroupsOf(*input, joined), node.counts());
  node.SetOutput(0, node.input(0).type, *input);
  return absl::OkStatus();
}

absl::Status LocalResponseNormalization(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 2));
  TENSORD_ASSIGN_OR_RETURN(const int64_t size, node.Int("size", 0));
  if (size < 1) return node.Error(absl::StrCat("its attribute size was ", size, ", has to be at least 1"));
  ReadAlong(node, 1);
  const Expression elements = ElementCount(*input);
  OperationCounts& counts = node.counts();
  counts.multiplications = elements * 2;
  counts.additions = elements * size;
  counts.special_functions = counts.divisions = elements;
  node.SetOutput(0, node.input(0).type, *input);
  return absl::OkStatus();
}

absl::Status LpNormalization(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 1));
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.Axis("axis", -1, input->size()));
  TENSORD_ASSIGN_OR_RETURN(const int64_t p, node.Int("p", 2));
  if (p != 1 && p != 2) return node.Error(absl::StrCat("its attribute p was ", p, ", has to be 1 or 2"));
  std::vector<bool> joined(input->size(), false);
  joined[axis] = true;
  ReadJoined(node, joined);
  const Groups groups = GroupsOf(*input, joined);
  OperationCounts& counts = node.counts();
  counts.additions = groups.Joins();
  counts.divisions = groups.elements;
  if (p == 1) {
    counts.comparisons = groups.elements;
  } else {
    counts.multiplications = groups.elements;
    counts.special_functions = groups.count;
  }
  node.SetOutput(0, node.input(0).type, *input);
  return absl::OkStatus();
}

constexpr Operator kOperators[] = {
    {"BatchNormalization", &BatchNormalization},
    {"InstanceNormalization", &InstanceNormalization},
    {"GroupNormalization", &GroupNormalization},
    {"LayerNormalization", &LayerNormalization},
    {"MeanVarianceNormalization", &MeanVarianceNormalization},
    {"LRN", &LocalResponseNormalization},
    {"LpNormalization", &LpNormalization},
};

}  // namespace

absl::Span<const Operator> NormalizationOperators() { return kOperators; }

}  // namespace tensord::analysis::model
