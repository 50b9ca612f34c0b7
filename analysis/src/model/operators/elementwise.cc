// Arithmetic, tests, casts and functions of single elements.
//
// What each costs an element stands in the table at the end; what counts as what, at Cost in elementwise.h.
//
// Source: https://onnx.ai/onnx/operators/index.html (formulas, types, what changed with which opset)
#include "analysis/src/model/elementwise.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/fold.h"
#include "analysis/src/model/operators.h"
#include "analysis/src/model/reads.h"
#include "analysis/src/model/value_rules.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

template <size_t kCount, ValueRule kRule = nullptr>
constexpr Handler kTest = &Elementwise<kCount, Cost{.comparisons = 1}, kRule, ElementType::kBool>;

// Of one input or more, kStep for each but the first, and kLast at the end.
template <Cost kStep, Cost kLast, ValueRule kRule>
absl::Status Variadic(NodeView& node) {
  const size_t count = node.input_count();
  if (count == 0) return node.Error("it has no inputs, and takes one or more");
  const auto steps = static_cast<int64_t>(count) - 1;
  const Cost cost = {
      .additions = kStep.additions * steps, .comparisons = kStep.comparisons * steps, .divisions = kLast.divisions};
  return MapElements(node, count, cost, kRule, OperandType(node));
}

// fmod tells whose sign the remainder has.
absl::Status Mod(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const int64_t as_in_c, node.Int("fmod", 0));
  return MapElements(node, 2, Cost{.divisions = 1}, as_in_c != 0 ? &RemainderOfC : &RemainderOf, OperandType(node));
}

// A power is a special function, but the square is one multiplication and the third power two.
absl::Status Pow(NodeView& node) {
  Cost cost = kSpecialFunction;
  if (node.Has(1)) {
    const std::optional<std::vector<Value>> exponents = ValuesOf(node.input(1));
    const auto is = [&](int64_t exponent) {
      return exponents.has_value() && exponents->size() == 1 &&
             (exponents->front() == Value(Expression(exponent)) ||
              exponents->front() == Value(static_cast<double>(exponent)));
    };
    if (is(2)) cost = {.multiplications = 1};
    if (is(3)) cost = {.multiplications = 2};
  }
  // Exponents may be of another type; the result has the base's.
  return MapElements(node, 2, cost, nullptr, node.Has(0) ? node.input(0).type : ElementType::kUnknown);
}

absl::Status Where(NodeView& node) {
  return MapElements(node, 3, Cost{.comparisons = 1}, &ChosenOf, OperandType(node, 1));
}

// The values stay where they fit, and where the new type is known.
absl::Status CastTo(NodeView& node, ElementType type) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  ReadSame(node);
  std::optional<Values> values;
  if (type != ElementType::kUnknown) values = Fold({&node.input(0)}, *input, type, &SameAs);
  node.SetOutput(0, TensorFacts{.type = type, .shape = *input, .values = std::move(values), .role = Role::kData});
  return absl::OkStatus();
}

absl::Status Cast(NodeView& node) {
  // Before opset 6 the type is a text.
  if (node.opset() < 6) {
    TENSORD_RETURN_IF_ERROR(node.Text("to", "").status());
    return CastTo(node, ElementType::kUnknown);
  }
  TENSORD_ASSIGN_OR_RETURN(const int64_t number, node.Int("to", 0));
  TENSORD_ASSIGN_OR_RETURN(const ElementType type, ElementTypeOf(node, "to", number));
  return CastTo(node, type);
}

// As it is, values of any type included.
absl::Status Identity(NodeView& node) {
  TENSORD_RETURN_IF_ERROR(node.ShapeOf(0, "input").status());
  ReadSame(node);
  TensorFacts facts = node.input(0);
  facts.role = Role::kData;
  if (!ValuesOf(facts).has_value()) facts.values.reset();
  node.SetOutput(0, std::move(facts));
  return absl::OkStatus();
}

absl::Status CastLike(NodeView& node) {
  TENSORD_RETURN_IF_ERROR(node.ShapeOf(1, "target").status());
  ReadWhole(node, {1});  // of which nothing but the type matters
  return CastTo(node, node.input(1).type);
}

// Whether elements are dropped: told by the third input; before opset 7 by an attribute, in between never.
absl::StatusOr<bool> IsTraining(NodeView& node) {
  if (node.opset() < 7) {
    TENSORD_ASSIGN_OR_RETURN(const int64_t is_test, node.Int("is_test", 0));
    return is_test == 0;
  }
  if (!node.Has(2)) return false;
  const std::optional<std::vector<Value>> mode = ValuesOf(node.input(2));
  if (mode.has_value() && mode->size() == 1) {
    const std::optional<Value> truth = CastValue(mode->front(), ElementType::kBool);
    if (truth.has_value()) return *truth == Value(Expression(1));
  }
  node.Require(absl::StrCat("training_mode ", PrintableName(node.node().inputs[2]), " is false"));
  return false;
}

