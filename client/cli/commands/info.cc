#include <utility>

#include "client/cli/commands/commands.h"
#include "client/cli/elements.h"
#include "client/cli/errors.h"
#include "client/cli/flags/enum_names.h"
#include "client/cli/proto_json.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::ordered_json;

// One object per profile, by name: the conventions that it sets.
Json ProfilesJson(const v1::GetServerInfoResponse& response) {
  Json profiles = Json::object();
  for (const v1::ProfileDescription& description : response.profiles()) {
    const auto* value = v1::ConventionProfile_descriptor()->FindValueByNumber(description.profile());
    if (value == nullptr) continue;
    Json& profile = profiles[value->number() == 0 ? "default" : ShortName(*value)];
    for (const v1::ConventionSetting& setting : description.settings()) profile[setting.name()] = setting.value();
  }
  return profiles;
}

class Info : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    return app.add_subcommand("info", "What the server is, does, allows and takes for granted");
  }

  absl::Status Prepare(TensorSource& /*source*/) override { return absl::OkStatus(); }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    v1::GetServerInfoRequest request;
    // A server of this process' own has nothing to tell of itself.
    request.set_include_state(!context.flags().server().empty());
    TENSORCTL_ASSIGN_OR_RETURN(const auto response,
                               caller->Call(&client::ClientInterface::GetServerInfoAsync, std::move(request)));
    Json types = Json::array();
    for (const int type : response.compute_types()) types.push_back(TypeName(static_cast<v1::DataType>(type)));
    Json methods = Json::array();
    for (const std::string& method : response.methods()) methods.push_back(method);
    Report report;
    report.values = {{"version", response.version()},
                     {"limits", ProtoJson(response.limits(), /*zeros=*/true)},
                     {"compute_types", types},
                     {"methods", methods},
                     {"profiles", ProfilesJson(response), Role::kTable}};
    if (response.has_state()) {
      report.values.insert(report.values.begin() + 1, {"state", ProtoJson(response.state(), /*zeros=*/true)});
    }
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(report));
    return kExitDone;
  }
};

}  // namespace

std::unique_ptr<Command> MakeInfo() { return std::make_unique<Info>(); }

}  // namespace tensord::cli
