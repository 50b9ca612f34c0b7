#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/commands/analyze_group.h"
#include "client/cli/commands/commands.h"
#include "client/cli/errors.h"
#include "client/cli/model/diff.h"
#include "client/cli/model/output.h"
#include "client/cli/model/request_flags.h"
#include "client/cli/model/source.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {
namespace {

class AnalyzeDiff : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* const command = AnalyzeGroup(app)->add_subcommand("diff", "In what two networks differ");
    command->add_option("A", file_a_, "A file as `analyze model` takes it. -: standard input")->type_name("");
    command->add_option("B", file_b_, "What it is compared with, likewise")->type_name("");
    flags_.Declare(*command);
    output_.Declare(*command);
    command->footer(
        R"(Layers of the same name are compared, and what is left by its order and operators: + only in B, - only in A, ~ changed.
The exit code is 0 whether they differ or not; --format json has `is_same`.

Examples:
  tensorctl analyze diff resnet18.onnx resnet34.onnx
  tensorctl analyze diff before.onnx after.onnx --set N=1 --format markdown)");
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    if (file_a_.empty() || file_b_.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(file_a_.empty() ? "A" : "B", ": it is missing\nexpected: twice ", kModelFiles));
    }
    if (file_a_ == "-" && file_b_ == "-") {
      return absl::InvalidArgumentError("B: standard input is A already\nexpected: a file");
    }
    TENSORCTL_RETURN_IF_ERROR(ReadModelSource(file_a_, source, request_a_));
    TENSORCTL_RETURN_IF_ERROR(ReadModelSource(file_b_, source, request_b_));
    TENSORCTL_RETURN_IF_ERROR(flags_.Fill(request_a_));
    return flags_.Fill(request_b_);
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(const v1::AnalyzeModelResponse a, Analyze(file_a_, std::move(request_a_), context));
    TENSORCTL_ASSIGN_OR_RETURN(const v1::AnalyzeModelResponse b, Analyze(file_b_, std::move(request_b_), context));
    const ComparedModels models{file_a_, file_b_, a, b};
    const std::string& format = context.flags().format();
    std::string text;
    if (format == "json") {
      TENSORCTL_ASSIGN_OR_RETURN(text, ReportJson(context, DiffReport(models)));
    } else {
      text = format == "markdown" ? DiffMarkdown(models) : DiffText(models, output_.style(context));
    }
    TENSORCTL_RETURN_IF_ERROR(output_.Deliver(text, context));
    return kExitDone;
  }

  std::vector<std::string> more_formats() const override { return {"markdown"}; }

 private:
  // Of two files, an error has to say which.
  static absl::StatusOr<v1::AnalyzeModelResponse> Analyze(const std::string& file, v1::AnalyzeModelRequest request,
                                                          Context& context) {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    auto model = caller->Call(&client::ClientInterface::AnalyzeModelAsync, std::move(request));
    if (model.ok()) return *std::move(model);
    // Without the details, which people would be told instead of the message.
    return absl::Status(model.status().code(), absl::StrCat(file, ": ", model.status().message()));
  }

  std::string file_a_, file_b_;
  ModelRequestFlags flags_;
  TextOutput output_;
  v1::AnalyzeModelRequest request_a_, request_b_;
};

}  // namespace

std::unique_ptr<Command> MakeAnalyzeDiff() { return std::make_unique<AnalyzeDiff>(); }

}  // namespace tensord::cli
