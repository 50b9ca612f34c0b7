#include "tests/support/matchers.h"

#include <gtest/gtest.h>

namespace tensord::test_support {
namespace {

using ::testing::Not;

const absl::Status kBad = absl::InvalidArgumentError("stride was 0");

TEST(MatchersTest, IsOkMatchesOkOnly) {
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(absl::StatusOr<int>(1), IsOk());
  EXPECT_THAT(kBad, Not(IsOk()));
  EXPECT_THAT(absl::StatusOr<int>(kBad), Not(IsOk()));
}

TEST(MatchersTest, StatusIsLooksAtTheCodeAndTheText) {
  EXPECT_THAT(kBad, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(absl::StatusOr<int>(kBad), StatusIs(absl::StatusCode::kInvalidArgument, "was 0"));
  EXPECT_THAT(kBad, Not(StatusIs(absl::StatusCode::kInvalidArgument, "was 1")));
  EXPECT_THAT(kBad, Not(StatusIs(absl::StatusCode::kInternal, "was 0")));
}

TEST(MatchersTest, FailuresSayWhatTheStatusWas) {
  ::testing::StringMatchResultListener listener;
  EXPECT_FALSE(::testing::ExplainMatchResult(IsOk(), kBad, &listener));
  EXPECT_THAT(listener.str(), ::testing::HasSubstr("stride was 0"));
}

}  // namespace
}  // namespace tensord::test_support
