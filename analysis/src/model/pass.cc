#include "analysis/src/model/pass.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/graph_text.h"
#include "analysis/src/model/operators.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

// Values that all nodes of a graph may take and give: shape arithmetic of real networks has some thousands.
constexpr int64_t kMaxFoldedInAll = int64_t{1} << 20;

int64_t ValueCount(const TensorFacts& facts) {
  if (const auto* integers = facts.integers()) return static_cast<int64_t>(integers->size());
  const std::vector<double>* const reals = facts.reals();
  return reals == nullptr ? 0 : static_cast<int64_t>(reals->size());
}

absl::Status CheckSizes(const GraphTensor& tensor) {
  if (!tensor.shape.has_value()) return absl::OkStatus();
  for (const Dimension& size : *tensor.shape) {
    const auto* const number = std::get_if<int64_t>(&size);
    if (number == nullptr || *number >= 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("tensor ", Quoted(tensor.name), " has the size ", *number, ", has to be at least 0"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ModelAnalysis> Pass::Run() {
  TENSORD_RETURN_IF_ERROR(CheckBounds());
  following_.spatial.assign(graph_.inputs.size(), 0);
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
    if (name.empty() && is_first_axis && taken_symbols_.count("N") != 0) return Expression::Symbol("N");
    if (!usable) symbol = name.empty() && is_first_axis ? "N" : absl::StrCat("D", next_symbol_);
    while (!usable && taken_symbols_.count(symbol) != 0) symbol = absl::StrCat("D", ++next_symbol_);
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
      const size_t axis = facts.shape->size();
      const bool is_open = !IsNumber(size) && std::get<std::string>(size).empty();
      if (is_open && axis < kMaxGraphRank) facts.open_axes = static_cast<uint8_t>(facts.open_axes | 1U << axis);
      // What an initializer leaves open is settled, or an error: it needs no name of its own.
      const bool is_initializer = role == Role::kConstant;
      facts.shape->push_back(is_open && is_initializer ? Expression::Symbol("open") : SizeOf(size, axis == 0));
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
    if (!tensor.shape.has_value() || tensor.shape->size() <= kMaxGraphRank) return CheckSizes(tensor);
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
    if (input.shape.has_value()) {
      tensor.facts.fields =
          FieldsOfInput(static_cast<size_t>(&input - graph_.inputs.data()), tensor.facts.shape->size());
    }
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
    if (!tensor.is_input || tensor.is_initializer || data.count(tensor.name) != 0) continue;
    // As of initializers: integers are indices and shapes.
    const bool is_trained = IsReal(tensor.facts.type) || tensor.facts.type == ElementType::kUnknown;
    tensor.facts.role = is_trained ? Role::kParameter : Role::kConstant;
  }
  return absl::OkStatus();
}

absl::Status Pass::AddDeclared() {
  for (const std::vector<GraphTensor>* list : {&graph_.value_info, &graph_.outputs}) {
    for (const GraphTensor& declared : *list) {
      if (declared.shape.has_value() && declared.shape->size() > kMaxGraphRank) continue;
      TENSORD_RETURN_IF_ERROR(CheckSizes(declared));
      // An output may be there by name alone, and value_info tell of it.
      Tensor& tensor = tensors_[Intern(declared.name)];
      if (tensor.declared == nullptr || declared.shape.has_value()) tensor.declared = &declared;
    }
  }
  return absl::OkStatus();
}

absl::Status Pass::RunNode(size_t index) {
  const GraphNode& node = graph_.nodes[index];
  std::vector<TensorFacts*> inputs;
  bool all_known = true;
  for (const std::string& input : node.inputs) {
    inputs.push_back(input.empty() ? nullptr : &tensors_[ids_.at(input)].facts);
    if (inputs.back() != nullptr && !inputs.back()->shape.has_value()) all_known = false;
  }
  const Handler handler = FindOperator(node.domain, node.op_type);
  NodeView view(node, graph_.opset, std::move(inputs), conditions_);
  if (handler == nullptr || !all_known) {
    TENSORD_RETURN_IF_ERROR(CloseSizes(node));
    LeaveUnknown(node);
    return AddLayer(index, false, {}) ? ExplainIfAsked(index, view) : absl::OkStatus();
  }
  TENSORD_RETURN_IF_ERROR(handler(view));
  TENSORD_RETURN_IF_ERROR(CloseSizes(node));
  TENSORD_RETURN_IF_ERROR(Settle(node, view));
  for (const Expression* count : view.counts().parts()) {
    if (!count->ok()) return view.Error(count->status().message());
  }
  TENSORD_RETURN_IF_ERROR(AccountForText(node, view));
  return AddLayer(index, !view.is_unknown(), view.counts()) ? ExplainIfAsked(index, view) : absl::OkStatus();
}

absl::Status Pass::AccountForText(const GraphNode& node, NodeView& view) {
  for (const Expression* count : view.counts().parts()) expression_bytes_ += count->text_bytes();
  for (const std::optional<TensorFacts>& output : view.outputs()) {
    if (!output.has_value() || !output->shape.has_value()) continue;
    for (const Expression& size : *output->shape) expression_bytes_ += size.text_bytes();
  }
  if (expression_bytes_ <= kMaxExpressionBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(NodeText(node), ": up to here the graph's sizes and counts take more than ", kMaxExpressionBytes,
                   " bytes as text; give symbols a value, as in N=8, to make them numbers"));
}

absl::Status Pass::CloseSizes(const GraphNode& node) {
  for (const std::string& input : node.inputs) {
    if (input.empty()) continue;
    Tensor& tensor = tensors_[ids_.at(input)];
    if (tensor.facts.open_axes == 0) continue;
    if (tensor.is_initializer) {
      return absl::InvalidArgumentError(
          absl::StrCat(NodeText(node), ": it does not tell what the open sizes of its input ", Quoted(input), " ",
                       ShapeText(*tensor.facts.shape, tensor.facts.open_axes), " have to be; give them as numbers"));
    }
    tensor.facts.open_axes = 0;
  }
  return absl::OkStatus();
}

TensorFacts Pass::DeclaredFacts(const GraphTensor& tensor) {
  TensorFacts facts = FactsOf(tensor, Role::kData);
  facts.open_axes = 0;
  return facts;
}

void Pass::LeaveUnknown(const GraphNode& node) {
  for (const std::string& output : node.outputs) {
    if (output.empty()) continue;
    Tensor& tensor = tensors_[ids_.at(output)];
    tensor.is_known = true;
    if (tensor.declared != nullptr) tensor.facts = DeclaredFacts(*tensor.declared);
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
      if (tensor.declared != nullptr) tensor.facts = DeclaredFacts(*tensor.declared);
      continue;
    }
    if (!facts.has_value()) return view.Error(absl::StrCat("nothing is known of its output ", i));
    tensor.facts = *facts;
    tensor.facts.open_axes = 0;
    if (!may_fold) tensor.facts.values.reset();
    if (!from_data) tensor.facts.role = IsReal(tensor.facts.type) ? other_role : Role::kConstant;
    tensor.facts.fields = tensor.facts.role == Role::kData ? FieldsOfOutput(view, i, following_) : nullptr;
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

}  // namespace tensord::analysis::model
