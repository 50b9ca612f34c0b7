#include "tensord/analysis/cost.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/backward.h"
#include "analysis/src/model/graph_text.h"
#include "analysis/src/model/memory.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis {
namespace {

void AddExpressions(const OperationCounts& counts, std::vector<const Expression*>& all) {
  all.insert(all.end(), {&counts.multiplications, &counts.additions, &counts.comparisons, &counts.divisions,
                         &counts.special_functions, &counts.macs, &counts.macs_by_output, &counts.bias_additions});
  if (counts.padding_macs.has_value()) all.push_back(&*counts.padding_macs);
}

void AddExpressions(const BackwardCounts& counts, std::vector<const Expression*>& all) {
  for (const OperationCounts* part : {&counts.inputs, &counts.parameters, &counts.bias}) AddExpressions(*part, all);
}

void AddExpressions(const ConventionCount& count, std::vector<const Expression*>& all) {
  if (count.macs.has_value()) all.insert(all.end(), {&*count.macs, &*count.flops});
}

void AddExpressions(const std::vector<TypeBytes>& list, std::vector<const Expression*>& all) {
  for (const TypeBytes& entry : list) all.push_back(&entry.bytes);
}

absl::Status FirstError(const std::vector<const Expression*>& all) {
  for (const Expression* expression : all) {
    if (!expression->ok()) return expression->status();
  }
  return absl::OkStatus();
}

absl::Status CheckLayer(const ModelLayer& layer, const LayerCost& cost) {
  std::vector<const Expression*> all;
  if (cost.convention.has_value()) AddExpressions(*cost.convention, all);
  if (cost.backward.has_value()) AddExpressions(*cost.backward, all);
  const LayerMemory& memory = cost.memory;
  for (const std::optional<Expression>* bytes :
       {&memory.parameters, &memory.buffers, &memory.read, &memory.written, &memory.live, &memory.training}) {
    if (bytes->has_value()) all.push_back(&**bytes);
  }
  const absl::Status error = FirstError(all);
  if (error.ok()) return error;
  return absl::InvalidArgumentError(
      absl::StrCat("the cost of layer ", model::Quoted(layer.name), ": ", error.message()));
}

absl::Status CheckModel(const ModelCost& cost) {
  std::vector<const Expression*> all;
  for (const ConventionCount& count : cost.conventions) AddExpressions(count, all);
  for (const ToolCount& count : cost.tools) all.push_back(&count.count);
  AddExpressions(cost.backward, all);
  const ModelMemory& memory = cost.memory;
  for (const auto* list : {&memory.parameters, &memory.buffers, &memory.activations}) AddExpressions(*list, all);
  all.insert(all.end(),
             {&memory.parameter_bytes, &memory.buffer_bytes, &memory.activation_bytes, &memory.training_bytes});
  if (memory.peak.has_value()) all.push_back(&*memory.peak);
  const absl::Status error = FirstError(all);
  if (error.ok()) return error;
  return absl::InvalidArgumentError(absl::StrCat("the cost of the network: ", error.message()));
}

double ToDouble(const Integer& value) {
  const auto magnitude = static_cast<double>(value.magnitude());
  return value.negative() ? -magnitude : magnitude;
}

// Operations and bytes of layers; nothing once something is not known.
struct Traffic {
  std::optional<Expression> operations = Expression();
  std::optional<Expression> bytes = Expression();

