#include <initializer_list>
#include <limits>

#include "tests/contract/bad_cases.h"
#include "tests/contract/model_requests.h"

namespace tensord::contract {
namespace {

// Open where a size is 0.
void AddParameter(v1::Model& model, const std::string& name, std::initializer_list<int64_t> shape) {
  v1::ModelParameter& parameter = *model.add_parameters();
  parameter.set_name(name);
  for (const int64_t size : shape) {
    v1::Dimension& dimension = *parameter.add_shape();
    if (size != 0) dimension.set_value(size);
  }
}

v1::ModelNode& AddNode(v1::Model& model, const std::string& name, const std::string& op,
                       std::initializer_list<const char*> inputs, const std::string& output) {
  v1::ModelNode& node = *model.add_nodes();
  node.set_name(name);
  node.set_operator_(op);
  for (const char* input : inputs) node.add_inputs(input);
  node.add_outputs(output);
  return node;
}

}  // namespace

v1::AnalyzeModelRequest GoodAnalyzeModelGraph() {
  v1::AnalyzeModelRequest request;
  v1::Model& model = *request.mutable_graph();
  model.set_name("a message");
  v1::ModelInput& input = *model.add_inputs();
  input.set_name("x");
  input.add_shape()->set_symbol("N");
  for (const int size : {3, 8, 8}) input.add_shape()->set_value(size);
  AddParameter(model, "w", {4, 0, 3, 3});
  AddParameter(model, "b", {0});
  AddParameter(model, "v", {10, 0});
  v1::ModelParameter& rows = *model.add_parameters();
  rows.set_name("rows");
  for (const int size : {0, 256}) rows.mutable_integers()->add_values(size);
  v1::ModelNode& convolution = AddNode(model, "conv", "Conv", {"x", "w", "b"}, "y");
  for (int i = 0; i < 4; ++i) (*convolution.mutable_attributes())["pads"].mutable_integers()->add_values(1);
  AddNode(model, "flat", "Reshape", {"y", "rows"}, "f");
  v1::ModelNode& dense = AddNode(model, "dense", "Gemm", {"f", "v"}, "z");
  (*dense.mutable_attributes())["transB"].set_integer(1);
  return request;
}

void AddModelGraphCases(Cases& cases) {
  const auto graph = [&](const std::string& name, auto spoil, const std::string& field, const std::string& text) {
    cases.Add(
        std::string(kAnalysisService) + "AnalyzeModel", "Graph" + name, GoodAnalyzeModelGraph(),
        [&](auto& r) { spoil(*r.mutable_graph()); }, field, text);
  };
  graph(
      "Empty", [](auto& g) { g.Clear(); }, "graph.nodes", "was empty, has to have at least one");
  graph(
      "InputsMissing", [](auto& g) { g.clear_inputs(); }, "graph.inputs", "was empty, has to have at least one");
  graph(
      "InputNameMissing", [](auto& g) { g.mutable_inputs(0)->clear_name(); }, "graph.inputs[0].name",
      "was not given, has to be a tensor's name");
  graph(
      "InputTypeUnknown", [](auto& g) { g.mutable_inputs(0)->set_element_type("float31"); },
      "graph.inputs[0].element_type", "was \"float31\", has to be one of unknown, float32, uint8, int8");
  graph(
      "InputShapeMissing", [](auto& g) { g.mutable_inputs(0)->clear_shape(); }, "graph.inputs[0].shape",
      "was not given, has to have a size for each axis");
  graph(
      "InputRankNine",
      [](auto& g) {
        for (int i = 0; i < 5; ++i) g.mutable_inputs(0)->add_shape()->set_value(1);
      },
      "graph.inputs[0].shape", "has 9 sizes, has to have at most 8");
  graph(
      "InputSizeNegative", [](auto& g) { g.mutable_inputs(0)->mutable_shape(2)->set_value(-1); },
      "graph.inputs[0].shape[2]", "was -1, has to be at least 1");
  graph(
      "InputSizeZero", [](auto& g) { g.mutable_inputs(0)->mutable_shape(1)->set_value(0); }, "graph.inputs[0].shape[1]",
      "was 0, has to be at least 1");
  graph(
      "InputSizeOpen", [](auto& g) { g.mutable_inputs(0)->mutable_shape(1)->clear_size(); }, "graph.inputs[0].shape[1]",
      "was not given, has to be a number or a symbol");
  graph(
      "InputSymbolOfADigit", [](auto& g) { g.mutable_inputs(0)->mutable_shape(0)->set_symbol("1N"); },
      "graph.inputs[0].shape[0]", "was '1N', has to be a number or a symbol");
  graph(
      "ParameterNameTwice",
      [](auto& g) { g.mutable_parameters(1)->set_name("w\n"), g.mutable_parameters(0)->set_name("w\n"); },
      "graph.parameters[1].name", "was \"w\\n\", which another tensor is called, has to be unique");
  graph(
      "ParameterNamedAsAnInput", [](auto& g) { g.mutable_parameters(0)->set_name("x"); }, "graph.parameters[0].name",
      "was \"x\", which another tensor is called, has to be unique");
  graph(
      "ParameterShapeMissing", [](auto& g) { g.mutable_parameters(0)->clear_shape(); }, "graph.parameters[0].shape",
      "was not given, has to have a size for each axis");
  graph(
      "ParameterSizeNegative", [](auto& g) { g.mutable_parameters(0)->mutable_shape(3)->set_value(-5); },
      "graph.parameters[0].shape[3]", "was -5, has to be at least 0");
  graph(
      "ParameterSymbolEndless",
      [](auto& g) { g.mutable_parameters(0)->mutable_shape(3)->set_symbol(std::string(33, 'N')); },
      "graph.parameters[0].shape[3]", "has to be a number or a symbol");
  graph(
      "IntegersTooMany",
      [](auto& g) {
        for (int i = 0; i < 4095; ++i) g.mutable_parameters(3)->mutable_integers()->add_values(1);
      },
      "graph.parameters[3].integers", "has 4097 elements, has to have at most 4096");
  graph(
      "IntegersOfAnotherShape", [](auto& g) { g.mutable_parameters(3)->add_shape()->set_value(3); },
      "graph.parameters[3].integers", "has 2 elements, has to have as many as its shape");
  graph(
      "IntegersOfAHugeShape",
      [](auto& g) {
        // The product is 2 modulo 2^64.
        for (const int64_t size : {int64_t{6}, int64_t{3074457345618258603}}) {
          g.mutable_parameters(3)->add_shape()->set_value(size);
        }
      },
      "graph.parameters[3].integers", "has 2 elements, has to have as many as its shape");
  graph(
      "IntegersOfAnOpenShape", [](auto& g) { g.mutable_parameters(3)->add_shape(); }, "graph.parameters[3].shape[0]",
      "was not given");
  graph(
      "OperatorMissing", [](auto& g) { g.mutable_nodes(1)->clear_operator_(); }, "graph.nodes[1].operator",
      "was not given, has to be the name of an operator of ONNX");
  graph(
      "OutputsMissing", [](auto& g) { g.mutable_nodes(1)->clear_outputs(); }, "graph.nodes[1].outputs",
      "was empty, has to have at least one");
  graph(
      "OutputNameEmpty", [](auto& g) { g.mutable_nodes(1)->set_outputs(0, ""); }, "graph.nodes[1].outputs[0]",
      "was not given, has to be a tensor's name");
  graph(
      "OutputNameTwice", [](auto& g) { g.mutable_nodes(1)->set_outputs(0, "y"); }, "graph.nodes[1].outputs[0]",
      "was \"y\", which another tensor is called, has to be unique");
  graph(
      "AttributeMissing", [](auto& g) { (*g.mutable_nodes(0)->mutable_attributes())["pads"].clear_value(); },
      "graph.nodes[0].attributes[\"pads\"]", "was not given, has to be integer, real, text, integers or reals");
  graph(
      "AttributeEndless",
      [](auto& g) {
        auto& reals = *(*g.mutable_nodes(0)->mutable_attributes())["pads"].mutable_reals()->mutable_values();
        reals.Resize((1 << 16) + 1, 0);
      },
      "graph.nodes[0].attributes[\"pads\"]", "has 65537 entries, has to have at most 65536");
  graph(
      "GraphOutputEmpty", [](auto& g) { g.add_outputs(""); }, "graph.outputs[0]",
      "was empty, has to be a tensor's name");
  // What the analysis finds.
  graph(
      "OutputThatIsNone", [](auto& g) { g.add_outputs("q"); }, "graph", "\"q\" is computed by no node");
  graph(
      "TensorThatIsNone", [](auto& g) { g.mutable_nodes(0)->set_inputs(0, "q"); }, "graph",
      "node \"conv\" (Conv): its input \"q\" is neither given nor computed by any node");
  graph(
      "Cycle", [](auto& g) { g.mutable_nodes(0)->set_inputs(0, "f"); }, "graph", "a graph has no cycles");
  graph(
      "ShapesDisagree", [](auto& g) { g.mutable_parameters(0)->mutable_shape(1)->set_value(2); }, "graph",
      "node \"conv\" (Conv): its input \"x\" [N,3,8,8] has to have as many channels as its filter \"w\" [4,2,3,3] "
      "takes");
  graph(
      "CountBeyond128Bits",
      [](auto& g) {
        for (int i = 0; i < 4; ++i) {
          g.mutable_inputs(0)->mutable_shape(i)->set_value(std::numeric_limits<int64_t>::max());
        }
      },
      "graph", "");
}

}  // namespace tensord::contract
