// What can be wrong with an assignment before anything is computed.
#ifndef TENSORD_GRADING_CHECK_H_
#define TENSORD_GRADING_CHECK_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tensord/v1/grading.pb.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::grading {

// Faults, at most kMaxFaults of them.
class Faults {
 public:
  static constexpr size_t kMaxFaults = 1000;

  // `part`: the id of the question or part; may be empty.
  void Add(std::string field, absl::string_view part, std::string description);

  [[nodiscard]] bool empty() const { return faults_.empty(); }
  [[nodiscard]] std::vector<v1::AssignmentFault> Take() { return std::move(faults_); }

 private:
  std::vector<v1::AssignmentFault> faults_;
};

// Ids, names, points, references between parts, slips that are named, data without a source, data that nothing uses.
void CheckAssignment(const v1::Assignment& assignment, Faults& faults);

// "3a", of the question "3" and the part "a".
[[nodiscard]] std::string PartId(const v1::Question& question, const v1::Part& part);

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_CHECK_H_
