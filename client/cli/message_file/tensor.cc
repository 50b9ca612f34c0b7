#include "client/cli/message_file/tensor.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/elements.h"
#include "client/cli/flags/enum_names.h"
#include "client/cli/message_file/fields.h"
#include "client/cli/message_file/scalar.h"
#include "client/cli/number.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli::message_file {
namespace {

using document::Place;
using document::Value;

constexpr size_t kMaxAxes = 8;

// The text of a number that the element builder knows; nothing where it is none.
std::optional<absl::string_view> NumberTextOf(const Value& value) {
  static constexpr std::pair<absl::string_view, absl::string_view> kSpecial[] = {
      {".nan", "NaN"}, {".inf", "Infinity"}, {"+.inf", "Infinity"}, {"-.inf", "-Infinity"}};
  if (value.kind != Value::Kind::kScalar) return std::nullopt;
  const bool is_json_special = value.text == "NaN" || value.text == "Infinity" || value.text == "-Infinity";
  if (value.is_quoted) return is_json_special ? std::optional<absl::string_view>(value.text) : std::nullopt;
  for (const auto& [yaml, name] : kSpecial) {
    if (value.text == yaml) return name;
  }
  return ParseDouble(value.text).has_value() || ParseInteger(value.text).has_value()
             ? std::optional<absl::string_view>(value.text)
             : std::nullopt;
}

// The lengths of the first lists of each depth.
absl::StatusOr<std::vector<int64_t>> ShapeOf(const Value& value, const Place& place) {
  std::vector<int64_t> shape;
  for (const Value* inner = &value; inner->kind == Value::Kind::kList; inner = inner->items.data()) {
    if (shape.size() == kMaxAxes)
      return place.Error(absl::StrCat("has lists in each other, has to have at most ", kMaxAxes));
    shape.push_back(static_cast<int64_t>(inner->items.size()));
    if (inner->items.empty()) break;
  }
  return shape;
}

// Appends the numbers of nested lists of that shape. It recurs at most kMaxAxes deep.
class Appender {
 public:
  Appender(const std::vector<int64_t>& shape, v1::DataType type, const Place& place)
      : shape_(shape), type_(type), place_(place), builder_(type) {}

  absl::Status Append(const Value& value) {
    const size_t axis = index_.size();
    if (axis == shape_.size()) return AppendNumber(value);
    if (value.kind != Value::Kind::kList) {
      return At(value).Error(absl::StrCat("was ", document::Describe(value), ", where others have a list"));
    }
    if (static_cast<int64_t>(value.items.size()) != shape_[axis]) {
      return At(value).Error(
          absl::StrCat("has ", value.items.size(), " entries, where the first one has ", shape_[axis]));
    }
    for (size_t i = 0; i < value.items.size(); ++i) {
      index_.push_back(i);
      TENSORCTL_RETURN_IF_ERROR(Append(value.items[i]));
      index_.pop_back();
    }
    return absl::OkStatus();
  }

  std::string Take() { return builder_.Take(); }

 private:
  absl::Status AppendNumber(const Value& value) {
    if (value.kind == Value::Kind::kList) return At(value).Error("was a list, where others have a number");
    const std::optional<absl::string_view> text = NumberTextOf(value);
    if (!text.has_value()) return Wrong(At(value), value, "a number");
    const absl::Status appended = builder_.AppendText(*text);
    return appended.ok() ? appended : At(value).Error(absl::StrCat("is ", appended.message()));
  }

  Place At(const Value& value) const {
    Place place = place_;
    for (const size_t i : index_) absl::StrAppend(&place.path, "[", i, "]");
    place.line = value.line;
    return place;
  }

  const std::vector<int64_t>& shape_;
  v1::DataType type_;
  const Place& place_;
  ElementBuilder builder_;
  std::vector<size_t> index_;
};

absl::StatusOr<v1::Tensor> FromLists(const Value& value, const Place& place, v1::DataType type) {
  TENSORCTL_ASSIGN_OR_RETURN(const std::vector<int64_t> shape, ShapeOf(value, place));
  const absl::StatusOr<int64_t> count = ElementCount(shape, type);
  if (!count.ok()) return place.Error(count.status().message());
  Appender appender(shape, type, place);
  TENSORCTL_RETURN_IF_ERROR(appender.Append(value));
  return MakeTensor(type, shape, appender.Take());
}

// Gives the tensor the shape that the file says.
absl::Status Reshape(const v1::Tensor& given, const Place& place, v1::Tensor& tensor) {
  const std::vector<int64_t> wanted(given.shape().begin(), given.shape().end());
  const std::vector<int64_t> has(tensor.shape().begin(), tensor.shape().end());
  if (wanted.size() > kMaxAxes) return place.Error(absl::StrCat("has to have at most ", kMaxAxes, " sizes"));
  const absl::StatusOr<int64_t> count = ElementCount(wanted, tensor.data_type());
  if (!count.ok()) return place.Error(count.status().message());
  TENSORCTL_ASSIGN_OR_RETURN(const int64_t value_count, ElementCount(has, tensor.data_type()));
  if (*count != value_count || (has.size() > 1 && has != wanted)) {
    return place.Error(
        absl::StrCat("was ", ShapeText(wanted), ", has to be that of the values, which are ", ShapeText(has)));
  }
  *tensor.mutable_shape() = given.shape();
  return absl::OkStatus();
}

}  // namespace

bool IsTensorForm(const Value& value) {
  if (value.kind == Value::Kind::kMap) return value.Find("values") != nullptr;
  return value.kind != Value::Kind::kNull;
}

absl::StatusOr<v1::Tensor> ReadTensor(const Value& value, const Place& place) {
  if (value.kind != Value::Kind::kMap) return FromLists(value, place, v1::DATA_TYPE_FLOAT32);
  // Everything but the values stands in the message's own fields.
  Value rest{.kind = Value::Kind::kMap, .line = value.line};
  for (size_t i = 0; i < value.keys.size(); ++i) {
    const std::string& key = value.keys[i];
    if (key == "values") continue;
    if (key != "type" && key != "data_type" && key != "dataType" && key != "shape" && key != "axes") {
      const Place key_place{.file = place.file, .path = place.path, .line = value.key_lines[i]};
      return key_place.Error(absl::StrCat("has the unknown key \"", Escape(key.substr(0, 64)), "\"",
                                          DidYouMean(key, {"type", "shape", "axes"}),
                                          ", has to have values, type, shape, axes"));
    }
    rest.keys.push_back(key);
    rest.key_lines.push_back(value.key_lines[i]);
    rest.items.push_back(value.items[i]);
  }
  v1::Tensor given;
  FieldLines unused;
  TENSORCTL_RETURN_IF_ERROR(FillFields(rest, place, {.lines = &unused}, given));
  const v1::DataType type = given.data_type() == v1::DATA_TYPE_UNSPECIFIED ? v1::DATA_TYPE_FLOAT32 : given.data_type();
  const Value& values = *value.Find("values");
  TENSORCTL_ASSIGN_OR_RETURN(v1::Tensor tensor, FromLists(values, place.Below("values", values), type));
  if (const Value* const shape = value.Find("shape")) {
    TENSORCTL_RETURN_IF_ERROR(Reshape(given, place.Below("shape", *shape), tensor));
  }
  if (given.has_axes()) tensor.set_axes(given.axes());
  return tensor;
}

}  // namespace tensord::cli::message_file
