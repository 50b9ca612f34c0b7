#include "server/convert/pooling_convert.h"

#include <optional>
#include <utility>

#include "server/convert/conventions_convert.h"
#include "server/convert/enum_convert.h"
#include "server/convert/numbers_convert.h"
#include "server/convert/request_errors.h"
#include "server/convert/tensor_convert.h"
#include "tensord/compute/numeric.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

constexpr double kElementNs = 3;
constexpr double kCallNs = 1000;

// What Pool and PoolBackward have in common, decoded.
struct PoolingInputs {
  std::optional<DecodedTensor> input;
  std::optional<compute::PoolingGeometry> geometry;
};

// `Request` is PoolRequest or PoolBackwardRequest.
template <typename Request>
PoolingInputs CheckInputs(const Request& request, const compute::Limits& limits, RequestErrors& errors) {
  compute::Violations& violations = errors.violations();
  PoolingInputs inputs;
  const auto kind = DecodeRequired(request.kind(), "kind", violations);
  inputs.input = CheckTensor(request.has_input(), request.input(), "input", limits, errors);
  const auto profile = Decode(request.profile(), "profile", violations);
  compute::PoolingConventions conventions = DecodeConventions(request.conventions(), "conventions", violations);
  if (!kind.has_value() || !inputs.input.has_value()) return inputs;
  conventions.input_layout =
      MergeAxes(conventions.input_layout, inputs.input->axes, compute::Layout::Role::kActivation, "input", violations);
  inputs.geometry = compute::ResolvePooling(*kind, conventions, profile.value_or(compute::Profile::kNone),
                                            inputs.input->view.shape, {}, {}, violations);
  return inputs;
}

ForwardNumbers CheckNumbers(const v1::PoolRequest& request, const PoolingInputs& inputs, const compute::Limits& limits,
                            RequestErrors& errors) {
  compute::Violations& violations = errors.violations();
  ForwardNumbers numbers{.options = DecodeNumbers(request, violations), .output_type = {}};
  if (!inputs.geometry.has_value() || !inputs.input->type_known) return numbers;
  const compute::Shape& shape = inputs.geometry->output_shape;
  numbers.output_type = compute::ResolvePoolingNumbers(*inputs.geometry, inputs.input->view.type, numbers.options,
                                                       RequestFields(), violations);
  if (!numbers.output_type.has_value()) return numbers;
  errors.AddLimit(compute::CheckTensorSize(shape, *numbers.output_type, "output.shape", limits));
  CheckBoundsSize(shape, numbers.options, "error_bounds", limits, errors);
  if (request.return_indices()) {
    errors.AddLimit(compute::CheckTensorSize(shape, compute::DataType::kInt64, "indices.shape", limits));
  }
  return numbers;
}

absl::StatusOr<v1::PoolResponse> EncodePooled(const v1::PoolRequest& request, const compute::PoolingGeometry& geometry,
                                              const compute::NumericOptions& options, TensorForm form,
                                              compute::PooledNumbers pooled, AttachedTensors& attached) {
  const std::string& letters = geometry.layout.letters();
  v1::PoolResponse response;
  TENSORD_RETURN_IF_ERROR(EncodeResult(std::move(pooled.result.output), options.accumulation, form, letters,
                                       *response.mutable_output(), *response.mutable_output_sha256(), attached));
  if (pooled.result.indices.has_value()) {
    *response.mutable_indices() = EncodeTensor(*std::move(pooled.result.indices), form, letters, attached);
  }
  if (pooled.bounds.has_value()) {
    *response.mutable_error_bounds() = EncodeErrorBounds(*std::move(pooled.bounds), form, letters, attached);
  }
  response.set_profile(request.profile());
  *response.mutable_conventions() = EncodeConventions(geometry);
  response.set_accumulation(Encode(options.accumulation));
  return response;
}

// What typed elements of a shape take beside the engine's results.
void AddTyped(const compute::Shape& shape, compute::DataType type, TensorForm form, compute::Cost& cost) {
  cost.scratch_bytes = compute::SaturatingAdd(cost.scratch_bytes, TypedAnswerBytes(shape, type, form));
}

}  // namespace

