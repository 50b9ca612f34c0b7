// Early returns for functions that return absl::Status or absl::StatusOr.
#ifndef TENSORD_CLI_STATUS_MACROS_H_
#define TENSORD_CLI_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define TENSORCTL_CONCAT_INNER_(a, b) a##b
#define TENSORCTL_CONCAT_(a, b) TENSORCTL_CONCAT_INNER_(a, b)

// Returns from the enclosing function where `expression`, an absl::Status, is not OK.
#define TENSORCTL_RETURN_IF_ERROR(expression)              \
  do {                                                     \
    absl::Status tensorctl_status_ = (expression);         \
    if (!tensorctl_status_.ok()) return tensorctl_status_; \
  } while (false)

// Assigns the value of `expression`, an absl::StatusOr<T>, to `lhs`, or returns its status.
#define TENSORCTL_ASSIGN_OR_RETURN(lhs, expression) \
  TENSORCTL_ASSIGN_OR_RETURN_IMPL_(TENSORCTL_CONCAT_(tensorctl_statusor_, __LINE__), lhs, expression)
#define TENSORCTL_ASSIGN_OR_RETURN_IMPL_(statusor, lhs, expression) \
  auto statusor = (expression);                                     \
  if (!statusor.ok()) return std::move(statusor).status();          \
  lhs = *std::move(statusor)

#endif  // TENSORD_CLI_STATUS_MACROS_H_
