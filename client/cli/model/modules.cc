#include "client/cli/model/modules.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/model/counts.h"

namespace tensord::cli {
namespace {

struct Node {
  std::string part;
  int layer = -1;
  std::vector<int> children;
};

// The modules of a layer's name, and what is left of it behind them.
std::vector<std::string> Parts(const std::string& name) {
  std::vector<std::string> parts = absl::StrSplit(name, '/', absl::SkipEmpty());
  if (parts.size() == 1) parts = absl::StrSplit(name, '.', absl::SkipEmpty());
  if (parts.empty()) return {name};
  if (parts.size() > kMaxModuleDepth + 1) {
    parts[kMaxModuleDepth] = absl::StrJoin(parts.begin() + kMaxModuleDepth, parts.end(), "/");
    parts.resize(kMaxModuleDepth + 1);
  }
  return parts;
}

std::vector<Node> TreeOf(const v1::AnalyzeModelResponse& model) {
  std::vector<Node> nodes(1);
  absl::flat_hash_map<std::pair<int, std::string>, int> modules;
  const auto add = [&](int parent, Node node) {
    const int number = static_cast<int>(nodes.size());
    nodes.push_back(std::move(node));
    nodes[static_cast<size_t>(parent)].children.push_back(number);
    return number;
  };
  for (int layer = 0; layer < model.layers_size(); ++layer) {
    const std::vector<std::string> parts = Parts(model.layers(layer).name());
    int place = 0;
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      const auto [module, is_new] = modules.try_emplace({place, parts[i]}, 0);
      if (is_new) module->second = add(place, {parts[i], -1, {}});
      place = module->second;
    }
    add(place, {parts.back(), layer, {}});
  }
  return nodes;
}

// What stands on the stack: a node, and the lines around it.
struct Visit {
  int node;
  int depth;
  int parent;
};

std::vector<ModuleRow> Lines(const std::vector<Node>& nodes) {
  std::vector<ModuleRow> rows;
  std::vector<Visit> stack;
  const auto push = [&](const Node& node, int depth, int parent) {
    for (auto child = node.children.rbegin(); child != node.children.rend(); ++child) {
      stack.push_back({*child, depth, parent});
    }
  };
  push(nodes[0], 0, -1);
  while (!stack.empty()) {
    const Visit visit = stack.back();
    stack.pop_back();
    const Node* node = &nodes[static_cast<size_t>(visit.node)];
    std::string label = node->part;
    while (node->children.size() == 1) {
      node = &nodes[static_cast<size_t>(node->children[0])];
      absl::StrAppend(&label, "/", node->part);
    }
    rows.push_back({visit.depth, visit.parent, node->layer, std::move(label), {}});
    push(*node, visit.depth + 1, static_cast<int>(rows.size()) - 1);
  }
  return rows;
}

const v1::ConventionCount* CountOf(const v1::AnalyzeModelResponse& model, const v1::CostConvention& convention) {
  for (const v1::ConventionCount& count : model.conventions()) {
    if (ConventionName(count.convention()) == ConventionName(convention)) return &count;
  }
  return nullptr;
}

}  // namespace

std::vector<ModuleRow> ModuleRows(const v1::AnalyzeModelResponse& model) {
  std::vector<ModuleRow> rows = Lines(TreeOf(model));
  // Backwards, what is in a module is added before the module is added to the one around it.
  for (size_t i = rows.size(); i-- > 0;) {
    ModuleRow& row = rows[i];
    ModuleSums own = row.sums;
    if (row.layer >= 0) {
      const v1::ModelLayer& layer = model.layers(row.layer);
      own.parameters.Add(&layer.parameter_count());
      own.macs.Add(MacCount(layer));
      own.written.Add(layer.memory().has_written_byte_count() ? &layer.memory().written_byte_count() : nullptr);
    }
    if (row.parent < 0) continue;
    ModuleSums& sums = rows[static_cast<size_t>(row.parent)].sums;
    sums.parameters.Add(own.parameters);
    sums.macs.Add(own.macs);
    sums.written.Add(own.written);
  }
  return rows;
}

v1::CostConvention ConventionOf(const v1::AnalyzeModelResponse& model) {
  for (const v1::ModelLayer& layer : model.layers()) {
    if (layer.has_convention()) return layer.convention().convention();
  }
  return {};
}

std::string ConventionName(const v1::CostConvention& convention) {
  std::vector<const char*> parts;
  if (convention.bias()) parts.push_back("bias");
  if (convention.skip_padding()) parts.push_back("skip-padding");
  if (convention.transposed_by_output()) parts.push_back("by-output");
  return parts.empty() ? "default" : absl::StrJoin(parts, "+");
}

const v1::Count* MacCount(const v1::ModelLayer& layer) {
  if (layer.has_convention()) {
    return layer.convention().has_mac_count() ? &layer.convention().mac_count() : nullptr;
  }
  return layer.has_operations() ? &MacsOf(layer.operations()) : nullptr;
}

const v1::Count* MacCount(const v1::AnalyzeModelResponse& model) {
  const v1::CostConvention convention = ConventionOf(model);
  if (ConventionName(convention) == "default") return &MacsOf(model.operations());
  const v1::ConventionCount* const count = CountOf(model, convention);
  return count == nullptr || !count->has_mac_count() ? nullptr : &count->mac_count();
}

}  // namespace tensord::cli
