#include "server/convert/pooling_convert.h"

#include <optional>
#include <utility>

#include "server/convert/conventions_convert.h"
#include "server/convert/enum_convert.h"
#include "server/convert/request_errors.h"
#include "server/convert/tensor_convert.h"
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
  if (inputs.geometry.has_value()) {
    errors.AddLimit(
        compute::CheckTensorSize(inputs.geometry->output_shape, inputs.input->view.type, "output.shape", limits));
  }
  return inputs;
}

}  // namespace

absl::StatusOr<PreparedCall<v1::PoolResponse>> PreparePool(const v1::PoolRequest& request,
                                                           const PrepareOptions& options) {
  RequestErrors errors;
  PoolingInputs inputs = CheckInputs(request, options.limits, errors);
  if (request.return_indices() && request.kind() != v1::POOLING_KIND_MAX) {
    errors.AddViolation("return_indices", "was true, has to be left out: only MAX pooling has indices");
  }
  if (request.return_indices() && inputs.geometry.has_value()) {
    errors.AddLimit(compute::CheckTensorSize(inputs.geometry->output_shape, compute::DataType::kInt64, "indices.shape",
                                             options.limits));
  }
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<v1::PoolResponse> call;
  call.cost = compute::PoolingCost(*inputs.geometry, inputs.input->view.type, request.return_indices());
  TENSORD_RETURN_IF_ERROR(compute::CheckWork(call.cost, options.limits));
  call.estimated_ns = kCallNs + static_cast<double>(call.cost.multiplication_count) * kElementNs;
  call.run = [&request, input = *std::move(inputs.input), geometry = *std::move(inputs.geometry)](
                 const compute::ExecutionContext& context) mutable -> absl::StatusOr<v1::PoolResponse> {
    RequestErrors late;
    LoadElements(request.input(), "input", input, late);
    if (!late.ok()) return late.ToStatus();
    TENSORD_ASSIGN_OR_RETURN(const compute::PoolingResult result,
                             compute::Pool(geometry, input.view, request.return_indices(), context));
    v1::PoolResponse response;
    *response.mutable_output() = EncodeTensor(result.output, input.form, geometry.layout.letters());
    if (result.indices.has_value()) {
      *response.mutable_indices() = EncodeTensor(*result.indices, input.form, geometry.layout.letters());
    }
    response.set_profile(request.profile());
    *response.mutable_conventions() = EncodeConventions(geometry);
    return response;
  };
  return call;
}

absl::StatusOr<PreparedCall<v1::PoolBackwardResponse>> PreparePoolBackward(const v1::PoolBackwardRequest& request,
                                                                           const PrepareOptions& options) {
  RequestErrors errors;
  PoolingInputs inputs = CheckInputs(request, options.limits, errors);
  auto gradient =
      CheckTensor(request.has_output_gradient(), request.output_gradient(), "output_gradient", options.limits, errors);
  if (inputs.geometry.has_value() && gradient.has_value()) {
    CheckShape(*gradient, inputs.geometry->output_shape, "the output's shape", "output_gradient", errors.violations());
    CheckSameType(*gradient, *inputs.input, "output_gradient", errors.violations());
    CheckAxes(*gradient, inputs.geometry->layout.letters(), "output_gradient", errors.violations());
  }
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<v1::PoolBackwardResponse> call;
  call.cost = compute::PoolingBackwardCost(*inputs.geometry, inputs.input->view.type);
  TENSORD_RETURN_IF_ERROR(compute::CheckWork(call.cost, options.limits));
  call.estimated_ns = kCallNs + static_cast<double>(call.cost.multiplication_count) * kElementNs;
  call.run = [&request, input = *std::move(inputs.input), gradient = *std::move(gradient),
              geometry = *std::move(inputs.geometry)](
                 const compute::ExecutionContext& context) mutable -> absl::StatusOr<v1::PoolBackwardResponse> {
    RequestErrors late;
    LoadElements(request.input(), "input", input, late);
    LoadElements(request.output_gradient(), "output_gradient", gradient, late);
    if (!late.ok()) return late.ToStatus();
    TENSORD_ASSIGN_OR_RETURN(const compute::Tensor result,
                             compute::PoolBackward(geometry, input.view, gradient.view, context));
    const TensorForm form = input.form == gradient.form ? input.form : TensorForm::kBytes;
    v1::PoolBackwardResponse response;
    *response.mutable_input_gradient() = EncodeTensor(result, form, geometry.layout.letters());
    response.set_profile(request.profile());
    *response.mutable_conventions() = EncodeConventions(geometry);
    return response;
  };
  return call;
}

}  // namespace tensord::server
