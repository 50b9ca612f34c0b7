#include "tensord/compute/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::IsOk;
using test_support::StatusIs;

std::string PayloadOf(const absl::Status& status, absl::string_view url) {
  const auto payload = status.GetPayload(url);
  return payload.has_value() ? std::string(*payload) : "(none)";
}

TEST(LimitsTest, SumsAndProductsSaturate) {
  EXPECT_EQ(SaturatingAdd(2, 3), 5);
  EXPECT_EQ(SaturatingAdd(kSaturatedCost, 1), kSaturatedCost);
  EXPECT_EQ(SaturatingMultiply(6, 7), 42);
  EXPECT_EQ(SaturatingMultiply(int64_t{1} << 32, int64_t{1} << 32), kSaturatedCost);
  EXPECT_EQ(SaturatingMultiply(kSaturatedCost, 0), 0);
}

TEST(LimitsTest, ATensorUpToTheLimitPasses) {
  const Limits limits{.max_tensor_bytes = 400, .max_multiplication_count = 1};
  EXPECT_THAT(CheckTensorSize({10, 10}, DataType::kFloat32, "input", limits), IsOk());
  const absl::Status status = CheckTensorSize({10, 11}, DataType::kFloat32, "input", limits);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, "440 bytes"));
  EXPECT_EQ(PayloadOf(status, kReasonPayload), "TENSOR_TOO_LARGE");
  EXPECT_EQ(PayloadOf(status, kFieldPayload), "input");
}

TEST(LimitsTest, AnEmptyBatchDoesNotHideAbsurdSizes) {
  EXPECT_THAT(CheckTensorSize({0, kMaxSize, kMaxSize, kMaxSize}, DataType::kFloat32, "input", {}),
              StatusIs(absl::StatusCode::kResourceExhausted, "more than 2^63"));
}

TEST(LimitsTest, SizesWhoseProductWrapsToZeroAreTooLarge) {
  const int64_t half = int64_t{1} << 32;
  EXPECT_THAT(CheckTensorSize({half, half}, DataType::kUint8, "input", {}),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(LimitsTest, WorkUpToTheLimitPasses) {
  const Limits limits{.max_tensor_bytes = 1, .max_multiplication_count = 100};
  EXPECT_THAT(CheckWork({.multiplication_count = 100}, limits), IsOk());
  const absl::Status status = CheckWork({.multiplication_count = 101}, limits);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, "101 multiplications"));
  EXPECT_EQ(PayloadOf(status, kReasonPayload), "WORK_TOO_LARGE");
  EXPECT_EQ(PayloadOf(status, kFieldPayload), "(none)");
  EXPECT_THAT(CheckWork({.multiplication_count = kSaturatedCost}, limits),
              StatusIs(absl::StatusCode::kResourceExhausted, "more than 2^63"));
}

}  // namespace
}  // namespace tensord::compute
