#include "analysis/src/model/fold.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

namespace tensord::analysis::model {
namespace {

// Whole numbers up to here are exact in float64.
constexpr double kMaxWholeReal = 9007199254740992.0;  // 2^53

bool IsWhole(ElementType type) {
  switch (type) {
    case ElementType::kUint8:
    case ElementType::kInt8:
    case ElementType::kUint16:
    case ElementType::kInt16:
    case ElementType::kInt32:
    case ElementType::kInt64:
    case ElementType::kUint32:
    case ElementType::kUint64:
      return true;
    default:
      return false;
  }
}

bool IsUnsigned(ElementType type) {
  return type == ElementType::kUint8 || type == ElementType::kUint16 || type == ElementType::kUint32 ||
         type == ElementType::kUint64;
}

bool Fits(const Integer& value, ElementType type) {
  const int64_t bits = ElementBytes(type) * 8 - (IsUnsigned(type) ? 0 : 1);
  const Integer end = Integer::FromMagnitude(Uint128{1} << static_cast<unsigned>(bits));
  return value < end && value >= (IsUnsigned(type) ? Integer(0) : -end);
}

// An expression as a value of an integer type. A symbol stands for a size, which types of 32 bits and more have room
// for.
bool IsKept(const Expression& value, ElementType type) {
  if (!value.ok()) return false;
  if (const std::optional<Integer> number = value.constant(); number.has_value()) return Fits(*number, type);
  if (ElementBytes(type) < 4 || value.ToString().size() > kMaxValueTextBytes) return false;
  if (!IsUnsigned(type)) return true;
  const std::optional<Integer> least = value.LowerBound();
  return least.has_value() && !least->negative();
}

std::optional<Value> CastToTruth(const Value& value) {
  if (const auto* real = std::get_if<double>(&value)) return Expression(*real != 0 ? 1 : 0);
  const auto& whole = std::get<Expression>(value);
  if (const std::optional<Integer> number = whole.constant(); number.has_value()) {
    return Expression(number->zero() ? 0 : 1);
  }
  const std::optional<Integer> least = whole.LowerBound();
  if (least.has_value() && *least > Integer(0)) return Expression(1);
  return std::nullopt;
}

std::optional<Value> CastToWhole(const Value& value, ElementType type) {
  Expression whole;
  if (const auto* real = std::get_if<double>(&value)) {
    if (!(std::abs(*real) <= kMaxWholeReal)) return std::nullopt;  // which NaN is not either
    whole = static_cast<int64_t>(*real);
  } else {
    whole = std::get<Expression>(value);
  }
  if (!IsKept(whole, type)) return std::nullopt;
  return whole;
}

std::optional<Value> CastToReal(const Value& value, ElementType type) {
  if (type != ElementType::kFloat32 && type != ElementType::kFloat64) return std::nullopt;
  double real = 0;
  if (const auto* whole = std::get_if<Expression>(&value)) {
    const std::optional<Integer> number = whole->constant();
    if (!number.has_value()) return IsKept(*whole, ElementType::kInt64) ? std::optional<Value>(*whole) : std::nullopt;
    const std::optional<int64_t> small = number->ToInt64();
    if (!small.has_value()) return std::nullopt;
    real = static_cast<double>(*small);
    if (std::abs(real) > kMaxWholeReal) return std::nullopt;
  } else {
    real = std::get<double>(value);
  }
  // Sums, products and quotients of two float32 that were computed in float64 are rounded to the float32 that float32's
  // own arithmetic gives.
  if (type == ElementType::kFloat32 && std::isfinite(real)) {
    if (std::abs(real) > static_cast<double>(std::numeric_limits<float>::max())) return std::nullopt;
    real = static_cast<double>(static_cast<float>(real));
  }
  return real;
}

// The number of elements, where it is known and at most kMaxFoldedValues.
std::optional<size_t> SmallCount(const Shape& shape) {
  size_t count = 1;
  for (const Expression& size : shape) {
    const std::optional<Integer> number = size.constant();
    const std::optional<int64_t> small = number.has_value() ? number->ToInt64() : std::nullopt;
    if (!small.has_value() || *small < 0 || *small > static_cast<int64_t>(kMaxFoldedValues)) return std::nullopt;
    count *= static_cast<size_t>(*small);
    if (count > kMaxFoldedValues) return std::nullopt;
  }
  return count;
}

// An operand that is broadcast to a shape: the place of its element for an element of the shape.
struct Source {
  std::vector<Value> values;
  std::vector<size_t> sizes;  // of its last axes

