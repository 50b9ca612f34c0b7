#include "grading/src/shape_formula/diagnosis.h"

#include <map>
#include <numeric>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/shape_formula/decide.h"

namespace tensord::grading::shapes {
namespace {

// Comparisons of a diagnosis: beyond that none is found.
constexpr int kMaxComparisons = 300;

class Diagnostician {
 public:
  Diagnostician(const Domain& domain, const Names& names, const Formula& expected, const Formula& answer)
      : domain_(domain), names_(names), expected_(expected), answer_(answer), renaming_(domain.ranges.size()) {
    std::iota(renaming_.begin(), renaming_.end(), 0);
  }

  ShapeDiagnosis Run() {
    if (std::optional<ShapeDiagnosis> permuted = Permuted()) return *std::move(permuted);
    for (size_t axis = 0; axis < size(); ++axis) {
      if (Lone(axis).has_value()) continue;
      for (const int variable : VariablesOf(expected_.tree, expected_.roots[axis])) {
        if (std::optional<ShapeDiagnosis> slip = OfAxis(axis, variable)) return *std::move(slip);
      }
    }
    return {};
  }

 private:
  [[nodiscard]] size_t size() const { return expected_.roots.size(); }

  // The variable that the expected component is.
  [[nodiscard]] std::optional<int> Lone(size_t component) const {
    const Node& node = expected_.tree[static_cast<size_t>(expected_.roots[component])];
    return node.kind == NodeKind::kVariable ? std::optional(node.variable) : std::nullopt;
  }

  // Whether the answer's component is the expected one at `source`, with `to` in the place of the variable `from`.
  bool Equals(size_t component, size_t source, int from = 0, int to = 0) {
    const auto [place, is_new] = known_.try_emplace({component, source, from, to}, false);
    if (!is_new) return place->second;
    if (++comparisons_ > kMaxComparisons) return false;
    std::vector<int> renamed = renaming_;
    renamed[static_cast<size_t>(from)] = to;
    const absl::StatusOr<ShapeComponentVerdict> verdict =
        Decide(domain_, names_, {&expected_.tree, expected_.roots[source], std::move(renamed)},
               {&answer_.tree, answer_.roots[component], {}});
    place->second = verdict.ok() && verdict->equal;
    return place->second;
  }

  // Whether all components but these two are right.
  bool OthersAreRight(size_t a, size_t b) {
    for (size_t i = 0; i < size(); ++i) {
      if (i != a && i != b && !Equals(i, i)) return false;
    }
    return true;
  }

  std::optional<ShapeDiagnosis> Permuted() {
    std::vector<size_t> permutation;
    std::vector<bool> taken(size(), false);
    // Components that are equal to each other are interchangeable, so the first free one will do.
    for (size_t i = 0; i < size(); ++i) {
      size_t found = size();
      for (size_t k = 0; k < size() && found == size(); ++k) {
        if (!taken[k] && Equals(i, k)) found = k;
      }
      if (found == size()) return std::nullopt;
      taken[found] = true;
      permutation.push_back(found);
    }
    ShapeDiagnosis diagnosis{.slip = ShapeSlip::kAxesPermuted, .permutation = permutation};
    std::vector<size_t> places = permutation;
    for (size_t& place : places) ++place;
    diagnosis.text =
        absl::StrCat("has the right sizes in another order: the expected components ", absl::StrJoin(places, ", "));
    return diagnosis;
  }

  std::optional<ShapeDiagnosis> OfAxis(size_t axis, int variable) {
    const std::string& name = names_.name(variable);
    for (size_t other = 0; other < size(); ++other) {
      const std::optional<int> lone = Lone(other);
      if (!lone.has_value() || *lone == variable || !OthersAreRight(axis, other)) continue;
      const std::string& instead = names_.name(*lone);
      if (Equals(other, axis, variable, *lone) && Equals(axis, other, *lone, variable)) {
        return ShapeDiagnosis{
            .slip = ShapeSlip::kOtherAxisReduced,
            .permutation = {},
            .axis = name,
            .instead = instead,
            .text = absl::StrCat("reduced the axis of size ", instead, " instead of that of size ", name)};
      }
      if (Equals(other, other) && Equals(axis, axis, variable, *lone)) {
        return ShapeDiagnosis{.slip = ShapeSlip::kOtherAxisInFormula,
                              .permutation = {},
                              .axis = name,
                              .instead = instead,
                              .text = absl::StrCat("has the size ", instead, " where the size ", name, " belongs")};
      }
    }
    if (!OthersAreRight(axis, axis) || !IsLeftAs(axis, variable)) return std::nullopt;
    return ShapeDiagnosis{.slip = ShapeSlip::kAxisNotReduced,
                          .permutation = {},
                          .axis = name,
                          .instead = "",
                          .text = absl::StrCat("left the axis of size ", name, " as it was")};
  }

  bool IsLeftAs(size_t component, int variable) {
    const Tree tree = {{.kind = NodeKind::kVariable, .variable = variable}};
    const absl::StatusOr<ShapeComponentVerdict> verdict =
        Decide(domain_, names_, {&tree, 0, {}}, {&answer_.tree, answer_.roots[component], {}});
    return verdict.ok() && verdict->equal;
  }

  const Domain& domain_;
  const Names& names_;
  const Formula& expected_;
  const Formula& answer_;
  std::vector<int> renaming_;  // that of nothing
  std::map<std::tuple<size_t, size_t, int, int>, bool> known_;
  int comparisons_ = 0;
};

}  // namespace

ShapeDiagnosis Diagnose(const Domain& domain, const Names& names, const Formula& expected, const Formula& answer) {
  return Diagnostician(domain, names, expected, answer).Run();
}

}  // namespace tensord::grading::shapes
