// Settings that have to do with others: defaults that follow from them, values that need them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "server/config_resolve.h"

namespace tensord::server {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ConfigTogetherTest : public ::testing::Test {
 protected:
  ConfigTogetherTest() { inputs_.defaults = DefaultSettingsFor(3, int64_t{8} << 30); }
  Settings Run(const std::vector<std::string>& arguments = {}) {
    inputs_.arguments = arguments;
    const ConfigOutcome outcome = ResolveConfig(inputs_);
    EXPECT_FALSE(outcome.exit_code.has_value()) << outcome.errors;
    return outcome.settings;
  }

  ConfigInputs inputs_;
};

TEST_F(ConfigTogetherTest, MultiplicationsInFlightAreFourOfTheLargestCalls) {
  EXPECT_EQ(Run().multiplication_budget, int64_t{1} << 42);
  EXPECT_EQ(Run({"--max-multiplications", "100"}).multiplication_budget, 400);
  EXPECT_EQ(Run({"--max-multiplications", "9223372036854775807"}).multiplication_budget, INT64_MAX);
  EXPECT_EQ(Run({"--max-multiplications", "100", "--multiplication-budget", "101"}).multiplication_budget, 101);
  inputs_.arguments = {"--multiplication-budget", "5"};
  EXPECT_THAT(ResolveConfig(inputs_).errors, HasSubstr("expected at least max-multiplications"));
}

TEST_F(ConfigTogetherTest, GrpcHoldsTwoMessagesWithinAQuarterOfMemory) {
  EXPECT_EQ(Run().transport_quota_bytes, int64_t{512} << 20);
  EXPECT_EQ(Run({"--max-message-bytes", "1MiB"}).transport_quota_bytes, int64_t{256} << 20);
  EXPECT_EQ(Run({"--max-message-bytes", "2000000000"}).transport_quota_bytes, int64_t{2} << 30)
      << "a quarter of memory";
  inputs_.defaults = DefaultSettingsFor(1, int64_t{512} << 20);
  EXPECT_EQ(Run().transport_quota_bytes, int64_t{128} << 20);
  inputs_.defaults = DefaultSettingsFor(1, 1);
  EXPECT_GE(Run().transport_quota_bytes, 1 << 20);
}

TEST_F(ConfigTogetherTest, InstructionSetHasToBeOneThatThereIs) {
  EXPECT_EQ(Run().instruction_set, compute::SupportedInstructionSets().back());
  for (const compute::InstructionSet set : compute::SupportedInstructionSets()) {
    inputs_.environment[kInstructionSetVariable] = std::string(compute::Name(set));
    EXPECT_EQ(Run().instruction_set, set);
    EXPECT_THAT(ResolveConfig(inputs_).unknown_variables, IsEmpty());
  }
  inputs_.environment[kInstructionSetVariable] = "avx1024";
  const ConfigOutcome outcome = ResolveConfig(inputs_);
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_THAT(outcome.errors, HasSubstr("  TENSORD_ISA: was \"avx1024\", has to be one of what this processor runs: "));
}

TEST_F(ConfigTogetherTest, TokensOverTcpNeedTlsOrInsistence) {
  inputs_.environment["TENSORD_AUTH_TOKENS"] = "/environment";
  EXPECT_THAT(ResolveConfig(inputs_).errors,
              HasSubstr("auth-tokens (environment TENSORD_AUTH_TOKENS): \"/environment\": expected TLS"));
  inputs_.environment["TENSORD_AUTH_WITHOUT_TLS"] = "on";
  EXPECT_EQ(Run().auth_tokens, "/environment");
  EXPECT_EQ(Run({"--auth-tokens", "/flag"}).auth_tokens, "/flag");
  EXPECT_EQ(Run({"--auth-without-tls", "off", "--listen", "unix:/run/a.sock"}).auth_tokens, "/environment");
}

}  // namespace
}  // namespace tensord::server
