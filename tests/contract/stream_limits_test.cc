// StreamCompute under limits: backpressure, deadlines, rates, overload, shutdown.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tensord/v1/server.pb.h"
#include "tests/contract/bad_cases.h"
#include "tests/contract/door.h"
#include "tests/contract/raw_call.h"
#include "tests/contract/requests.h"
#include "tests/contract/stream_call.h"

namespace tensord::contract {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

v1::StreamComputeRequest PoolOperation(uint64_t id) {
  v1::StreamComputeRequest request;
  request.set_id(id);
  *request.mutable_pool() = GoodPool();
  return request;
}

// 256 KiB there and 256 KiB back.
v1::StreamComputeRequest LargeOperation(uint64_t id) {
  v1::StreamComputeRequest request;
  request.set_id(id);
  *request.mutable_activate()->mutable_input() = Ramp({256, 256});
  request.mutable_activate()->mutable_activation()->set_kind(v1::ACTIVATION_KIND_RELU);
  return request;
}

// Minutes of work in a small message: 1.7e10 multiplications, summed exactly. As FAST sums they are done within a
// second or two.
v1::StreamComputeRequest EndlessOperation(uint64_t id) {
  v1::StreamComputeRequest request;
  request.set_id(id);
  v1::ConvolveRequest& convolve = *request.mutable_convolve();
  convolve.set_accumulation(v1::ACCUMULATION_EXACT);
  *convolve.mutable_input() = Ramp({512, 512, 1});
  *convolve.mutable_filter() = Ramp({256, 256, 1, 1});
  convolve.mutable_conventions()->mutable_padding()->set_mode(v1::PADDING_MODE_SAME_UPPER);
  return request;
}

v1::ServerState StateOf(grpc::Channel& channel) {
  v1::GetServerInfoRequest request;
  request.set_include_state(true);
  return CallParsed<v1::GetServerInfoResponse>(channel, "tensord.v1.ServerService/GetServerInfo", request).state();
}

// The state once the call that asks for it is the only one, or after half a minute. One look only: the call that asked
// before may be counted still.
v1::ServerState StateWithoutCalls(grpc::Channel& channel) {
  const auto give_up = steady_clock::now() + std::chrono::seconds(30);
  v1::ServerState state = StateOf(channel);
  while (state.in_flight_count() > 1 && steady_clock::now() < give_up) {
    std::this_thread::sleep_for(milliseconds(20));
    state = StateOf(channel);
  }
  return state;
}

// Until no more is sent.
void WaitUntilHeldBack(const std::atomic<int>& sent) {
  int before = -1;
  while (sent.load() != before) {
    before = sent.load();
    std::this_thread::sleep_for(milliseconds(300));
  }
}

class StreamLimitsTest : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Doors, StreamLimitsTest, ::testing::ValuesIn(OwnDoorNames()),
                         [](const auto& test) { return test.param; });

TEST_P(StreamLimitsTest, AClientThatReadsNothingIsHeldBack) {
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), TestSettings());
  constexpr int kCount = 400;  // 100 MiB each way, more than the whole budget of memory
  StreamCall stream(door->channel());
  std::atomic<int> sent = 0;
  std::thread sender([&] {
    for (int i = 0; i < kCount; ++i) {
      if (!stream.Send(LargeOperation(static_cast<uint64_t>(i)))) break;
      ++sent;
    }
    stream.Close();
  });
  WaitUntilHeldBack(sent);
  EXPECT_LT(sent.load(), 150);
  EXPECT_LT(StateOf(*door->channel()).memory_used_bytes(), int64_t{32} << 20);
  int answered = 0;
  while (const std::optional<v1::StreamComputeResponse> answer = stream.Read()) {
    EXPECT_TRUE(answer->has_activate()) << answer->error().message();
    ++answered;
  }
  sender.join();
  EXPECT_TRUE(stream.Finish().status.ok());
  EXPECT_EQ(answered, kCount);
}

