// Good requests about an assignment.
#ifndef TENSORD_TESTS_CONTRACT_GRADING_REQUESTS_H_
#define TENSORD_TESTS_CONTRACT_GRADING_REQUESTS_H_

#include "tensord/v1/verdict.pb.h"

namespace tensord::contract {

// A convolution of [3] by [2] and a layer of 1 by 1 with 3 channels in and 4 out: the elements of the one, which are
// answered rightly, and the parameters of the other, where the bias was forgotten.
[[nodiscard]] v1::GradeSubmissionRequest GoodGradeSubmission();
// The same assignment.
[[nodiscard]] v1::AuditAssignmentRequest GoodAuditAssignment();

}  // namespace tensord::contract

#endif  // TENSORD_TESTS_CONTRACT_GRADING_REQUESTS_H_
