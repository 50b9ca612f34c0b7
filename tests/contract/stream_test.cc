// StreamCompute answers as the unary rpcs do, good requests and bad ones.
#include <gtest/gtest.h>
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/contract/bad_cases.h"
#include "tests/contract/door.h"
#include "tests/contract/raw_call.h"
#include "tests/contract/requests.h"
#include "tests/contract/stream_call.h"

namespace tensord::contract {
namespace {

std::string RpcOf(const std::string& method) { return method.substr(method.find('/') + 1); }

bool IsTensorRpc(const std::string& method) { return method.rfind(kTensorService, 0) == 0; }

// The unary answer, as an operation's.
struct Expected {
  std::string rpc;
  std::string request;
  Answer answer;
};

std::vector<Expected> GoodOperations(grpc::Channel& channel) {
  std::vector<Expected> operations;
  for (const GoodCall& call : GoodCalls()) {
    if (!IsTensorRpc(call.method)) continue;
    operations.push_back({RpcOf(call.method), call.bytes, CallRaw(channel, call.method, call.bytes)});
    EXPECT_TRUE(operations.back().answer.status.ok()) << call.method;
  }
  return operations;
}

std::vector<Expected> BadOperations(grpc::Channel& channel) {
  std::vector<Expected> operations;
  for (const BadCase& bad : AllBadCases()) {
    if (!IsTensorRpc(bad.method)) continue;
    operations.push_back({RpcOf(bad.method), bad.bytes, CallRaw(channel, bad.method, bad.bytes)});
    EXPECT_FALSE(operations.back().answer.status.ok()) << bad.name;
  }
  return operations;
}

// Whether the request of that answer was decoded.
bool IsDecoded(const v1::StreamComputeResponse& answer) {
  if (!answer.has_error()) return true;
  const std::string reason = TakeApart(answer.error()).error_info.value_or(google::rpc::ErrorInfo()).reason();
  return reason != "MALFORMED_MESSAGE" && reason != "MESSAGE_TOO_LARGE";
}

// Whether the stream's answer is what the rpc answered.
void ExpectSame(const v1::StreamComputeResponse& got, const Expected& expected) {
  if (expected.answer.status.ok()) {
    ASSERT_FALSE(got.has_error()) << expected.rpc << ": " << got.error().message();
    const std::optional<std::string> bytes = ResponseBytes(got, expected.rpc);
    ASSERT_TRUE(bytes.has_value()) << "not an answer of " << expected.rpc;
    EXPECT_EQ(*bytes, expected.answer.bytes) << expected.rpc;
    return;
  }
  ASSERT_TRUE(got.has_error()) << expected.rpc << " should fail: " << expected.answer.status.error_message();
  const Answer error = TakeApart(got.error());
  EXPECT_EQ(error.status.error_code(), expected.answer.status.error_code()) << expected.answer.status.error_message();
  ASSERT_TRUE(error.error_info.has_value());
  EXPECT_EQ(error.error_info->reason(), expected.answer.error_info->reason());
  EXPECT_EQ(error.Violations(), expected.answer.Violations());
  // The others tell how many bytes it were.
  if (IsDecoded(got)) {
    EXPECT_EQ(error.status.error_message(), expected.answer.status.error_message());
  }
}

class StreamTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { door_ = OpenDoor(GetParam(), TestSettings()); }

  // Sends every operation, in the order of `order`, with its place there as the id, and compares every answer.
  void SendAndCompare(const std::vector<Expected>& operations, const std::vector<size_t>& order) {
    StreamCall stream(door_->channel());
    std::thread sender([&] {
      for (size_t i = 0; i < order.size(); ++i) {
        const Expected& operation = operations[order[i]];
        ASSERT_TRUE(stream.SendBytes(StreamBytes(i, operation.rpc, operation.request)));
      }
      stream.Close();
    });
    std::vector<int> answers(order.size(), 0);
    while (const std::optional<v1::StreamComputeResponse> answer = stream.Read()) {
      const auto index = static_cast<size_t>(answer->index());
      ASSERT_LT(index, order.size());
      ++answers[index];
      // What is not decoded has no id.
      EXPECT_EQ(answer->id(), IsDecoded(*answer) ? index : 0);
      ExpectSame(*answer, operations[order[index]]);
    }
    sender.join();
    const Answer end = stream.Finish();
    EXPECT_TRUE(end.status.ok()) << end.status.error_message();
    EXPECT_EQ(std::count(answers.begin(), answers.end(), 1), static_cast<int64_t>(order.size()));
  }

