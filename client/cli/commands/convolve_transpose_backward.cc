#include "client/cli/commands/commands.h"
#include "client/cli/commands/convolution_common.h"

namespace tensord::cli {
namespace {

constexpr CommandWords kWords = {
    .name = "convolve-transpose-backward",
    .description = "Gradients of a transposed convolution",
    .footer = R"(With --activation f, U = f(Z) and --output-gradient is dJ/dU; without it U = Z.

Examples:
  tensorctl convolve-transpose-backward --input '[1,2]' --filter '[1,10]' --stride 2 --output-gradient '[1,2,3,4]'
  tensorctl convolve-transpose-backward --input x.npy --filter w.npy --profile onnx --stride 2 \
      --output-gradient du.npy --out-filter-gradient dw.npy)",
};

}  // namespace

std::unique_ptr<Command> MakeConvolveTransposeBackward() {
  using Implementation = ConvolutionBackwardCommand<v1::ConvolveTransposeBackwardRequest,
                                                    &client::ClientInterface::ConvolveTransposeBackwardAsync>;
  return std::make_unique<Implementation>(kWords, &ConvolutionOperands::DeclareTransposed);
}

}  // namespace tensord::cli
