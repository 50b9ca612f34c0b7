#include "grading/src/question/path.h"

#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tensord/compute/status_macros.h"

namespace tensord::grading {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// A field of a message, and where a path names one element of a list, which.
struct Place {
  const Message* message = nullptr;
  const FieldDescriptor* field = nullptr;
  int index = -1;

  [[nodiscard]] const Message& sub_message() const {
    const google::protobuf::Reflection& reflection = *message->GetReflection();
    return index < 0 ? reflection.GetMessage(*message, field) : reflection.GetRepeatedMessage(*message, field, index);
  }
  [[nodiscard]] bool is_one_message() const {
    return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && (!field->is_repeated() || index >= 0);
  }
};

// Descriptors are one object for a type, all being generated.
bool IsA(const FieldDescriptor& field, const google::protobuf::Descriptor* type) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && field.message_type() == type;
}

// The fields that the message has.
std::string FieldNames(const Message& message) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  if (fields.empty()) return "nothing";
  return absl::StrJoin(fields, ", ",
                       [](std::string* out, const FieldDescriptor* field) { absl::StrAppend(out, field->name()); });
}

bool IsThere(const Message& message, const FieldDescriptor& field) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (field.is_repeated()) return reflection.FieldSize(message, &field) > 0;
  return !field.has_presence() || reflection.HasField(message, &field);
}

absl::StatusOr<Place> StepInto(const Message& message, absl::string_view segment) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(segment, absl::MaxSplits('[', 1));
  const FieldDescriptor* const field = message.GetDescriptor()->FindFieldByName(std::string(parts.first));
  if (field == nullptr || !IsThere(message, *field)) {
    return absl::InvalidArgumentError(
        absl::StrCat("has no \"", parts.first, "\", has to be one of ", FieldNames(message)));
  }
  Place place{&message, field, -1};
  if (parts.first.size() == segment.size()) return place;
  absl::string_view number = parts.second;
  const int size = field->is_repeated() ? message.GetReflection()->FieldSize(message, field) : 0;
  if (number.empty() || number.back() != ']' || !absl::SimpleAtoi(number.substr(0, number.size() - 1), &place.index) ||
      place.index < 0 || place.index >= size) {
    return absl::InvalidArgumentError(absl::StrCat("was \"", segment, "\", of which there are ", size));
  }
  return place;
}

absl::StatusOr<Place> FirstTensor(const Message& message) {
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (!field.is_repeated() && IsA(field, v1::Tensor::descriptor()) && IsThere(message, field)) {
      return Place{&message, &field, -1};
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("names no tensor; after a dot it has to name one of ", FieldNames(message)));
}

absl::StatusOr<Place> Find(const Message& message, absl::string_view path) {
  if (path.empty()) return FirstTensor(message);
  const Message* inside = &message;
  Place place;
  for (const absl::string_view segment : absl::StrSplit(path, '.')) {
    if (inside == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat("has nothing inside \"", place.field->name(), "\""));
    }
    TENSORD_ASSIGN_OR_RETURN(place, StepInto(*inside, segment));
    inside = place.is_one_message() ? &place.sub_message() : nullptr;
  }
  return place;
}

const v1::Tensor& AsTensor(const Message& message) {
  return static_cast<const v1::Tensor&>(message);  // NOLINT(*-static-cast-downcast): its descriptor says so
}

const v1::Count& AsCount(const Message& message) {
  return static_cast<const v1::Count&>(message);  // NOLINT(*-static-cast-downcast): as above
}