  Traffic& operator+=(const Traffic& other) {
    if (operations.has_value() && other.operations.has_value() && bytes.has_value() && other.bytes.has_value()) {
      *operations += *other.operations;
      *bytes += *other.bytes;
    } else {
      operations.reset();
      bytes.reset();
    }
    return *this;
  }
};

Traffic TrafficOf(const ModelLayer& layer, const LayerMemory& memory) {
  Traffic traffic{.operations = std::nullopt, .bytes = std::nullopt};
  if (!layer.operations.has_value() || !memory.read.has_value() || !memory.written.has_value()) return traffic;
  const OperationCounts& counts = *layer.operations;
  traffic.operations = counts.multiplications;
  for (const Expression* more :
       {&counts.additions, &counts.comparisons, &counts.divisions, &counts.special_functions}) {
    *traffic.operations += *more;
  }
  traffic.bytes = *memory.read + *memory.written;
  return traffic;
}

std::optional<Roofline> RooflineOf(const Traffic& traffic, const std::optional<Machine>& machine) {
  if (!traffic.operations.has_value() || !traffic.bytes.has_value()) return std::nullopt;
  const std::optional<Integer> operations = traffic.operations->constant();
  const std::optional<Integer> bytes = traffic.bytes->constant();
  if (!operations.has_value() || !bytes.has_value() || bytes->zero()) return std::nullopt;
  Roofline roofline{.arithmetic_intensity = ToDouble(*operations) / ToDouble(*bytes), .seconds = std::nullopt};
  if (!machine.has_value()) return roofline;
  const double computing = ToDouble(*operations) / machine->flops_per_second;
  const double moving = ToDouble(*bytes) / machine->bytes_per_second;
  roofline.seconds = std::max(computing, moving);
  roofline.is_memory_bound = computing < moving;
  return roofline;
}

BackwardCounts& operator+=(BackwardCounts& sum, const BackwardCounts& part) {
  sum.inputs += part.inputs;
  sum.parameters += part.parameters;
  sum.bias += part.bias;
  return sum;
}

}  // namespace

ConventionCount CountBy(const OperationCounts& counts, const CostConvention& convention) {
  ConventionCount result{.convention = convention, .macs = std::nullopt, .flops = std::nullopt};
  Expression products = convention.transposed_by_output ? counts.macs_by_output : counts.macs;
  if (convention.skip_padding) {
    if (!counts.padding_macs.has_value()) return result;
    products = products - *counts.padding_macs;
  }
  const Expression bias = convention.bias ? counts.bias_additions : Expression();
  result.flops = products * 2 + bias;
  result.macs = products + bias;
  return result;
}

std::vector<CostConvention> AllConventions() {
  std::vector<CostConvention> all;
  for (const bool by_output : {false, true}) {
    for (const bool skip : {false, true}) {
      for (const bool bias : {false, true}) {
        all.push_back({.bias = bias, .skip_padding = skip, .transposed_by_output = by_output});
      }
    }
  }
  return all;
}

bool RelabelsOnly(const ModelLayer& layer) {
  if (!layer.operations.has_value() || layer.outputs.empty()) return false;
  if (layer.input_places.empty() || layer.input_places[0] != 0) return false;
  constexpr absl::string_view kRelabeling[] = {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"};
  if (std::find(std::begin(kRelabeling), std::end(kRelabeling), layer.op_type) != std::end(kRelabeling)) return true;
  return layer.op_type == "Dropout" && layer.operations->multiplications == Expression();
}

absl::StatusOr<ModelCost> AnalyzeCost(const ModelAnalysis& model, const CostOptions& options,
                                      const std::function<void(size_t, const LayerCost&)>& visit) {
  ModelCost total;
  model::MemoryWalk walk(model);
  Traffic traffic;
  for (size_t i = 0; i < model.layers.size(); ++i) {
    const ModelLayer& layer = model.layers[i];
    LayerCost cost;
    std::optional<model::Backward> backward = model::BackwardOf(layer);
    cost.memory = walk.Next(backward.has_value() ? backward->kept : std::nullopt);
    if (layer.operations.has_value()) cost.convention = CountBy(*layer.operations, options.convention);
    if (backward.has_value()) {
      cost.backward = std::move(backward->counts);
      total.backward += *cost.backward;
    }
    const Traffic own = TrafficOf(layer, cost.memory);
    cost.roofline = RooflineOf(own, options.machine);
    traffic += own;
    TENSORD_RETURN_IF_ERROR(CheckLayer(layer, cost));
    visit(i, cost);
  }
  for (const CostConvention& convention : AllConventions()) {
    total.conventions.push_back(CountBy(model.operations, convention));
  }
  total.tools = CountByTools(model);
  total.memory = walk.Finish();
  total.roofline = RooflineOf(traffic, options.machine);
  TENSORD_RETURN_IF_ERROR(CheckModel(total));
  return total;
}

}  // namespace tensord::analysis
