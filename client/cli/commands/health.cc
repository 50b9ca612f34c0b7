#include "client/cli/commands/commands.h"
#include "client/cli/errors.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {
namespace {

const char* HealthName(client::Health health) {
  switch (health) {
    case client::Health::kServing:
      return "SERVING";
    case client::Health::kNotServing:
      return "NOT_SERVING";
    case client::Health::kUnknownService:
      break;
  }
  return "SERVICE_UNKNOWN";
}

class HealthCommand : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = app.add_subcommand("health", "Whether the server takes requests");
    command->footer("Exit code 0 where it is SERVING, else 1: fit for a container's health check.");
    return command;
  }

  absl::Status Prepare(TensorSource& /*source*/) override { return absl::OkStatus(); }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const client::Health health, caller->CheckHealth());
    Report report;
    report.values = {{"status", HealthName(health), Role::kAnswer}};
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(report));
    return health == client::Health::kServing ? kExitDone : kExitFailed;
  }
};

}  // namespace

std::unique_ptr<Command> MakeHealth() { return std::make_unique<HealthCommand>(); }

}  // namespace tensord::cli
