// Operators that tell shapes, and that give elements another shape or place.
#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/broadcast.h"
#include "analysis/src/model/moved_values.h"
#include "analysis/src/model/operators.h"
#include "analysis/src/model/reads.h"
#include "analysis/src/model/size_inputs.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

// The elements of the first input in their order, in another shape.
void SetReshaped(NodeView& node, Shape shape) {
  ReadReshaped(node, shape);
  SetMoved(node, 0, std::move(shape), node.input(0).values);
}

absl::Status ShapeOperator(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  const auto rank = static_cast<int64_t>(input->size());
  TENSORD_ASSIGN_OR_RETURN(int64_t start, node.Int("start", 0));
  TENSORD_ASSIGN_OR_RETURN(int64_t end, node.Int("end", rank));
  start = std::clamp(start < 0 ? start + rank : start, int64_t{0}, rank);
  end = std::clamp(end < 0 ? end + rank : end, start, rank);
  Shape sizes(input->begin() + start, input->begin() + end);
  SetConstant(node, ElementType::kInt64, {end - start}, std::move(sizes));
  return absl::OkStatus();
}

absl::Status SizeOperator(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  Expression count = ElementCount(*input);
  if (!count.ok()) return node.Error(count.status().message());
  SetConstant(node, ElementType::kInt64, {}, std::vector<Expression>{std::move(count)});
  return absl::OkStatus();
}

// A shape as Reshape is told it.
struct Target {
  Shape shape;                     // with 1 where the size follows from the others
  std::optional<size_t> inferred;  // the axis of that
  std::string text;                // as it is told
};

absl::StatusOr<Target> TargetOf(NodeView& node, const Shape& input, const std::vector<Expression>& told) {
  TENSORD_RETURN_IF_ERROR(CheckRank(node, told.size()));
  TENSORD_ASSIGN_OR_RETURN(const int64_t allow_zero, node.Int("allowzero", 0));
  Target target{.shape = told, .inferred = std::nullopt, .text = ShapeText(told)};
  const auto wrong = [&](absl::string_view rule) {
    return node.Error(absl::StrCat("its input ", node.Describe(0), " cannot be reshaped to ", target.text, ": ", rule));
  };
  bool has_zero = false;
  for (size_t i = 0; i < told.size(); ++i) {
    const std::optional<Integer> number = told[i].constant();
    if (number == Integer(-1)) {
      if (target.inferred.has_value()) return wrong("one size may be -1, to be inferred");
      target.inferred = i;
      target.shape[i] = 1;
    } else if (number == Integer(0) && allow_zero == 0) {
      if (i >= input.size()) return wrong(absl::StrCat("its size ", i, " is 0, which copies one that is not there"));
      target.shape[i] = input[i];
    } else {
      // What symbols make 0 would copy, and -1 be inferred.
      TENSORD_RETURN_IF_ERROR(RequireAtLeast(node, told[i], allow_zero == 0 ? 1 : 0,
                                             absl::StrCat("size ", i, " of the shape that it reshapes to")));
    }
    has_zero = has_zero || target.shape[i] == Expression(0);
  }
  if (has_zero && target.inferred.has_value()) return wrong("no size follows from others of which one is 0");
  return target;
}

// The size that makes both shapes have as many elements.
absl::StatusOr<Expression> InferredSize(NodeView& node, const Shape& input, const Target& target) {
  // Sizes that both have are left out: what remains is more often exactly divisible.
  Shape rest;
  Shape divisors = target.shape;
  for (const Expression& size : input) {
    const auto same = std::find(divisors.begin(), divisors.end(), size);
    if (same == divisors.end()) {
      rest.push_back(size);
    } else {
      divisors.erase(same);
    }
  }
  return Divide(node, ElementCount(rest), ElementCount(divisors),
                absl::StrCat("its input ", node.Describe(0), " has to be reshaped to ", target.text,
                             " with a whole number in place of -1"));
}

// Source: https://github.com/onnx/onnx/blob/main/docs/Operators.md#Reshape
absl::Status Reshape(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  if (node.Has(1)) TENSORD_RETURN_IF_ERROR(node.ShapeOf(1, "shape", 1, 1).status());
  if (LeaveUndecided(node, {1})) return absl::OkStatus();
  TENSORD_ASSIGN_OR_RETURN(const auto told, RequireList(node, "shape", 1));
  TENSORD_ASSIGN_OR_RETURN(Target target, TargetOf(node, *input, told));
  if (target.inferred.has_value()) {
    TENSORD_ASSIGN_OR_RETURN(target.shape[*target.inferred], InferredSize(node, *input, target));
  } else {
    const Expression before = ElementCount(*input);
    const Expression after = ElementCount(target.shape);
    for (const Expression* count : {&before, &after}) {
      if (!count->ok()) return node.Error(absl::StrCat("its elements: ", count->status().message()));
    }
    TENSORD_RETURN_IF_ERROR(node.RequireEqual(after, before,
                                              absl::StrCat("its input ", node.Describe(0), " cannot be reshaped to ",
                                                           target.text, ", both have to have as many elements")));
  }
  SetReshaped(node, std::move(target.shape));
  return absl::OkStatus();
}

