// The activations that take more than one request, or a tensor of parameters: Clip, PRelu, Selu.
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"
#include "tests/conformance/activation.h"
#include "tests/conformance/operators.h"
#include "tests/conformance/precision.h"
#include "tests/conformance/window.h"
#include "tests/conformance/wire.h"

namespace tensord::conformance {
namespace {

using ::onnx::TensorProto;
using onnx_reader::Tensor;
using Real = long double;

// The least and the largest number of a type: where Clip clips by default.
absl::StatusOr<std::pair<double, double>> Range(TensorProto::DataType type) {
  switch (type) {
    case TensorProto::FLOAT16:
      return std::pair(-65504.0, 65504.0);
    case TensorProto::FLOAT:
      return std::pair<double, double>(std::numeric_limits<float>::lowest(), std::numeric_limits<float>::max());
    case TensorProto::DOUBLE:
      return std::pair(std::numeric_limits<double>::lowest(), std::numeric_limits<double>::max());
    case TensorProto::INT8:
      return std::pair(-128.0, 127.0);
    case TensorProto::UINT8:
      return std::pair(0.0, 255.0);
    default:
      return absl::UnimplementedError(
          absl::StrCat("tensord's hard tanh has no ", TensorProto::DataType_Name(type), ", and FLOAT32 not all of it"));
  }
}

bool IsByte(TensorProto::DataType type) { return type == TensorProto::INT8 || type == TensorProto::UINT8; }

// A tensor of bytes as FLOAT32, which has every byte, and back.
Tensor WidenBytes(const Tensor& tensor) {
  std::vector<float> values;
  for (const Real value : Reals(tensor)) values.push_back(static_cast<float>(value));
  return MakeFloats(values, tensor.shape);
}

Tensor NarrowToBytes(const Tensor& tensor, TensorProto::DataType type) {
  Tensor narrow = {type, tensor.shape, ""};
  for (const Real value : Reals(tensor)) narrow.bytes.push_back(static_cast<char>(static_cast<int>(value)));
  return narrow;
}

// The index into a tensor of slopes for each element of the input: ONNX's broadcasting to the right, or, before it had
// that (version 7), one slope per channel.
absl::StatusOr<std::vector<size_t>> SlopeIndices(const Tensor& input, const Tensor& slope, bool per_channel) {
  const size_t rank = input.shape.size();
  std::vector<int64_t> sizes = slope.shape;
  if (per_channel && ElementCount(slope) > 1) sizes.insert(sizes.end(), rank - 2, 1);
  if (sizes.size() > rank) return absl::InvalidArgumentError("slope has more axes than X");
  sizes.insert(sizes.begin(), rank - sizes.size(), 1);
  for (size_t axis = 0; axis < rank; ++axis) {
    if (sizes[axis] != 1 && sizes[axis] != input.shape[axis]) {
      return absl::InvalidArgumentError("slope cannot be broadcast to X");
    }
  }
  std::vector<size_t> indices;
  for (int64_t element = 0; element < ElementCount(input); ++element) {
    int64_t rest = element, index = 0, step = 1;
    for (size_t axis = rank; axis-- > 0;) {
      if (sizes[axis] != 1) index += rest % input.shape[axis] * step;
      rest /= input.shape[axis];
      step *= sizes[axis];
    }
    indices.push_back(static_cast<size_t>(index));
  }
  return indices;
}

// gamma * y, with a convolution of one tap over all elements in a row.
absl::StatusOr<Tensor> Scale(const Tensor& tensor, float gamma, client::ClientInterface& server) {
  v1::ConvolveRequest request;
  TENSORD_ASSIGN_OR_RETURN(*request.mutable_input(), ToWire(tensor));
  request.mutable_input()->clear_shape();
  request.mutable_input()->add_shape(ElementCount(tensor));
  TENSORD_ASSIGN_OR_RETURN(*request.mutable_filter(), ToWire(MakeFloats({gamma}, {1})));
  TENSORD_ASSIGN_OR_RETURN(const v1::ConvolveResponse response, Answered(server.Convolve(request)));
  TENSORD_ASSIGN_OR_RETURN(Tensor scaled, FromWire(response.output()));
  scaled.shape = tensor.shape;
  return scaled;
}

}  // namespace

absl::StatusOr<std::vector<Computed>> RunClip(const Case& tested, client::ClientInterface& server) {
  const Tensor* input = tested.Input(0);
  if (input == nullptr) return absl::InvalidArgumentError("Clip needs its input");
  TENSORD_ASSIGN_OR_RETURN(auto range, Range(input->type));
  auto& [least, largest] = range;
  if (tested.node.opset < 11) {  // attributes; inputs since
    if (const auto given = tested.node.attributes.Float("min")) least = *given;
    if (const auto given = tested.node.attributes.Float("max")) largest = *given;
  }
  for (const auto& [at, bound] : {std::pair<size_t, double*>{1, &least}, {2, &largest}}) {
    const Tensor* given = tested.Input(at);
    if (given == nullptr) continue;
    if (ElementCount(*given) != 1) return absl::InvalidArgumentError("min and max have to be scalars");
    *bound = static_cast<double>(Reals(*given)[0]);
  }
  TENSORD_RETURN_IF_ERROR(tested.node.attributes.Check());
  v1::Activation activation;
  activation.set_kind(v1::ACTIVATION_KIND_HARD_TANH);
  activation.set_minimum(least);
  activation.set_maximum(largest);
  const bool bytes = IsByte(input->type);
  TENSORD_ASSIGN_OR_RETURN(Tensor answer, Activate(bytes ? WidenBytes(*input) : *input, activation, server));
  return std::vector<Computed>{{bytes ? NarrowToBytes(answer, input->type) : answer}};
}

absl::StatusOr<std::vector<Computed>> RunPRelu(const Case& tested, client::ClientInterface& server) {
  const Tensor* input = tested.Input(0);
  const Tensor* slope = tested.Input(1);
  if (input == nullptr || slope == nullptr) return absl::InvalidArgumentError("PRelu needs X and slope");
  TENSORD_RETURN_IF_ERROR(tested.node.attributes.Check());
  const bool per_channel = tested.node.opset < 7;
  v1::ActivateRequest request;
  request.set_profile(v1::CONVENTION_PROFILE_ONNX);
  TENSORD_ASSIGN_OR_RETURN(*request.mutable_input(), ToWire(*input));
  TENSORD_ASSIGN_OR_RETURN(*request.mutable_slope(), ToWire(*slope));
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_PRELU);
  if (per_channel) {
    request.mutable_activation()->set_slope_match(v1::SLOPE_MATCH_CHANNEL);
    TENSORD_ASSIGN_OR_RETURN(const std::string layout, LayoutOf(*input));
    request.mutable_input()->set_axes(layout);
  }
  TENSORD_ASSIGN_OR_RETURN(const std::vector<size_t> indices, SlopeIndices(*input, *slope, per_channel));
  TENSORD_ASSIGN_OR_RETURN(const v1::ActivateResponse response, Answered(server.Activate(request)));
  Computed computed;
  TENSORD_ASSIGN_OR_RETURN(computed.answer, FromWire(response.output()));
  TENSORD_ASSIGN_OR_RETURN(const Precision precision, PrecisionOf(input->type));
  Exact& exact = computed.exact.emplace();
  exact.shape = input->shape;
  const auto x = Reals(*input), slopes = Reals(*slope);
  for (size_t at = 0; at < x.size(); ++at) {
    const Real value = x[at] > 0 ? x[at] : slopes[indices[at]] * x[at];
    exact.values.push_back(value);
    exact.answer_bounds.push_back(AnswerBoundOfFunction(precision, value, 0.5L));
    exact.reference_bounds.push_back(RoundingOf(precision, value));
  }
  return std::vector<Computed>{computed};
}