  std::unique_ptr<Door> door_;
};

INSTANTIATE_TEST_SUITE_P(Doors, StreamTest, ::testing::ValuesIn(OwnDoorNames()),
                         [](const auto& test) { return test.param; });

std::vector<size_t> InOrder(size_t count) {
  std::vector<size_t> order(count);
  for (size_t i = 0; i < count; ++i) order[i] = i;
  return order;
}

TEST_P(StreamTest, EveryOperationHasTheBytesOfItsRpc) {
  const std::vector<Expected> operations = GoodOperations(*door_->channel());
  EXPECT_GE(operations.size(), 10U);
  SendAndCompare(operations, InOrder(operations.size()));
}

// What a request's error is does not depend on the door.
class StreamErrorsTest : public StreamTest {};
INSTANTIATE_TEST_SUITE_P(OneDoor, StreamErrorsTest, ::testing::Values("Tcp"),
                         [](const auto& test) { return test.param; });

TEST_P(StreamErrorsTest, EveryBadRequestHasTheErrorOfItsRpcAndEndsNothing) {
  const std::vector<Expected> operations = BadOperations(*door_->channel());
  EXPECT_GE(operations.size(), 200U);
  SendAndCompare(operations, InOrder(operations.size()));
}

// Without what the allocator only keeps.
int64_t ResidentBytes() {
  malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  int64_t total = 0;
  int64_t resident = 0;
  file >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

// The slow form, of 10^5 operations, is registered as a test of its own.
TEST_P(StreamTest, RandomOperationsOneInTenBad) {
  const char* const given = std::getenv("TENSORD_STREAM_OPERATIONS");
  const size_t count = given == nullptr ? 2000 : std::strtoull(given, nullptr, 10);
  std::vector<Expected> operations = GoodOperations(*door_->channel());
  const size_t good_count = operations.size();
  for (Expected& bad : BadOperations(*door_->channel())) {
    if (bad.request.size() < size_t{64} << 10) operations.push_back(std::move(bad));
  }
  std::mt19937_64 random(20260101);
  std::vector<size_t> order(count);
  size_t bad_count = 0;
  for (size_t& place : order) {
    const bool bad = random() % 10 == 0;
    bad_count += bad ? 1 : 0;
    place = bad ? good_count + random() % (operations.size() - good_count) : random() % good_count;
  }
  // Once for what is allocated but once.
  SendAndCompare(operations, std::vector<size_t>(order.begin(), order.begin() + 1000));
  const int64_t before = ResidentBytes();
  SendAndCompare(operations, order);
  const int64_t grown = ResidentBytes() - before;
  std::cout << count << " operations, " << bad_count << " of them bad, every answer as unary's; memory grew by "
            << grown / 1024 << " KiB\n";
  // Client and server are in it. The answers of the slow form come to some 40 MiB. A sanitizer keeps books of its own,
  // in the same process.
#ifdef TENSORD_IS_SANITIZED
  constexpr int64_t kBooks = int64_t{128} << 20;
#else
  constexpr int64_t kBooks = 0;
#endif
  EXPECT_LT(grown, (int64_t{8} << 20) + kBooks);
}

TEST_P(StreamTest, AnOperationThatIsNoneIsNamed) {
  StreamCall stream(door_->channel());
  v1::StreamComputeRequest request;
  request.set_id(7);
  ASSERT_TRUE(stream.Send(request));
  ASSERT_TRUE(stream.SendBytes("\xff\xff"));
  *request.mutable_pool() = GoodPool();
  ASSERT_TRUE(stream.Send(request));
  stream.Close();
  std::map<int64_t, v1::StreamComputeResponse> answers;
  while (const std::optional<v1::StreamComputeResponse> answer = stream.Read()) answers[answer->index()] = *answer;
  EXPECT_TRUE(stream.Finish().status.ok());
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_EQ(answers[0].id(), 7U);
  EXPECT_NE(TakeApart(answers[0].error()).ViolationOf("operation").value_or("").find("was not given"),
            std::string::npos);
  EXPECT_EQ(answers[1].id(), 0U);
  EXPECT_EQ(TakeApart(answers[1].error()).error_info->reason(), "MALFORMED_MESSAGE");
  EXPECT_TRUE(answers[2].has_pool());
}

TEST_P(StreamTest, AMessageOverTheLimitIsAnsweredAndEndsNothing) {
  StreamCall stream(door_->channel());
  const std::string large(static_cast<size_t>(TestSettings().max_message_bytes) + 1, 'x');
  ASSERT_TRUE(stream.SendBytes(StreamBytes(1, "Pool", large)));
  ASSERT_TRUE(stream.SendBytes(StreamBytes(2, "Pool", GoodPool().SerializeAsString())));
  stream.Close();
  std::map<int64_t, v1::StreamComputeResponse> answers;
  while (const std::optional<v1::StreamComputeResponse> answer = stream.Read()) answers[answer->index()] = *answer;
  EXPECT_TRUE(stream.Finish().status.ok());
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(TakeApart(answers[0].error()).error_info->reason(), "MESSAGE_TOO_LARGE");
  EXPECT_TRUE(answers[1].has_pool());
}

TEST_P(StreamTest, AStreamWithoutOperationsEndsWithOk) {
  StreamCall stream(door_->channel());
  stream.Close();
  EXPECT_FALSE(stream.Read().has_value());
  EXPECT_TRUE(stream.Finish().status.ok());
}

}  // namespace
}  // namespace tensord::contract
