// Parts of a model's answer as JSON.
#ifndef TENSORD_CLI_MODEL_MESSAGE_JSON_H_
#define TENSORD_CLI_MODEL_MESSAGE_JSON_H_

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>

namespace tensord::cli {

// As ProtoJson with `zeros`, with every count in it as CountJson has it.
[[nodiscard]] nlohmann::ordered_json MessageJson(const google::protobuf::Message& message);

// The list of a field's messages, empty where there are none.
template <typename Messages>
nlohmann::ordered_json MessagesJson(const Messages& messages) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& message : messages) list.push_back(MessageJson(message));
  return list;
}

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_MESSAGE_JSON_H_
