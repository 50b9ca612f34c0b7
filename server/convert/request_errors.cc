#include "server/convert/request_errors.h"

#include "server/convert/status_convert.h"

namespace tensord::server {

void RequestErrors::AddLimit(const absl::Status& status) { limit_.Update(status); }

absl::Status RequestErrors::ToStatus() const { return violations_.empty() ? limit_ : InvalidRequest(violations_); }

}  // namespace tensord::server
