// That a pooling stops soon after it is cancelled, also in the middle of one enormous window.
#include "compute/src/internal/pooling_plan.h"

#include <gtest/gtest.h>

#include "tests/compute/pooling_cases.h"

namespace tensord::compute::internal {
namespace {

class PoolingPlanTest : public ::testing::Test {
 protected:
  SerialExecutor serial_;
  CancelFlag flag_;
  ExecutionContext context_{.executor = &serial_, .cancel = &flag_};

  // How many elements of the only window are visited before and after `cancel_after` of them.
  int64_t Visited(const Shape& shape, const PoolingConventions& conventions, int64_t cancel_after) {
    const PoolingGeometry geometry = Resolved(PoolingKind::kMax, conventions, shape);
    const PoolingPlan plan(geometry, 1024);
    const PoolingBlock block = plan.Block(0);
    CancelPoll poll(context_);
    int64_t visited = 0;
    const std::array<Span, 3> spans = {SpanAt(plan.windows[0], 0), SpanAt(plan.windows[1], 0),
                                       SpanAt(plan.windows[2], 0)};
    ForEachRun(plan, spans, block, block.lanes, poll, [&](int64_t, int64_t, int64_t count) {
      visited += count * block.lanes;
      if (visited >= cancel_after) flag_.Cancel();
    });
    return visited;
  }
};

TEST_F(PoolingPlanTest, ALongRowIsLeftSoonAfterCancelling) {
  const int64_t visited = Visited({1 << 30}, {.window = {1 << 30}}, 1 << 20);
  EXPECT_GE(visited, 1 << 20);
  EXPECT_LE(visited, (1 << 20) + 3 * CancelPoll::kElements);
}

TEST_F(PoolingPlanTest, ManyShortRowsAreLeftSoonAfterCancelling) {
  const int64_t visited = Visited({1 << 20, 1 << 10}, {.window = {1 << 20, 1 << 10}}, 1 << 20);
  EXPECT_GE(visited, 1 << 20);
  EXPECT_LE(visited, (1 << 20) + 3 * CancelPoll::kElements);
}

TEST_F(PoolingPlanTest, LanesCountAsElements) {
  const PoolingConventions conventions{.input_layout = "WC", .window = {1 << 20}};
  const int64_t visited = Visited({1 << 20, 512}, conventions, 1 << 20);
  EXPECT_GE(visited, 1 << 20);
  EXPECT_LE(visited, (1 << 20) + 3 * CancelPoll::kElements);
}

TEST_F(PoolingPlanTest, WithoutCancellingEveryElementIsVisited) {
  EXPECT_EQ(Visited({300, 70000}, {.window = {300, 70000}}, int64_t{1} << 40), 300 * 70000);
}

}  // namespace
}  // namespace tensord::compute::internal
