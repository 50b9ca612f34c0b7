#include "analysis/src/onnx/tensor.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tensord/compute/float16.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::onnx_reader {
namespace {

using ::onnx::TensorProto;

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian, and is used as it is");

// A place that elements may stand in.
struct Place {
  absl::string_view name;
  int64_t entries;  // of raw_data: bytes
};

// The typed place of each type.
// Source: https://github.com/onnx/onnx/blob/v1.12.0/onnx/onnx.proto (TensorProto's fields 4..11).
absl::string_view TypedPlace(ElementType type) {
  switch (type) {
    case ElementType::kFloat32:
    case ElementType::kComplex64:
      return "float_data";
    case ElementType::kFloat64:
    case ElementType::kComplex128:
      return "double_data";
    case ElementType::kInt64:
      return "int64_data";
    case ElementType::kUint32:
    case ElementType::kUint64:
      return "uint64_data";
    case ElementType::kString:
      return "string_data";
    default:
      return "int32_data";
  }
}

std::vector<Place> FilledPlaces(const TensorProto& message) {
  std::vector<Place> places = {{"raw_data", static_cast<int64_t>(message.raw_data().size())},
                               {"float_data", message.float_data_size()},
                               {"double_data", message.double_data_size()},
                               {"int32_data", message.int32_data_size()},
                               {"int64_data", message.int64_data_size()},
                               {"uint64_data", message.uint64_data_size()},
                               {"string_data", message.string_data_size()}};
  places.erase(std::remove_if(places.begin(), places.end(), [](const Place& place) { return place.entries == 0; }),
               places.end());
  return places;
}

// That the one place that is filled is that of the type, and as long as the shape takes.
absl::Status CheckPlace(const TensorProto& message, ElementType type, const Place& place, absl::string_view what) {
  const bool is_raw = place.name == "raw_data";
  if (is_raw ? type == ElementType::kString : place.name != TypedPlace(type)) {
    return absl::InvalidArgumentError(absl::StrCat(what, " has its elements in ", place.name, "; those of ",
                                                   ElementTypeName(type), " have to be in ", TypedPlace(type),
                                                   type == ElementType::kString ? "" : " or raw_data"));
  }
  const bool is_complex = type == ElementType::kComplex64 || type == ElementType::kComplex128;
  const int64_t each = is_raw ? ElementBytes(type) : is_complex ? 2 : 1;
  const std::optional<int64_t> count = ElementCount(message);
  int64_t needed = 0;
  const bool fits = count.has_value() && !__builtin_mul_overflow(*count, each, &needed);
  if (fits && needed == place.entries) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, " has ", place.entries, is_raw ? " bytes" : " entries", " in ",
                                                 place.name, ", and its shape [", absl::StrJoin(message.dims(), ","),
                                                 "] of ", ElementTypeName(type), " takes ",
                                                 fits ? absl::StrCat(needed) : "more than 2^63"));
}

// The elements as Items, from raw_data or from their typed place; nothing where an integer there does not fit.
template <typename Item, typename Field>
std::optional<std::vector<Item>> Items(const TensorProto& message, const Field& field) {
  std::vector<Item> items;
  if (!message.raw_data().empty()) {
    items.resize(message.raw_data().size() / sizeof(Item));
    std::memcpy(items.data(), message.raw_data().data(), items.size() * sizeof(Item));
    return items;
  }
  for (const auto entry : field) {
    if constexpr (std::is_integral_v<Item>) {
      if (!std::in_range<Item>(entry)) return std::nullopt;
    }
    items.push_back(static_cast<Item>(entry));
  }
  return items;
}

using Values = std::optional<ConstantValues>;

template <typename To, typename Item, typename Turn>
Values Turned(const std::optional<std::vector<Item>>& items, Turn turn) {
  if (!items.has_value()) return std::nullopt;
  std::vector<To> values(items->size());
  std::transform(items->begin(), items->end(), values.begin(), turn);
  return values;
}

template <typename Item, typename Field>
Values Integers(const TensorProto& message, const Field& field) {
  return Turned<int64_t>(Items<Item>(message, field), [](Item item) { return static_cast<int64_t>(item); });
}

