#include "client/load/schedule.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace tensord::load {
namespace {

TEST(ScheduleTest, FixedArrivalsDoNotDrift) {
  Schedule schedule(3.0, Arrivals::kFixed, 1);
  EXPECT_EQ(schedule.Next(), 0);
  EXPECT_EQ(schedule.Next(), 333'333'333);
  int64_t last = 0;
  for (int i = 2; i <= 3'000'000; ++i) last = schedule.Next();
  EXPECT_EQ(last, 1'000'000'000'000'000);
}

TEST(ScheduleTest, PoissonArrivalsHaveTheRateAndItsSpread) {
  Schedule schedule(1000.0, Arrivals::kPoisson, 1);
  constexpr int kCount = 100'000;
  int64_t last = 0;
  int shorter_than_mean = 0;
  for (int i = 0; i < kCount; ++i) {
    const int64_t next = schedule.Next();
    ASSERT_GE(next, last);
    shorter_than_mean += next - last < 1'000'000 ? 1 : 0;
    last = next;
  }
  // A hundred seconds; the standard deviation of their sum is 0.32 s.
  EXPECT_NEAR(static_cast<double>(last) / 1e9, 100.0, 1.5);
  // 1 - 1/e of exponential distances are below their mean; of fixed ones none or all.
  EXPECT_NEAR(static_cast<double>(shorter_than_mean) / kCount, 0.632, 0.01);
}

TEST(ScheduleTest, TheSeedDecides) {
  Schedule one(10.0, Arrivals::kPoisson, 1), same(10.0, Arrivals::kPoisson, 1), other(10.0, Arrivals::kPoisson, 2);
  const int64_t first = one.Next();
  EXPECT_EQ(first, same.Next());
  EXPECT_NE(first, other.Next());
}

}  // namespace
}  // namespace tensord::load
