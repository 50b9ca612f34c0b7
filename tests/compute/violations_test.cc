#include "tensord/compute/violations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::IsOk;
using test_support::StatusIs;

TEST(ViolationsTest, NoneIsOk) {
  const Violations violations;
  EXPECT_TRUE(violations.empty());
  EXPECT_THAT(violations.ToStatus(), IsOk());
}

TEST(ViolationsTest, TheMessageNamesFieldsInOrder) {
  Violations violations;
  violations.Add("input.shape[1]", "was 0, has to be at least 1");
  violations.Add("conventions.groups", "was -1");
  EXPECT_EQ(violations.ToStatus().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(violations.ToStatus().message(), "input.shape[1]: was 0, has to be at least 1; conventions.groups: was -1");
}

TEST(ViolationsTest, TheFirst16AreKeptAndAllAreCounted) {
  Violations violations;
  for (size_t i = 0; i < 40; ++i) violations.Add(Indexed("f", i), "wrong");
  EXPECT_EQ(violations.total(), 40u);
  ASSERT_EQ(violations.kept().size(), 16u);
  EXPECT_EQ(violations.kept()[15].field, "f[15]");
  EXPECT_THAT(violations.ToStatus(), StatusIs(absl::StatusCode::kInvalidArgument, "and 24 more"));
}

TEST(ViolationsTest, TheMessageIsAtMostOneKibibyte) {
  Violations one;
  one.Add("field", std::string(5000, 'x'));
  EXPECT_LE(one.ToStatus().message().size(), 1024u);
  Violations many;
  for (int i = 0; i < 16; ++i) many.Add("field", std::string(200, 'x'));
  EXPECT_LE(many.ToStatus().message().size(), 1024u);
  EXPECT_THAT(many.ToStatus(), StatusIs(absl::StatusCode::kInvalidArgument, "more"));
}

TEST(ViolationsTest, IndexedNamesAnEntry) { EXPECT_EQ(Indexed("conventions.strides", 1), "conventions.strides[1]"); }

}  // namespace
}  // namespace tensord::compute
