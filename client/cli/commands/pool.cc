#include <utility>

#include "client/cli/commands/commands.h"
#include "client/cli/commands/conventions_report.h"
#include "client/cli/commands/pooling_common.h"
#include "client/cli/errors.h"
#include "client/cli/flags/chunks.h"

namespace tensord::cli {
namespace {

class Pool : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = app.add_subcommand("pool", "Max, average or Lp pooling, or sub-sampling");
    operands_.Declare(*command);
    operands_.numbers().DeclareOutputType(*command);
    command->add_flag("--indices", indices_, "Return where each maximum was, too (max only)");
    out_.Declare(*command, "--out", "the result");
    out_indices_.Declare(*command, "--out-indices", "the indices, which it asks for,");
    chunks_.Declare(*command);
    command->footer(R"(The stride is the window where it is not given (2 for sub-sampling).

Examples:
  tensorctl pool --kind subsample --input '[1,2,3,2,0,10,1,0]' --stride 2
  tensorctl pool --kind max --window 2 --stride 2 --rounding start-inside --input '[1,2,3,2,0,10,1,0]'
  tensorctl pool --kind lp --p 3 --window 2 --input '[1,2,3,2,0,10,1,0]'
  tensorctl pool --kind average --output-size 3 --input '[1,2,3,2,0,10,1]'
  tensorctl pool --kind average --window 2 --input '[1,2,3,4]' --type int8 --output-type float32
  tensorctl pool --kind average --window 3 --padding 1 --divisor excluded --input x.npy --out y.npy)");
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    TENSORCTL_RETURN_IF_ERROR(RequireFlags({&operands_.kind(), &operands_.input()}));
    TENSORCTL_RETURN_IF_ERROR(out_.Check());
    TENSORCTL_RETURN_IF_ERROR(out_indices_.Check());
    request_.set_return_indices(indices_ || out_indices_.given());
    return operands_.Fill(source, request_);
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto response, chunks_.Call(*caller, &client::ClientInterface::PoolAsync,
                                                                 &client::PoolInChunks, std::move(request_)));
    Report report;
    TENSORCTL_RETURN_IF_ERROR(out_.Deliver("output", response.output(), report));
    if (response.has_indices()) {
      TENSORCTL_RETURN_IF_ERROR(out_indices_.Deliver("indices", response.indices(), report));
    }
    AddProof("output", response.has_error_bounds() ? &response.error_bounds() : nullptr, response.output_sha256(),
             report);
    AddConventions(response, report);
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(report));
    return kExitDone;
  }

 private:
  PoolingOperands operands_;
  bool indices_ = false;
  ChunkFlag chunks_;
  OutputFlag out_, out_indices_;
  v1::PoolRequest request_;
};

}  // namespace

std::unique_ptr<Command> MakePool() { return std::make_unique<Pool>(); }

}  // namespace tensord::cli
