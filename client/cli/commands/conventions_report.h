// The conventions that an answer echoes, for a report.
#ifndef TENSORD_CLI_COMMANDS_CONVENTIONS_REPORT_H_
#define TENSORD_CLI_COMMANDS_CONVENTIONS_REPORT_H_

#include "client/cli/flags/enum_names.h"
#include "client/cli/proto_json.h"
#include "client/cli/report.h"
#include "tensord/v1/activation.pb.h"
#include "tensord/v1/conventions.pb.h"
#include "tensord/v1/numbers.pb.h"

namespace tensord::cli {

// What an answer echoes: its profile and conventions, and what it has of activation, accumulation and quantisation.
template <typename Response>
void AddConventions(const Response& response, Report& report);

// `conventions`: the profile where one was asked for, what `conventions` holds, the activation where there is one.
inline void AddConventions(v1::ConventionProfile profile, const google::protobuf::Message* conventions,
                           const v1::Activation* activation, Report& report) {
  nlohmann::ordered_json value = nlohmann::ordered_json::object();
  if (profile != v1::CONVENTION_PROFILE_UNSPECIFIED) {
    const auto* name = v1::ConventionProfile_descriptor()->FindValueByNumber(profile);
    if (name != nullptr) value["profile"] = ShortName(*name);
  }
  if (conventions != nullptr) value.update(ProtoJson(*conventions));
  if (activation != nullptr) value["activation"] = ProtoJson(*activation);
  report.values.push_back({"conventions", value, Role::kConventions});
}

template <typename Response>
void AddConventions(const Response& response, Report& report) {
  const v1::Activation* activation = nullptr;
  if constexpr (requires { response.activation(); }) {
    if (response.has_activation()) activation = &response.activation();
  }
  AddConventions(response.profile(), &response.conventions(), activation, report);
  nlohmann::ordered_json& value = report.values.back().value;
  if constexpr (requires { response.accumulation(); }) {
    const auto* name = v1::Accumulation_descriptor()->FindValueByNumber(response.accumulation());
    if (name != nullptr && response.accumulation() != v1::ACCUMULATION_UNSPECIFIED) {
      value["accumulation"] = ShortName(*name);
    }
  }
  if constexpr (requires { response.quantization(); }) {
    if (response.has_quantization()) value["quantization"] = ProtoJson(response.quantization());
  }
}

}  // namespace tensord::cli

#endif  // TENSORD_CLI_COMMANDS_CONVENTIONS_REPORT_H_