absl::Status Flatten(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  TENSORD_ASSIGN_OR_RETURN(const int64_t axis, node.Int("axis", 1));
  const auto rank = static_cast<int64_t>(input->size());
  if (axis < -rank || axis > rank) {
    return node.Error(
        absl::StrCat("its axis was ", axis, ", has to be ", -rank, "..", rank, " for its input ", node.Describe(0)));
  }
  const auto middle = input->begin() + (axis < 0 ? axis + rank : axis);
  SetReshaped(node, {ElementCount(Shape(input->begin(), middle)), ElementCount(Shape(middle, input->end()))});
  return absl::OkStatus();
}

// The axes of Squeeze and Unsqueeze; nothing where none are told.
absl::StatusOr<std::optional<std::vector<size_t>>> ToldAxes(NodeView& node, size_t input_rank, bool are_of_output) {
  if (node.Has(1)) TENSORD_RETURN_IF_ERROR(node.ShapeOf(1, "axes", 0, 1).status());
  TENSORD_ASSIGN_OR_RETURN(const auto told, node.IntsOrInput("axes", 1));
  if (!told.has_value()) return std::nullopt;
  const size_t rank = input_rank + (are_of_output ? told->size() : 0);
  TENSORD_RETURN_IF_ERROR(CheckRank(node, rank));
  TENSORD_ASSIGN_OR_RETURN(std::vector<size_t> axes, AxesFrom(node, *told, rank));
  return axes;
}

absl::Status Squeeze(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  if (LeaveUndecided(node, {1})) return absl::OkStatus();
  TENSORD_ASSIGN_OR_RETURN(const auto axes, ToldAxes(node, input->size(), false));
  std::vector<bool> is_left_out(input->size(), false);
  for (const size_t axis : axes.value_or(std::vector<size_t>())) {
    is_left_out[axis] = true;
    TENSORD_RETURN_IF_ERROR(
        node.RequireEqual((*input)[axis], 1,
                          absl::StrCat("its input ", node.Describe(0),
                                       " can be squeezed only along axes of size 1, and axis ", axis, " is told")));
  }
  Shape output;
  for (size_t i = 0; i < input->size(); ++i) {
    const Expression& size = (*input)[i];
    if (!axes.has_value()) {
      is_left_out[i] = size == Expression(1);
      // A symbol that is 1 would be left out too.
      if (!size.constant().has_value()) TENSORD_RETURN_IF_ERROR(RequireAtLeast(node, size, 2, "a size that stays"));
    }
    if (!is_left_out[i]) output.push_back(size);
  }
  SetReshaped(node, std::move(output));
  return absl::OkStatus();
}

absl::Status Unsqueeze(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  if (LeaveUndecided(node, {1})) return absl::OkStatus();
  TENSORD_ASSIGN_OR_RETURN(const auto axes, ToldAxes(node, input->size(), true));
  if (!axes.has_value()) return node.Error("its axes are missing");
  std::vector<bool> is_new(input->size() + axes->size(), false);
  for (const size_t axis : *axes) is_new[axis] = true;
  Shape output;
  auto next = input->begin();
  for (const bool is_one : is_new) output.push_back(is_one ? Expression(1) : *next++);
  SetReshaped(node, std::move(output));
  return absl::OkStatus();
}

// The first input's axes in the order of `permutation`, once its sizes are split into `sizes`; the result has `output`.
void SetTransposed(NodeView& node, const Shape& sizes, const std::vector<size_t>& permutation, Shape output) {
  std::optional<Values> values;
  const std::optional<Elements> elements = KnownElements(node.input(0));
  const auto small = SmallSizes(sizes);
  if (elements.has_value() && small.has_value()) {
    const std::vector<int64_t> strides = Strides(*small);
    std::vector<int64_t> to_sizes;
    std::vector<int64_t> to_strides;
    for (const size_t axis : permutation) {
      to_sizes.push_back((*small)[axis]);
      to_strides.push_back(strides[axis]);
    }
    values = Pick(elements->values, Places(to_sizes, to_strides));
  }
  SetMoved(node, 0, std::move(output), std::move(values));
}

