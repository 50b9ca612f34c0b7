// What tensord has no operator for: sums of tensors, and elements that move, in plain loops.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"
#include "tests/analysis/model/random/execution.h"

namespace tensord::analysis::random_graphs {
namespace {

using Place = std::vector<int64_t>;

// Calls visit(place) for every element of a tensor of that shape, row-major.
void ForEachPlace(const Sizes& shape, const std::function<void(const Place&)>& visit) {
  for (int64_t i = 0; i < Product(shape); ++i) {
    Place place(shape.size());
    int64_t rest = i;
    for (size_t axis = shape.size(); axis-- > 0;) {
      place[axis] = rest % shape[axis];
      rest /= shape[axis];
    }
    visit(place);
  }
}

double ElementAt(const Value& value, const Place& place) {
  int64_t offset = 0;
  for (size_t axis = 0; axis < place.size(); ++axis) offset = offset * value.shape[axis] + place[axis];
  return value.elements[static_cast<size_t>(offset)];
}

Sizes IntegersOf(const Value& value) { return {value.elements.begin(), value.elements.end()}; }

absl::StatusOr<size_t> AxisOf(int64_t axis, const Value& value) {
  const auto rank = static_cast<int64_t>(value.shape.size());
  if (axis < -rank || axis >= rank) return absl::InvalidArgumentError(absl::StrCat("there is no axis ", axis));
  return static_cast<size_t>(axis < 0 ? axis + rank : axis);
}

// An element of a tensor that is broadcast to a rank of at least its own.
double BroadcastElement(const Value& value, const Place& place) {
  Place own(place.end() - static_cast<std::ptrdiff_t>(value.shape.size()), place.end());
  for (size_t i = 0; i < own.size(); ++i) own[i] = value.shape[i] == 1 ? 0 : own[i];
  return ElementAt(value, own);
}

absl::StatusOr<Execution> RunArithmetic(const GraphNode& node, const Value& a, const Value& b) {
  Sizes shape(std::max(a.shape.size(), b.shape.size()), 1);
  for (const Value* value : {&a, &b}) {
    const size_t offset = shape.size() - value->shape.size();
    for (size_t i = 0; i < value->shape.size(); ++i) {
      int64_t& size = shape[offset + i];
      const int64_t other = value->shape[i];
      if (size != other && size != 1 && other != 1) return absl::InvalidArgumentError("sizes are neither equal nor 1");
      if (size == 1) size = other;
    }
  }
  Execution execution{.outputs = {Value{.shape = shape, .elements = {}}}, .work = Work()};
  ForEachPlace(shape, [&](const Place& place) {
    const double x = BroadcastElement(a, place);
    const double y = BroadcastElement(b, place);
    const bool multiplies = node.op_type == "Mul";
    ++(multiplies ? execution.work->multiplications : execution.work->additions);
    execution.outputs[0].elements.push_back(multiplies ? x * y : node.op_type == "Add" ? x + y : x - y);
  });
  return execution;
}

absl::StatusOr<Execution> RunConcat(const GraphNode& node, const std::vector<const Value*>& inputs) {
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, AxisOf(IntOf(node, "axis", 0), *inputs[0]));
  Value output{.shape = inputs[0]->shape, .elements = {}};
  output.shape[axis] = 0;
  for (const Value* input : inputs) {
    Sizes rest = input->shape;
    if (rest.size() != output.shape.size()) return absl::InvalidArgumentError("ranks differ");
    output.shape[axis] += rest[axis];
    rest[axis] = output.shape[axis];
    if (rest != output.shape) return absl::InvalidArgumentError("sizes differ");
  }
  ForEachPlace(output.shape, [&](Place place) {
    size_t from = 0;
    while (place[axis] >= inputs[from]->shape[axis]) place[axis] -= inputs[from++]->shape[axis];
    output.elements.push_back(ElementAt(*inputs[from], place));
  });
  return Execution{.outputs = {std::move(output)}, .work = Work()};
}

absl::StatusOr<Execution> RunFlatten(const GraphNode& node, const Value& input) {
  const auto rank = static_cast<int64_t>(input.shape.size());
  const int64_t axis = IntOf(node, "axis", 1);
  if (axis < -rank || axis > rank) return absl::InvalidArgumentError(absl::StrCat("there is no axis ", axis));
  const absl::Span<const int64_t> sizes(input.shape);
  const auto middle = static_cast<size_t>(axis < 0 ? axis + rank : axis);
  return Execution{.outputs = {{.shape = {Product(sizes.subspan(0, middle)), Product(sizes.subspan(middle))},
                                .elements = input.elements}},
                   .work = Work()};
}

absl::StatusOr<Execution> RunReshape(const Value& input, const Value& told) {
  Sizes shape = IntegersOf(told);
  const auto total = static_cast<int64_t>(input.elements.size());
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] < -1) return absl::InvalidArgumentError("a size is negative");
    if (shape[i] != 0) continue;
    if (i >= input.shape.size()) return absl::InvalidArgumentError("there is no size to copy");
    shape[i] = input.shape[i];
  }
  const auto open = std::count(shape.begin(), shape.end(), -1);
  if (open > 1) return absl::InvalidArgumentError("two sizes are open");
  if (open == 1) {
    const int64_t others = -Product(shape);
    if (others == 0 || total % others != 0) return absl::InvalidArgumentError("what is left is not whole");
    std::replace(shape.begin(), shape.end(), int64_t{-1}, total / others);
  }
  if (Product(shape) != total) return absl::InvalidArgumentError("the elements are not as many");
  return Execution{.outputs = {{.shape = std::move(shape), .elements = input.elements}}, .work = Work()};
}

