// What a part cannot tell apart.
#ifndef TENSORD_GRADING_AUDIT_H_
#define TENSORD_GRADING_AUDIT_H_

#include "absl/status/statusor.h"
#include "grading/src/answers/kind.h"
#include "grading/src/plan.h"
#include "tensord/v1/verdict.pb.h"

namespace tensord::grading {

// Every single slip of the catalogue that applies to the part: unseen, where the answer that it gives is marked right;
// alike, where it is right under another slip too; separate otherwise.
[[nodiscard]] absl::StatusOr<v1::PartAudit> AuditPart(const Plan& plan, int part, const Kind& kind);

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_AUDIT_H_
