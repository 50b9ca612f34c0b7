#include "client/cli/elements.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/number.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"
#include "tensord/compute/float16.h"

namespace tensord::cli {
namespace {

// Tensors travel little-endian; so does this machine, and the bytes are copied as they are.
static_assert(std::endian::native == std::endian::little);

struct TypeRow {
  v1::DataType type;
  const char* name;
  int64_t item_size;
  bool integer;
};

constexpr TypeRow kTypes[] = {
    {v1::DATA_TYPE_FLOAT16, "float16", 2, false}, {v1::DATA_TYPE_BFLOAT16, "bfloat16", 2, false},
    {v1::DATA_TYPE_FLOAT32, "float32", 4, false}, {v1::DATA_TYPE_FLOAT64, "float64", 8, false},
    {v1::DATA_TYPE_INT8, "int8", 1, true},        {v1::DATA_TYPE_UINT8, "uint8", 1, true},
    {v1::DATA_TYPE_INT32, "int32", 4, true},      {v1::DATA_TYPE_INT64, "int64", 8, true},
};

const TypeRow* FindType(v1::DataType type) {
  const auto* row =
      std::find_if(std::begin(kTypes), std::end(kTypes), [&](const TypeRow& r) { return r.type == type; });
  return row == std::end(kTypes) ? nullptr : row;
}

template <typename T>
T ReadAs(const std::string& bytes, int64_t i) {
  T value;
  std::memcpy(&value, bytes.data() + static_cast<size_t>(i) * sizeof(T), sizeof(T));
  return value;
}

template <typename T>
void AppendAs(std::string& bytes, T value) {
  char item[sizeof(T)];
  std::memcpy(item, &value, sizeof(T));
  bytes.append(item, sizeof(T));
}

absl::Status DoesNotFit(absl::string_view value, v1::DataType type) {
  return absl::InvalidArgumentError(absl::StrCat(value, ", which ", TypeName(type), " cannot hold"));
}

// Appends `value` to the bytes of an integer type, if it is in range.
template <typename T>
bool AppendInRange(std::string& bytes, int64_t value) {
  if (value < int64_t{std::numeric_limits<T>::min()} || value > int64_t{std::numeric_limits<T>::max()}) return false;
  AppendAs(bytes, static_cast<T>(value));
  return true;
}

// Whether the double is exactly an int64.
bool IsInt64(double value) {
  return value == std::trunc(value) && value >= -9223372036854775808.0 && value < 9223372036854775808.0;
}

}  // namespace

std::string TypeName(v1::DataType type) {
  const TypeRow* row = FindType(type);
  return row == nullptr ? "unknown" : row->name;
}

const std::vector<std::string>& TypeNames() {
  static const auto& names = *[] {
    auto* list = new std::vector<std::string>;
    for (const TypeRow& row : kTypes) list->emplace_back(row.name);
    return list;
  }();
  return names;
}

absl::StatusOr<v1::DataType> ParseType(absl::string_view name) {
  for (const TypeRow& row : kTypes) {
    if (name == row.name) return row.type;
  }
  return absl::InvalidArgumentError(absl::StrCat("'", Escape(name), "' is no element type",
                                                 DidYouMean(name, TypeNames()),
                                                 "\nexpected: ", absl::StrJoin(TypeNames(), ", ")));
}

int64_t ItemSize(v1::DataType type) {
  const TypeRow* row = FindType(type);
  return row == nullptr ? 0 : row->item_size;
}

bool IsInteger(v1::DataType type) {
  const TypeRow* row = FindType(type);
  return row != nullptr && row->integer;
}

absl::StatusOr<int64_t> ElementCount(const std::vector<int64_t>& shape, v1::DataType type) {
  const int64_t item_size = ItemSize(type);
  if (item_size == 0) return absl::InvalidArgumentError("the element type is unknown");
  if (shape.size() > kMaxRank) {
    return absl::InvalidArgumentError(absl::StrCat("the tensor has ", shape.size(), " axes, more than ", kMaxRank));
  }
  const int64_t most = kMaxTensorBytes / item_size;
  int64_t count = 1;
  for (const int64_t size : shape) {
    if (size < 0) return absl::InvalidArgumentError(absl::StrCat("the shape has the negative size ", size));
    // Sizes are checked one by one, so that a zero among them does not excuse an absurd one.
    if (size > most || (count > 0 && size > most / count)) {
      return absl::InvalidArgumentError(absl::StrCat("the shape ", ShapeText(shape), " of ", TypeName(type),
                                                     " is larger than ", kMaxTensorBytes, " bytes"));
    }
    count *= size;
  }
  return count;
}

std::string ShapeText(const std::vector<int64_t>& shape) {
  return shape.empty() ? "scalar" : absl::StrJoin(shape, " x ");
}

std::string PlaceText(int64_t flat, const std::vector<int64_t>& shape) {
  std::vector<int64_t> place(shape.size());
  for (size_t axis = shape.size(); axis-- > 0;) {
    place[axis] = flat % shape[axis];
    flat /= shape[axis];
  }
  return absl::StrCat("(", absl::StrJoin(place, ","), ")");
}

absl::StatusOr<Elements> Elements::Of(const v1::Tensor& tensor) {
  std::vector<int64_t> shape(tensor.shape().begin(), tensor.shape().end());
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t count, ElementCount(shape, tensor.data_type()));
  int64_t held = 0;
  if (tensor.has_doubles()) {
    held = tensor.doubles().values_size();
  } else if (tensor.has_integers()) {
    held = tensor.integers().values_size();
  } else {
    const auto size = static_cast<int64_t>(tensor.data().size());
    held = size % ItemSize(tensor.data_type()) == 0 ? size / ItemSize(tensor.data_type()) : -1;
  }
  if (held != count) {
    return absl::InvalidArgumentError(
        absl::StrCat("the tensor's payload does not have the ", count, " elements of its shape ", ShapeText(shape)));
  }
  return Elements(tensor, std::move(shape), count);
}

