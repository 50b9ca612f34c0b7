#include "client/cli/elements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "client/cli/number.h"
#include "tests/client/cli/tensor_text.h"

namespace tensord::cli {
namespace {

using ::testing::HasSubstr;

TEST(NumberTest, WritesTheShortestDecimalThatReadsBack) {
  EXPECT_EQ(NumberText(6.0F), "6");
  EXPECT_EQ(NumberText(-0.0F), "-0.0");
  EXPECT_EQ(NumberText(0.1F), "0.1");
  EXPECT_EQ(NumberText(0.1), "0.1");
  EXPECT_EQ(NumberText(1.0F / 3), "0.33333334");
  EXPECT_EQ(NumberText(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(NumberText(std::numeric_limits<float>::quiet_NaN()), "NaN");
  EXPECT_EQ(NumberText(-std::numeric_limits<double>::infinity()), "-Infinity");
}

TEST(NumberTest, ReadsWhatItWrites) {
  for (const float value : {1e-45F, 3.4028235e38F, 16777216.0F, 0.3F, -1.17549435e-38F}) {
    EXPECT_EQ(ParseFloat(NumberText(value)), value);
  }
  for (const double value : {5e-324, 1.7976931348623157e308, 0.1, 9007199254740993.0}) {
    EXPECT_EQ(ParseDouble(NumberText(value)), value);
  }
}

TEST(NumberTest, RoundsWhatIsTooSmallAndRefusesWhatIsTooLarge) {
  EXPECT_EQ(ParseFloat("1e-60"), 0.0F);
  EXPECT_EQ(ParseFloat("1e39"), std::nullopt);
  EXPECT_EQ(ParseDouble("1e400"), std::nullopt);
  EXPECT_EQ(ParseDouble("1x"), std::nullopt);
  EXPECT_EQ(ParseDouble(""), std::nullopt);
  EXPECT_EQ(ParseDouble("+2"), 2.0);
  EXPECT_EQ(ParseDouble("+-2"), std::nullopt);
}

v1::Tensor Reals(std::initializer_list<double> values) {
  ElementBuilder builder(v1::DATA_TYPE_FLOAT64);
  for (const double value : values) EXPECT_TRUE(builder.AppendReal(value).ok());
  return MakeTensor(v1::DATA_TYPE_FLOAT64, {static_cast<int64_t>(values.size())}, builder.Take());
}

v1::Tensor Integers(std::initializer_list<int64_t> values) {
  ElementBuilder builder(v1::DATA_TYPE_INT64);
  for (const int64_t value : values) EXPECT_TRUE(builder.AppendInteger(value).ok());
  return MakeTensor(v1::DATA_TYPE_INT64, {1, static_cast<int64_t>(values.size())}, builder.Take());
}

TEST(ConvertTest, RoundsRealsIntoFloatingTypes) {
  EXPECT_EQ(Show(ConvertTo(Reals({0.1, -2}), v1::DATA_TYPE_FLOAT32)), "float32 2 [0.1,-2]");
  EXPECT_EQ(Show(ConvertTo(Reals({0.1}), v1::DATA_TYPE_FLOAT16)), "float16 1 [0.099975586]");
}

TEST(ConvertTest, NamesTheFirstElementThatDoesNotFit) {
  EXPECT_EQ(Show(ConvertTo(Integers({1, 300, 400}), v1::DATA_TYPE_UINT8)),
            "error: element (0,1) is 300, which uint8 cannot hold");
  EXPECT_EQ(Show(ConvertTo(Reals({1, 2.5}), v1::DATA_TYPE_INT32)),
            "error: element (1) is 2.5, which int32 cannot hold");
  EXPECT_EQ(Show(ConvertTo(Reals({1e39}), v1::DATA_TYPE_FLOAT32)),
            "error: element (0) is 1e+39, which float32 cannot hold");
  EXPECT_EQ(Show(ConvertTo(Reals({std::nan("")}), v1::DATA_TYPE_INT8)),
            "error: element (0) is NaN, which int8 cannot hold");
  EXPECT_EQ(Show(ConvertTo(Integers({16777217}), v1::DATA_TYPE_FLOAT32)),
            "error: element (0,0) is 16777217, which float32 cannot hold");
  EXPECT_EQ(Show(ConvertTo(Integers({int64_t{9223372036854775807}}), v1::DATA_TYPE_FLOAT64)),
            "error: element (0,0) is 9223372036854775807, which float64 cannot hold");
}

TEST(ConvertTest, KeepsInfinitiesAndTheExtremesOfIntegers) {
  EXPECT_EQ(Show(ConvertTo(Reals({HUGE_VAL}), v1::DATA_TYPE_FLOAT32)), "float32 1 [\"Infinity\"]");
  EXPECT_EQ(Show(ConvertTo(Integers({-128, 127}), v1::DATA_TYPE_INT8)), "int8 1x2 [[-128,127]]");
  EXPECT_EQ(Show(ConvertTo(Reals({-9223372036854775808.0}), v1::DATA_TYPE_INT64)), "int64 1 [-9223372036854775808]");
}

TEST(ElementsTest, ReadsEveryPayloadForm) {
  v1::Tensor tensor;
  tensor.set_data_type(v1::DATA_TYPE_FLOAT32);
  tensor.add_shape(2);
  tensor.mutable_doubles()->add_values(0.5);
  tensor.mutable_doubles()->add_values(-1);
  EXPECT_EQ(Show(tensor), "float32 2 [0.5,-1]");
  tensor.set_data_type(v1::DATA_TYPE_INT32);
  tensor.mutable_integers()->add_values(7);
  tensor.mutable_integers()->add_values(8);
  EXPECT_EQ(Show(tensor), "int32 2 [7,8]");
}

TEST(ElementsTest, RefusesAPayloadOfTheWrongLength) {
  const v1::Tensor tensor = MakeTensor(v1::DATA_TYPE_FLOAT32, {2, 2}, std::string(15, '\0'));
  EXPECT_THAT(Show(tensor), HasSubstr("does not have the 4 elements"));
  EXPECT_THAT(Show(MakeTensor(v1::DATA_TYPE_UNSPECIFIED, {}, "")), HasSubstr("type is unknown"));
}

TEST(ElementCountTest, RefusesWhatOverflows) {
  EXPECT_FALSE(ElementCount({int64_t{1} << 40, int64_t{1} << 40}, v1::DATA_TYPE_UINT8).ok());
  EXPECT_FALSE(ElementCount({0, int64_t{1} << 60}, v1::DATA_TYPE_UINT8).ok());
  EXPECT_FALSE(ElementCount({-1}, v1::DATA_TYPE_UINT8).ok());
  EXPECT_FALSE(ElementCount({kMaxTensorBytes / 4 + 1}, v1::DATA_TYPE_FLOAT32).ok());
  EXPECT_EQ(*ElementCount({kMaxTensorBytes / 4}, v1::DATA_TYPE_FLOAT32), kMaxTensorBytes / 4);
  EXPECT_EQ(*ElementCount({}, v1::DATA_TYPE_FLOAT32), 1);
  EXPECT_EQ(*ElementCount({0, 5}, v1::DATA_TYPE_FLOAT32), 0);
}

}  // namespace
}  // namespace tensord::cli
