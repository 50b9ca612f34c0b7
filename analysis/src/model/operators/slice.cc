// Operators that take parts of tensors, or put margins around them.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/moved_values.h"
#include "analysis/src/model/operators.h"
#include "analysis/src/model/reads.h"
#include "analysis/src/model/size_inputs.h"
#include "analysis/src/model/slice_axis.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

// The numbers that an operator is told for some of the axes; for all, or for the first ones, where it names none.
absl::StatusOr<std::vector<size_t>> AxesOrFirst(NodeView& node, size_t index, size_t count, size_t rank) {
  TENSORD_ASSIGN_OR_RETURN(auto told, node.IntsOrInput("axes", index));
  if (!told.has_value()) {
    if (count > rank) {
      return node.Error(
          absl::StrCat("it is told ", count, " axes of its input ", node.Describe(0), ", which has ", rank));
    }
    told.emplace();
    for (size_t i = 0; i < count; ++i) told->emplace_back(static_cast<int64_t>(i));
  }
  if (told->size() != count) {
    return node.Error(absl::StrCat("it names ", told->size(), " axes, and numbers for ", count));
  }
  return AxesFrom(node, *told, rank);
}

// One axis that is sliced.
struct Cut {
  size_t axis;
  SliceAxis part;
  int64_t step;
};

absl::StatusOr<std::vector<Cut>> CutsOf(NodeView& node, const Shape& input) {
  TENSORD_ASSIGN_OR_RETURN(const auto starts, RequireList(node, "starts", 1));
  TENSORD_ASSIGN_OR_RETURN(const auto ends, RequireList(node, "ends", 2));
  TENSORD_ASSIGN_OR_RETURN(auto steps, node.IntsOrInput("steps", 4));
  if (!steps.has_value()) steps.emplace(starts.size(), 1);
  if (ends.size() != starts.size() || steps->size() != starts.size()) {
    return node.Error(absl::StrCat("it has ", starts.size(), " starts, ", ends.size(), " ends and ", steps->size(),
                                   " steps, and they have to be as many"));
  }
  TENSORD_ASSIGN_OR_RETURN(const std::vector<size_t> axes, AxesOrFirst(node, 3, starts.size(), input.size()));
  std::vector<Cut> cuts;
  for (size_t i = 0; i < axes.size(); ++i) {
    TENSORD_ASSIGN_OR_RETURN(const int64_t step, RequireNumber(node, (*steps)[i], "step"));
    TENSORD_ASSIGN_OR_RETURN(SliceAxis part, SliceAlong(node, input[axes[i]], starts[i], ends[i], step));
    cuts.push_back({.axis = axes[i], .part = std::move(part), .step = step});
  }
  return cuts;
}

// The elements that are cut out, where they are known.
std::optional<Values> ElementsInside(const NodeView& node, const std::vector<Cut>& cuts, const Shape& output) {
  const std::optional<Elements> elements = KnownElements(node.input(0));
  const auto sizes = SmallSizes(output);
  if (!elements.has_value() || !sizes.has_value()) return std::nullopt;
  std::vector<int64_t> strides = Strides(elements->sizes);
  int64_t offset = 0;
  for (const Cut& cut : cuts) {
    const std::optional<int64_t> start = NumberOf(cut.part.start);
    if (!start.has_value()) return std::nullopt;
    offset += *start * strides[cut.axis];
    // A step is bounded by the size only where there are two elements.
    strides[cut.axis] *= (*sizes)[cut.axis] > 1 ? cut.step : 0;
  }
  return Pick(elements->values, Places(*sizes, strides, offset));
}

