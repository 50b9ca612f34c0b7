// Who is let in, over which connections, and how often.
#include <gmock/gmock.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <memory>
#include <string>

#include "server/rpc/freed_pieces.h"
#include "tests/contract/door.h"
#include "tests/contract/raw_call.h"
#include "tests/contract/requests.h"
#include "tests/server/certificates.h"
#include "tests/support/temporary_directory.h"

namespace tensord::contract {
namespace {

using testing::Certificates;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using testing::TemporaryDirectory;

constexpr char kInfo[] = "tensord.v1.ServerService/GetServerInfo";
constexpr char kActivate[] = "tensord.v1.TensorService/Activate";
constexpr char kConvolve[] = "tensord.v1.TensorService/Convolve";
constexpr std::chrono::seconds kDeadline{60};
// printf %s secret | sha256sum
constexpr char kSecretHash[] = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

std::string ReasonOf(const Answer& answer) {
  return answer.error_info.has_value() ? answer.error_info->reason() : "(none)";
}

class TokenTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    server::Settings settings = TestSettings();
    if (GetParam() == "InProcess") return;
    settings.auth_without_tls = true;
    settings.auth_tokens = folder_.Write("tokens", std::string(kSecretHash) + " grader\n");
    door_ = OpenDoor(GetParam(), settings);
  }
  Answer Call(const std::map<std::string, std::string>& metadata) {
    return CallRaw(*door_->channel(), kInfo, "", kDeadline, metadata);
  }

  TemporaryDirectory folder_;
  std::unique_ptr<Door> door_;
};

INSTANTIATE_TEST_SUITE_P(Doors, TokenTest, ::testing::Values("Tcp", "UnixSocket"),
                         [](const auto& test) { return test.param; });

TEST_P(TokenTest, OnlyTheRightTokenLetsIn) {
  EXPECT_TRUE(Call({{"authorization", "Bearer secret"}}).status.ok());
  const Answer missing = Call({});
  EXPECT_EQ(missing.status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(missing), "TOKEN_MISSING");
  const Answer wrong = Call({{"authorization", "Bearer Secret"}});
  EXPECT_EQ(wrong.status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ReasonOf(wrong), "TOKEN_UNKNOWN");
  EXPECT_EQ(wrong.status.error_message().find("Secret"), std::string::npos) << "no token in a message";
}

TEST_P(TokenTest, StrangersAreRefusedBeforeTheirMessageComes) {
  EXPECT_EQ(ReasonOf(CallWithoutMessage(door_->channel(), kConvolve)), "TOKEN_MISSING");
  EXPECT_EQ(ReasonOf(CallWithoutMessage(door_->channel(), kConvolve, {{"authorization", "Bearer x"}})),
            "TOKEN_UNKNOWN");
}

class AdmissionTest : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Doors, AdmissionTest, ::testing::ValuesIn(OwnDoorNames()),
                         [](const auto& test) { return test.param; });

TEST_P(AdmissionTest, AMessageThatNeverComesEndsAtTheDefaultDeadline) {
  server::Settings settings = TestSettings();
  settings.default_deadline = std::chrono::milliseconds(100);
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  const Answer answer = CallWithoutMessage(door->channel(), kConvolve);
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(CallRaw(*door->channel(), kInfo, "").status.ok());
}

