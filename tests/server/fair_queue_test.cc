// No test sleeps: a worker is held until the test lets it go on.
#include "server/rpc/fair_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <latch>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/convert/status_convert.h"

namespace tensord::server {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What the queue tells the metrics.
class Recorder final : public Metrics {
 public:
  void CallStarted(absl::string_view) override {}
  void CallFinished(absl::string_view, grpc::StatusCode, std::chrono::nanoseconds, int64_t, int64_t) override {}
  void CallRefused(absl::string_view) override {}
  void OperationFinished(grpc::StatusCode) override {}
  void QueueWaited(std::chrono::nanoseconds) override { ++waited; }
  void Set(Gauge, double) override {}
  void Change(Gauge gauge, double change) override {
    if (gauge == Gauge::kQueueLength) length.fetch_add(change);
    if (gauge == Gauge::kQueueOverflowLength) overflow_length.fetch_add(change);
  }
  void Add(Counter, double) override {}
  void ReloadFinished(Reloadable, bool) override {}

  std::atomic<int> waited = 0;
  std::atomic<double> length = 0;
  std::atomic<double> overflow_length = 0;
};

// Nobody in such an overflow is refused while a test lasts.
constexpr OverflowLimits kPatient = {.capacity = 3, .patience = hours(1)};

class FairQueueTest : public ::testing::Test {
 protected:
  // One worker; `capacity` tasks may wait, and those of the overflow.
  void Make(int capacity, const OverflowLimits& overflow = {}) {
    pool_ = std::make_unique<compute::ThreadPool>(1, 1);
    queue_ = std::make_unique<FairQueue>(pool_.get(), capacity, overflow, &metrics_);
  }
  ~FairQueueTest() override { Finish(); }

  std::shared_ptr<Client>& client(const std::string& name) {
    std::shared_ptr<Client>& client = clients_[name];
    if (client == nullptr) client = std::make_shared<Client>(name);
    return client;
  }
  // Occupies the worker until the test ends or Finish is called.
  void Block() {
    std::latch running(1);
    ASSERT_TRUE(queue_
                    ->Submit({.client = client("blocker"),
                              .run =
                                  [&](const absl::Status&) {
                                    running.count_down();
                                    release_.wait();
                                  }})
                    .ok());
    running.wait();
  }
  // A task of `ms` milliseconds of expected work that writes down its name, or "name:REASON" where it does not run.
  absl::Status Submit(const std::string& name, const std::string& task, double ms,
                      FairQueue::Clock::time_point deadline = FairQueue::Clock::time_point::max()) {
    const absl::Status status = queue_->Submit({.client = client(name),
                                                .expected_ns = ms * 1e6,
                                                .deadline = deadline,
                                                .run = [this, task](const absl::Status& turn) {
                                                  const std::lock_guard lock(mutex_);
                                                  ran_.push_back(turn.ok() ? task : task + ":" + ReasonOf(turn));
                                                  ran_one_.notify_all();
                                                }});
    if (status.ok()) ++accepted_;
    return status;
  }
  void WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    ran_one_.wait(lock, [&] { return ran_.size() == count; });
  }
  // Lets the worker go on, waits for everything, and tells what ran in which order.
  std::vector<std::string> Finish() {
    if (!std::exchange(released_, true)) release_.count_down();
    WaitFor(accepted_);
    pool_.reset();
    return ran_;
  }

  Recorder metrics_;
  std::map<std::string, std::shared_ptr<Client>> clients_;
  std::latch release_{1};
  bool released_ = false;
  std::mutex mutex_;
  std::condition_variable ran_one_;
  size_t accepted_ = 0;
  std::vector<std::string> ran_;
  std::unique_ptr<compute::ThreadPool> pool_;
  std::unique_ptr<FairQueue> queue_;
};

TEST_F(FairQueueTest, OneClientIsServedInOrder) {
  Make(10);
  Block();
  for (const char* task : {"1", "2", "3"}) EXPECT_TRUE(Submit("a", task, 1).ok());
  EXPECT_THAT(Finish(), ElementsAre("1", "2", "3"));
}

TEST_F(FairQueueTest, ClientsTakeTurnsByWorkNotByCalls) {
  Make(10);
  Block();
  // a's calls are three times as long as b's: b gets three for each.
  for (const char* task : {"a1", "a2"}) EXPECT_TRUE(Submit("a", task, 3).ok());
  for (const char* task : {"b1", "b2", "b3", "b4"}) EXPECT_TRUE(Submit("b", task, 1).ok());
  const std::vector<std::string> order = Finish();
  ASSERT_EQ(order.size(), 6U);
  // Where two starts are equal either may go first.
  EXPECT_THAT(std::vector<std::string>(order.begin() + 2, order.begin() + 4), ElementsAre("b2", "b3"));
}

