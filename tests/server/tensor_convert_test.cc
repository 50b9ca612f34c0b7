// Tensors of the wire to the engine's and back, in every type and form.
#include "server/convert/tensor_convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "server/convert/enum_convert.h"
#include "tensord/compute/floating_point_mode.h"

namespace tensord::server {
namespace {

using compute::DataType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

v1::Tensor Typed(DataType type, const std::vector<double>& values) {
  v1::Tensor tensor;
  tensor.set_data_type(Encode(type));
  tensor.add_shape(static_cast<int64_t>(values.size()));
  *tensor.mutable_doubles()->mutable_values() = {values.begin(), values.end()};
  return tensor;
}

v1::Tensor Typed(DataType type, const std::vector<int64_t>& values) {
  v1::Tensor tensor;
  tensor.set_data_type(Encode(type));
  tensor.add_shape(static_cast<int64_t>(values.size()));
  *tensor.mutable_integers()->mutable_values() = {values.begin(), values.end()};
  return tensor;
}

// What a tensor becomes when it is loaded and sent back in its own form, or what is wrong with it.
v1::Tensor RoundTrip(const v1::Tensor& tensor, std::string* wrong = nullptr) {
  RequestErrors errors;
  std::optional<DecodedTensor> decoded = CheckTensor(true, tensor, "x", {}, errors);
  if (errors.ok()) LoadElements(tensor, "x", *decoded, errors);
  if (wrong != nullptr) *wrong = std::string(errors.ToStatus().message());
  if (!errors.ok()) return {};
  EXPECT_EQ(decoded->form, TensorForm::kTyped);
  return EncodeTensor(decoded->owned, decoded->form, "");
}

TEST(TensorConvertTest, TypedFloatsOfEveryTypeComeBack) {
  // Denormals are kept, whatever the processor's mode is.
  const compute::ScopedFloatingPointMode mode(compute::FloatingPointMode::Current().Flushing());
  struct Row {
    DataType type;
    double least;
    double largest;
  };
  for (const Row& row : {Row{DataType::kFloat16, 0x1p-24, 65504}, Row{DataType::kBfloat16, 0x1p-133, 0x1.fep127},
                         Row{DataType::kFloat32, 0x1p-149, 0x1.fffffep127},
                         Row{DataType::kFloat64, 0x1p-1074, std::numeric_limits<double>::max()}}) {
    const v1::Tensor tensor = Typed(row.type, std::vector<double>{row.least, -row.largest, 0.5, -INFINITY});
    EXPECT_EQ(RoundTrip(tensor).SerializeAsString(), tensor.SerializeAsString()) << compute::Name(row.type);
  }
}

TEST(TensorConvertTest, TypedFloatsAreRoundedOnceToEven) {
  EXPECT_THAT(RoundTrip(Typed(DataType::kFloat16, std::vector<double>{2049, 2051, 65520})).doubles().values(),
              ElementsAre(2048, 2052, INFINITY));
  EXPECT_THAT(RoundTrip(Typed(DataType::kBfloat16, std::vector<double>{257, 259})).doubles().values(),
              ElementsAre(256, 260));
}

TEST(TensorConvertTest, TypedIntegersOfEveryTypeComeBack) {
  const auto expect_kept = [](DataType type, int64_t low, int64_t high) {
    const v1::Tensor tensor = Typed(type, std::vector<int64_t>{low, high, 0});
    EXPECT_EQ(RoundTrip(tensor).SerializeAsString(), tensor.SerializeAsString()) << compute::Name(type);
  };
  expect_kept(DataType::kInt8, -128, 127);
  expect_kept(DataType::kUint8, 0, 255);
  expect_kept(DataType::kInt32, std::numeric_limits<int32_t>::min(), std::numeric_limits<int32_t>::max());
  expect_kept(DataType::kInt64, std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max());
}

TEST(TensorConvertTest, AnIntegerThatATypeCannotHoldIsNamed) {
  const auto wrong = [](DataType type, const std::vector<int64_t>& values) {
    std::string text;
    RoundTrip(Typed(type, values), &text);
    return text;
  };
  EXPECT_THAT(wrong(DataType::kInt8, {1, 128}),
              HasSubstr("x.integers.values[1]: was 128, which int8 does not represent exactly"));
  EXPECT_THAT(wrong(DataType::kUint8, {-1}), HasSubstr("x.integers.values[0]: was -1"));
  EXPECT_THAT(wrong(DataType::kInt32, {int64_t{1} << 31}), HasSubstr("was 2147483648"));
  EXPECT_THAT(wrong(DataType::kFloat16, {2048, 2049}), HasSubstr("x.integers.values[1]: was 2049"));
  EXPECT_THAT(wrong(DataType::kFloat16, {70000}), HasSubstr("send doubles to have it rounded"));
  EXPECT_THAT(wrong(DataType::kFloat16, {std::numeric_limits<int64_t>::min()}), HasSubstr("was -9223372036854775808"));
  EXPECT_THAT(wrong(DataType::kBfloat16, {257}), HasSubstr("was 257"));
  EXPECT_THAT(wrong(DataType::kFloat64, {std::numeric_limits<int64_t>::max()}), HasSubstr("was 9223372036854775807"));
  EXPECT_EQ(wrong(DataType::kFloat64, {std::numeric_limits<int64_t>::min()}), "");
}

TEST(TensorConvertTest, IntegersDoNotComeAsReals) {
  for (const DataType type : {DataType::kInt8, DataType::kUint8, DataType::kInt32, DataType::kInt64}) {
    std::string text;
    RoundTrip(Typed(type, std::vector<double>{1}), &text);
    EXPECT_THAT(text, HasSubstr("x.doubles: was given, has to be left out")) << compute::Name(type);
  }
}

TEST(TensorConvertTest, SmallTypesTakeMoreWhenTheyAreTyped) {
  const compute::Shape shape = {10};
  EXPECT_EQ(TypedAnswerBytes(shape, DataType::kInt8, TensorForm::kBytes), 0);
  // A number of 8 bytes and up to 10 on the wire, of which twice the element's own byte was allowed for.
  EXPECT_EQ(TypedAnswerBytes(shape, DataType::kInt8, TensorForm::kTyped), 160);
  EXPECT_EQ(TypedAnswerBytes(shape, DataType::kInt64, TensorForm::kTyped), 20);
  EXPECT_EQ(TypedAnswerBytes(shape, DataType::kFloat16, TensorForm::kTyped), 120);
  EXPECT_EQ(TypedAnswerBytes(shape, DataType::kFloat64, TensorForm::kTyped), 0);
  const v1::Tensor worst = Typed(DataType::kInt8, std::vector<int64_t>(1000, -1));
  EXPECT_LE(1000 + worst.SpaceUsedLong() + worst.ByteSizeLong(),
            3 * 1000 + TypedAnswerBytes({1000}, DataType::kInt8, TensorForm::kTyped) + 500);
}

}  // namespace
}  // namespace tensord::server