// Nothing in inference. In training scale*x*mask: two multiplications, and a comparison that tells whether the element
// is dropped; the random number is not counted.
absl::Status Dropout(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  node.Mark(1, Role::kConstant);
  node.Mark(2, Role::kConstant);
  TENSORD_ASSIGN_OR_RETURN(const bool is_training, IsTraining(node));
  if (is_training) CountEach(ElementCount(*input), Cost{.multiplications = 2, .comparisons = 1}, node.counts());
  ReadSame(node);
  ReadWhole(node, {1, 2});
  // The mask is of the input's type before opset 10.
  node.SetOutput(1, node.opset() < 10 ? node.input(0).type : ElementType::kBool, *input);
  node.SetOutput(0, node.input(0).type, *input);
  return absl::OkStatus();
}

constexpr Operator kOperators[] = {
    // One operation each.
    {"Add", kBinary<Cost{.additions = 1}, &SumOf>},
    {"Sub", kBinary<Cost{.additions = 1}, &DifferenceOf>},
    {"Mul", kBinary<Cost{.multiplications = 1}, &ProductOf>},
    {"Div", kBinary<Cost{.divisions = 1}, &QuotientOf>},
    {"Mod", &Mod},  // as Div
    {"Pow", &Pow},  // one special function, but for the square and the third power
    {"Reciprocal", kUnary<Cost{.divisions = 1}>},
    {"Abs", kUnary<Cost{.comparisons = 1}, &AbsoluteOf>},
    {"Sign", kUnary<Cost{.comparisons = 2}>},  // with 0 from both sides
    // One operation for each input but the first; a mean divides at the end.
    {"Sum", &Variadic<Cost{.additions = 1}, kNothing, &SumOf>},
    {"Mean", &Variadic<Cost{.additions = 1}, Cost{.divisions = 1}, nullptr>},
    {"Max", &Variadic<Cost{.comparisons = 1}, kNothing, &LargestOf>},
    {"Min", &Variadic<Cost{.comparisons = 1}, kNothing, &SmallestOf>},
    // One comparison each; a shift, one multiplication.
    {"Equal", kTest<2, &AreEqual>},
    {"Less", kTest<2, &IsLess>},
    {"LessOrEqual", kTest<2, &IsLessOrEqual>},
    {"Greater", kTest<2, &IsGreater>},
    {"GreaterOrEqual", kTest<2, &IsGreaterOrEqual>},
    {"And", kTest<2, &BothOf>},
    {"Or", kTest<2, &EitherOf>},
    {"Xor", kTest<2, &OneOf>},
    {"Not", kTest<1, &NotOf>},
    {"IsNaN", kTest<1>},
    {"IsInf", kTest<1>},
    {"Where", &Where},  // the test of its condition
    {"BitShift", kBinary<Cost{.multiplications = 1}>},
    // Nothing; Dropout in training, two multiplications and one comparison.
    {"Identity", &Identity},
    {"Neg", kUnary<kNothing, &NegativeOf>},
    {"Cast", &Cast},
    {"CastLike", &CastLike},
    {"Dropout", &Dropout},
    // One special function each.
    {"Ceil", kUnary<kSpecialFunction, &CeilingOf>},
    {"Floor", kUnary<kSpecialFunction, &FloorOf>},
    {"Round", kUnary<kSpecialFunction, &RoundedOf>},
    {"Sqrt", kUnary<kSpecialFunction>},
    {"Exp", kUnary<kSpecialFunction>},
    {"Log", kUnary<kSpecialFunction>},
    {"Erf", kUnary<kSpecialFunction>},
    {"Sin", kUnary<kSpecialFunction>},
    {"Cos", kUnary<kSpecialFunction>},
    {"Tan", kUnary<kSpecialFunction>},
    {"Asin", kUnary<kSpecialFunction>},
    {"Acos", kUnary<kSpecialFunction>},
    {"Atan", kUnary<kSpecialFunction>},
    {"Sinh", kUnary<kSpecialFunction>},
    {"Cosh", kUnary<kSpecialFunction>},
    {"Tanh", kUnary<kSpecialFunction>},
    {"Asinh", kUnary<kSpecialFunction>},
    {"Acosh", kUnary<kSpecialFunction>},
    {"Atanh", kUnary<kSpecialFunction>},
};

}  // namespace

absl::Span<const Operator> ElementwiseOperators() { return kOperators; }

}  // namespace tensord::analysis::model