absl::Status Transpose(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  TENSORD_ASSIGN_OR_RETURN(std::vector<int64_t> told, node.Ints("perm"));
  if (!node.HasAttribute("perm")) {
    told.resize(input->size());
    std::iota(told.rbegin(), told.rend(), int64_t{0});
  }
  if (told.size() != input->size()) {
    return node.Error(
        absl::StrCat("its perm has ", told.size(), " axes, and its input ", node.Describe(0), " has ", input->size()));
  }
  TENSORD_ASSIGN_OR_RETURN(const std::vector<size_t> permutation,
                           AxesFrom(node, std::vector<Expression>(told.begin(), told.end()), input->size()));
  Shape output;
  for (const size_t axis : permutation) output.push_back((*input)[axis]);
  ReadTransposed(node, permutation);
  SetTransposed(node, *input, permutation, std::move(output));
  return absl::OkStatus();
}

absl::Status Expand(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  TENSORD_RETURN_IF_ERROR(node.ShapeOf(1, "shape", 1, 1).status());
  if (LeaveUndecided(node, {1})) return absl::OkStatus();
  TENSORD_ASSIGN_OR_RETURN(const auto told, RequireList(node, "shape", 1));
  TENSORD_ASSIGN_OR_RETURN(Shape target, ShapeFrom(node, told));
  TENSORD_ASSIGN_OR_RETURN(Shape output, Broadcast(node, {input}, std::move(target)));
  ReadBroadcast(node, 1, output);
  std::optional<Values> values;
  const std::optional<Elements> elements = KnownElements(node.input(0));
  const auto sizes = SmallSizes(output);
  if (elements.has_value() && sizes.has_value()) {
    // Along axes of one element, and along those that are new, it is read again and again.
    std::vector<int64_t> strides = Strides(elements->sizes);
    for (size_t i = 0; i < strides.size(); ++i) {
      if (elements->sizes[i] == 1) strides[i] = 0;
    }
    strides.insert(strides.begin(), sizes->size() - strides.size(), 0);
    values = Pick(elements->values, Places(*sizes, strides));
  }
  SetMoved(node, 0, std::move(output), std::move(values));
  return absl::OkStatus();
}

absl::Status Tile(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  TENSORD_RETURN_IF_ERROR(node.ShapeOf(1, "repeats", 0, 1).status());
  if (LeaveUndecided(node, {1})) return absl::OkStatus();
  if (node.Has(2)) {  // The first opset's form, with a number and an axis, is not read.
    node.LeaveUnknown();
    return absl::OkStatus();
  }
  TENSORD_ASSIGN_OR_RETURN(const auto repeats, RequireList(node, "repeats", 1));
  if (repeats.size() != input->size()) {
    return node.Error(absl::StrCat("its input ", node.Describe(0), " has to have as many axes as its repeats ",
                                   ShapeText(repeats), " tell"));
  }
  ReadRepeated(node, repeats);
  Shape output;
  Shape parts;  // for each axis the repeats, then the size
  for (size_t i = 0; i < input->size(); ++i) {
    TENSORD_RETURN_IF_ERROR(RequireAtLeast(node, repeats[i], 0, absl::StrCat("its repeats along axis ", i)));
    output.push_back((*input)[i] * repeats[i]);
    parts.insert(parts.end(), {repeats[i], (*input)[i]});
  }
  std::optional<Values> values;
  const std::optional<Elements> elements = KnownElements(node.input(0));
  const auto sizes = SmallSizes(parts);
  if (elements.has_value() && sizes.has_value()) {
    std::vector<int64_t> strides;
    for (const int64_t stride : Strides(elements->sizes)) strides.insert(strides.end(), {0, stride});
    values = Pick(elements->values, Places(*sizes, strides));
  }
  SetMoved(node, 0, std::move(output), std::move(values));
  return absl::OkStatus();
}

// All inputs' elements, in the order in which they follow each other along the axis; nothing where one's are not known.
std::optional<Values> Joined(const NodeView& node, size_t axis) {
  Values all = std::vector<Expression>();
  std::vector<std::pair<size_t, size_t>> chunks;  // where each input's elements begin, and how many are side by side
  size_t rows = 1;
  for (size_t i = 0; i < node.input_count(); ++i) {
    const std::optional<Elements> elements = KnownElements(node.input(i));
    if (!elements.has_value()) return std::nullopt;
    if (i == 0 && std::holds_alternative<std::vector<double>>(elements->values)) all = std::vector<double>();
    if (elements->values.index() != all.index()) return std::nullopt;
    const size_t begin = CountOf(all);
    const size_t count = CountOf(elements->values);
    if (count == 0) continue;
    if (begin + count > kMaxConstantValues) return std::nullopt;
    Append(elements->values, all);
    rows = 1;
    for (size_t j = 0; j < axis; ++j) rows *= static_cast<size_t>(elements->sizes[j]);
    chunks.emplace_back(begin, count / rows);
  }
  std::vector<size_t> places;
  for (size_t row = 0; row < rows; ++row) {
    for (const auto& [begin, length] : chunks) {
      for (size_t i = 0; i < length; ++i) places.push_back(begin + row * length + i);
    }
  }
  return Pick(all, places);
}

