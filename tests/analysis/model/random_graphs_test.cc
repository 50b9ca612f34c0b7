// Random graphs: what the analysis says of them is what comes out when tensord's own operators execute them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tensord/analysis/model.h"
#include "tensord/analysis/onnx.h"
#include "tests/analysis/formula_reader.h"
#include "tests/analysis/model/random/graph_bytes.h"
#include "tests/analysis/model/random/random_graph.h"

namespace tensord::analysis::random_graphs {
namespace {

#ifdef TENSORD_IS_SANITIZED
constexpr int64_t kGraphs = 1'500;
#else
constexpr int64_t kGraphs = 20'000;
#endif
constexpr uint64_t kFirstSeed = 1;

int64_t GraphCount() {
  const char* const count = std::getenv("TENSORD_RANDOM_GRAPHS");
  return count == nullptr ? kGraphs : std::atoll(count);
}

uint64_t FirstSeed() {
  const char* const seed = std::getenv("TENSORD_RANDOM_SEED");
  return seed == nullptr ? kFirstSeed : std::strtoull(seed, nullptr, 10);
}

std::string SizesText(const Sizes& sizes) { return absl::StrCat("[", absl::StrJoin(sizes, ","), "]"); }

// Every number of an analysis by what it is of, for the symbols' values: "macs of n3", "size 1 of y4".
using Numbers = std::map<std::string, std::string>;

class Reader {
 public:
  explicit Reader(int64_t batch) : symbols_{{"N", Integer(batch)}} {}

  void Add(const std::string& name, const Expression& value) {
    const absl::StatusOr<Integer> number = value.Evaluate(symbols_);
    numbers_[name] = number.ok() ? number->ToString() : std::string(number.status().message());
  }
  void Add(const std::string& name, const OperationCounts& counts) {
    Add(absl::StrCat("macs of ", name), counts.macs);
    Add(absl::StrCat("macs by output of ", name), counts.macs_by_output);
    Add(absl::StrCat("bias additions of ", name), counts.bias_additions);
    Add(absl::StrCat("multiplications of ", name), counts.multiplications);
    Add(absl::StrCat("additions of ", name), counts.additions);
    Add(absl::StrCat("comparisons of ", name), counts.comparisons);
    Add(absl::StrCat("divisions of ", name), counts.divisions);
    Add(absl::StrCat("special functions of ", name), counts.special_functions);
    // Along an axis that is a symbol what reads padding is not known.
    if (counts.padding_macs.has_value()) Add(absl::StrCat("padding macs of ", name), *counts.padding_macs);
  }
  void Add(const ModelTensor& tensor) {
    numbers_[absl::StrCat("rank of ", tensor.name)] =
        tensor.shape.has_value() ? absl::StrCat(tensor.shape->size()) : "unknown";
    for (size_t i = 0; tensor.shape.has_value() && i < tensor.shape->size(); ++i) {
      Add(absl::StrCat("size ", i, " of ", tensor.name), (*tensor.shape)[i].exact());
    }
  }
  void Add(const ModelAnalysis& analysis) {
    for (const std::vector<ModelTensor>* list : {&analysis.inputs, &analysis.outputs}) {
      for (const ModelTensor& tensor : *list) Add(tensor);
    }
    for (const ModelLayer& layer : analysis.layers) {
      for (const ModelTensor& tensor : layer.outputs) Add(tensor);
      if (layer.operations.has_value()) Add(layer.name, *layer.operations);
      numbers_[absl::StrCat("operator of ", layer.name)] = layer.op_type;
    }
    Add("all", analysis.operations);
    Add("parameters", analysis.parameter_count.exact());
    Add("buffers", analysis.buffer_count.exact());
    numbers_["layers"] = absl::StrCat(analysis.layers.size());
    numbers_["unknown layers"] = absl::StrCat(analysis.unknown_layers.size());
  }

  Numbers numbers() && { return std::move(numbers_); }