  [[nodiscard]] size_t PlaceOf(size_t element, const std::vector<size_t>& shape) const {
    size_t place = 0;
    size_t stride = 1;
    for (size_t back = 0; back < sizes.size(); ++back) {
      const size_t size = sizes[sizes.size() - 1 - back];
      const size_t out = shape[shape.size() - 1 - back];
      if (size != 1) place += element % out * stride;
      element /= out;
      stride *= size;
    }
    return place;
  }
};

std::vector<size_t> SizesOf(const Shape& shape) {
  std::vector<size_t> sizes;
  for (const Expression& size : shape) sizes.push_back(static_cast<size_t>(*size.constant()->ToInt64()));
  return sizes;
}

}  // namespace

std::optional<Value> CastValue(const Value& value, ElementType type) {
  if (type == ElementType::kUnknown) {
    if (std::holds_alternative<double>(value) || IsKept(std::get<Expression>(value), ElementType::kInt64)) return value;
    return std::nullopt;
  }
  if (type == ElementType::kBool) return CastToTruth(value);
  if (IsWhole(type)) return CastToWhole(value, type);
  return CastToReal(value, type);
}

std::optional<std::vector<Value>> ValuesOf(const TensorFacts& tensor) {
  if (!tensor.shape.has_value() || !tensor.values.has_value()) return std::nullopt;
  std::vector<Value> values;
  if (const std::vector<double>* const reals = tensor.reals()) {
    if (reals->size() > kMaxFoldedValues) return std::nullopt;
    values.assign(reals->begin(), reals->end());
  } else {
    if (tensor.integers()->size() > kMaxFoldedValues) return std::nullopt;
    for (const Expression& whole : *tensor.integers()) {
      const std::optional<Value> value = IsReal(tensor.type) ? CastValue(whole, tensor.type) : whole;
      if (!value.has_value()) return std::nullopt;
      values.push_back(*value);
    }
  }
  if (SmallCount(*tensor.shape) != values.size()) return std::nullopt;
  return values;
}

std::optional<Values> ToValues(const std::vector<Value>& values, ElementType type) {
  std::vector<Expression> wholes;
  std::vector<double> reals;
  for (const Value& value : values) {
    const std::optional<Value> cast = CastValue(value, type);
    if (!cast.has_value()) return std::nullopt;
    if (const auto* whole = std::get_if<Expression>(&*cast)) {
      wholes.push_back(*whole);
      continue;
    }
    // Beside symbols only what is whole can stand.
    reals.push_back(std::get<double>(*cast));
    if (std::abs(reals.back()) <= kMaxWholeReal && std::trunc(reals.back()) == reals.back()) {
      wholes.emplace_back(static_cast<int64_t>(reals.back()));
    }
  }
  if (reals.size() == values.size() && (IsReal(type) || !values.empty())) return reals;
  if (wholes.size() == values.size()) return wholes;
  return std::nullopt;
}

std::optional<Values> Fold(const std::vector<const TensorFacts*>& operands, const Shape& shape, ElementType type,
                           ValueRule rule) {
  const std::optional<size_t> count = SmallCount(shape);
  if (!count.has_value() || operands.empty() || operands.size() * *count > kMaxFoldedOperands) return std::nullopt;
  std::vector<Source> sources;
  for (const TensorFacts* operand : operands) {
    std::optional<std::vector<Value>> values = ValuesOf(*operand);
    if (!values.has_value() || operand->shape->size() > shape.size()) return std::nullopt;
    sources.push_back({.values = *std::move(values), .sizes = SizesOf(*operand->shape)});
  }
  const std::vector<size_t> sizes = SizesOf(shape);
  std::vector<Value> results;
  for (size_t i = 0; i < *count; ++i) {
    std::vector<Value> arguments;
    arguments.reserve(sources.size());
    for (const Source& source : sources) arguments.push_back(source.values[source.PlaceOf(i, sizes)]);
    std::optional<Value> result = rule(arguments, operands.back()->type);
    if (!result.has_value()) return std::nullopt;
    results.push_back(*std::move(result));
  }
  return ToValues(results, type);
}

}  // namespace tensord::analysis::model
