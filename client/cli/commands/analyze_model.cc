#include <utility>

#include "client/cli/commands/analyze_group.h"
#include "client/cli/commands/commands.h"
#include "client/cli/errors.h"
#include "client/cli/model/output.h"
#include "client/cli/model/page.h"
#include "client/cli/model/report.h"
#include "client/cli/model/request_flags.h"
#include "client/cli/model/source.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {
namespace {

class AnalyzeModel : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* const command = AnalyzeGroup(app)->add_subcommand("model", "A whole network, from an ONNX file");
    command->add_option("FILE", file_, "An ONNX file; its weights are not needed. -: standard input")->type_name("");
    flags_.Declare(*command);
    output_.Declare(*command);
    command->footer(
        R"(Weights are stripped before anything is sent. An operator that is not known is named; totals then say "at least".

Examples:
  tensorctl analyze model resnet18.onnx
  tensorctl analyze model resnet18.onnx --format html --out resnet18.html
  tensorctl analyze model resnet18.onnx --set N=8 --format csv --out layers.csv
  tensorctl analyze model resnet18.onnx --convention bias+skip-padding --machine 35600,900
  tensorctl analyze model net.onnx --data-input image --format markdown)");
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    if (file_.empty())
      return absl::InvalidArgumentError("FILE: it is missing\nexpected: an ONNX file, or - for standard input");
    TENSORCTL_RETURN_IF_ERROR(ReadModelSource(file_, source, request_));
    return flags_.Fill(request_);
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto model,
                               caller->Call(&client::ClientInterface::AnalyzeModelAsync, std::move(request_)));
    TENSORCTL_ASSIGN_OR_RETURN(const std::string text, TextOf(model, context));
    TENSORCTL_RETURN_IF_ERROR(output_.Deliver(text, context));
    return kExitDone;
  }

  std::vector<std::string> more_formats() const override { return {"markdown", "csv", "html"}; }

 private:
  absl::StatusOr<std::string> TextOf(const v1::AnalyzeModelResponse& model, Context& context) const {
    const std::string& format = context.flags().format();
    if (format == "json") return ReportJson(context, ModelReport(model));
    if (format == "markdown") return ModelMarkdown(model);
    if (format == "csv") return ModelCsv(model);
    if (format == "html") return ModelHtml(model);
    return ModelText(model, output_.width(), output_.style(context));
  }

  std::string file_;
  ModelRequestFlags flags_;
  TextOutput output_;
  v1::AnalyzeModelRequest request_;
};

}  // namespace

std::unique_ptr<Command> MakeAnalyzeModel() { return std::make_unique<AnalyzeModel>(); }

}  // namespace tensord::cli