 private:
  const std::map<std::string, Integer> symbols_;
  Numbers numbers_;
};

Numbers NumbersOf(const ModelAnalysis& analysis, int64_t batch) {
  Reader reader(batch);
  reader.Add(analysis);
  return std::move(reader).numbers();
}

std::string ConditionsOf(const ModelAnalysis& analysis) { return absl::StrJoin(analysis.conditions, ", "); }

// Whether "N*2 >= 3" or "N = 2" is so.
bool Holds(const std::string& condition, int64_t batch) {
  const std::map<std::string, int64_t> names = {{"N", batch}};
  const size_t equal = condition.find(" = ");
  if (equal == std::string::npos) return ReadFormula(absl::StrCat("[", condition, "]"), names).value() == 1;
  return ReadFormula(condition.substr(0, equal), names).value() ==
         ReadFormula(condition.substr(equal + 3), names).value();
}

class RandomGraphsTest : public ::testing::Test {
 protected:
  // Fails for a few graphs in full, and counts the others.
  void Fail(const std::string& what) {
    if (++failures_ <= 8) ADD_FAILURE() << "seed " << seed_ << ": " << what << "\n" << Describe();
  }

  void ExpectEqual(const std::string& what, const std::string& analysed, const std::string& real) {
    if (analysed != real) Fail(absl::StrCat(what, ": the analysis says ", analysed, ", the execution ", real));
  }

  std::string Describe() const {
    std::string text;
    for (const GraphNode& node : made_.graph.nodes) {
      absl::StrAppend(&text, "  ", node.name, " ", node.op_type);
      for (const std::string& input : node.inputs) {
        absl::StrAppend(&text, " ", input, SizesText(made_.values.at(input).shape));
      }
      for (const auto& [name, value] : node.attributes) {
        absl::StrAppend(&text, " ", name, "=");
        if (const auto* list = std::get_if<Sizes>(&value)) absl::StrAppend(&text, SizesText(*list));
        if (const auto* number = std::get_if<int64_t>(&value)) absl::StrAppend(&text, *number);
        if (const auto* real = std::get_if<double>(&value)) absl::StrAppend(&text, *real);
        if (const auto* word = std::get_if<std::string>(&value)) absl::StrAppend(&text, *word);
      }
      for (const std::string& output : node.outputs) {
        const auto value = made_.values.find(output);
        absl::StrAppend(&text, " -> ", output, value == made_.values.end() ? "" : SizesText(value->second.shape));
      }
      absl::StrAppend(&text, "\n");
    }
    return absl::StrCat(text, "  ", made_.refusal.value_or("executed"));
  }

  // The graph with its batch as a symbol.
  Graph Symbolic() const {
    Graph graph = made_.graph;
    for (GraphTensor& input : graph.inputs) {
      if (input.name == "x") (*input.shape)[0] = std::string("N");
    }
    return graph;
  }

  int64_t Batch() const { return made_.values.at("x").shape[0]; }

  // What the analysis of the graph has to be: refused where the execution is, and at the same node.
  void CheckRefusal(const absl::StatusOr<ModelAnalysis>& analysis) {
    const GraphNode& last = made_.graph.nodes.back();
    if (analysis.ok()) return Fail(absl::StrCat("it is analysed, and ", last.op_type, " does not execute"));
    const std::string start = absl::StrCat("node \"", last.name, "\" (", last.op_type, "): ");
    if (!absl::StartsWith(analysis.status().message(), start)) {
      Fail(absl::StrCat("the error has to begin with ", start, " and is ", analysis.status().message()));
    }
  }

  void CheckWork(const ModelLayer& layer, const Work& work) {
    if (!layer.operations.has_value()) return Fail(absl::StrCat(layer.name, " has no counts"));
    const OperationCounts& counts = *layer.operations;
    const std::string padding = counts.padding_macs.has_value() ? counts.padding_macs->ToString() : "unknown";
    const std::pair<const char*, std::pair<std::string, int64_t>> pairs[] = {
        {"macs", {counts.macs.ToString(), work.macs}},
        {"macs that read padding", {padding, work.padding_macs}},
        {"macs by output", {counts.macs_by_output.ToString(), work.macs_by_output}},
        {"bias additions", {counts.bias_additions.ToString(), work.bias_additions}},
        {"multiplications", {counts.multiplications.ToString(), work.multiplications}},
        {"additions", {counts.additions.ToString(), work.additions}},
        {"comparisons", {counts.comparisons.ToString(), work.comparisons}},
        {"divisions", {counts.divisions.ToString(), work.divisions}},
        {"special functions", {counts.special_functions.ToString(), work.special_functions}}};
    for (const auto& [what, numbers] : pairs) {
      ExpectEqual(absl::StrCat(what, " of ", layer.name), numbers.first, absl::StrCat(numbers.second));
    }
  }

