#include "tests/analysis/model/random/graph_maker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tensord::analysis::random_graphs {
namespace {

constexpr int64_t kMaxElements = 3000;

}  // namespace

RandomGraph MakeRandomGraph(uint64_t seed) { return GraphMaker(seed).Make(); }

RandomGraph GraphMaker::Make() {
  made_.graph = {.name = "random", .opset = Draw(11, 17)};
  const int64_t axes = Draw(1, 3);
  const int64_t longest = axes == 1 ? 14 : axes == 2 ? 7 : 4;
  Sizes shape = {Draw(1, 3), Draw(1, 4)};
  for (int64_t i = 0; i < axes; ++i) shape.push_back(Draw(1, longest));
  Value image{.shape = shape, .elements = {}};
  for (int64_t i = 0; i < Product(shape); ++i) image.elements.push_back(static_cast<double>(Draw(-4, 4)));
  made_.graph.inputs.push_back(
      {.name = "x", .type = ElementType::kFloat32, .shape = std::vector<Dimension>(shape.begin(), shape.end())});
  made_.data_inputs = {"x"};
  made_.values["x"] = std::move(image);
  computed_ = {"x"};
  const int64_t length = Draw(1, 7);
  for (int64_t i = 0; i < length; ++i) {
    input_ = OneIn(5) ? computed_[static_cast<size_t>(Draw(0, static_cast<int64_t>(computed_.size()) - 1))]
                      : computed_.back();
    AddAny();
    if (!RunLast()) break;
  }
  for (const GraphNode& node : made_.graph.nodes) {
    for (const std::string& output : node.outputs) made_.graph.outputs.push_back({.name = output});
  }
  return std::move(made_);
}

void GraphMaker::AddAny() {
  const bool has_space = shape().size() >= 3 && shape().size() <= 5;
  const int64_t draw = Draw(1, 100);
  if (has_space && draw <= 52) {
    if (draw <= 20) return AddWindowNode("Conv");
    if (draw <= 34) return AddWindowNode("ConvTranspose");
    if (draw <= 49) return AddPoolNode(OneOf({"MaxPool", "AveragePool", "LpPool"}));
    return Push(OneOf({"GlobalMaxPool", "GlobalAveragePool", "GlobalLpPool"}), {input_});
  }
  if (shape().size() == 2 && draw <= 52) return draw <= 30 ? AddGemm() : AddMatMul();
  if (draw <= 58) return AddArithmetic(OneOf({"Add", "Sub", "Mul"}));
  if (draw <= 64) return AddConcat();
  if (draw <= 68) return AddReshape();
  if (draw <= 72) return AddTranspose();
  if (draw <= 76) return AddBatchNormalization();
  if (draw <= 79) return AddPad();
  if (draw <= 82) return AddSlice();
  if (draw <= 85) return AddFlatten();
  if (draw <= 88) return AddPrelu();
  if (draw <= 91) return AddSoftmax(OneOf({"Softmax", "LogSoftmax"}));
  if (draw <= 93) return AddMatMul();
  if (draw <= 94) return AddWindowNode(OneOf({"Conv", "ConvTranspose"}));
  if (draw <= 95) return AddPoolNode("MaxPool");
  if (draw <= 96) return AddGemm();
  Push(OneOf({"Relu", "LeakyRelu", "Elu", "Selu", "Sigmoid", "Tanh", "Softplus", "Softsign", "HardSigmoid", "HardSwish",
              "Celu", "Mish", "ThresholdedRelu", "Erf"}),
       {input_});
}

bool GraphMaker::RunLast() {
  const GraphNode& last = node();
  std::vector<const Value*> inputs;
  for (const std::string& input : last.inputs) inputs.push_back(input.empty() ? nullptr : &made_.values.at(input));
  absl::StatusOr<Execution> execution = Execute(last, inputs, made_.graph.opset);
  if (!execution.ok()) {
    made_.refusal = std::string(execution.status().message());
    return false;
  }
  CountRoles(last);
  made_.work.push_back(execution->work);
  made_.has_empty_windows = execution->has_empty_windows;
  bool may_go_on = !made_.has_empty_windows;
  for (size_t i = 0; i < execution->outputs.size(); ++i) {
    const auto count = static_cast<int64_t>(execution->outputs[i].elements.size());
    may_go_on = may_go_on && count > 0 && count <= kMaxElements;
    made_.values[last.outputs[i]] = std::move(execution->outputs[i]);
  }
  computed_.push_back(last.outputs[0]);
  return may_go_on;
}

void GraphMaker::CountRoles(const GraphNode& node) {
  for (const std::string& input : node.inputs) {
    const auto weight = weights_.find(input);
    if (weight == weights_.end() || !counted_.insert(input).second) continue;
    (weight->second == Kind::kBuffer ? made_.buffer_count : made_.parameter_count) +=
        Product(made_.values.at(input).shape);
  }
}

std::string GraphMaker::OneOf(std::initializer_list<const char*> names) {
  return names.begin()[Draw(0, static_cast<int64_t>(names.size()) - 1)];
}

Sizes GraphMaker::DrawList(size_t count, int64_t low, int64_t high) {
  Sizes list;
  for (size_t i = 0; i < count; ++i) list.push_back(Draw(low, high));
  return list;
}

std::string GraphMaker::Fresh(const std::string& prefix) { return absl::StrCat(prefix, fresh_++); }

std::string GraphMaker::Weight(const Sizes& shape, Kind kind, bool may_be_input) {
  // One that there is already is shared.
  if (OneIn(3)) {
    for (const auto& [name, its_kind] : weights_) {
      if (its_kind == kind && made_.values.at(name).shape == shape) return name;
    }
  }
  const std::string name = Fresh("w");
  Value value{.shape = shape, .elements = {}};
  for (int64_t i = 0; i < Product(shape); ++i) value.elements.push_back(static_cast<double>(Draw(-3, 3)));
  made_.values[name] = std::move(value);
  GraphTensor tensor{
      .name = name, .type = ElementType::kFloat32, .shape = std::vector<Dimension>(shape.begin(), shape.end())};
  const bool is_input = may_be_input && OneIn(4);
  (is_input ? made_.graph.inputs : made_.graph.initializers).push_back(std::move(tensor));
  weights_[name] = kind;
  return name;
}

std::string GraphMaker::Integers(const Sizes& values) {
  const std::string name = Fresh("i");
  made_.values[name] = {.shape = {static_cast<int64_t>(values.size())}, .elements = {values.begin(), values.end()}};
  made_.graph.initializers.push_back({.name = name,
                                      .type = ElementType::kInt64,
                                      .shape = std::vector<Dimension>{static_cast<int64_t>(values.size())},
                                      .values = values});
  return name;
}

void GraphMaker::Push(const std::string& op, std::vector<std::string> inputs) {
  made_.graph.nodes.push_back({.name = absl::StrCat("n", made_.graph.nodes.size()),
                               .op_type = op,
                               .inputs = std::move(inputs),
                               .outputs = {Fresh("y")}});
}

std::string GraphMaker::Partner() {
  std::vector<std::string> fitting;
  for (const std::string& name : computed_) {
    if (made_.values.at(name).shape.size() == shape().size()) fitting.push_back(name);
  }
  return fitting[static_cast<size_t>(Draw(0, static_cast<int64_t>(fitting.size()) - 1))];
}

}  // namespace tensord::analysis::random_graphs
