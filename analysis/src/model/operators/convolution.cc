// Convolutions and transposed convolutions.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/src/axis_length.h"
#include "analysis/src/model/inside_pairs.h"
#include "analysis/src/model/operators.h"
#include "analysis/src/model/reads.h"
#include "analysis/src/model/window_attributes.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

// Input N,C,... and filter of the same rank; a bias of the output's channels. What is in the filter and the bias is
// trained.
struct Operands {
  const Shape* input;
  const Shape* filter;
  bool bias;
};

absl::StatusOr<Operands> OperandsOf(NodeView& node) {
  Operands operands{.input = nullptr, .filter = nullptr, .bias = node.Has(2)};
  TENSORD_ASSIGN_OR_RETURN(operands.input, node.ShapeOf(0, "input", 3));
  TENSORD_ASSIGN_OR_RETURN(operands.filter, node.ShapeOf(1, "filter", 3));
  node.Mark(1, Role::kParameter);
  node.Mark(2, Role::kParameter);
  if (operands.input->size() != operands.filter->size()) {
    return node.Error(absl::StrCat("its input ", node.Describe(0), " and its filter ", node.Describe(1),
                                   " have to be of the same rank: batch, channels and the spatial axes"));
  }
  TENSORD_ASSIGN_OR_RETURN(const std::vector<int64_t> windows, node.Ints("kernel_shape"));
  for (size_t i = 0; i < windows.size(); ++i) node.SettleSize(1, i + 2, windows[i]);
  return operands;
}

absl::Status CheckBias(NodeView& node, const Expression& channels) {
  if (!node.Has(2)) return absl::OkStatus();
  node.SettleSize(2, 0, channels);
  TENSORD_ASSIGN_OR_RETURN(const Shape* bias, node.ShapeOf(2, "bias", 1, 1));
  return node.RequireEqual((*bias)[0], channels,
                           absl::StrCat("its bias ", node.Describe(2), " has one element for each output channel"));
}

absl::StatusOr<int64_t> GroupsOf(const NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const int64_t groups, node.Int("group", 1));
  if (groups >= 1) return groups;
  return node.Error(absl::StrCat("its attribute group was ", groups, ", has to be at least 1"));
}

// The channels along the filter's first axis are shared out among the groups.
absl::Status CheckShares(NodeView& node, const Expression& channels, int64_t groups, absl::string_view which) {
  const std::string rule = absl::StrCat("its filter ", node.Describe(1), " has ", channels.ToString(), " ", which,
                                        " channels, and they have to be divisible by its ", groups, " groups");
  if (const std::optional<Integer> count = channels.constant(); count.has_value()) {
    return *Multiply(FloorDivide(*count, groups), groups) == *count ? absl::OkStatus() : node.Error(rule);
  }
  return node.RequireEqual(Floor(channels, groups) * groups, channels, rule);
}

// Of all positions and taps along one axis, how many taps of them read no padding; nothing where sizes are symbols.
std::optional<Integer> PairsInside(const WindowAxis& axis, const Expression& output) {
  const auto number = [](const Expression& size) {
    const std::optional<Integer> value = size.constant();
    return value.has_value() && !value->negative() ? value->ToInt64() : std::nullopt;
  };
  const std::optional<int64_t> input = number(axis.sizes.input);
  const std::optional<int64_t> taps = number(axis.sizes.window);
  const std::optional<int64_t> places = number(output);
  const std::optional<int64_t> pad_begin = axis.pad_begin.ToInt64();
  if (!input.has_value() || !taps.has_value() || !places.has_value() || !pad_begin.has_value()) return std::nullopt;
  return InsidePairs({.input = *input,
                      .taps = *taps,
                      .stride = axis.stride,
                      .dilation = axis.sizes.dilation,
                      .pad_begin = *pad_begin,
                      .places = *places});
}

