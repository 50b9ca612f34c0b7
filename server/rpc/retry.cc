#include "server/rpc/retry.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <utility>

#include "server/convert/status_convert.h"

namespace tensord::server {

absl::Status RetryAfter(absl::Status status, std::chrono::milliseconds delay) {
  thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_real_distribution<double> factor(0.8, 1.2);
  const auto jittered = static_cast<int64_t>(static_cast<double>(delay.count()) * factor(random));
  return WithRetry(std::move(status), std::chrono::milliseconds(std::max<int64_t>(jittered, 1)));
}

}  // namespace tensord::server
