#include "server/convert/unpooling_convert.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "server/convert/conventions_convert.h"
#include "server/convert/enum_convert.h"
#include "server/convert/index_tensor.h"
#include "server/convert/request_errors.h"
#include "server/convert/tensor_convert.h"
#include "tensord/compute/any_type.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

// Two passes over the indices, with two divisions each.
constexpr double kElementNs = 15;
constexpr double kCallNs = 1000;

// What both rpcs have in common, decoded.
struct Inputs {
  std::optional<DecodedTensor> values;  // the input, or the output's gradient
  std::optional<DecodedTensor> indices;
  std::optional<compute::PoolingGeometry> geometry;
  compute::IndexCheck check;
};

// `Request` is UnpoolRequest or UnpoolBackwardRequest, whose `values_field` is the tensor of values.
template <typename Request>
Inputs CheckInputs(const Request& request, bool given, const v1::Tensor& values, absl::string_view values_field,
                   const compute::Limits& limits, RequestErrors& errors) {
  Inputs inputs;
  inputs.values = CheckTensor(given, values, values_field, limits, errors);
  inputs.indices =
      CheckTensor(request.has_indices(), request.indices(), "indices", limits, errors, TensorTypes::kIndices);
  inputs.check.range =
      Decode(request.index_range(), "index_range", errors.violations()).value_or(compute::IndexRange::kPlane);
  return inputs;
}

// The shape that a list of sizes is, or nothing where it is empty or too long to be one.
std::optional<compute::Shape> DecodeShape(const google::protobuf::RepeatedField<int64_t>& sizes,
                                          absl::string_view field, compute::Violations& violations) {
  if (sizes.empty()) return std::nullopt;
  if (sizes.size() > compute::kMaxRank) {
    violations.Add(field, absl::StrCat("had ", sizes.size(), " entries, has to have one per axis of the input"));
    return std::nullopt;
  }
  return compute::Shape(absl::MakeConstSpan(sizes.data(), static_cast<size_t>(sizes.size())));
}

template <typename Request>
void Resolve(const Request& request, std::optional<std::string> axes, absl::string_view axes_field,
             const compute::Shape& pooled, const std::optional<compute::Shape>& unpooled,
             const compute::UnpoolingFields& fields, Inputs& inputs, compute::Violations& violations) {
  const auto profile = Decode(request.profile(), "profile", violations);
  compute::PoolingConventions conventions = DecodeConventions(request.conventions(), "conventions", violations);
  conventions.input_layout =
      MergeAxes(conventions.input_layout, axes, compute::Layout::Role::kActivation, axes_field, violations);
  inputs.geometry = compute::ResolveUnpooling(conventions, profile.value_or(compute::Profile::kNone), pooled, unpooled,
                                              fields, {}, violations);
}

// What the indices, and a typed result of that shape, take beside the engine's result.
void AddScratch(const Inputs& inputs, const compute::Shape& result, compute::Cost& cost) {
  const int64_t typed = TypedAnswerBytes(result, inputs.values->view.type, inputs.values->form);
  cost.scratch_bytes =
      compute::SaturatingAdd(cost.scratch_bytes, compute::SaturatingAdd(typed, IndexScratchBytes(*inputs.indices)));
}

// Loads the elements that `run` needs.
absl::Status Load(const v1::Tensor& values, absl::string_view values_field, const v1::Tensor& indices, Inputs& inputs) {
  RequestErrors late;
  LoadElements(values, values_field, *inputs.values, late);
  LoadIndices(indices, inputs.check.field, *inputs.indices, late);
  return late.ToStatus();
}

}  // namespace

