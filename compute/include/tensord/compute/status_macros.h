// TENSORD_RETURN_IF_ERROR and TENSORD_ASSIGN_OR_RETURN for functions that return absl::Status or absl::StatusOr.
#ifndef TENSORD_COMPUTE_STATUS_MACROS_H_
#define TENSORD_COMPUTE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define TENSORD_CONCAT_INNER_(a, b) a##b
#define TENSORD_CONCAT_(a, b) TENSORD_CONCAT_INNER_(a, b)

// Returns from the enclosing function where `expression`, an absl::Status, is not OK.
#define TENSORD_RETURN_IF_ERROR(expression)            \
  do {                                                 \
    absl::Status tensord_status_ = (expression);       \
    if (!tensord_status_.ok()) return tensord_status_; \
  } while (false)

// Assigns the value of `expression`, an absl::StatusOr<T>, to `lhs`, or returns its status.
#define TENSORD_ASSIGN_OR_RETURN(lhs, expression) \
  TENSORD_ASSIGN_OR_RETURN_IMPL_(TENSORD_CONCAT_(tensord_statusor_, __LINE__), lhs, expression)
#define TENSORD_ASSIGN_OR_RETURN_IMPL_(statusor, lhs, expression) \
  auto statusor = (expression);                                   \
  if (!statusor.ok()) return std::move(statusor).status();        \
  lhs = *std::move(statusor)

#endif  // TENSORD_COMPUTE_STATUS_MACROS_H_
