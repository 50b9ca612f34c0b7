#include "grading/src/shape_formula/decide.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/shape_formula/proof.h"
#include "grading/src/shape_formula/search.h"
#include "tensord/compute/status_macros.h"

namespace tensord::grading::shapes {
namespace {

// Instructions: some ten are needed for a point.
constexpr uint64_t kLittleWork = 500'000;
constexpr uint64_t kMuchWork = 50'000'000;
constexpr uint64_t kFiniteWork = 500'000'000;
// A finite domain of no more points is looked at as a whole.
constexpr uint64_t kFinitePoints = 10'000'000;

std::string PointText(const Names& names, const std::vector<int64_t>& point) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < point.size(); ++i) {
    parts.push_back(absl::StrCat(names.name(static_cast<int>(i)), " = ", point[i]));
  }
  return absl::StrJoin(parts, ", ");
}

ShapeComponentVerdict Different(const Comparison& comparison, const Names& names, const std::vector<int64_t>& point,
                                bool smallest) {
  ShapeCounterExample example;
  for (size_t i = 0; i < point.size(); ++i) example.values.emplace_back(names.name(static_cast<int>(i)), point[i]);
  example.answer = ValueText(comparison, comparison.answer, point);
  example.expected = ValueText(comparison, comparison.expected, point);
  example.smallest = smallest;
  return {.equal = false, .evidence = ShapeEvidence::kCounterExample, .counter_example = std::move(example)};
}

ShapeComponentVerdict Equal(ShapeEvidence evidence, std::string note = "") {
  return {.equal = true, .evidence = evidence, .counter_example = std::nullopt, .note = std::move(note)};
}

// Points in the box of the relevant variables, at most kFinitePoints + 1.
uint64_t PointsOfBox(const Comparison& comparison) {
  uint64_t points = 1;
  for (const int variable : comparison.relevant) {
    const VariableRange& range = comparison.ranges[static_cast<size_t>(variable)];
    if (!range.most.has_value()) return kFinitePoints + 1;
    const auto values = static_cast<uint64_t>(*range.most - range.least) + 1;
    if (values > kFinitePoints / points) return kFinitePoints + 1;
    points *= values;
  }
  return points;
}

std::string BoxNote(const Comparison& comparison, const Names& names, const SmallestFirst& search,
                    uint64_t far_points) {
  std::vector<std::string> parts;
  for (const int variable : comparison.relevant) parts.push_back(names.name(variable));
  return absl::StrCat("equal at every point with ", absl::StrJoin(parts, " + "), " <= ", search.looked_at_sum(), " (",
                      search.point_count(), " points) and at ", far_points,
                      " points beyond; not proved for all others");
}

absl::Status DoesNotFit(const Names& names, const std::vector<int64_t>& point) {
  return absl::OutOfRangeError(absl::StrCat("has values beyond 127 bits at ", PointText(names, point)));
}

// What the smallest few points and the proof leave open.
absl::StatusOr<ShapeComponentVerdict> DecideByManyPoints(const Comparison& comparison, const Names& names,
                                                         SmallestFirst* search) {
  const FarSearch far = SearchFar(comparison);
  if (far.different.has_value()) {
    const std::vector<int64_t> point = Descend(comparison, *far.different);
    int64_t sum = 0;
    for (const int variable : comparison.relevant) sum += point[static_cast<size_t>(variable)];
    search->Run(kMuchWork, sum);
    const bool smallest = search->different().has_value();
    return Different(comparison, names, smallest ? *search->different() : point, smallest);
  }
  const auto& early = search->overflow().has_value() ? search->overflow() : far.overflow;
  if (early.has_value()) return DoesNotFit(names, *early);
  search->Run(PointsOfBox(comparison) <= kFinitePoints ? kFiniteWork : kMuchWork);
  if (search->different().has_value()) return Different(comparison, names, *search->different(), true);
  if (search->overflow().has_value()) return DoesNotFit(names, *search->overflow());
  if (search->finished()) return Equal(ShapeEvidence::kExhaustive);
  return Equal(ShapeEvidence::kBox, BoxNote(comparison, names, *search, far.point_count));
}

}  // namespace

absl::StatusOr<ShapeComponentVerdict> Decide(const Domain& domain, const Names& names, const FormulaView& expected,
                                             const FormulaView& answer) {
  TENSORD_ASSIGN_OR_RETURN(const Comparison comparison, Compare(domain, expected, answer));
  SmallestFirst search(comparison);
  search.Run(kLittleWork);
  if (search.different().has_value()) return Different(comparison, names, *search.different(), true);
  if (search.finished() && !search.overflow().has_value()) return Equal(ShapeEvidence::kExhaustive);
  if (Prove(comparison)) return Equal(ShapeEvidence::kProved);
  return DecideByManyPoints(comparison, names, &search);
}

bool HasPoint(const Domain& domain) {
  // 0 and 1 differ at each point of the domain: at the first, if there is one.
  const Tree tree = {{.kind = NodeKind::kNumber, .numerator = 0}, {.kind = NodeKind::kNumber, .numerator = 1}};
  const absl::StatusOr<Comparison> comparison = Compare(domain, {.tree = &tree, .root = 0}, {.tree = &tree, .root = 1});
  if (!comparison.ok()) return false;
  SmallestFirst search(*comparison);
  search.Run(kMuchWork);
  return search.different().has_value();
}

}  // namespace tensord::grading::shapes
