#include "client/cpp/src/service_config.h"

#include <gmock/gmock.h>
#include <grpcpp/support/validate_service_config.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace tensord::client {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

TEST(ServiceConfigTest, DefaultsBalanceAndRetry) {
  EXPECT_EQ(ServiceConfigText(ClientOptions()),
            R"({"loadBalancingConfig":[{"round_robin":{}}],)"
            R"("methodConfig":[{"name":[{}],"retryPolicy":{"maxAttempts":3,"initialBackoff":"0.100s",)"
            R"("maxBackoff":"2.000s","backoffMultiplier":2,"retryableStatusCodes":["UNAVAILABLE"]}},)"
            R"({"name":[{"service":"tensord.v1.TensorService","method":"StreamCompute"}]}],)"
            R"("retryThrottling":{"maxTokens":10,"tokenRatio":0.1}})");
}

TEST(ServiceConfigTest, OneAttemptMeansNoRetryPolicy) {
  ClientOptions options;
  options.retry.max_attempts = 1;
  options.load_balancing = "pick_first";
  EXPECT_EQ(ServiceConfigText(options), R"({"loadBalancingConfig":[{"pick_first":{}}]})");
}

TEST(ServiceConfigTest, GrpcAcceptsTheExtremes) {
  for (const int attempts : {1, 2, 5}) {
    for (const milliseconds backoff : {milliseconds(1), milliseconds(1'001), milliseconds(3'600'000)}) {
      for (const char* policy : {"round_robin", "pick_first"}) {
        ClientOptions options;
        options.retry = {.max_attempts = attempts, .initial_backoff = backoff, .max_backoff = backoff};
        options.load_balancing = policy;
        ASSERT_TRUE(CheckServiceConfigOptions(options).ok());
        EXPECT_EQ(grpc::experimental::ValidateServiceConfigJSON(ServiceConfigText(options)), "");
      }
    }
  }
}

void ExpectRefused(const ClientOptions& options, const std::string& text) {
  const absl::Status status = CheckServiceConfigOptions(options);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(text));
}

TEST(ServiceConfigTest, OptionsOutOfRangeAreNamed) {
  for (const int attempts : {-1, 0, 6}) {
    ExpectRefused({.retry = {.max_attempts = attempts}},
                  "retry.max_attempts: was " + std::to_string(attempts) + ", has to be 1..5");
  }
  ExpectRefused({.retry = {.initial_backoff = milliseconds(0)}}, "retry.initial_backoff: was 0 ms");
  ExpectRefused({.retry = {.initial_backoff = milliseconds::max()}}, "retry.initial_backoff: was");
  ExpectRefused({.retry = {.max_backoff = milliseconds(99)}}, "retry.max_backoff: was 99 ms");
  ExpectRefused({.retry = {.max_backoff = milliseconds(3'600'001)}}, "retry.max_backoff: was 3600001 ms");
  ExpectRefused({.load_balancing = "grpclb\"}"},
                "load_balancing: was \"grpclb\"}\", has to be round_robin or pick_first");
}

}  // namespace
}  // namespace tensord::client
