#include "grading/src/question/layer_facts.h"

#include <limits>
#include <numeric>
#include <string>

#include "absl/types/span.h"
#include "grading/src/question/value.h"
#include "tensord/grading/append.h"

namespace tensord::grading {
namespace {

using absl::int128;

int128 Product(absl::Span<const int128> sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int128{1}, [](const int128& a, const int128& b) { return a * b; });
}

void SetCount(int128 number, v1::Count& count) {
  const bool fits = number >= std::numeric_limits<int64_t>::min() && number <= std::numeric_limits<int64_t>::max();
  count.Clear();
  if (fits) count.set_value(static_cast<int64_t>(number));
  count.set_decimal(DecimalText(number));
}

// The sizes along the axes of a shape, by their letters.
struct Axes {
  std::vector<int128> space;
  int128 batch = 1;
  int128 channels = 1;  // C, or of a filter I
  int128 outputs = 1;   // of a filter O
};

std::optional<Axes> AxesOf(const std::string& layout, const google::protobuf::RepeatedPtrField<v1::Dimension>& shape) {
  if (layout.size() != static_cast<size_t>(shape.size())) return std::nullopt;
  Axes axes;
  for (size_t i = 0; i < layout.size(); ++i) {
    const v1::Dimension& size = shape[static_cast<int>(i)];
    if (!size.has_value()) return std::nullopt;
    const char letter = layout[i];
    (letter == 'N'                    ? axes.batch
     : letter == 'C' || letter == 'I' ? axes.channels
     : letter == 'O'                  ? axes.outputs
                                      : axes.space.emplace_back()) = size.value();
  }
  return axes;
}

// Whether all counts of the facts are far from 128 bits: products of bounded numbers are judged in floating point.
bool AreModest(const LayerFacts& facts) {
  double product = 4;
  for (const auto* sizes : {&facts.kernel, &facts.input_space, &facts.output_space}) {
    for (const int128 size : *sizes) product *= static_cast<double>(size) + 1;
  }
  for (const int128 size : {facts.batch, facts.in_channels, facts.out_channels})
    product *= static_cast<double>(size) + 1;
  return product < 1e30;
}

}  // namespace

int128 LayerFacts::output_elements() const { return batch * shape_channels * Product(output_space); }

int128 LayerFacts::input_elements() const { return batch * in_channels * Product(input_space); }

std::optional<LayerFacts> FactsOf(const v1::AnalyzeLayerRequest& request, const v1::AnalyzeLayerResponse& response) {
  if (!request.has_convolution() || !response.has_convolution_conventions()) return std::nullopt;
  const v1::ConvolutionConventions& conventions = response.convolution_conventions();
  const auto input = AxesOf(conventions.input_layout(), request.convolution().input_shape());
  const auto filter = AxesOf(conventions.filter_layout(), request.convolution().filter_shape());
  if (!input.has_value() || !filter.has_value()) return std::nullopt;
  LayerFacts facts;
  facts.layout = conventions.input_layout();
  facts.batch = input->batch;
  facts.in_channels = input->channels;
  facts.out_channels = filter->outputs;
  facts.groups = std::max<int64_t>(1, conventions.groups());
  facts.kernel = filter->space;
  facts.input_space = input->space;
  for (int i = 0; i < response.output_shape_size(); ++i) {
    const std::optional<int128> size = SizeOf(response.output_shape(i)).number;
    if (!size.has_value()) return std::nullopt;
    const char letter = static_cast<size_t>(i) < facts.layout.size() ? facts.layout[static_cast<size_t>(i)] : 'W';
    if (letter != 'N' && letter != 'C') facts.output_space.push_back(*size);
  }
  if (!AreModest(facts)) return std::nullopt;
  facts.has_bias = SizeOf(response.bias_count()).number != int128{0};
  facts.shape_channels = facts.filters = facts.out_answer = facts.out_channels;
  facts.in_answer = facts.in_channels;
  facts.taps = facts.weight_taps = Product(facts.kernel) * filter->channels;
  facts.biases = facts.has_bias ? facts.out_channels : int128{0};
  return facts;
}

void Restate(const LayerFacts& facts, v1::AnalyzeLayerResponse& response) {
  response.clear_output_shape();
  size_t axis = 0;
  for (const char letter : facts.layout) {
    int128 size = 0;
    if (letter == 'N') {
      size = facts.batch;
    } else if (letter == 'C') {
      size = facts.shape_channels;
    } else if (axis < facts.output_space.size()) {
      size = facts.output_space[axis++];
    }
    SetCount(size, Append(*response.mutable_output_shape()));
  }
  const int128 outputs = facts.output_elements();
  const int128 products = outputs * facts.taps;
  const int128 weights = facts.weight_taps * facts.filters;
  SetCount(weights, *response.mutable_weight_count());
  SetCount(facts.biases, *response.mutable_bias_count());
  SetCount(weights + facts.biases, *response.mutable_parameter_count());
  SetCount(products, *response.mutable_multiplication_count());
  SetCount(products, *response.mutable_mac_count());
  SetCount(products * 2, *response.mutable_flop_count());
  SetCount(products - outputs + (facts.has_bias ? outputs : int128{0}), *response.mutable_addition_count());
  SetCount(facts.in_answer, *response.mutable_input_channel_count());
  SetCount(facts.out_answer, *response.mutable_output_channel_count());
}

}  // namespace tensord::grading
