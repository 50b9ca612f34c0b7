// What convolve, convolve-transpose and their backward forms have in common.
#ifndef TENSORD_CLI_COMMANDS_CONVOLUTION_COMMON_H_
#define TENSORD_CLI_COMMANDS_CONVOLUTION_COMMON_H_

#include <CLI/CLI.hpp>
#include <utility>

#include "absl/status/status.h"
#include "client/cli/command.h"
#include "client/cli/commands/conventions_report.h"
#include "client/cli/errors.h"
#include "client/cli/flags/chunks.h"
#include "client/cli/flags/flag.h"
#include "client/cli/flags/geometry.h"
#include "client/cli/flags/numbers.h"
#include "client/cli/flags/parse.h"
#include "client/cli/flags/tensor_flags.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {

class ConvolutionOperands {
 public:
  void Declare(CLI::App& app);
  void DeclareTransposed(CLI::App& app);

  // Fills what an operator's forward and backward requests both have.
  template <typename Request>
  [[nodiscard]] absl::Status Fill(TensorSource& source, Request& request) const {
    TENSORCTL_RETURN_IF_ERROR(type_.Load(input_, source, request.mutable_input()));
    TENSORCTL_RETURN_IF_ERROR(type_.Load(filter_, source, request.mutable_filter()));
    TENSORCTL_RETURN_IF_ERROR(numbers_.Fill(request));
    if (bias_.given()) {
      TENSORCTL_RETURN_IF_ERROR(type_.Load(bias_, source, request.mutable_bias(), NumbersFlags::BiasType(request)));
    }
    v1::ConventionProfile profile = v1::CONVENTION_PROFILE_UNSPECIFIED;
    TENSORCTL_RETURN_IF_ERROR(window_.FillProfile(profile));
    request.set_profile(profile);
    TENSORCTL_RETURN_IF_ERROR(window_.Fill(*request.mutable_conventions()));
    TENSORCTL_RETURN_IF_ERROR(window_.FillStrides(*request.mutable_conventions()));
    TENSORCTL_RETURN_IF_ERROR(convolution_.Fill(*request.mutable_conventions()));
    TENSORCTL_RETURN_IF_ERROR(FillTransposed(*request.mutable_conventions()));
    if (!activation_.given()) return absl::OkStatus();
    TENSORCTL_ASSIGN_OR_RETURN(*request.mutable_activation(), ParseActivation(activation_.name(), activation_.value()));
    return absl::OkStatus();
  }

  [[nodiscard]] const Flag& input() const { return input_; }
  [[nodiscard]] const Flag& filter() const { return filter_; }
  [[nodiscard]] const TypeFlag& type() const { return type_; }
  // Those of a forward command are more.
  [[nodiscard]] NumbersFlags& numbers() { return numbers_; }

 private:
  void DeclareTensors(CLI::App& app);
  void DeclareActivation(CLI::App& app);
  [[nodiscard]] absl::Status FillTransposed(v1::ConvolutionConventions& /*conventions*/) const {
    return absl::OkStatus();
  }
  [[nodiscard]] absl::Status FillTransposed(v1::TransposedConvolutionConventions& conventions) const {
    return transposed_.Fill(conventions);
  }

  Flag input_, filter_, bias_, activation_;
  TypeFlag type_;
  NumbersFlags numbers_;
  WindowFlags window_;
  ConvolutionFlags convolution_;
  TransposedFlags transposed_;
};

// --output-gradient, and where the gradients go.
class ConvolutionGradientFlags {
 public:
  void Declare(CLI::App& app);

  // Asks for every gradient, after the operands were filled.
  template <typename Request>
  [[nodiscard]] absl::Status Fill(const TypeFlag& type, TensorSource& source, Request& request) const {
    if (out_pre_activation_.given() && !request.has_activation()) {
      return absl::InvalidArgumentError(
          "--out-pre-activation-gradient: there is no activation\nexpected: --activation NAME beside it");
    }
    request.add_gradients(v1::CONVOLUTION_GRADIENT_INPUT);
    request.add_gradients(v1::CONVOLUTION_GRADIENT_FILTER);
    request.add_gradients(v1::CONVOLUTION_GRADIENT_BIAS);
    if (request.has_activation()) request.add_gradients(v1::CONVOLUTION_GRADIENT_PRE_ACTIVATION);
    return type.Load(output_gradient_, source, request.mutable_output_gradient());
  }