absl::Status Slice(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  for (size_t i = 1; i < std::min<size_t>(node.input_count(), 5); ++i) {
    if (node.Has(i)) TENSORD_RETURN_IF_ERROR(node.ShapeOf(i, "list of starts, ends, axes or steps", 1, 1).status());
  }
  if (LeaveUndecided(node, {1, 2, 3, 4})) return absl::OkStatus();
  TENSORD_ASSIGN_OR_RETURN(const std::vector<Cut> cuts, CutsOf(node, *input));
  Shape output = *input;
  AxisReads reads = SameAxes(input->size());
  for (const Cut& cut : cuts) {
    output[cut.axis] = cut.part.length;
    reads[cut.axis] = PartOfAxis(cut.axis, cut.part.start, cut.step);
  }
  node.Read(0, 0, std::move(reads));
  std::optional<Values> values = ElementsInside(node, cuts, output);
  SetMoved(node, 0, std::move(output), std::move(values));
  return absl::OkStatus();
}

// Equal parts, as many as there are outputs; the last one is shorter where the newer form tells their number.
absl::StatusOr<std::vector<Expression>> EqualParts(NodeView& node, const Expression& size) {
  const auto count = static_cast<int64_t>(node.output_count());
  TENSORD_ASSIGN_OR_RETURN(const int64_t told, node.Int("num_outputs", count));
  if (told != count) {
    return node.Error(absl::StrCat("its attribute num_outputs was ", told, ", and it has ", count, " outputs"));
  }
  std::vector<Expression> parts;
  if (!node.HasAttribute("num_outputs")) {
    TENSORD_ASSIGN_OR_RETURN(const Expression part, Divide(node, size, count,
                                                           absl::StrCat("its input ", node.Describe(0), " has to make ",
                                                                        count, " equal parts")));
    parts.assign(node.output_count(), part);
    return parts;
  }
  parts.assign(node.output_count(), Ceil(size, count));
  parts.back() = count == 2 ? Floor(size, 2) : size - parts.back() * (count - 1);
  TENSORD_RETURN_IF_ERROR(RequireAtLeast(
      node, parts.back(), 0, absl::StrCat("the last of ", count, " parts of its input ", node.Describe(0))));
  return parts;
}

absl::StatusOr<std::vector<Expression>> PartsOf(NodeView& node, const Expression& size) {
  TENSORD_ASSIGN_OR_RETURN(const auto told, node.IntsOrInput("split", 1));
  if (!told.has_value()) return EqualParts(node, size);
  if (told->size() != node.output_count()) {
    return node.Error(absl::StrCat("it tells ", told->size(), " parts, and has ", node.output_count(), " outputs"));
  }
  for (const Expression& part : *told) {
    TENSORD_RETURN_IF_ERROR(RequireAtLeast(node, part, 0, "the size of a part"));
  }
  const Expression sum = SumOf(*told);
  if (!sum.ok()) return node.Error(sum.status().message());
  TENSORD_RETURN_IF_ERROR(node.RequireEqual(
      sum, size, absl::StrCat("the parts of its input ", node.Describe(0), " have to have its length in sum")));
  return *told;
}

absl::Status Split(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 1));
  if (node.output_count() == 0) return node.Error("it has no outputs");
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.Axis("axis", 0, input->size()));
  if (node.Has(1)) TENSORD_RETURN_IF_ERROR(node.ShapeOf(1, "split", 1, 1).status());
  if (LeaveUndecided(node, {1})) return absl::OkStatus();
  TENSORD_ASSIGN_OR_RETURN(const std::vector<Expression> parts, PartsOf(node, (*input)[axis]));
  const std::optional<Elements> elements = KnownElements(node.input(0));
  int64_t offset = 0;
  Expression start = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    Shape output = *input;
    output[axis] = parts[i];
    ReadPart(node, axis, start, i);
    start = start + parts[i];
    std::optional<Values> values;
    const auto sizes = SmallSizes(output);
    if (elements.has_value() && sizes.has_value()) {
      const std::vector<int64_t> strides = Strides(elements->sizes);
      values = Pick(elements->values, Places(*sizes, strides, offset));
      offset += strides[axis] * (*sizes)[axis];
    }
    SetMoved(node, i, std::move(output), std::move(values));
  }
  return absl::OkStatus();
}

