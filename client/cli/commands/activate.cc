#include <utility>

#include "absl/strings/str_join.h"
#include "client/cli/commands/commands.h"
#include "client/cli/commands/conventions_report.h"
#include "client/cli/errors.h"
#include "client/cli/flags/parse.h"
#include "client/cli/flags/tensor_flags.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {
namespace {

// The flags of activate and activate-backward.
class ActivationOperands {
 public:
  void Declare(CLI::App& app) {
    kind_.Declare(app, "--kind", absl::StrCat(absl::StrJoin(AllActivationNames(), "|"), "[:PARAMETER=VALUE,...]"),
                  "The function. Required");
    input_.Declare(app, "--input", "T", "Where it is taken. Required");
    layout_.Declare(app, "--layout", "L", "The letters of the input's axes, e.g. NCHW");
    slope_.Declare(app, "--slope", "T", "The slopes of prelu");
    slope_layout_.Declare(app, "--slope-layout", "L",
                          "The letters of the slopes' axes, by which they then lie along the input's");
    profile_.Declare(app, "--profile", absl::StrJoin(ProfileNames(), "|"),
                     "Take this one's parameters where none is given");
    type_.Declare(app);
  }

  template <typename Request>
  absl::Status Fill(TensorSource& source, Request& request) const {
    TENSORCTL_ASSIGN_OR_RETURN(*request.mutable_activation(), ParseActivation(kind_.name(), kind_.value()));
    if (profile_.given()) {
      TENSORCTL_ASSIGN_OR_RETURN(const auto profile, ParseProfile(profile_.name(), profile_.value()));
      request.set_profile(profile);
    }
    TENSORCTL_RETURN_IF_ERROR(type_.Load(input_, source, request.mutable_input()));
    if (layout_.given()) request.mutable_input()->set_axes(layout_.value());
    if (slope_.given()) TENSORCTL_RETURN_IF_ERROR(type_.Load(slope_, source, request.mutable_slope()));
    if (slope_layout_.given()) request.mutable_slope()->set_axes(slope_layout_.value());
    return absl::OkStatus();
  }

  [[nodiscard]] const Flag& kind() const { return kind_; }
  [[nodiscard]] const Flag& input() const { return input_; }
  [[nodiscard]] const TypeFlag& type() const { return type_; }

 private:
  Flag kind_, input_, layout_, slope_, slope_layout_, profile_;
  TypeFlag type_;
};

constexpr char kParameters[] =
    "Parameters: slope (leaky-relu, hard-sigmoid), offset (hard-sigmoid), alpha (elu, celu, thresholded-relu), beta\n"
    "(softplus), minimum and maximum (hard-tanh), form=exact|tanh (gelu), axis=LETTER|INDEX (softmax, log-softmax),\n"
    "match=trailing|channel|axes (prelu: how --slope lies over the input), kink=left|right|mean|saturated (the\n"
    "derivative where it jumps).\n\n";

class Activate : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = app.add_subcommand("activate", "Apply an activation to every element, or along an axis");
    operands_.Declare(*command);
    out_.Declare(*command, "--out", "the result");
    command->footer(std::string(kParameters) + R"(Examples:
  tensorctl activate --kind sigmoid --input '[-1,0,1]'
  tensorctl activate --kind leaky-relu:slope=0.2 --input x.npy --out y.npy
  tensorctl activate --kind softmax:axis=C --layout NCHW --input scores.npy
  tensorctl activate --kind prelu:match=channel --slope '[0.1,0.2,0.3]' --input image.npy)");
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    TENSORCTL_RETURN_IF_ERROR(RequireFlags({&operands_.kind(), &operands_.input()}));
    TENSORCTL_RETURN_IF_ERROR(out_.Check());
    return operands_.Fill(source, request_);
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto response,
                               caller->Call(&client::ClientInterface::ActivateAsync, std::move(request_)));
    Report report;
    TENSORCTL_RETURN_IF_ERROR(out_.Deliver("output", response.output(), report));
    AddConventions(response.profile(), nullptr, &response.activation(), report);
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(report));
    return kExitDone;
  }

  const char* activation_flag() const override { return "--kind"; }

 private:
  ActivationOperands operands_;
  OutputFlag out_;
  v1::ActivateRequest request_;
};

class ActivateBackward : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = app.add_subcommand("activate-backward", "Gradient of an activation, given the output's");
    operands_.Declare(*command);
    output_gradient_.Declare(*command, "--output-gradient", "T", "dJ/df(x), of the input's shape. Required");
    out_.Declare(*command, "--out-input-gradient", "dJ/dx");
    out_slope_.Declare(*command, "--out-slope-gradient", "dJ/d slope of prelu");
    command->footer(std::string(kParameters) + R"(Examples:
  tensorctl activate-backward --kind relu --input '[-1,0,1]' --output-gradient '[1,1,1]'
  tensorctl activate-backward --kind prelu --slope 0.25 --input '[-1,0,1]' --output-gradient '[1,1,1]')");
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    TENSORCTL_RETURN_IF_ERROR(RequireFlags({&operands_.kind(), &operands_.input(), &output_gradient_}));
    TENSORCTL_RETURN_IF_ERROR(out_.Check());
    TENSORCTL_RETURN_IF_ERROR(out_slope_.Check());
    TENSORCTL_RETURN_IF_ERROR(operands_.Fill(source, request_));
    request_.set_return_slope_gradient(out_slope_.given() || request_.activation().kind() == v1::ACTIVATION_KIND_PRELU);
    return operands_.type().Load(output_gradient_, source, request_.mutable_output_gradient());
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto response,
                               caller->Call(&client::ClientInterface::ActivateBackwardAsync, std::move(request_)));
    Report report;
    TENSORCTL_RETURN_IF_ERROR(out_.Deliver("input_gradient", response.input_gradient(), report));
    if (response.has_slope_gradient()) {
      TENSORCTL_RETURN_IF_ERROR(out_slope_.Deliver("slope_gradient", response.slope_gradient(), report));
    }
    AddConventions(response.profile(), nullptr, &response.activation(), report);
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(report));
    return kExitDone;
  }

  const char* activation_flag() const override { return "--kind"; }

 private:
  ActivationOperands operands_;
  Flag output_gradient_;
  OutputFlag out_, out_slope_;
  v1::ActivateBackwardRequest request_;
};

}  // namespace

std::unique_ptr<Command> MakeActivate() { return std::make_unique<Activate>(); }
std::unique_ptr<Command> MakeActivateBackward() { return std::make_unique<ActivateBackward>(); }

}  // namespace tensord::cli
