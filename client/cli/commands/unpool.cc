// unpool and unpool-backward.
#include <utility>

#include "absl/strings/str_join.h"
#include "client/cli/commands/commands.h"
#include "client/cli/commands/conventions_report.h"
#include "client/cli/errors.h"
#include "client/cli/flags/geometry.h"
#include "client/cli/flags/parse.h"
#include "client/cli/flags/tensor_flags.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {
namespace {

// What both commands take besides their tensor of numbers.
class UnpoolingOperands {
 public:
  void Declare(CLI::App& app) {
    indices_.Declare(app, "--indices", "T", "Where the maxima were, as pool gives them. Required");
    range_.Declare(app, "--index-range", absl::StrJoin(IndexRangeNames(), "|"),
                   "Within what each index has to lie. Default: plane");
    window_.Declare(app);
    pooling_.DeclareForMax(app);
    type_.Declare(app);
  }

  template <typename Request>
  [[nodiscard]] absl::Status Fill(TensorSource& source, Request& request) const {
    // Whatever --type says: indices are integers.
    TENSORCTL_ASSIGN_OR_RETURN(*request.mutable_indices(),
                               source.Load(indices_.name(), indices_.value(), v1::DATA_TYPE_INT64));
    if (range_.given()) {
      TENSORCTL_ASSIGN_OR_RETURN(const auto range, ParseIndexRange(range_.name(), range_.value()));
      request.set_index_range(range);
    }
    v1::ConventionProfile profile = v1::CONVENTION_PROFILE_UNSPECIFIED;
    TENSORCTL_RETURN_IF_ERROR(window_.FillProfile(profile));
    request.set_profile(profile);
    TENSORCTL_RETURN_IF_ERROR(window_.Fill(*request.mutable_conventions()));
    TENSORCTL_RETURN_IF_ERROR(window_.FillStrides(*request.mutable_conventions()));
    return pooling_.Fill(v1::POOLING_KIND_MAX, window_.stride.given(), *request.mutable_conventions());
  }

  [[nodiscard]] const Flag& indices() const { return indices_; }
  [[nodiscard]] const TypeFlag& type() const { return type_; }

 private:
  Flag indices_, range_;
  TypeFlag type_;
  WindowFlags window_;
  PoolingFlags pooling_;
};

class Unpool : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = app.add_subcommand("unpool", "Put values back where a max pooling found them");
    input_.Declare(*command, "--input", "T", "The values. Required");
    operands_.Declare(*command);
    output_shape_.Declare(*command, "--output-shape", "SIZES",
                          "The shape that was pooled. Default: what follows from the windows, where it does");
    out_.Declare(*command, "--out", "the result");
    command->footer(R"(The flags of the windows are those of the pooling that gave the indices.

Examples:
  tensorctl unpool --input '[2,3,10,1]' --indices '[1,2,5,6]' --window 2
  tensorctl unpool --input '[7]' --indices '[2]' --global --output-shape 5)");
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    TENSORCTL_RETURN_IF_ERROR(RequireFlags({&input_, &operands_.indices()}));
    TENSORCTL_RETURN_IF_ERROR(out_.Check());
    TENSORCTL_RETURN_IF_ERROR(operands_.type().Load(input_, source, request_.mutable_input()));
    if (output_shape_.given()) {
      TENSORCTL_ASSIGN_OR_RETURN(const auto sizes, ParseIntegers(output_shape_.name(), output_shape_.value()));
      request_.mutable_output_shape()->Assign(sizes.begin(), sizes.end());
    }
    return operands_.Fill(source, request_);
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto response,
                               caller->Call(&client::ClientInterface::UnpoolAsync, std::move(request_)));
    Report report;
    TENSORCTL_RETURN_IF_ERROR(out_.Deliver("output", response.output(), report));
    AddConventions(response.profile(), &response.conventions(), nullptr, report);
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(report));
    return kExitDone;
  }

 private:
  Flag input_, output_shape_;
  UnpoolingOperands operands_;
  OutputFlag out_;
  v1::UnpoolRequest request_;
};

class UnpoolBackward : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = app.add_subcommand("unpool-backward", "Gradient of an unpooling, given the output's");
    output_gradient_.Declare(*command, "--output-gradient", "T", "dJ/dX, of the unpooled shape. Required");
    operands_.Declare(*command);
    out_.Declare(*command, "--out-input-gradient", "dJ/dY");
    command->footer(R"(Examples:
  tensorctl unpool-backward --output-gradient '[1,2,3,4]' --indices '[1,2]' --window 2)");
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    TENSORCTL_RETURN_IF_ERROR(RequireFlags({&output_gradient_, &operands_.indices()}));
    TENSORCTL_RETURN_IF_ERROR(out_.Check());
    TENSORCTL_RETURN_IF_ERROR(operands_.type().Load(output_gradient_, source, request_.mutable_output_gradient()));
    return operands_.Fill(source, request_);
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto response,
                               caller->Call(&client::ClientInterface::UnpoolBackwardAsync, std::move(request_)));
    Report report;
    TENSORCTL_RETURN_IF_ERROR(out_.Deliver("input_gradient", response.input_gradient(), report));
    AddConventions(response.profile(), &response.conventions(), nullptr, report);
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(report));
    return kExitDone;
  }

 private:
  Flag output_gradient_;
  UnpoolingOperands operands_;
  OutputFlag out_;
  v1::UnpoolBackwardRequest request_;
};

}  // namespace

std::unique_ptr<Command> MakeUnpool() { return std::make_unique<Unpool>(); }

std::unique_ptr<Command> MakeUnpoolBackward() { return std::make_unique<UnpoolBackward>(); }

}  // namespace tensord::cli
