#include "grading/src/formula/repair.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/formula/decide.h"
#include "grading/src/formula/shift.h"

namespace tensord::grading::formula {
namespace {

size_t CommonPrefix(const std::string& a, const std::string& b) {
  return static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

// The tree below a sum over `names`.
Tree Summed(Tree tree, const std::vector<std::string>& names) {
  if (names.empty()) return tree;
  Node sum;
  sum.kind = NodeKind::kSum;
  sum.offset = tree.nodes[tree.root].offset;
  sum.length = tree.nodes[tree.root].length;
  sum.children = {tree.root};
  for (const std::string& name : names) {
    const auto found = std::find(tree.names.begin(), tree.names.end(), name);
    const auto number = static_cast<size_t>(found - tree.names.begin());
    if (found == tree.names.end()) tree.names.push_back(name);
    sum.sums.push_back({number, std::nullopt, std::nullopt, sum.offset, 0});
  }
  tree.nodes.push_back(std::move(sum));
  tree.root = tree.nodes.size() - 1;
  return tree;
}

struct Candidate {
  std::string renamed;  // "j1 in place of j"; empty: none
  std::vector<std::string> summed;
  Resolved resolved;
};

// The answer with an index renamed and the sum over what is then neither free nor summed.
Candidate MakeCandidate(const Model& model, Tree tree, const std::vector<std::string>& free_names,
                        const std::string& from, const std::string& to) {
  Candidate candidate;
  if (!from.empty()) {
    candidate.renamed = absl::StrCat(to, " in place of ", from);
    const auto old = std::find(tree.names.begin(), tree.names.end(), from);
    const auto other = std::find(tree.names.begin(), tree.names.end(), to);
    if (old != tree.names.end() && other == tree.names.end()) *old = to;
    const auto from_number = static_cast<size_t>(old - tree.names.begin());
    const auto to_number = static_cast<size_t>(other - tree.names.begin());
    for (Node& node : tree.nodes) {
      for (IndexExpression& index : node.indices) {
        for (IndexTerm& term : index.terms) {
          if (other != tree.names.end()) std::replace(term.names.begin(), term.names.end(), from_number, to_number);
        }
      }
    }
  }
  const std::vector<IndexExpression>& sizes = model.tensors[model.target].sizes;
  candidate.summed = Resolve(tree, model, free_names, sizes).unsummed;
  candidate.resolved = Resolve(Summed(std::move(tree), candidate.summed), model, free_names, sizes);
  return candidate;
}

std::vector<Candidate> MakeCandidates(const Model& model, const Tree& tree, const Resolved& answer,
                                      const std::vector<std::string>& free_names) {
  std::vector<Candidate> candidates;
  if (answer.unknown.empty()) candidates.push_back(MakeCandidate(model, tree, free_names, "", ""));
  if (answer.unknown.size() != 1) return candidates;
  std::vector<std::string> names = model.index_order;
  for (const std::string& name : free_names) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  const std::string& from = answer.unknown[0];
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
    return CommonPrefix(a, from) > CommonPrefix(b, from);
  });
  constexpr size_t kMost = 12;
  if (names.size() > kMost) names.resize(kMost);
  for (const std::string& to : names) candidates.push_back(MakeCandidate(model, tree, free_names, from, to));
  return candidates;
}

std::string RepairText(const Candidate& candidate, const std::string& shift) {
  std::vector<std::string> parts;
  if (!candidate.summed.empty())
    parts.push_back(absl::StrCat("the sum over ", NameList(candidate.summed), " is missing"));
  if (!candidate.renamed.empty()) parts.push_back(absl::StrCat("it needs ", candidate.renamed));
  if (!shift.empty()) parts.push_back(shift);
  return absl::StrJoin(parts, ", and ");
}

}  // namespace

Repair FindRepair(const Model& model, const Tree& tree, const Resolved& answer,
                  const std::vector<std::string>& free_names, int64_t* budget) {
  std::vector<Candidate> candidates = MakeCandidates(model, tree, answer, free_names);
  candidates.erase(std::remove_if(candidates.begin(), candidates.end(),
                                  [](const Candidate& candidate) { return !candidate.resolved.evaluable; }),
                   candidates.end());
  Repair repair;
  if (candidates.empty()) return repair;
  for (const Candidate& candidate : candidates) {
    if (EqualInField(model, candidate.resolved.program, budget)) {
      repair.text = RepairText(candidate, "");
      return repair;
    }
  }
  for (const Candidate& candidate : candidates) {
    const std::string shift = FindShift(model, candidate.resolved.program, budget);
    if (shift.empty()) continue;
    repair.text = RepairText(candidate, shift);
    break;
  }
  Candidate& first = candidates.front();
  repair.sum = RepairText(first, "");
  repair.evaluable = std::move(first.resolved);
  return repair;
}

}  // namespace tensord::grading::formula
