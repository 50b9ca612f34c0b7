// Activate and ActivateBackward.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "server/convert/activation_convert.h"
#include "server/convert/enum_convert.h"
#include "server/convert/request_errors.h"
#include "server/convert/tensor_convert.h"
#include "tensord/compute/any_type.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

bool HasRepeatedLetter(absl::string_view letters) {
  std::string sorted(letters);
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
}

// Whether the axes of a tensor, where it has them, are one capital letter each, none twice: any will do.
bool CheckFreeAxes(const DecodedTensor& tensor, absl::string_view field, compute::Violations& violations) {
  if (!tensor.axes.has_value()) return true;
  const absl::string_view letters = *tensor.axes;
  const bool capitals = std::all_of(letters.begin(), letters.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (capitals && letters.size() == static_cast<size_t>(tensor.view.shape.rank()) && !HasRepeatedLetter(letters))
    return true;
  violations.Add(absl::StrCat(field, ".axes"), absl::StrCat("was '", absl::CHexEscape(letters.substr(0, 16)),
                                                            "', has to have one capital letter for "
                                                            "each of the ",
                                                            tensor.view.shape.rank(), " axes, none twice"));
  return false;
}

// Whether the sizes are in range. Only the batch may be empty: the axis N, or without letters the first axis of rank 4
// and 5.
bool CheckSizes(const DecodedTensor& tensor, absl::string_view field, compute::Violations& violations) {
  const size_t violations_before = violations.total();
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
  return violations.total() == violations_before;
}

// What both rpcs take, decoded and checked.
struct ActivateInputs {
  std::optional<compute::Activation> activation;
  std::optional<DecodedTensor> input;
  // For prelu.
  std::optional<DecodedTensor> slope;
  std::optional<compute::SlopeBroadcast> broadcast;
  // For softmax and log softmax; the letter is to be echoed where the request named any.
  std::optional<int> axis;
  std::string axis_letter;

  // The form of an answer to tensors in these forms.
  [[nodiscard]] TensorForm form() const {
    return !slope.has_value() || slope->form == input->form ? input->form : TensorForm::kBytes;
  }
};

void CheckSlope(bool given, const v1::Tensor& slope, const v1::Activation& activation, const std::string& letters,
                bool letters_known, compute::Profile profile, const compute::Limits& limits, ActivateInputs& inputs,
                RequestErrors& errors) {
  compute::Violations& violations = errors.violations();
  inputs.slope = CheckTensor(given, slope, "slope", limits, errors);
  if (!inputs.slope.has_value()) return;
  const bool good_axes = CheckFreeAxes(*inputs.slope, "slope", violations);
  const bool good_sizes = CheckSizes(*inputs.slope, "slope", violations);
  if (!inputs.input.has_value()) return;
  CheckSameType(*inputs.slope, *inputs.input, "slope", violations);
  if (!good_axes || !good_sizes || !letters_known) return;
  compute::Violations known;  // what is wrong with the value itself has been said already
  compute::SlopeOptions options = {.match = Decode(activation.slope_match(), "", known), .axes = inputs.slope->axes};
  inputs.broadcast = compute::ResolveSlopes(options, inputs.slope->view.shape, inputs.input->view.shape, letters,
                                            profile, "activation.slope_match", "slope", violations);
}

void CheckAxis(const v1::Activation& activation, const std::string& letters, compute::Profile profile,
               ActivateInputs& inputs, compute::Violations& violations) {
  compute::AxisOptions options;
  if (activation.has_axis()) options.letter = activation.axis();
  if (activation.has_axis_index()) options.index = activation.axis_index();
  inputs.axis =
      compute::ResolveAxis(options, inputs.input->view.shape.rank(), letters, profile, "activation", violations);
  if (inputs.axis.has_value() && (activation.has_axis() || inputs.input->axes.has_value())) {
    inputs.axis_letter = letters.substr(static_cast<size_t>(*inputs.axis), 1);
  }
}

// `Request` is ActivateRequest or ActivateBackwardRequest.
template <typename Request>
ActivateInputs CheckInputs(const Request& request, const compute::Limits& limits, RequestErrors& errors) {
  compute::Violations& violations = errors.violations();
  ActivateInputs inputs;
  const compute::Profile profile = Decode(request.profile(), "profile", violations).value_or(compute::Profile::kNone);
  inputs.activation = DecodeAnyActivation(request.activation(), profile, "activation", violations);
  inputs.input = CheckTensor(request.has_input(), request.input(), "input", limits, errors);
  bool good_axes = false;
  bool good_sizes = false;
  std::string letters;
  if (inputs.input.has_value()) {
    CheckFloating(*inputs.input, "input", violations);
    good_axes = CheckFreeAxes(*inputs.input, "input", violations);
    good_sizes = CheckSizes(*inputs.input, "input", violations);
    letters = compute::AxisLetters(inputs.input->axes, inputs.input->view.shape.rank(), profile);
  }
  const v1::ActivationKind kind = request.activation().kind();
  if (kind == v1::ACTIVATION_KIND_PRELU) {
    CheckSlope(request.has_slope(), request.slope(), request.activation(), letters, good_axes && good_sizes, profile,
               limits, inputs, errors);
  } else if (request.has_slope()) {
    violations.Add("slope", "was given, but only PRELU takes a tensor of slopes");
  }
  if ((kind == v1::ACTIVATION_KIND_SOFTMAX || kind == v1::ACTIVATION_KIND_LOG_SOFTMAX) && good_axes) {
    CheckAxis(request.activation(), letters, profile, inputs, violations);
  }
  return inputs;
}

v1::Activation Echo(const ActivateInputs& inputs) {
  v1::Activation message = EncodeActivation(*inputs.activation);
  if (inputs.axis.has_value()) message.set_axis_index(*inputs.axis);
  if (!inputs.axis_letter.empty()) message.set_axis(inputs.axis_letter);
  if (inputs.broadcast.has_value()) message.set_slope_match(Encode(inputs.broadcast->match));
  return message;
}

void LoadInputs(const v1::Tensor& input, const v1::Tensor& slope, ActivateInputs& inputs, RequestErrors& errors) {
  LoadElements(input, "input", *inputs.input, errors);
  if (inputs.slope.has_value()) LoadElements(slope, "slope", *inputs.slope, errors);
}

// What typed results take beside the engine's own.
void AddTyped(const ActivateInputs& inputs, TensorForm form, bool slope_gradient, compute::Cost& cost) {
  const compute::TensorView& x = inputs.input->view;
  int64_t bytes = TypedAnswerBytes(x.shape, x.type, form);
  if (slope_gradient) bytes = compute::SaturatingAdd(bytes, TypedAnswerBytes(inputs.slope->view.shape, x.type, form));
  cost.scratch_bytes = compute::SaturatingAdd(cost.scratch_bytes, bytes);
}

compute::Cost ForwardCost(const ActivateInputs& inputs) {
  const compute::TensorView& x = inputs.input->view;
  if (inputs.axis.has_value()) return compute::SoftmaxAnyTypeCost(x.shape, x.type);
  if (inputs.broadcast.has_value()) return compute::PreluAnyTypeCost(x.shape, x.type);
  return compute::ActivationAnyTypeCost(x.shape, x.type);
}

absl::StatusOr<compute::Tensor> Forward(const ActivateInputs& inputs, const compute::ExecutionContext& context) {
  const compute::TensorView& x = inputs.input->view;
  if (inputs.axis.has_value()) return compute::SoftmaxAnyType(inputs.activation->kind, x, *inputs.axis, context);
  if (inputs.broadcast.has_value()) return compute::PreluAnyType(x, inputs.slope->view, *inputs.broadcast, context);
  return compute::ActivateAnyType(*inputs.activation, x, context);
}

compute::Cost BackwardCost(const ActivateInputs& inputs, bool slope_gradient) {
  if (!inputs.broadcast.has_value()) return ForwardCost(inputs);
  const compute::TensorView& x = inputs.input->view;
  return compute::PreluBackwardAnyTypeCost(x.shape, inputs.slope->view.shape, x.type, slope_gradient);
}

absl::StatusOr<compute::PreluGradients> Backward(const ActivateInputs& inputs, const compute::TensorView& dy,
                                                 bool slope_gradient, const compute::ExecutionContext& context) {
  const compute::TensorView& x = inputs.input->view;
  const compute::Activation& activation = *inputs.activation;
  if (inputs.broadcast.has_value()) {
    return compute::PreluBackwardAnyType(x, inputs.slope->view, *inputs.broadcast, activation.kink_slope, dy,
                                         slope_gradient, context);
  }
  TENSORD_ASSIGN_OR_RETURN(compute::Tensor dx,
                           inputs.axis.has_value()
                               ? compute::SoftmaxBackwardAnyType(activation.kind, x, *inputs.axis, dy, context)
                               : compute::ActivateBackwardAnyType(activation, x, dy, context));
  return compute::PreluGradients{.input = std::move(dx), .slopes = std::nullopt};
}

}  // namespace

