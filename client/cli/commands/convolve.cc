#include "client/cli/commands/commands.h"
#include "client/cli/commands/convolution_common.h"

namespace tensord::cli {
namespace {

constexpr CommandWords kWords = {
    .name = "convolve",
    .description = "Convolve an input with a filter",
    .footer = R"(Convolution is cross-correlation, unless --flip-filter says otherwise.

Examples:
  tensorctl convolve --input '[[0,3,3],[0,3,2],[0,0,0]]' --filter '[[1,-1],[1,-1]]'
  tensorctl convolve --input x.npy --filter model.npz:conv1 --bias '[0.5,1]' --padding same-upper --activation relu
  tensorctl convolve --input x.npy --filter w.npy --profile pytorch --stride 2 --out y.npy
  tensorctl convolve --input '[1,2,3]' --filter '[1,1]' --padding causal --padding-reads replicate
  tensorctl convolve --input '[1e8,1,-1e8]' --filter '[1,1,1]' --accumulation exact --bounds
  tensorctl convolve --server HOST:PORT --input batch.npy --filter w.npy --profile pytorch --chunk-bytes 4MiB --out y.npy
  tensorctl convolve --type uint8 --input '[2,3,4]' --filter '[1,1]' --input-zero-point 1)",
};

}  // namespace

std::unique_ptr<Command> MakeConvolve() {
  using Implementation =
      ConvolutionCommand<v1::ConvolveRequest, &client::ClientInterface::ConvolveAsync, &client::ConvolveInChunks>;
  return std::make_unique<Implementation>(kWords, &ConvolutionOperands::Declare);
}

}  // namespace tensord::cli
