// Slips in shapes and counts of layers.
#include <algorithm>
#include <numeric>

#include "grading/src/slips/slip.h"

namespace tensord::grading {
namespace {

using absl::int128;

int128 Product(const std::vector<int128>& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int128{1}, [](const int128& a, const int128& b) { return a * b; });
}

// Runs a change, and tells whether it was one.
template <typename Change>
bool Changed(LayerFacts& facts, const Change& change) {
  const LayerFacts before = facts;
  change(facts);
  return !(facts == before);
}

#define TENSORD_LAYER(statements) [](LayerFacts& facts) { return Changed(facts, [](LayerFacts& f) { statements; }); }

// Replaces the last part of a path.
bool Rename(std::string& path, absl::string_view from, absl::string_view to) {
  if (path.size() <= from.size() || path.substr(path.size() - from.size()) != from ||
      path[path.size() - from.size() - 1] != '.') {
    return false;
  }
  path.replace(path.size() - from.size(), from.size(), std::string(to));
  return true;
}

constexpr Slip kSlips[] = {
    {.id = "input-channels-for-output-channels",
     .text = "used the number of input channels where the number of output channels belongs",
     .layer = TENSORD_LAYER(f.shape_channels = f.in_channels)},
    {.id = "output-shape-without-channels",
     .text = "counted the positions of one channel of the output only",
     .layer = TENSORD_LAYER(f.shape_channels = 1)},
    {.id = "taps-forgotten",
     .text = "counted one multiplication per element of the output, and forgot the window and the input channels",
     .layer = TENSORD_LAYER(f.taps = 1)},
    {.id = "window-forgotten",
     .text = "forgot the window: counted one weight for each pair of channels",
     .layer = TENSORD_LAYER(f.taps /= Product(f.kernel); f.weight_taps /= Product(f.kernel))},
    {.id = "input-channels-forgotten",
     .text = "forgot that each filter reaches over all input channels",
     .layer = TENSORD_LAYER(f.taps = f.weight_taps = Product(f.kernel))},
    {.id = "output-channels-forgotten",
     .text = "counted a single filter, and forgot that there is one for each output channel",
     .layer = TENSORD_LAYER(f.filters = 1; f.shape_channels = 1; f.biases = std::min(f.biases, int128{1}))},
    {.id = "window-not-squared",
     .text = "used the length of the window's side instead of the product of its sides",
     .layer =
         [](LayerFacts& facts) {
           if (facts.kernel.size() < 2) return false;
           return Changed(facts, [](LayerFacts& f) {
             const int128 others = Product(f.kernel) / f.kernel.front();
             f.taps /= others;
             f.weight_taps /= others;
           });
         }},
    {.id = "bias-uncounted", .text = "did not count the bias", .layer = TENSORD_LAYER(f.biases = 0)},
    {.id = "bias-counted-without-one",
     .text = "counted a bias that the layer does not have",
     .layer = TENSORD_LAYER(if (f.biases == 0) f.biases = f.out_channels)},
    {.id = "bias-per-input-channel",
     .text = "counted one bias per input channel instead of one per output channel",
     .layer = TENSORD_LAYER(if (f.biases != 0) f.biases = f.in_channels)},
    {.id = "one-bias-in-all",
     .text = "counted a single bias instead of one per output channel",
     .layer = TENSORD_LAYER(if (f.biases != 0) f.biases = 1)},
    {.id = "bias-per-weight",
     .text = "counted a bias for each weight instead of one per output channel",
     .layer = TENSORD_LAYER(if (f.biases != 0) f.biases = f.weight_taps * f.filters)},
    {.id = "bias-per-filter-slice",
     .text = "counted a bias for each pair of input and output channel",
     .layer = TENSORD_LAYER(if (f.biases != 0) f.biases = f.in_channels * f.out_channels)},
    {.id = "bias-per-output-element",
     .text = "counted a bias for each element of the output instead of one per output channel",
     .layer = TENSORD_LAYER(if (f.biases != 0) f.biases = f.output_elements())},
    {.id = "entries-for-channels",
     .text = "counted all entries of the tensors instead of their channels",
     .layer = TENSORD_LAYER(f.in_answer = f.input_elements(); f.out_answer = f.output_elements())},
    {.id = "channels-exchanged",
     .text = "exchanged the numbers of input and output channels",
     .layer = TENSORD_LAYER(std::swap(f.in_answer, f.out_answer))},
    {.id = "batch-uncounted",
     .text = "counted a single sample instead of the whole batch",
     .layer = TENSORD_LAYER(f.batch = 1)},
    {.id = "groups-uncounted",
     .text = "forgot the groups: let each filter reach over all input channels",
     .layer = TENSORD_LAYER(f.taps *= f.groups; f.weight_taps *= f.groups)},
    {.id = "input-positions",
     .text = "counted the positions of the input instead of those of the output",
     .layer = TENSORD_LAYER(f.output_space = f.input_space)},
    {.id = "plus-one-forgotten",
     .text = "forgot the + 1 in the output's length",
     .layer = TENSORD_LAYER(for (int128 & size
                                 : f.output_space) size -= 1)},
    {.id = "one-too-many",
     .text = "counted one position too many along each axis of the output",
     .layer = TENSORD_LAYER(for (int128 & size
                                 : f.output_space) size += 1)},
    {.id = "height-and-width-exchanged",
     .text = "exchanged height and width of the output",
     .layer = TENSORD_LAYER(std::reverse(f.output_space.begin(), f.output_space.end()))},
    {.id = "flops-for-macs",
     .text = "counted multiplications and additions (FLOPs) instead of multiplications alone",
     .path =
         [](std::string& p) {
           return Rename(p, "multiplication_count", "flop_count") || Rename(p, "mac_count", "flop_count");
         }},
    {.id = "macs-for-flops",
     .text = "counted multiply-accumulates instead of FLOPs, of which each has two",
     .path = [](std::string& p) { return Rename(p, "flop_count", "mac_count"); }},
    {.id = "additions-for-multiplications",
     .text = "counted additions instead of multiplications",
     .path =
         [](std::string& p) {
           return Rename(p, "multiplication_count", "addition_count") || Rename(p, "mac_count", "addition_count");
         }},
    {.id = "multiplications-for-additions",
     .text = "counted multiplications instead of additions",
     .path = [](std::string& p) { return Rename(p, "addition_count", "multiplication_count"); }},
    {.id = "parameters-for-multiplications",
     .text = "counted the parameters, each once, instead of the multiplications at every position",
     .path =
         [](std::string& p) {
           return Rename(p, "multiplication_count", "parameter_count") || Rename(p, "mac_count", "parameter_count");
         }},
    {.id = "multiplications-for-parameters",
     .text = "counted the multiplications instead of the parameters",
     .path = [](std::string& p) { return Rename(p, "parameter_count", "multiplication_count"); }},
};

#undef TENSORD_LAYER

}  // namespace

absl::Span<const Slip> LayerSlips() { return kSlips; }

}  // namespace tensord::grading
