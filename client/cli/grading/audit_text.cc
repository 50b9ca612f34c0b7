#include "client/cli/grading/audit_text.h"

#include <google/protobuf/repeated_ptr_field.h>

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/cli/proto_json.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

std::string Line(absl::string_view what, const google::protobuf::RepeatedPtrField<std::string>& slips) {
  return slips.empty() ? "" : absl::StrCat("  ", what, ": ", Escape(absl::StrJoin(slips, ", ")), "\n");
}

}  // namespace

std::string AuditText(const v1::AuditAssignmentResponse& audit) {
  std::string text;
  for (const v1::PartAudit& part : audit.parts()) {
    absl::StrAppend(&text, Escape(part.id()), "  ", Escape(part.expected()), "\n",
                    Line("would be marked right", part.unseen_slips()), Line("give one answer", part.alike_slips()),
                    Line("told apart", part.separate_slips()), Line("bounds too loose", part.loose_bounds()));
  }
  return text;
}

std::string AuditJson(const v1::AuditAssignmentResponse& audit) {
  return ProtoJson(audit, /*zeros=*/true)
             .dump(2, ' ', /*ensure_ascii=*/false, nlohmann::ordered_json::error_handler_t::replace) +
         "\n";
}

}  // namespace tensord::cli
