// Asynchronous calls, cancellation, and the client's end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tensord/client/client.h"
#include "tests/client/cpp/fake_server.h"

namespace tensord::client {
namespace {

using testing::FakeAnswer;
using testing::FakeServer;

std::optional<FakeAnswer> Hang(int, const std::string&) { return std::nullopt; }
std::optional<FakeAnswer> Empty(int, const std::string&) { return FakeAnswer{grpc::Status::OK, ""}; }

std::unique_ptr<Client> ConnectTo(const FakeServer& server) {
  absl::StatusOr<std::unique_ptr<Client>> client = Client::Connect(server.address(), ClientOptions());
  EXPECT_TRUE(client.ok()) << client.status();
  return *std::move(client);
}

TEST(AsyncTest, AnswerArrivesAndTheRequestMayGoMeanwhile) {
  FakeServer server([](int, const std::string& bytes) {
    v1::ConvolveRequest request;
    EXPECT_TRUE(request.ParseFromString(bytes));
    v1::ConvolveResponse response;
    *response.mutable_output() = request.input();
    return FakeAnswer{grpc::Status::OK, response.SerializeAsString()};
  });
  const auto client = ConnectTo(server);
  std::promise<absl::StatusOr<v1::ConvolveResponse>> promise;
  {
    v1::ConvolveRequest request;
    request.mutable_input()->set_data(std::string(100'000, 'x'));
    client->ConvolveAsync(request, {},
                          [&](absl::StatusOr<v1::ConvolveResponse> answer) { promise.set_value(std::move(answer)); });
  }
  const absl::StatusOr<v1::ConvolveResponse> answer = promise.get_future().get();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->output().data(), std::string(100'000, 'x'));
}

TEST(AsyncTest, AnswerThatIsNoProtobufIsAnError) {
  FakeServer server([](int, const std::string&) { return FakeAnswer{grpc::Status::OK, "\xff\xff\xff"}; });
  const auto client = ConnectTo(server);
  std::promise<absl::Status> promise;
  client->PoolAsync({}, {},
                    [&](const absl::StatusOr<v1::PoolResponse>& answer) { promise.set_value(answer.status()); });
  EXPECT_EQ(promise.get_future().get().code(), absl::StatusCode::kInternal);
}

TEST(AsyncTest, EveryRpcGoesToTheMethodOfItsName) {
  FakeServer server(Empty);
  const auto client = ConnectTo(server);
#define TENSORD_CLIENT_RPC(Service, Rpc)                                                                               \
  {                                                                                                                    \
    std::promise<absl::Status> promise;                                                                                \
    client->Rpc##Async({}, {}, [&](absl::StatusOr<v1::Rpc##Response> answer) { promise.set_value(answer.status()); }); \
    EXPECT_EQ(promise.get_future().get(), absl::OkStatus());                                                           \
    EXPECT_THAT(server.calls().back(), ::testing::EndsWith("Service/" #Rpc));                                          \
  }
#include "tensord/client/rpcs.inc"
#undef TENSORD_CLIENT_RPC
}

TEST(AsyncTest, ErrorsAndDeadlinesArriveInTheCallback) {
  FakeServer server([](int call, const std::string&) -> std::optional<FakeAnswer> {
    if (call > 0) return std::nullopt;
    return FakeAnswer{{grpc::StatusCode::RESOURCE_EXHAUSTED, "too large"}, ""};
  });
  const auto client = ConnectTo(server);
  for (const absl::StatusCode code : {absl::StatusCode::kResourceExhausted, absl::StatusCode::kDeadlineExceeded}) {
    std::promise<absl::Status> promise;
    client->PoolAsync(
        {}, {.deadline = std::chrono::milliseconds(code == absl::StatusCode::kDeadlineExceeded ? 30 : 30'000)},
        [&](const absl::StatusOr<v1::PoolResponse>& answer) { promise.set_value(answer.status()); });
    EXPECT_EQ(promise.get_future().get().code(), code);
  }
}

TEST(CancellationTest, EndsCallsInFlightOfBothKinds) {
  FakeServer server(Hang);
  const auto client = ConnectTo(server);
  const CallOptions options = {.cancellation = std::make_shared<Cancellation>()};
  std::promise<absl::Status> asynchronous;
  client->PoolAsync({}, options,
                    [&](const absl::StatusOr<v1::PoolResponse>& answer) { asynchronous.set_value(answer.status()); });
  std::thread canceller([&] {
    server.WaitForCalls(2);
    options.cancellation->Cancel();
  });
  EXPECT_EQ(client->Pool({}, options).status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(asynchronous.get_future().get().code(), absl::StatusCode::kCancelled);
  canceller.join();
}

TEST(CancellationTest, EndsCallsThatBeginLaterAndNoOthers) {
  FakeServer server(Empty);
  const auto client = ConnectTo(server);
  const CallOptions options = {.cancellation = std::make_shared<Cancellation>()};
  EXPECT_TRUE(client->Pool({}, options).ok());
  EXPECT_FALSE(options.cancellation->cancelled());
  options.cancellation->Cancel();
  EXPECT_TRUE(options.cancellation->cancelled());
  EXPECT_EQ(client->Pool({}, options).status().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(client->Pool({}).ok());
}

TEST(DestructionTest, CancelsWhatIsInFlightAndWaitsForTheCallbacks) {
  FakeServer server(Hang);
  auto client = ConnectTo(server);
  constexpr int kCalls = 50;
  std::atomic<int> cancelled = 0;
  for (int i = 0; i < kCalls; ++i) {
    client->ActivateAsync({}, {}, [&](const absl::StatusOr<v1::ActivateResponse>& answer) {
      std::this_thread::yield();
      if (answer.status().code() == absl::StatusCode::kCancelled) ++cancelled;
    });
  }
  server.WaitForCalls(1);
  client.reset();
  EXPECT_EQ(cancelled, kCalls);
}

TEST(DestructionTest, CallbackIsDestroyedBeforeTheClientIs) {
  FakeServer server(Hang);
  auto client = ConnectTo(server);
  const auto owned = std::make_shared<int>(1);
  client->ActivateAsync({}, {}, [owned](const absl::StatusOr<v1::ActivateResponse>&) {});
  EXPECT_EQ(owned.use_count(), 2);
  client.reset();
  EXPECT_EQ(owned.use_count(), 1);
}

TEST(DestructionTest, CallThatACallbackBeginsMeanwhileEndsToo) {
  FakeServer server(Hang);
  auto client = ConnectTo(server);
  Client* const raw = client.get();
  std::vector<absl::StatusCode> codes;
  client->ActivateAsync({}, {}, [&](const absl::StatusOr<v1::ActivateResponse>& first) {
    codes.push_back(first.status().code());
    raw->ActivateAsync(
        {}, {}, [&](const absl::StatusOr<v1::ActivateResponse>& second) { codes.push_back(second.status().code()); });
  });
  client.reset();
  EXPECT_THAT(codes, ::testing::ElementsAre(absl::StatusCode::kCancelled, absl::StatusCode::kCancelled));
}

// Ends race with answers and with calls that have not left yet; the sanitizers watch.
TEST(DestructionTest, IsSafeAtAnyMomentOfACall) {
  FakeServer server(Empty);
  for (int round = 0; round < 100; ++round) {
    auto client = ConnectTo(server);
    const CallOptions options = {.cancellation = std::make_shared<Cancellation>()};
    std::atomic<int> ended = 0;
    for (int i = 0; i < 4; ++i)
      client->PoolAsync({}, options, [&](const absl::StatusOr<v1::PoolResponse>&) { ++ended; });
    std::thread canceller([&] { options.cancellation->Cancel(); });
    while (round % 2 == 0 && ended == 0) std::this_thread::yield();
    client.reset();
    EXPECT_EQ(ended, 4);
    canceller.join();
  }
}

TEST(DestructionDeathTest, WithinACallbackIsReported) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        FakeServer server(Empty);
        auto client = ConnectTo(server);
        client->PoolAsync({}, {}, [&](const absl::StatusOr<v1::PoolResponse>&) { client.reset(); });
        std::promise<void>().get_future().wait();
      },
      "a client was destroyed by one of its own callbacks");
}

}  // namespace
}  // namespace tensord::client