absl::StatusOr<PreparedCall<v1::PoolResponse>> PreparePool(const v1::PoolRequest& request,
                                                           const PrepareOptions& options) {
  RequestErrors errors;
  PoolingInputs inputs = CheckInputs(request, options.limits, errors);
  if (request.return_indices() && request.kind() != v1::POOLING_KIND_MAX) {
    errors.AddViolation("return_indices", "was true, has to be left out: only MAX pooling has indices");
  }
  const ForwardNumbers numbers = CheckNumbers(request, inputs, options.limits, errors);
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<v1::PoolResponse> call;
  call.cost = compute::PoolNumbersCost(*inputs.geometry, inputs.input->view.type, *numbers.output_type,
                                       request.return_indices(), numbers.options, options.thread_count);
  TENSORD_RETURN_IF_ERROR(compute::CheckWork(call.cost, options.limits));
  call.estimated_ns = kCallNs + static_cast<double>(call.cost.multiplication_count) * kElementNs;
  const compute::Shape& shape = inputs.geometry->output_shape;
  AddTyped(shape, *numbers.output_type, inputs.input->form, call.cost);
  if (request.return_indices()) AddTyped(shape, compute::DataType::kInt64, inputs.input->form, call.cost);
  call.run = [&request, numeric = numbers.options, input = *std::move(inputs.input),
              geometry = *std::move(inputs.geometry)](
                 const AnswerContext& context) mutable -> absl::StatusOr<v1::PoolResponse> {
    RequestErrors late;
    LoadElements(request.input(), "input", input, late);
    if (!late.ok()) return late.ToStatus();
    absl::StatusOr<compute::PooledNumbers> pooled =
        compute::PoolNumbers(geometry, input.view, request.return_indices(), numeric, context);
    if (!pooled.ok()) return AsViolation(pooled.status());
    return EncodePooled(request, geometry, numeric, input.form, *std::move(pooled), *context.attached);
  };
  return call;
}

absl::StatusOr<PreparedCall<v1::PoolBackwardResponse>> PreparePoolBackward(const v1::PoolBackwardRequest& request,
                                                                           const PrepareOptions& options) {
  RequestErrors errors;
  PoolingInputs inputs = CheckInputs(request, options.limits, errors);
  auto gradient =
      CheckTensor(request.has_output_gradient(), request.output_gradient(), "output_gradient", options.limits, errors);
  const compute::NumericOptions numeric = DecodeNumbers(request, errors.violations());
  if (inputs.geometry.has_value() && inputs.input->type_known) {
    compute::CheckPoolingGradientNumbers(*inputs.geometry, inputs.input->view.type, numeric, RequestFields(),
                                         errors.violations());
  }
  if (inputs.geometry.has_value() && gradient.has_value()) {
    CheckShape(*gradient, inputs.geometry->output_shape, "the output's shape", "output_gradient", errors.violations());
    CheckSameType(*gradient, *inputs.input, "output_gradient", errors.violations());
    CheckAxes(*gradient, inputs.geometry->layout.letters(), "output_gradient", errors.violations());
    CheckBoundsSize(inputs.geometry->input_shape, numeric, "input_gradient_error_bounds", options.limits, errors);
  }
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<v1::PoolBackwardResponse> call;
  call.cost =
      compute::PoolBackwardNumbersCost(*inputs.geometry, inputs.input->view.type, numeric, options.thread_count);
  TENSORD_RETURN_IF_ERROR(compute::CheckWork(call.cost, options.limits));
  call.estimated_ns = kCallNs + static_cast<double>(call.cost.multiplication_count) * kElementNs;
  const TensorForm form = inputs.input->form == gradient->form ? gradient->form : TensorForm::kBytes;
  AddTyped(inputs.geometry->input_shape, inputs.input->view.type, form, call.cost);
  call.run = [&request, numeric, form, input = *std::move(inputs.input), gradient = *std::move(gradient),
              geometry = *std::move(inputs.geometry)](
                 const AnswerContext& context) mutable -> absl::StatusOr<v1::PoolBackwardResponse> {
    RequestErrors late;
    LoadElements(request.input(), "input", input, late);
    LoadElements(request.output_gradient(), "output_gradient", gradient, late);
    if (!late.ok()) return late.ToStatus();
    absl::StatusOr<compute::NumericPoolingGradient> result =
        compute::PoolBackwardNumbers(geometry, input.view, gradient.view, numeric, context);
    if (!result.ok()) return AsViolation(result.status());
    const std::string& letters = geometry.layout.letters();
    v1::PoolBackwardResponse response;
    TENSORD_RETURN_IF_ERROR(EncodeResult(std::move(result->input), numeric.accumulation, form, letters,
                                         *response.mutable_input_gradient(), *response.mutable_input_gradient_sha256(),
                                         *context.attached));
    if (result->bounds.has_value()) {
      *response.mutable_input_gradient_error_bounds() =
          EncodeErrorBounds(*std::move(result->bounds), form, letters, *context.attached);
    }
    response.set_accumulation(Encode(numeric.accumulation));
    response.set_profile(request.profile());
    *response.mutable_conventions() = EncodeConventions(geometry);
    return response;
  };
  return call;
}

}  // namespace tensord::server
