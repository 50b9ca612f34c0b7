#include "analysis/src/model/reads.h"

#include <optional>
#include <utility>

#include "analysis/src/model/size_inputs.h"

namespace tensord::analysis::model {
namespace {

size_t RankOf(const NodeView& node, size_t input) { return node.input(input).shape->size(); }

bool IsOne(const Expression& size) { return size == Expression(1); }

// One element of an axis of one is read by all positions along an axis of more: as if it were the whole axis.
AxisRead BroadcastAxis(const Expression& from, const Expression& to, size_t output_axis) {
  if (IsOne(from) && !IsOne(to)) return {};
  return {.output_axis = static_cast<int>(output_axis)};
}

// Each `edge`th position along the axis reads the next element: ((o - edge + 1)/edge .. o/edge).
AxisRead Enlarged(size_t axis, int64_t edge) {
  return {.output_axis = static_cast<int>(axis), .offset = 1 - edge, .span = edge - 1, .denominator = edge};
}

// A step through two shapes at once, from one of their ends; which sizes follow each other there.
struct Walk {
  const Shape& from;
  const Shape& to;
  bool is_backwards;
  size_t i = 0;  // axes of `from` that are behind
  size_t j = 0;

  [[nodiscard]] size_t from_axis() const { return is_backwards ? from.size() - 1 - i : i; }
  [[nodiscard]] size_t to_axis() const { return is_backwards ? to.size() - 1 - j : j; }
};

// Equal sizes, but for some of 1, up to the first that differ; at most `from_count` and `to_count` of them.
void MatchSizes(Walk& walk, size_t from_count, size_t to_count, AxisReads& reads) {
  while (walk.i < from_count && walk.j < to_count) {
    const Expression& from = walk.from[walk.from_axis()];
    const Expression& to = walk.to[walk.to_axis()];
    if (from == to) {
      reads[walk.from_axis()].output_axis = static_cast<int>(walk.to_axis());
      ++walk.i;
      ++walk.j;
    } else if (IsOne(from)) {
      ++walk.i;
    } else if (IsOne(to)) {
      ++walk.j;
    } else {
      return;
    }
  }
}

}  // namespace

AxisReads SameAxes(size_t rank, size_t shift) {
  AxisReads reads(rank);
  for (size_t i = 0; i < rank; ++i) reads[i].output_axis = static_cast<int>(i + shift);
  return reads;
}

void ReadSame(NodeView& node, size_t output) { node.Read(output, 0, SameAxes(RankOf(node, 0))); }

void ReadBroadcast(NodeView& node, size_t count, const Shape& output) {
  for (size_t input = 0; input < count; ++input) {
    if (!node.Has(input)) continue;
    const Shape& shape = *node.input(input).shape;
    if (shape.size() > output.size()) continue;
    const size_t shift = output.size() - shape.size();
    AxisReads reads;
    for (size_t i = 0; i < shape.size(); ++i) reads.push_back(BroadcastAxis(shape[i], output[i + shift], i + shift));
    node.Read(0, input, std::move(reads));
  }
}

void ReadWhole(NodeView& node, std::initializer_list<size_t> inputs, size_t output) {
  for (const size_t input : inputs) {
    if (node.Has(input)) node.Read(output, input, AxisReads(RankOf(node, input)));
  }
}

void ReadAll(NodeView& node, size_t output) {
  for (size_t input = 0; input < node.input_count(); ++input) ReadWhole(node, {input}, output);
}

void ReadJoined(NodeView& node, const std::vector<bool>& joined, bool keeps_axes, size_t output) {
  AxisReads reads(joined.size());
  int next = 0;
  for (size_t i = 0; i < joined.size(); ++i) {
    if (!joined[i]) reads[i].output_axis = next;
    if (!joined[i] || keeps_axes) ++next;
  }
  node.Read(output, 0, std::move(reads));
}

void ReadFrom(NodeView& node, size_t axis) {
  std::vector<bool> joined(RankOf(node, 0), false);
  for (size_t i = axis; i < joined.size(); ++i) joined[i] = true;
  ReadJoined(node, joined);
}

void ReadAlong(NodeView& node, size_t axis) {
  std::vector<bool> joined(RankOf(node, 0), false);
  joined[axis] = true;
  for (size_t output = 0; output < node.output_count(); ++output) ReadJoined(node, joined, true, output);
}

void ReadReshaped(NodeView& node, const Shape& output) {
  const Shape& input = *node.input(0).shape;
  AxisReads reads(input.size());
  Walk forwards{.from = input, .to = output, .is_backwards = false};
  MatchSizes(forwards, input.size(), output.size(), reads);
  Walk backwards{.from = input, .to = output, .is_backwards = true};
  MatchSizes(backwards, input.size() - forwards.i, output.size() - forwards.j, reads);
  node.Read(0, 0, std::move(reads));
}

void ReadTransposed(NodeView& node, const std::vector<size_t>& permutation) {
  AxisReads reads(permutation.size());
  for (size_t i = 0; i < permutation.size(); ++i) reads[permutation[i]].output_axis = static_cast<int>(i);
  node.Read(0, 0, std::move(reads));
}

AxisRead PartOfAxis(size_t axis, const Expression& start, int64_t step) {
  const std::optional<int64_t> first = NumberOf(start);
  if (!first.has_value() || step < 1) return {};
  return {.output_axis = static_cast<int>(axis), .stride = step, .offset = *first};
}

void ReadPart(NodeView& node, size_t axis, const Expression& start, size_t output) {
  AxisReads reads = SameAxes(RankOf(node, 0));
  reads[axis] = PartOfAxis(axis, start, 1);
  node.Read(output, 0, std::move(reads));
}

void ReadConcatenated(NodeView& node, size_t axis, absl::Span<const Expression> lengths) {
  std::optional<int64_t> start = 0;
  for (size_t input = 0; input < lengths.size(); ++input) {
    AxisReads reads = SameAxes(RankOf(node, input));
    if (start.has_value()) {
      reads[axis].offset = -*start;
    } else {
      reads[axis] = {};
    }
    node.Read(0, input, std::move(reads));
    const std::optional<int64_t> length = NumberOf(lengths[input]);
    const bool fits = start.has_value() && length.has_value() && *length < AxisRead::kBound - *start;
    start = fits ? std::optional<int64_t>(*start + *length) : std::nullopt;
  }
}

void ReadRepeated(NodeView& node, const std::vector<Expression>& repeats) {
  std::vector<bool> joined;
  joined.reserve(repeats.size());
  for (const Expression& count : repeats) joined.push_back(!IsOne(count));
  ReadJoined(node, joined);
}

void ReadFromDepth(NodeView& node, const Expression& edge) {
  const std::optional<int64_t> number = NumberOf(edge);
  if (!number.has_value()) return;
  node.Read(0, 0, {{.output_axis = 0}, {}, Enlarged(2, *number), Enlarged(3, *number)});
}

void ReadToDepth(NodeView& node, const Expression& edge) {
  const std::optional<int64_t> number = NumberOf(edge);
  if (!number.has_value()) return;
  node.Read(0, 0,
            {{.output_axis = 0},
             {},
             {.output_axis = 2, .stride = *number, .span = *number - 1},
             {.output_axis = 3, .stride = *number, .span = *number - 1}});
}

void ReadProduct(NodeView& node, const Shape& output) {
  const size_t ranks[] = {RankOf(node, 0), RankOf(node, 1)};
  // The last axes of the output are the rows of the first and the columns of the second, where these are no vectors.
  const size_t batch = output.size() - (ranks[0] > 1 ? 1 : 0) - (ranks[1] > 1 ? 1 : 0);
  for (const size_t input : {size_t{0}, size_t{1}}) {
    const Shape& shape = *node.input(input).shape;
    AxisReads reads(shape.size());
    for (size_t i = 0; i + 2 < shape.size(); ++i) {
      const size_t axis = batch + 2 + i - shape.size();
      reads[i] = BroadcastAxis(shape[i], output[axis], axis);
    }
    if (shape.size() > 1 && input == 0) reads[shape.size() - 2].output_axis = static_cast<int>(batch);
    if (shape.size() > 1 && input == 1) reads.back().output_axis = static_cast<int>(output.size() - 1);
    node.Read(0, input, std::move(reads));
  }
}

void ReadGathered(NodeView& node, size_t axis) {
  const size_t indices = RankOf(node, 1);
  AxisReads reads = SameAxes(RankOf(node, 0));
  reads[axis] = {};
  for (size_t i = axis + 1; i < reads.size(); ++i) reads[i].output_axis = static_cast<int>(i + indices - 1);
  node.Read(0, 0, std::move(reads));
  node.Read(0, 1, SameAxes(indices, axis));
}

}  // namespace tensord::analysis::model
