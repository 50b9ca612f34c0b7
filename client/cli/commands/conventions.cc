#include <unistd.h>

#include "absl/strings/str_join.h"
#include "client/cli/commands/commands.h"
#include "client/cli/conventions/answers.h"
#include "client/cli/conventions/print.h"
#include "client/cli/conventions/table.h"
#include "client/cli/errors.h"
#include "client/cli/flags/parse.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {
namespace {

class Conventions : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command =
        app.add_subcommand("conventions", "What every profile takes for granted, with examples where it shows");
    command->add_option("--profile", names_, "Show this one beside the default; may be given again. Default: all")
        ->type_name(absl::StrJoin(ProfileNames(), "|"))
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command->footer(
        R"(The table is what the server says that it does; the examples are some hundred small requests to it.

Examples:
  tensorctl conventions
  tensorctl conventions --profile pytorch --profile onnx
  tensorctl conventions --format markdown >conventions.md
  tensorctl --server localhost:50051 conventions --format json)");
    return command;
  }

  absl::Status Prepare(TensorSource& /*source*/) override {
    for (const std::string& name : names_) {
      TENSORCTL_ASSIGN_OR_RETURN(const v1::ConventionProfile profile, ParseProfile("--profile", name));
      profiles_.push_back(profile);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto info,
                               caller->Call(&client::ClientInterface::GetServerInfoAsync, v1::GetServerInfoRequest()));
    TENSORCTL_ASSIGN_OR_RETURN(const ConventionTable table, MakeConventionTable(info, profiles_));
    TENSORCTL_ASSIGN_OR_RETURN(const auto examples, AnswerExamples(table, !profiles_.empty(), context));
    if (context.flags().json()) {
      TENSORCTL_RETURN_IF_ERROR(context.printer().Print(ConventionsReport(table, examples)));
    } else if (context.flags().markdown()) {
      context.out() << ConventionsMarkdown(table, examples);
    } else {
      context.out() << ConventionsText(table, examples, Style(context.flags().color(STDOUT_FILENO)));
    }
    return kExitDone;
  }

  std::vector<std::string> more_formats() const override { return {"markdown"}; }

 private:
  std::vector<std::string> names_;
  std::vector<v1::ConventionProfile> profiles_;
};

}  // namespace

std::unique_ptr<Command> MakeConventions() { return std::make_unique<Conventions>(); }

}  // namespace tensord::cli
