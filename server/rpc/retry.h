// When to come back.
#ifndef TENSORD_SERVER_RPC_RETRY_H_
#define TENSORD_SERVER_RPC_RETRY_H_

#include <chrono>

#include "absl/status/status.h"

namespace tensord::server {

// `status` with the advice to try again after about `delay`: up to a fifth more or less, so that those who were refused
// together do not come back together. At least 1 ms.
[[nodiscard]] absl::Status RetryAfter(absl::Status status, std::chrono::milliseconds delay);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_RETRY_H_
