#include "analysis/src/model/pass.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "analysis/src/model/graph_text.h"
#include "analysis/src/model/operators.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

bool IsFloating(ElementType type) {
  return type == ElementType::kFloat32 || type == ElementType::kFloat64 || type == ElementType::kFloat16 ||
         type == ElementType::kBfloat16;
}

// Values that all nodes of a graph may take and give: shape arithmetic of real networks has some thousands.
constexpr int64_t kMaxFoldedInAll = int64_t{1} << 20;

int64_t ValueCount(const TensorFacts& facts) {
  if (const auto* integers = facts.integers()) return static_cast<int64_t>(integers->size());
  const std::vector<double>* const reals = facts.reals();
  return reals == nullptr ? 0 : static_cast<int64_t>(reals->size());
}

std::vector<const Expression*> Parts(const OperationCounts& counts) {
  std::vector<const Expression*> parts = {&counts.multiplications, &counts.additions,         &counts.comparisons,
                                          &counts.divisions,       &counts.special_functions, &counts.macs,
                                          &counts.macs_by_output,  &counts.bias_additions};
  if (counts.padding_macs.has_value()) parts.push_back(&*counts.padding_macs);
  return parts;
}

}  // namespace

absl::StatusOr<ModelAnalysis> Pass::Run() {
  TENSORD_RETURN_IF_ERROR(CheckBounds());
  TENSORD_RETURN_IF_ERROR(AddGiven());
  TENSORD_RETURN_IF_ERROR(AddDeclared());
  TENSORD_ASSIGN_OR_RETURN(const std::vector<size_t> order, Order());
  for (const size_t index : order) TENSORD_RETURN_IF_ERROR(RunNode(index));
  TENSORD_RETURN_IF_ERROR(Finish());
  return std::move(result_);
}

absl::Status Pass::CheckBounds() const {
  size_t names = graph_.inputs.size() + graph_.initializers.size() + graph_.outputs.size() + graph_.value_info.size();
  for (const GraphNode& node : graph_.nodes) names += node.inputs.size() + node.outputs.size();
  if (graph_.nodes.size() > kMaxGraphNodes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the graph has ", graph_.nodes.size(), " nodes, and may have ", kMaxGraphNodes));
  }
  if (names > kMaxGraphNames) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the graph has ", names, " tensors and uses of them, and may have ", kMaxGraphNames));
  }
  return absl::OkStatus();
}

size_t Pass::Intern(absl::string_view name) {
  const auto [place, is_new] = ids_.try_emplace(name, tensors_.size());
  if (is_new) tensors_.push_back({.name = name});
  return place->second;
}

Expression Pass::SizeOf(const Dimension& size, bool is_first_axis) {
  if (const auto* number = std::get_if<int64_t>(&size)) return *number;
  const std::string& name = std::get<std::string>(size);
  std::string symbol = name;
  if (const auto known = symbols_.find(name); !name.empty() && known != symbols_.end()) {
    symbol = known->second;
  } else {
    // What cannot be a symbol, or has no name, gets one of ours; an unnamed first size is the batch.
    const bool usable = IsSymbol(name) && taken_symbols_.count(name) == 0;
    if (!usable) symbol = name.empty() && is_first_axis ? "N" : "D1";
    if (name.empty() && is_first_axis && taken_symbols_.count("N") != 0) return Expression::Symbol("N");
    for (int i = 2; !usable && taken_symbols_.count(symbol) != 0; ++i) symbol = absl::StrCat("D", i);
    taken_symbols_.insert(symbol);
    if (!name.empty()) symbols_.emplace(name, symbol);
  }
  for (const std::string& key : {name, symbol}) {
    const auto value = options_.symbols.find(key);
    if (value == options_.symbols.end()) continue;
    set_symbols_.insert(key);
    return value->second;
  }
  return Expression::Symbol(symbol);
}

TensorFacts Pass::FactsOf(const GraphTensor& tensor, Role role) {
  TensorFacts facts{.type = tensor.type, .shape = std::nullopt, .values = std::nullopt, .role = role};
  if (tensor.shape.has_value()) {
    facts.shape.emplace();
    for (const Dimension& size : *tensor.shape) {
      facts.shape->push_back(SizeOf(size, facts.shape->empty()));
    }
  }
  if (!tensor.values.has_value()) return facts;
  if (const auto* numbers = std::get_if<std::vector<int64_t>>(&*tensor.values)) {
    facts.values = std::vector<Expression>(numbers->begin(), numbers->end());
  } else {
    facts.values = std::get<std::vector<double>>(*tensor.values);
  }
  return facts;
}