Values Read(const TensorProto& message, ElementType type) {
  switch (type) {
    case ElementType::kBool:
      return Turned<int64_t>(Items<uint8_t>(message, message.int32_data()), [](uint8_t byte) { return byte != 0; });
    case ElementType::kInt8:
      return Integers<int8_t>(message, message.int32_data());
    case ElementType::kUint8:
      return Integers<uint8_t>(message, message.int32_data());
    case ElementType::kInt16:
      return Integers<int16_t>(message, message.int32_data());
    case ElementType::kUint16:
      return Integers<uint16_t>(message, message.int32_data());
    case ElementType::kInt32:
      return Integers<int32_t>(message, message.int32_data());
    case ElementType::kUint32:
      return Integers<uint32_t>(message, message.uint64_data());
    case ElementType::kInt64:
      return Integers<int64_t>(message, message.int64_data());
    case ElementType::kUint64:
      return Integers<uint64_t>(message, message.uint64_data());
    case ElementType::kFloat32:
      return Turned<double>(Items<float>(message, message.float_data()), [](float item) { return item; });
    case ElementType::kFloat64:
      return Turned<double>(Items<double>(message, message.double_data()), [](double item) { return item; });
    case ElementType::kFloat16:
      return Turned<double>(Items<uint16_t>(message, message.int32_data()), &compute::Float16::Decode);
    case ElementType::kBfloat16:
      return Turned<double>(Items<uint16_t>(message, message.int32_data()), &compute::BFloat16::Decode);
    default:
      return std::nullopt;
  }
}

bool HasValues(ElementType type) {
  return type != ElementType::kUnknown && type != ElementType::kString && type != ElementType::kComplex64 &&
         type != ElementType::kComplex128;
}

}  // namespace

std::string Quoted(absl::string_view name) { return absl::StrCat("\"", PrintableName(name), "\""); }

std::string AttributeText(const ::onnx::NodeProto& node, const ::onnx::AttributeProto& attribute) {
  return absl::StrCat("node ", node.name().empty() ? "" : Quoted(node.name()) + " ", "(", PrintableName(node.op_type()),
                      "): its attribute ", PrintableName(attribute.name()));
}

absl::StatusOr<ElementType> ToElementType(int32_t number, absl::string_view what) {
  if (number == TensorProto::UNDEFINED || !TensorProto::DataType_IsValid(number)) {
    return absl::InvalidArgumentError(absl::StrCat(what, " has element type ", number, "; those of ONNX 1.12 are ",
                                                   TensorProto::DataType_MIN + 1, "..", TensorProto::DataType_MAX));
  }
  return static_cast<ElementType>(number);
}

absl::Status CheckSize(int64_t size, absl::string_view what) {
  if (size >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, " has a size of ", size, ", which has to be 0 or more"));
}

std::optional<int64_t> ElementCount(const TensorProto& message) {
  int64_t count = 1;
  bool fits = true;
  bool is_empty = false;
  for (const int64_t size : message.dims()) {
    if (size < 0) return std::nullopt;
    is_empty = is_empty || size == 0;
    fits = fits && !__builtin_mul_overflow(count, size, &count);
  }
  if (is_empty) return 0;
  return fits ? std::optional<int64_t>(count) : std::nullopt;
}

absl::StatusOr<GraphTensor> ReadTensor(const TensorProto& message, absl::string_view what) {
  GraphTensor tensor{.name = message.name()};
  TENSORD_ASSIGN_OR_RETURN(tensor.type, ToElementType(message.data_type(), what));
  if (message.dims_size() > static_cast<int>(kMaxGraphRank)) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " is of rank ", message.dims_size(), ", has to be of ", kMaxGraphRank, " at most"));
  }
  for (const int64_t size : message.dims()) TENSORD_RETURN_IF_ERROR(CheckSize(size, what));
  tensor.shape.emplace(message.dims().begin(), message.dims().end());
  const std::optional<int64_t> count = ElementCount(message);
  const bool is_elsewhere = message.data_location() == TensorProto::EXTERNAL;
  const std::vector<Place> places = is_elsewhere ? std::vector<Place>() : FilledPlaces(message);
  if (places.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(what, " has elements in ", places[0].name, " and in ",
                                                   places[1].name, "; they have to be in one of them"));
  }
  if (!places.empty()) TENSORD_RETURN_IF_ERROR(CheckPlace(message, tensor.type, places[0], what));
  const bool is_known = !places.empty() || count == 0;
  if (!is_known || !HasValues(tensor.type) || *count > static_cast<int64_t>(kMaxConstantValues)) return tensor;
  tensor.values = Read(message, tensor.type);
  if (!tensor.values.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " has numbers in ", places[0].name, " that are no ", ElementTypeName(tensor.type)));
  }
  const auto* const numbers = std::get_if<std::vector<int64_t>>(&*tensor.values);
  const bool wraps = tensor.type == ElementType::kUint64 && numbers != nullptr &&
                     std::any_of(numbers->begin(), numbers->end(), [](int64_t number) { return number < 0; });
  if (wraps) tensor.values.reset();
  return tensor;
}

}  // namespace tensord::analysis::onnx_reader
