#include "grading/src/diagnosis.h"

#include <algorithm>

#include "tensord/compute/status_macros.h"

namespace tensord::grading {
namespace {

// A doubled or negated answer explains too much beside another slip.
bool MayBePaired(size_t slip) { return Catalogue()[slip].value == nullptr; }

// Elements that pairs may touch for one answer: a hundred milliseconds' worth or so.
constexpr int64_t kPairElements = int64_t{1} << 26;

}  // namespace

absl::StatusOr<bool> IsRightUnder(const Plan& plan, int part, const Kind& kind, const ReadAnswer& answer,
                                  const SlipSet& slips) {
  TENSORD_ASSIGN_OR_RETURN(const std::shared_ptr<const Slipped> slipped, plan.Under(part, slips));
  if (!slipped->differs) return false;
  return kind.Judge(answer, slipped->values).outcome == v1::OUTCOME_RIGHT;
}

absl::StatusOr<std::vector<SlipSet>> Diagnose(const Plan& plan, int part, const Kind& kind, const ReadAnswer& answer,
                                              int64_t max_pairs) {
  std::vector<SlipSet> found;
  std::vector<size_t> applying;
  for (size_t slip = 0; slip < Catalogue().size(); ++slip) {
    TENSORD_ASSIGN_OR_RETURN(const std::shared_ptr<const Slipped> slipped, plan.Under(part, {slip}));
    if (slipped->applies && MayBePaired(slip)) applying.push_back(slip);
    if (!slipped->differs || found.size() >= kMaxExplanations) continue;
    if (kind.Judge(answer, slipped->values).outcome == v1::OUTCOME_RIGHT) found.push_back({slip});
  }
  if (!found.empty() || !kind.is_cheap()) return found;
  const int64_t most = std::min(max_pairs, kPairElements / std::max<int64_t>(plan.element_count(), 1));
  int64_t tried = 0;
  for (size_t i = 0; i < applying.size(); ++i) {
    for (size_t k = i + 1; k < applying.size(); ++k) {
      if (++tried > most || found.size() >= kMaxPairs) return found;
      const SlipSet pair = {applying[i], applying[k]};
      TENSORD_ASSIGN_OR_RETURN(const bool explains, IsRightUnder(plan, part, kind, answer, pair));
      if (explains) found.push_back(pair);
    }
  }
  return found;
}

}  // namespace tensord::grading
