#include "server/convert/convolution_convert.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/convert/activation_convert.h"
#include "server/convert/conventions_convert.h"
#include "server/convert/enum_convert.h"
#include "server/convert/numbers_convert.h"
#include "server/convert/request_errors.h"
#include "server/convert/tensor_convert.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/numeric.h"
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
  static int64_t OutputChannels(const Geometry& geometry) { return geometry.output_channels; }
  static const compute::Layout& InputLayout(const Geometry& geometry) { return geometry.input_layout; }
  static constexpr auto ForwardCost = compute::ConvolveNumbersCost;
  static constexpr auto BackwardCost = compute::ConvolveBackwardNumbersCost;
  static constexpr auto Forward = compute::ConvolveNumbers;
  static constexpr auto Backward = compute::ConvolveBackwardNumbers;
};

struct Transposed {
  using Geometry = compute::TransposedConvolutionGeometry;
  static compute::ConvolutionConventions& Common(compute::TransposedConvolutionConventions& conventions) {
    return conventions.convolution;
  }
  static constexpr auto Resolve = compute::ResolveTransposedConvolution;
  static const Shape& OutputShape(const Geometry& geometry) { return geometry.output_shape(); }
  static int64_t OutputChannels(const Geometry& geometry) { return geometry.output_channels(); }
  static const compute::Layout& InputLayout(const Geometry& geometry) { return geometry.input_layout(); }
  static constexpr auto ForwardCost = compute::ConvolveTransposeNumbersCost;
  static constexpr auto BackwardCost = compute::ConvolveTransposeBackwardNumbersCost;
  static constexpr auto Forward = compute::ConvolveTransposeNumbers;
  static constexpr auto Backward = compute::ConvolveTransposeBackwardNumbers;
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
  [[nodiscard]] compute::NumericTypes types() const {
    return {.input = input->view.type,
            .filter = filter->view.type,
            .bias = bias.has_value() ? std::optional(bias->view.type) : std::nullopt};
  }
  // Whether the tensors have types: else there is a violation already.
  [[nodiscard]] bool types_known() const {
    return input.has_value() && input->type_known && filter.has_value() && filter->type_known &&
           (!bias.has_value() || bias->type_known);
  }

  // The form that all tensors share, or bytes.
  [[nodiscard]] TensorForm form() const {
    const bool typed = input->form == TensorForm::kTyped && filter->form == TensorForm::kTyped &&
                       (!bias.has_value() || bias->form == TensorForm::kTyped);
    return typed ? TensorForm::kTyped : TensorForm::kBytes;
  }
};