// The second input's values as positions on an axis of that size; nothing where one is not known as a number.
absl::StatusOr<std::optional<std::vector<size_t>>> KnownIndices(const NodeView& node, const Expression& size) {
  const std::optional<Elements> elements = KnownElements(node.input(1));
  const std::optional<Integer> length = size.constant();
  const auto* const told = elements.has_value() ? std::get_if<std::vector<Expression>>(&elements->values) : nullptr;
  if (told == nullptr || !length.has_value()) return std::nullopt;
  std::vector<size_t> indices;
  for (const Expression& index : *told) {
    const std::optional<Integer> number = index.constant();
    if (!number.has_value()) return std::nullopt;
    if (*number < -*length || *number >= *length) {
      return node.Error(absl::StrCat("its index ", number->ToString(), " is not on an axis of ", length->ToString(),
                                     " elements of its input ", node.Describe(0)));
    }
    // Beyond 64 bits nothing is folded.
    const std::optional<int64_t> place = (number->negative() ? size + *number : *number).constant()->ToInt64();
    if (!place.has_value()) return std::nullopt;
    indices.push_back(static_cast<size_t>(*place));
  }
  return indices;
}

absl::Status Gather(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 1));
  TENSORD_ASSIGN_OR_RETURN(const Shape* indices, node.ShapeOf(1, "indices"));
  MarkConstants(node, {1});
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.Axis("axis", 0, input->size()));
  TENSORD_ASSIGN_OR_RETURN(const auto known, KnownIndices(node, (*input)[axis]));
  Shape output(input->begin(), input->begin() + static_cast<int64_t>(axis));
  output.insert(output.end(), indices->begin(), indices->end());
  output.insert(output.end(), input->begin() + static_cast<int64_t>(axis) + 1, input->end());
  ReadGathered(node, axis);
  const std::optional<Elements> elements = KnownElements(node.input(0));
  const auto sizes = SmallSizes(output);
  std::optional<Values> values;
  const bool is_known = elements.has_value() && known.has_value() && sizes.has_value();
  if (is_known && CountOf(elements->values) == 0) {
    // Without elements the other sizes are not bounded, and there is nothing to take.
    values = elements->values;
  } else if (is_known) {
    // Of the first place along the axis; the others are whole strides further.
    std::vector<int64_t> rest = elements->sizes;
    rest[axis] = 1;
    const std::vector<int64_t> strides = Strides(elements->sizes);
    std::vector<size_t> places;
    const std::vector<size_t> firsts = Places(rest, strides);
    const auto inner = static_cast<size_t>(strides[axis]);
    for (size_t row = 0; row < firsts.size(); row += inner) {
      for (const size_t index : *known) {
        for (size_t i = 0; i < inner; ++i) places.push_back(firsts[row + i] + index * inner);
      }
    }
    values = Pick(elements->values, places);
  }
  SetMoved(node, 0, std::move(output), std::move(values));
  return absl::OkStatus();
}

absl::Status GatherElements(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 1));
  TENSORD_ASSIGN_OR_RETURN(const Shape* indices, node.ShapeOf(1, "indices", input->size(), input->size()));
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.Axis("axis", 0, input->size()));
  MarkConstants(node, {1});
  TENSORD_RETURN_IF_ERROR(KnownIndices(node, (*input)[axis]).status());
  ReadAll(node);
  SetMoved(node, 0, *indices);
  return absl::OkStatus();
}

// How many axes a row of GatherND's or ScatterND's indices names, of `rank`; nothing where that is not known.
absl::StatusOr<std::optional<size_t>> TupleSize(NodeView& node, const Shape& indices, size_t rank) {
  const std::optional<Integer> size = indices.back().constant();
  if (!size.has_value()) {
    node.LeaveUnknown();
    return std::nullopt;
  }
  if (*size >= Integer(1) && *size <= Integer(static_cast<int64_t>(rank))) {
    return static_cast<size_t>(*size->ToInt64());
  }
  return node.Error(absl::StrCat("the rows of its indices ", node.Describe(1), " have to name 1..", rank,
                                 " axes of its input ", node.Describe(0)));
}