  void CheckAccepted(const ModelAnalysis& analysis) {
    if (analysis.layers.size() != made_.graph.nodes.size() || !analysis.unknown_layers.empty()) {
      return Fail("every node has to be a layer that is known");
    }
    for (size_t i = 0; i < analysis.layers.size(); ++i) {
      const ModelLayer& layer = analysis.layers[i];
      const GraphNode& node = made_.graph.nodes[i];
      ExpectEqual("the layer's name", layer.name, node.name);
      for (size_t j = 0; j < node.outputs.size(); ++j) {
        Sizes sizes;
        for (const Count& size : *layer.outputs.at(j).shape) sizes.push_back(size.value().value_or(-1));
        ExpectEqual(absl::StrCat("the shape of ", node.outputs[j]), SizesText(sizes),
                    SizesText(made_.values.at(node.outputs[j]).shape));
      }
      if (made_.work[i].has_value()) CheckWork(layer, *made_.work[i]);
    }
    ExpectEqual("parameters", analysis.parameter_count.ToString(), absl::StrCat(made_.parameter_count));
    ExpectEqual("buffers", analysis.buffer_count.ToString(), absl::StrCat(made_.buffer_count));
    std::vector<std::string> inputs;
    for (const ModelTensor& input : analysis.inputs) inputs.push_back(input.name);
    ExpectEqual("data inputs", absl::StrJoin(inputs, " "), absl::StrJoin(made_.data_inputs, " "));
    if (!analysis.conditions.empty()) Fail(absl::StrCat("of numbers alone: ", ConditionsOf(analysis)));
  }

  // With N for the batch: set again it is the same word for word; as it is, it comes to the same at the real batch if
  // its conditions hold there, and they do not where the graph is refused.
  void CheckSymbolic(const absl::StatusOr<ModelAnalysis>& concrete) {
    const Graph graph = Symbolic();
    const absl::StatusOr<ModelAnalysis> set = AnalyzeModel(graph, {.symbols = {{"N", Batch()}}});
    ExpectEqual("with N set", std::string(set.status().message()), std::string(concrete.status().message()));
    if (set.ok() && concrete.ok()) {
      ExpectSame("with N set", NumbersOf(*set, Batch()), NumbersOf(*concrete, Batch()));
    }
    const absl::StatusOr<ModelAnalysis> open = AnalyzeModel(graph, {});
    if (!open.ok()) {
      if (concrete.ok()) TakenOtherwise(absl::StrCat("with a symbol it is refused: ", open.status().message()));
      return;
    }
    const bool hold = std::all_of(open->conditions.begin(), open->conditions.end(),
                                  [this](const std::string& condition) { return Holds(condition, Batch()); });
    if (!concrete.ok()) {
      ++refused_by_condition_;
      if (hold) Fail(absl::StrCat("it is refused, and what it was provided holds: ", ConditionsOf(*open)));
    } else if (hold) {
      CompareAtBatch(*open, *concrete);
    } else {
      TakenOtherwise(absl::StrCat("it is provided ", ConditionsOf(*open)));
    }
  }

  // Of symbols the analysis takes what is the most likely, and says so: positions of a slice are inside, and sizes that
  // are broadcast are equal rather than one of them 1. Where this batch is otherwise, `what` is no mistake.
  void TakenOtherwise(const std::string& what) {
    ++taken_otherwise_;
    for (const char* op : {"Slice", "Add", "Sub", "Mul", "MatMul"}) {
      if (nodes_of_graph_.count(op) != 0) return;
    }
    Fail(what);
  }

  void CompareAtBatch(const ModelAnalysis& open, const ModelAnalysis& concrete) {
    const Numbers got = NumbersOf(open, Batch());
    Numbers expected = NumbersOf(concrete, Batch());
    // Once the batch has become an axis in space, what reads padding depends on it, and nobody says how.
    for (auto it = expected.begin(); it != expected.end();) {
      const bool is_hidden = absl::StartsWith(it->first, "padding") && got.count(it->first) == 0;
      if (is_hidden) ++hidden_padding_;
      it = is_hidden ? expected.erase(it) : std::next(it);
    }
    ExpectSame("with N as a symbol", got, expected);
  }

  void ExpectSame(const std::string& what, const Numbers& got, const Numbers& expected) {
    if (got == expected) return;
    for (const auto& [name, number] : expected) {
      const auto found = got.find(name);
      const std::string other = found == got.end() ? "nothing" : found->second;
      if (other != number) return Fail(absl::StrCat(what, ", ", name, ": ", other, " where there was ", number));
    }
    Fail(absl::StrCat(what, ": there is more than there was"));
  }