TEST_F(FairQueueTest, NobodySavesUpWhileIdle) {
  Make(20);
  Block();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Submit("busy", "busy", 10).ok());
  queue_->Charge(*client("busy"), 0);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Submit("new", "new", 10).ok());
  const std::vector<std::string> order = Finish();
  // Alternating from the beginning, though the first client asked first and the second has never used anything.
  for (size_t i = 0; i + 1 < order.size(); i += 2) EXPECT_NE(order[i], order[i + 1]);
}

TEST_F(FairQueueTest, WorkFoundLaterIsCharged) {
  Make(10);
  Block();
  queue_->Charge(*client("a"), 100e6);
  EXPECT_TRUE(Submit("a", "a1", 1).ok());
  for (const char* task : {"b1", "b2"}) EXPECT_TRUE(Submit("b", task, 1).ok());
  EXPECT_THAT(Finish(), ElementsAre("b1", "b2", "a1"));
}

TEST_F(FairQueueTest, FullQueueRefusesWithAdvice) {
  Make(2);
  Block();
  EXPECT_TRUE(queue_->CheckRoom(*client("a")).ok());
  EXPECT_TRUE(Submit("a", "1", 50).ok());
  EXPECT_TRUE(Submit("a", "2", 50).ok());
  EXPECT_EQ(queue_->length(), 2);
  const absl::Status refused = Submit("a", "3", 50);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), "OVERLOADED");
  EXPECT_THAT(refused.message(), HasSubstr("all 1 workers are busy and 2 requests wait"));
  // The work that waits, give or take a fifth.
  ASSERT_TRUE(RetryDelayOf(refused).has_value());
  EXPECT_GE(*RetryDelayOf(refused), milliseconds(80));
  EXPECT_LE(*RetryDelayOf(refused), milliseconds(120));
  EXPECT_FALSE(queue_->CheckRoom(*client("a")).ok());
  EXPECT_THAT(Finish(), ElementsAre("1", "2"));
}

TEST_F(FairQueueTest, WhoHasTheMostGivesWay) {
  Make(3);
  Block();
  for (const char* task : {"a1", "a2", "a3"}) EXPECT_TRUE(Submit("a", task, 1).ok());
  EXPECT_TRUE(queue_->CheckRoom(*client("b")).ok());
  EXPECT_TRUE(Submit("b", "b1", 1).ok());
  EXPECT_FALSE(Submit("b", "b2", 1).ok()) << "two against two";
  EXPECT_EQ(metrics_.length, 3);
  const std::vector<std::string> order = Finish();
  EXPECT_EQ(order[0], "a3:OVERLOADED");
  EXPECT_THAT(order, ::testing::UnorderedElementsAre("a3:OVERLOADED", "a1", "a2", "b1"));
  EXPECT_EQ(metrics_.length, 0);
}

TEST_F(FairQueueTest, WhoFindsNoPlaceWaitsForOne) {
  Make(1, kPatient);
  Block();
  EXPECT_FALSE(queue_->full());
  for (const char* task : {"1", "2", "3", "4"}) {
    EXPECT_TRUE(queue_->CheckRoom(*client("a")).ok());
    EXPECT_TRUE(Submit("a", task, 50).ok());
    EXPECT_TRUE(queue_->full());
  }
  EXPECT_EQ(queue_->length(), 1);
  EXPECT_EQ(metrics_.length, 1);
  EXPECT_EQ(metrics_.overflow_length, 3);
  EXPECT_FALSE(queue_->CheckRoom(*client("a")).ok());
  const absl::Status refused = Submit("a", "5", 50);
  EXPECT_EQ(ReasonOf(refused), "OVERLOADED");
  EXPECT_THAT(refused.message(), HasSubstr("4 requests wait"));
  // All that waits counts, give or take a fifth.
  EXPECT_GE(RetryDelayOf(refused), milliseconds(160));
  EXPECT_LE(RetryDelayOf(refused), milliseconds(240));
  EXPECT_THAT(Finish(), ElementsAre("1", "2", "3", "4"));
  EXPECT_EQ(metrics_.length, 0);
  EXPECT_EQ(metrics_.overflow_length, 0);
  EXPECT_EQ(metrics_.waited, 5);
}

