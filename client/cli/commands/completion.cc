#include "client/cli/completion.h"

#include "absl/strings/str_join.h"
#include "client/cli/commands/commands.h"
#include "client/cli/errors.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {
namespace {

class Completion : public Command {
 public:
  explicit Completion(const CLI::App& app) : app_(app) {}

  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = app.add_subcommand("completion", "Print a completion script for a shell");
    command->add_option("SHELL", shell_, "The shell. Required")->type_name(absl::StrJoin(CompletionShells(), "|"));
    command->footer("Examples:\n  source <(tensorctl completion bash)");
    return command;
  }

  absl::Status Prepare(TensorSource& /*source*/) override {
    TENSORCTL_ASSIGN_OR_RETURN(script_, CompletionScript(app_, shell_));
    return absl::OkStatus();
  }

  absl::StatusOr<int> Run(Context& context) override {
    context.out() << script_;
    return kExitDone;
  }

 private:
  const CLI::App& app_;
  std::string shell_;
  std::string script_;
};

}  // namespace

std::unique_ptr<Command> MakeCompletion(const CLI::App& app) { return std::make_unique<Completion>(app); }

}  // namespace tensord::cli