absl::StatusOr<Execution> RunTranspose(const GraphNode& node, const Value& input) {
  Sizes perm(input.shape.size());
  std::iota(perm.rbegin(), perm.rend(), int64_t{0});
  perm = SizesOf(node, "perm").value_or(perm);
  Sizes sorted = perm;
  std::sort(sorted.begin(), sorted.end());
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (sorted[i] != static_cast<int64_t>(i)) return absl::InvalidArgumentError("perm is no permutation");
  }
  if (perm.size() != input.shape.size()) return absl::InvalidArgumentError("perm is of another rank");
  Value output;
  for (const int64_t axis : perm) output.shape.push_back(input.shape[static_cast<size_t>(axis)]);
  ForEachPlace(output.shape, [&](const Place& place) {
    Place from(place.size());
    for (size_t i = 0; i < place.size(); ++i) from[static_cast<size_t>(perm[i])] = place[i];
    output.elements.push_back(ElementAt(input, from));
  });
  return Execution{.outputs = {std::move(output)}, .work = Work()};
}

absl::StatusOr<Execution> RunBatchNormalization(const std::vector<const Value*>& inputs) {
  const Value& input = *inputs[0];
  // One axis is a batch of one channel.
  const bool has_channels = input.shape.size() > 1;
  const int64_t channels = has_channels ? input.shape[1] : 1;
  for (size_t i = 1; i < 5; ++i) {
    if (inputs[i]->shape != Sizes{channels}) return absl::InvalidArgumentError("not one for each channel");
  }
  Execution execution{.outputs = {Value{.shape = input.shape, .elements = {}}}, .work = Work()};
  ForEachPlace(input.shape, [&](const Place& place) {
    const auto channel = static_cast<size_t>(has_channels ? place[1] : 0);
    const double scale = inputs[1]->elements[channel] / std::sqrt(std::abs(inputs[4]->elements[channel]) + 1);
    const double shift = inputs[2]->elements[channel] - inputs[3]->elements[channel] * scale;
    execution.outputs[0].elements.push_back(ElementAt(input, place) * scale + shift);
    ++execution.work->multiplications;
    ++execution.work->additions;
  });
  return execution;
}

absl::StatusOr<Execution> RunPad(const Value& input, const Value& told) {
  const Sizes pads = IntegersOf(told);
  const size_t rank = input.shape.size();
  if (pads.size() != 2 * rank) return absl::InvalidArgumentError("there are not two pads for each axis");
  Value output{.shape = input.shape, .elements = {}};
  for (size_t i = 0; i < rank; ++i) {
    output.shape[i] += pads[i] + pads[rank + i];
    if (output.shape[i] < 0) return absl::InvalidArgumentError("nothing is left");
  }
  ForEachPlace(output.shape, [&](Place place) {
    bool is_inside = true;
    for (size_t i = 0; i < rank; ++i) {
      place[i] -= pads[i];
      is_inside = is_inside && place[i] >= 0 && place[i] < input.shape[i];
    }
    output.elements.push_back(is_inside ? ElementAt(input, place) : 0);
  });
  return Execution{.outputs = {std::move(output)}, .work = Work()};
}

// Of one axis the elements that a slice visits, found by walking; backwards it begins at the axis' elements at all
// events.
// Source: https://github.com/onnx/onnx/blob/main/docs/Operators.md#Slice
std::vector<int64_t> VisitedBy(int64_t size, int64_t start, int64_t end, int64_t step) {
  start = start < 0 ? start + size : start;
  end = end < 0 ? end + size : end;
  std::vector<int64_t> visited;
  if (step > 0) {
    for (int64_t at = std::max<int64_t>(start, 0); at < std::min(end, size); at += step) visited.push_back(at);
  } else {
    const int64_t first = std::clamp<int64_t>(start, 0, size - 1);
    for (int64_t at = first; at > std::max<int64_t>(end, -1); at += step) visited.push_back(at);
  }
  return visited;
}

// Inputs: what is sliced, starts, ends, axes and steps; one axis, once.
absl::StatusOr<Execution> RunSlice(const std::vector<const Value*>& inputs) {
  const Value& input = *inputs[0];
  const int64_t step = IntegersOf(*inputs[4])[0];
  if (step == 0) return absl::InvalidArgumentError("a step of 0 goes nowhere");
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, AxisOf(IntegersOf(*inputs[3])[0], input));
  const std::vector<int64_t> visited =
      VisitedBy(input.shape[axis], IntegersOf(*inputs[1])[0], IntegersOf(*inputs[2])[0], step);
  Value output{.shape = input.shape, .elements = {}};
  output.shape[axis] = static_cast<int64_t>(visited.size());
  ForEachPlace(output.shape, [&](Place place) {
    place[axis] = visited[static_cast<size_t>(place[axis])];
    output.elements.push_back(ElementAt(input, place));
  });
  return Execution{.outputs = {std::move(output)}, .work = Work()};
}

}  // namespace

Outcome ExecuteLoops(const GraphNode& node, const std::vector<const Value*>& inputs) {
  const std::string& op = node.op_type;
  if (op == "Add" || op == "Sub" || op == "Mul") return RunArithmetic(node, *inputs[0], *inputs[1]);
  if (op == "Concat") return RunConcat(node, inputs);
  if (op == "Flatten") return RunFlatten(node, *inputs[0]);
  if (op == "Reshape") return RunReshape(*inputs[0], *inputs[1]);
  if (op == "Transpose") return RunTranspose(node, *inputs[0]);
  if (op == "BatchNormalization") return RunBatchNormalization(inputs);
  if (op == "Pad") return RunPad(*inputs[0], *inputs[1]);
  if (op == "Slice") return RunSlice(inputs);
  return std::nullopt;
}

}  // namespace tensord::analysis::random_graphs
