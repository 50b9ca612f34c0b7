#include "client/cli/commands/convolution_common.h"

#include "absl/strings/str_join.h"

namespace tensord::cli {

void ConvolutionOperands::Declare(CLI::App& app) {
  input_.Declare(app, "--input", "T", "The input. Required");
  filter_.Declare(app, "--filter", "T", "The filter. Required");
  bias_.Declare(app, "--bias", "T", "One number per output channel");
  window_.Declare(app);
  convolution_.Declare(app);
  activation_.Declare(app, "--activation",
                      absl::StrCat(absl::StrJoin(ActivationNames(), "|"), "[:PARAMETER=VALUE,...]"),
                      "Apply this function to the result, e.g. relu or leaky-relu:slope=0.2");
  type_.Declare(app);
}

}  // namespace tensord::cli