  // As a file, and with its nodes the other way round.
  void CheckOtherForms(const absl::StatusOr<ModelAnalysis>& analysis) {
    const absl::StatusOr<Graph> read = ReadOnnx(BytesOf(made_.graph));
    if (!read.ok()) return Fail(absl::StrCat("its bytes are no model: ", read.status().message()));
    if (!(*read == made_.graph)) Fail("its bytes are those of another graph");
    Graph reversed = *read;
    std::reverse(reversed.nodes.begin(), reversed.nodes.end());
    for (const Graph* graph : {&*read, &std::as_const(reversed)}) {
      const absl::StatusOr<ModelAnalysis> other = AnalyzeModel(*graph, {});
      ExpectEqual("in another form", std::string(other.status().message()), std::string(analysis.status().message()));
      if (other.ok() && analysis.ok()) {
        ExpectSame("in another form", NumbersOf(*other, 1), NumbersOf(*analysis, 1));
      }
    }
  }

  void CheckGraph(uint64_t seed) {
    seed_ = seed;
    made_ = MakeRandomGraph(seed);
    const absl::StatusOr<ModelAnalysis> analysis = AnalyzeModel(made_.graph, {});
    nodes_of_graph_.clear();
    for (const GraphNode& node : made_.graph.nodes) {
      ++nodes_[node.op_type].first;
      nodes_of_graph_.insert(node.op_type);
    }
    if (made_.refusal.has_value()) {
      ++nodes_[made_.graph.nodes.back().op_type].second;
      CheckRefusal(analysis);
    } else if (!analysis.ok()) {
      Fail(absl::StrCat("it executes, and is refused: ", analysis.status().message()));
    } else {
      CheckAccepted(*analysis);
    }
    if (made_.has_empty_windows) ++empty_windows_;
    CheckSymbolic(analysis);
    if (seed % 4 == 0) CheckOtherForms(analysis);
  }

  void Report(int64_t graphs) const {
    int64_t nodes = 0;
    int64_t refused = 0;
    for (const auto& [op, counts] : nodes_) {
      std::cout << "  " << op << ": " << counts.first << " nodes, " << counts.second << " refused\n";
      nodes += counts.first;
      refused += counts.second;
    }
    std::cout << graphs << " graphs from seed " << FirstSeed() << ", " << nodes << " nodes, " << refused
              << " graphs refused by both (" << refused_by_condition_ << " of them, with a symbol, conditional), "
              << empty_windows_ << " with windows beside the input, " << taken_otherwise_
              << " whose slices or broadcasts a symbol takes otherwise, " << hidden_padding_
              << " counts of padding that a symbol hides, " << failures_ << " disagreements\n";
  }

  std::map<std::string, std::pair<int64_t, int64_t>> nodes_;  // by operator, and those refused
  int64_t refused_by_condition_ = 0;
  int64_t empty_windows_ = 0;
  int64_t taken_otherwise_ = 0;
  int64_t hidden_padding_ = 0;
  int64_t failures_ = 0;

 private:
  uint64_t seed_ = 0;
  std::set<std::string> nodes_of_graph_;  // their operators
  RandomGraph made_;
};

TEST_F(RandomGraphsTest, AreAnalysedAsTheyExecute) {
  const int64_t graphs = GraphCount();
  for (int64_t i = 0; i < graphs; ++i) CheckGraph(FirstSeed() + static_cast<uint64_t>(i));
  Report(graphs);
  EXPECT_EQ(failures_, 0);
  if (graphs < 10'000) return;
  // Every operator was drawn, and of those that can be refused some were.
  EXPECT_EQ(nodes_.size(), 37U);
  for (const char* op :
       {"Conv", "ConvTranspose", "MaxPool", "AveragePool", "LpPool", "Gemm", "MatMul", "PRelu", "Softmax", "Add",
        "Concat", "Flatten", "Reshape", "Transpose", "BatchNormalization", "Slice"}) {
    EXPECT_GT(nodes_[op].first, 2 * nodes_[op].second) << op;
    EXPECT_GT(nodes_[op].second, 0) << op;
  }
  EXPECT_GT(empty_windows_, 0);
  EXPECT_LT(taken_otherwise_, graphs / 100);
}

}  // namespace
}  // namespace tensord::analysis::random_graphs
