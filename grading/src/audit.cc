#include "grading/src/audit.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/check.h"
#include "tensord/compute/status_macros.h"
#include "tensord/grading/append.h"

namespace tensord::grading {
namespace {

struct Candidate {
  size_t slip;
  std::shared_ptr<const Slipped> slipped;
  std::unique_ptr<ReadAnswer> answer;  // what a student would answer; null where it cannot be read back
};

}  // namespace

absl::StatusOr<v1::PartAudit> AuditPart(const Plan& plan, int part, const Kind& kind) {
  const v1::Part& asked = plan.question().parts(part);
  v1::PartAudit audit;
  audit.set_id(PartId(plan.question(), asked));
  TENSORD_ASSIGN_OR_RETURN(const std::vector<Computed> right, plan.Values(asked));
  audit.set_expected(kind.Text(right));
  if (!kind.uses_values()) return audit;
  std::vector<Candidate> candidates;
  for (size_t slip = 0; slip < Catalogue().size(); ++slip) {
    TENSORD_ASSIGN_OR_RETURN(std::shared_ptr<const Slipped> slipped, plan.Under(part, {slip}));
    if (!slipped->applies) continue;
    if (!slipped->differs) {
      Append(*audit.mutable_unseen_slips()) = std::string(Catalogue()[slip].id);
      continue;
    }
    v1::StudentAnswer answer;
    answer.set_text(kind.Text(slipped->values));
    auto read = kind.Read(answer);
    std::unique_ptr<ReadAnswer> said;
    if (auto* const good = std::get_if<0>(&read)) said = std::move(*good);
    // The kind does not see the difference, or the bound on rounding hides it.
    if (said != nullptr && kind.Judge(*said, right).outcome != v1::OUTCOME_WRONG) {
      Append(*audit.mutable_unseen_slips()) = std::string(Catalogue()[slip].id);
      if (kind.Text(slipped->values) == audit.expected()) continue;
      Append(*audit.mutable_loose_bounds()) = absl::StrCat(Catalogue()[slip].id, ": its answer is not marked wrong");
      continue;
    }
    candidates.push_back({slip, std::move(slipped), std::move(said)});
  }
  std::vector<bool> done(candidates.size());
  for (size_t i = 0; i < candidates.size(); ++i) {
    if (done[i]) continue;
    std::vector<std::string> alike = {std::string(Catalogue()[candidates[i].slip].id)};
    for (size_t k = i + 1; k < candidates.size(); ++k) {
      if (done[k] || candidates[i].answer == nullptr) continue;
      if (kind.Judge(*candidates[i].answer, candidates[k].slipped->values).outcome != v1::OUTCOME_RIGHT) continue;
      alike.emplace_back(Catalogue()[candidates[k].slip].id);
      done[k] = true;
    }
    Append(alike.size() > 1 ? *audit.mutable_alike_slips() : *audit.mutable_separate_slips()) =
        absl::StrJoin(alike, " = ");
  }
  return audit;
}

}  // namespace tensord::grading