TEST_F(FairQueueTest, WhoGivesWayIsTheNextToGetAPlace) {
  Make(2, kPatient);
  Block();
  for (const char* task : {"a1", "a2", "a3"}) EXPECT_TRUE(Submit("a", task, 1).ok());
  EXPECT_TRUE(Submit("b", "b1", 1).ok());
  EXPECT_EQ(metrics_.overflow_length, 2);
  const std::vector<std::string> order = Finish();
  EXPECT_THAT(std::vector<std::string>(order.begin() + 2, order.end()), ElementsAre("a2", "a3"));
  EXPECT_THAT(order, ::testing::UnorderedElementsAre("a1", "a2", "a3", "b1"));
}

TEST_F(FairQueueTest, WhoHasWaitedEnoughIsRefused) {
  Make(1, {.capacity = 2, .patience = milliseconds(1)});
  Block();
  EXPECT_TRUE(Submit("a", "1", 50).ok());
  EXPECT_TRUE(Submit("a", "2", 50).ok());
  WaitFor(1);
  EXPECT_EQ(metrics_.overflow_length, 0);
  EXPECT_EQ(metrics_.length, 1);
  EXPECT_THAT(Finish(), ElementsAre("2:OVERLOADED", "1"));
}

TEST_F(FairQueueTest, QueueOfNothingStillServesIdleWorkers) {
  Make(0);
  Block();
  EXPECT_FALSE(Submit("a", "refused", 1).ok());
  EXPECT_TRUE(Finish().empty());
  Make(0);
  EXPECT_TRUE(Submit("a", "served", 1).ok());
  EXPECT_THAT(Finish(), ElementsAre("served"));
}

TEST_F(FairQueueTest, RefusesAtOnceWhatWouldWaitBeyondItsDeadline) {
  Make(10);
  Block();
  EXPECT_TRUE(Submit("a", "long", 60'000).ok());
  const absl::Status refused = Submit("b", "hurried", 1, FairQueue::Clock::now() + milliseconds(10'000));
  EXPECT_EQ(ReasonOf(refused), "OVERLOADED");
  EXPECT_TRUE(Submit("b", "patient", 1, FairQueue::Clock::now() + hours(1)).ok());
  EXPECT_THAT(Finish(), ::testing::UnorderedElementsAre("long", "patient"));
}

TEST_F(FairQueueTest, DoesNotBeginWhatCannotBeFinished) {
  Make(10);
  EXPECT_TRUE(Submit("a", "hopeless", 60'000, FairQueue::Clock::now() + milliseconds(10'000)).ok());
  EXPECT_THAT(Finish(), ElementsAre("hopeless:DEADLINE_TOO_SHORT"));
  Make(10);
  EXPECT_TRUE(Submit("a", "past", 0, FairQueue::Clock::now() - milliseconds(1)).ok());
  EXPECT_THAT(Finish(), ElementsAre("hopeless:DEADLINE_TOO_SHORT", "past:DEADLINE_TOO_SHORT"));
  Make(10);
  EXPECT_TRUE(Submit("a", "fine", 1'000, FairQueue::Clock::now() + hours(1)).ok());
  EXPECT_EQ(Finish().back(), "fine");
  EXPECT_EQ(metrics_.waited, 3);
}

TEST_F(FairQueueTest, ManyThreadsLoseNothing) {
  pool_ = std::make_unique<compute::ThreadPool>(3, 3);
  queue_ = std::make_unique<FairQueue>(pool_.get(), 4, OverflowLimits{.capacity = 8, .refusals_per_second = 1000},
                                       &metrics_);
  std::atomic<int> called = 0;
  std::atomic<int> refused = 0;
  std::latch all(2000);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, own = std::make_shared<Client>(std::to_string(t))] {
        for (int i = 0; i < 500; ++i) {
          const absl::Status status =
              queue_->Submit({.client = own, .expected_ns = 1e3, .run = [&](const absl::Status&) {
                                ++called;
                                all.count_down();
                              }});
          if (status.ok()) continue;
          ++refused;
          all.count_down();
        }
      });
    }
  }
  all.wait();
  pool_.reset();
  EXPECT_EQ(called + refused, 2000);
  EXPECT_EQ(queue_->length(), 0);
  EXPECT_EQ(metrics_.length, 0);
}

}  // namespace
}  // namespace tensord::server