  template <typename Response>
  [[nodiscard]] absl::Status Deliver(const Response& response, Report& report) {
    TENSORCTL_RETURN_IF_ERROR(out_input_.Deliver("input_gradient", response.input_gradient(), report));
    TENSORCTL_RETURN_IF_ERROR(out_filter_.Deliver("filter_gradient", response.filter_gradient(), report));
    TENSORCTL_RETURN_IF_ERROR(out_bias_.Deliver("bias_gradient", response.bias_gradient(), report));
    if (response.has_pre_activation_gradient()) {
      TENSORCTL_RETURN_IF_ERROR(
          out_pre_activation_.Deliver("pre_activation_gradient", response.pre_activation_gradient(), report));
    }
    AddProof("input_gradient",
             response.has_input_gradient_error_bounds() ? &response.input_gradient_error_bounds() : nullptr,
             response.input_gradient_sha256(), report);
    AddProof("filter_gradient",
             response.has_filter_gradient_error_bounds() ? &response.filter_gradient_error_bounds() : nullptr,
             response.filter_gradient_sha256(), report);
    AddProof("bias_gradient",
             response.has_bias_gradient_error_bounds() ? &response.bias_gradient_error_bounds() : nullptr,
             response.bias_gradient_sha256(), report);
    AddProof("pre_activation_gradient", nullptr, response.pre_activation_gradient_sha256(), report);
    AddConventions(response, report);
    return absl::OkStatus();
  }

  [[nodiscard]] const Flag& output_gradient() const { return output_gradient_; }
  [[nodiscard]] absl::Status CheckOutputs() const;

 private:
  Flag output_gradient_;
  OutputFlag out_input_, out_filter_, out_bias_, out_pre_activation_;
};

// A command's name, its line in the list of commands, and what stands below its flags.
struct CommandWords {
  const char* name;
  const char* description;
  const char* footer;
};

// convolve and convolve-transpose. `kCall` is the client's asynchronous rpc for Request, `kInChunks` its function for
// large batches, and `declare` declares the operands.
template <typename Request, auto kCall, auto kInChunks>
class ConvolutionCommand final : public Command {
 public:
  ConvolutionCommand(const CommandWords& words, void (ConvolutionOperands::*declare)(CLI::App&))
      : words_(words), declare_(declare) {}

  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = app.add_subcommand(words_.name, words_.description);
    (operands_.*declare_)(*command);
    operands_.numbers().DeclareQuantization(*command);
    out_.Declare(*command, "--out", "the result");
    chunks_.Declare(*command);
    command->footer(words_.footer);
    return command;
  }

  absl::Status Prepare(TensorSource& source) override {
    TENSORCTL_RETURN_IF_ERROR(RequireFlags({&operands_.input(), &operands_.filter()}));
    TENSORCTL_RETURN_IF_ERROR(out_.Check());
    return operands_.Fill(source, request_);
  }

  absl::StatusOr<int> Run(Context& context) override {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    TENSORCTL_ASSIGN_OR_RETURN(const auto response, chunks_.Call(*caller, kCall, kInChunks, std::move(request_)));
    Report report;
    TENSORCTL_RETURN_IF_ERROR(out_.Deliver("output", response.output(), report));
    AddProof("output", response.has_error_bounds() ? &response.error_bounds() : nullptr, response.output_sha256(),
             report);
    AddConventions(response, report);
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(report));
    return kExitDone;
  }

 private:
  const CommandWords words_;
  void (ConvolutionOperands::*const declare_)(CLI::App&);
  ConvolutionOperands operands_;
  ChunkFlag chunks_;
  OutputFlag out_;
  Request request_;
};

// Their backward forms, likewise.
template <typename Request, auto kCall>
class ConvolutionBackwardCommand final : public Command {
 public:
  ConvolutionBackwardCommand(const CommandWords& words, void (ConvolutionOperands::*declare)(CLI::App&))
      : words_(words), declare_(declare) {}

  CLI::App* Declare(CLI::App& app) override {
    CLI::App* command = app.add_subcommand(words_.name, words_.description);
    (operands_.*declare_)(*command);
    gradients_.Declare(*command);
    command->footer(words_.footer);
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
    TENSORCTL_ASSIGN_OR_RETURN(const auto response, caller->Call(kCall, std::move(request_)));
    Report report;
    TENSORCTL_RETURN_IF_ERROR(gradients_.Deliver(response, report));
    TENSORCTL_RETURN_IF_ERROR(context.printer().Print(report));
    return kExitDone;
  }

 private:
  const CommandWords words_;
  void (ConvolutionOperands::*const declare_)(CLI::App&);
  ConvolutionOperands operands_;
  ConvolutionGradientFlags gradients_;
  Request request_;
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_COMMANDS_CONVOLUTION_COMMON_H_