absl::Status Concat(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* first, node.ShapeOf(0, "first input", 1));
  if (node.opset() >= 4 && !node.HasAttribute("axis")) return node.Error("its attribute axis is missing");
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.Axis("axis", 1, first->size()));
  Shape output = *first;
  std::vector<Expression> lengths;
  for (size_t i = 0; i < node.input_count(); ++i) {
    TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(i, "input", first->size(), first->size()));
    lengths.push_back((*input)[axis]);
    for (size_t j = 0; j < input->size(); ++j) {
      const Expression& size = (*input)[j];
      if (j == axis || size == output[j]) continue;
      TENSORD_RETURN_IF_ERROR(
          node.RequireEqual(size, output[j],
                            absl::StrCat("its inputs ", node.Describe(0), " and ", node.Describe(i),
                                         " have to have the same sizes along all axes but ", axis)));
      // A number says more than a symbol.
      if (size.constant().has_value()) output[j] = size;
    }
  }
  ReadConcatenated(node, axis, lengths);
  output[axis] = SumOf(std::move(lengths));
  SetMoved(node, 0, std::move(output), Joined(node, axis));
  return absl::OkStatus();
}

// Blocks of an image that become channels, or the other way round.
struct Blocks {
  const Shape& input;
  Expression edge;
};

absl::StatusOr<Blocks> BlocksOf(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 4, 4));
  TENSORD_ASSIGN_OR_RETURN(const int64_t edge, node.Int("blocksize", 0));
  if (edge < 1) return node.Error(absl::StrCat("its attribute blocksize was ", edge, ", has to be at least 1"));
  return Blocks{.input = *input, .edge = edge};
}

absl::Status DepthToSpace(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Blocks blocks, BlocksOf(node));
  TENSORD_ASSIGN_OR_RETURN(const std::string mode, node.Text("mode", "DCR"));
  if (mode != "DCR" && mode != "CRD") return node.Error("its attribute mode has to be DCR or CRD");
  const auto& [input, b] = blocks;
  TENSORD_ASSIGN_OR_RETURN(const Expression channels,
                           Divide(node, input[1], b * b,
                                  absl::StrCat("the channels of its input ", node.Describe(0),
                                               " have to make blocks of ", b.ToString(), "*", b.ToString())));
  Shape output = {input[0], channels, input[2] * b, input[3] * b};
  ReadFromDepth(node, b);
  if (mode == "DCR") {
    SetTransposed(node, {input[0], b, b, channels, input[2], input[3]}, {0, 3, 4, 1, 5, 2}, std::move(output));
  } else {
    SetTransposed(node, {input[0], channels, b, b, input[2], input[3]}, {0, 1, 4, 2, 5, 3}, std::move(output));
  }
  return absl::OkStatus();
}

absl::Status SpaceToDepth(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Blocks blocks, BlocksOf(node));
  const auto& [input, b] = blocks;
  const std::string rule =
      absl::StrCat("the height and width of its input ", node.Describe(0), " have to make blocks of ", b.ToString());
  TENSORD_ASSIGN_OR_RETURN(const Expression height, Divide(node, input[2], b, rule));
  TENSORD_ASSIGN_OR_RETURN(const Expression width, Divide(node, input[3], b, rule));
  ReadToDepth(node, b);
  SetTransposed(node, {input[0], input[1], height, b, width, b}, {0, 3, 5, 1, 2, 4},
                {input[0], input[1] * b * b, height, width});
  return absl::OkStatus();
}

constexpr Operator kOperators[] = {
    {"Shape", &ShapeOperator},
    {"Size", &SizeOperator},
    {"Reshape", &Reshape},
    {"Flatten", &Flatten},
    {"Squeeze", &Squeeze},
    {"Unsqueeze", &Unsqueeze},
    {"Transpose", &Transpose},
    {"Expand", &Expand},
    {"Tile", &Tile},
    {"Concat", &Concat},
    {"DepthToSpace", &DepthToSpace},
    {"SpaceToDepth", &SpaceToDepth},
};

}  // namespace

absl::Span<const Operator> ShapeOperators() { return kOperators; }

}  // namespace tensord::analysis::model
