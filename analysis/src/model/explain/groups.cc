// What takes statistics, sums or extremes of groups of elements: normalisations, reductions, softmax.
#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "analysis/src/model/explain/families.h"
#include "analysis/src/model/reduced_axes.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

// So many for each element, for each that joins others of its group (J), and for each group.
struct Times {
  int64_t elements = 0;
  int64_t joins = 0;
  int64_t groups = 0;
};

struct GroupCosts {
  Times multiplications = {};
  Times additions = {};
  Times comparisons = {};
  Times divisions = {};
  Times special_functions = {};
};

// As the formulas at the top of operators/normalization.cc and reduction.cc, and at Softmax' in activation.cc.
constexpr Times kEach = {.elements = 1};
constexpr Times kJoined = {.joins = 1};
constexpr Times kGrouped = {.groups = 1};
constexpr GroupCosts kStandardising = {.multiplications = {.elements = 2},
                                       .additions = {.elements = 1, .joins = 2, .groups = 1},
                                       .divisions = {.groups = 3},
                                       .special_functions = kGrouped};
constexpr GroupCosts kScaled = {.multiplications = {.elements = 3},
                                .additions = {.elements = 1, .joins = 2, .groups = 1},
                                .divisions = {.groups = 3},
                                .special_functions = kGrouped};
constexpr GroupCosts kScaledAndMoved = {.multiplications = {.elements = 3},
                                        .additions = {.elements = 2, .joins = 2, .groups = 1},
                                        .divisions = {.groups = 3},
                                        .special_functions = kGrouped};
constexpr GroupCosts kTraining = {.multiplications = {.elements = 3, .groups = 4},
                                  .additions = {.elements = 2, .joins = 2, .groups = 3},
                                  .divisions = {.groups = 3},
                                  .special_functions = kGrouped};
constexpr GroupCosts kExtremes = {.comparisons = kJoined};
constexpr GroupCosts kSums = {.additions = kJoined};

// Operators whose groups are what some axes leave.
struct GroupedOperator {
  absl::string_view name;
  GroupCosts costs;
};
constexpr GroupedOperator kGroupedOperators[] = {
    {"InstanceNormalization", kScaledAndMoved},
    {"GroupNormalization", kScaledAndMoved},
    {"LayerNormalization", kScaledAndMoved},
    {"BatchNormalization", kTraining},
    {"MeanVarianceNormalization", kStandardising},
    {"LpNormalization",
     {.multiplications = kEach, .additions = kJoined, .divisions = kEach, .special_functions = kGrouped}},
    {"Softmax",
     {.additions = {.elements = 1, .joins = 1},
      .comparisons = kJoined,
      .divisions = kEach,
      .special_functions = kEach}},
    {"LogSoftmax",
     {.additions = {.elements = 2, .joins = 1},
      .comparisons = kJoined,
      .special_functions = {.elements = 1, .groups = 1}}},
    {"Hardmax", kExtremes},
    {"ReduceSum", kSums},
    {"ReduceMean", {.additions = kJoined, .divisions = kGrouped}},
    {"ReduceProd", {.multiplications = kJoined}},
    {"ReduceMax", kExtremes},
    {"ReduceMin", kExtremes},
    {"ReduceL1", {.additions = kJoined, .comparisons = kEach}},
    {"ReduceL2", {.multiplications = kEach, .additions = kJoined, .special_functions = kGrouped}},
    {"ReduceSumSquare", {.multiplications = kEach, .additions = kJoined}},
    {"ReduceLogSum", {.additions = kJoined, .special_functions = kGrouped}},
    {"ReduceLogSumExp",
     {.additions = {.elements = 1, .joins = 1, .groups = 1},
      .comparisons = kJoined,
      .special_functions = {.elements = 1, .groups = 1}}},
    {"ArgMax", kExtremes},
    {"ArgMin", kExtremes},
    {"CumSum", kSums},
};

// Of each axis, whether its elements are taken together.
absl::StatusOr<std::vector<bool>> JoinedAxes(NodeView& node, size_t rank) {
  const std::string& op = node.node().op_type;
  if (absl::StartsWith(op, "Reduce")) {
    TENSORD_ASSIGN_OR_RETURN(const auto axes, node.IntsOrInput("axes", 1));
    TENSORD_ASSIGN_OR_RETURN(const int64_t noop, node.Int("noop_with_empty_axes", 0));
    if (!axes.has_value() || axes->empty()) return std::vector<bool>(rank, noop == 0);
    return ReducedAxes(node, *axes, rank);
  }
  if (op == "CumSum") {
    TENSORD_ASSIGN_OR_RETURN(const auto axes, node.IntsOrInput("axis", 1));
    return ReducedAxes(node, *axes, rank);
  }
  if (op == "MeanVarianceNormalization") {
    TENSORD_ASSIGN_OR_RETURN(std::vector<int64_t> axes, node.Ints("axes"));
    if (!node.HasAttribute("axes")) axes = {0, 2, 3};
    return ReducedAxes(node, std::vector<Expression>(axes.begin(), axes.end()), rank);
  }
  std::vector<bool> joined(rank, true);
  if (op == "InstanceNormalization" || op == "GroupNormalization") {
    joined[0] = joined[1] = false;
    return joined;
  }
  if (op == "BatchNormalization") {
    TENSORD_ASSIGN_OR_RETURN(const int64_t spatial, node.Int("spatial", 1));
    if (node.opset() < 9 && spatial == 0) joined.assign(rank, false);
    joined[0] = true;
    if (rank > 1) joined[1] = false;
    return joined;
  }
  const bool is_softmax = absl::EndsWith(op, "max") && !absl::StartsWith(op, "Arg");
  const bool to_the_end = op == "LayerNormalization" || (is_softmax && node.opset() < 13);
  const bool from_first = absl::StartsWith(op, "Arg");
  TENSORD_ASSIGN_OR_RETURN(const size_t axis, node.Axis("axis",
                                                        from_first                        ? 0
                                                        : is_softmax && node.opset() < 13 ? 1
                                                                                          : -1,
                                                        rank));
  for (size_t i = 0; i < rank; ++i) joined[i] = i == axis || (to_the_end && i > axis);
  return joined;
}

