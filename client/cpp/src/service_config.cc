#include "client/cpp/src/service_config.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tensord::client {
namespace {

using std::chrono::milliseconds;

constexpr int kMostAttempts = 5;  // gRPC itself allows no more
constexpr milliseconds kLongestBackoff = std::chrono::hours(1);

// "0.100s", as JSON writes a google.protobuf.Duration.
std::string DurationText(milliseconds duration) {
  return absl::StrFormat("%d.%03ds", duration.count() / 1000, duration.count() % 1000);
}

}  // namespace

absl::Status CheckServiceConfigOptions(const ClientOptions& options) {
  const RetryOptions& retry = options.retry;
  if (retry.max_attempts < 1 || retry.max_attempts > kMostAttempts) {
    return absl::InvalidArgumentError(
        absl::StrCat("retry.max_attempts: was ", retry.max_attempts, ", has to be 1..", kMostAttempts));
  }
  if (retry.initial_backoff < milliseconds(1) || retry.initial_backoff > kLongestBackoff) {
    return absl::InvalidArgumentError(
        absl::StrCat("retry.initial_backoff: was ", retry.initial_backoff.count(), " ms, has to be 1 ms to 1 h"));
  }
  if (retry.max_backoff < retry.initial_backoff || retry.max_backoff > kLongestBackoff) {
    return absl::InvalidArgumentError(absl::StrCat("retry.max_backoff: was ", retry.max_backoff.count(),
                                                   " ms, has to be at least initial_backoff and at most 1 h"));
  }
  if (options.load_balancing != "round_robin" && options.load_balancing != "pick_first") {
    return absl::InvalidArgumentError(
        absl::StrCat("load_balancing: was \"", options.load_balancing, "\", has to be round_robin or pick_first"));
  }
  return absl::OkStatus();
}

std::string ServiceConfigText(const ClientOptions& options) {
  std::string config = absl::StrCat(R"({"loadBalancingConfig":[{")", options.load_balancing, R"(":{}}])");
  if (options.retry.max_attempts > 1) {
    // The empty name stands for every method of every service. The throttle stops retries while more than half of its
    // tokens are used up: a failure costs one, a success gives back a tenth. A stream is begun anew by ResumedStream.
    absl::StrAppend(&config, R"(,"methodConfig":[{"name":[{}],"retryPolicy":{"maxAttempts":)",
                    options.retry.max_attempts, R"(,"initialBackoff":")", DurationText(options.retry.initial_backoff),
                    R"(","maxBackoff":")", DurationText(options.retry.max_backoff),
                    R"(","backoffMultiplier":2,"retryableStatusCodes":["UNAVAILABLE"]}},)",
                    R"({"name":[{"service":"tensord.v1.TensorService","method":"StreamCompute"}]}])",
                    R"(,"retryThrottling":{"maxTokens":10,"tokenRatio":0.1})");
  }
  return absl::StrCat(config, "}");
}

}  // namespace tensord::client
