#include "tests/support/calculus.h"

#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

namespace tensord::test_support {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

TEST(InnerProductTest, AddsUpTheProducts) {
  EXPECT_EQ(InnerProduct(std::vector<double>{1, 2, -3}, std::vector<double>{4, 5, 6}), -4);
  EXPECT_EQ(InnerProduct(std::vector<double>{}, std::vector<double>{}), 0);
}

TEST(InnerProductTest, FailsForDifferentLengths) {
  EXPECT_NONFATAL_FAILURE(InnerProduct(std::vector<double>{1, 2}, std::vector<double>{1}), "a.size()");
}

TEST(CentralDifferencesTest, AreTheGradientOfAQuadraticForm) {
  std::vector<double> x = {3, -2};
  const auto value = [&]() -> long double { return x[0] * x[0] + 5 * x[0] * x[1]; };
  EXPECT_THAT(CentralDifferences(x, 0x1p-10, value), ElementsAre(DoubleNear(-4, 1e-9), DoubleNear(15, 1e-9)));
  EXPECT_THAT(x, ElementsAre(3, -2));
}

}  // namespace
}  // namespace tensord::test_support
