#include "client/cli/proto_json.h"

#include <cmath>
#include <cstdint>
#include <string>

#include "client/cli/flags/enum_names.h"
#include "client/cli/number.h"

namespace tensord::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Json = nlohmann::ordered_json;

constexpr double kMaxExact = 9007199254740992.0;  // 2^53

Json RealJson(double value) {
  if (!std::isfinite(value)) return NumberText(value);
  if (value == std::trunc(value) && std::fabs(value) <= kMaxExact) return static_cast<int64_t>(value);
  return value;
}

// The shortest decimal that reads back to the same float.
Json FloatJson(float value) { return RealJson(ParseDouble(NumberText(value)).value_or(value)); }

// One value: of a singular field where `index` is negative, else of a repeated one.
Json ValueJson(const Message& message, const FieldDescriptor* field, int index) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  const bool one = index < 0;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return one ? reflection.GetInt32(message, field) : reflection.GetRepeatedInt32(message, field, index);
    case FieldDescriptor::CPPTYPE_INT64:
      return one ? reflection.GetInt64(message, field) : reflection.GetRepeatedInt64(message, field, index);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return RealJson(one ? reflection.GetDouble(message, field) : reflection.GetRepeatedDouble(message, field, index));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return FloatJson(one ? reflection.GetFloat(message, field) : reflection.GetRepeatedFloat(message, field, index));
    case FieldDescriptor::CPPTYPE_BOOL:
      return one ? reflection.GetBool(message, field) : reflection.GetRepeatedBool(message, field, index);
    case FieldDescriptor::CPPTYPE_ENUM:
      return ShortName(one ? *reflection.GetEnum(message, field) : *reflection.GetRepeatedEnum(message, field, index));
    case FieldDescriptor::CPPTYPE_STRING:
      return one ? reflection.GetString(message, field) : reflection.GetRepeatedString(message, field, index);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ProtoJson(one ? reflection.GetMessage(message, field)
                           : reflection.GetRepeatedMessage(message, field, index));
    default:
      // The API's unsigned numbers are identifiers, which no report shows.
      return nullptr;
  }
}

}  // namespace

Json ProtoJson(const Message& message, bool zeros) {
  Json object = Json::object();
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (!field->is_repeated()) {
      const bool shown = (zeros && !field->has_presence()) || message.GetReflection()->HasField(message, field);
      if (shown) object[field->name()] = ValueJson(message, field, -1);
      continue;
    }
    const int size = message.GetReflection()->FieldSize(message, field);
    for (int k = 0; k < size; ++k) object[field->name()].push_back(ValueJson(message, field, k));
  }
  return object;
}

Json CountJson(const v1::Count& count) {
  if (!count.expression().empty()) return count.expression();
  constexpr auto kMax = static_cast<int64_t>(kMaxExact);
  if (count.has_value() && count.value() <= kMax && count.value() >= -kMax) return count.value();
  return count.decimal();
}

}  // namespace tensord::cli