absl::StatusOr<PreparedCall<v1::UnpoolResponse>> PrepareUnpool(const v1::UnpoolRequest& request,
                                                               const PrepareOptions& options) {
  RequestErrors errors;
  compute::Violations& violations = errors.violations();
  Inputs inputs = CheckInputs(request, request.has_input(), request.input(), "input", options.limits, errors);
  const auto unpooled = DecodeShape(request.output_shape(), "output_shape", violations);
  const bool shape_good = unpooled.has_value() || request.output_shape().empty();
  if (inputs.values.has_value() && inputs.indices.has_value() && shape_good) {
    const compute::Shape& pooled = inputs.values->view.shape;
    CheckShape(*inputs.indices, pooled, "the input's shape", "indices", violations);
    Resolve(request, inputs.values->axes, "input", pooled, unpooled, {}, inputs, violations);
  }
  if (inputs.geometry.has_value()) {
    CheckAxes(*inputs.indices, inputs.geometry->layout.letters(), "indices", violations);
    errors.AddLimit(compute::CheckTensorSize(inputs.geometry->input_shape, inputs.values->view.type, "output_shape",
                                             options.limits));
  }
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<v1::UnpoolResponse> call;
  call.cost = compute::UnpoolingAnyTypeCost(*inputs.geometry, inputs.values->view.type);
  AddScratch(inputs, inputs.geometry->input_shape, call.cost);
  TENSORD_RETURN_IF_ERROR(compute::CheckWork(call.cost, options.limits));
  call.estimated_ns = kCallNs + static_cast<double>(call.cost.multiplication_count) * kElementNs;
  call.run = [&request,
              inputs = std::move(inputs)](const AnswerContext& context) mutable -> absl::StatusOr<v1::UnpoolResponse> {
    TENSORD_RETURN_IF_ERROR(Load(request.input(), "input", request.indices(), inputs));
    RequestErrors wrong;
    absl::StatusOr<compute::Tensor> result = compute::UnpoolAnyType(
        *inputs.geometry, inputs.values->view, inputs.indices->view, inputs.check, context, wrong.violations());
    if (!wrong.ok()) return wrong.ToStatus();
    TENSORD_RETURN_IF_ERROR(result.status());
    v1::UnpoolResponse response;
    *response.mutable_output() =
        EncodeTensor(*std::move(result), inputs.values->form, inputs.geometry->layout.letters(), *context.attached);
    response.set_profile(request.profile());
    *response.mutable_conventions() = EncodeConventions(*inputs.geometry);
    response.set_index_range(Encode(inputs.check.range));
    return response;
  };
  return call;
}

absl::StatusOr<PreparedCall<v1::UnpoolBackwardResponse>> PrepareUnpoolBackward(const v1::UnpoolBackwardRequest& request,
                                                                               const PrepareOptions& options) {
  RequestErrors errors;
  compute::Violations& violations = errors.violations();
  Inputs inputs = CheckInputs(request, request.has_output_gradient(), request.output_gradient(), "output_gradient",
                              options.limits, errors);
  if (inputs.values.has_value() && inputs.indices.has_value()) {
    Resolve(request, inputs.values->axes, "output_gradient", inputs.indices->view.shape, inputs.values->view.shape,
            {.pooled_shape = "indices.shape", .unpooled_shape = "output_gradient.shape"}, inputs, violations);
  }
  if (inputs.geometry.has_value()) {
    CheckAxes(*inputs.indices, inputs.geometry->layout.letters(), "indices", violations);
    errors.AddLimit(compute::CheckTensorSize(inputs.geometry->output_shape, inputs.values->view.type, "indices.shape",
                                             options.limits));
  }
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<v1::UnpoolBackwardResponse> call;
  call.cost = compute::UnpoolingBackwardAnyTypeCost(*inputs.geometry, inputs.values->view.type);
  AddScratch(inputs, inputs.geometry->output_shape, call.cost);
  TENSORD_RETURN_IF_ERROR(compute::CheckWork(call.cost, options.limits));
  call.estimated_ns = kCallNs + static_cast<double>(call.cost.multiplication_count) * kElementNs;
  call.run = [&request, inputs = std::move(inputs)](
                 const AnswerContext& context) mutable -> absl::StatusOr<v1::UnpoolBackwardResponse> {
    TENSORD_RETURN_IF_ERROR(Load(request.output_gradient(), "output_gradient", request.indices(), inputs));
    RequestErrors wrong;
    absl::StatusOr<compute::Tensor> result = compute::UnpoolBackwardAnyType(
        *inputs.geometry, inputs.indices->view, inputs.values->view, inputs.check, context, wrong.violations());
    if (!wrong.ok()) return wrong.ToStatus();
    TENSORD_RETURN_IF_ERROR(result.status());
    v1::UnpoolBackwardResponse response;
    *response.mutable_input_gradient() =
        EncodeTensor(*std::move(result), inputs.values->form, inputs.geometry->layout.letters(), *context.attached);
    response.set_profile(request.profile());
    *response.mutable_conventions() = EncodeConventions(*inputs.geometry);
    response.set_index_range(Encode(inputs.check.range));
    return response;
  };
  return call;
}

}  // namespace tensord::server