std::optional<Derivation> SumOf(const Times& times, const Derivation& elements, const Derivation& joins,
                                const Derivation& groups) {
  std::optional<Derivation> sum;
  for (const auto& [name, count] : {std::pair<const Derivation&, int64_t>(elements, times.elements),
                                    std::pair<const Derivation&, int64_t>(joins, times.joins),
                                    std::pair<const Derivation&, int64_t>(groups, times.groups)}) {
    if (count == 0) continue;
    const Derivation part = count == 1 ? name : name * Derivation(count);
    sum = sum.has_value() ? *sum + part : part;
  }
  return sum;
}

// The table's, but for what an attribute or a missing bias changes.
GroupCosts CostsOf(const NodeView& node, const GroupCosts& costs) {
  const std::string& op = node.node().op_type;
  if (op == "LayerNormalization" && !node.Has(2)) return kScaled;
  if (op == "LpNormalization" && node.Int("p", 2).value_or(2) == 1) {
    return {.additions = kJoined, .comparisons = kEach, .divisions = kEach};
  }
  return costs;
}

absl::Status Explain(Explainer& explainer, const GroupCosts& costs) {
  NodeView& node = explainer.node();
  const std::vector<Derivation> input = explainer.GiveInput();
  TENSORD_ASSIGN_OR_RETURN(const std::vector<bool> joined, JoinedAxes(node, input.size()));
  std::vector<Derivation> kept;
  for (size_t i = 0; i < input.size(); ++i) {
    if (!joined[i]) kept.push_back(input[i]);
  }
  if (node.node().op_type == "GroupNormalization") {
    TENSORD_ASSIGN_OR_RETURN(const int64_t groups, node.Int("num_groups", 1));
    kept[1] = explainer.Given("G", groups, "groups of channels");
  }
  const bool is_kept = explainer.output().size() == input.size();
  size_t place = 0;
  for (size_t i = 0; i < input.size(); ++i) {
    const bool stays = is_kept && explainer.output()[i] == input[i].value();
    if (stays || !joined[i]) {
      explainer.ConcludeLength(is_kept ? i : place++, input[i]);
    } else if (is_kept) {
      explainer.ConcludeLength(i, Derivation(1));
    }
  }
  const Derivation elements = explainer.InputElements(0);
  const Derivation groups = explainer.Step("R", ProductOf(kept), "groups of elements that are taken together");
  Derivation joins(0);
  if (elements.value() != groups.value()) {
    joins = explainer.Step("J", elements - groups, "what joins each group's elements: one less than it has");
  }
  const GroupCosts exact = CostsOf(node, costs);
  CountDerivations& counts = explainer.counts();
  counts.multiplications = SumOf(exact.multiplications, elements, joins, groups);
  counts.additions = SumOf(exact.additions, elements, joins, groups);
  counts.comparisons = SumOf(exact.comparisons, elements, joins, groups);
  counts.divisions = SumOf(exact.divisions, elements, joins, groups);
  counts.special_functions = SumOf(exact.special_functions, elements, joins, groups);
  return absl::OkStatus();
}

// x/(bias + (alpha/n)*sum of n squares)^beta.
absl::Status ExplainLocalResponse(Explainer& explainer) {
  TENSORD_ASSIGN_OR_RETURN(const int64_t size, explainer.node().Int("size", 1));
  const std::vector<Derivation> input = explainer.GiveInput();
  const Derivation window = explainer.Given("n", size, "channels whose squares are summed");
  for (size_t i = 0; i < input.size(); ++i) explainer.ConcludeLength(i, input[i]);
  const Derivation elements = explainer.OutputElements();
  CountDerivations& counts = explainer.counts();
  counts.multiplications = Derivation(2) * elements;
  counts.additions = elements * window;
  counts.special_functions = counts.divisions = elements;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<bool> ExplainGroups(Explainer& explainer) {
  const std::string& op = explainer.node().node().op_type;
  if (op == "LRN") {
    TENSORD_RETURN_IF_ERROR(ExplainLocalResponse(explainer));
    return true;
  }
  // In inference a batch normalisation has no statistics to compute: it is one of single elements.
  const bool is_inference = op == "BatchNormalization" && explainer.node().counts().special_functions == Expression();
  const auto* const found = std::find_if(std::begin(kGroupedOperators), std::end(kGroupedOperators),
                                         [&](const GroupedOperator& entry) { return entry.name == op; });
  if (found == std::end(kGroupedOperators) || is_inference) return false;
  TENSORD_RETURN_IF_ERROR(Explain(explainer, found->costs));
  return true;
}

}  // namespace tensord::analysis::model
