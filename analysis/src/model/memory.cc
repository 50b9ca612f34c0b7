// Which bytes are read, written, alive and kept, layer by layer.
//
//   read      the layer's data inputs, each tensor once, and all its parameters and buffers
//   written   its outputs
//   alive     a tensor is from the layer that computes it, a data input from the beginning, until the last layer that
//             takes it has run; what the network gives, until the end. What is computed and not used, or computed of
//             parameters alone, is alive while its layer runs.
//   kept      what backward.h says, each tensor once
//
// Layers that only relabel give another name to the same bytes: they read and write nothing, and whoever uses the new
// name uses the old one's bytes.
#include "analysis/src/model/memory.h"

#include <algorithm>

namespace tensord::analysis::model {
namespace {

// Sums of more terms than this are not followed: each layer has a copy of what is alive.
constexpr size_t kMaxLiveTerms = 64;

void AddTo(std::optional<Expression>& sum, const std::optional<Expression>& part) {
  if (!sum.has_value()) return;
  if (part.has_value()) {
    *sum += *part;
  } else {
    sum.reset();
  }
}

void AddByType(std::vector<TypeBytes>& list, ElementType type, const Expression& bytes) {
  const auto place = std::find_if(list.begin(), list.end(), [&](const TypeBytes& entry) { return entry.type == type; });
  if (place == list.end()) {
    list.push_back({.type = type, .bytes = bytes});
  } else {
    place->bytes += bytes;
  }
}

bool IsEvidentlyAtLeast(const Expression& a, const Expression& b) {
  const std::optional<Integer> bound = (a - b).LowerBound();
  return bound.has_value() && *bound >= Integer(0);
}

// The place of an expression that is evidently never below any other; the first of equal ones. If there is one, it
// takes the lead when it comes, and nothing takes it from it.
std::optional<size_t> FirstLargest(const std::vector<std::optional<Expression>>& values) {
  if (values.empty() || !values[0].has_value()) return std::nullopt;
  size_t largest = 0;
  for (size_t i = 1; i < values.size(); ++i) {
    if (!values[i].has_value()) return std::nullopt;
    if (*values[i] == *values[largest] || IsEvidentlyAtLeast(*values[largest], *values[i])) continue;
    largest = i;
  }
  for (const std::optional<Expression>& value : values) {
    if (!IsEvidentlyAtLeast(*values[largest], *value)) return std::nullopt;
  }
  return largest;
}

}  // namespace

std::optional<Expression> BytesOf(ElementType type, const Expression& elements) {
  const int64_t size = ElementBytes(type);
  if (size == 0) return std::nullopt;
  return elements * size;
}

std::optional<Expression> ElementsOf(const ModelTensor& tensor) {
  if (!tensor.shape.has_value()) return std::nullopt;
  // Numbers are multiplied as such: most sizes are some, and products of expressions are dear.
  Integer number = 1;
  std::vector<const Expression*> others;
  for (const Count& size : *tensor.shape) {
    const std::optional<Integer> value = size.exact().constant();
    const std::optional<Integer> product = value.has_value() ? Multiply(number, *value) : std::nullopt;
    if (product.has_value()) {
      number = *product;
    } else {
      others.push_back(&size.exact());
    }
  }
  Expression elements = number;
  for (const Expression* size : others) elements = elements * *size;
  return elements;
}

MemoryWalk::MemoryWalk(const ModelAnalysis& model) : model_(model), released_(model.layers.size() + 1) {
  for (const ModelTensor& input : model.inputs) {
    const Storage& storage = storages_[AddStorage(input)];
    if (storage.bytes.has_value()) AddByType(result_.activations, storage.type, *storage.bytes);
  }
  for (size_t i = 0; i < model.layers.size(); ++i) {
    const ModelLayer& layer = model.layers[i];
    for (const size_t storage : StoragesRead(layer)) storages_[storage].last_user = i;
    for (size_t k = 0; k < layer.outputs.size(); ++k) {
      const auto input = k == 0 && RelabelsOnly(layer) ? by_name_.find(layer.inputs[0].name) : by_name_.end();
      if (input == by_name_.end()) {
        AddStorage(layer.outputs[k]);
      } else {
        const size_t shared = input->second;
        by_name_.emplace(layer.outputs[k].name, shared);
      }
    }
  }
  for (const ModelTensor& output : model.outputs) {
    const auto found = by_name_.find(output.name);
    if (found != by_name_.end()) storages_[found->second].last_user = model.layers.size();
  }
  for (size_t i = 0; i < storages_.size(); ++i) {
    if (storages_[i].last_user.has_value()) released_[*storages_[i].last_user].push_back(i);
  }
  for (const ModelTensor& input : model.inputs) {
    const size_t storage = by_name_.at(input.name);
    if (storages_[storage].last_user.has_value()) Begin(storage);
  }
  live_.reserve(model.layers.size());
}

size_t MemoryWalk::AddStorage(const ModelTensor& tensor) {
  const std::optional<Expression> elements = ElementsOf(tensor);
  Storage storage{.type = tensor.type, .bytes = std::nullopt};
  if (elements.has_value()) storage.bytes = BytesOf(tensor.type, *elements);
  storages_.push_back(std::move(storage));
  by_name_.emplace(tensor.name, storages_.size() - 1);
  return storages_.size() - 1;
}

std::vector<size_t> MemoryWalk::StoragesRead(const ModelLayer& layer) const {
  std::vector<size_t> read;
  for (const ModelTensor& input : layer.inputs) {
    const auto found = by_name_.find(input.name);
    if (found != by_name_.end()) read.push_back(found->second);
  }
  std::sort(read.begin(), read.end());
  read.erase(std::unique(read.begin(), read.end()), read.end());
  return read;
}

void MemoryWalk::Begin(size_t storage) {
  if (!storages_[storage].bytes.has_value()) {
    ++alive_unknown_;
  } else if (!is_lost_) {
    alive_ += *storages_[storage].bytes;
    is_lost_ = alive_.term_count() > kMaxLiveTerms;
  }
}

void MemoryWalk::End(size_t storage) {
  if (!storages_[storage].bytes.has_value()) {
    --alive_unknown_;
  } else if (!is_lost_) {
    alive_ += *storages_[storage].bytes * -1;
  }
}

void MemoryWalk::AddWeights(const ModelLayer& layer, LayerMemory& memory) {
  memory.parameters = memory.buffers = Expression();
  for (const ModelWeight& weight : layer.weights) {
    const std::optional<Expression> bytes = BytesOf(weight.type, weight.element_count.exact());
    AddTo(memory.read, bytes);
    if (!weight.is_counted) continue;
    AddTo(weight.is_buffer ? memory.buffers : memory.parameters, bytes);
    if (!bytes.has_value()) continue;
    AddByType(weight.is_buffer ? result_.buffers : result_.parameters, weight.type, *bytes);
  }
}

void MemoryWalk::AddMoved(const ModelLayer& layer, LayerMemory& memory) {
  const bool relabels = RelabelsOnly(layer);
  if (!relabels) {
    for (const size_t storage : StoragesRead(layer)) AddTo(memory.read, storages_[storage].bytes);
  }
  for (size_t i = relabels ? 1 : 0; i < layer.outputs.size(); ++i) {
    const size_t storage = by_name_.at(layer.outputs[i].name);
    AddTo(memory.written, storages_[storage].bytes);
    Begin(storage);
    if (storages_[storage].bytes.has_value()) {
      AddByType(result_.activations, storages_[storage].type, *storages_[storage].bytes);
    }
  }
}

std::optional<Expression> MemoryWalk::Training(const ModelLayer& layer, const Kept& kept) {
  std::optional<Expression> bytes = kept.other_bytes;
  const auto keep = [&](const ModelTensor& tensor) {
    const auto found = by_name_.find(tensor.name);
    if (found == by_name_.end()) return;
    Storage& storage = storages_[found->second];
    if (!storage.is_kept) AddTo(bytes, storage.bytes);
    storage.is_kept = true;
  };
  for (const size_t input : kept.inputs) keep(layer.inputs[input]);
  if (kept.output) keep(layer.outputs[0]);
  return bytes;
}

LayerMemory MemoryWalk::Next(const std::optional<Kept>& kept) {
  const ModelLayer& layer = model_.layers[next_];
  LayerMemory memory;
  memory.read = memory.written = Expression();
  AddWeights(layer, memory);
  AddMoved(layer, memory);
  if (!is_lost_ && alive_unknown_ == 0) memory.live = alive_;
  live_.push_back(memory.live);
  for (const size_t storage : released_[next_]) End(storage);
  for (size_t i = RelabelsOnly(layer) ? 1 : 0; i < layer.outputs.size(); ++i) {
    const size_t storage = by_name_.at(layer.outputs[i].name);
    if (!storages_[storage].last_user.has_value()) End(storage);
  }
  if (kept.has_value()) memory.training = Training(layer, *kept);
  if (memory.training.has_value()) result_.training_bytes += *memory.training;
  ++next_;
  return memory;
}

ModelMemory MemoryWalk::Finish() {
  for (const TypeBytes& entry : result_.parameters) result_.parameter_bytes += entry.bytes;
  for (const TypeBytes& entry : result_.buffers) result_.buffer_bytes += entry.bytes;
  for (const TypeBytes& entry : result_.activations) result_.activation_bytes += entry.bytes;
  const std::optional<size_t> peak = FirstLargest(live_);
  if (peak.has_value()) {
    result_.peak = live_[*peak];
    result_.peak_layer = model_.layers[*peak].name;
  }
  return std::move(result_);
}

}  // namespace tensord::analysis::model
