// A formula as a tree.
#ifndef TENSORD_GRADING_SRC_SHAPE_FORMULA_TREE_H_
#define TENSORD_GRADING_SRC_SHAPE_FORMULA_TREE_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace tensord::grading::shapes {

enum class NodeKind {
  kNumber,    // numerator/denominator
  kVariable,  // `variable`
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,  // exact
  kFloor,
  kCeil,
  kTruncate,  // towards zero
  kMin,
  kMax,
  kPower,    // `exponent`
  kAtLeast,  // 1 where first >= second, else 0
  kGreater,  // 1 where first > second, else 0
};

struct Node {
  NodeKind kind = NodeKind::kNumber;
  int first = -1;  // places of the operands, which stand before
  int second = -1;
  int64_t numerator = 0;
  int64_t denominator = 1;
  int variable = -1;
  int exponent = 0;
};

// Operands stand before what uses them, and may be used more than once; so a loop over the nodes evaluates them.
using Tree = std::vector<Node>;

// The components of a formula; a lone number's formula has one.
struct Formula {
  Tree tree;
  std::vector<int> roots;
  std::vector<std::string> notes;  // how it was read, where that is not evident
};

// The variables that stand in what the root stands for, in order and once each.
[[nodiscard]] inline std::set<int> VariablesOf(const Tree& tree, int root) {
  std::set<int> variables;
  std::vector<bool> used(tree.size(), false);
  used[static_cast<size_t>(root)] = true;
  for (auto i = static_cast<size_t>(root) + 1; i-- > 0;) {
    if (!used[i]) continue;
    const Node& node = tree[i];
    if (node.kind == NodeKind::kVariable) variables.insert(node.variable);
    if (node.first >= 0) used[static_cast<size_t>(node.first)] = true;
    if (node.second >= 0) used[static_cast<size_t>(node.second)] = true;
  }
  return variables;
}

}  // namespace tensord::grading::shapes

#endif  // TENSORD_GRADING_SRC_SHAPE_FORMULA_TREE_H_
