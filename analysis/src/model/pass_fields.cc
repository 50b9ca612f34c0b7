// What is published of receptive fields.
#include <optional>
#include <utility>
#include <vector>

#include "analysis/src/model/pass.h"
#include "analysis/src/model/receptive_field.h"

namespace tensord::analysis::model {
namespace {

// Without any window, what follows batch and channels.
constexpr uint8_t kBehindChannels = 0xFC;
static_assert(kMaxGraphRank <= 8, "a bit for each axis");

ReceptiveField Published(const InputReads& reads, size_t input, const Shape& shape, uint8_t spatial,
                         const std::vector<Count>& output) {
  ReceptiveField field{.input = input, .axes = {}};
  const unsigned axes = spatial == 0 ? kBehindChannels : spatial;
  for (size_t i = 0; i < reads.axes.size(); ++i) {
    if ((axes >> i & 1U) != 0) field.axes.push_back(PublishedAxis(i, reads.axes[i], shape[i], output));
  }
  return field;
}

}  // namespace

void Pass::PublishFields() {
  // An input that turned out to be a parameter is not among the data inputs.
  std::vector<std::optional<size_t>> places(graph_.inputs.size());
  size_t next = 0;
  for (size_t i = 0; i < graph_.inputs.size(); ++i) {
    const Tensor& tensor = tensors_[ids_.at(graph_.inputs[i].name)];
    if (tensor.facts.role == Role::kData && !tensor.is_initializer) places[i] = next++;
  }
  size_t axes = 0;
  for (size_t i = 0; i < layer_fields_.size(); ++i) {
    ModelLayer& layer = result_.layers[i];
    const FieldsPointer fields = std::exchange(layer_fields_[i], nullptr);
    if (fields == nullptr || layer.outputs.empty() || !layer.outputs.front().shape.has_value()) continue;
    for (const InputReads& reads : *fields) axes += reads.axes.size();
    if (axes > kMaxReceptiveAxes) return;
    for (const InputReads& reads : *fields) {
      if (!places[reads.input].has_value()) continue;
      const Shape& shape = *tensors_[ids_.at(graph_.inputs[reads.input].name)].facts.shape;
      layer.receptive_fields.push_back(
          Published(reads, *places[reads.input], shape, following_.spatial[reads.input], *layer.outputs.front().shape));
    }
  }
}

}  // namespace tensord::analysis::model