// ONNX's default constants are FLOAT32's nearest to tensord's: with those alone it is tensord's SELU, whose constants
// are FLOAT64's. With others it is gamma times an ELU, in two requests.
absl::StatusOr<std::vector<Computed>> RunSelu(const Case& tested, client::ClientInterface& server) {
  constexpr Real kAlpha = 1.6732632423543772L, kGamma = 1.0507009873554805L;
  const Tensor* input = tested.Input(0);
  if (input == nullptr || input->type != TensorProto::FLOAT) {
    return absl::UnimplementedError("Selu is mapped for FLOAT alone");
  }
  const float alpha = tested.node.attributes.Float("alpha").value_or(static_cast<float>(kAlpha));
  const float gamma = tested.node.attributes.Float("gamma").value_or(static_cast<float>(kGamma));
  TENSORD_RETURN_IF_ERROR(tested.node.attributes.Check());
  const bool by_default = alpha == static_cast<float>(kAlpha) && gamma == static_cast<float>(kGamma);
  v1::Activation activation;
  activation.set_kind(by_default ? v1::ACTIVATION_KIND_SELU : v1::ACTIVATION_KIND_ELU);
  if (!by_default) activation.set_alpha(alpha);
  Computed computed;
  TENSORD_ASSIGN_OR_RETURN(computed.answer, Activate(*input, activation, server));
  if (!by_default) {
    TENSORD_ASSIGN_OR_RETURN(computed.answer, Scale(computed.answer, gamma, server));
  }
  TENSORD_ASSIGN_OR_RETURN(const Precision precision, PrecisionOf(input->type));
  Exact& exact = computed.exact.emplace();
  exact.shape = input->shape;
  for (const Real x : Reals(*input)) {
    const Real unit = x > 0 ? x : std::expm1(x), scale = x > 0 ? 1 : alpha;
    const Real value = gamma * scale * unit;
    // What tensord's constants make of the same formula; or what the second rounding does.
    const Real constants = std::fabs(kGamma * (x > 0 ? 1 : kAlpha) * unit - value);
    const Real second =
        std::fabs(gamma) * AnswerBoundOfFunction(precision, scale * unit, 2) + Gamma(precision, 3) * std::fabs(value);
    exact.values.push_back(value);
    exact.answer_bounds.push_back(by_default ? constants + AnswerBoundOfFunction(precision, value, 2) : second);
    exact.reference_bounds.push_back(8 * precision.unit * std::fabs(gamma * scale) * (x > 0 ? x : std::exp(x) + 1) +
                                     precision.least);
  }
  return std::vector<Computed>{computed};
}

}  // namespace tensord::conformance
