// Messages as JSON with the names that people use.
#ifndef TENSORD_CLI_PROTO_JSON_H_
#define TENSORD_CLI_PROTO_JSON_H_

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>

#include "tensord/v1/analysis.pb.h"

namespace tensord::cli {

// Every field that is set, in the order of declaration, under its own name; enum values in lower case without their
// prefix, e.g. {"mode":"valid","begin":[0,0],"end":[0,0]}. Numbers that are integers have no fraction.
//
// `zeros`: whether a number or a switch that is always there, and 0 or off, is shown; without it only what is set.
[[nodiscard]] nlohmann::ordered_json ProtoJson(const google::protobuf::Message& message, bool zeros = false);

// A number up to 2^53, beyond it a decimal string; an expression where a symbol is left.
[[nodiscard]] nlohmann::ordered_json CountJson(const v1::Count& count);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_PROTO_JSON_H_
