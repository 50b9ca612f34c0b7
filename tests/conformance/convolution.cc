// Conv: ONNX's formula, and as a request.
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

// Y[n,m,...] = B[m] + the sum over the group's channels and the window's taps of X * W, in long double.
absl::StatusOr<Exact> ExactConvolution(const Tensor& input, const Tensor& filter, const Tensor* bias,
                                       const WindowAttributes& window, int64_t groups) {
  TENSORD_ASSIGN_OR_RETURN(const Precision precision, PrecisionOf(input.type));
  TENSORD_ASSIGN_OR_RETURN(const Axes axes, MakeAxes(window, Spatial(input.shape), Spatial(filter.shape), false));
  const int64_t channels = filter.shape[1], filters = filter.shape[0];
  if (groups < 1 || filters % groups != 0 || channels * groups != input.shape[1]) {
    return absl::InvalidArgumentError(absl::StrCat("group ", groups, " does not fit the channels"));
  }
  const auto x = Reals(input), w = Reals(filter), b = bias == nullptr ? std::vector<long double>() : Reals(*bias);
  const int64_t input_plane = Product(Spatial(input.shape)), taps = Product(Spatial(filter.shape));
  const int64_t output_plane = OutputPlane(axes);
  Exact exact;
  exact.shape = {input.shape[0], filters};
  for (const int64_t length : OutputLengths(axes, input.shape.size() - 2)) exact.shape.push_back(length);
  for (int64_t n = 0; n < input.shape[0]; ++n) {
    for (int64_t m = 0; m < filters; ++m) {
      const long double start = bias == nullptr ? 0 : b[static_cast<size_t>(m)];
      std::vector<long double> sums(static_cast<size_t>(output_plane), start);
      std::vector<long double> magnitudes(sums.size(), std::fabs(start));
      for (int64_t c = 0; c < channels; ++c) {
        const int64_t channel = m / (filters / groups) * channels + c;
        const long double* plane = x.data() + (n * input.shape[1] + channel) * input_plane;
        const long double* kernel = w.data() + (m * channels + c) * taps;
        ForEachTap(
            axes,
            [&](int64_t output, int64_t tap, int64_t at) {
              const long double product = plane[at] * kernel[tap];
              sums[static_cast<size_t>(output)] += product;
              magnitudes[static_cast<size_t>(output)] += std::fabs(product);
            },
            [](int64_t) {});
      }
      const auto terms = static_cast<long double>(channels * taps);
      for (size_t at = 0; at < sums.size(); ++at) {
        exact.values.push_back(sums[at]);
        exact.answer_bounds.push_back(AnswerBoundOfSum(precision, terms, magnitudes[at], sums[at]));
        exact.reference_bounds.push_back(ReferenceBoundOfSum(precision, terms, magnitudes[at]));
      }
    }
  }
  return exact;
}

}  // namespace

absl::StatusOr<std::vector<Computed>> RunConv(const Case& tested, client::ClientInterface& server) {
  const Tensor* input = tested.Input(0);
  const Tensor* filter = tested.Input(1);
  const Tensor* bias = tested.Input(2);
  if (input == nullptr || filter == nullptr || input->shape.size() != filter->shape.size()) {
    return absl::InvalidArgumentError("Conv needs X and W of one rank");
  }
  const onnx_reader::Attributes& attributes = tested.node.attributes;
  v1::ConvolveRequest request;
  request.set_profile(v1::CONVENTION_PROFILE_ONNX);
  TENSORD_ASSIGN_OR_RETURN(*request.mutable_input(), ToWire(*input));
  TENSORD_ASSIGN_OR_RETURN(*request.mutable_filter(), ToWire(*filter));
  if (bias != nullptr) {
    TENSORD_ASSIGN_OR_RETURN(*request.mutable_bias(), ToWire(*bias));
  }
  v1::ConvolutionConventions& conventions = *request.mutable_conventions();
  TENSORD_ASSIGN_OR_RETURN(*conventions.mutable_input_layout(), LayoutOf(*input));
  TENSORD_ASSIGN_OR_RETURN(const WindowAttributes window, ReadWindowAttributes(attributes, input->shape.size() - 2));
  SetWindow(window, conventions);
  conventions.set_groups(attributes.Int("group", 1));
  if (attributes.Has("kernel_shape") && attributes.Ints("kernel_shape") != Spatial(filter->shape)) {
    return absl::InvalidArgumentError("kernel_shape is not W's");
  }
  TENSORD_RETURN_IF_ERROR(attributes.Check());
  TENSORD_ASSIGN_OR_RETURN(const v1::ConvolveResponse response, Answered(server.Convolve(request)));
  Computed computed;
  TENSORD_ASSIGN_OR_RETURN(computed.answer, FromWire(response.output()));
  TENSORD_ASSIGN_OR_RETURN(computed.exact, ExactConvolution(*input, *filter, bias, window, conventions.groups()));
  return std::vector<Computed>{computed};
}

}  // namespace tensord::conformance
