// Deadlines, cancellation, overload and shutdown.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tensord/v1/tensor_service.grpc.pb.h"
#include "tests/contract/door.h"
#include "tests/contract/raw_call.h"
#include "tests/contract/requests.h"

namespace tensord::contract {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr char kConvolve[] = "tensord.v1.TensorService/Convolve";
constexpr char kPool[] = "tensord.v1.TensorService/Pool";

// Minutes of work in a small message: 1.7e10 multiplications, summed exactly. As FAST sums they are done within a
// second or two.
v1::ConvolveRequest EndlessConvolve() {
  v1::ConvolveRequest request;
  request.set_accumulation(v1::ACCUMULATION_EXACT);
  *request.mutable_input() = Ramp({512, 512, 1});
  *request.mutable_filter() = Ramp({256, 256, 1, 1});
  request.mutable_conventions()->mutable_padding()->set_mode(v1::PADDING_MODE_SAME_UPPER);
  request.mutable_input()->set_data_type(v1::DATA_TYPE_FLOAT32);
  return request;
}

server::Settings EndlessSettings() {
  server::Settings settings = TestSettings();
  settings.max_multiplications = int64_t{1} << 50;
  settings.multiplication_budget = int64_t{1} << 53;
  return settings;
}

// Calls of EndlessConvolve in the background, until destruction cancels them. One that is refused because a call of the
// test's was there first is started again.
class BackgroundCalls {
 public:
  BackgroundCalls(const std::shared_ptr<grpc::Channel>& channel, int count)
      : stub_(v1::TensorService::NewStub(channel)), request_(EndlessConvolve()) {
    for (int i = 0; i < count; ++i) {
      calls_.push_back(std::make_unique<Call>());
      Start(*calls_.back());
    }
  }
  ~BackgroundCalls() {
    CancelAll();
    Wait();
  }

  void CancelAll() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    for (const auto& call : calls_) call->context->TryCancel();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_ == calls_.size(); });
  }
  // After Wait.
  [[nodiscard]] grpc::StatusCode code(size_t i) const { return calls_[i]->status.error_code(); }

 private:
  struct Call {
    std::unique_ptr<grpc::ClientContext> context;
    v1::ConvolveResponse response;
    grpc::Status status;
  };

  void Start(Call& call) {
    call.context = std::make_unique<grpc::ClientContext>();
    stub_->async()->Convolve(call.context.get(), &request_, &call.response,
                             [this, &call](grpc::Status status) { Finished(call, std::move(status)); });
  }
  void Finished(Call& call, grpc::Status status) {
    const std::lock_guard lock(mutex_);
    if (status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED && !cancelled_) return Start(call);
    call.status = std::move(status);
    ++done_;
    changed_.notify_all();
  }

  const std::unique_ptr<v1::TensorService::Stub> stub_;
  const v1::ConvolveRequest request_;
  std::vector<std::unique_ptr<Call>> calls_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool cancelled_ = false;
  size_t done_ = 0;
};

class LimitsTest : public ::testing::TestWithParam<std::string> {
 protected:
  // Tries until the server answers with that code: what was started in the background has to get there first.
  static Answer CallUntil(grpc::Channel& channel, const std::string& method, const std::string& bytes,
                          grpc::StatusCode code) {
    const auto give_up = steady_clock::now() + std::chrono::seconds(60);
    Answer answer;
    do {
      answer = CallRaw(channel, method, bytes, milliseconds(2000));
    } while (answer.status.error_code() != code && steady_clock::now() < give_up);
    return answer;
  }
};

INSTANTIATE_TEST_SUITE_P(Doors, LimitsTest, ::testing::ValuesIn(OwnDoorNames()),
                         [](const auto& test) { return test.param; });

TEST_P(LimitsTest, AClientsDeadlineStopsTheWork) {
  server::Settings settings = EndlessSettings();
  settings.threads = 1;
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  const Answer answer = CallRaw(*door->channel(), kConvolve, EndlessConvolve().SerializeAsString(), milliseconds(300));
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  // The only worker is free again: this large call needs it.
  v1::PoolRequest pool = GoodPool();
  *pool.mutable_input() = Ramp({1, 100, 100, 10});
  EXPECT_TRUE(CallRaw(*door->channel(), kPool, pool.SerializeAsString()).status.ok());
}