absl::StatusOr<PreparedCall<v1::ActivateResponse>> PrepareActivate(const v1::ActivateRequest& request,
                                                                   const PrepareOptions& options) {
  RequestErrors errors;
  ActivateInputs checked = CheckInputs(request, options.limits, errors);
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<v1::ActivateResponse> call;
  call.cost = ForwardCost(checked);
  AddTyped(checked, checked.form(), false, call.cost);
  TENSORD_RETURN_IF_ERROR(compute::CheckWork(call.cost, options.limits));
  call.estimated_ns = static_cast<double>(call.cost.multiplication_count) * kActivationElementNs;
  call.run = [&request, inputs = std::move(checked)](
                 const AnswerContext& context) mutable -> absl::StatusOr<v1::ActivateResponse> {
    RequestErrors late;
    LoadInputs(request.input(), request.slope(), inputs, late);
    if (!late.ok()) return late.ToStatus();
    TENSORD_ASSIGN_OR_RETURN(compute::Tensor output, Forward(inputs, context));
    v1::ActivateResponse response;
    *response.mutable_output() =
        EncodeTensor(std::move(output), inputs.form(), inputs.input->axes.value_or(""), *context.attached);
    *response.mutable_activation() = Echo(inputs);
    response.set_profile(request.profile());
    return response;
  };
  return call;
}

