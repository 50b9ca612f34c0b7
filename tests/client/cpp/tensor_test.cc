#include "tensord/client/tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace tensord::client {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

template <typename T>
class TypedTensorTest : public ::testing::Test {};
using Types = ::testing::Types<float, double, int8_t, uint8_t, int32_t, int64_t>;
TYPED_TEST_SUITE(TypedTensorTest, Types);

TYPED_TEST(TypedTensorTest, ViewHasTheElementsThatTheTensorWasMadeOf) {
  using T = TypeParam;
  const std::vector<T> values = {T{1}, T{2}, T{3}, std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), T{0}};
  const v1::Tensor tensor = MakeTensor<T>(values, {2, 3});
  EXPECT_EQ(tensor.data_type(), DataTypeOf<T>::value);
  EXPECT_THAT(tensor.shape(), ElementsAre(2, 3));
  const absl::StatusOr<absl::Span<const T>> view = AsSpan<T>(tensor);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_THAT(*view, ElementsAreArray(values));
  EXPECT_EQ(static_cast<const void*>(view->data()), static_cast<const void*>(tensor.data().data())) << "a copy";
}

TEST(MakeTensorTest, WritesLittleEndianBytes) {
  EXPECT_EQ(MakeTensor<int32_t>({0x04030201}, {1}).data(), std::string("\x01\x02\x03\x04"));
}

TEST(AsSpanTest, ScalarHasOneElementAndAnEmptyBatchNone) {
  EXPECT_THAT(*AsSpan<double>(static_cast<const v1::Tensor&>(MakeTensor<double>({2.5}, {}))), ElementsAre(2.5));
  const v1::Tensor empty = MakeTensor<float>({}, {0, 4, 4, 3});
  ASSERT_TRUE(AsSpan<float>(empty).ok());
  EXPECT_TRUE(AsSpan<float>(empty)->empty());
}

absl::Status ErrorOf(const v1::Tensor& tensor) { return AsSpan<float>(tensor).status(); }

TEST(AsSpanTest, AnotherTypeIsRefused) {
  const absl::Status status = ErrorOf(MakeTensor<double>({1}, {1}));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("is FLOAT64, not FLOAT32"));
}

TEST(AsSpanTest, TypeFromTheFutureIsRefused) {
  v1::Tensor tensor = MakeTensor<float>({1}, {1});
  tensor.set_data_type(static_cast<v1::DataType>(77));
  EXPECT_THAT(std::string(ErrorOf(tensor).message()), HasSubstr("is type 77, not FLOAT32"));
}

TEST(AsSpanTest, PayloadThatIsNotBytesIsRefused) {
  v1::Tensor tensor = MakeTensor<float>({1}, {1});
  tensor.mutable_doubles()->add_values(1);
  EXPECT_EQ(ErrorOf(tensor).code(), absl::StatusCode::kFailedPrecondition);
  tensor.mutable_integers()->add_values(1);
  EXPECT_EQ(ErrorOf(tensor).code(), absl::StatusCode::kFailedPrecondition);
  tensor.clear_payload();
  EXPECT_EQ(ErrorOf(tensor).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(AsSpanTest, PayloadOfTheWrongLengthIsRefused) {
  for (const size_t size : {0U, 1U, 15U, 17U, 20U}) {
    v1::Tensor tensor = MakeTensor<float>({1, 2, 3, 4}, {2, 2});
    tensor.mutable_data()->resize(size);
    const absl::Status status = ErrorOf(tensor);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("the shape [2,2] takes 16"));
  }
}

TEST(AsSpanTest, NegativeSizeIsRefused) {
  const absl::Status status = ErrorOf(MakeTensor<float>({1}, {-1, -1}));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("a size is -1"));
}

TEST(AsSpanTest, ProductThatOverflowsIsRefusedWhereverTheZeroStands) {
  constexpr int64_t kHuge = int64_t{1} << 40;
  for (const std::vector<int64_t>& shape :
       {std::vector<int64_t>{kHuge, kHuge}, {int64_t{1} << 62}, {0, kHuge, kHuge}, {kHuge, kHuge, 0}}) {
    const absl::Status status = ErrorOf(MakeTensor<float>({}, shape));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("does not fit"));
  }
}

TEST(AsSpanTest, MisalignedPayloadIsRefused) {
  const v1::Tensor tensor = MakeTensor<float>({1}, {1});
  const uintptr_t more_than_any_address = uintptr_t{1} << 60;
  const absl::Status status = internal::CheckView(tensor, v1::DATA_TYPE_FLOAT32, sizeof(float), more_than_any_address);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("not aligned"));
}

}  // namespace
}  // namespace tensord::client
