#include "client/cli/message_file/scalar.h"

#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/flags/enum_names.h"
#include "client/cli/message_file/fields.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli::message_file {
namespace {

using document::Describe;
using document::Place;
using document::Value;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

template <typename T>
using Member = void (Reflection::*)(Message*, const FieldDescriptor*, T) const;

template <typename T>
absl::Status Put(absl::StatusOr<T> value, const FieldDescriptor& field, Message& message, Member<T> set,
                 Member<T> add) {
  if (!value.ok()) return value.status();
  (message.GetReflection()->*(field.is_repeated() ? add : set))(&message, &field, *std::move(value));
  return absl::OkStatus();
}

template <typename T>
absl::StatusOr<T> Integer(const Value& value, const Place& place) {
  T number = 0;
  const char* const end = value.text.data() + value.text.size();
  if (value.kind == Value::Kind::kScalar) {
    const auto [stop, error] = std::from_chars(value.text.data(), end, number);
    if (error == std::errc() && stop == end) return number;
  }
  return Wrong(place, value,
               absl::StrCat("a whole number, ", std::numeric_limits<T>::min(), "..", std::numeric_limits<T>::max()));
}

absl::StatusOr<double> Real(const Value& value, const Place& place) {
  if (const std::optional<double> number = document::RealOf(value)) return *number;
  return Wrong(place, value, "a number");
}

absl::StatusOr<float> SmallReal(const Value& value, const Place& place) {
  TENSORCTL_ASSIGN_OR_RETURN(const double number, Real(value, place));
  if (number < -std::numeric_limits<float>::max() || number > std::numeric_limits<float>::max()) {
    return Wrong(place, value, "a number that fits a float32");
  }
  return static_cast<float>(number);
}

absl::StatusOr<bool> Truth(const Value& value, const Place& place) {
  const bool is_plain = value.kind == Value::Kind::kScalar && !value.is_quoted;
  if (is_plain && (value.text == "true" || value.text == "false")) return value.text == "true";
  return Wrong(place, value, "true or false");
}

absl::StatusOr<int> Choice(const Value& value, const Place& place, const EnumDescriptor& type) {
  const std::vector<std::string> names = FlagNames(type);
  if (value.kind == Value::Kind::kScalar) {
    if (const auto* const full = type.FindValueByName(value.text)) return full->number();
    if (const absl::StatusOr<int> number = ParseEnum("", value.text.substr(0, 64), type); number.ok()) return *number;
    return place.Error(absl::StrCat("was ", Describe(value), DidYouMean(value.text, names), ", has to be one of ",
                                    absl::StrJoin(names, ", ")));
  }
  return Wrong(place, value, absl::StrCat("one of ", absl::StrJoin(names, ", ")));
}

absl::StatusOr<std::string> Text(const Value& value, const Place& place) {
  if (value.kind != Value::Kind::kScalar) return Wrong(place, value, "a text");
  return value.text;
}

absl::StatusOr<std::string> Bytes(const Value& value, const Place& place) {
  std::string bytes;
  if (value.kind == Value::Kind::kScalar && absl::Base64Unescape(value.text, &bytes)) return bytes;
  return Wrong(place, value, "bytes as base64");
}

}  // namespace

absl::Status PutScalar(const Value& value, const Place& place, const FieldDescriptor& field, Message& message) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return Put(Integer<int32_t>(value, place), field, message, &Reflection::SetInt32, &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return Put(Integer<int64_t>(value, place), field, message, &Reflection::SetInt64, &Reflection::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return Put(Integer<uint32_t>(value, place), field, message, &Reflection::SetUInt32, &Reflection::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return Put(Integer<uint64_t>(value, place), field, message, &Reflection::SetUInt64, &Reflection::AddUInt64);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return Put(Real(value, place), field, message, &Reflection::SetDouble, &Reflection::AddDouble);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return Put(SmallReal(value, place), field, message, &Reflection::SetFloat, &Reflection::AddFloat);
    case FieldDescriptor::CPPTYPE_BOOL:
      return Put(Truth(value, place), field, message, &Reflection::SetBool, &Reflection::AddBool);
    case FieldDescriptor::CPPTYPE_ENUM:
      return Put(Choice(value, place, *field.enum_type()), field, message, &Reflection::SetEnumValue,
                 &Reflection::AddEnumValue);
    case FieldDescriptor::CPPTYPE_STRING:
      return Put(field.type() == FieldDescriptor::TYPE_BYTES ? Bytes(value, place) : Text(value, place), field, message,
                 &Reflection::SetString, &Reflection::AddString);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  return absl::InternalError(absl::StrCat(field.full_name(), " is no scalar"));
}

}  // namespace tensord::cli::message_file
