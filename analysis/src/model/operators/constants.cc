// Operators that make tensors from numbers and shapes.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/moved_values.h"
#include "analysis/src/model/operators.h"
#include "analysis/src/model/size_inputs.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

Values ValuesOf(const ConstantValues& values) {
  if (const auto* reals = std::get_if<std::vector<double>>(&values)) return *reals;
  const auto& integers = std::get<std::vector<int64_t>>(values);
  return std::vector<Expression>(integers.begin(), integers.end());
}

// A tensor that an attribute holds.
absl::StatusOr<TensorFacts> TensorOf(const NodeView& node, absl::string_view name, const GraphTensor& tensor) {
  TensorFacts facts{.type = tensor.type, .shape = Shape(), .values = std::nullopt, .role = Role::kConstant};
  if (!tensor.shape.has_value()) return node.Error(absl::StrCat("its attribute ", name, " has no shape"));
  TENSORD_RETURN_IF_ERROR(CheckRank(node, tensor.shape->size()));
  for (const Dimension& size : *tensor.shape) {
    const auto* const number = std::get_if<int64_t>(&size);
    if (number == nullptr || *number < 0) {
      return node.Error(absl::StrCat("the sizes of its attribute ", name, " have to be numbers from 0 on"));
    }
    facts.shape->emplace_back(*number);
  }
  if (!tensor.values.has_value()) return facts;
  facts.values = Kept(ValuesOf(*tensor.values));
  if (facts.values.has_value() && !KnownElements(facts).has_value()) {
    return node.Error(absl::StrCat("its attribute ", name, " has ", CountOf(*facts.values), " values and the shape ",
                                   ShapeText(*facts.shape), "; there has to be one for each element"));
  }
  return facts;
}

// The one that is given of the attributes in which a Constant can hold its value.
struct Literal {
  absl::string_view name;
  ElementType type;  // of the elements, but for a tensor's
  bool is_list;
};
constexpr Literal kLiterals[] = {
    {"value", ElementType::kUnknown, false},       {"value_int", ElementType::kInt64, false},
    {"value_ints", ElementType::kInt64, true},     {"value_float", ElementType::kFloat32, false},
    {"value_floats", ElementType::kFloat32, true}, {"value_string", ElementType::kString, false},
    {"value_strings", ElementType::kString, true}, {"sparse_value", ElementType::kUnknown, false},
};

// Its elements: of texts nothing but their number is kept.
absl::StatusOr<std::optional<Values>> ElementsOf(const NodeView& node, const Literal& literal, int64_t& count) {
  std::optional<Values> values;
  if (literal.type == ElementType::kInt64 && literal.is_list) {
    TENSORD_ASSIGN_OR_RETURN(const std::vector<int64_t> integers, node.Ints(literal.name));
    values = ValuesOf(integers);
  } else if (literal.type == ElementType::kInt64) {
    TENSORD_ASSIGN_OR_RETURN(const int64_t integer, node.Int(literal.name, 0));
    values = std::vector<Expression>{integer};
  } else if (literal.type == ElementType::kFloat32 && literal.is_list) {
    TENSORD_ASSIGN_OR_RETURN(values, node.Reals(literal.name));
  } else if (literal.type == ElementType::kFloat32) {
    TENSORD_ASSIGN_OR_RETURN(const double real, node.Real(literal.name, 0));
    values = std::vector<double>{real};
  } else if (literal.is_list) {
    const AttributeValue& attribute = node.node().attributes.at(std::string(literal.name));
    const auto* const texts = std::get_if<std::vector<std::string>>(&attribute);
    if (texts == nullptr) return node.Error(absl::StrCat("its attribute ", literal.name, " has to be a list of texts"));
    count = static_cast<int64_t>(texts->size());
  } else {
    TENSORD_RETURN_IF_ERROR(node.Text(literal.name, "").status());
    count = 1;
  }
  if (values.has_value()) count = static_cast<int64_t>(CountOf(*values));
  return values;
}

