#include "tensord/compute/floating_point_mode.h"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <latch>
#include <limits>

#include "tensord/compute/thread_pool.h"

namespace tensord::compute {
namespace {

// Half of the smallest normal number, computed now: 0 where denormals are flushed.
float HalfOfTheSmallest() {
  volatile float smallest = std::numeric_limits<float>::min();
  volatile float half = 0.5F;
  return smallest * half;
}

// A denormal operand, doubled: 0 where denormals are taken for 0.
float DoubleOfADenormal() {
  volatile float denormal = std::numeric_limits<float>::denorm_min() * 1000;
  volatile float two = 2.0F;
  return denormal * two;
}

TEST(FloatingPointModeTest, ThreadsBeginWithDenormals) {
  EXPECT_FALSE(FloatingPointMode::Current().flushes());
  EXPECT_GT(HalfOfTheSmallest(), 0);
  EXPECT_GT(DoubleOfADenormal(), 0);
}

TEST(FloatingPointModeTest, FlushingHoldsInItsScopeOnly) {
  {
    const ScopedFloatingPointMode mode(FloatingPointMode::Current().Flushing());
    EXPECT_TRUE(FloatingPointMode::Current().flushes());
    EXPECT_EQ(HalfOfTheSmallest(), 0);
    EXPECT_EQ(DoubleOfADenormal(), 0);
    EXPECT_EQ(FloatingPointMode::Current().Flushing(), FloatingPointMode::Current());
  }
  EXPECT_FALSE(FloatingPointMode::Current().flushes());
  EXPECT_GT(HalfOfTheSmallest(), 0);
}

TEST(FloatingPointModeTest, PiecesOfALoopRunInTheModeOfWhoeverStartedIt) {
  ThreadPool pool(3, 0);
  for (const bool flushing : {true, false}) {
    const FloatingPointMode current = FloatingPointMode::Current();
    const ScopedFloatingPointMode mode(flushing ? current.Flushing() : current);
    // Each piece waits for the others, so that four threads have one each.
    std::latch all(4);
    std::atomic<int> flushed = 0;
    pool.ParallelFor(4, [&](int64_t) {
      all.arrive_and_wait();
      flushed += FloatingPointMode::Current().flushes() && HalfOfTheSmallest() == 0 ? 1 : 0;
    });
    EXPECT_EQ(flushed, flushing ? 4 : 0);
  }
}

TEST(FloatingPointModeTest, WorkersAreThemselvesAgainAfterALoop) {
  ThreadPool pool(2, 1);
  {
    const ScopedFloatingPointMode mode(FloatingPointMode::Current().Flushing());
    std::latch all(3);
    pool.ParallelFor(3, [&](int64_t) { all.arrive_and_wait(); });
  }
  std::latch done(2);
  std::atomic<int> flushing = 0;
  std::latch both(2);
  for (int i = 0; i < 2; ++i) {
    std::function<void()> task = [&] {
      both.arrive_and_wait();
      flushing += FloatingPointMode::Current().flushes() ? 1 : 0;
      done.count_down();
    };
    ASSERT_TRUE(pool.TrySubmit(task));
  }
  done.wait();
  EXPECT_EQ(flushing, 0);
}

}  // namespace
}  // namespace tensord::compute
