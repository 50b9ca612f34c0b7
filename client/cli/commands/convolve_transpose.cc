#include "client/cli/commands/commands.h"
#include "client/cli/commands/conventions_report.h"
#include "client/cli/commands/convolution_common.h"
#include "client/cli/errors.h"

namespace tensord::cli {
namespace {

class ConvolveTranspose : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = app.add_subcommand("convolve-transpose", "Convolve transposed: add up a filter per input cell");
    operands_.DeclareTransposed(*command);
    out_.Declare(*command, "--out", "the result");
    command->footer(
        R"(The adjoint of convolve by its input. Each input cell adds the filter, times the cell, to the output.

Examples:
  tensorctl convolve-transpose --input '[[1,2],[3,4]]' --filter '[[1,10],[100,1000]]' --stride 2
  tensorctl convolve-transpose --input x.npy --filter w.npy --profile pytorch --stride 2 --padding 1 --output-padding 1
  tensorctl convolve-transpose --input x.npy --filter w.npy --profile onnx --stride 2 --output-shape 64,64 --out y.npy)");
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    TENSORCTL_RETURN_IF_ERROR(RequireFlags({&operands_.input(), &operands_.filter()}));
    TENSORCTL_RETURN_IF_ERROR(out_.Check());
    return operands_.Fill(source, request_);
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto response,
                               caller->Call(&client::ClientInterface::ConvolveTransposeAsync, request_));
    Report report;
    TENSORCTL_RETURN_IF_ERROR(out_.Deliver("output", response.output(), report));
    AddConventions(response.profile(), &response.conventions(),
                   response.has_activation() ? &response.activation() : nullptr, report);
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(report));
    return kExitDone;
  }

 private:
  ConvolutionOperands operands_;
  OutputFlag out_;
  v1::ConvolveTransposeRequest request_;
};

}  // namespace

std::unique_ptr<Command> MakeConvolveTranspose() { return std::make_unique<ConvolveTranspose>(); }

}  // namespace tensord::cli
