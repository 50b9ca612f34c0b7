// Activations of 16-bit numbers against those of float32, and unpooling of any bits.
#include "tensord/compute/any_type.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "tensord/compute/floating_point_mode.h"
#include "tests/compute/numeric_cases.h"
#include "tests/compute/pooling_cases.h"
#include "tests/support/builders.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::FloatingValues;
using test_support::IsOk;
using test_support::MakeFloating;
using test_support::SameBits;

SerialExecutor serial;
const ExecutionContext kSerially{.executor = &serial};
constexpr DataType kHalves[] = {DataType::kFloat16, DataType::kBfloat16};

Tensor Wide(const Tensor& tensor) {
  return test_support::MakeTensor(DataType::kFloat32, tensor.shape(), FloatingValues(tensor));
}
Tensor Narrow(DataType type, const Tensor& tensor) {
  return MakeFloating(type, tensor.shape(), FloatingValues(tensor));
}

TEST(AnyTypeTest, ElementwiseFunctionsOfHalvesAreRoundedOnce) {
  int functions = 0;
  for (const ActivationKind kind : kAllActivationKinds) {
    if (!IsElementwise(kind)) continue;
    ++functions;
    Violations violations;
    const auto activation = ResolveActivation({.kind = kind}, Profile::kNone, "", violations);
    ASSERT_TRUE(activation.has_value());
    for (const DataType type : kHalves) {
      const Tensor x = test_support::HardTensor(type, {500}, 1, 1);
      const Tensor dy = test_support::HardTensor(type, {500}, 2, 0);
      const auto y = ActivateAnyType(*activation, x.view(), kSerially);
      const auto dx = ActivateBackwardAnyType(*activation, x.view(), dy.view(), kSerially);
      const auto wide_y = Activate(*activation, Wide(x).view(), kSerially);
      const auto wide_dx = ActivateBackward(*activation, Wide(x).view(), Wide(dy).view(), kSerially);
      ASSERT_THAT(y, IsOk());
      ASSERT_THAT(dx, IsOk());
      EXPECT_TRUE(SameBits(y->view(), Narrow(type, *wide_y).view())) << Name(kind) << " " << Name(type);
      EXPECT_TRUE(SameBits(dx->view(), Narrow(type, *wide_dx).view())) << Name(kind) << " " << Name(type);
    }
  }
  EXPECT_EQ(functions, 20);
}

TEST(AnyTypeTest, SoftmaxAndPreluOfHalvesAreRoundedOnce) {
  const SlopeBroadcast per_column{.match = SlopeMatch::kTrailing, .strides = {0, 1}};
  for (const DataType type : kHalves) {
    const Tensor x = test_support::HardTensor(type, {20, 5}, 1, 0);
    const Tensor dy = test_support::HardTensor(type, {20, 5}, 2, 0);
    for (const ActivationKind kind : {ActivationKind::kSoftmax, ActivationKind::kLogSoftmax}) {
      const auto y = SoftmaxAnyType(kind, x.view(), 1, kSerially);
      const auto dx = SoftmaxBackwardAnyType(kind, x.view(), 1, dy.view(), kSerially);
      ASSERT_THAT(y, IsOk());
      ASSERT_THAT(dx, IsOk());
      const auto wide_y = Softmax(kind, Wide(x).view(), 1, kSerially);
      const auto wide_dx = SoftmaxBackward(kind, Wide(x).view(), 1, Wide(dy).view(), kSerially);
      EXPECT_TRUE(SameBits(y->view(), Narrow(type, *wide_y).view()));
      EXPECT_TRUE(SameBits(dx->view(), Narrow(type, *wide_dx).view()));
    }
    const Tensor slopes = test_support::HardTensor(type, {5}, 3, 0);
    const auto y = PreluAnyType(x.view(), slopes.view(), per_column, kSerially);
    const auto back =
        PreluBackwardAnyType(x.view(), slopes.view(), per_column, KinkSlope::kLeft, dy.view(), true, kSerially);
    ASSERT_THAT(y, IsOk());
    ASSERT_THAT(back, IsOk());
    const auto wide_y = Prelu(Wide(x).view(), Wide(slopes).view(), per_column, kSerially);
    const auto wide_back = PreluBackward(Wide(x).view(), Wide(slopes).view(), per_column, KinkSlope::kLeft,
                                         Wide(dy).view(), true, kSerially);
    EXPECT_TRUE(SameBits(y->view(), Narrow(type, *wide_y).view()));
    EXPECT_TRUE(SameBits(back->input.view(), Narrow(type, wide_back->input).view()));
    EXPECT_TRUE(SameBits(back->slopes->view(), Narrow(type, *wide_back->slopes).view()));
  }
}

