#include "server/rpc/overflow.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace tensord::server {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using TimePoint = Overflow<int>::TimePoint;

constexpr TimePoint kStart{std::chrono::hours(1)};

TEST(OverflowTest, NothingWaitsWhereThereIsNone) {
  Overflow<int> overflow({});
  EXPECT_TRUE(overflow.full());
  EXPECT_TRUE(overflow.empty());
  TimePoint next;
  EXPECT_FALSE(overflow.TakeOverdue(kStart, next).has_value());
  EXPECT_EQ(next, TimePoint::max());
}

TEST(OverflowTest, TheOldestIsFirst) {
  Overflow<int> overflow({.capacity = 3});
  overflow.PushBack(1, kStart);
  overflow.PushBack(2, kStart + milliseconds(1));
  EXPECT_FALSE(overflow.full());
  overflow.PushFront(0, kStart - milliseconds(1));
  EXPECT_TRUE(overflow.full());
  std::vector<int> order;
  while (!overflow.empty()) {
    order.push_back(overflow.oldest());
    overflow.PopOldest();
  }
  EXPECT_THAT(order, ElementsAre(0, 1, 2));
}

TEST(OverflowTest, RefusesNobodyBeforeItsTime) {
  Overflow<int> overflow({.capacity = 2, .patience = milliseconds(5)});
  overflow.PushBack(1, kStart);
  overflow.PushBack(2, kStart + milliseconds(3));
  TimePoint next;
  EXPECT_FALSE(overflow.TakeOverdue(kStart + milliseconds(4), next).has_value());
  EXPECT_EQ(next, kStart + milliseconds(5));
  EXPECT_EQ(overflow.TakeOverdue(next, next), 1);
  EXPECT_FALSE(overflow.TakeOverdue(kStart + milliseconds(5), next).has_value());
  EXPECT_EQ(next, kStart + milliseconds(8));
  EXPECT_EQ(overflow.TakeOverdue(next, next), 2);
  EXPECT_FALSE(overflow.TakeOverdue(next, next).has_value());
  EXPECT_EQ(next, TimePoint::max());
}

TEST(OverflowTest, RefusesAtItsPace) {
  // A burst of ten, then one each tenth of a second.
  Overflow<int> overflow({.capacity = 100, .refusals_per_second = 10});
  for (int i = 0; i < 20; ++i) overflow.PushBack(int{i}, kStart);
  TimePoint next;
  for (int i = 0; i < 10; ++i) EXPECT_EQ(overflow.TakeOverdue(kStart, next), i);
  for (int i = 10; i < 20; ++i) {
    EXPECT_FALSE(overflow.TakeOverdue(next, next).has_value());
    EXPECT_NEAR(std::chrono::duration<double>(next - kStart).count(), (i - 9) * 0.1, 1e-3);
    EXPECT_EQ(overflow.TakeOverdue(next, next), i);
  }
}

TEST(OverflowTest, HoldsWhatOnlyMoves) {
  Overflow<std::unique_ptr<int>> overflow({.capacity = 1});
  overflow.PushBack(std::make_unique<int>(7), kStart);
  TimePoint next;
  const auto overdue = overflow.TakeOverdue(kStart, next);
  ASSERT_TRUE(overdue.has_value());
  EXPECT_EQ(**overdue, 7);
}

}  // namespace
}  // namespace tensord::server