double Elements::Real(int64_t i) const {
  if (tensor_->has_doubles()) return tensor_->doubles().values(static_cast<int>(i));
  if (tensor_->has_integers()) return static_cast<double>(tensor_->integers().values(static_cast<int>(i)));
  const std::string& data = tensor_->data();
  switch (type()) {
    case v1::DATA_TYPE_FLOAT16:
      return compute::Float16::Decode(ReadAs<uint16_t>(data, i));
    case v1::DATA_TYPE_BFLOAT16:
      return compute::BFloat16::Decode(ReadAs<uint16_t>(data, i));
    case v1::DATA_TYPE_FLOAT32:
      return ReadAs<float>(data, i);
    case v1::DATA_TYPE_FLOAT64:
      return ReadAs<double>(data, i);
    default:
      return static_cast<double>(Integer(i));
  }
}

int64_t Elements::Integer(int64_t i) const {
  if (tensor_->has_integers()) return tensor_->integers().values(static_cast<int>(i));
  if (tensor_->has_doubles()) return static_cast<int64_t>(tensor_->doubles().values(static_cast<int>(i)));
  const std::string& data = tensor_->data();
  switch (type()) {
    case v1::DATA_TYPE_INT8:
      return ReadAs<int8_t>(data, i);
    case v1::DATA_TYPE_UINT8:
      return ReadAs<uint8_t>(data, i);
    case v1::DATA_TYPE_INT32:
      return ReadAs<int32_t>(data, i);
    default:
      return ReadAs<int64_t>(data, i);
  }
}

std::string Elements::Text(int64_t i) const {
  if (IsInteger(type())) return absl::StrCat(Integer(i));
  // The shortest decimal for a 16-bit value is not sought: it reads back exactly from a float's.
  if (type() != v1::DATA_TYPE_FLOAT64) return NumberText(static_cast<float>(Real(i)));
  return NumberText(Real(i));
}

bool Elements::Less(int64_t i, int64_t j) const {
  return IsInteger(type()) ? Integer(i) < Integer(j) : Real(i) < Real(j);
}

