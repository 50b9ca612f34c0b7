// What convolve and convolve-backward have in common.
#ifndef TENSORD_CLI_COMMANDS_CONVOLUTION_COMMON_H_
#define TENSORD_CLI_COMMANDS_CONVOLUTION_COMMON_H_

#include <CLI/CLI.hpp>

#include "absl/status/status.h"
#include "client/cli/flags/flag.h"
#include "client/cli/flags/geometry.h"
#include "client/cli/flags/parse.h"
#include "client/cli/flags/tensor_flags.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {

class ConvolutionOperands {
 public:
  void Declare(CLI::App& app);

  // Fills what ConvolveRequest and ConvolveBackwardRequest both have.
  template <typename Request>
  [[nodiscard]] absl::Status Fill(TensorSource& source, Request& request) const {
    TENSORCTL_RETURN_IF_ERROR(type_.Load(input_, source, request.mutable_input()));
    TENSORCTL_RETURN_IF_ERROR(type_.Load(filter_, source, request.mutable_filter()));
    if (bias_.given()) TENSORCTL_RETURN_IF_ERROR(type_.Load(bias_, source, request.mutable_bias()));
    v1::ConventionProfile profile = v1::CONVENTION_PROFILE_UNSPECIFIED;
    TENSORCTL_RETURN_IF_ERROR(window_.FillProfile(profile));
    request.set_profile(profile);
    TENSORCTL_RETURN_IF_ERROR(window_.Fill(*request.mutable_conventions()));
    TENSORCTL_RETURN_IF_ERROR(window_.FillStrides(*request.mutable_conventions()));
    TENSORCTL_RETURN_IF_ERROR(convolution_.Fill(*request.mutable_conventions()));
    if (!activation_.given()) return absl::OkStatus();
    TENSORCTL_ASSIGN_OR_RETURN(*request.mutable_activation(), ParseActivation(activation_.name(), activation_.value()));
    return absl::OkStatus();
  }

  [[nodiscard]] const Flag& input() const { return input_; }
  [[nodiscard]] const Flag& filter() const { return filter_; }
  [[nodiscard]] const TypeFlag& type() const { return type_; }

 private:
  Flag input_, filter_, bias_, activation_;
  TypeFlag type_;
  WindowFlags window_;
  ConvolutionFlags convolution_;
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_COMMANDS_CONVOLUTION_COMMON_H_