absl::Status Constant(NodeView& node) {
  const Literal* found = nullptr;
  for (const Literal& literal : kLiterals) {
    if (!node.HasAttribute(literal.name)) continue;
    if (found != nullptr) {
      return node.Error(absl::StrCat("it has a ", found->name, " and a ", literal.name, ", and may have one value"));
    }
    found = &literal;
  }
  if (found == nullptr) return node.Error("its value is missing");
  const AttributeValue& attribute = node.node().attributes.at(std::string(found->name));
  if (found->name == "sparse_value") {
    node.LeaveUnknown();
    return absl::OkStatus();
  }
  if (found->name == "value") {
    const auto* const tensor = std::get_if<GraphTensor>(&attribute);
    if (tensor == nullptr) return node.Error("its attribute value has to be a tensor");
    TENSORD_ASSIGN_OR_RETURN(TensorFacts facts, TensorOf(node, found->name, *tensor));
    node.SetOutput(0, std::move(facts));
    return absl::OkStatus();
  }
  int64_t count = 0;
  TENSORD_ASSIGN_OR_RETURN(std::optional<Values> values, ElementsOf(node, *found, count));
  SetConstant(node, found->type, found->is_list ? Shape{count} : Shape{}, std::move(values));
  return absl::OkStatus();
}

absl::Status ConstantOfShape(NodeView& node) {
  TENSORD_RETURN_IF_ERROR(node.ShapeOf(0, "shape", 1, 1).status());
  if (LeaveUndecided(node, {0})) return absl::OkStatus();
  TENSORD_ASSIGN_OR_RETURN(const auto told, RequireList(node, "shape", 0));
  TENSORD_ASSIGN_OR_RETURN(Shape shape, ShapeFrom(node, told));
  TensorFacts value{
      .type = ElementType::kFloat32, .shape = Shape{1}, .values = std::vector<double>{0}, .role = Role::kConstant};
  if (const auto found = node.node().attributes.find("value"); found != node.node().attributes.end()) {
    const auto* const tensor = std::get_if<GraphTensor>(&found->second);
    if (tensor == nullptr) return node.Error("its attribute value has to be a tensor");
    TENSORD_ASSIGN_OR_RETURN(value, TensorOf(node, "value", *tensor));
    if (ElementCount(*value.shape) != Expression(1)) {
      return node.Error(
          absl::StrCat("its attribute value has the shape ", ShapeText(*value.shape), ", has to have one element"));
    }
  }
  std::optional<Values> values;
  const auto sizes = SmallSizes(shape);
  if (sizes.has_value() && value.values.has_value()) {
    values = Pick(*value.values, Places(*sizes, std::vector<int64_t>(sizes->size(), 0)));
  }
  SetConstant(node, value.type, std::move(shape), std::move(values));
  return absl::OkStatus();
}

// Beyond 2^53 a double is no count.
constexpr double kMostWhole = 9007199254740992;

// A Range's three numbers.
template <typename T>
struct Bounds {
  T start;
  T limit;
  T delta;
};

absl::Status RangeOfReals(NodeView& node, const Bounds<double>& bounds) {
  const double count = std::ceil((bounds.limit - bounds.start) / bounds.delta);
  if (bounds.delta == 0 || !std::isfinite(count) || count > kMostWhole) {
    return node.Error(
        absl::StrCat("from ", bounds.start, " to ", bounds.limit, " there is no number of steps of ", bounds.delta));
  }
  const auto length = static_cast<int64_t>(std::max(count, 0.0));
  std::optional<Values> values;
  if (length <= static_cast<int64_t>(kMaxConstantValues)) {
    std::vector<double> reals;
    for (int64_t i = 0; i < length; ++i) reals.push_back(bounds.start + static_cast<double>(i) * bounds.delta);
    values = std::move(reals);
  }
  SetConstant(node, node.input(0).type, {length}, std::move(values));
  return absl::OkStatus();
}

