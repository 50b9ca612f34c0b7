// Memory that runs out where the pool takes a task, or starts a loop: it throws and stays as it was.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <new>
#include <thread>

#include "tensord/compute/thread_pool.h"
#include "tests/allocation/failing_allocator.h"

namespace tensord::allocation {
namespace {

// Captures more than std::function keeps inside itself, so that losing it would show.
struct Task {
  std::shared_ptr<std::atomic<int>> runs;
  std::array<char, 64> more{};
  void operator()() const { runs->fetch_add(1); }
};

TEST(PoolAllocationTest, TrySubmitTakesTheTaskOrThrowsAndLeavesIt) {
  const auto runs = std::make_shared<std::atomic<int>>(0);
  int accepted = 0;
  int failures = 0;
  {
    compute::ThreadPool pool(/*thread_count=*/1, /*queue_capacity=*/10'000);
    for (int i = 0; i < 5'000; ++i) {  // a deque takes a block of memory every few elements
      std::function<void()> task = Task{.runs = runs};
      bool threw = false;
      bool taken = false;
      {
        const FailureScope scope(1, 1);
        try {
          taken = pool.TrySubmit(task);
        } catch (const std::bad_alloc&) {
          threw = true;
        }
      }
      EXPECT_EQ(task == nullptr, taken) << "a task that was not taken is untouched";
      failures += threw ? 1 : 0;
      if (threw) taken = pool.TrySubmit(task);
      accepted += taken ? 1 : 0;
    }
  }
  EXPECT_EQ(accepted, 5'000);
  EXPECT_EQ(runs->load(), accepted) << "every task that was taken ran, once";
  EXPECT_GT(failures, 0) << "no allocation failed: the test is void";
}

TEST(PoolAllocationTest, ParallelForRunsTheWholeLoopOrThrowsAndRunsNothing) {
  compute::ThreadPool pool(/*thread_count=*/3, /*queue_capacity=*/1);
  const int64_t live = LiveCount();
  int failures = 0;
  for (int64_t first = 1; first <= 20; ++first) {
    std::atomic<int64_t> ran = 0;
    bool threw = false;
    {
      const FailureScope scope(first, 1);
      try {
        pool.ParallelFor(100, [&ran](int64_t) { ran.fetch_add(1); });
      } catch (const std::bad_alloc&) {
        threw = true;
      }
    }
    failures += threw ? 1 : 0;
    EXPECT_EQ(ran.load(), threw ? 0 : 100);
    pool.ParallelFor(100, [&ran](int64_t) { ran.fetch_add(1); });
    EXPECT_EQ(ran.load(), threw ? 100 : 200) << "the pool works on";
  }
  EXPECT_GT(failures, 0) << "no allocation failed: the test is void";
  // A worker may still hold the last loop for a moment.
  for (int i = 0; i < 1'000 && LiveCount() != live; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(LiveCount(), live);
}

}  // namespace
}  // namespace tensord::allocation
