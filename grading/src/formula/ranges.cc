#include "grading/src/formula/ranges.h"

#include <algorithm>
#include <utility>

#include "tensord/compute/checked_math.h"

namespace tensord::grading::formula {
namespace {

using MaybeRange = std::optional<Range>;

constexpr int64_t kFar = int64_t{1} << 40;  // Sizes are small where this is used; anything beyond is taken for this.

int64_t Near(compute::Int128 value) { return static_cast<int64_t>(std::clamp<compute::Int128>(value, -kFar, kFar)); }

class Inference {
 public:
  Inference(const Program& program, const Model& model, const std::vector<int64_t>& symbols,
            const std::vector<int64_t>& free_extents)
      : program_(program), model_(model), symbols_(symbols), known_(program.slots.size()) {
    for (size_t i = 0; i < symbols.size(); ++i) known_[i] = Range{symbols[i], symbols[i]};
    for (size_t i = 0; i < free_extents.size(); ++i) known_[symbols.size() + i] = Range{0, free_extents[i] - 1};
    for (const Node& node : program.tree.nodes) {
      for (const SumIndex& index : node.sums) sums_.push_back(&index);
    }
  }

  Ranges Run() {
    // Each round finds a range, or nothing more can be found.
    for (bool found = true; found;) {
      found = false;
      for (const SumIndex* index : sums_) {
        if (known_[index->name].has_value()) continue;
        known_[index->name] = RangeOf(*index);
        found = found || known_[index->name].has_value();
      }
    }
    Ranges ranges;
    for (size_t slot = 0; slot < known_.size(); ++slot) {
      ranges.by_slot.push_back(known_[slot].value_or(Range{}));
    }
    for (const SumIndex* index : sums_) {
      if (!known_[index->name].has_value()) ranges.unknown = index->name;
    }
    return ranges;
  }

 private:
  // All values that an expression may have, or nothing where a name's range is not known yet; `without`: a slot that
  // counts as 0.
  MaybeRange Values(const IndexExpression& expression, size_t without) const {
    compute::Int128 first = 0;
    compute::Int128 last = 0;
    for (const IndexTerm& term : expression.terms) {
      if (std::find(term.names.begin(), term.names.end(), without) != term.names.end()) continue;
      int64_t low = Near(term.coefficient);
      int64_t high = low;
      for (const size_t name : term.names) {
        if (!known_[name].has_value()) return std::nullopt;
        const compute::Int128 ends[] = {
            compute::Int128{low} * known_[name]->first, compute::Int128{low} * known_[name]->last,
            compute::Int128{high} * known_[name]->first, compute::Int128{high} * known_[name]->last};
        low = Near(*std::min_element(std::begin(ends), std::end(ends)));
        high = Near(*std::max_element(std::begin(ends), std::end(ends)));
      }
      first += low;
      last += high;
    }
    return Range{Near(first), Near(last)};
  }

  MaybeRange RangeOf(const SumIndex& index) const {
    if (index.first.has_value() && index.last.has_value()) {
      const MaybeRange first = Values(*index.first, SIZE_MAX);
      const MaybeRange last = Values(*index.last, SIZE_MAX);
      return first.has_value() && last.has_value() ? MaybeRange(Range{first->first, last->last}) : std::nullopt;
    }
    MaybeRange range = FromReads(index.name, true);
    if (!range.has_value() && program_.slots[index.name].size.has_value()) {
      range = Range{0, IndexValue(*program_.slots[index.name].size, symbols_).value_or(0) - 1};
    }
    return range.has_value() ? range : FromReads(index.name, false);
  }

  // The values of a slot for which the reads with it lie inside their tensors; `alone`: of those at whose axes nothing
  // else stands.
  MaybeRange FromReads(size_t slot, bool alone) const {
    MaybeRange all;
    for (const Node& node : program_.tree.nodes) {
      if (node.kind != NodeKind::kRead) continue;
      const std::vector<IndexExpression>& sizes = model_.tensors[node.tensor].sizes;
      for (size_t axis = 0; axis < sizes.size(); ++axis) {
        const IndexExpression& index = node.indices[axis];
        const bool is_alone = index.terms.size() == 1 && index.terms[0] == IndexTerm{1, {slot}};
        if (alone != is_alone) continue;
        const MaybeRange one = Inside(index, slot, IndexValue(sizes[axis], symbols_).value_or(0));
        if (one.has_value()) all = Joined(all, *one);
      }
    }
    return all;
  }

  MaybeRange Joined(const MaybeRange& all, const Range& one) const {
    if (!all.has_value()) return one;
    if (model_.outside == OutsideRule::kZero)
      return Range{std::min(all->first, one.first), std::max(all->last, one.last)};
    return Range{std::max(all->first, one.first), std::min(all->last, one.last)};
  }

  // Those values of a slot for which 0 <= factor * slot + rest < size for some values of the rest.
  MaybeRange Inside(const IndexExpression& index, size_t slot, int64_t size) const {
    compute::Int128 factor = 0;
    for (const IndexTerm& term : index.terms) {
      const auto count = std::count(term.names.begin(), term.names.end(), slot);
      if (count == 0) continue;
      compute::Int128 product = Near(term.coefficient);
      for (const size_t name : term.names) {
        if (name == slot) continue;
        if (name >= symbols_.size()) return std::nullopt;
        product = Near(product * symbols_[name]);
      }
      if (count > 1) return std::nullopt;
      factor += product;
    }
    const MaybeRange rest = Values(index, slot);
    if (factor == 0 || !rest.has_value()) return std::nullopt;
    const compute::Int128 low = -compute::Int128{rest->last};
    const compute::Int128 high = compute::Int128{size} - 1 - rest->first;
    if (factor > 0) return Range{Near(compute::CeilDivide(low, factor)), Near(compute::FloorDivide(high, factor))};
    return Range{Near(compute::CeilDivide(-high, -factor)), Near(compute::FloorDivide(-low, -factor))};
  }

  const Program& program_;
  const Model& model_;
  const std::vector<int64_t>& symbols_;
  std::vector<MaybeRange> known_;
  std::vector<const SumIndex*> sums_;
};

}  // namespace

Ranges InferRanges(const Program& program, const Model& model, const std::vector<int64_t>& symbols,
                   const std::vector<int64_t>& free_extents) {
  return Inference(program, model, symbols, free_extents).Run();
}

int64_t RangeCost(const Program& program) {
  int64_t sums = 0;
  for (const Node& node : program.tree.nodes) sums += static_cast<int64_t>(node.sums.size());
  return sums * sums * static_cast<int64_t>(program.tree.nodes.size());
}

Ranges NamedRanges(const Program& program, const std::vector<int64_t>& symbols,
                   const std::vector<int64_t>& free_extents) {
  Ranges ranges;
  ranges.by_slot.resize(program.slots.size());
  for (size_t i = 0; i < free_extents.size(); ++i) ranges.by_slot[symbols.size() + i] = {0, free_extents[i] - 1};
  for (const Node& node : program.tree.nodes) {
    for (const SumIndex& index : node.sums) {
      const Slot& slot = program.slots[index.name];
      if (slot.size.has_value()) ranges.by_slot[index.name] = {0, IndexValue(*slot.size, symbols).value_or(0) - 1};
      if (!slot.size.has_value() && !index.last.has_value()) ranges.unknown = index.name;
    }
  }
  return ranges;
}

}  // namespace tensord::grading::formula
