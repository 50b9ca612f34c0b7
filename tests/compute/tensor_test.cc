#include "tensord/compute/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <utility>

#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::IsOk;
using test_support::StatusIs;

TEST(TensorTest, AnAllocatedTensorKnowsItsTypeShapeAndSize) {
  const auto tensor = Tensor::Allocate(DataType::kFloat64, {3, 4});
  ASSERT_THAT(tensor, IsOk());
  EXPECT_EQ(tensor->type(), DataType::kFloat64);
  EXPECT_EQ(tensor->shape(), (Shape{3, 4}));
  EXPECT_EQ(tensor->element_count(), 12);
  EXPECT_EQ(tensor->size_bytes(), 96);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor->data()) % kTensorAlignment, 0u);
}

TEST(TensorTest, ZerosAreZero) {
  const auto tensor = Tensor::Zeros(DataType::kInt64, {1000});
  ASSERT_THAT(tensor, IsOk());
  for (int64_t i = 0; i < 1000; ++i) EXPECT_EQ(tensor->As<int64_t>()[i], 0);
}

TEST(TensorTest, AnEmptyTensorHasDataThatIsNotNull) {
  const auto tensor = Tensor::Allocate(DataType::kFloat32, {0, 7});
  ASSERT_THAT(tensor, IsOk());
  EXPECT_EQ(tensor->element_count(), 0);
  EXPECT_NE(tensor->data(), nullptr);
}

TEST(TensorTest, MovingKeepsTheDataInPlace) {
  auto tensor = Tensor::Zeros(DataType::kFloat32, {4});
  ASSERT_THAT(tensor, IsOk());
  const void* data = tensor->data();
  const Tensor moved = *std::move(tensor);
  EXPECT_EQ(moved.data(), data);
  EXPECT_EQ(moved.view().data, data);
  EXPECT_EQ(moved.view().shape, (Shape{4}));
}

TEST(TensorTest, SizesThatOverflowAreRefused) {
  EXPECT_THAT(Tensor::Allocate(DataType::kFloat32, {kMaxSize, kMaxSize}),
              StatusIs(absl::StatusCode::kResourceExhausted, "2147483647"));
  EXPECT_THAT(Tensor::Allocate(DataType::kUint8, {int64_t{1} << 32, int64_t{1} << 32}),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(Tensor::Allocate(DataType::kUint8, {std::numeric_limits<int64_t>::max()}),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(Tensor::Zeros(DataType::kFloat32, {-1}), StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace tensord::compute
