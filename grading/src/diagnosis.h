// Which slips explain an answer.
#ifndef TENSORD_GRADING_DIAGNOSIS_H_
#define TENSORD_GRADING_DIAGNOSIS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "grading/src/answers/kind.h"
#include "grading/src/plan.h"

namespace tensord::grading {

// What more there are is not said: so many explanations explain nothing.
inline constexpr size_t kMaxExplanations = 16;
// Of pairs there are more by chance.
inline constexpr size_t kMaxPairs = 4;

// The slips of which each alone explains the answer; where there are none, the pairs that do. A slip explains an answer
// if it changes what is expected and the answer is right then.
//
// Cost: a judgement for each slip that applies, and for at most `max_pairs` pairs of them.
// Errors: the engine's, where it was stopped or its limits are used up.
[[nodiscard]] absl::StatusOr<std::vector<SlipSet>> Diagnose(const Plan& plan, int part, const Kind& kind,
                                                            const ReadAnswer& answer, int64_t max_pairs);

// Whether the answer is right under those slips.
[[nodiscard]] absl::StatusOr<bool> IsRightUnder(const Plan& plan, int part, const Kind& kind, const ReadAnswer& answer,
                                                const SlipSet& slips);

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_DIAGNOSIS_H_
