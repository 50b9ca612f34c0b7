#include "grading/src/slips/steps.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "grading/src/question/evaluation.h"
#include "grading/src/question/value.h"

namespace tensord::grading {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The layer of an AnalyzeLayer request; null for any other operation, and where there is none.
Message* LayerOf(v1::Step& step) {
  if (!step.has_analyze_layer()) return nullptr;
  v1::AnalyzeLayerRequest& request = *step.mutable_analyze_layer();
  const FieldDescriptor* const field = request.GetReflection()->GetOneofFieldDescriptor(
      request, v1::AnalyzeLayerRequest::descriptor()->FindOneofByName("layer"));
  return field == nullptr ? nullptr : request.GetReflection()->MutableMessage(&request, field);
}

// The message with a step's kind and conventions.
Message* HolderOf(v1::Step& step) {
  if (step.has_analyze_layer()) return LayerOf(step);
  return MutableOperationOf(step);
}

const FieldDescriptor* KindField(const Message& message) {
  const FieldDescriptor* const field = message.GetDescriptor()->FindFieldByName("kind");
  const bool is_pooling = field != nullptr && field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM &&
                          field->enum_type() == v1::PoolingKind_descriptor();
  return is_pooling ? field : nullptr;
}

bool PutsChannelsFirst(v1::ConventionProfile profile) {
  return profile == v1::CONVENTION_PROFILE_PYTORCH || profile == v1::CONVENTION_PROFILE_ONNX ||
         profile == v1::CONVENTION_PROFILE_CUDNN;
}

std::string TextField(const Message& message, const std::string& name) {
  const FieldDescriptor* const field = message.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? "" : message.GetReflection()->GetString(message, field);
}

bool IsSpatial(char letter) { return letter == 'D' || letter == 'H' || letter == 'W'; }

// The axes that are not batch or channels, of a tensor without a layout.
std::vector<size_t> DefaultSpatialAxes(size_t rank, bool is_filter, bool channels_first) {
  // Ranks 1 and 2 are W and HW; a filter of rank r has r - 2 spatial axes, an input of rank 3 and 4 two, of 5 three.
  size_t first = 0;
  size_t count = rank;
  if (rank > 2) {
    count = is_filter ? rank - 2 : rank == 5 ? 3 : 2;
    const size_t batch = is_filter || rank == 3 ? 0 : 1;
    first = channels_first ? rank - count : batch;
  }
  std::vector<size_t> axes(count);
  for (size_t i = 0; i < count; ++i) axes[i] = first + i;
  return axes;
}

}  // namespace

Message* ConventionsOf(v1::Step& step) {
  Message* const holder = HolderOf(step);
  if (holder == nullptr) return nullptr;
  const FieldDescriptor* const field = holder->GetDescriptor()->FindFieldByName("conventions");
  return field == nullptr ? nullptr : holder->GetReflection()->MutableMessage(holder, field);
}

v1::PoolingKind PoolingKindOf(const v1::Step& step) {
  if (step.has_pool()) return step.pool().kind();
  if (step.has_pool_backward()) return step.pool_backward().kind();
  return step.analyze_layer().pooling().kind();
}

bool SetPoolingKind(v1::PoolingKind from, v1::PoolingKind to, v1::Step& step) {
  if (PoolingKindOf(step) != from) return false;
  Message* const holder = HolderOf(step);
  const FieldDescriptor* const field = holder == nullptr ? nullptr : KindField(*holder);
  if (field == nullptr) return false;
  holder->GetReflection()->SetEnumValue(holder, field, to);
  auto& conventions = *static_cast<v1::PoolingConventions*>(  // NOLINT(*-static-cast-downcast): of a pooling
      ConventionsOf(step));
  // What the other kind does not have, and what it needs.
  conventions.clear_average_divisor();
  conventions.clear_fixed_divisor();
  if (to == v1::POOLING_KIND_AVERAGE) conventions.set_average_divisor(v1::AVERAGE_DIVISOR_EXCLUDED);
  if (to != v1::POOLING_KIND_MAX && step.has_pool()) step.mutable_pool()->clear_return_indices();
  if (to == v1::POOLING_KIND_SUBSAMPLE) {
    if (conventions.strides().empty()) *conventions.mutable_strides() = conventions.window();
    conventions.clear_window();
    conventions.clear_dilations();
  } else if (conventions.window().empty()) {
    *conventions.mutable_window() = conventions.strides();
  }
  return true;
}

