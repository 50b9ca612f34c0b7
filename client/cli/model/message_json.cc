#include "client/cli/model/message_json.h"

#include "client/cli/proto_json.h"
#include "tensord/v1/analysis.pb.h"
#include "tensord/v1/model.pb.h"

namespace tensord::cli {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Json = nlohmann::ordered_json;

namespace {

// A count of operations is absent where it is 0, but for the one that is so where it is not known.
bool IsZeroCount(const Message& message, const FieldDescriptor& field) {
  return message.GetDescriptor() == v1::OperationCounts::descriptor() &&
         field.number() != v1::OperationCounts::kPaddingMacCountFieldNumber &&
         !message.GetReflection()->HasField(message, &field);
}

}  // namespace

Json MessageJson(const Message& message) {
  if (message.GetDescriptor() == v1::Count::descriptor()) {
    return CountJson(static_cast<const v1::Count&>(message));  // NOLINT(*-static-cast-downcast): its type says so
  }
  Json json = ProtoJson(message, true);
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* const field = message.GetDescriptor()->field(i);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      if (IsZeroCount(message, *field)) json[field->name()] = 0;
      if (reflection.HasField(message, field)) json[field->name()] = MessageJson(reflection.GetMessage(message, field));
      continue;
    }
    Json& list = json[field->name()] = Json::array();
    for (int k = 0; k < reflection.FieldSize(message, field); ++k) {
      list.push_back(MessageJson(reflection.GetRepeatedMessage(message, field, k)));
    }
  }
  return json;
}

}  // namespace tensord::cli
