#include "grading/src/formula/shift.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/formula/build.h"
#include "grading/src/formula/decide.h"

namespace tensord::grading::formula {
namespace {

constexpr size_t kMaxReads = 6;
constexpr size_t kMaxNames = 10;

// A read, and the slots of the indices that have values there.
struct Place {
  size_t node = 0;
  std::vector<size_t> slots;
};

void FindPlaces(const Program& program, size_t id, std::vector<size_t> slots, std::vector<Place>* places) {
  const Node& node = program.tree.nodes[id];
  for (const SumIndex& index : node.sums) slots.push_back(index.name);
  if (node.kind == NodeKind::kRead && !node.indices.empty() && places->size() < kMaxReads)
    places->push_back({id, slots});
  for (const size_t child : node.children) FindPlaces(program, child, slots, places);
}

// An index with the factor of a slot replaced; nothing where it is that already, or the slot stands alone.
std::optional<IndexExpression> WithFactor(const IndexExpression& index, size_t slot, int64_t factor) {
  IndexExpression changed;
  for (const IndexTerm& term : index.terms) {
    const bool is_slot = term.names == std::vector<size_t>{slot};
    if (is_slot && (term.coefficient == factor || index.terms.size() == 1)) return std::nullopt;
    if (!is_slot) changed.terms.push_back(term);
  }
  if (factor != 0) changed.terms.push_back({factor, {slot}});
  if (factor == 0 && changed.terms.size() == index.terms.size()) return std::nullopt;
  return changed;
}

class ShiftSearch {
 public:
  ShiftSearch(const Model& model, const Program& program, int64_t* budget)
      : model_(model), program_(program), budget_(budget) {}

  std::string Run() {
    std::vector<size_t> free;
    for (size_t i = 0; i < program_.free_count; ++i) free.push_back(program_.symbol_count + i);
    std::vector<Place> places;
    FindPlaces(program_, program_.tree.root, free, &places);
    for (const int64_t factor : {1, -1, 0}) {  // The plain shift first.
      for (const Place& place : places) {
        if (place.slots.size() > kMaxNames) continue;
        if (TryOne(place, factor) || TryTwo(place, factor)) return Text(place);
      }
    }
    return "";
  }

 private:
  std::vector<IndexExpression>& Indices(const Place& place) { return program_.tree.nodes[place.node].indices; }

  bool Right() { return *budget_ > 0 && EqualInField(model_, program_, budget_); }

  bool TryOne(const Place& place, int64_t factor) {
    for (IndexExpression& index : Indices(place)) {
      for (const size_t slot : place.slots) {
        const std::optional<IndexExpression> changed = WithFactor(index, slot, factor);
        if (!changed.has_value()) continue;
        const IndexExpression before = std::exchange(index, *changed);
        if (Right()) return true;
        index = before;
      }
    }
    return false;
  }

  // Two axes, both shifted the same way.
  bool TryTwo(const Place& place, int64_t factor) {
    std::vector<IndexExpression>& indices = Indices(place);
    for (size_t a = 0; a + 1 < indices.size(); ++a) {
      for (size_t b = a + 1; b < indices.size(); ++b) {
        if (TryAxes(place, factor, &indices[a], &indices[b])) return true;
      }
    }
    return false;
  }

  bool TryAxes(const Place& place, int64_t factor, IndexExpression* a, IndexExpression* b) {
    for (const size_t slot : place.slots) {
      const std::optional<IndexExpression> left = WithFactor(*a, slot, factor);
      if (!left.has_value()) continue;
      for (const size_t other : place.slots) {
        const std::optional<IndexExpression> right = other == slot ? std::nullopt : WithFactor(*b, other, factor);
        if (!right.has_value()) continue;
        const IndexExpression before_a = std::exchange(*a, *left);
        const IndexExpression before_b = std::exchange(*b, *right);
        if (Right()) return true;
        *a = before_a;
        *b = before_b;
      }
    }
    return false;
  }

  std::string Text(const Place& place) {
    std::vector<std::string> names;
    for (const Slot& slot : program_.slots) names.push_back(slot.name);
    return absl::StrCat(model_.tensors[program_.tree.nodes[place.node].tensor].name, " has to be read at [",
                        absl::StrJoin(Indices(place), ",",
                                      [&](std::string* out, const IndexExpression& index) {
                                        absl::StrAppend(out, IndexText(index, names));
                                      }),
                        "]");
  }

  const Model& model_;
  Program program_;
  int64_t* budget_;
};

}  // namespace

std::string FindShift(const Model& model, const Program& program, int64_t* budget) {
  return ShiftSearch(model, program, budget).Run();
}

}  // namespace tensord::grading::formula
