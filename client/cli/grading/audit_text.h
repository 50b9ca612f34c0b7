// What tensorctl audit prints.
#ifndef TENSORD_CLI_GRADING_AUDIT_TEXT_H_
#define TENSORD_CLI_GRADING_AUDIT_TEXT_H_

#include <string>

#include "tensord/v1/verdict.pb.h"

namespace tensord::cli {

// For each part the expected answer, and a line for each kind of slips that it has.
[[nodiscard]] std::string AuditText(const v1::AuditAssignmentResponse& audit);
[[nodiscard]] std::string AuditJson(const v1::AuditAssignmentResponse& audit);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_GRADING_AUDIT_TEXT_H_