absl::Status ElementBuilder::AppendReal(double value) {
  bool fits = true;
  switch (type_) {
    case v1::DATA_TYPE_FLOAT16:
      AppendAs(bytes_, compute::Float16::Encode(value));
      fits = !std::isfinite(value) || std::isfinite(compute::Float16::Decode(compute::Float16::Encode(value)));
      break;
    case v1::DATA_TYPE_BFLOAT16:
      AppendAs(bytes_, compute::BFloat16::Encode(value));
      fits = !std::isfinite(value) || std::isfinite(compute::BFloat16::Decode(compute::BFloat16::Encode(value)));
      break;
    case v1::DATA_TYPE_FLOAT32: {
      // Half a unit above the largest float rounds to infinity; the cast would be undefined further out.
      fits = !std::isfinite(value) || std::fabs(value) < 0x1.ffffffp127;
      AppendAs(bytes_, fits ? static_cast<float>(value) : 0.0F);
      break;
    }
    case v1::DATA_TYPE_FLOAT64:
      AppendAs(bytes_, value);
      break;
    default:
      if (!IsInt64(value)) return DoesNotFit(NumberText(value), type_);
      return AppendInteger(static_cast<int64_t>(value));
  }
  return fits ? absl::OkStatus() : DoesNotFit(NumberText(value), type_);
}

absl::Status ElementBuilder::AppendInteger(int64_t value) {
  bool fits = false;
  switch (type_) {
    case v1::DATA_TYPE_INT8:
      fits = AppendInRange<int8_t>(bytes_, value);
      break;
    case v1::DATA_TYPE_UINT8:
      fits = AppendInRange<uint8_t>(bytes_, value);
      break;
    case v1::DATA_TYPE_INT32:
      fits = AppendInRange<int32_t>(bytes_, value);
      break;
    case v1::DATA_TYPE_INT64:
      fits = AppendInRange<int64_t>(bytes_, value);
      break;
    default: {
      const auto real = static_cast<double>(value);
      if (!IsInt64(real) || static_cast<int64_t>(real) != value) return DoesNotFit(absl::StrCat(value), type_);
      const size_t start = bytes_.size();
      if (!AppendReal(real).ok()) return DoesNotFit(absl::StrCat(value), type_);
      const v1::Tensor back = MakeTensor(type_, {}, bytes_.substr(start));
      const auto element = Elements::Of(back);
      fits = element.ok() && element->Real(0) == real;
    }
  }
  return fits ? absl::OkStatus() : DoesNotFit(absl::StrCat(value), type_);
}

absl::Status ElementBuilder::AppendText(absl::string_view decimal) {
  if (type_ == v1::DATA_TYPE_FLOAT32) {
    const auto value = ParseFloat(decimal);
    if (value) {
      AppendAs(bytes_, *value);
      return absl::OkStatus();
    }
    if (ParseDouble(decimal)) return DoesNotFit(decimal, type_);
  } else if (IsInteger(type_)) {
    // 64-bit integers go past the doubles.
    if (const auto value = ParseInteger(decimal)) return AppendInteger(*value);
  }
  const auto value = ParseDouble(decimal);
  if (!value)
    return absl::InvalidArgumentError(
        absl::StrCat("'", Escape(decimal.substr(0, 40)), "', which is no number in range"));
  return AppendReal(*value);
}

v1::Tensor MakeTensor(v1::DataType type, const std::vector<int64_t>& shape, std::string bytes) {
  v1::Tensor tensor;
  tensor.set_data_type(type);
  tensor.mutable_shape()->Assign(shape.begin(), shape.end());
  tensor.set_data(std::move(bytes));
  return tensor;
}

absl::StatusOr<v1::Tensor> ConvertTo(const v1::Tensor& tensor, v1::DataType type) {
  if (tensor.data_type() == type) return tensor;
  TENSORCTL_ASSIGN_OR_RETURN(const Elements elements, Elements::Of(tensor));
  TENSORCTL_RETURN_IF_ERROR(ElementCount(elements.shape(), type).status());
  ElementBuilder builder(type);
  for (int64_t i = 0; i < elements.count(); ++i) {
    const absl::Status appended = IsInteger(tensor.data_type()) ? builder.AppendInteger(elements.Integer(i))
                                                                : builder.AppendReal(elements.Real(i));
    if (!appended.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("element ", PlaceText(i, elements.shape()), " is ", appended.message()));
    }
  }
  v1::Tensor converted = MakeTensor(type, elements.shape(), builder.Take());
  if (tensor.has_axes()) converted.set_axes(tensor.axes());
  return converted;
}

}  // namespace tensord::cli