v1::Tensor* GivenTensor(v1::Question& question, v1::Step& step, const std::string& field) {
  Message* const operation = MutableOperationOf(step);
  if (operation == nullptr) return nullptr;
  const auto name = step.tensors().find(field);
  if (name != step.tensors().end()) {
    const auto datum = question.mutable_data()->find(name->second);
    return datum == question.mutable_data()->end() ? nullptr : datum->second.mutable_tensor();
  }
  const FieldDescriptor* const inside = operation->GetDescriptor()->FindFieldByName(field);
  if (inside == nullptr || inside->is_repeated() || inside->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
      inside->message_type() != v1::Tensor::descriptor() || !operation->GetReflection()->HasField(*operation, inside)) {
    return nullptr;
  }
  return static_cast<v1::Tensor*>(  // NOLINT(*-static-cast-downcast): its descriptor says so
      operation->GetReflection()->MutableMessage(operation, inside));
}

bool DropFirst(size_t axis, v1::Tensor& tensor) {
  const absl::StatusOr<TensorValue> value = TensorValueOf(tensor);
  if (!value.ok() || axis >= value->shape.size() || value->shape[axis] < 2) return false;
  std::vector<int64_t> shape = value->shape;
  shape[axis] -= 1;
  std::vector<double> elements;
  for (size_t i = 0; i < value->elements.size(); ++i) {
    if (CellOf(static_cast<int64_t>(i), value->shape)[axis] > 0) elements.push_back(value->elements[i]);
  }
  const std::string axes = tensor.axes();
  const bool has_axes = tensor.has_axes();
  tensor = MakeTensor(value->type, shape, elements);
  if (has_axes) tensor.set_axes(axes);
  return true;
}

bool ExchangeAxes(size_t a, size_t b, v1::Tensor& tensor) {
  const absl::StatusOr<TensorValue> value = TensorValueOf(tensor);
  if (!value.ok() || a >= value->shape.size() || b >= value->shape.size() || a == b) return false;
  std::vector<int64_t> shape = value->shape;
  std::swap(shape[a], shape[b]);
  std::vector<double> elements(value->elements.size());
  for (size_t i = 0; i < elements.size(); ++i) {
    std::vector<int64_t> cell = CellOf(static_cast<int64_t>(i), shape);
    std::swap(cell[a], cell[b]);
    size_t from = 0;
    for (size_t axis = 0; axis < cell.size(); ++axis) {
      from = from * static_cast<size_t>(value->shape[axis]) + static_cast<size_t>(cell[axis]);
    }
    elements[i] = value->elements[from];
  }
  if (shape == value->shape && elements == value->elements) return false;
  const std::string axes = tensor.axes();
  const bool has_axes = tensor.has_axes();
  tensor = MakeTensor(value->type, shape, elements);
  if (has_axes) tensor.set_axes(axes);
  return true;
}

std::vector<size_t> SpatialAxes(v1::Step& step, const std::string& field, const v1::Tensor& tensor) {
  const Message* const conventions = ConventionsOf(step);
  std::string layout = conventions == nullptr ? "" : TextField(*conventions, field + "_layout");
  if (layout.empty()) layout = tensor.axes();
  const auto rank = static_cast<size_t>(tensor.shape_size());
  if (layout.size() == rank) {
    std::vector<size_t> axes;
    for (size_t i = 0; i < rank; ++i) {
      if (IsSpatial(layout[i])) axes.push_back(i);
    }
    return axes;
  }
  const Message* const operation = OperationOf(step);
  const FieldDescriptor* const profile = operation->GetDescriptor()->FindFieldByName("profile");
  const bool channels_first = profile != nullptr && PutsChannelsFirst(static_cast<v1::ConventionProfile>(
                                                        operation->GetReflection()->GetEnumValue(*operation, profile)));
  return DefaultSpatialAxes(rank, field == "filter", channels_first);
}

}  // namespace tensord::grading
