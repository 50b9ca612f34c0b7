// Slips in where tensors begin and which way they lie, and in what is added to a layer.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "grading/src/question/evaluation.h"
#include "grading/src/slips/slip.h"
#include "grading/src/slips/steps.h"

namespace tensord::grading {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Runs `change` once on each input that the question holds.
template <typename Change>
bool ForEachInput(v1::Question& question, const Change& change) {
  std::set<const v1::Tensor*> done;
  return ForEachStep(question, [&](v1::Step& step) {
    v1::Tensor* const input = GivenTensor(question, step, "input");
    if (input == nullptr || !done.insert(input).second) return false;
    return change(SpatialAxes(step, "input", *input), *input);
  });
}

bool StartAtOne(v1::Question& question) {
  return ForEachInput(question, [](const std::vector<size_t>& axes, v1::Tensor& input) {
    bool changed = false;
    for (const size_t axis : axes) changed = DropFirst(axis, input) || changed;
    return changed;
  });
}

bool TransposeInput(v1::Question& question) {
  return ForEachInput(question, [](const std::vector<size_t>& axes, v1::Tensor& input) {
    return axes.size() >= 2 && ExchangeAxes(axes[axes.size() - 2], axes.back(), input);
  });
}

// A field of the operation that is there; null otherwise.
const FieldDescriptor* FieldThere(const Message& message, const std::string& name) {
  const FieldDescriptor* const field = message.GetDescriptor()->FindFieldByName(name);
  return field != nullptr && message.GetReflection()->HasField(message, field) ? field : nullptr;
}

bool ForgetBias(v1::Question& question) {
  return ForEachStep(question, [](v1::Step& step) {
    Message* const operation = MutableOperationOf(step);
    if (operation == nullptr) return false;
    const bool named = step.mutable_tensors()->erase("bias") > 0;
    const FieldDescriptor* const field = FieldThere(*operation, "bias");
    if (field != nullptr) operation->GetReflection()->ClearField(operation, field);
    return named || field != nullptr;
  });
}

bool SubtractBias(v1::Question& question) {
  std::set<const v1::Tensor*> done;
  return ForEachStep(question, [&](v1::Step& step) {
    v1::Tensor* const bias = GivenTensor(question, step, "bias");
    if (bias == nullptr || !done.insert(bias).second) return false;
    absl::StatusOr<TensorValue> value = TensorValueOf(*bias);
    if (!value.ok()) return false;
    for (double& element : value->elements) element = -element;
    *bias = MakeTensor(value->type, value->shape, value->elements);
    return true;
  });
}

bool ReplaceActivation(v1::Question& question, v1::ActivationKind from, v1::ActivationKind to) {
  return ForEachStep(question, [=](v1::Step& step) {
    Message* const operation = MutableOperationOf(step);
    const FieldDescriptor* const field = operation == nullptr ? nullptr : FieldThere(*operation, "activation");
    if (field == nullptr || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return false;
    auto& activation = *static_cast<v1::Activation*>(  // NOLINT(*-static-cast-downcast): every such field is one
        operation->GetReflection()->MutableMessage(operation, field));
    const v1::ActivationKind kind = activation.kind();
    const bool is_none = kind == v1::ACTIVATION_KIND_UNSPECIFIED || kind == v1::ACTIVATION_KIND_IDENTITY;
    if (is_none || (from != v1::ACTIVATION_KIND_UNSPECIFIED && kind != from)) return false;
    activation.Clear();
    activation.set_kind(to);
    return true;
  });
}

constexpr Slip kSlips[] = {
    {.id = "start-at-one", .text = "started at index 1 instead of 0", .question = &StartAtOne},
    {.id = "input-transposed", .text = "exchanged the rows and columns of the input", .question = &TransposeInput},
    {.id = "bias-forgotten", .text = "did not add the bias", .question = &ForgetBias},
    {.id = "bias-subtracted", .text = "subtracted the bias instead of adding it", .question = &SubtractBias},
    {.id = "activation-forgotten",
     .text = "left out the activation, or its derivative",
     .question =
         [](v1::Question& q) {
           return ReplaceActivation(q, v1::ACTIVATION_KIND_UNSPECIFIED, v1::ACTIVATION_KIND_IDENTITY);
         }},
    {.id = "tanh-for-sigmoid",
     .text = "used tanh instead of the sigmoid",
     .question =
         [](v1::Question& q) { return ReplaceActivation(q, v1::ACTIVATION_KIND_SIGMOID, v1::ACTIVATION_KIND_TANH); }},
    {.id = "sigmoid-for-tanh",
     .text = "used the sigmoid instead of tanh",
     .question =
         [](v1::Question& q) { return ReplaceActivation(q, v1::ACTIVATION_KIND_TANH, v1::ACTIVATION_KIND_SIGMOID); }},
    {.id = "relu-for-leaky-relu",
     .text = "set negative values to 0 instead of multiplying them by the slope",
     .question =
         [](v1::Question& q) {
           return ReplaceActivation(q, v1::ACTIVATION_KIND_LEAKY_RELU, v1::ACTIVATION_KIND_RELU);
         }},
    {.id = "sigmoid-for-softmax",
     .text = "used the sigmoid of each element instead of softmax over all of them",
     .question =
         [](v1::Question& q) {
           return ReplaceActivation(q, v1::ACTIVATION_KIND_SOFTMAX, v1::ACTIVATION_KIND_SIGMOID);
         }},
};

constexpr Slip kGradientSlips[] = {
    {.id = "input-gradient-for-filter-gradient",
     .text = "gave the gradient with respect to the input instead of the filter's",
     .path =
         [](std::string& path) {
           const size_t place = path.find(".filter_gradient");
           if (place == std::string::npos) return false;
           path.replace(place, std::string::npos, ".input_gradient");
           return true;
         }},
    {.id = "filter-gradient-for-input-gradient",
     .text = "gave the gradient with respect to the filter instead of the input's",
     .path =
         [](std::string& path) {
           const size_t place = path.find(".input_gradient");
           if (place == std::string::npos) return false;
           path.replace(place, std::string::npos, ".filter_gradient");
           return true;
         }},
    {.id = "indices-for-values",
     .text = "gave the places of the largest cells instead of their values",
     .path =
         [](std::string& path) {
           if (path.find('.') != std::string::npos) return false;
           path += ".indices";
           return true;
         }},
    {.id = "values-for-indices",
     .text = "gave the largest values instead of their places",
     .path =
         [](std::string& path) {
           const size_t place = path.find(".indices");
           if (place == std::string::npos) return false;
           path.replace(place, std::string::npos, ".output");
           return true;
         }},
    {.id = "output-gradient-forgotten",
     .text = "took the derivative alone, and did not multiply by the gradient that comes from above",
     .question =
         [](v1::Question& question) {
           std::set<const v1::Tensor*> done;
           return ForEachStep(question, [&](v1::Step& step) {
             v1::Tensor* const gradient = GivenTensor(question, step, "output_gradient");
             if (gradient == nullptr || !done.insert(gradient).second) return false;
             absl::StatusOr<TensorValue> value = TensorValueOf(*gradient);
             if (!value.ok()) return false;
             std::fill(value->elements.begin(), value->elements.end(), 1.0);
             *gradient = MakeTensor(value->type, value->shape, value->elements);
             return true;
           });
         }},
};

}  // namespace

absl::Span<const Slip> DataSlips() { return kSlips; }

absl::Span<const Slip> GradientSlips() { return kGradientSlips; }

}  // namespace tensord::grading
