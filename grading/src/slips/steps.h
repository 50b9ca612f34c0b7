// Steps of a question, as slips change them.
#ifndef TENSORD_GRADING_SLIPS_STEPS_H_
#define TENSORD_GRADING_SLIPS_STEPS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "google/protobuf/message.h"
#include "tensord/v1/grading.pb.h"

namespace tensord::grading {

// Runs `change` on every step; whether any of them was changed.
template <typename Change>
bool ForEachStep(v1::Question& question, const Change& change) {
  bool changed = false;
  for (v1::Step& step : *question.mutable_steps()) changed = change(step) || changed;
  return changed;
}

// The conventions of a step's operation, added where it has none; null where it is of a kind without. In AnalyzeLayer
// they are the layer's.
[[nodiscard]] google::protobuf::Message* ConventionsOf(v1::Step& step);

// Runs `change` on the conventions of every step that are of that message.
template <typename Conventions, typename Change>
bool ForEachConventions(v1::Question& question, const Change& change) {
  return ForEachStep(question, [&](v1::Step& step) {
    google::protobuf::Message* const message = ConventionsOf(step);
    if (message == nullptr || message->GetDescriptor() != Conventions::descriptor()) return false;
    return change(*static_cast<Conventions*>(message));  // NOLINT(*-static-cast-downcast): its descriptor says so
  });
}

// Runs `change` on the conventions of every convolution, transposed convolution and pooling; it takes any of the three.
template <typename Change>
bool ForEachWindow(v1::Question& question, const Change& change) {
  const bool a = ForEachConventions<v1::ConvolutionConventions>(question, change);
  const bool b = ForEachConventions<v1::TransposedConvolutionConventions>(question, change);
  const bool c = ForEachConventions<v1::PoolingConventions>(question, change);
  return a || b || c;
}

// The pooling kind of a step; null where it pools nothing. `Set` changes it.
[[nodiscard]] v1::PoolingKind PoolingKindOf(const v1::Step& step);
bool SetPoolingKind(v1::PoolingKind from, v1::PoolingKind to, v1::Step& step);

// The tensor of an operation, where the question holds it: in the step, or as data. Null where there is none, or where
// it is what an earlier step gave.
[[nodiscard]] v1::Tensor* GivenTensor(v1::Question& question, v1::Step& step, const std::string& field);

// Drops the first element along an axis. False where there is only one.
bool DropFirst(size_t axis, v1::Tensor& tensor);
// Exchanges two axes. False where the tensor stays the same.
bool ExchangeAxes(size_t a, size_t b, v1::Tensor& tensor);

// Where the spatial axes are in the operation's tensor `field` ("input" or "filter"), by its layout where the step has
// one, else by the rank and whether the step's profile puts channels first (contract.md's defaults).
[[nodiscard]] std::vector<size_t> SpatialAxes(v1::Step& step, const std::string& field, const v1::Tensor& tensor);

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_SLIPS_STEPS_H_
