#include "client/cli/message_file/fields.h"

#include <google/protobuf/descriptor.h>

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/message_file/scalar.h"
#include "client/cli/message_file/shorthand.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"

namespace tensord::cli::message_file {
namespace {

using document::Describe;
using document::Place;
using document::Value;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;

// What is shown of a word of the file.
std::string Shown(absl::string_view word) { return Escape(word.substr(0, 64)); }

bool IsMessage(const FieldDescriptor& field) { return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE; }

// The field that a key means, or null: `hint_level` or `hintLevel`; and `type` for `data_type`, as flags call it.
const FieldDescriptor* FindField(const Descriptor& type, const std::string& key) {
  if (const FieldDescriptor* const field = type.FindFieldByName(key)) return field;
  if (const FieldDescriptor* const field = type.FindFieldByCamelcaseName(key)) return field;
  return key == "type" ? type.FindFieldByName("data_type") : nullptr;
}

absl::Status UnknownKey(const Place& place, const std::string& key, const Descriptor& type) {
  const std::vector<std::string> keys = KeysOf(type);
  return place.Error(absl::StrCat("has the unknown key \"", Shown(key), "\"", DidYouMean(key, keys), ", has to have ",
                                  keys.empty() ? "none" : absl::StrJoin(keys, ", ")));
}

// Sees that no field is given twice, and of each oneof one.
class GivenFields {
 public:
  absl::Status Add(const FieldDescriptor& field, const Place& place) {
    if (!fields_.insert(&field).second) return place.Error(absl::StrCat("has the field ", field.name(), " twice"));
    const OneofDescriptor* const oneof = field.real_containing_oneof();
    if (oneof == nullptr) return absl::OkStatus();
    const FieldDescriptor*& other = of_oneof_[oneof];
    if (other == nullptr) {
      other = &field;
      return absl::OkStatus();
    }
    std::vector<std::string> choices;
    for (int i = 0; i < oneof->field_count(); ++i) choices.push_back(oneof->field(i)->name());
    return place.Error(absl::StrCat("has both ", other->name(), " and ", field.name(), ", has to have one of ",
                                    absl::StrJoin(choices, ", ")));
  }

