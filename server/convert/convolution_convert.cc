#include "server/convert/convolution_convert.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/convert/activation_convert.h"
#include "server/convert/conventions_convert.h"
#include "server/convert/enum_convert.h"
#include "server/convert/request_errors.h"
#include "server/convert/tensor_convert.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/status_macros.h"
#include "tensord/compute/transposed_convolution.h"

namespace tensord::server {
namespace {

using compute::Shape;
using compute::TensorView;

// What differs between the two operators, by the request's type.
struct Plain {
  using Geometry = compute::ConvolutionGeometry;
  static compute::ConvolutionConventions& Common(compute::ConvolutionConventions& conventions) { return conventions; }
  static constexpr auto Resolve = compute::ResolveConvolution;
  static const Shape& OutputShape(const Geometry& geometry) { return geometry.output_shape; }
  static const compute::Layout& InputLayout(const Geometry& geometry) { return geometry.input_layout; }
  static constexpr auto ForwardCost = compute::ConvolutionCost;
  static constexpr auto BackwardCost = compute::ConvolutionBackwardCost;
  static constexpr auto Forward = compute::Convolve;
  static constexpr auto Backward = compute::ConvolveBackward;
};

struct Transposed {
  using Geometry = compute::TransposedConvolutionGeometry;
  static compute::ConvolutionConventions& Common(compute::TransposedConvolutionConventions& conventions) {
    return conventions.convolution;
  }
  static constexpr auto Resolve = compute::ResolveTransposedConvolution;
  static const Shape& OutputShape(const Geometry& geometry) { return geometry.output_shape(); }
  static const compute::Layout& InputLayout(const Geometry& geometry) { return geometry.input_layout(); }
  static constexpr auto ForwardCost = compute::TransposedConvolutionCost;
  static constexpr auto BackwardCost = compute::TransposedConvolutionBackwardCost;
  static constexpr auto Forward = compute::ConvolveTranspose;
  static constexpr auto Backward = compute::ConvolveTransposeBackward;
};

// What an operator's forward and backward requests have in common, decoded.
template <typename Operator>
struct ConvolutionInputs {
  std::optional<DecodedTensor> input;
  std::optional<DecodedTensor> filter;
  std::optional<DecodedTensor> bias;
  std::optional<compute::Activation> activation;
  std::optional<typename Operator::Geometry> geometry;

  [[nodiscard]] TensorView bias_view() const { return bias.has_value() ? bias->view : TensorView{}; }

