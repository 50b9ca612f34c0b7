#include "client/cli/commands/commands.h"
#include "client/cli/commands/convolution_common.h"

namespace tensord::cli {
namespace {

constexpr CommandWords kWords = {
    .name = "convolve-backward",
    .description = "Gradients of a convolution, given the output's",
    .footer = R"(With --activation f, U = f(Z) and --output-gradient is dJ/dU; without it U = Z.

Examples:
  tensorctl convolve-backward --input '[[1,2],[3,4]]' --filter '[[1,-1]]' --output-gradient '[[1],[1]]'
  tensorctl convolve-backward --input x.npy --filter w.npy --bias b.npy --activation sigmoid \
      --output-gradient du.npy --out-filter-gradient dw.npy)",
};

}  // namespace

std::unique_ptr<Command> MakeConvolveBackward() {
  using Implementation =
      ConvolutionBackwardCommand<v1::ConvolveBackwardRequest, &client::ClientInterface::ConvolveBackwardAsync>;
  return std::make_unique<Implementation>(kWords, &ConvolutionOperands::Declare);
}

}  // namespace tensord::cli
