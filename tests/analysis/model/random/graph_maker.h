// Draws nodes that fit what was computed before them, most of the time.
#ifndef TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_GRAPH_MAKER_H_
#define TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_GRAPH_MAKER_H_

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <vector>

#include "tests/analysis/model/random/execution.h"
#include "tests/analysis/model/random/random_graph.h"
#include "tests/support/builders.h"

namespace tensord::analysis::random_graphs {

class GraphMaker {
 public:
  explicit GraphMaker(uint64_t seed) : random_(seed) {}

  RandomGraph Make();

 private:
  enum class Kind { kParameter, kBuffer };

  // What a node is made of before it is run; `input_` is the tensor that it works on.
  void AddWindowNode(const std::string& op);
  void AddPoolNode(const std::string& op);
  void AddGemm();
  void AddMatMul();
  void AddPrelu();
  void AddSoftmax(const std::string& op);
  void AddArithmetic(const std::string& op);
  void AddConcat();
  void AddFlatten();
  void AddReshape();
  void AddTranspose();
  void AddBatchNormalization();
  void AddPad();
  void AddSlice();
  void AddAny();

  // kernel_shape, strides, dilations and padding for windows of these lengths.
  void AddWindowAttributes(const Sizes& window);
  // A transposed convolution's, within a little of what its windows reach.
  void AddOutputPadding(size_t axes);
  void AddOutputShape(const Sizes& window);
  // Runs the last node. Whether the graph may go on.
  bool RunLast();
  void CountRoles(const GraphNode& node);

  // Numbers. Rarely: once in a good many calls, for what is to be refused.
  int64_t Draw(int64_t low, int64_t high) { return random_.Integer(low, high); }
  bool OneIn(int64_t count) { return Draw(1, count) == 1; }
  bool Rarely() { return OneIn(120); }
  std::string OneOf(std::initializer_list<const char*> names);
  Sizes DrawList(size_t count, int64_t low, int64_t high);

  // A tensor of reals that is there already, or else a new one. Its elements are small integers.
  std::string Weight(const Sizes& shape, Kind kind = Kind::kParameter, bool may_be_input = true);
  // An initializer that is a list of integers.
  std::string Integers(const Sizes& values);
  void Push(const std::string& op, std::vector<std::string> inputs);
  GraphNode& node() { return made_.graph.nodes.back(); }
  [[nodiscard]] const Sizes& shape() const { return made_.values.at(input_).shape; }
  [[nodiscard]] std::string Fresh(const std::string& prefix);
  // Another tensor that was computed, of that rank where there is one.
  [[nodiscard]] std::string Partner();

  test_support::Random random_;
  RandomGraph made_;
  std::string input_;
  std::vector<std::string> computed_;
  std::map<std::string, Kind> weights_;
  std::set<std::string> counted_;
  int64_t fresh_ = 0;
};

}  // namespace tensord::analysis::random_graphs

#endif  // TENSORD_TESTS_ANALYSIS_MODEL_RANDOM_GRAPH_MAKER_H_