absl::Status Convolution(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Operands operands, OperandsOf(node));
  TENSORD_ASSIGN_OR_RETURN(const int64_t groups, GroupsOf(node));
  const Shape& input = *operands.input;
  const Shape& filter = *operands.filter;
  const Expression& outputs = filter[0];
  node.SettleSize(1, 1, Floor(input[1], groups));
  TENSORD_RETURN_IF_ERROR(node.RequireEqual(
      input[1], filter[1] * groups,
      absl::StrCat("its input ", node.Describe(0), " has to have as many channels as its filter ", node.Describe(1),
                   " takes, ", groups == 1 ? "" : absl::StrCat(groups, " groups of "), filter[1].ToString())));
  TENSORD_RETURN_IF_ERROR(CheckBias(node, outputs));
  TENSORD_RETURN_IF_ERROR(CheckShares(node, outputs, groups, "output"));
  TENSORD_ASSIGN_OR_RETURN(const std::vector<WindowAxis> axes,
                           WindowAxesOf(node, input, Shape(filter.begin() + 2, filter.end())));
  Shape output = {input[0], outputs};
  Expression window = 1;
  Expression inside = 1;
  bool inside_known = true;
  AxisReads reads = {{.output_axis = 0}, {}};
  for (const WindowAxis& axis : axes) {
    TENSORD_ASSIGN_OR_RETURN(Expression length, axis.Length(node, compute::LengthRule::kFloor));
    const std::optional<Integer> pairs = PairsInside(axis, length);
    inside_known = inside_known && pairs.has_value();
    if (pairs.has_value()) inside = inside * *pairs;
    reads.push_back(WindowRead(axis, output.size()));
    output.push_back(std::move(length));
    window = window * axis.sizes.window;
  }
  node.Read(0, 0, std::move(reads));
  ReadWhole(node, {1, 2});
  const Expression elements = ElementCount(output);
  const Expression taps = window * filter[1];
  OperationCounts& counts = node.counts();
  counts.macs = counts.macs_by_output = counts.multiplications = elements * taps;
  counts.bias_additions = operands.bias ? elements : Expression(0);
  counts.additions = elements * (taps - 1) + counts.bias_additions;
  counts.padding_macs.reset();
  if (inside_known) counts.padding_macs = counts.macs - input[0] * outputs * filter[1] * inside;
  node.SetOutput(0, node.input(0).type, std::move(output));
  return absl::OkStatus();
}

absl::Status TransposedConvolution(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Operands operands, OperandsOf(node));
  TENSORD_ASSIGN_OR_RETURN(const int64_t groups, GroupsOf(node));
  const Shape& input = *operands.input;
  const Shape& filter = *operands.filter;
  const Expression outputs = filter[1] * groups;
  node.SettleSize(1, 0, input[1]);
  TENSORD_RETURN_IF_ERROR(
      node.RequireEqual(input[1], filter[0],
                        absl::StrCat("its input ", node.Describe(0), " has to have as many channels as its filter ",
                                     node.Describe(1), " takes")));
  TENSORD_RETURN_IF_ERROR(CheckShares(node, filter[0], groups, "input"));
  TENSORD_RETURN_IF_ERROR(CheckBias(node, outputs));
  TENSORD_ASSIGN_OR_RETURN(const std::vector<WindowAxis> axes,
                           WindowAxesOf(node, input, Shape(filter.begin() + 2, filter.end())));
  TENSORD_ASSIGN_OR_RETURN(const std::vector<Expression> lengths, TransposedLengths(node, axes));
  Shape output = {input[0], outputs};
  Expression window = 1;
  AxisReads reads = {{.output_axis = 0}, {}};
  for (size_t i = 0; i < axes.size(); ++i) {
    reads.push_back(TransposedRead(node, axes[i], i, lengths[i]));
    output.push_back(lengths[i]);
    window = window * axes[i].sizes.window;
  }
  node.Read(0, 0, std::move(reads));
  ReadWhole(node, {1, 2});
  const Expression elements = ElementCount(output);
  OperationCounts& counts = node.counts();
  counts.macs = counts.multiplications = ElementCount(input) * filter[1] * window;
  counts.macs_by_output = elements * Floor(filter[0], groups) * window;
  counts.bias_additions = operands.bias ? elements : Expression(0);
  counts.additions = counts.macs + counts.bias_additions;
  node.SetOutput(0, node.input(0).type, std::move(output));
  return absl::OkStatus();
}

constexpr Operator kOperators[] = {{"Conv", &Convolution}, {"ConvTranspose", &TransposedConvolution}};

}  // namespace

absl::Span<const Operator> ConvolutionOperators() { return kOperators; }

}  // namespace tensord::analysis::model
