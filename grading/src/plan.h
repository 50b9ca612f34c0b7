// A question that is ready to be graded.
#ifndef TENSORD_GRADING_PLAN_H_
#define TENSORD_GRADING_PLAN_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "grading/src/question/evaluation.h"
#include "grading/src/slips/slip.h"
#include "tensord/grading/engine.h"
#include "tensord/v1/grading.pb.h"

namespace tensord::grading {

// Places in the catalogue, in ascending order.
using SlipSet = std::vector<size_t>;

// What a part's values become under slips.
struct Slipped {
  // Whether every one of the slips found something to change.
  bool applies = false;
  // Whether that changes the values. They are there only then.
  bool differs = false;
  std::vector<Computed> values;
};

// Computes a question's values, and what they become under slips, each once.
//
// Threads: safe to use concurrently. What two threads need at once may be computed twice; it is the same.
class Plan {
 public:
  // `question` has all its data. Errors: as Evaluation::Run.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Plan>> Create(v1::Question question,
                                                                    v1::ConventionProfile profile, Engine& engine,
                                                                    int64_t max_kept_elements);

  // Of the question's data and all that its steps give.
  [[nodiscard]] int64_t element_count() const { return element_count_; }

  [[nodiscard]] const v1::Question& question() const { return question_; }

  // What a part asks for. Error: kInvalidArgument, `of[0]: ...`.
  [[nodiscard]] absl::StatusOr<std::vector<Computed>> Values(const v1::Part& part) const;

  // What it becomes. A slip that makes the question one that cannot be computed does not apply.
  // Errors: the engine's, where it was stopped or its limits are used up.
  [[nodiscard]] absl::StatusOr<std::shared_ptr<const Slipped>> Under(int part, const SlipSet& slips) const;

  // The conventions of every step, resolved: `Z: input_layout: "HW" ...`.
  [[nodiscard]] std::vector<std::string> Conventions() const;

 private:
  Plan(v1::Question question, v1::ConventionProfile profile, Engine& engine, int64_t max_kept_elements)
      : question_(std::move(question)), profile_(profile), engine_(engine), max_kept_elements_(max_kept_elements) {}

  // Whether so many more may be kept; they are counted then. With the lock held.
  [[nodiscard]] bool Keeps(int64_t elements) const;

  // The question's answers under those of the slips that act on it; null where it cannot be computed, or where one of
  // them has nothing to change.
  [[nodiscard]] absl::StatusOr<std::shared_ptr<const Evaluation>> Evaluated(const SlipSet& slips) const;
  [[nodiscard]] absl::StatusOr<Slipped> Compute(const v1::Part& part, const SlipSet& slips) const;

  const v1::Question question_;
  const v1::ConventionProfile profile_;
  Engine& engine_;
  const int64_t max_kept_elements_;
  int64_t element_count_ = 0;
  mutable std::mutex mutex_;
  mutable int64_t kept_elements_ = 0;
  mutable std::map<SlipSet, std::shared_ptr<const Evaluation>> evaluations_;
  mutable std::map<std::pair<int, SlipSet>, std::shared_ptr<const Slipped>> slipped_;
};

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_PLAN_H_