absl::Status Pass::AddGiven() {
  const auto check = [](const GraphTensor& tensor) {
    if (tensor.name.empty()) return absl::InvalidArgumentError("the graph has an input or initializer without a name");
    if (!tensor.shape.has_value() || tensor.shape->size() <= kMaxGraphRank) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("tensor ", Quoted(tensor.name), " is of rank ", tensor.shape->size(),
                                                   ", has to be of ", kMaxGraphRank, " at most"));
  };
  for (const GraphTensor& input : graph_.inputs) {
    TENSORD_RETURN_IF_ERROR(check(input));
    Tensor& tensor = tensors_[Intern(input.name)];
    if (tensor.is_known) {
      return absl::InvalidArgumentError(absl::StrCat("the graph has two inputs that are called ", Quoted(input.name)));
    }
    tensor.facts = FactsOf(input, Role::kData);
    tensor.is_known = tensor.is_input = true;
  }
  for (const GraphTensor& initializer : graph_.initializers) {
    TENSORD_RETURN_IF_ERROR(check(initializer));
    Tensor& tensor = tensors_[Intern(initializer.name)];
    if (tensor.is_initializer) {
      return absl::InvalidArgumentError(
          absl::StrCat("the graph has two initializers that are called ", Quoted(initializer.name)));
    }
    tensor.facts = FactsOf(initializer, Role::kConstant);
    tensor.is_known = tensor.is_initializer = true;
  }
  for (const std::string& name : options_.data_inputs) {
    const auto found = ids_.find(name);
    if (found == ids_.end() || !tensors_[found->second].is_input || tensors_[found->second].is_initializer) {
      return absl::InvalidArgumentError(absl::StrCat("the graph has no data input that is called ", Quoted(name)));
    }
  }
  // Those that are not named are parameters, if there are names.
  if (options_.data_inputs.empty()) return absl::OkStatus();
  const std::set<absl::string_view> data(options_.data_inputs.begin(), options_.data_inputs.end());
  for (Tensor& tensor : tensors_) {
    if (tensor.is_input && !tensor.is_initializer && data.count(tensor.name) == 0) tensor.facts.role = Role::kParameter;
  }
  return absl::OkStatus();
}

absl::Status Pass::AddDeclared() {
  for (const std::vector<GraphTensor>* list : {&graph_.value_info, &graph_.outputs}) {
    for (const GraphTensor& declared : *list) {
      if (declared.shape.has_value() && declared.shape->size() > kMaxGraphRank) continue;
      // An output may be there by name alone, and value_info tell of it.
      Tensor& tensor = tensors_[Intern(declared.name)];
      if (tensor.declared == nullptr || declared.shape.has_value()) tensor.declared = &declared;
    }
  }
  return absl::OkStatus();
}

absl::Status Pass::RunNode(size_t index) {
  const GraphNode& node = graph_.nodes[index];
  std::vector<const TensorFacts*> inputs;
  bool all_known = true;
  for (const std::string& input : node.inputs) {
    inputs.push_back(input.empty() ? nullptr : &tensors_[ids_.at(input)].facts);
    if (inputs.back() != nullptr && !inputs.back()->shape.has_value()) all_known = false;
  }
  const Handler handler = FindOperator(node.domain, node.op_type);
  if (handler == nullptr || !all_known) {
    LeaveUnknown(node);
    AddLayer(index, false, {});
    return absl::OkStatus();
  }
  NodeView view(node, graph_.opset, std::move(inputs), conditions_);
  TENSORD_RETURN_IF_ERROR(handler(view));
  TENSORD_RETURN_IF_ERROR(Settle(node, view));
  for (const Expression* count : Parts(view.counts())) {
    if (!count->ok()) return view.Error(count->status().message());
  }
  AddLayer(index, !view.is_unknown(), view.counts());
  return absl::OkStatus();
}

void Pass::LeaveUnknown(const GraphNode& node) {
  for (const std::string& output : node.outputs) {
    if (output.empty()) continue;
    Tensor& tensor = tensors_[ids_.at(output)];
    tensor.is_known = true;
    if (tensor.declared != nullptr) tensor.facts = FactsOf(*tensor.declared, Role::kData);
  }
}

