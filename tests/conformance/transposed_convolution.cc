// ConvTranspose: ONNX's formula, and as a request.
#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"
#include "tests/conformance/operators.h"
#include "tests/conformance/precision.h"
#include "tests/conformance/window.h"
#include "tests/conformance/wire.h"

namespace tensord::conformance {
namespace {

using onnx_reader::Tensor;

struct TransposedAttributes {
  WindowAttributes window;
  std::vector<int64_t> output_padding;
  std::vector<int64_t> output_shape;  // empty where it is not given
  int64_t groups = 1;
};

// The axes of the convolution that this one is the transpose of: its input is our output. With auto_pad or output_shape
// the pads follow from the output's length, by ONNX's total_padding.
Axis TransposedAxis(const TransposedAttributes& attributes, int64_t length, int64_t window, size_t at) {
  const WindowAttributes& given = attributes.window;
  Axis axis = {0, window, given.strides[at], given.dilations[at], given.begin[at], given.end[at], length};
  const int64_t full = axis.stride * (length - 1) + attributes.output_padding[at] + (window - 1) * axis.dilation + 1;
  const bool same = given.auto_pad == "SAME_UPPER" || given.auto_pad == "SAME_LOWER";
  if (attributes.output_shape.empty() && !same) {
    axis.input = full - axis.begin - axis.end;
    return axis;
  }
  axis.input = attributes.output_shape.empty() ? length * axis.stride : attributes.output_shape[at];
  const int64_t total = std::max<int64_t>(full - axis.input, 0);
  axis.begin = given.auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
  axis.end = total - axis.begin;
  return axis;
}

absl::StatusOr<Exact> ExactTransposed(const Tensor& input, const Tensor& filter, const Tensor* bias,
                                      const TransposedAttributes& attributes) {
  TENSORD_ASSIGN_OR_RETURN(const Precision precision, PrecisionOf(input.type));
  const std::vector<int64_t> lengths = Spatial(input.shape), windows = Spatial(filter.shape);
  Axes axes;
  Exact exact;
  exact.shape = {input.shape[0], filter.shape[1] * attributes.groups};
  for (size_t at = 0; at < lengths.size(); ++at) {
    const Axis axis = TransposedAxis(attributes, lengths[at], windows[at], at);
    axes[axes.size() - lengths.size() + at] = axis;
    exact.shape.push_back(axis.input);
  }
  const auto x = Reals(input), w = Reals(filter), b = bias == nullptr ? std::vector<long double>() : Reals(*bias);
  const int64_t input_plane = Product(lengths), taps = Product(windows), output_plane = Product(Spatial(exact.shape));
  const int64_t channels = input.shape[1] / attributes.groups, per_group = filter.shape[1];
  for (int64_t n = 0; n < input.shape[0]; ++n) {
    for (int64_t m = 0; m < exact.shape[1]; ++m) {
      const long double start = bias == nullptr ? 0 : b[static_cast<size_t>(m)];
      std::vector<long double> sums(static_cast<size_t>(output_plane), start);
      std::vector<long double> magnitudes(sums.size(), std::fabs(start));
      std::vector<int64_t> terms(sums.size(), 0);
      for (int64_t c = m / per_group * channels; c < (m / per_group + 1) * channels; ++c) {
        const long double* plane = x.data() + (n * input.shape[1] + c) * input_plane;
        const long double* kernel = w.data() + (c * per_group + m % per_group) * taps;
        ForEachTap(
            axes,
            [&](int64_t ours, int64_t tap, int64_t at) {
              const long double product = plane[ours] * kernel[tap];
              sums[static_cast<size_t>(at)] += product;
              magnitudes[static_cast<size_t>(at)] += std::fabs(product);
              ++terms[static_cast<size_t>(at)];
            },
            [](int64_t) {});
      }
      for (size_t at = 0; at < sums.size(); ++at) {
        const auto count = static_cast<long double>(terms[at]);
        exact.values.push_back(sums[at]);
        exact.answer_bounds.push_back(AnswerBoundOfSum(precision, count, magnitudes[at], sums[at]));
        exact.reference_bounds.push_back(ReferenceBoundOfSum(precision, count, magnitudes[at]));
      }
    }
  }
  return exact;
}

absl::StatusOr<TransposedAttributes> ReadAttributes(const onnx_reader::Attributes& attributes, const Tensor& filter,
                                                    int64_t channels) {
  const std::vector<int64_t> windows = Spatial(filter.shape);
  TransposedAttributes read;
  TENSORD_ASSIGN_OR_RETURN(read.window, ReadWindowAttributes(attributes, windows.size()));
  read.output_padding = attributes.Ints("output_padding");
  if (read.output_padding.empty()) read.output_padding.assign(windows.size(), 0);
  read.output_shape = attributes.Ints("output_shape");
  read.groups = attributes.Int("group", 1);
  if (attributes.Has("kernel_shape") && attributes.Ints("kernel_shape") != windows) {
    return absl::InvalidArgumentError("kernel_shape is not W's");
  }
  if (read.output_padding.size() != windows.size() ||
      (!read.output_shape.empty() && read.output_shape.size() != windows.size())) {
    return absl::InvalidArgumentError("output_padding or output_shape has not one entry per spatial axis");
  }
  if (read.groups < 1 || channels % read.groups != 0 || channels != filter.shape[0]) {
    return absl::InvalidArgumentError("group does not fit the channels");
  }
  TENSORD_RETURN_IF_ERROR(attributes.Check());
  return read;
}

// pads are ignored beside output_shape, says ONNX, and only auto_pad tells where the odd cell goes.
void SetConventions(const TransposedAttributes& attributes, v1::TransposedConvolutionConventions& conventions) {
  SetWindow(attributes.window, conventions);
  conventions.set_groups(attributes.groups);
  conventions.mutable_output_padding()->Add(attributes.output_padding.begin(), attributes.output_padding.end());
  if (attributes.output_shape.empty()) return;
  conventions.mutable_output_shape()->Add(attributes.output_shape.begin(), attributes.output_shape.end());
  v1::Padding& padding = *conventions.mutable_padding();
  padding.Clear();
  padding.set_mode(attributes.window.auto_pad == "SAME_UPPER" ? v1::PADDING_MODE_SAME_UPPER
                                                              : v1::PADDING_MODE_SAME_LOWER);
}

}  // namespace

absl::StatusOr<std::vector<Computed>> RunConvTranspose(const Case& tested, client::ClientInterface& server) {
  const Tensor* input = tested.Input(0);
  const Tensor* filter = tested.Input(1);
  const Tensor* bias = tested.Input(2);
  if (input == nullptr || filter == nullptr || input->shape.size() != filter->shape.size()) {
    return absl::InvalidArgumentError("ConvTranspose needs X and W of one rank");
  }
  v1::ConvolveTransposeRequest request;
  request.set_profile(v1::CONVENTION_PROFILE_ONNX);
  TENSORD_ASSIGN_OR_RETURN(*request.mutable_input(), ToWire(*input));
  TENSORD_ASSIGN_OR_RETURN(*request.mutable_filter(), ToWire(*filter));
  if (bias != nullptr) {
    TENSORD_ASSIGN_OR_RETURN(*request.mutable_bias(), ToWire(*bias));
  }
  v1::TransposedConvolutionConventions& conventions = *request.mutable_conventions();
  TENSORD_ASSIGN_OR_RETURN(*conventions.mutable_input_layout(), LayoutOf(*input));
  TENSORD_ASSIGN_OR_RETURN(const TransposedAttributes attributes,
                           ReadAttributes(tested.node.attributes, *filter, input->shape[1]));
  SetConventions(attributes, conventions);
  TENSORD_ASSIGN_OR_RETURN(const v1::ConvolveTransposeResponse response, Answered(server.ConvolveTranspose(request)));
  Computed computed;
  TENSORD_ASSIGN_OR_RETURN(computed.answer, FromWire(response.output()));
  TENSORD_ASSIGN_OR_RETURN(computed.exact, ExactTransposed(*input, *filter, bias, attributes));
  return std::vector<Computed>{computed};
}

}  // namespace tensord::conformance