template <typename Operator>
void CheckBias(const ConvolutionInputs<Operator>& inputs, compute::Violations& violations) {
  if (!inputs.bias.has_value() || !inputs.geometry.has_value()) return;
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
  inputs.geometry =
      Operator::Resolve(given, profile, inputs.input->view.shape, inputs.filter->view.shape, {}, {}, violations);
  CheckBias(inputs, violations);
  if (inputs.geometry.has_value()) CheckPaddedCopy(*inputs.geometry, inputs.input->view.type, limits, errors);
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

template <typename Operator, typename Request>
ForwardNumbers CheckNumbers(const Request& request, const ConvolutionInputs<Operator>& inputs,
                            const compute::Limits& limits, RequestErrors& errors) {
  compute::Violations& violations = errors.violations();
  const std::optional<typename Operator::Geometry>& geometry = inputs.geometry;
  ForwardNumbers numbers{.options = DecodeNumbers(request, violations), .output_type = {}};
  if (!inputs.types_known()) return numbers;
  if (request.has_quantization()) {
    DecodeQuantization(request.quantization(), inputs.input->view.type, numbers.options, violations);
  }
  numbers.output_type = compute::ResolveConvolutionNumbers(
      geometry.has_value() ? Operator::OutputChannels(*geometry) : compute::kUnknownSize, inputs.types(),
      inputs.activation, numbers.options, RequestFields(), violations);
  if (!geometry.has_value() || !numbers.output_type.has_value()) return numbers;
  const Shape& shape = Operator::OutputShape(*geometry);
  errors.AddLimit(compute::CheckTensorSize(shape, *numbers.output_type, "output.shape", limits));
  CheckBoundsSize(shape, numbers.options, "error_bounds", limits, errors);
  return numbers;
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

// What a response of either direction says of its conventions.
template <typename Operator, typename Request, typename Response>
void EncodeEcho(const Request& request, const ConvolutionInputs<Operator>& inputs,
                const compute::NumericOptions& options, Response& response) {
  response.set_profile(request.profile());
  *response.mutable_conventions() = EncodeConventions(*inputs.geometry);
  if (inputs.activation.has_value()) *response.mutable_activation() = EncodeActivation(*inputs.activation);
  response.set_accumulation(Encode(options.accumulation));
}

template <typename Response, typename Operator, typename Request>
absl::StatusOr<Response> EncodeGradients(const Request& request, const ConvolutionInputs<Operator>& inputs,
                                         const compute::NumericOptions& options, TensorForm form,
                                         compute::NumericGradients result, AttachedTensors& attached) {
  const typename Operator::Geometry& geometry = *inputs.geometry;
  const std::string& letters = Operator::InputLayout(geometry).letters();
  const std::string& filter_letters = geometry.filter_layout.letters();
  compute::ConvolutionGradientTensors& gradients = result.gradients;
  Response response;
  const auto encode = [&](std::optional<compute::Tensor>& gradient, absl::string_view axes, v1::Tensor* tensor,
                          std::string* sha256) {
    return EncodeResult(*std::move(gradient), options.accumulation, form, axes, *tensor, *sha256, attached);
  };
  if (gradients.input.has_value()) {
    TENSORD_RETURN_IF_ERROR(
        encode(gradients.input, letters, response.mutable_input_gradient(), response.mutable_input_gradient_sha256()));
  }
  if (gradients.filter.has_value()) {
    TENSORD_RETURN_IF_ERROR(encode(gradients.filter, filter_letters, response.mutable_filter_gradient(),
                                   response.mutable_filter_gradient_sha256()));
  }
  if (gradients.bias.has_value()) {
    TENSORD_RETURN_IF_ERROR(
        encode(gradients.bias, "", response.mutable_bias_gradient(), response.mutable_bias_gradient_sha256()));
  }
  if (gradients.pre_activation.has_value()) {
    TENSORD_RETURN_IF_ERROR(encode(gradients.pre_activation, letters, response.mutable_pre_activation_gradient(),
                                   response.mutable_pre_activation_gradient_sha256()));
  }
  if (result.input.has_value()) {
    *response.mutable_input_gradient_error_bounds() =
        EncodeErrorBounds(*std::move(result.input), form, letters, attached);
  }
  if (result.filter.has_value()) {
    *response.mutable_filter_gradient_error_bounds() =
        EncodeErrorBounds(*std::move(result.filter), form, filter_letters, attached);
  }
  if (result.bias.has_value()) {
    *response.mutable_bias_gradient_error_bounds() = EncodeErrorBounds(*std::move(result.bias), form, "", attached);
  }
  EncodeEcho(request, inputs, options, response);
  return response;
}

template <typename Operator, typename Response, typename Request>
absl::StatusOr<Response> EncodeOutput(const Request& request, const ConvolutionInputs<Operator>& inputs,
                                      const compute::NumericOptions& options, compute::Numbers numbers,
                                      AttachedTensors& attached) {
  const std::string& letters = Operator::InputLayout(*inputs.geometry).letters();
  Response response;
  TENSORD_RETURN_IF_ERROR(EncodeResult(std::move(numbers.output), options.accumulation, inputs.form(), letters,
                                       *response.mutable_output(), *response.mutable_output_sha256(), attached));
  if (numbers.bounds.has_value()) {
    *response.mutable_error_bounds() = EncodeErrorBounds(*std::move(numbers.bounds), inputs.form(), letters, attached);
  }
  if (request.has_quantization()) *response.mutable_quantization() = EncodeQuantization(options);
  EncodeEcho(request, inputs, options, response);
  return response;
}

template <typename Operator, typename Response, typename Request>
absl::StatusOr<PreparedCall<Response>> PrepareForward(const Request& request, const PrepareOptions& options) {
  RequestErrors errors;
  auto inputs = std::make_unique<ConvolutionInputs<Operator>>(CheckInputs<Operator>(request, options.limits, errors));
  const ForwardNumbers numbers = CheckNumbers(request, *inputs, options.limits, errors);
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<Response> call;
  call.cost = Operator::ForwardCost(*inputs->geometry, inputs->types(), *numbers.output_type, numbers.options,
                                    options.thread_count);
  TENSORD_RETURN_IF_ERROR(compute::CheckWork(call.cost, options.limits));
  call.estimated_ns = EstimateNs(call.cost, *inputs);
  call.cost.scratch_bytes = compute::SaturatingAdd(
      call.cost.scratch_bytes,
      TypedAnswerBytes(Operator::OutputShape(*inputs->geometry), *numbers.output_type, inputs->form()));
  call.run = [&request, inputs = std::move(inputs),
              numeric = numbers.options](const AnswerContext& context) -> absl::StatusOr<Response> {
    RequestErrors late;
    LoadInputs(request, *inputs, late);
    if (!late.ok()) return late.ToStatus();
    absl::StatusOr<compute::Numbers> result =
        Operator::Forward(*inputs->geometry, inputs->input->view, inputs->filter->view, inputs->bias_view(),
                          inputs->activation, numeric, context);
    if (!result.ok()) return AsViolation(result.status());
    return EncodeOutput<Operator, Response>(request, *inputs, numeric, *std::move(result), *context.attached);
  };
  return call;
}

// What typed gradients take beside the engine's results.
template <typename Operator>
void AddTypedGradients(const ConvolutionInputs<Operator>& inputs, const compute::ConvolutionGradients& wanted,
                       TensorForm form, compute::Cost& cost) {
  const auto add = [&](bool is_wanted, const Shape& shape) {
    if (!is_wanted) return;
    cost.scratch_bytes =
        compute::SaturatingAdd(cost.scratch_bytes, TypedAnswerBytes(shape, inputs.input->view.type, form));
  };
  add(wanted.input, inputs.input->view.shape);
  add(wanted.filter, inputs.filter->view.shape);
  add(wanted.bias, compute::BiasShape(*inputs.geometry));
  add(wanted.pre_activation, Operator::OutputShape(*inputs.geometry));
}

// The gradients are as large as tensors of the request; their bounds may be larger.
template <typename Operator>
void CheckGradientSizes(const ConvolutionInputs<Operator>& inputs, const compute::ConvolutionGradients& wanted,
                        const compute::NumericOptions& numeric, const compute::Limits& limits, RequestErrors& errors) {
  const auto check = [&](bool is_wanted, const Shape& shape, absl::string_view field) {
    if (is_wanted) CheckBoundsSize(shape, numeric, field, limits, errors);
  };
  check(wanted.input, inputs.input->view.shape, "input_gradient_error_bounds");
  check(wanted.filter, inputs.filter->view.shape, "filter_gradient_error_bounds");
}

template <typename Operator, typename Response, typename Request>
absl::StatusOr<PreparedCall<Response>> PrepareBackward(const Request& request, const PrepareOptions& options) {
  RequestErrors errors;
  auto inputs = std::make_unique<ConvolutionInputs<Operator>>(CheckInputs<Operator>(request, options.limits, errors));
  auto gradient =
      CheckTensor(request.has_output_gradient(), request.output_gradient(), "output_gradient", options.limits, errors);
  const compute::ConvolutionGradients wanted = DecodeGradients(request, errors.violations());
  const compute::NumericOptions numeric = DecodeNumbers(request, errors.violations());
  if (inputs->types_known()) {
    compute::CheckConvolutionGradientNumbers(inputs->types(), inputs->activation, numeric, RequestFields(),
                                             errors.violations());
  }
  if (inputs->geometry.has_value() && gradient.has_value()) {
    CheckShape(*gradient, Operator::OutputShape(*inputs->geometry), "the output's shape", "output_gradient",
               errors.violations());
    CheckSameType(*gradient, *inputs->input, "output_gradient", errors.violations());
    CheckAxes(*gradient, Operator::InputLayout(*inputs->geometry).letters(), "output_gradient", errors.violations());
    CheckGradientSizes(*inputs, wanted, numeric, options.limits, errors);
  }
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<Response> call;
  call.cost = Operator::BackwardCost(*inputs->geometry, inputs->input->view.type, inputs->activation.has_value(),
                                     wanted, numeric, options.thread_count);
  TENSORD_RETURN_IF_ERROR(compute::CheckWork(call.cost, options.limits));
  call.estimated_ns = EstimateNs(call.cost, *inputs) * 2;
  const TensorForm form = gradient->form == inputs->form() ? gradient->form : TensorForm::kBytes;
  AddTypedGradients(*inputs, wanted, form, call.cost);
  call.run = [&request, wanted, numeric, form, inputs = std::move(inputs),
              gradient = *std::move(gradient)](const AnswerContext& context) mutable -> absl::StatusOr<Response> {
    RequestErrors late;
    LoadInputs(request, *inputs, late);
    LoadElements(request.output_gradient(), "output_gradient", gradient, late);
    if (!late.ok()) return late.ToStatus();
    absl::StatusOr<compute::NumericGradients> gradients =
        Operator::Backward(*inputs->geometry, inputs->input->view, inputs->filter->view, inputs->bias_view(),
                           inputs->activation, gradient.view, wanted, numeric, context);
    if (!gradients.ok()) return AsViolation(gradients.status());
    return EncodeGradients<Response>(request, *inputs, numeric, form, *std::move(gradients), *context.attached);
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
