#include "grading/src/formula/settings.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/formula/build.h"
#include "grading/src/formula/ranges.h"

namespace tensord::grading::formula {
namespace {

constexpr int64_t kSpread = 5;  // sizes are among as many values
constexpr int kDraws = 4000;
constexpr int64_t kSmallWork = 20000;  // nodes that a setting's definitions cost; answers cost about as much
constexpr int64_t kLargeWork = 400000;

// The number of nodes that a definition takes, or nothing beyond `work`.
std::optional<int64_t> WorkOf(const Model& model, const Definition& definition, const std::vector<int64_t>& symbols,
                              int64_t work) {
  const std::optional<std::vector<int64_t>> shape = ShapeOf(model.tensors[definition.tensor], symbols);
  if (!shape.has_value()) return std::nullopt;
  const Ranges ranges = NamedRanges(definition.program, symbols, *shape);
  int64_t total = CellCount(*shape) * static_cast<int64_t>(definition.program.tree.nodes.size());
  for (const Node& node : definition.program.tree.nodes) {
    for (const SumIndex& index : node.sums) {
      const Range& range = ranges.by_slot[index.name];
      if (total > work) return std::nullopt;
      total *= std::clamp<int64_t>(range.last - range.first + 1, 1, work + 1);
    }
  }
  return total > work ? std::nullopt : std::optional<int64_t>(total);
}

int Score(const std::vector<int64_t>& symbols) {
  const std::set<int64_t> different(symbols.begin(), symbols.end());
  const auto ones = std::count(symbols.begin(), symbols.end(), 1);
  return static_cast<int>(2 * different.size()) - 3 * static_cast<int>(ones);
}

std::vector<std::vector<int64_t>> Draw(const Model& model, int64_t work) {
  Random random(model.seed);
  std::vector<std::vector<int64_t>> found;
  for (int draw = 0; draw < kDraws && found.size() < 40; ++draw) {
    std::vector<int64_t> symbols;
    for (const int64_t minimum : model.minima) {
      symbols.push_back(minimum + static_cast<int64_t>(random.Below(kSpread)));
    }
    if (std::find(found.begin(), found.end(), symbols) == found.end() && SizesFit(model, symbols, work)) {
      found.push_back(std::move(symbols));
    }
  }
  return found;
}

double LogSum(double a, double b) {
  const double larger = std::max(a, b);
  if (std::isinf(larger)) return larger;
  return larger + std::log2(1 + std::exp2(std::min(a, b) - larger));
}

double NodeLogDegree(const Program& program, const std::vector<Range>& ranges, const std::vector<double>& tensors,
                     size_t id) {
  const Node& node = program.tree.nodes[id];
  double degree = -std::numeric_limits<double>::infinity();
  if (node.kind == NodeKind::kRead) return tensors[node.tensor];
  for (const size_t child : node.children) degree = LogSum(degree, NodeLogDegree(program, ranges, tensors, child));
  if (node.kind == NodeKind::kPower)
    return degree + std::log2(std::max<double>(1, std::abs(static_cast<double>(node.exponent))));
  if (node.kind == NodeKind::kFunction) return degree + 2;
  if (node.kind != NodeKind::kSum) return degree;
  for (const SumIndex& index : node.sums) {
    const Range& range = ranges[index.name];
    degree += std::log2(static_cast<double>(std::max<int64_t>(1, range.last - range.first + 1)));
  }
  return degree;
}

// The choices of `count` numbers from 0 on with the sum `total`, in order.
void Compositions(size_t count, int64_t total, std::vector<int64_t>* prefix, std::vector<std::vector<int64_t>>* out) {
  constexpr size_t kMost = 20000;
  if (out->size() >= kMost) return;
  if (prefix->size() + 1 == count) {
    prefix->push_back(total);
    out->push_back(*prefix);
    prefix->pop_back();
    return;
  }
  for (int64_t first = 0; first <= total; ++first) {
    prefix->push_back(first);
    Compositions(count, total - first, prefix, out);
    prefix->pop_back();
  }
}

}  // namespace

bool SizesFit(const Model& model, const std::vector<int64_t>& symbols, int64_t work) {
  int64_t cells = 0;
  for (const ModelTensor& tensor : model.tensors) {
    const std::optional<std::vector<int64_t>> shape = ShapeOf(tensor, symbols);
    if (!shape.has_value() || (cells += CellCount(*shape)) > kMaxInstanceCells) return false;
  }
  for (const auto& [name, size] : model.index_sizes) {
    if (IndexValue(size, symbols).value_or(0) < 1) return false;
  }
  int64_t total = 0;
  for (const Definition& definition : model.definitions) {
    const std::optional<int64_t> more = WorkOf(model, definition, symbols, work);
    if (!more.has_value() || (total += *more) > work) return false;
  }
  return true;
}

std::vector<std::vector<int64_t>> ChooseSettings(const Model& model) {
  std::vector<std::vector<int64_t>> found = Draw(model, kSmallWork);
  if (found.empty()) found = Draw(model, kLargeWork);
  if (found.empty()) return found;
  const auto best =
      std::max_element(found.begin(), found.end(), [](const auto& a, const auto& b) { return Score(a) < Score(b); });
  std::iter_swap(found.begin(), best);
  if (found.size() > kSettings) found.resize(kSettings);
  return found;
}

std::vector<std::vector<int64_t>> GrowingSizes(const Model& model, size_t count) {
  std::vector<std::vector<int64_t>> sizes;
  const size_t symbols = model.minima.size();
  if (symbols == 0) return {{}};
  constexpr int64_t kMostAbove = 10;
  for (int64_t above = 0; above <= kMostAbove && sizes.size() < count; ++above) {
    std::vector<std::vector<int64_t>> choices;
    std::vector<int64_t> prefix;
    Compositions(symbols, above, &prefix, &choices);
    for (std::vector<int64_t>& choice : choices) {
      for (size_t i = 0; i < symbols; ++i) choice[i] += model.minima[i];
      if (sizes.size() < count && SizesFit(model, choice, kSmallWork)) sizes.push_back(std::move(choice));
    }
  }
  return sizes;
}

std::string SizesText(const Model& model, const std::vector<int64_t>& symbols) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < symbols.size(); ++i) parts.push_back(absl::StrCat(model.symbols[i], "=", symbols[i]));
  return absl::StrJoin(parts, ", ");
}

double LogDegree(const Program& program, const Model& model, const std::vector<int64_t>& symbols,
                 const std::vector<int64_t>& free_extents, const std::vector<double>& tensors) {
  const Ranges ranges = InferRanges(program, model, symbols, free_extents);
  return std::max(0.0, NodeLogDegree(program, ranges.by_slot, tensors, program.tree.root));
}

}  // namespace tensord::grading::formula
