#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/commands/commands.h"
#include "client/cli/errors.h"
#include "client/cli/grading/audit_text.h"
#include "client/cli/grading/faults.h"
#include "client/cli/message_file/load.h"
#include "client/cli/status_macros.h"
#include "tensord/v1/grading.pb.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::cli {
namespace {

class Audit : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* const command = app.add_subcommand("audit", "What an assignment cannot tell apart");
    command->add_option("ASSIGNMENT", file_, "A file with the questions. -: standard input")->type_name("");
    command->add_flag("--allow-outside", allow_outside_, "Read files that are named outside the folder too");
    command->footer(
        R"(For each part: the answer that is expected, which slips would be marked right, and which ones give the same answer.
docs/grading/assignments.md says how the file is written.

Example:
  tensorctl audit homework10/assignment.yaml)");
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    if (file_.empty()) return absl::InvalidArgumentError("ASSIGNMENT: it is missing\nexpected: a file");
    return message_file::LoadMessage(file_, source.standard_input(), *request_.mutable_assignment(),
                                     {.allow_outside = allow_outside_, .lines = &lines_});
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto response,
                               caller->Call(&client::ClientInterface::AuditAssignmentAsync, std::move(request_)));
    if (response.faults_size() > 0) {
      context.err() << FaultsText(file_, lines_, response.faults(), Style(context.flags().color(/*descriptor=*/2)));
      return kExitFailed;
    }
    const bool is_json = context.flags().format() == "json";
    context.out() << (is_json ? AuditJson(response) : AuditText(response));
    return kExitDone;
  }

 private:
  std::string file_;
  bool allow_outside_ = false;
  message_file::FieldLines lines_;
  v1::AuditAssignmentRequest request_;
};

}  // namespace

std::unique_ptr<Command> MakeAudit() { return std::make_unique<Audit>(); }

}  // namespace tensord::cli
