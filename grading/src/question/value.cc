#include "grading/src/question/value.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tensord/compute/checked_math.h"
#include "tensord/compute/float16.h"
#include "tensord/compute/status_macros.h"

namespace tensord::grading {
namespace {

constexpr int64_t kMaxElements = int64_t{1} << 40;
constexpr int64_t kMaxExactInteger = int64_t{1} << 53;

bool IsFloating(v1::DataType type) {
  return type == v1::DATA_TYPE_FLOAT16 || type == v1::DATA_TYPE_BFLOAT16 || type == v1::DATA_TYPE_FLOAT32 ||
         type == v1::DATA_TYPE_FLOAT64;
}

// Little-endian items, as the machines are that tensord runs on; `decode` makes a double of one.
template <typename Item, typename Decode>
std::vector<double> Items(const std::string& bytes, const Decode& decode) {
  std::vector<double> elements(bytes.size() / sizeof(Item));
  for (size_t i = 0; i < elements.size(); ++i) {
    Item item;
    std::memcpy(&item, bytes.data() + i * sizeof(Item), sizeof(Item));
    elements[i] = decode(item);
  }
  return elements;
}

template <typename Item>
std::vector<double> Items(const std::string& bytes) {
  return Items<Item>(bytes, [](Item item) { return static_cast<double>(item); });
}

// NaN where it is not exact.
double ExactDouble(int64_t integer) {
  const bool fits = integer >= -kMaxExactInteger && integer <= kMaxExactInteger;
  return fits ? static_cast<double>(integer) : std::numeric_limits<double>::quiet_NaN();
}

std::vector<double> ItemsOf(const v1::Tensor& tensor) {
  const std::string& data = tensor.data();
  switch (tensor.data_type()) {
    case v1::DATA_TYPE_FLOAT16:
      return Items<uint16_t>(data, compute::Float16::Decode);
    case v1::DATA_TYPE_BFLOAT16:
      return Items<uint16_t>(data, compute::BFloat16::Decode);
    case v1::DATA_TYPE_FLOAT64:
      return Items<double>(data);
    case v1::DATA_TYPE_INT8:
      return Items<int8_t>(data);
    case v1::DATA_TYPE_UINT8:
      return Items<uint8_t>(data);
    case v1::DATA_TYPE_INT32:
      return Items<int32_t>(data);
    case v1::DATA_TYPE_INT64:
      return Items<int64_t>(data, ExactDouble);
    default:
      return Items<float>(data);
  }
}

}  // namespace

bool operator==(const Computed& a, const Computed& b) {
  if (a.index() != b.index()) return false;
  if (const auto* const sizes = std::get_if<SizesValue>(&a)) {
    return sizes->sizes == std::get<SizesValue>(b).sizes;
  }
  const auto& one = std::get<TensorValue>(a);
  const auto& other = std::get<TensorValue>(b);
  if (one.shape != other.shape) return false;
  for (size_t i = 0; i < one.elements.size(); ++i) {
    const bool both_nan = std::isnan(one.elements[i]) && std::isnan(other.elements[i]);
    if (one.elements[i] != other.elements[i] && !both_nan) return false;
  }
  return true;
}

std::string DecimalText(absl::int128 number) {
  if (number == 0) return "0";
  const bool negative = number < 0;
  // Of the least number the negative does not fit.
  auto rest = negative ? absl::uint128(0) - static_cast<absl::uint128>(number) : static_cast<absl::uint128>(number);
  std::string digits;
  for (; rest != 0; rest /= 10) digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  return negative ? absl::StrCat("-", digits) : digits;
}

Size SizeOf(absl::int128 number) { return {number, DecimalText(number)}; }

Size SizeOf(const v1::Count& count) {
  if (count.decimal().empty()) return {std::nullopt, count.expression()};
  absl::int128 number = 0;
  if (!absl::SimpleAtoi(count.decimal(), &number)) return {std::nullopt, count.decimal()};
  return {number, count.decimal()};
}

absl::StatusOr<TensorValue> TensorValueOf(const v1::Tensor& tensor) {
  TensorValue value;
  value.type = tensor.data_type();
  value.shape.assign(tensor.shape().begin(), tensor.shape().end());
  value.layout = tensor.axes();
  if (tensor.has_doubles()) {
    value.elements.assign(tensor.doubles().values().begin(), tensor.doubles().values().end());
  } else if (tensor.has_integers()) {
    for (const int64_t integer : tensor.integers().values()) value.elements.push_back(ExactDouble(integer));
  } else {
    value.elements = ItemsOf(tensor);
  }
  const std::optional<int64_t> count = ElementCount(value.shape);
  if (!count.has_value() || static_cast<uint64_t>(*count) != value.elements.size()) {
    return absl::InvalidArgumentError(absl::StrCat("was ", value.elements.size(), " elements for the shape ",
                                                   CellText(value.shape), ", has to be as many as the shape has"));
  }
  if (!IsFloating(value.type)) {
    for (const double element : value.elements) {
      if (std::isnan(element)) {
        return absl::InvalidArgumentError("was an integer beyond 2^53, has to be at most that to be graded");
      }
    }
  }
  return value;
}

v1::Tensor MakeTensor(v1::DataType type, absl::Span<const int64_t> shape, absl::Span<const double> elements) {
  v1::Tensor tensor;
  tensor.set_data_type(type);
  tensor.mutable_shape()->Add(shape.begin(), shape.end());
  if (IsFloating(type)) {
    tensor.mutable_doubles()->mutable_values()->Add(elements.begin(), elements.end());
    return tensor;
  }
  for (const double element : elements) {
    tensor.mutable_integers()->add_values(static_cast<int64_t>(element));
  }
  tensor.mutable_integers();
  return tensor;
}

std::optional<int64_t> ElementCount(absl::Span<const int64_t> shape) {
  int64_t count = 1;
  for (const int64_t size : shape) {
    if (size < 0) return std::nullopt;
    const std::optional<int64_t> product = compute::CheckedMultiply(count, size);
    if (!product.has_value() || *product > kMaxElements) return std::nullopt;
    count = *product;
  }
  return count;
}

std::vector<int64_t> CellOf(int64_t place, absl::Span<const int64_t> shape) {
  std::vector<int64_t> cell(shape.size());
  for (size_t axis = shape.size(); axis-- > 0;) {
    if (shape[axis] == 0) return cell;
    cell[axis] = place % shape[axis];
    place /= shape[axis];
  }
  return cell;
}

std::string CellText(absl::Span<const int64_t> cell) {
  return absl::StrCat("(", absl::StrJoin(cell, ", "), cell.size() == 1 ? ",)" : ")");
}

std::string NumberText(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  // A zero's sign tells students nothing.
  if (number == 0) return "0";
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), number);
  return {buffer, result.ptr};
}

}  // namespace tensord::grading
