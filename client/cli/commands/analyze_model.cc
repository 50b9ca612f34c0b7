#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cli/commands/analyze_group.h"
#include "client/cli/commands/commands.h"
#include "client/cli/errors.h"
#include "client/cli/flags/flag.h"
#include "client/cli/model/explanation.h"
#include "client/cli/model/latex.h"
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
    CLI::App* const command =
        AnalyzeGroup(app)->add_subcommand("model", "A whole network, from an ONNX file or a description");
    command
        ->add_option(
            "FILE", file_,
            "An ONNX file, whose weights are not needed, or a .yaml or .json that describes a model. -: standard input")
        ->type_name("");
    flags_.Declare(*command);
    explain_.Declare(*command, "--explain", "LAYER", "Derive the numbers of this layer, step by step, instead");
    output_.Declare(*command);
    command->footer(
        R"(Weights are stripped before anything is sent. An operator that is not known is named; totals then say "at least".
A file that ends with .yaml, .yml or .json describes a model (docs/model_file.md); every other one is ONNX. Standard input
is a description where its first bytes are text, without control characters.

Examples:
  tensorctl analyze model resnet18.onnx
  tensorctl analyze model resnet18.onnx --format html --out resnet18.html
  tensorctl analyze model resnet18.onnx --set N=8 --format csv --out layers.csv
  tensorctl analyze model resnet18.onnx --convention bias+skip-padding --machine 35600,900
  tensorctl analyze model net.onnx --data-input image --format markdown
  tensorctl analyze model resnet18.onnx --explain /conv1/Conv --format latex --out conv1.tex
  tensorctl analyze model lenet5.yaml --set N=1)");
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    if (file_.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("FILE: it is missing\nexpected: ", kModelFiles));
    }
    if (explain_.given() && explain_.value().empty()) {
      return absl::InvalidArgumentError("--explain: it is empty\nexpected: a layer's name, as the table has it");
    }
    request_.set_explain(explain_.value());
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

  std::vector<std::string> more_formats() const override {
    // A derivation has no place in a spreadsheet, and is no page of its own.
    if (explain_.given()) return {"markdown", "latex"};
    return {"markdown", "csv", "html", "latex"};
  }

 private:
  absl::StatusOr<std::string> TextOf(const v1::AnalyzeModelResponse& model, Context& context) const {
    const std::string& format = context.flags().format();
    if (format == "json") {
      Report report = ModelReport(model);
      if (model.has_explanation()) report.values.push_back({"explanation", ExplanationJson(model.explanation())});
      return ReportJson(context, report);
    }
    if (explain_.given()) return ExplanationIn(format, model.explanation(), context);
    if (format == "markdown") return ModelMarkdown(model);
    if (format == "csv") return ModelCsv(model);
    if (format == "html") return ModelHtml(model);
    if (format == "latex") return ModelLatex(model);
    return ModelText(model, output_.width(), output_.style(context));
  }

  [[nodiscard]] std::string ExplanationIn(const std::string& format, const v1::Explanation& explanation,
                                          Context& context) const {
    if (format == "markdown") return ExplanationMarkdown(explanation);
    if (format == "latex") return ExplanationLatex(explanation);
    return ExplanationText(explanation, output_.width(), output_.style(context));
  }

  std::string file_;
  ModelRequestFlags flags_;
  Flag explain_;
  TextOutput output_;
  v1::AnalyzeModelRequest request_;
};

}  // namespace

std::unique_ptr<Command> MakeAnalyzeModel() { return std::make_unique<AnalyzeModel>(); }

}  // namespace tensord::cli