TEST_P(StreamLimitsTest, AClientThatReadsNothingForTooLongIsBrokenOff) {
  server::Settings settings = TestSettings();
  settings.default_deadline = milliseconds(500);
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  StreamCall stream(door->channel());
  for (int i = 0; i < 400; ++i) {
    if (!stream.Send(LargeOperation(1))) break;
  }
  // The write above fails when the server has broken it off; nothing of it is left there.
  const v1::ServerState state = StateWithoutCalls(*door->channel());
  EXPECT_EQ(state.in_flight_count(), 1);
  EXPECT_LT(state.memory_used_bytes(), int64_t{1} << 20);
  while (stream.Read().has_value()) {
  }
  EXPECT_EQ(stream.Finish().status.error_code(), grpc::StatusCode::CANCELLED);
}

TEST_P(StreamLimitsTest, AClientThatReadsNothingLeavesMemoryToOthers) {
  server::Settings settings = TestSettings();
  settings.memory_budget_bytes = int64_t{4} << 20;  // a large operation takes 1.5 MiB of it
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  StreamCall unread(door->channel());
  std::atomic<int> sent = 0;
  std::thread sender([&] {
    while (unread.Send(LargeOperation(1))) ++sent;
  });
  WaitUntilHeldBack(sent);
  EXPECT_GT(sent.load(), 0);
  // An eighth, and what one operation more has added.
  EXPECT_LE(StateOf(*door->channel()).memory_used_bytes(), int64_t{1} << 20);
  StreamCall taken(door->channel());
  for (uint64_t id = 0; id < 20; ++id) {
    ASSERT_TRUE(taken.Send(LargeOperation(id)));
    EXPECT_TRUE(taken.Read().value_or(v1::StreamComputeResponse()).has_activate());
  }
  taken.Close();
  EXPECT_FALSE(taken.Read().has_value());
  EXPECT_TRUE(taken.Finish().status.ok());
  unread.context().TryCancel();
  sender.join();
}

TEST_P(StreamLimitsTest, EachOperationHasItsOwnDeadline) {
  server::Settings settings = TestSettings();
  // A client that takes no answer for so long is broken off: longer than a starved machine keeps this one from it.
  settings.default_deadline = milliseconds(1500);
  settings.max_multiplications = int64_t{1} << 50;
  settings.multiplication_budget = int64_t{1} << 53;
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  StreamCall stream(door->channel());
  ASSERT_TRUE(stream.Send(EndlessOperation(1)));
  ASSERT_TRUE(stream.Send(PoolOperation(2)));
  // The small one is not behind the endless one.
  const std::optional<v1::StreamComputeResponse> first = stream.Read();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->id(), 2U);
  EXPECT_TRUE(first->has_pool());
  const std::optional<v1::StreamComputeResponse> second = stream.Read();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->id(), 1U);
  EXPECT_EQ(second->error().code(), static_cast<int>(grpc::StatusCode::DEADLINE_EXCEEDED));
  // And the stream goes on.
  ASSERT_TRUE(stream.Send(PoolOperation(3)));
  EXPECT_TRUE(stream.Read().value_or(v1::StreamComputeResponse()).has_pool());
  stream.Close();
  EXPECT_FALSE(stream.Read().has_value());
  EXPECT_TRUE(stream.Finish().status.ok());
}

