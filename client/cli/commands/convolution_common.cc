#include "client/cli/commands/convolution_common.h"

#include "absl/strings/str_join.h"

namespace tensord::cli {

void ConvolutionOperands::DeclareTensors(CLI::App& app) {
  input_.Declare(app, "--input", "T", "The input. Required");
  filter_.Declare(app, "--filter", "T", "The filter. Required");
  bias_.Declare(app, "--bias", "T", "One number per output channel; beside int8 and uint8 it becomes int32 or int64");
}

void ConvolutionOperands::Declare(CLI::App& app) {
  DeclareTensors(app);
  window_.Declare(app, WindowFlags::kConvolutionPaddings);
  convolution_.Declare(app);
  DeclareActivation(app);
}

void ConvolutionOperands::DeclareTransposed(CLI::App& app) {
  DeclareTensors(app);
  window_.Declare(app, WindowFlags::kTransposedPaddings);
  convolution_.DeclareTransposed(app);
  transposed_.Declare(app);
  DeclareActivation(app);
}

void ConvolutionOperands::DeclareActivation(CLI::App& app) {
  activation_.Declare(app, "--activation",
                      absl::StrCat(absl::StrJoin(ActivationNames(), "|"), "[:PARAMETER=VALUE,...]"),
                      "Apply this function to the result, e.g. relu or leaky-relu:slope=0.2");
  type_.Declare(app);
  numbers_.Declare(app);
}

void ConvolutionGradientFlags::Declare(CLI::App& app) {
  output_gradient_.Declare(app, "--output-gradient", "T", "dJ/dU, of the output's shape. Required");
  out_input_.Declare(app, "--out-input-gradient", "dJ/dX");
  out_filter_.Declare(app, "--out-filter-gradient", "dJ/dW");
  out_bias_.Declare(app, "--out-bias-gradient", "dJ/db");
  out_pre_activation_.Declare(app, "--out-pre-activation-gradient", "dJ/dZ (with --activation)");
}

absl::Status ConvolutionGradientFlags::CheckOutputs() const {
  for (const OutputFlag* out : {&out_input_, &out_filter_, &out_bias_, &out_pre_activation_}) {
    TENSORCTL_RETURN_IF_ERROR(out->Check());
  }
  return absl::OkStatus();
}

}  // namespace tensord::cli
