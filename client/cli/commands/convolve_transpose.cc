#include "client/cli/commands/commands.h"
#include "client/cli/commands/convolution_common.h"

namespace tensord::cli {
namespace {

constexpr CommandWords kWords = {
    .name = "convolve-transpose",
    .description = "Convolve transposed: add up a filter per input cell",
    .footer = R"(The adjoint of convolve by its input. Each input cell adds the filter, times the cell, to the output.

Examples:
  tensorctl convolve-transpose --input '[[1,2],[3,4]]' --filter '[[1,10],[100,1000]]' --stride 2
  tensorctl convolve-transpose --input x.npy --filter w.npy --profile pytorch --stride 2 --padding 1 --output-padding 1
  tensorctl convolve-transpose --input x.npy --filter w.npy --profile onnx --stride 2 --output-shape 64,64 --out y.npy)",
};

}  // namespace

std::unique_ptr<Command> MakeConvolveTranspose() {
  using Implementation =
      ConvolutionCommand<v1::ConvolveTransposeRequest, &client::ClientInterface::ConvolveTransposeAsync,
                         &client::ConvolveTransposeInChunks>;
  return std::make_unique<Implementation>(kWords, &ConvolutionOperands::DeclareTransposed);
}

}  // namespace tensord::cli