// Several streams want more than there is place for: nothing is refused.
TEST_P(StreamLimitsTest, AFullQueueOnlyHoldsBack) {
  server::Settings settings = TestSettings();
  settings.threads = 1;
  settings.queue = 1;
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  constexpr int kStreams = 6;
  constexpr int kOperations = 60;
  std::vector<std::thread> clients;
  std::atomic<int> answered = 0;
  std::atomic<int> failed = 0;
  for (int i = 0; i < kStreams; ++i) {
    clients.emplace_back([&] {
      StreamCall stream(door->channel());
      std::thread sender([&] {
        for (int k = 0; k < kOperations; ++k) EXPECT_TRUE(stream.Send(LargeOperation(static_cast<uint64_t>(k))));
        stream.Close();
      });
      while (const std::optional<v1::StreamComputeResponse> answer = stream.Read()) {
        ++answered;
        if (answer->has_error()) ++failed;
      }
      sender.join();
      EXPECT_TRUE(stream.Finish().status.ok());
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered.load(), kStreams * kOperations);
  EXPECT_EQ(failed.load(), 0);
}

TEST_P(StreamLimitsTest, ARateHoldsBackAndRefusesNothing) {
  server::Settings settings = TestSettings();
  settings.client_limits.calls_per_second = 50;
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  const auto began = steady_clock::now();
  StreamCall stream(door->channel());
  std::thread sender([&] {
    for (uint64_t i = 0; i < 150; ++i) EXPECT_TRUE(stream.Send(PoolOperation(i)));
    stream.Close();
  });
  int answered = 0;
  while (const std::optional<v1::StreamComputeResponse> answer = stream.Read()) {
    EXPECT_TRUE(answer->has_pool()) << answer->error().message();
    ++answered;
  }
  sender.join();
  EXPECT_TRUE(stream.Finish().status.ok());
  EXPECT_EQ(answered, 150);
  // 50 at once, and 50 a second from then on: what was held back pays too.
  EXPECT_GE(steady_clock::now() - began, milliseconds(1990));
}

// gRPC 1.51's in-process transport loses a status that the server sends while the client is still sending.
class StreamDrainTest : public StreamLimitsTest {};
INSTANTIATE_TEST_SUITE_P(Connections, StreamDrainTest, ::testing::Values("Tcp", "UnixSocket"),
                         [](const auto& test) { return test.param; });

TEST_P(StreamDrainTest, ADrainAnswersWhatWasReadAndSaysSo) {
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), TestSettings());
  StreamCall stream(door->channel());
  ASSERT_TRUE(stream.Send(PoolOperation(1)));
  EXPECT_TRUE(stream.Read().value_or(v1::StreamComputeResponse()).has_pool());
  std::thread drainer([&] { door->Drain(); });
  EXPECT_FALSE(stream.Read().has_value());
  const Answer end = stream.Finish();
  drainer.join();
  EXPECT_EQ(end.status.error_code(), grpc::StatusCode::UNAVAILABLE) << end.status.error_message();
  ASSERT_TRUE(end.error_info.has_value());
  EXPECT_EQ(end.error_info->reason(), "DRAINING");
  EXPECT_TRUE(end.retry_info.has_value());
}

TEST_P(StreamLimitsTest, ACancelledStreamLeavesNothing) {
  server::Settings settings = TestSettings();
  settings.max_multiplications = int64_t{1} << 50;
  settings.multiplication_budget = int64_t{1} << 53;
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  StreamCall stream(door->channel());
  for (uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(stream.Send(EndlessOperation(i)));
  const auto give_up = steady_clock::now() + std::chrono::seconds(30);
  while (StateOf(*door->channel()).multiplication_in_flight_count() == 0 && steady_clock::now() < give_up) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  stream.context().TryCancel();
  while (stream.Read().has_value()) {
  }
  EXPECT_EQ(stream.Finish().status.error_code(), grpc::StatusCode::CANCELLED);
  const v1::ServerState state = StateWithoutCalls(*door->channel());
  EXPECT_EQ(state.in_flight_count(), 1);
  EXPECT_EQ(state.multiplication_in_flight_count(), 0);
  EXPECT_EQ(state.queue_count(), 0);
}

TEST_P(StreamLimitsTest, AStreamsOwnDeadlineEndsAllOfIt) {
  server::Settings settings = TestSettings();
  settings.max_multiplications = int64_t{1} << 50;
  settings.multiplication_budget = int64_t{1} << 53;
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  StreamCall stream(door->channel(), {}, milliseconds(1000));
  for (uint64_t i = 0; i < 3; ++i) static_cast<void>(stream.Send(EndlessOperation(i)));
  while (stream.Read().has_value()) {
  }
  EXPECT_EQ(stream.Finish().status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(StateWithoutCalls(*door->channel()).in_flight_count(), 1);
}

}  // namespace
}  // namespace tensord::contract