bool Pass::MayFold(const GraphNode& node, const NodeView& view) {
  int64_t given = 0;
  for (const std::optional<TensorFacts>& facts : view.outputs()) given += facts.has_value() ? ValueCount(*facts) : 0;
  if (given == 0) return true;
  for (const std::string& input : node.inputs) {
    if (!input.empty()) given += ValueCount(tensors_[ids_.at(input)].facts);
  }
  folded_ += given;
  return folded_ <= kMaxFoldedInAll;
}

void Pass::PromoteWeight(Tensor& tensor) {
  const bool is_weight = tensor.is_initializer && !tensor.is_marked && IsFloating(tensor.facts.type) &&
                         tensor.facts.shape.has_value() && !tensor.facts.shape->empty();
  if (is_weight) tensor.facts.role = Role::kParameter;
}

absl::Status Pass::Settle(const GraphNode& node, NodeView& view) {
  for (const auto& [input, role] : view.marks()) {
    Tensor& tensor = tensors_[ids_.at(node.inputs[input])];
    if (!tensor.is_input && !tensor.is_initializer) continue;
    tensor.facts.role = role;
    tensor.is_marked = true;
  }
  bool from_data = false;
  Role other_role = Role::kConstant;
  for (const std::string& input : node.inputs) {
    if (input.empty()) continue;
    Tensor& tensor = tensors_[ids_.at(input)];
    PromoteWeight(tensor);
    const Role role = tensor.facts.role;
    if (role == Role::kData) from_data = true;
    // What is computed of parameters is trained with them: a filter that is transposed before it is used.
    if (role == Role::kParameter) other_role = role;
  }
  const bool may_fold = MayFold(node, view);
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i].empty()) continue;
    Tensor& tensor = tensors_[ids_.at(node.outputs[i])];
    tensor.is_known = true;
    const std::optional<TensorFacts>& facts = view.outputs()[i];
    if (!facts.has_value() && view.is_unknown()) {
      if (tensor.declared != nullptr) tensor.facts = FactsOf(*tensor.declared, Role::kData);
      continue;
    }
    if (!facts.has_value()) return view.Error(absl::StrCat("nothing is known of its output ", i));
    tensor.facts = *facts;
    if (!may_fold) tensor.facts.values.reset();
    if (!from_data) tensor.facts.role = IsFloating(tensor.facts.type) ? other_role : Role::kConstant;
    if (tensor.facts.shape.has_value()) {
      if (tensor.facts.shape->size() > kMaxGraphRank) {
        return view.Error(absl::StrCat("its output is of rank ", tensor.facts.shape->size(), ", has to be of ",
                                       kMaxGraphRank, " at most"));
      }
      for (const Expression& size : *tensor.facts.shape) {
        if (!size.ok()) return view.Error(size.status().message());
      }
    }
    TENSORD_RETURN_IF_ERROR(CompareWithDeclared(node, tensor));
  }
  return absl::OkStatus();
}

absl::Status Pass::CompareWithDeclared(const GraphNode& node, const Tensor& tensor) const {
  if (tensor.declared == nullptr || !tensor.declared->shape.has_value() || !tensor.facts.shape.has_value()) {
    return absl::OkStatus();
  }
  const std::vector<Dimension>& declared = *tensor.declared->shape;
  const Shape& shape = *tensor.facts.shape;
  bool same = declared.size() == shape.size();
  for (size_t i = 0; same && i < shape.size(); ++i) {
    const std::optional<Integer> size = shape[i].constant();
    const auto* const number = std::get_if<int64_t>(&declared[i]);
    if (number != nullptr && size.has_value()) same = *size == Integer(*number);
  }
  if (same) return absl::OkStatus();
  Shape told;
  for (const Dimension& size : declared) {
    const auto* const number = std::get_if<int64_t>(&size);
    const std::string& symbol = number == nullptr ? std::get<std::string>(size) : "";
    told.push_back(number != nullptr ? Expression(*number) : Expression::Symbol(IsSymbol(symbol) ? symbol : "D"));
  }
  return absl::InvalidArgumentError(absl::StrCat(NodeText(node), ": its output ", Quoted(tensor.name),
                                                 " has the shape ", ShapeText(shape), ", and the file says ",
                                                 ShapeText(told)));
}

