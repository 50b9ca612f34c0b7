#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <sstream>
#include <utility>

#include "client/cli/commands/analyze_group.h"
#include "client/cli/commands/commands.h"
#include "client/cli/errors.h"
#include "client/cli/flags/flag.h"
#include "client/cli/io/file.h"
#include "client/cli/model/page.h"
#include "client/cli/model/report.h"
#include "client/cli/status_macros.h"
#include "client/cli/text.h"
#include "tensord/analysis/onnx.h"

namespace tensord::cli {
namespace {

// How wide a table may be: the terminal, or what fits a page.
size_t TableWidth() {
  constexpr size_t kPage = 120;
  winsize size = {};
  if (isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return kPage;
}

class AnalyzeModel : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* const command = AnalyzeGroup(app)->add_subcommand("model", "A whole network, from an ONNX file");
    command->add_option("FILE", file_, "An ONNX file; its weights are not needed. -: standard input")->type_name("");
    command
        ->add_option("--data-input", data_inputs_,
                     "The input that is data, the others are then parameters; may be given again")
        ->type_name("NAME")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    command->add_option("--set", sizes_, "A size in place of a symbol, e.g. N=8; may be given again")
        ->type_name("SYMBOL=SIZE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    out_.Declare(*command, "--out", "FILE", "Write what would be printed there");
    command->footer(
        R"(Weights are stripped before anything is sent. An operator that is not known is named; totals then say "at least".

Examples:
  tensorctl analyze model resnet18.onnx
  tensorctl analyze model resnet18.onnx --set N=8 --format csv --out layers.csv
  tensorctl analyze model net.onnx --data-input image --format markdown)");
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    if (file_.empty())
      return absl::InvalidArgumentError("FILE: it is missing\nexpected: an ONNX file, or - for standard input");
    TENSORCTL_ASSIGN_OR_RETURN(const std::string bytes, Read(source));
    absl::StatusOr<std::string> stripped = analysis::StripWeights(bytes);
    if (!stripped.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(Escape(file_), ": ", stripped.status().message(), "\nexpected: an ONNX file"));
    }
    *request_.mutable_onnx() = *std::move(stripped);
    for (const std::string& name : data_inputs_) request_.add_data_inputs(name);
    for (const std::string& text : sizes_) TENSORCTL_RETURN_IF_ERROR(AddSize(text));
    return absl::OkStatus();
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto model,
                               caller->Call(&client::ClientInterface::AnalyzeModelAsync, std::move(request_)));
    if (context.flags().json()) {
      TENSORCTL_ASSIGN_OR_RETURN(const std::string text, JsonText(context, model));
      TENSORCTL_RETURN_IF_ERROR(Deliver(text, context));
      return kExitDone;
    }
    const std::string& format = context.flags().format();
    const bool is_file = out_.given();
    const Style style(!is_file && context.flags().color(STDOUT_FILENO));
    TENSORCTL_RETURN_IF_ERROR(Deliver(format == "markdown" ? ModelMarkdown(model)
                                      : format == "html"   ? ModelHtml(model)
                                      : format == "csv"    ? ModelCsv(model)
                                                           : ModelText(model, TableWidth(), style),
                                      context));
    return kExitDone;
  }

  std::vector<std::string> more_formats() const override { return {"markdown", "csv", "html"}; }

 private:
  absl::StatusOr<std::string> Read(TensorSource& source) const {
    absl::StatusOr<std::string> bytes = file_ == "-" ? ReadWholeStream(source.standard_input()) : ReadWholeFile(file_);
    if (bytes.ok()) return bytes;
    return absl::InvalidArgumentError(
        absl::StrCat("cannot read ", Escape(file_), ": ", bytes.status().message(), "\nexpected: an ONNX file"));
  }

  absl::Status AddSize(const std::string& text) {
    const size_t sign = text.find('=');
    int64_t size = 0;
    bool is_number = false;
    if (sign != std::string::npos && sign > 0) {
      const char* const begin = text.data() + sign + 1;
      const char* const end = text.data() + text.size();
      const auto [stop, error] = std::from_chars(begin, end, size);
      is_number = error == std::errc() && stop == end;
    }
    if (!is_number || size < 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("--set: was '", Escape(text), "'\nexpected: a symbol and a size of at least 1, e.g. N=8"));
    }
    (*request_.mutable_symbols())[text.substr(0, sign)] = size;
    return absl::OkStatus();
  }

  static absl::StatusOr<std::string> JsonText(Context& context, const v1::AnalyzeModelResponse& model) {
    std::ostringstream text;
    Context json(context, text);
    TENSORCTL_RETURN_IF_ERROR(json.printer().Print(ModelReport(model)));
    return text.str();
  }

  absl::Status Deliver(const std::string& text, Context& context) const {
    if (out_.given()) return WriteWholeFile(out_.value(), text);
    context.out() << text;
    return absl::OkStatus();
  }

  std::string file_;
  std::vector<std::string> data_inputs_;
  std::vector<std::string> sizes_;
  Flag out_;
  v1::AnalyzeModelRequest request_;
};

}  // namespace

std::unique_ptr<Command> MakeAnalyzeModel() { return std::make_unique<AnalyzeModel>(); }

}  // namespace tensord::cli