TEST_P(AdmissionTest, TheRequestIdComesBack) {
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), TestSettings());
  const auto id_of = [](const Answer& answer) {
    const auto found = answer.headers.find("x-request-id");
    // A refusal has one block of metadata only.
    const auto trailer = answer.trailers.find("x-request-id");
    if (found != answer.headers.end()) return found->second;
    return trailer == answer.trailers.end() ? std::string() : trailer->second;
  };
  EXPECT_EQ(id_of(CallRaw(*door->channel(), kInfo, "", kDeadline, {{"x-request-id", "hw10-7"}})), "hw10-7");
  EXPECT_EQ(id_of(CallRaw(*door->channel(), kConvolve, "\xff", kDeadline, {{"x-request-id", "hw10-8"}})), "hw10-8");
  EXPECT_EQ(id_of(CallRaw(*door->channel(), kInfo, "", kDeadline,
                          {{"traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}})),
            "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_THAT(id_of(CallRaw(*door->channel(), kInfo, "", kDeadline, {{"x-request-id", "two words"}})),
              MatchesRegex("[0-9a-f]{32}"));
}

TEST_P(AdmissionTest, OneClientsRateIsLimitedWithAdvice) {
  server::Settings settings = TestSettings();
  settings.client_limits.calls_per_second = 1;
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  EXPECT_TRUE(CallRaw(*door->channel(), kInfo, "").status.ok());
  const Answer refused = CallRaw(*door->channel(), kInfo, "");
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(refused), "QUOTA");
  EXPECT_TRUE(refused.retry_info.has_value());
  EXPECT_EQ(refused.trailers.count("grpc-retry-pushback-ms"), 1U);
}

TEST_P(AdmissionTest, OneClientsWorkIsLimited) {
  server::Settings settings = TestSettings();
  settings.client_limits.multiplications_per_second = 1;
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  EXPECT_TRUE(CallRaw(*door->channel(), kConvolve, GoodConvolve().SerializeAsString()).status.ok());
  EXPECT_EQ(ReasonOf(CallRaw(*door->channel(), kConvolve, GoodConvolve().SerializeAsString())), "QUOTA");
  EXPECT_TRUE(CallRaw(*door->channel(), kInfo, "").status.ok()) << "it multiplies nothing";
}

TEST_P(AdmissionTest, AmplifiersAreRefusedByWhatTheyWouldBecome) {
  server::Settings settings = TestSettings();
  settings.memory_budget_bytes = 16 << 20;
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  // Unknown empty strings: three bytes of wire, some hundred of memory.
  std::string amplifier;
  for (int i = 0; i < 300'000; ++i) amplifier += std::string("\xfa\x7c\x00", 3);
  const Answer refused = CallRaw(*door->channel(), kConvolve, amplifier);
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonOf(refused), "TENSOR_TOO_LARGE");
  EXPECT_THAT(refused.status.error_message(), HasSubstr("bytes of memory"));
  // As many bytes of payload are fine.
  v1::ActivateRequest honest = GoodActivate();
  *honest.mutable_input() = Ramp({225'000});
  EXPECT_TRUE(CallRaw(*door->channel(), kActivate, honest.SerializeAsString()).status.ok());
}

TEST_P(AdmissionTest, WhatAmplifiersBecameIsNotedWhenItIsFreed) {
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), TestSettings());
  server::FreedPieces& freed = server::FreedPieces::OfProcess();
  static_cast<void>(freed.Take());
  v1::ActivateRequest honest = GoodActivate();
  *honest.mutable_input() = Ramp({225'000});
  EXPECT_TRUE(CallRaw(*door->channel(), kActivate, honest.SerializeAsString()).status.ok());
  EXPECT_EQ(freed.Take(), 0) << "a payload is one piece";
  std::string amplifier = honest.SerializeAsString();
  for (int i = 0; i < 20'000; ++i) amplifier += std::string("\xfa\x7c\x00", 3);
  EXPECT_TRUE(CallRaw(*door->channel(), kActivate, amplifier).status.ok()) << "unknown fields are no mistake";
  EXPECT_GE(freed.Take(), 20'000 * 60);
}

TEST_P(AdmissionTest, DenormalsCountAsZero) {
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), TestSettings());
  const float denormal = std::numeric_limits<float>::denorm_min() * 1000;
  v1::ConvolveRequest request;
  *request.mutable_input() = Floats({3}, {denormal, 1, 1e-20F});
  *request.mutable_filter() = Floats({1}, {1e-20F});
  const Answer answer = CallRaw(*door->channel(), kConvolve, request.SerializeAsString());
  ASSERT_TRUE(answer.status.ok()) << answer.status.error_message();
  v1::ConvolveResponse response;
  ASSERT_TRUE(response.ParseFromString(answer.bytes));
  const std::vector<double> values = Values(response.output());
  EXPECT_EQ(values[0], 0);
  EXPECT_FLOAT_EQ(static_cast<float>(values[1]), 1e-20F);
  EXPECT_EQ(values[2], 0) << "a product too small for a normal number";
}

TEST_P(AdmissionTest, TheServerTellsItsStateWhereAsked) {
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), TestSettings());
  v1::GetServerInfoRequest request;
  v1::GetServerInfoResponse response;
  ASSERT_TRUE(response.ParseFromString(CallRaw(*door->channel(), kInfo, request.SerializeAsString()).bytes));
  EXPECT_FALSE(response.has_state());
  request.set_include_state(true);
  ASSERT_TRUE(response.ParseFromString(CallRaw(*door->channel(), kInfo, request.SerializeAsString()).bytes));
  EXPECT_GE(response.state().in_flight_count(), 1);
  EXPECT_EQ(response.state().client_count(), 1);
  EXPECT_FALSE(response.state().draining());
  EXPECT_GE(response.state().uptime_ms(), 0);
}

class TlsDoorsTest : public ::testing::Test {
 protected:
  std::shared_ptr<grpc::ChannelCredentials> Credentials(const std::string& name = "") {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = certificates_.text("authority.pem");
    if (!name.empty()) {
      options.pem_cert_chain = certificates_.text(name + ".pem");
      options.pem_private_key = certificates_.text(name + ".key");
    }
    return grpc::SslCredentials(options);
  }

  Certificates certificates_;
};

TEST_F(TlsDoorsTest, TheSameBytesOverTlsAndMutualTls) {
  server::Settings settings = TestSettings();
  const std::unique_ptr<Door> plain = OpenDoor("Tcp", settings);
  settings.tls_certificate = certificates_.path("server.pem");
  settings.tls_key = certificates_.path("server.key");
  const std::unique_ptr<Door> tls = OpenTcpDoor(settings, Credentials());
  settings.tls_client_ca = certificates_.path("authority.pem");
  const std::unique_ptr<Door> mutual = OpenTcpDoor(settings, Credentials("client"));
  for (const GoodCall& call : GoodCalls()) {
    const Answer expected = CallRaw(*plain->channel(), call.method, call.bytes);
    ASSERT_TRUE(expected.status.ok()) << call.method << ": " << expected.status.error_message();
    // Settings and limits are the server's own.
    if (call.method == kInfo) continue;
    EXPECT_EQ(CallRaw(*tls->channel(), call.method, call.bytes).bytes, expected.bytes) << call.method;
    EXPECT_EQ(CallRaw(*mutual->channel(), call.method, call.bytes).bytes, expected.bytes) << call.method;
  }
}

TEST_F(TlsDoorsTest, StrangersGetTheRightCodes) {
  server::Settings settings = TestSettings();
  settings.tls_certificate = certificates_.path("server.pem");
  settings.tls_key = certificates_.path("server.key");
  settings.tls_client_ca = certificates_.path("authority.pem");
  settings.auth_tokens = certificates_.Write("tokens", std::string(kSecretHash) + " grader\n");
  const auto code = [&](const std::string& certificate, const std::map<std::string, std::string>& metadata) {
    const std::unique_ptr<Door> door = OpenTcpDoor(settings, Credentials(certificate));
    return CallRaw(*door->channel(), kInfo, "", kDeadline, metadata).status.error_code();
  };
  EXPECT_EQ(code("", {{"authorization", "Bearer secret"}}), grpc::StatusCode::UNAVAILABLE) << "no certificate";
  EXPECT_EQ(code("stranger", {{"authorization", "Bearer secret"}}), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(code("client", {}), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code("client", {{"authorization", "Bearer wrong"}}), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code("client", {{"authorization", "Bearer secret"}}), grpc::StatusCode::OK);
}

}  // namespace
}  // namespace tensord::contract
