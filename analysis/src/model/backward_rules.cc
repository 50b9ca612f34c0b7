// What rules of gradients share, and how one is found.
#include "analysis/src/model/backward_rules.h"

#include <algorithm>
#include <map>
#include <utility>

#include "analysis/src/model/backward.h"
#include "analysis/src/model/memory.h"

namespace tensord::analysis::model {
namespace {

bool HasGradient(ElementType type) {
  switch (type) {
    case ElementType::kUnknown:  // a real network's are floating
    case ElementType::kFloat16:
    case ElementType::kFloat32:
    case ElementType::kFloat64:
    case ElementType::kBfloat16:
    case ElementType::kComplex64:
    case ElementType::kComplex128:
      return true;
    default:
      return false;
  }
}

// Nothing where a shape is not known.
std::optional<Differentiated> Differentiate(const ModelLayer& layer) {
  if (!layer.operations.has_value() || layer.outputs.empty()) return std::nullopt;
  std::optional<Expression> output = ElementsOf(layer.outputs[0]);
  if (!output.has_value()) return std::nullopt;
  Differentiated result{.layer = layer, .forward = *layer.operations, .output = *std::move(output), .operands = {}};
  if (!HasGradient(layer.outputs[0].type)) return result;
  for (size_t i = 0; i < layer.inputs.size(); ++i) {
    if (!HasGradient(layer.inputs[i].type)) continue;
    std::optional<Expression> elements = ElementsOf(layer.inputs[i]);
    if (!elements.has_value()) return std::nullopt;
    result.operands.push_back({.place = layer.input_places[i], .elements = *std::move(elements), .is_data = true});
  }
  for (const ModelWeight& weight : layer.weights) {
    if (weight.is_buffer || !HasGradient(weight.type)) continue;
    result.operands.push_back({.place = weight.place, .elements = weight.element_count.exact(), .is_data = false});
  }
  std::sort(result.operands.begin(), result.operands.end(),
            [](const Operand& a, const Operand& b) { return a.place < b.place; });
  return result;
}

const BackwardRow* FindRow(absl::string_view op_type) {
  static const auto* const rows = [] {
    auto* const table = new std::map<absl::string_view, const BackwardRow*>();
    for (const absl::Span<const BackwardRow> part : {ElementBackwardRows(), WindowBackwardRows()}) {
      for (const BackwardRow& row : part) table->emplace(row.op_type, &row);
    }
    return table;
  }();
  const auto found = rows->find(op_type);
  return found == rows->end() ? nullptr : found->second;
}

}  // namespace

const Operand* Differentiated::At(size_t place) const {
  for (const Operand& operand : operands) {
    if (operand.place == place) return &operand;
  }
  return nullptr;
}

OperationCounts& PartOf(const Operand& operand, BackwardCounts& counts) {
  return operand.is_data ? counts.inputs : counts.parameters;
}

Expression Joins(const Expression& products, const Expression& results) {
  return products == Expression() ? Expression() : products - results;
}

void KeepAt(const Differentiated& layer, size_t place, Kept& kept) {
  const std::vector<size_t>& places = layer.layer.input_places;
  const auto found = std::find(places.begin(), places.end(), place);
  if (found != places.end()) kept.inputs.push_back(static_cast<size_t>(found - places.begin()));
}

bool KeepNothing(const Differentiated&, Kept&) { return true; }

bool KeepInput(const Differentiated& layer, Kept& kept) {
  KeepAt(layer, 0, kept);
  return true;
}

bool KeepInputs(const Differentiated& layer, Kept& kept) {
  KeepAt(layer, 0, kept);
  KeepAt(layer, 1, kept);
  return true;
}

bool KeepOutput(const Differentiated&, Kept& kept) {
  kept.output = true;
  return true;
}

bool KeepBoth(const Differentiated& layer, Kept& kept) {
  KeepAt(layer, 0, kept);
  kept.output = true;
  return true;
}

std::optional<Backward> BackwardOf(const ModelLayer& layer) {
  const std::optional<Differentiated> differentiated = Differentiate(layer);
  if (!differentiated.has_value()) return std::nullopt;
  Backward backward;
  if (differentiated->operands.empty()) return backward;
  const BackwardRow* const row = FindRow(layer.op_type);
  if (row == nullptr || !row->count(*differentiated, backward.counts)) return std::nullopt;
  Kept kept;
  if (row->keep(*differentiated, kept)) {
    backward.kept = std::move(kept);
  } else {
    backward.kept.reset();
  }
  return backward;
}

}  // namespace tensord::analysis::model
