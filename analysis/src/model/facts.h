// What is known of a tensor before any of its elements is.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_FACTS_H_
#define TENSORD_ANALYSIS_SRC_MODEL_FACTS_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "analysis/src/model/axis_read.h"
#include "tensord/analysis/expression.h"
#include "tensord/analysis/graph.h"

namespace tensord::analysis::model {

using Shape = std::vector<Expression>;

// The values of a small tensor, row-major: integers (and truth values) may have symbols in them, reals may not. A
// tensor of a real type has integers where sizes with symbols in them were cast to it, and stay whole.
using Values = std::variant<std::vector<Expression>, std::vector<double>>;

// Whose a tensor is.
enum class Role : uint8_t {
  kData,       // computed from a data input
  kParameter,  // trained: a filter, a bias, a scale
  kBuffer,     // kept beside: the statistics of a normalisation
  kConstant,   // part of the graph, or computed from such parts and from shapes alone
};

// Nothing in `shape`: not even the rank is known.
struct TensorFacts {
  ElementType type = ElementType::kUnknown;
  std::optional<Shape> shape;
  std::optional<Values> values;
  Role role = Role::kData;
  FieldsPointer fields = nullptr;  // of data: what its positions see of the model's inputs
  // Of a tensor that the graph gives: bit i is set where the size along axis i was left open, and no operator has
  // settled it. What stands in the shape there is a symbol.
  uint8_t open_axes = 0;

  // The values as integers, where they are known.
  [[nodiscard]] const std::vector<Expression>* integers() const {
    return values.has_value() ? std::get_if<std::vector<Expression>>(&*values) : nullptr;
  }
  [[nodiscard]] const std::vector<double>* reals() const {
    return values.has_value() ? std::get_if<std::vector<double>>(&*values) : nullptr;
  }
};

// Whether the elements are reals.
[[nodiscard]] bool IsReal(ElementType type);
// The product of the sizes.
[[nodiscard]] Expression ElementCount(const Shape& shape);
// "[N,3,224,224]"; "[64,?,3,3]" with an open axis.
[[nodiscard]] std::string ShapeText(const Shape& shape, uint8_t open_axes = 0);

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_FACTS_H_
