#include "analysis/src/model/elementwise.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/broadcast.h"
#include "analysis/src/model/reads.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

std::vector<const TensorFacts*> Operands(const NodeView& node, size_t count) {
  std::vector<const TensorFacts*> operands;
  for (size_t i = 0; i < count; ++i) operands.push_back(&node.input(i));
  return operands;
}

// Before opset 7 an attribute names the first operand's axis at which the second one's first stands, which is one with
// sizes of 1 behind.
absl::StatusOr<Shape> OldSecondShape(const NodeView& node, const Shape& first, const Shape& second) {
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.Axis("axis", 0, first.size()));
  if (axis + second.size() > first.size()) {
    return node.Error(absl::StrCat("the axes of ", node.Describe(1), " from axis ", axis, " on have to be axes of ",
                                   node.Describe(0)));
  }
  Shape shape = second;
  shape.resize(first.size() - axis, 1);
  return shape;
}

}  // namespace

void CountEach(const Expression& elements, const Cost& cost, OperationCounts& counts) {
  counts.multiplications = elements * cost.multiplications;
  counts.additions = elements * cost.additions;
  counts.comparisons = elements * cost.comparisons;
  counts.divisions = elements * cost.divisions;
  counts.special_functions = elements * cost.special_functions;
}

absl::StatusOr<std::vector<const Shape*>> OperandShapes(const NodeView& node, size_t count) {
  for (size_t i = count; i < node.input_count(); ++i) {
    if (node.Has(i)) return node.Error(absl::StrCat("it has ", node.input_count(), " inputs, and takes ", count));
  }
  std::vector<const Shape*> shapes;
  for (size_t i = 0; i < count; ++i) {
    TENSORD_ASSIGN_OR_RETURN(const Shape* shape, node.ShapeOf(i, "operand"));
    shapes.push_back(shape);
  }
  return shapes;
}

ElementType OperandType(const NodeView& node, size_t first) {
  for (size_t i = first; i < node.input_count(); ++i) {
    if (node.Has(i) && node.input(i).type != ElementType::kUnknown) return node.input(i).type;
  }
  return ElementType::kUnknown;
}

absl::StatusOr<ElementType> ElementTypeOf(const NodeView& node, absl::string_view name, int64_t number) {
  if (number < 1 || number > INT32_MAX) {
    return node.Error(
        absl::StrCat("its attribute ", name, " was ", number, ", has to be the number of an element type"));
  }
  if (number > static_cast<int64_t>(ElementType::kBfloat16)) return ElementType::kUnknown;
  return static_cast<ElementType>(number);
}

absl::Status MapElements(NodeView& node, size_t count, const Cost& cost, ValueRule rule, ElementType type) {
  TENSORD_ASSIGN_OR_RETURN(std::vector<const Shape*> shapes, OperandShapes(node, count));
  Shape second;
  if (node.opset() < 7 && count == 2 && node.HasAttribute("axis")) {
    TENSORD_ASSIGN_OR_RETURN(second, OldSecondShape(node, *shapes[0], *shapes[1]));
    shapes[1] = &second;
    rule = nullptr;
  }
  TENSORD_ASSIGN_OR_RETURN(Shape output, Broadcast(node, shapes));
  CountEach(ElementCount(output), cost, node.counts());
  ReadBroadcast(node, shapes.back() == &second ? 1 : count, output);
  if (shapes.back() == &second) ReadWhole(node, {1});
  std::optional<Values> values = rule != nullptr ? Fold(Operands(node, count), output, type, rule) : std::nullopt;
  node.SetOutput(
      0, TensorFacts{.type = type, .shape = std::move(output), .values = std::move(values), .role = Role::kData});
  return absl::OkStatus();
}

}  // namespace tensord::analysis::model
