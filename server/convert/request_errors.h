// Everything that is wrong with one request, collected while it is decoded and checked.
#ifndef TENSORD_SERVER_CONVERT_REQUEST_ERRORS_H_
#define TENSORD_SERVER_CONVERT_REQUEST_ERRORS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "tensord/compute/violations.h"

namespace tensord::server {

// Violations, and the first limit that the request runs into.
class RequestErrors {
 public:
  [[nodiscard]] compute::Violations& violations() { return violations_; }
  void AddViolation(absl::string_view field, absl::string_view description) { violations_.Add(field, description); }
  // `status` is OK (then nothing happens) or kResourceExhausted.
  void AddLimit(const absl::Status& status);

  [[nodiscard]] bool ok() const { return violations_.empty() && limit_.ok(); }

  // What to answer: kInvalidArgument with all violations where there are any, else the first limit, else OK.
  [[nodiscard]] absl::Status ToStatus() const;

 private:
  compute::Violations violations_;
  absl::Status limit_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_REQUEST_ERRORS_H_