void Pass::AddLayer(size_t index, bool known, const OperationCounts& counts) {
  const GraphNode& node = graph_.nodes[index];
  Expression parameters;
  Expression buffers;
  std::vector<ModelWeight> weights;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i].empty()) continue;
    Tensor& tensor = tensors_[ids_.at(node.inputs[i])];
    PromoteWeight(tensor);
    if (!tensor.facts.shape.has_value()) continue;
    if (tensor.facts.role != Role::kParameter && tensor.facts.role != Role::kBuffer) continue;
    const Expression elements = ElementCount(*tensor.facts.shape);
    const bool is_new = !tensor.is_counted && (tensor.is_input || tensor.is_initializer);
    weights.push_back({.place = i,
                       .type = tensor.facts.type,
                       .element_count = Count(elements),
                       .is_buffer = tensor.facts.role == Role::kBuffer,
                       .is_counted = is_new});
    if (!is_new) continue;
    tensor.is_counted = true;
    Expression& count = tensor.facts.role == Role::kParameter ? parameters : buffers;
    count = count + elements;
  }
  bool has_data = false;
  ModelLayer layer{.name = node.name.empty() ? absl::StrCat(node.op_type, "_", index) : node.name,
                   .op_type = node.op_type,
                   .inputs = {},
                   .outputs = {},
                   .parameter_count = Count(parameters),
                   .buffer_count = Count(buffers),
                   .weights = std::move(weights),
                   .operations = std::nullopt};
  if (const auto mode = node.attributes.find("mode"); mode != node.attributes.end()) {
    if (const auto* text = std::get_if<std::string>(&mode->second)) layer.mode = *text;
  }
  for (const std::string& output : node.outputs) {
    if (output.empty()) continue;
    const size_t id = ids_.at(output);
    has_data = has_data || tensors_[id].facts.role == Role::kData;
    layer.outputs.push_back(Publish(id));
  }
  if (!has_data && parameters == Expression() && buffers == Expression()) return;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i].empty()) continue;
    const size_t id = ids_.at(node.inputs[i]);
    if (tensors_[id].facts.role != Role::kData) continue;
    layer.inputs.push_back(Publish(id));
    layer.input_places.push_back(i);
  }
  if (known) {
    layer.operations = counts;
    result_.operations += counts;
  } else {
    result_.unknown_layers.push_back(layer.name);
  }
  parameters_ += parameters;
  buffers_ += buffers;
  result_.layers.push_back(std::move(layer));
}

ModelTensor Pass::Publish(size_t id) const {
  const Tensor& tensor = tensors_[id];
  ModelTensor published{.name = std::string(tensor.name), .type = tensor.facts.type, .shape = std::nullopt};
  if (!tensor.facts.shape.has_value()) return published;
  published.shape.emplace();
  for (const Expression& size : *tensor.facts.shape) published.shape->emplace_back(size);
  return published;
}

absl::Status Pass::Finish() {
  for (const auto& [name, size] : options_.symbols) {
    if (set_symbols_.count(name) != 0) continue;
    const std::string known = taken_symbols_.empty() ? "all its sizes are numbers"
                                                     : absl::StrCat("it has ", absl::StrJoin(taken_symbols_, ", "));
    return absl::InvalidArgumentError(
        absl::StrCat("the graph has no size that is called ", Quoted(name), ", to be set to ", size, ": ", known));
  }
  result_.name = graph_.name;
  for (const GraphTensor& input : graph_.inputs) {
    const size_t id = ids_.at(input.name);
    if (tensors_[id].facts.role == Role::kData && !tensors_[id].is_initializer) result_.inputs.push_back(Publish(id));
  }
  for (const GraphTensor& output : graph_.outputs) {
    const size_t id = ids_.at(output.name);
    if (!tensors_[id].is_known) {
      return absl::InvalidArgumentError(
          absl::StrCat("the graph's output ", Quoted(output.name), " is computed by no node"));
    }
    result_.outputs.push_back(Publish(id));
  }
  std::vector<const Expression*> totals = {&parameters_, &buffers_};
  for (const Expression* count : Parts(result_.operations)) totals.push_back(count);
  for (const Expression* count : totals) {
    if (!count->ok()) return absl::InvalidArgumentError(absl::StrCat("the totals: ", count->status().message()));
  }
  result_.parameter_count = Count(parameters_);
  result_.buffer_count = Count(buffers_);
  result_.conditions.assign(conditions_.begin(), conditions_.end());
  return absl::OkStatus();
}

}  // namespace tensord::analysis::model
