#include "server/convert/activation_convert.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/convert/enum_convert.h"
#include "server/convert/request_errors.h"
#include "server/convert/tensor_convert.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

bool HasRepeatedLetter(absl::string_view letters) {
  std::string sorted(letters);
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
}

// Checks the axes of a tensor whose layout means nothing to the operation: one capital letter each, none twice.
void CheckFreeAxes(const DecodedTensor& tensor, absl::string_view field, compute::Violations& violations) {
  if (!tensor.axes.has_value()) return;
  const absl::string_view letters = *tensor.axes;
  const bool capitals = std::all_of(letters.begin(), letters.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (capitals && letters.size() == static_cast<size_t>(tensor.view.shape.rank()) && !HasRepeatedLetter(letters))
    return;
  violations.Add(absl::StrCat(field, ".axes"), absl::StrCat("was '", absl::CHexEscape(letters.substr(0, 16)),
                                                            "', has to have one capital letter for "
                                                            "each of the ",
                                                            tensor.view.shape.rank(), " axes, none twice"));
}

// Sizes have to be in range. Only the batch may be empty: the axis N, or without letters the first axis of rank 4
// and 5.
void CheckSizes(const DecodedTensor& tensor, absl::string_view field, compute::Violations& violations) {
  const int rank = tensor.view.shape.rank();
  size_t batch = rank == 4 || rank == 5 ? 0 : std::string::npos;
  if (tensor.axes.has_value()) batch = tensor.axes->find('N');
  for (int i = 0; i < rank; ++i) {
    const auto axis = static_cast<size_t>(i);
    const int64_t size = tensor.view.shape[i];
    const int64_t minimum = axis == batch ? 0 : 1;
    if (size >= minimum && size <= compute::kMaxSize) continue;
    violations.Add(compute::Indexed(absl::StrCat(field, ".shape"), axis),
                   absl::StrCat("was ", size, ", has to be ", minimum, "..", compute::kMaxSize,
                                size == 0 ? ": only a batch axis may be empty" : ""));
  }
}

}  // namespace

std::optional<compute::Activation> DecodeActivation(const v1::Activation& activation, compute::Profile profile,
                                                    absl::string_view field, compute::Violations& violations) {
  compute::ActivationOptions options;
  const auto kind = DecodeRequired(activation.kind(), absl::StrCat(field, ".kind"), violations);
  options.gelu_form = Decode(activation.gelu_form(), absl::StrCat(field, ".gelu_form"), violations);
  options.kink_slope = Decode(activation.kink_slope(), absl::StrCat(field, ".kink_slope"), violations);
  if (activation.has_slope()) options.slope = activation.slope();
  if (activation.has_offset()) options.offset = activation.offset();
  if (activation.has_alpha()) options.alpha = activation.alpha();
  if (activation.has_beta()) options.beta = activation.beta();
  if (!kind.has_value()) return std::nullopt;
  options.kind = *kind;
  return compute::ResolveActivation(options, profile, field, violations);
}

v1::Activation EncodeActivation(const compute::Activation& activation) {
  const compute::ActivationParameters takes = compute::ParametersOf(activation.kind);
  v1::Activation message;
  message.set_kind(Encode(activation.kind));
  if (takes.slope) message.set_slope(activation.slope);
  if (takes.offset) message.set_offset(activation.offset);
  if (takes.alpha) message.set_alpha(activation.alpha);
  if (takes.beta) message.set_beta(activation.beta);
  if (takes.gelu_form) message.set_gelu_form(Encode(activation.gelu_form));
  if (takes.kink_slope) message.set_kink_slope(Encode(activation.kink_slope));
  return message;
}

absl::StatusOr<PreparedCall<v1::ActivateResponse>> PrepareActivate(const v1::ActivateRequest& request,
                                                                   const PrepareOptions& options) {
  RequestErrors errors;
  const auto profile = Decode(request.profile(), "profile", errors.violations());
  const auto activation = DecodeActivation(request.activation(), profile.value_or(compute::Profile::kNone),
                                           "activation", errors.violations());
  auto input = CheckTensor(request.has_input(), request.input(), "input", options.limits, errors);
  if (input.has_value()) {
    CheckFreeAxes(*input, "input", errors.violations());
    CheckSizes(*input, "input", errors.violations());
  }
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<v1::ActivateResponse> call;
  call.cost = compute::ActivationCost(input->view.shape, input->view.type);
  TENSORD_RETURN_IF_ERROR(compute::CheckWork(call.cost, options.limits));
  call.estimated_ns = static_cast<double>(call.cost.multiplication_count) * kActivationElementNs;
  call.run = [&request, activation = *activation, input = *std::move(input)](
                 const compute::ExecutionContext& context) mutable -> absl::StatusOr<v1::ActivateResponse> {
    RequestErrors late;
    LoadElements(request.input(), "input", input, late);
    if (!late.ok()) return late.ToStatus();
    TENSORD_ASSIGN_OR_RETURN(const compute::Tensor output, compute::Activate(activation, input.view, context));
    v1::ActivateResponse response;
    *response.mutable_output() = EncodeTensor(output, input.form, input.axes.value_or(""));
    *response.mutable_activation() = EncodeActivation(activation);
    response.set_profile(request.profile());
    return response;
  };
  return call;
}

absl::StatusOr<PreparedCall<v1::ActivateBackwardResponse>> PrepareActivateBackward(
    const v1::ActivateBackwardRequest& request, const PrepareOptions& options) {
  RequestErrors errors;
  compute::Violations& violations = errors.violations();
  const auto profile = Decode(request.profile(), "profile", violations);
  const auto activation =
      DecodeActivation(request.activation(), profile.value_or(compute::Profile::kNone), "activation", violations);
  auto input = CheckTensor(request.has_input(), request.input(), "input", options.limits, errors);
  auto gradient =
      CheckTensor(request.has_output_gradient(), request.output_gradient(), "output_gradient", options.limits, errors);
  if (input.has_value()) {
    CheckFreeAxes(*input, "input", violations);
    CheckSizes(*input, "input", violations);
  }
  if (input.has_value() && gradient.has_value()) {
    CheckShape(*gradient, input->view.shape, "the input's shape", "output_gradient", violations);
    CheckSameType(*gradient, *input, "output_gradient", violations);
    if (input->axes.has_value()) CheckAxes(*gradient, *input->axes, "output_gradient", violations);
  }
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<v1::ActivateBackwardResponse> call;
  call.cost = compute::ActivationCost(input->view.shape, input->view.type);
  TENSORD_RETURN_IF_ERROR(compute::CheckWork(call.cost, options.limits));
  call.estimated_ns = static_cast<double>(call.cost.multiplication_count) * kActivationElementNs;
  call.run = [&request, activation = *activation, input = *std::move(input), gradient = *std::move(gradient)](
                 const compute::ExecutionContext& context) mutable -> absl::StatusOr<v1::ActivateBackwardResponse> {
    RequestErrors late;
    LoadElements(request.input(), "input", input, late);
    LoadElements(request.output_gradient(), "output_gradient", gradient, late);
    if (!late.ok()) return late.ToStatus();
    TENSORD_ASSIGN_OR_RETURN(const compute::Tensor result,
                             compute::ActivateBackward(activation, input.view, gradient.view, context));
    const TensorForm form = input.form == gradient.form ? input.form : TensorForm::kBytes;
    v1::ActivateBackwardResponse response;
    *response.mutable_input_gradient() = EncodeTensor(result, form, input.axes.value_or(""));
    *response.mutable_activation() = EncodeActivation(activation);
    response.set_profile(request.profile());
    return response;
  };
  return call;
}

}  // namespace tensord::server