  // The form that all tensors share, or bytes.
  [[nodiscard]] TensorForm form() const {
    const bool typed = input->form == TensorForm::kTyped && filter->form == TensorForm::kTyped &&
                       (!bias.has_value() || bias->form == TensorForm::kTyped);
    return typed ? TensorForm::kTyped : TensorForm::kBytes;
  }
};

template <typename Operator>
void CheckBias(const ConvolutionInputs<Operator>& inputs, compute::Violations& violations) {
  if (!inputs.bias.has_value()) return;
  CheckSameType(*inputs.bias, *inputs.input, "bias", violations);
  if (!inputs.geometry.has_value()) return;
  compute::CheckBiasShape(*inputs.geometry, inputs.bias->view.shape, "bias.shape", violations);
  if (inputs.bias->view.shape.rank() == 1) CheckAxes(*inputs.bias, "O", "bias", violations);
}

// A convolution whose padding reads the input works on a padded copy of it.
void CheckPaddedCopy(const compute::ConvolutionGeometry& geometry, compute::DataType type,
                     const compute::Limits& limits, RequestErrors& errors) {
  if (geometry.padding_source == compute::PaddingSource::kZero) return;
  Shape padded = geometry.input_shape;
  for (size_t i = 0; i < geometry.axes.size(); ++i) {
    const compute::AxisWindow& axis = geometry.axes[i];
    padded[geometry.input_layout.spatial(static_cast<int>(i))] += axis.pad_begin + axis.pad_end;
  }
  errors.AddLimit(compute::CheckTensorSize(padded, type, "conventions.padding", limits));
}
void CheckPaddedCopy(const compute::TransposedConvolutionGeometry& /*geometry*/, compute::DataType /*type*/,
                     const compute::Limits& /*limits*/, RequestErrors& /*errors*/) {}

template <typename Operator, typename Request>
ConvolutionInputs<Operator> CheckInputs(const Request& request, const compute::Limits& limits, RequestErrors& errors) {
  compute::Violations& violations = errors.violations();
  ConvolutionInputs<Operator> inputs;
  inputs.input = CheckTensor(request.has_input(), request.input(), "input", limits, errors);
  inputs.filter = CheckTensor(request.has_filter(), request.filter(), "filter", limits, errors);
  if (request.has_bias()) inputs.bias = CheckTensor(true, request.bias(), "bias", limits, errors);
  const compute::Profile profile = Decode(request.profile(), "profile", violations).value_or(compute::Profile::kNone);
  if (request.has_activation()) {
    inputs.activation = DecodeActivation(request.activation(), profile, "activation", violations);
  }
  auto given = DecodeConventions(request.conventions(), "conventions", violations);
  compute::ConvolutionConventions& conventions = Operator::Common(given);
  if (!inputs.input.has_value() || !inputs.filter.has_value()) return inputs;
  conventions.input_layout =
      MergeAxes(conventions.input_layout, inputs.input->axes, compute::Layout::Role::kActivation, "input", violations);
  conventions.filter_layout =
      MergeAxes(conventions.filter_layout, inputs.filter->axes, compute::Layout::Role::kFilter, "filter", violations);
  CheckSameType(*inputs.filter, *inputs.input, "filter", violations);
  inputs.geometry =
      Operator::Resolve(given, profile, inputs.input->view.shape, inputs.filter->view.shape, {}, {}, violations);
  CheckBias(inputs, violations);
  if (inputs.geometry.has_value()) {
    const compute::DataType type = inputs.input->view.type;
    errors.AddLimit(compute::CheckTensorSize(Operator::OutputShape(*inputs.geometry), type, "output.shape", limits));
    CheckPaddedCopy(*inputs.geometry, type, limits, errors);
  }
  return inputs;
}

template <typename Operator, typename Request>
void LoadInputs(const Request& request, ConvolutionInputs<Operator>& inputs, RequestErrors& errors) {
  LoadElements(request.input(), "input", *inputs.input, errors);
  LoadElements(request.filter(), "filter", *inputs.filter, errors);
  if (inputs.bias.has_value()) LoadElements(request.bias(), "bias", *inputs.bias, errors);
}

template <typename Operator>
double EstimateNs(const compute::Cost& cost, const ConvolutionInputs<Operator>& inputs) {
  const Shape& output = Operator::OutputShape(*inputs.geometry);
  const auto outputs = static_cast<double>(compute::ElementCount(output).value_or(0));
  // A microsecond per gathered block, and tiny sums run far below the machine's speed.
  return 2000 + static_cast<double>(cost.multiplication_count) +
         outputs * (inputs.activation.has_value() ? kActivationElementNs : 4);
}

// The gradients that are asked for; none, one twice, or one that does not exist is a violation.
template <typename Request>
compute::ConvolutionGradients DecodeGradients(const Request& request, compute::Violations& violations) {
  compute::ConvolutionGradients wanted;
  if (request.gradients().empty()) {
    violations.Add("gradients", "was not given, has to name at least one of INPUT, FILTER, BIAS, PRE_ACTIVATION");
  }
  for (int i = 0; i < request.gradients_size(); ++i) {
    const std::string field = compute::Indexed("gradients", static_cast<size_t>(i));
    bool* target = nullptr;
    switch (request.gradients(i)) {
      case v1::CONVOLUTION_GRADIENT_INPUT:
        target = &wanted.input;
        break;
      case v1::CONVOLUTION_GRADIENT_FILTER:
        target = &wanted.filter;
        break;
      case v1::CONVOLUTION_GRADIENT_BIAS:
        target = &wanted.bias;
        break;
      case v1::CONVOLUTION_GRADIENT_PRE_ACTIVATION:
        target = &wanted.pre_activation;
        break;
      default:
        violations.Add(field, absl::StrCat("was ", static_cast<int>(request.gradients(i)),
                                           ", has to be one of INPUT, FILTER, BIAS, PRE_ACTIVATION"));
        continue;
    }
    if (*target) violations.Add(field, "was given before, has to stand once");
    *target = true;
  }
  if (wanted.pre_activation && !request.has_activation()) {
    violations.Add("gradients", "had PRE_ACTIVATION, which needs an activation: without one it is the output gradient");
  }
  return wanted;
}

template <typename Response, typename Operator, typename Request>
Response EncodeGradients(const Request& request, const ConvolutionInputs<Operator>& inputs, TensorForm form,
                         const compute::ConvolutionGradientTensors& gradients) {
  const typename Operator::Geometry& geometry = *inputs.geometry;
  const std::string& letters = Operator::InputLayout(geometry).letters();
  Response response;
  if (gradients.input.has_value()) {
    *response.mutable_input_gradient() = EncodeTensor(*gradients.input, form, letters);
  }
  if (gradients.filter.has_value()) {
    *response.mutable_filter_gradient() = EncodeTensor(*gradients.filter, form, geometry.filter_layout.letters());
  }
  if (gradients.bias.has_value()) {
    *response.mutable_bias_gradient() = EncodeTensor(*gradients.bias, form, "");
  }
  if (gradients.pre_activation.has_value()) {
    *response.mutable_pre_activation_gradient() = EncodeTensor(*gradients.pre_activation, form, letters);
  }
  response.set_profile(request.profile());
  *response.mutable_conventions() = EncodeConventions(geometry);
  if (inputs.activation.has_value()) *response.mutable_activation() = EncodeActivation(*inputs.activation);
  return response;
}

template <typename Operator, typename Response, typename Request>
absl::StatusOr<PreparedCall<Response>> PrepareForward(const Request& request, const PrepareOptions& options) {
  RequestErrors errors;
  auto inputs = std::make_unique<ConvolutionInputs<Operator>>(CheckInputs<Operator>(request, options.limits, errors));
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<Response> call;
  call.cost = Operator::ForwardCost(*inputs->geometry, inputs->input->view.type, options.thread_count);
  TENSORD_RETURN_IF_ERROR(compute::CheckWork(call.cost, options.limits));
  call.estimated_ns = EstimateNs(call.cost, *inputs);
  call.run = [&request,
              inputs = std::move(inputs)](const compute::ExecutionContext& context) -> absl::StatusOr<Response> {
    RequestErrors late;
    LoadInputs(request, *inputs, late);
    if (!late.ok()) return late.ToStatus();
    TENSORD_ASSIGN_OR_RETURN(const compute::Tensor output,
                             Operator::Forward(*inputs->geometry, inputs->input->view, inputs->filter->view,
                                               inputs->bias_view(), inputs->activation, context));
    Response response;
    *response.mutable_output() =
        EncodeTensor(output, inputs->form(), Operator::InputLayout(*inputs->geometry).letters());
    response.set_profile(request.profile());
    *response.mutable_conventions() = EncodeConventions(*inputs->geometry);
    if (inputs->activation.has_value()) *response.mutable_activation() = EncodeActivation(*inputs->activation);
    return response;
  };
  return call;
}

template <typename Operator, typename Response, typename Request>
absl::StatusOr<PreparedCall<Response>> PrepareBackward(const Request& request, const PrepareOptions& options) {
  RequestErrors errors;
  auto inputs = std::make_unique<ConvolutionInputs<Operator>>(CheckInputs<Operator>(request, options.limits, errors));
  auto gradient =
      CheckTensor(request.has_output_gradient(), request.output_gradient(), "output_gradient", options.limits, errors);
  const compute::ConvolutionGradients wanted = DecodeGradients(request, errors.violations());
  if (inputs->geometry.has_value() && gradient.has_value()) {
    CheckShape(*gradient, Operator::OutputShape(*inputs->geometry), "the output's shape", "output_gradient",
               errors.violations());
    CheckSameType(*gradient, *inputs->input, "output_gradient", errors.violations());
    CheckAxes(*gradient, Operator::InputLayout(*inputs->geometry).letters(), "output_gradient", errors.violations());
  }
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<Response> call;
  call.cost = Operator::BackwardCost(*inputs->geometry, inputs->input->view.type, inputs->activation.has_value(),
                                     wanted, options.thread_count);
  TENSORD_RETURN_IF_ERROR(compute::CheckWork(call.cost, options.limits));
  call.estimated_ns = EstimateNs(call.cost, *inputs) * 2;
  call.run = [&request, wanted, inputs = std::move(inputs), gradient = *std::move(gradient)](
                 const compute::ExecutionContext& context) mutable -> absl::StatusOr<Response> {
    RequestErrors late;
    LoadInputs(request, *inputs, late);
    LoadElements(request.output_gradient(), "output_gradient", gradient, late);
    if (!late.ok()) return late.ToStatus();
    TENSORD_ASSIGN_OR_RETURN(
        const compute::ConvolutionGradientTensors gradients,
        Operator::Backward(*inputs->geometry, inputs->input->view, inputs->filter->view, inputs->bias_view(),
                           inputs->activation, gradient.view, wanted, context));
    const TensorForm form = gradient.form == inputs->form() ? gradient.form : TensorForm::kBytes;
    return EncodeGradients<Response>(request, *inputs, form, gradients);
  };
  return call;
}

}  // namespace

absl::StatusOr<PreparedCall<v1::ConvolveResponse>> PrepareConvolve(const v1::ConvolveRequest& request,
                                                                   const PrepareOptions& options) {
  return PrepareForward<Plain, v1::ConvolveResponse>(request, options);
}

absl::StatusOr<PreparedCall<v1::ConvolveBackwardResponse>> PrepareConvolveBackward(
    const v1::ConvolveBackwardRequest& request, const PrepareOptions& options) {
  return PrepareBackward<Plain, v1::ConvolveBackwardResponse>(request, options);
}

absl::StatusOr<PreparedCall<v1::ConvolveTransposeResponse>> PrepareConvolveTranspose(
    const v1::ConvolveTransposeRequest& request, const PrepareOptions& options) {
  return PrepareForward<Transposed, v1::ConvolveTransposeResponse>(request, options);
}

absl::StatusOr<PreparedCall<v1::ConvolveTransposeBackwardResponse>> PrepareConvolveTransposeBackward(
    const v1::ConvolveTransposeBackwardRequest& request, const PrepareOptions& options) {
  return PrepareBackward<Transposed, v1::ConvolveTransposeBackwardResponse>(request, options);
}

}  // namespace tensord::server
