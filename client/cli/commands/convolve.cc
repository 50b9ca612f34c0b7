#include "client/cli/commands/commands.h"
#include "client/cli/commands/conventions_report.h"
#include "client/cli/commands/convolution_common.h"
#include "client/cli/errors.h"

namespace tensord::cli {
namespace {

class Convolve : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = app.add_subcommand("convolve", "Convolve an input with a filter");
    operands_.Declare(*command);
    out_.Declare(*command, "--out", "the result");
    command->footer(R"(Convolution is cross-correlation, unless --flip-filter says otherwise.

Examples:
  tensorctl convolve --input '[[0,3,3],[0,3,2],[0,0,0]]' --filter '[[1,-1],[1,-1]]'
  tensorctl convolve --input x.npy --filter model.npz:conv1 --bias '[0.5,1]' --padding same-upper --activation relu
  tensorctl convolve --input x.npy --filter w.npy --profile pytorch --stride 2 --out y.npy
  tensorctl convolve --input '[1,2,3]' --filter '[1,1]' --padding causal --padding-reads replicate)");
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    TENSORCTL_RETURN_IF_ERROR(RequireFlags({&operands_.input(), &operands_.filter()}));
    TENSORCTL_RETURN_IF_ERROR(out_.Check());
    return operands_.Fill(source, request_);
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto response, caller->Call(&client::ClientInterface::ConvolveAsync, request_));
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
  v1::ConvolveRequest request_;
};

}  // namespace

std::unique_ptr<Command> MakeConvolve() { return std::make_unique<Convolve>(); }

}  // namespace tensord::cli