TEST(AnyTypeTest, IntegersHaveNoActivation) {
  const Tensor x = test_support::MakeTensor(DataType::kInt32, {2}, {1, 2});
  EXPECT_THAT(ActivateAnyType({.kind = ActivationKind::kRelu}, x.view(), kSerially),
              test_support::StatusIs(absl::StatusCode::kUnimplemented));
}

// Any bits: NaNs with payloads, denormals, everything.
Tensor AnyBits(DataType type, const Shape& shape, uint64_t seed) {
  test_support::Random random(seed);
  auto tensor = Tensor::Allocate(type, shape);
  for (int64_t i = 0; i < tensor->size_bytes(); ++i) {
    static_cast<unsigned char*>(tensor->data())[i] = static_cast<unsigned char>(random.Bits());
  }
  return *std::move(tensor);
}

TEST(AnyTypeTest, UnpoolingMovesTheBitsOfEveryType) {
  const PoolingGeometry geometry =
      Resolved(PoolingKind::kMax, {.input_layout = "HW", .window = {2}, .index_base = IndexBase::kPlane}, {4, 6});
  auto indices = Tensor::Allocate(DataType::kInt64, {2, 3});
  const int64_t places[] = {7, 2, 11, 12, 21, 16};
  std::memcpy(indices->data(), places, sizeof(places));
  const ScopedFloatingPointMode flushing(FloatingPointMode::Current().Flushing());
  for (const DataType type : kAllDataTypes) {
    const auto size = static_cast<size_t>(ItemSize(type));
    const Tensor y = AnyBits(type, {2, 3}, 5);
    Violations violations;
    const auto x = UnpoolAnyType(geometry, y.view(), indices->view(), {}, kSerially, violations);
    ASSERT_THAT(x, IsOk()) << Name(type);
    EXPECT_EQ(x->type(), type);
    auto expected = Tensor::Zeros(type, {4, 6});
    for (size_t i = 0; i < 6; ++i) {
      std::memcpy(static_cast<char*>(expected->data()) + static_cast<size_t>(places[i]) * size,
                  static_cast<const char*>(y.data()) + i * size, size);
    }
    EXPECT_EQ(std::memcmp(x->data(), expected->data(), 24 * size), 0) << Name(type);
    const auto back = UnpoolBackwardAnyType(geometry, indices->view(), x->view(), {}, kSerially, violations);
    ASSERT_THAT(back, IsOk()) << Name(type);
    EXPECT_EQ(back->type(), type);
    EXPECT_EQ(std::memcmp(back->data(), y.data(), 6 * size), 0) << Name(type);
  }
}

TEST(AnyTypeTest, CostsCountTheCopies) {
  const Shape shape = {1000};
  EXPECT_EQ(ActivationAnyTypeCost(shape, DataType::kFloat32).scratch_bytes,
            ActivationCost(shape, DataType::kFloat32).scratch_bytes);
  const Cost half = ActivationAnyTypeCost(shape, DataType::kFloat16);
  EXPECT_EQ(half.result_bytes, 2000);
  EXPECT_GE(half.scratch_bytes, 3 * 4000);
  EXPECT_EQ(PreluBackwardAnyTypeCost(shape, {10}, DataType::kBfloat16, true).result_bytes, 2020);
  EXPECT_EQ(SoftmaxAnyTypeCost(shape, DataType::kFloat64).result_bytes, 8000);
}

}  // namespace
}  // namespace tensord::compute
