#include "tensord/compute/data_type.h"

#include <gtest/gtest.h>

namespace tensord::compute {
namespace {

TEST(DataTypeTest, NamesReadBack) {
  for (const DataType type : kAllDataTypes) EXPECT_EQ(DataTypeFromName(Name(type)), type);
  EXPECT_EQ(Name(DataType::kBfloat16), "bfloat16");
  EXPECT_FALSE(DataTypeFromName("float31").has_value());
  EXPECT_FALSE(DataTypeFromName("").has_value());
}

TEST(DataTypeTest, ItemSizesAreThoseOfTheCppTypes) {
  EXPECT_EQ(ItemSize(kDataTypeOf<float>), 4);
  EXPECT_EQ(ItemSize(kDataTypeOf<double>), 8);
  EXPECT_EQ(ItemSize(kDataTypeOf<int8_t>), 1);
  EXPECT_EQ(ItemSize(kDataTypeOf<uint8_t>), 1);
  EXPECT_EQ(ItemSize(kDataTypeOf<int32_t>), 4);
  EXPECT_EQ(ItemSize(kDataTypeOf<int64_t>), 8);
  EXPECT_EQ(ItemSize(DataType::kFloat16), 2);
  EXPECT_EQ(ItemSize(DataType::kBfloat16), 2);
}

TEST(DataTypeTest, OnlyFloat32AndFloat64Compute) {
  for (const DataType type : kAllDataTypes) {
    EXPECT_EQ(IsComputable(type), type == DataType::kFloat32 || type == DataType::kFloat64) << Name(type);
  }
}

}  // namespace
}  // namespace tensord::compute