absl::Status RangeOfIntegers(NodeView& node, const Bounds<Expression>& bounds) {
  TENSORD_ASSIGN_OR_RETURN(const int64_t delta, RequireNumber(node, bounds.delta, "delta"));
  if (delta == 0) return node.Error("its delta is 0, and a range has to go on");
  const Expression span = delta > 0 ? bounds.limit - bounds.start : bounds.start - bounds.limit;
  Expression length = 0;
  const std::optional<Integer> backwards = (Expression() - span).LowerBound();
  if (!backwards.has_value() || backwards->negative()) {
    TENSORD_RETURN_IF_ERROR(RequireAtLeast(node, span, 0, "the way from its start to its limit"));
    length = Ceil(span, delta > 0 ? Integer(delta) : -Integer(delta));
  }
  std::optional<Values> values;
  if (const auto sizes = SmallSizes({length}); sizes.has_value()) {
    std::vector<Expression> integers;
    for (int64_t i = 0; i < sizes->front(); ++i) integers.push_back(bounds.start + Expression(i) * delta);
    values = std::move(integers);
  }
  SetConstant(node, node.input(0).type, {std::move(length)}, std::move(values));
  return absl::OkStatus();
}

// A real as an expression, where it is whole.
std::optional<Expression> WholeOf(const Values& values) {
  if (const auto* integers = std::get_if<std::vector<Expression>>(&values)) return integers->front();
  const double real = std::get<std::vector<double>>(values).front();
  if (std::abs(real) > kMostWhole || real != std::floor(real)) return std::nullopt;
  return static_cast<int64_t>(real);
}

absl::Status Range(NodeView& node) {
  for (size_t i = 0; i < 3; ++i) TENSORD_RETURN_IF_ERROR(node.ShapeOf(i, "start, limit or delta", 0, 1).status());
  if (LeaveUndecided(node, {0, 1, 2})) return absl::OkStatus();
  std::vector<Values> told;
  bool are_reals = true;
  for (size_t i = 0; i < 3; ++i) {
    told.push_back(*node.input(i).values);
    if (CountOf(told.back()) != 1 || node.input(i).type != node.input(0).type) {
      return node.Error(absl::StrCat("its start, limit and delta have to be single numbers of one type, and ",
                                     node.Describe(i), " is not"));
    }
    are_reals = are_reals && std::holds_alternative<std::vector<double>>(told.back());
  }
  if (are_reals) {
    const auto real = [&](size_t i) { return std::get<std::vector<double>>(told[i]).front(); };
    return RangeOfReals(node, {real(0), real(1), real(2)});
  }
  // Sizes with symbols in them may have been cast to reals, and others not.
  const std::optional<Expression> start = WholeOf(told[0]);
  const std::optional<Expression> limit = WholeOf(told[1]);
  const std::optional<Expression> delta = WholeOf(told[2]);
  if (start.has_value() && limit.has_value() && delta.has_value()) {
    return RangeOfIntegers(node, {*start, *limit, *delta});
  }
  node.LeaveUnknown();
  return absl::OkStatus();
}

// Whether each element is one; nothing where that depends on data or on a symbol.
std::optional<std::vector<bool>> AreNonZero(const Values& values) {
  std::vector<bool> result;
  if (const auto* reals = std::get_if<std::vector<double>>(&values)) {
    for (const double value : *reals) result.push_back(value != 0);
    return result;
  }
  for (const Expression& value : std::get<std::vector<Expression>>(values)) {
    const std::optional<Integer> least = value.LowerBound();
    const bool is_positive = least.has_value() && *least > Integer(0);
    if (!is_positive && !value.constant().has_value()) return std::nullopt;
    result.push_back(value != Expression(0));
  }
  return result;
}