TEST_P(LimitsTest, TheDefaultDeadlineStopsTheWorkOfAClientWithoutOne) {
  server::Settings settings = EndlessSettings();
  settings.default_deadline = milliseconds(200);
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  BackgroundCalls calls(door->channel(), 1);
  calls.Wait();
  EXPECT_EQ(calls.code(0), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_P(LimitsTest, ACancelledCallFreesItsWorker) {
  server::Settings settings = EndlessSettings();
  settings.threads = 1;
  settings.queue = 0;
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  v1::PoolRequest pool = GoodPool();
  *pool.mutable_input() = Ramp({1, 100, 100, 10});
  BackgroundCalls calls(door->channel(), 1);
  const Answer refused =
      CallUntil(*door->channel(), kPool, pool.SerializeAsString(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refused.error_info.value().reason(), "OVERLOADED");
  calls.CancelAll();
  calls.Wait();
  EXPECT_EQ(calls.code(0), grpc::StatusCode::CANCELLED);
  EXPECT_TRUE(CallUntil(*door->channel(), kPool, pool.SerializeAsString(), grpc::StatusCode::OK).status.ok());
}

TEST_P(LimitsTest, AFullQueueRefusesWithAdviceToRetry) {
  server::Settings settings = EndlessSettings();
  settings.threads = 1;
  settings.queue = 1;
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  BackgroundCalls calls(door->channel(), 2);
  v1::PoolRequest pool = GoodPool();
  *pool.mutable_input() = Ramp({1, 100, 100, 10});
  const Answer refused =
      CallUntil(*door->channel(), kPool, pool.SerializeAsString(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refused.error_info.value().reason(), "OVERLOADED");
  ASSERT_TRUE(refused.retry_info.has_value());
  EXPECT_GT(refused.retry_info->retry_delay().nanos(), 0);
  ASSERT_EQ(refused.trailers.count("grpc-retry-pushback-ms"), 1u);
  EXPECT_GT(std::stoi(refused.trailers.find("grpc-retry-pushback-ms")->second), 0);
  // Tiny calls take no worker and are still answered.
  v1::ActivateRequest tiny = GoodActivate();
  EXPECT_TRUE(CallRaw(*door->channel(), "tensord.v1.TensorService/Activate", tiny.SerializeAsString()).status.ok());
}

TEST_P(LimitsTest, TheMemoryBudgetRefusesBeforeItIsOverrun) {
  server::Settings settings = EndlessSettings();
  settings.memory_budget_bytes = 16 << 20;  // for one of these calls
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  BackgroundCalls calls(door->channel(), 1);
  const Answer refused = CallUntil(*door->channel(), kConvolve, EndlessConvolve().SerializeAsString(),
                                   grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refused.error_info.value().reason(), "OVERLOADED");
  EXPECT_NE(refused.status.error_message().find("bytes of memory is in use"), std::string::npos);
  EXPECT_TRUE(refused.retry_info.has_value());
}

TEST_P(LimitsTest, ARequestThatNoBudgetCanHoldIsRefusedForGood) {
  server::Settings settings = TestSettings();
  settings.memory_budget_bytes = 2 << 20;
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  v1::PoolRequest pool = GoodPool();
  *pool.mutable_input() = Ramp({1, 200, 200, 10});
  const Answer refused = CallRaw(*door->channel(), kPool, pool.SerializeAsString());
  EXPECT_EQ(refused.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refused.error_info.value().reason(), "TENSOR_TOO_LARGE");
  EXPECT_FALSE(refused.retry_info.has_value());
}

TEST_P(LimitsTest, ADrainCancelsWhatDoesNotFinishInTime) {
  server::Settings settings = EndlessSettings();
  settings.drain_timeout = milliseconds(200);
  settings.threads = 1;
  settings.queue = 0;
  const std::unique_ptr<Door> door = OpenDoor(GetParam(), settings);
  BackgroundCalls calls(door->channel(), 1);
  v1::PoolRequest pool = GoodPool();
  *pool.mutable_input() = Ramp({1, 100, 100, 10});
  // One refusal alone may be for the test's own last call, whose worker is about to be free; then the background's call
  // gets it.
  for (int refusals = 0; refusals < 3; ++refusals) {
    const Answer answer = CallRaw(*door->channel(), kPool, pool.SerializeAsString(), milliseconds(2000));
    if (answer.status.error_code() != grpc::StatusCode::RESOURCE_EXHAUSTED) refusals = -1;
    std::this_thread::sleep_for(milliseconds(20));
  }
  if (GetParam() == "InProcess") return;  // ends with its process: there is nobody else to refuse
  EXPECT_FALSE(door->Drain());
  calls.Wait();
  EXPECT_NE(calls.code(0), grpc::StatusCode::OK);
}

}  // namespace
}  // namespace tensord::contract
