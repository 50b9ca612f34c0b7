#include "tests/support/builders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tensord::test_support {
namespace {

using compute::DataType;
using compute::Tensor;
using ::testing::ElementsAre;

TEST(BuildersTest, MakeTensorKeepsValuesInOrder) {
  for (const DataType type : {DataType::kFloat32, DataType::kFloat64, DataType::kInt8, DataType::kInt64}) {
    const Tensor tensor = MakeTensor(type, {2, 2}, {1, 2, 3, -4});
    EXPECT_EQ(tensor.type(), type);
    EXPECT_EQ(tensor.shape(), (compute::Shape{2, 2}));
    EXPECT_THAT(ToDoubles(tensor), ElementsAre(1, 2, 3, -4));
  }
}

TEST(BuildersTest, RandomTensorsAreTheSameForTheSameSeedOnly) {
  EXPECT_EQ(ToDoubles(RealTensor(DataType::kFloat64, {50}, 1)), ToDoubles(RealTensor(DataType::kFloat64, {50}, 1)));
  EXPECT_NE(ToDoubles(RealTensor(DataType::kFloat64, {50}, 1)), ToDoubles(RealTensor(DataType::kFloat64, {50}, 2)));
}

TEST(BuildersTest, IntegersReachBothEndsOfTheirRange) {
  const std::vector<double> values = ToDoubles(IntegerTensor(DataType::kFloat32, {500}, 3, -2, 2));
  EXPECT_EQ(*std::min_element(values.begin(), values.end()), -2);
  EXPECT_EQ(*std::max_element(values.begin(), values.end()), 2);
  EXPECT_EQ(std::count(values.begin(), values.end(), 0.5), 0);
}

TEST(BuildersTest, RealsStayInTheirRange) {
  for (const double value : ToDoubles(RealTensor(DataType::kFloat64, {500}, 4, -3, 5))) {
    EXPECT_GE(value, -3);
    EXPECT_LT(value, 5);
  }
}

TEST(BuildersTest, GammaGrowsWithTheNumberOfOperations) {
  EXPECT_EQ(Gamma(0, DataType::kFloat32), 0);
  EXPECT_NEAR(Gamma(3, DataType::kFloat32), 3 * 0x1p-24, 1e-12);
  EXPECT_GT(Gamma(3, DataType::kFloat64), 3 * 0x1p-53);
}

}  // namespace
}  // namespace tensord::test_support