// The indices, an axis a row. How many there are is a matter of data, unless the values are known.
absl::Status NonZero(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input"));
  const std::optional<Elements> elements = KnownElements(node.input(0));
  const auto are_nonzero = elements.has_value() ? AreNonZero(elements->values) : std::nullopt;
  if (!are_nonzero.has_value()) {
    node.LeaveUnknown();
    return absl::OkStatus();
  }
  const std::vector<int64_t> strides = Strides(elements->sizes);
  std::vector<Expression> indices;
  for (size_t axis = 0; axis < strides.size(); ++axis) {
    for (size_t i = 0; i < are_nonzero->size(); ++i) {
      if ((*are_nonzero)[i]) indices.emplace_back(static_cast<int64_t>(i) / strides[axis] % elements->sizes[axis]);
    }
  }
  const int64_t count = std::count(are_nonzero->begin(), are_nonzero->end(), true);
  SetConstant(node, ElementType::kInt64, {static_cast<int64_t>(input->size()), count}, std::move(indices));
  return absl::OkStatus();
}

absl::Status OneHot(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* indices, node.ShapeOf(0, "indices"));
  TENSORD_RETURN_IF_ERROR(node.ShapeOf(1, "depth", 0, 1).status());
  TENSORD_RETURN_IF_ERROR(node.ShapeOf(2, "values", 1, 1).status());
  TENSORD_RETURN_IF_ERROR(node.RequireEqual(
      (*node.input(2).shape)[0], 2,
      absl::StrCat("its values ", node.Describe(2), " have to be two, of the other places and of the index")));
  MarkConstants(node, {0, 2});
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.Axis("axis", -1, indices->size() + 1));
  if (LeaveUndecided(node, {1})) return absl::OkStatus();
  TENSORD_ASSIGN_OR_RETURN(const auto depth, SingleOrInput(node, "depth", 1));
  TENSORD_RETURN_IF_ERROR(RequireAtLeast(node, *depth, 0, "its depth"));
  Shape output = *indices;
  output.insert(output.begin() + static_cast<int64_t>(axis), *depth);
  node.SetOutput(0, node.input(2).type, std::move(output));
  return absl::OkStatus();
}

// The type that an attribute names by ONNX's number.
absl::StatusOr<ElementType> TypeOf(const NodeView& node, ElementType otherwise) {
  TENSORD_ASSIGN_OR_RETURN(const int64_t number, node.Int("dtype", static_cast<int64_t>(otherwise)));
  if (number >= 0 && number <= static_cast<int64_t>(ElementType::kBfloat16)) return static_cast<ElementType>(number);
  return node.Error(absl::StrCat("its attribute dtype was ", number, ", which is no element type"));
}

// Of the first input's shape: EyeLike, and random numbers, which depend on no data either.
template <size_t kMinRank, size_t kMaxRank>
absl::Status Like(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", kMinRank, kMaxRank));
  TENSORD_ASSIGN_OR_RETURN(const ElementType type, TypeOf(node, node.input(0).type));
  SetConstant(node, type, *input);
  return absl::OkStatus();
}

absl::Status RandomOfShape(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const std::vector<int64_t> told, node.Ints("shape"));
  if (!node.HasAttribute("shape")) return node.Error("its attribute shape is missing");
  TENSORD_ASSIGN_OR_RETURN(const ElementType type, TypeOf(node, ElementType::kFloat32));
  TENSORD_ASSIGN_OR_RETURN(Shape shape, ShapeFrom(node, Shape(told.begin(), told.end())));
  SetConstant(node, type, std::move(shape));
  return absl::OkStatus();
}

constexpr Operator kOperators[] = {
    {"Constant", &Constant},
    {"ConstantOfShape", &ConstantOfShape},
    {"Range", &Range},
    {"NonZero", &NonZero},
    {"OneHot", &OneHot},
    {"EyeLike", &Like<2, 2>},
    {"RandomNormal", &RandomOfShape},
    {"RandomUniform", &RandomOfShape},
    {"RandomNormalLike", &Like<0, kMaxGraphRank>},
    {"RandomUniformLike", &Like<0, kMaxGraphRank>},
};

}  // namespace

absl::Span<const Operator> ConstantOperators() { return kOperators; }

}  // namespace tensord::analysis::model