absl::StatusOr<PreparedCall<v1::ActivateBackwardResponse>> PrepareActivateBackward(
    const v1::ActivateBackwardRequest& request, const PrepareOptions& options) {
  RequestErrors errors;
  compute::Violations& violations = errors.violations();
  ActivateInputs checked = CheckInputs(request, options.limits, errors);
  const std::optional<DecodedTensor>& input = checked.input;
  auto gradient =
      CheckTensor(request.has_output_gradient(), request.output_gradient(), "output_gradient", options.limits, errors);
  if (input.has_value() && gradient.has_value()) {
    CheckShape(*gradient, input->view.shape, "the input's shape", "output_gradient", violations);
    CheckSameType(*gradient, *input, "output_gradient", violations);
    if (input->axes.has_value()) CheckAxes(*gradient, *input->axes, "output_gradient", violations);
  }
  if (request.return_slope_gradient() && request.activation().kind() != v1::ACTIVATION_KIND_PRELU) {
    violations.Add("return_slope_gradient", "was true, but only PRELU has a tensor of slopes");
  }
  if (!errors.ok()) return errors.ToStatus();
  PreparedCall<v1::ActivateBackwardResponse> call;
  call.cost = BackwardCost(checked, request.return_slope_gradient());
  const TensorForm form = checked.form() == gradient->form ? gradient->form : TensorForm::kBytes;
  AddTyped(checked, form, request.return_slope_gradient(), call.cost);
  TENSORD_RETURN_IF_ERROR(compute::CheckWork(call.cost, options.limits));
  call.estimated_ns = static_cast<double>(call.cost.multiplication_count) * kActivationElementNs;
  call.run = [&request, form, inputs = std::move(checked), dy = *std::move(gradient)](
                 const AnswerContext& context) mutable -> absl::StatusOr<v1::ActivateBackwardResponse> {
    RequestErrors late;
    LoadInputs(request.input(), request.slope(), inputs, late);
    LoadElements(request.output_gradient(), "output_gradient", dy, late);
    if (!late.ok()) return late.ToStatus();
    TENSORD_ASSIGN_OR_RETURN(compute::PreluGradients gradients,
                             Backward(inputs, dy.view, request.return_slope_gradient(), context));
    v1::ActivateBackwardResponse response;
    *response.mutable_input_gradient() =
        EncodeTensor(std::move(gradients.input), form, inputs.input->axes.value_or(""), *context.attached);
    if (gradients.slopes.has_value()) {
      *response.mutable_slope_gradient() =
          EncodeTensor(*std::move(gradients.slopes), form, inputs.slope->axes.value_or(""), *context.attached);
    }
    *response.mutable_activation() = Echo(inputs);
    response.set_profile(request.profile());
    return response;
  };
  return call;
}

}  // namespace tensord::server
