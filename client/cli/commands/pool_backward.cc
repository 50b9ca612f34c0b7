#include <utility>

#include "client/cli/commands/commands.h"
#include "client/cli/commands/conventions_report.h"
#include "client/cli/commands/pooling_common.h"
#include "client/cli/errors.h"

namespace tensord::cli {
namespace {

class PoolBackward : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = app.add_subcommand("pool-backward", "Gradient of a pooling, given the output's");
    operands_.Declare(*command);
    output_gradient_.Declare(*command, "--output-gradient", "T", "dJ/dY, of the output's shape. Required");
    out_.Declare(*command, "--out-input-gradient", "dJ/dX");
    command->footer(R"(Examples:
  tensorctl pool-backward --kind max --window 2 --input '[1,2,3,2]' --output-gradient '[10,20]'
  tensorctl pool-backward --kind max --global --ties split --input '[3,1,3,2]' --output-gradient '[10]')");
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    TENSORCTL_RETURN_IF_ERROR(RequireFlags({&operands_.kind(), &operands_.input(), &output_gradient_}));
    TENSORCTL_RETURN_IF_ERROR(out_.Check());
    TENSORCTL_RETURN_IF_ERROR(operands_.Fill(source, request_));
    return operands_.type().Load(output_gradient_, source, request_.mutable_output_gradient());
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto response,
                               caller->Call(&client::ClientInterface::PoolBackwardAsync, std::move(request_)));
    Report report;
    TENSORCTL_RETURN_IF_ERROR(out_.Deliver("input_gradient", response.input_gradient(), report));
    AddProof("input_gradient",
             response.has_input_gradient_error_bounds() ? &response.input_gradient_error_bounds() : nullptr,
             response.input_gradient_sha256(), report);
    AddConventions(response, report);
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(report));
    return kExitDone;
  }

 private:
  PoolingOperands operands_;
  Flag output_gradient_;
  OutputFlag out_;
  v1::PoolBackwardRequest request_;
};

}  // namespace

std::unique_ptr<Command> MakePoolBackward() { return std::make_unique<PoolBackward>(); }

}  // namespace tensord::cli
