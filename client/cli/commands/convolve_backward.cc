#include "client/cli/commands/commands.h"
#include "client/cli/commands/conventions_report.h"
#include "client/cli/commands/convolution_common.h"
#include "client/cli/errors.h"

namespace tensord::cli {
namespace {

class ConvolveBackward : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = app.add_subcommand("convolve-backward", "Gradients of a convolution, given the output's");
    operands_.Declare(*command);
    output_gradient_.Declare(*command, "--output-gradient", "T", "dJ/dU, of the output's shape. Required");
    out_input_.Declare(*command, "--out-input-gradient", "dJ/dX");
    out_filter_.Declare(*command, "--out-filter-gradient", "dJ/dW");
    out_bias_.Declare(*command, "--out-bias-gradient", "dJ/db");
    out_pre_activation_.Declare(*command, "--out-pre-activation-gradient", "dJ/dZ (with --activation)");
    command->footer(R"(With --activation f, U = f(Z) and --output-gradient is dJ/dU; without it U = Z.

Examples:
  tensorctl convolve-backward --input '[[1,2],[3,4]]' --filter '[[1,-1]]' --output-gradient '[[1],[1]]'
  tensorctl convolve-backward --input x.npy --filter w.npy --bias b.npy --activation sigmoid \
      --output-gradient du.npy --out-filter-gradient dw.npy)");
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    TENSORCTL_RETURN_IF_ERROR(RequireFlags({&operands_.input(), &operands_.filter(), &output_gradient_}));
    for (const OutputFlag* out : {&out_input_, &out_filter_, &out_bias_, &out_pre_activation_}) {
      TENSORCTL_RETURN_IF_ERROR(out->Check());
    }
    TENSORCTL_RETURN_IF_ERROR(operands_.Fill(source, request_));
    if (out_pre_activation_.given() && !request_.has_activation()) {
      return absl::InvalidArgumentError(
          "--out-pre-activation-gradient: there is no activation\nexpected: --activation NAME beside it");
    }
    request_.add_gradients(v1::CONVOLUTION_GRADIENT_INPUT);
    request_.add_gradients(v1::CONVOLUTION_GRADIENT_FILTER);
    request_.add_gradients(v1::CONVOLUTION_GRADIENT_BIAS);
    if (request_.has_activation()) request_.add_gradients(v1::CONVOLUTION_GRADIENT_PRE_ACTIVATION);
    return operands_.type().Load(output_gradient_, source, request_.mutable_output_gradient());
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto response,
                               caller->Call(&client::ClientInterface::ConvolveBackwardAsync, request_));
    Report report;
    TENSORCTL_RETURN_IF_ERROR(out_input_.Deliver("input_gradient", response.input_gradient(), report));
    TENSORCTL_RETURN_IF_ERROR(out_filter_.Deliver("filter_gradient", response.filter_gradient(), report));
    TENSORCTL_RETURN_IF_ERROR(out_bias_.Deliver("bias_gradient", response.bias_gradient(), report));
    if (response.has_pre_activation_gradient()) {
      TENSORCTL_RETURN_IF_ERROR(
          out_pre_activation_.Deliver("pre_activation_gradient", response.pre_activation_gradient(), report));
    }
    AddConventions(response.profile(), &response.conventions(),
                   response.has_activation() ? &response.activation() : nullptr, report);
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(report));
    return kExitDone;
  }

 private:
  ConvolutionOperands operands_;
  Flag output_gradient_;
  OutputFlag out_input_, out_filter_, out_bias_, out_pre_activation_;
  v1::ConvolveBackwardRequest request_;
};

}  // namespace

std::unique_ptr<Command> MakeConvolveBackward() { return std::make_unique<ConvolveBackward>(); }

}  // namespace tensord::cli
