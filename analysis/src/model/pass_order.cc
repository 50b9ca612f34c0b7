// The order in which a graph's nodes can be looked at.
#include <algorithm>
#include <functional>
#include <queue>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/graph_text.h"
#include "analysis/src/model/pass.h"

namespace tensord::analysis::model {

absl::StatusOr<std::vector<size_t>> Pass::Order() {
  constexpr size_t kNobody = ~size_t{0};
  std::vector<std::vector<size_t>> users;  // by tensor
  std::vector<size_t> makers;
  const auto grow = [&] {
    users.resize(tensors_.size());
    makers.resize(tensors_.size(), kNobody);
  };
  grow();
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    const GraphNode& node = graph_.nodes[i];
    for (const std::string& output : node.outputs) {
      if (output.empty()) continue;
      const size_t id = Intern(output);
      grow();
      if (tensors_[id].is_known || makers[id] != kNobody) {
        return absl::InvalidArgumentError(
            absl::StrCat(NodeText(node), ": its output ", Quoted(output),
                         " is computed or given elsewhere too; a name stands for one tensor"));
      }
      makers[id] = i;
    }
  }
  std::vector<size_t> missing(graph_.nodes.size(), 0);
  for (size_t i = 0; i < graph_.nodes.size(); ++i) {
    const GraphNode& node = graph_.nodes[i];
    for (const std::string& input : node.inputs) {
      if (input.empty()) continue;
      const auto found = ids_.find(input);
      if (found == ids_.end() || (!tensors_[found->second].is_known && makers[found->second] == kNobody)) {
        return absl::InvalidArgumentError(
            absl::StrCat(NodeText(node), ": its input ", Quoted(input), " is neither given nor computed by any node"));
      }
      if (tensors_[found->second].is_known) continue;
      users[found->second].push_back(i);
      ++missing[i];
    }
  }
  // Of the nodes that can run, the first in the graph.
  std::priority_queue<size_t, std::vector<size_t>, std::greater<>> ready;
  for (size_t i = 0; i < missing.size(); ++i) {
    if (missing[i] == 0) ready.push(i);
  }
  std::vector<size_t> order;
  order.reserve(graph_.nodes.size());
  while (!ready.empty()) {
    const size_t index = ready.top();
    ready.pop();
    order.push_back(index);
    for (const std::string& output : graph_.nodes[index].outputs) {
      if (output.empty()) continue;
      for (const size_t user : users[ids_.at(output)]) {
        if (--missing[user] == 0) ready.push(user);
      }
    }
  }
  if (order.size() == graph_.nodes.size()) return order;
  const auto stuck = std::find_if(missing.begin(), missing.end(), [](size_t count) { return count > 0; });
  const GraphNode& node = graph_.nodes[static_cast<size_t>(stuck - missing.begin())];
  return absl::InvalidArgumentError(absl::StrCat(
      NodeText(node), ": it waits for its own output, or for that of nodes that do; a graph has no cycles"));
}

}  // namespace tensord::analysis::model