 private:
  absl::flat_hash_set<const FieldDescriptor*> fields_;
  absl::flat_hash_map<const OneofDescriptor*, const FieldDescriptor*> of_oneof_;
};

// A mapping: an entry for each key.
absl::Status FillMap(const Value& value, const Place& place, const Context& context, const FieldDescriptor& field,
                     Message& message) {
  if (value.kind != Value::Kind::kMap) return Wrong(place, value, "a mapping");
  const FieldDescriptor& key_field = *field.message_type()->map_key();
  const FieldDescriptor& value_field = *field.message_type()->map_value();
  for (size_t i = 0; i < value.keys.size(); ++i) {
    const Place below = place.Below(Shown(value.keys[i]), value.items[i]);
    Message& entry = *message.GetReflection()->AddMessage(&message, &field);
    const Value key{.kind = Value::Kind::kScalar, .line = value.key_lines[i], .text = value.keys[i]};
    TENSORCTL_RETURN_IF_ERROR(PutScalar(key, below, key_field, entry));
    context.lines->Add(below.path, below.line);
    if (IsMessage(value_field)) {
      Message& inner = *entry.GetReflection()->MutableMessage(&entry, &value_field);
      TENSORCTL_RETURN_IF_ERROR(FillMessage(value.items[i], below, context, inner));
    } else {
      TENSORCTL_RETURN_IF_ERROR(PutScalar(value.items[i], below, value_field, entry));
    }
  }
  return absl::OkStatus();
}

absl::Status AddOne(const Value& value, const Place& place, const Context& context, const FieldDescriptor& field,
                    Message& message) {
  // A tensor may have millions of numbers, which need no line each.
  const bool is_text = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  if (IsMessage(field) || is_text) context.lines->Add(place.path, place.line);
  if (!IsMessage(field)) return PutScalar(value, place, field, message);
  if (value.kind == Value::Kind::kNull) {
    return Wrong(place, value, absl::StrCat("a mapping of ", absl::StrJoin(KeysOf(*field.message_type()), ", ")));
  }
  return FillMessage(value, place, context, *message.GetReflection()->AddMessage(&message, &field));
}

// A list; a single value stands for a list of one.
absl::Status FillRepeated(const Value& value, const Place& place, const Context& context, const FieldDescriptor& field,
                          Message& message) {
  if (value.kind == Value::Kind::kNull) return absl::OkStatus();
  if (value.kind != Value::Kind::kList) {
    Place only = place.At(0, value);
    return AddOne(value, only, context, field, message);
  }
  for (size_t i = 0; i < value.items.size(); ++i) {
    TENSORCTL_RETURN_IF_ERROR(AddOne(value.items[i], place.At(i, value.items[i]), context, field, message));
  }
  return absl::OkStatus();
}

absl::Status FillField(const Value& value, const Place& place, const Context& context, const FieldDescriptor& field,
                       Message& message) {
  context.lines->Add(place.path, place.line);
  if (field.is_map()) {
    if (value.kind == Value::Kind::kNull) return absl::OkStatus();
    return FillMap(value, place, context, field, message);
  }
  if (field.is_repeated()) return FillRepeated(value, place, context, field, message);
  if (!IsMessage(field)) {
    // `title:` without a value is no title.
    return value.kind == Value::Kind::kNull ? absl::OkStatus() : PutScalar(value, place, field, message);
  }
  if (context.tensor_names != nullptr && IsTensorName(value, field)) {
    context.tensor_names->emplace(field.name(), value.text);
    return absl::OkStatus();
  }
  return FillMessage(value, place, context, *message.GetReflection()->MutableMessage(&message, &field));
}

}  // namespace

std::vector<std::string> KeysOf(const Descriptor& type) {
  std::vector<std::string> keys;
  for (int i = 0; i < type.field_count(); ++i) keys.push_back(type.field(i)->name());
  return keys;
}

absl::Status Wrong(const Place& place, const Value& value, absl::string_view expected) {
  return place.Error(absl::StrCat("was ", Describe(value), ", has to be ", expected));
}

absl::Status FillMessage(const Value& value, const Place& place, const Context& context, Message& message) {
  TENSORCTL_ASSIGN_OR_RETURN(const bool is_done, FillShorthand(value, place, context, message));
  return is_done ? absl::OkStatus() : FillFields(value, place, context, message);
}

absl::Status FillFields(const Value& value, const Place& place, const Context& context, Message& message) {
  const Descriptor& type = *message.GetDescriptor();
  if (value.kind == Value::Kind::kNull) return absl::OkStatus();
  if (value.kind != Value::Kind::kMap) {
    // A message that is nothing but a list: AxisNames, Int64Array.
    if (type.field_count() == 1 && type.field(0)->is_repeated() && !type.field(0)->is_map()) {
      return FillField(value, place, context, *type.field(0), message);
    }
    const std::string keys = absl::StrJoin(KeysOf(type), ", ");
    return Wrong(place, value, keys.empty() ? "empty" : absl::StrCat("a mapping of ", keys));
  }
  GivenFields given;
  for (size_t i = 0; i < value.keys.size(); ++i) {
    const Place key_place{.file = place.file, .path = place.path, .line = value.key_lines[i]};
    const FieldDescriptor* const field = FindField(type, value.keys[i]);
    if (field == nullptr) return UnknownKey(key_place, value.keys[i], type);
    // A field without a value is not given, unless it is a message: `integer:`.
    if (value.items[i].kind == Value::Kind::kNull && (!IsMessage(*field) || field->is_repeated())) continue;
    TENSORCTL_RETURN_IF_ERROR(given.Add(*field, key_place));
    TENSORCTL_RETURN_IF_ERROR(
        FillField(value.items[i], place.Below(field->name(), value.items[i]), context, *field, message));
  }
  return absl::OkStatus();
}

}  // namespace tensord::cli::message_file