absl::Status GatherND(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 1));
  TENSORD_ASSIGN_OR_RETURN(const Shape* indices, node.ShapeOf(1, "indices", 1));
  MarkConstants(node, {1});
  TENSORD_ASSIGN_OR_RETURN(const int64_t told, node.Int("batch_dims", 0));
  if (told < 0 || told >= static_cast<int64_t>(std::min(input->size(), indices->size()))) {
    return node.Error(absl::StrCat("its attribute batch_dims was ", told, ", has to be below the ranks of its input ",
                                   node.Describe(0), " and its indices ", node.Describe(1)));
  }
  const auto batch = static_cast<size_t>(told);
  for (size_t i = 0; i < batch; ++i) {
    TENSORD_RETURN_IF_ERROR(
        node.RequireEqual((*indices)[i], (*input)[i],
                          absl::StrCat("its input ", node.Describe(0), " and its indices ", node.Describe(1),
                                       " have to have the same first ", batch, " sizes")));
  }
  TENSORD_ASSIGN_OR_RETURN(const auto tuple, TupleSize(node, *indices, input->size() - batch));
  if (!tuple.has_value()) return absl::OkStatus();
  Shape output(indices->begin(), indices->end() - 1);
  output.insert(output.end(), input->begin() + static_cast<int64_t>(batch + *tuple), input->end());
  ReadAll(node);
  SetMoved(node, 0, std::move(output));
  return absl::OkStatus();
}

// What is written over an element, or added to it, or compared with it.
absl::Status SetScattered(NodeView& node, const Shape& input, const Shape& updates) {
  TENSORD_ASSIGN_OR_RETURN(const std::string reduction, node.Text("reduction", "none"));
  const Expression count = ElementCount(updates);
  if (reduction == "add") {
    node.counts().additions = count;
  } else if (reduction == "mul") {
    node.counts().multiplications = count;
  } else if (reduction == "max" || reduction == "min") {
    node.counts().comparisons = count;
  } else if (reduction != "none") {
    return node.Error("its attribute reduction has to be none, add, mul, max or min");
  }
  ReadAll(node);
  SetMoved(node, 0, input);
  return absl::OkStatus();
}

// That the updates have the shape that input and indices make.
absl::Status CheckUpdates(NodeView& node, const Shape& updates, const Shape& expected) {
  const std::string rule =
      absl::StrCat("the updates ", node.Describe(2), " of its input ", node.Describe(0), " at the indices ",
                   node.Describe(1), " have to be of the shape ", ShapeText(expected));
  if (updates.size() != expected.size()) return node.Error(rule);
  for (size_t i = 0; i < updates.size(); ++i) {
    TENSORD_RETURN_IF_ERROR(node.RequireEqual(updates[i], expected[i], rule));
  }
  return absl::OkStatus();
}

absl::Status ScatterElements(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 1));
  TENSORD_ASSIGN_OR_RETURN(const Shape* indices, node.ShapeOf(1, "indices", input->size(), input->size()));
  TENSORD_ASSIGN_OR_RETURN(const Shape* updates, node.ShapeOf(2, "updates"));
  MarkConstants(node, {1});
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.Axis("axis", 0, input->size()));
  TENSORD_RETURN_IF_ERROR(KnownIndices(node, (*input)[axis]).status());
  TENSORD_RETURN_IF_ERROR(CheckUpdates(node, *updates, *indices));
  return SetScattered(node, *input, *updates);
}

absl::Status ScatterND(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 1));
  TENSORD_ASSIGN_OR_RETURN(const Shape* indices, node.ShapeOf(1, "indices", 1));
  TENSORD_ASSIGN_OR_RETURN(const Shape* updates, node.ShapeOf(2, "updates"));
  MarkConstants(node, {1});
  TENSORD_ASSIGN_OR_RETURN(const auto tuple, TupleSize(node, *indices, input->size()));
  if (tuple.has_value()) {
    Shape expected(indices->begin(), indices->end() - 1);
    expected.insert(expected.end(), input->begin() + static_cast<int64_t>(*tuple), input->end());
    TENSORD_RETURN_IF_ERROR(CheckUpdates(node, *updates, expected));
  }
  return SetScattered(node, *input, *updates);
}

