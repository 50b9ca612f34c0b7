#include "tensord/client/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tensord/client/errors.h"
#include "tensord/client/tensor.h"
#include "tests/client/cpp/fake_server.h"

// c-ares 1.18 loses 10 bytes each time it resolves "localhost".
extern "C" const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
const char* __lsan_default_suppressions() { return "leak:libcares.so"; }

namespace tensord::client {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using testing::FakeAnswer;
using testing::FakeServer;
using ::testing::HasSubstr;

ClientOptions QuickRetries(int max_attempts) {
  return {.retry = {.max_attempts = max_attempts, .initial_backoff = milliseconds(1), .max_backoff = milliseconds(2)}};
}

std::unique_ptr<Client> ConnectTo(const FakeServer& server, const ClientOptions& options = QuickRetries(3)) {
  absl::StatusOr<std::unique_ptr<Client>> client = Client::Connect(server.address(), options);
  EXPECT_TRUE(client.ok()) << client.status();
  return *std::move(client);
}

// Answers a Convolve with its own input.
std::optional<FakeAnswer> Echo(int, const std::string& bytes) {
  v1::ConvolveRequest request;
  EXPECT_TRUE(request.ParseFromString(bytes));
  v1::ConvolveResponse response;
  *response.mutable_output() = request.input();
  return FakeAnswer{grpc::Status::OK, response.SerializeAsString()};
}

std::optional<FakeAnswer> Empty(int, const std::string&) { return FakeAnswer{grpc::Status::OK, ""}; }
std::optional<FakeAnswer> Hang(int, const std::string&) { return std::nullopt; }

v1::ConvolveRequest RequestOf(int64_t element_count) {
  v1::ConvolveRequest request;
  *request.mutable_input() =
      MakeTensor<float>(std::vector<float>(static_cast<size_t>(element_count), 1.5F), {element_count});
  return request;
}

void ExpectEcho(ClientInterface& client) {
  const absl::StatusOr<v1::ConvolveResponse> response = client.Convolve(RequestOf(3));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(*AsSpan<float>(response->output()), ElementsAre(1.5F, 1.5F, 1.5F));
}

// "/tensord.v1.TensorService/Convolve" and so on, read from the protos themselves; streams have a test of their own.
std::set<std::string> MethodsOfTheProtos() {
  std::set<std::string> methods;
  for (const std::string& name :
       {std::string("tensor"), std::string("analysis"), std::string("grading"), std::string("server")}) {
    std::ifstream file(TENSORD_PROTOS_DIRECTORY "/tensord/v1/" + name + "_service.proto");
    std::string service;
    for (std::string line; std::getline(file, line);) {
      if (line.rfind("service ", 0) == 0) service = line.substr(8, line.find(' ', 8) - 8);
      if (line.rfind("  rpc ", 0) == 0 && line.find("(stream ") == std::string::npos) {
        methods.insert("/tensord.v1." + service + "/" + line.substr(6, line.find('(') - 6));
      }
    }
  }
  return methods;
}

TEST(ClientTest, EveryRpcOfTheServicesGoesToItsMethod) {
  FakeServer server(Empty);
  const auto client = ConnectTo(server);
#define TENSORD_CLIENT_RPC(Service, Rpc)               \
  {                                                    \
    const v1::Rpc##Request kept;                       \
    EXPECT_TRUE(client->Rpc(kept).ok());               \
    EXPECT_TRUE(client->Rpc(v1::Rpc##Request()).ok()); \
  }
#include "tensord/client/rpcs.inc"
#undef TENSORD_CLIENT_RPC
  const std::vector<std::string> calls = server.calls();
  EXPECT_EQ(std::set<std::string>(calls.begin(), calls.end()), MethodsOfTheProtos());
  EXPECT_EQ(calls.size(), 2 * MethodsOfTheProtos().size()) << "a request that is kept, and one that is given away";
}

TEST(ClientTest, LargeRequestsArriveWholeKeptOrGivenAway) {
  FakeServer server(Echo);
  const auto client = ConnectTo(server);
  v1::ConvolveRequest request = RequestOf(1'000'000);
  for (int i = 0; i < 1'000; ++i) request.mutable_input()->mutable_data()->at(static_cast<size_t>(i) * 3'999) = char(i);
  const std::string sent = request.input().SerializeAsString();
  const absl::StatusOr<v1::ConvolveResponse> kept = client->Convolve(request);
  ASSERT_TRUE(kept.ok()) << kept.status();
  EXPECT_TRUE(kept->output().SerializeAsString() == sent);
  const absl::StatusOr<v1::ConvolveResponse> given = client->Convolve(std::move(request));
  ASSERT_TRUE(given.ok()) << given.status();
  EXPECT_TRUE(given->output().SerializeAsString() == sent);
}

TEST(ClientTest, AnswersOverTcpUnixSocketsAndInProcess) {
  FakeServer tcp(Echo);
  ExpectEcho(*ConnectTo(tcp));
  Client in_process(tcp.InProcessChannel());
  ExpectEcho(in_process);
  const std::string path = ::testing::TempDir() + "tensord_client_" + std::to_string(getpid()) + ".sock";
  FakeServer local(Echo, "unix:" + path);
  for (const std::string& address : {"unix:" + path, "unix://" + path}) {
    ExpectEcho(**Client::Connect(address, ClientOptions()));
  }
}

TEST(ClientTest, AnswersWithEitherLoadBalancingPolicyAndEveryWayToWriteAnAddress) {
  FakeServer server(Echo);
  const std::string port = server.address().substr(server.address().rfind(':'));
  for (const std::string& address : {"localhost" + port, "dns:///localhost" + port, "ipv4:127.0.0.1" + port}) {
    for (const char* policy : {"round_robin", "pick_first"}) {
      const auto client = Client::Connect(address, {.load_balancing = policy});
      ASSERT_TRUE(client.ok()) << client.status();
      ExpectEcho(**client);
    }
  }
}

TEST(ClientTest, AnswersOverIpv6WhereTheMachineHasIt) {
  FakeServer server(Echo, "[::1]:0");
  const std::string port = server.address().empty() ? ":1" : server.address().substr(server.address().rfind(':'));
  for (const std::string& address : {"[::1]" + port, "ipv6:[::1]" + port, "dns:///[::1]" + port}) {
    const auto client = Client::Connect(address, QuickRetries(1));
    ASSERT_TRUE(client.ok()) << client.status();
    if (server.address().empty()) {
      EXPECT_EQ((*client)->Convolve(RequestOf(1)).status().code(), absl::StatusCode::kUnavailable);
    } else {
      ExpectEcho(**client);
    }
  }
}

TEST(ClientTest, ErrorKeepsCodeMessageAndDetails) {
  google::rpc::BadRequest bad_request;
  bad_request.add_field_violations()->set_field("input.shape[0]");
  google::rpc::Status details;
  details.set_code(3);
  details.add_details()->PackFrom(bad_request);
  FakeServer server([&](int, const std::string&) {
    return FakeAnswer{{grpc::StatusCode::INVALID_ARGUMENT, "no such shape", details.SerializeAsString()}, ""};
  });
  const absl::Status status = ConnectTo(server)->Convolve(RequestOf(1)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "no such shape");
  ASSERT_TRUE(BadRequestOf(status).has_value());
  EXPECT_EQ(BadRequestOf(status)->field_violations(0).field(), "input.shape[0]");
  EXPECT_EQ(server.calls().size(), 1U) << "a refusal is not retried";
}

TEST(ClientTest, AnswerThatIsNoProtobufIsAnError) {
  FakeServer server([](int, const std::string&) { return FakeAnswer{grpc::Status::OK, "\xff\xff\xff"}; });
  const v1::ConvolveRequest kept = RequestOf(1);
  EXPECT_FALSE(ConnectTo(server)->Convolve(kept).ok());
  const absl::Status status = ConnectTo(server)->Convolve(RequestOf(1)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(status.message()), HasSubstr("tensord.v1.ConvolveResponse"));
}

FakeServer::Handler UnavailableFirst(int times) {
  return [times](int call, const std::string& request) {
    return call < times ? FakeAnswer{{grpc::StatusCode::UNAVAILABLE, "not yet"}, ""} : Echo(call, request);
  };
}

TEST(ClientTest, UnavailableIsRetriedUntilTheAttemptsAreUsedUp) {
  FakeServer succeeds(UnavailableFirst(2));
  ExpectEcho(*ConnectTo(succeeds));
  EXPECT_EQ(succeeds.calls().size(), 3U);

  FakeServer fails(UnavailableFirst(3));
  EXPECT_EQ(ConnectTo(fails)->Convolve(RequestOf(1)).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(fails.calls().size(), 3U);
}

TEST(ClientTest, OneAttemptIsNoRetry) {
  FakeServer server(UnavailableFirst(1));
  EXPECT_EQ(ConnectTo(server, QuickRetries(1))->Convolve(RequestOf(1)).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(server.calls().size(), 1U);
}

TEST(ClientTest, RequestOfManyMegabytesIsRetriedToo) {
  FakeServer server(UnavailableFirst(1));
  const absl::StatusOr<v1::ConvolveResponse> response = ConnectTo(server)->Convolve(RequestOf(2'000'000));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->output().shape(0), 2'000'000);
  EXPECT_EQ(server.calls().size(), 2U);
}

TEST(ClientTest, NobodyThereIsUnavailable) {
  const auto client = Client::Connect("127.0.0.1:1", QuickRetries(2));
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ((*client)->GetServerInfo({}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ((*client)->CheckHealth("", {}).status().code(), absl::StatusCode::kUnavailable);
}

TEST(ClientTest, DeadlineOfTheCallOrElseOfTheClientHolds) {
  FakeServer server(Hang);
  ClientOptions options = QuickRetries(3);
  options.deadline = milliseconds(30);
  const auto impatient = ConnectTo(server, options);
  EXPECT_EQ(impatient->Convolve(RequestOf(1)).status().code(), absl::StatusCode::kDeadlineExceeded);
  const auto patient = ConnectTo(server);
  for (const milliseconds deadline : {milliseconds(30), milliseconds(0), milliseconds::min()}) {
    EXPECT_EQ(patient->Convolve(RequestOf(1), {.deadline = deadline}).status().code(),
              absl::StatusCode::kDeadlineExceeded);
  }
}

TEST(ClientTest, LongestDeadlineIsNone) {
  FakeServer server(Echo);
  EXPECT_TRUE(ConnectTo(server)->Convolve(RequestOf(1), {.deadline = milliseconds::max()}).ok());
}

TEST(ClientTest, MessagesOverTheLimitAreRefused) {
  FakeServer server([](int, const std::string& request) {
    return request.empty() ? Echo(0, RequestOf(1'000).SerializeAsString()) : Empty(0, request);
  });
  ClientOptions options = QuickRetries(1);
  options.max_message_bytes = 1'000;
  const auto client = ConnectTo(server, options);
  EXPECT_TRUE(client->Convolve(RequestOf(200)).ok());
  EXPECT_EQ(client->Convolve(RequestOf(1'000)).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(client->Convolve({}).status().code(), absl::StatusCode::kResourceExhausted);
}

TEST(ClientTest, HealthIsWhatTheServerSays) {
  FakeServer server(Empty);
  server.SetHealth("good", true);
  server.SetHealth("bad", false);
  const auto client = ConnectTo(server);
  EXPECT_EQ(*client->CheckHealth("", {}), Health::kServing);
  EXPECT_EQ(*client->CheckHealth("good", {}), Health::kServing);
  EXPECT_EQ(*client->CheckHealth("bad", {}), Health::kNotServing);
  EXPECT_EQ(*client->CheckHealth("nobody knows", {}), Health::kUnknownService);
}

TEST(ConnectTest, OptionsOutOfRangeAreNamed) {
  const auto expect = [](const ClientOptions& options, const std::string& text) {
    const absl::Status status = Client::Connect("localhost:1", options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(text));
  };
  for (const int64_t bytes : {int64_t{-1}, int64_t{0}, int64_t{1} << 31}) {
    expect({.max_message_bytes = bytes},
           "max_message_bytes: was " + std::to_string(bytes) + ", has to be 1..2147483647");
  }
  for (const milliseconds deadline : {milliseconds(0), milliseconds(-5)}) {
    expect({.deadline = deadline}, "deadline: was " + std::to_string(deadline.count()) + " ms");
  }
  expect({.retry = {.max_attempts = 6}}, "retry.max_attempts");
  EXPECT_EQ(Client::Connect("http://x", {}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace tensord::client
