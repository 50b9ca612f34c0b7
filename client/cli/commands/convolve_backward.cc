#include "client/cli/commands/commands.h"
#include "client/cli/commands/convolution_common.h"
#include "client/cli/errors.h"

namespace tensord::cli {
namespace {

class ConvolveBackward : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = app.add_subcommand("convolve-backward", "Gradients of a convolution, given the output's");
    operands_.Declare(*command);
    gradients_.Declare(*command);
    command->footer(R"(With --activation f, U = f(Z) and --output-gradient is dJ/dU; without it U = Z.

Examples:
  tensorctl convolve-backward --input '[[1,2],[3,4]]' --filter '[[1,-1]]' --output-gradient '[[1],[1]]'
  tensorctl convolve-backward --input x.npy --filter w.npy --bias b.npy --activation sigmoid \
      --output-gradient du.npy --out-filter-gradient dw.npy)");
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    TENSORCTL_RETURN_IF_ERROR(RequireFlags({&operands_.input(), &operands_.filter(), &gradients_.output_gradient()}));
    TENSORCTL_RETURN_IF_ERROR(gradients_.CheckOutputs());
    TENSORCTL_RETURN_IF_ERROR(operands_.Fill(source, request_));
    return gradients_.Fill(operands_.type(), source, request_);
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto response,
                               caller->Call(&client::ClientInterface::ConvolveBackwardAsync, request_));
    Report report;
    TENSORCTL_RETURN_IF_ERROR(gradients_.Deliver(response, report));
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(report));
    return kExitDone;
  }

 private:
  ConvolutionOperands operands_;
  ConvolutionGradientFlags gradients_;
  v1::ConvolveBackwardRequest request_;
};

}  // namespace

std::unique_ptr<Command> MakeConvolveBackward() { return std::make_unique<ConvolveBackward>(); }

}  // namespace tensord::cli