// Source: https://github.com/onnx/onnx/blob/main/docs/Operators.md#Pad
absl::Status Pad(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  TENSORD_ASSIGN_OR_RETURN(const std::string mode, node.Text("mode", "constant"));
  if (mode != "constant" && mode != "reflect" && mode != "edge" && mode != "wrap") {
    return node.Error(absl::StrCat("its attribute mode was \"", PrintableName(mode),
                                   "\", has to be constant, reflect, edge or wrap"));
  }
  if (node.Has(1)) TENSORD_RETURN_IF_ERROR(node.ShapeOf(1, "pads", 1, 2).status());
  MarkConstants(node, {2});
  if (LeaveUndecided(node, {1, 3})) return absl::OkStatus();
  // The first opset calls them paddings.
  TENSORD_ASSIGN_OR_RETURN(const auto pads, RequireList(node, node.opset() < 2 ? "paddings" : "pads", 1));
  const size_t count = node.Has(3) ? pads.size() / 2 : input->size();
  if (pads.size() != 2 * count) {
    return node.Error(absl::StrCat("it has ", pads.size(), " pads for its input ", node.Describe(0),
                                   ", and there have to be two for each axis"));
  }
  TENSORD_ASSIGN_OR_RETURN(const std::vector<size_t> axes, AxesOrFirst(node, 3, count, input->size()));
  Shape output = *input;
  AxisReads reads = SameAxes(input->size());
  for (size_t i = 0; i < count; ++i) {
    // What comes from the other end is no padding.
    reads[axes[i]] = mode == "wrap" ? AxisRead() : PartOfAxis(axes[i], Expression() - pads[i], 1);
    Expression& size = output[axes[i]];
    size = size + pads[i] + pads[count + i];
    TENSORD_RETURN_IF_ERROR(RequireAtLeast(node, size, 0,
                                           absl::StrCat("what its pads ", ShapeText(pads), " leave of its input ",
                                                        node.Describe(0), " along axis ", axes[i])));
  }
  node.Read(0, 0, std::move(reads));
  SetMoved(node, 0, std::move(output));
  return absl::OkStatus();
}

// What sorting compares depends on how it is done: none of that is counted.
absl::Status TopK(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 1));
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.Axis("axis", -1, input->size()));
  if (node.Has(1)) TENSORD_RETURN_IF_ERROR(node.ShapeOf(1, "k", 0, 1).status());
  if (LeaveUndecided(node, {1})) return absl::OkStatus();
  TENSORD_ASSIGN_OR_RETURN(const auto k, SingleOrInput(node, "k", 1));
  if (!k.has_value()) return node.Error("its k is missing");
  const std::string rule =
      absl::StrCat("the elements that it takes of its input ", node.Describe(0), " along axis ", axis);
  TENSORD_RETURN_IF_ERROR(RequireAtLeast(node, *k, 0, rule));
  TENSORD_RETURN_IF_ERROR(RequireAtLeast(node, (*input)[axis], *k,
                                         absl::StrCat("the elements of which it takes ", k->ToString(),
                                                      ", of its input ", node.Describe(0), " along axis ", axis)));
  Shape output = *input;
  output[axis] = *k;
  ReadAlong(node, axis);
  node.SetOutput(1, ElementType::kInt64, output);
  SetMoved(node, 0, std::move(output));
  return absl::OkStatus();
}

constexpr Operator kOperators[] = {
    {"Slice", &Slice},
    {"Split", &Split},
    {"Gather", &Gather},
    {"GatherElements", &GatherElements},
    {"GatherND", &GatherND},
    {"Scatter", &ScatterElements},
    {"ScatterElements", &ScatterElements},
    {"ScatterND", &ScatterND},
    {"Pad", &Pad},
    {"TopK", &TopK},
};

}  // namespace

absl::Span<const Operator> SliceOperators() { return kOperators; }

}  // namespace tensord::analysis::model
