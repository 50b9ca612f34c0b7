// No test sleeps: threads wait for each other on latches, and what would deadlock runs into the test's timeout.
#include "tensord/compute/thread_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <memory>
#include <numeric>

namespace tensord::compute {
namespace {

bool Submit(ThreadPool& pool, std::function<void()> task) { return pool.TrySubmit(task); }

// A task that says when it runs and waits until it may go on.
struct Blocker {
  std::latch running{1};
  std::latch release{1};
  std::function<void()> Task() {
    return [this] {
      running.count_down();
      release.wait();
    };
  }
};

class ThreadPoolSizesTest : public ::testing::TestWithParam<int> {};

TEST_P(ThreadPoolSizesTest, ParallelForCallsEveryPieceOnce) {
  ThreadPool pool(GetParam(), 0);
  EXPECT_EQ(pool.thread_count(), GetParam());
  for (const int64_t count : {0, 1, 2, 1000}) {
    std::vector<std::atomic<int>> calls(static_cast<size_t>(count));
    pool.ParallelFor(count, [&](int64_t i) { ++calls[static_cast<size_t>(i)]; });
    for (const std::atomic<int>& call : calls) EXPECT_EQ(call, 1);
  }
}

TEST_P(ThreadPoolSizesTest, LoopsInsideTasksAndInsideLoopsEndWithEveryWorkerBusy) {
  constexpr int kTasks = 12;
  ThreadPool pool(GetParam(), kTasks);
  std::atomic<int> pieces = 0;
  std::latch done(kTasks);
  for (int i = 0; i < kTasks; ++i) {
    ASSERT_TRUE(Submit(pool, [&] {
      pool.ParallelFor(10, [&](int64_t) { pool.ParallelFor(7, [&](int64_t) { ++pieces; }); });
      done.count_down();
    }));
  }
  done.wait();
  EXPECT_EQ(pieces, kTasks * 10 * 7);
}

TEST_P(ThreadPoolSizesTest, DestructionRunsWhatIsQueued) {
  std::atomic<int> ran = 0;
  Blocker blocker;
  {
    ThreadPool pool(GetParam(), 20);
    ASSERT_TRUE(Submit(pool, blocker.Task()));
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(Submit(pool, [&] { ++ran; }));
    blocker.release.count_down();
  }
  EXPECT_EQ(ran, 20);
}

TEST_P(ThreadPoolSizesTest, LoopsFromManyOutsideThreadsAllEnd) {
  ThreadPool pool(GetParam(), 0);
  std::atomic<int> pieces = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 50; ++j) pool.ParallelFor(20, [&](int64_t) { ++pieces; });
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(pieces, 4 * 50 * 20);
}

INSTANTIATE_TEST_SUITE_P(Threads, ThreadPoolSizesTest, ::testing::Values(1, 2, 5));

TEST(ThreadPoolTest, AFullQueueRefusesAndLeavesTheTaskUntouched) {
  Blocker blocker;
  std::atomic<int> ran = 0;
  ThreadPool pool(1, 2);
  ASSERT_TRUE(Submit(pool, blocker.Task()));
  blocker.running.wait();
  EXPECT_EQ(pool.running_count(), 1);
  EXPECT_TRUE(Submit(pool, [&] { ++ran; }));
  EXPECT_TRUE(Submit(pool, [&] { ++ran; }));
  EXPECT_EQ(pool.queued_count(), 2);
  std::function<void()> refused = [&] { ran += 100; };
  EXPECT_FALSE(pool.TrySubmit(refused));
  ASSERT_TRUE(refused != nullptr);
  refused();
  EXPECT_EQ(ran, 100);
  blocker.release.count_down();
}

TEST(ThreadPoolTest, AQueueOfCapacityZeroTakesOneTaskPerIdleWorker) {
  Blocker first;
  Blocker second;
  ThreadPool pool(2, 0);
  EXPECT_TRUE(Submit(pool, first.Task()));
  EXPECT_TRUE(Submit(pool, second.Task()));
  first.running.wait();
  second.running.wait();
  EXPECT_FALSE(Submit(pool, [] {}));
  first.release.count_down();
  second.release.count_down();
}

TEST(ThreadPoolTest, AnIdleWorkerHelpsWithATasksLoop) {
  ThreadPool pool(2, 1);
  std::latch together(2);
  std::latch done(1);
  // Two pieces that wait for each other need two threads.
  ASSERT_TRUE(Submit(pool, [&] {
    pool.ParallelFor(2, [&](int64_t) { together.arrive_and_wait(); });
    done.count_down();
  }));
  done.wait();
}

TEST(ThreadPoolTest, TasksRunInTheOrderOfTheQueue) {
  std::vector<int> order;
  Blocker blocker;
  {
    ThreadPool pool(1, 5);
    ASSERT_TRUE(Submit(pool, blocker.Task()));
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(Submit(pool, [&order, i] { order.push_back(i); }));
    blocker.release.count_down();
  }
  std::vector<int> expected(5);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(order, expected);
}

TEST(ThreadPoolTest, CountsFallBackToZero) {
  std::latch done(1);
  ThreadPool pool(2, 2);
  ASSERT_TRUE(Submit(pool, [&] { done.count_down(); }));
  done.wait();
  while (pool.running_count() > 0) std::this_thread::yield();
  EXPECT_EQ(pool.queued_count(), 0);
}

}  // namespace
}  // namespace tensord::compute