absl::StatusOr<TensorValue> WithBounds(const Place& place) {
  TENSORD_ASSIGN_OR_RETURN(TensorValue value, TensorValueOf(AsTensor(place.sub_message())));
  const google::protobuf::Descriptor& type = *place.message->GetDescriptor();
  const FieldDescriptor* field = type.FindFieldByName(absl::StrCat(place.field->name(), "_error_bounds"));
  if (field == nullptr && place.field->number() == 1) field = type.FindFieldByName("error_bounds");
  if (field == nullptr || !IsA(*field, v1::ErrorBounds::descriptor()) || !IsThere(*place.message, *field)) return value;
  const auto& bounds = static_cast<const v1::ErrorBounds&>(  // NOLINT(*-static-cast-downcast): as above
      place.message->GetReflection()->GetMessage(*place.message, field));
  TENSORD_ASSIGN_OR_RETURN(const TensorValue computed, TensorValueOf(bounds.computed()));
  TENSORD_ASSIGN_OR_RETURN(const TensorValue any_order, TensorValueOf(bounds.any_order()));
  if (computed.shape != value.shape || any_order.shape != value.shape) return value;
  value.bounds = any_order.elements;
  // Both are off the exact value: ours by `computed`.
  for (size_t i = 0; i < value.bounds.size(); ++i) value.bounds[i] += computed.elements[i];
  return value;
}

SizesValue ListAt(const Place& place) {
  const google::protobuf::Reflection& reflection = *place.message->GetReflection();
  SizesValue value;
  value.is_list = true;
  for (int i = 0; i < reflection.FieldSize(*place.message, place.field); ++i) {
    value.sizes.push_back(SizeOf(AsCount(reflection.GetRepeatedMessage(*place.message, place.field, i))));
  }
  // DescribeDataset names its axes beside them.
  const FieldDescriptor* const axes = place.message->GetDescriptor()->FindFieldByName("axes");
  if (axes == nullptr || !axes->is_repeated() || axes->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return value;
  for (int i = 0; i < reflection.FieldSize(*place.message, axes); ++i) {
    value.axes.push_back(reflection.GetRepeatedString(*place.message, axes, i));
  }
  return value;
}

absl::StatusOr<Computed> ScalarAt(const Place& place) {
  const google::protobuf::Reflection& reflection = *place.message->GetReflection();
  const bool in_list = place.field->is_repeated();
  if (in_list && place.index < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("names the list \"", place.field->name(), "\", has to name one value"));
  }
  switch (place.field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT64: {
      const int64_t number = in_list ? reflection.GetRepeatedInt64(*place.message, place.field, place.index)
                                     : reflection.GetInt64(*place.message, place.field);
      return SizesValue{.is_list = false, .sizes = {SizeOf(absl::int128(number))}, .axes = {}};
    }
    case FieldDescriptor::CPPTYPE_DOUBLE: {
      const double number = in_list ? reflection.GetRepeatedDouble(*place.message, place.field, place.index)
                                    : reflection.GetDouble(*place.message, place.field);
      return TensorValue{.type = v1::DATA_TYPE_FLOAT64, .shape = {}, .layout = {}, .elements = {number}, .bounds = {}};
    }
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("names \"", place.field->name(), "\", which is no tensor, count, shape or number"));
  }
}

}  // namespace

absl::StatusOr<Computed> ValueAt(const Message& message, absl::string_view path) {
  TENSORD_ASSIGN_OR_RETURN(const Place place, Find(message, path));
  if (IsA(*place.field, v1::Tensor::descriptor()) && place.is_one_message()) return WithBounds(place);
  if (!IsA(*place.field, v1::Count::descriptor())) return ScalarAt(place);
  if (!place.is_one_message()) return ListAt(place);
  return SizesValue{.is_list = false, .sizes = {SizeOf(AsCount(place.sub_message()))}, .axes = {}};
}

absl::StatusOr<const v1::Tensor*> TensorAt(const Message& message, absl::string_view path) {
  TENSORD_ASSIGN_OR_RETURN(const Place place, Find(message, path));
  if (!IsA(*place.field, v1::Tensor::descriptor()) || !place.is_one_message()) {
    return absl::InvalidArgumentError(absl::StrCat("names \"", place.field->name(), "\", which is no tensor"));
  }
  return &AsTensor(place.sub_message());
}

}  // namespace tensord::grading
