// Memory that runs out at any allocation of any rpc: the call is refused, nothing is lost, and the next one is answered
// as before.
#include <gtest/gtest.h>

#include <cstdio>
#include <optional>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "server/convert/status_convert.h"
#include "tensord/compute/buffer_pool.h"
#include "tests/allocation/answer.h"
#include "tests/allocation/failing_allocator.h"

namespace tensord::allocation {
namespace {

constexpr int64_t kNever = int64_t{1} << 60;

struct Outcome {
  grpc::StatusCode code = grpc::StatusCode::UNKNOWN;
  std::string message;
  std::string details;
  std::string bytes;
  int64_t allocation_count = 0;
  int64_t failure_count = 0;
  int64_t protobuf_list_failure_count = 0;
  bool piece_threw = false;
  bool status_threw = false;

  [[nodiscard]] bool SameAnswer(const Outcome& other) const {
    return code == other.code && message == other.message && details == other.details && bytes == other.bytes;
  }
};

// The case's answer, where allocations number `first` to `first + count - 1` fail.
Outcome Answer(const Case& tested, int64_t first, int64_t count) {
  Outcome outcome;
  PieceWatcher executor;
  grpc::ByteBuffer response;
  std::optional<absl::Status> status;
  std::optional<grpc::Status> wire;
  FailureScope scope(first, count);
  status = tested.rpc(tested.request, executor, response);
  try {
    wire = server::ToGrpcStatus(*status);
  } catch (const std::bad_alloc&) {  // as Call::FinishWith does
    outcome.status_threw = true;
    wire = grpc::Status(grpc::StatusCode::RESOURCE_EXHAUSTED, "no memory");
  }
  scope.End();
  outcome.allocation_count = scope.allocation_count();
  outcome.failure_count = scope.failure_count();
  outcome.protobuf_list_failure_count = scope.protobuf_list_failure_count();
  outcome.piece_threw = executor.threw();
  outcome.code = wire->error_code();
  outcome.message = wire->error_message();
  outcome.details = wire->error_details();
  if (status->ok()) outcome.bytes = ToString(response);
  return outcome;
}

// "OUT_OF_MEMORY"; empty where there are no details.
std::string ReasonOf(const Outcome& outcome) {
  google::rpc::Status details;
  google::rpc::ErrorInfo info;
  if (!details.ParseFromString(outcome.details) || details.details().empty()) return "";
  return details.details(0).UnpackTo(&info) ? info.reason() : "";
}

class AllocationTest : public testing::TestWithParam<Case> {
 protected:
  // Each run allocates the same, none of it out of the pool of buffers.
  static void SetUpTestSuite() { compute::BufferPool::OfProcess().SetLimit(0); }

  // The answer. What the process makes once, for answers and for refusals, has been made afterwards.
  static Outcome Warm();
  // Every failure of `count` allocations in a row. Returns how many runs there were.
  int64_t FailEach(int64_t count, const Outcome& expected);
};

std::string CaseName(const testing::TestParamInfo<Case>& info) { return info.param.name; }

void ExpectRefused(const Outcome& outcome, const Outcome& expected) {
  EXPECT_FALSE(outcome.piece_threw) << "a piece of a loop threw: on a worker of the pool it would end the process";
  // What can do without the memory that it was refused may answer as ever.
  if (outcome.SameAnswer(expected)) return;
  EXPECT_EQ(outcome.code, grpc::StatusCode::RESOURCE_EXHAUSTED) << outcome.message;
  EXPECT_FALSE(outcome.message.empty());
  // Where there was not even memory for the reason, the code and a few words have to do.
  EXPECT_EQ(ReasonOf(outcome), outcome.status_threw ? "" : "OUT_OF_MEMORY");
}

Outcome AllocationTest::Warm() {
  (void)Answer(GetParam(), kNever, 1);
  (void)Answer(GetParam(), 1, 1);
  return Answer(GetParam(), kNever, 1);
}

int64_t AllocationTest::FailEach(int64_t count, const Outcome& expected) {
  int64_t live = LiveCount();
  for (int64_t first = 1;; ++first) {
    SCOPED_TRACE(testing::Message() << GetParam().name << ", allocations from " << first << ", " << count << " fail");
    const Outcome outcome = Answer(GetParam(), first, count);
    EXPECT_LE(LiveCount(), live + outcome.protobuf_list_failure_count) << "memory was left behind";
    live = LiveCount();
    if (outcome.failure_count == 0) {
      EXPECT_TRUE(outcome.SameAnswer(expected));
      return first - 1;
    }
    ExpectRefused(outcome, expected);
    const Outcome next = Answer(GetParam(), kNever, 1);
    EXPECT_TRUE(next.SameAnswer(expected)) << "the call after it was answered otherwise: " << next.message;
    if (HasFailure()) return first;  // one of hundreds like it says enough
  }
}

TEST_P(AllocationTest, OneFailsThenTheCallIsRefusedAndTheNextAnswered) {
  const Outcome expected = Warm();
  const int64_t runs = FailEach(1, expected);
  EXPECT_GE(runs, expected.allocation_count);
  std::printf("%s: %lld allocations, each failed once\n", GetParam().name.c_str(), static_cast<long long>(runs));
}

TEST_P(AllocationTest, SomeOrAllFailThenTheCallIsRefusedAndTheNextAnswered) {
  const Outcome expected = Warm();
  for (const int64_t count : {int64_t{2}, int64_t{3}, int64_t{7}, kNever}) FailEach(count, expected);
}

INSTANTIATE_TEST_SUITE_P(EveryRpc, AllocationTest, testing::ValuesIn(Cases()), CaseName);

}  // namespace
}  // namespace tensord::allocation
