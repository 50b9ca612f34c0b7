// The elements of ONNX's tensors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "tensord/analysis/onnx.h"
#include "tests/analysis/model/onnx_messages.h"
#include "tests/support/matchers.h"

namespace tensord::analysis {
namespace {

using ::onnx::TensorProto;
using test_support::IsOk;
using test_support::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
using Integers = std::vector<int64_t>;
using Reals = std::vector<double>;

absl::StatusOr<GraphTensor> Read(const TensorProto& tensor) {
  ::onnx::ModelProto model = EmptyModel();
  *model.mutable_graph()->add_initializer() = tensor;
  const absl::StatusOr<Graph> graph = ReadOnnx(model.SerializeAsString());
  if (!graph.ok()) return graph.status();
  return graph->initializers.at(0);
}

// The values of a tensor "t" of that type and length after `fill` was let at it.
template <typename Fill>
std::optional<ConstantValues> Values(int32_t type, int64_t length, const Fill& fill) {
  TensorProto tensor = Tensor("t", type, {length});
  fill(tensor);
  const absl::StatusOr<GraphTensor> read = Read(tensor);
  EXPECT_THAT(read, IsOk());
  if (!read.ok()) return std::nullopt;
  EXPECT_EQ(read->name, "t");
  EXPECT_EQ(static_cast<int32_t>(read->type), type);
  EXPECT_EQ(read->shape, std::vector<Dimension>{length});
  return read->values;
}

auto Raw(const std::string& bytes) {
  return [bytes](TensorProto& tensor) { tensor.set_raw_data(bytes); };
}

auto Int32s(const std::vector<int32_t>& entries) {
  return [entries](TensorProto& tensor) { tensor.mutable_int32_data()->Assign(entries.begin(), entries.end()); };
}

// Bytes worked out by hand: little-endian, two's complement, IEEE 754.
TEST(OnnxTensorTest, ReadsIntegersFromRawData) {
  const auto text = [](const char* bytes, size_t size) { return Raw(std::string(bytes, size)); };
  EXPECT_EQ(Values(TensorProto::INT8, 3, text("\x01\xff\x80", 3)), ConstantValues(Integers{1, -1, -128}));
  EXPECT_EQ(Values(TensorProto::UINT8, 2, text("\x01\xff", 2)), ConstantValues(Integers{1, 255}));
  EXPECT_EQ(Values(TensorProto::BOOL, 3, text("\x00\x01\x02", 3)), ConstantValues(Integers{0, 1, 1}));
  EXPECT_EQ(Values(TensorProto::INT16, 2, text("\x02\x01\xfe\xff", 4)), ConstantValues(Integers{258, -2}));
  EXPECT_EQ(Values(TensorProto::UINT16, 2, text("\x02\x01\xfe\xff", 4)), ConstantValues(Integers{258, 65534}));
  EXPECT_EQ(Values(TensorProto::INT32, 2, text("\0\0\1\0\xff\xff\xff\xff", 8)), ConstantValues(Integers{65536, -1}));
  EXPECT_EQ(Values(TensorProto::UINT32, 1, text("\xff\xff\xff\xff", 4)), ConstantValues(Integers{4294967295}));
  EXPECT_EQ(Values(TensorProto::INT64, 1, text("\0\0\0\0\0\0\0\x80", 8)),
            ConstantValues(Integers{std::numeric_limits<int64_t>::min()}));
  EXPECT_EQ(Values(TensorProto::UINT64, 1, text("\xff\xff\xff\xff\xff\xff\xff\x7f", 8)),
            ConstantValues(Integers{std::numeric_limits<int64_t>::max()}));
}

TEST(OnnxTensorTest, ReadsIntegersFromTheirTypedField) {
  EXPECT_EQ(Values(TensorProto::INT8, 2, Int32s({127, -128})), ConstantValues(Integers{127, -128}));
  EXPECT_EQ(Values(TensorProto::UINT8, 2, Int32s({0, 255})), ConstantValues(Integers{0, 255}));
  EXPECT_EQ(Values(TensorProto::BOOL, 3, Int32s({0, 1, 2})), ConstantValues(Integers{0, 1, 1}));
  EXPECT_EQ(Values(TensorProto::INT16, 2, Int32s({32767, -32768})), ConstantValues(Integers{32767, -32768}));
  EXPECT_EQ(Values(TensorProto::UINT16, 1, Int32s({65535})), ConstantValues(Integers{65535}));
  EXPECT_EQ(Values(TensorProto::INT32, 2, Int32s({7, -7})), ConstantValues(Integers{7, -7}));
  EXPECT_EQ(Values(TensorProto::INT64, 1, [](auto& tensor) { tensor.add_int64_data(int64_t{-1} << 60); }),
            ConstantValues(Integers{int64_t{-1} << 60}));
  EXPECT_EQ(Values(TensorProto::UINT32, 1, [](auto& tensor) { tensor.add_uint64_data(4294967295); }),
            ConstantValues(Integers{4294967295}));
  EXPECT_EQ(Values(TensorProto::UINT64, 1, [](auto& tensor) { tensor.add_uint64_data(5); }),
            ConstantValues(Integers{5}));
}

TEST(OnnxTensorTest, ReadsReals) {
  EXPECT_EQ(Values(TensorProto::FLOAT, 2, Raw(std::string("\0\0\xc0\x40\0\0\0\xbf", 8))),
            ConstantValues(Reals{6, -0.5}));
  EXPECT_EQ(Values(TensorProto::FLOAT, 1, [](auto& tensor) { tensor.add_float_data(0.1F); }),
            ConstantValues(Reals{13421773.0 / 134217728.0}));
  EXPECT_EQ(Values(TensorProto::DOUBLE, 1, Raw(std::string("\0\0\0\0\0\0\xf8\x3f", 8))), ConstantValues(Reals{1.5}));
  EXPECT_EQ(Values(TensorProto::DOUBLE, 1, [](auto& tensor) { tensor.add_double_data(0.1); }),
            ConstantValues(Reals{0.1}));
  EXPECT_EQ(Values(TensorProto::FLOAT16, 2, Raw(std::string("\x00\x3c\x01\x80", 4))),
            ConstantValues(Reals{1, -std::ldexp(1, -24)}));
  EXPECT_EQ(Values(TensorProto::FLOAT16, 2, Int32s({0x3e00, 0xc000})), ConstantValues(Reals{1.5, -2}));
  EXPECT_EQ(Values(TensorProto::BFLOAT16, 2, Raw(std::string("\x80\x3f\x40\xc0", 4))), ConstantValues(Reals{1, -3}));
  EXPECT_EQ(Values(TensorProto::BFLOAT16, 1, Int32s({0x3fc0})), ConstantValues(Reals{1.5}));
}

TEST(OnnxTensorTest, ANotANumberIsEqualToItself) {
  const TensorProto tensor = [] {
    TensorProto message = Tensor("t", TensorProto::FLOAT, {1});
    message.add_float_data(std::numeric_limits<float>::quiet_NaN());
    return message;
  }();
  const absl::StatusOr<GraphTensor> read = Read(tensor);
  ASSERT_THAT(read, IsOk());
  EXPECT_TRUE(std::isnan(std::get<Reals>(read->values.value()).at(0)));
  EXPECT_EQ(*read, *Read(tensor));
  GraphTensor zero = *read;
  zero.values = Reals{0};
  EXPECT_FALSE(*read == zero);
  const GraphNode node = {.name = "", .op_type = "A", .attributes = {{"a", std::nan("")}, {"b", Reals{std::nan("")}}}};
  EXPECT_EQ(node, GraphNode(node));
}

TEST(OnnxTensorTest, KeepsValuesOfSmallTensorsOnly) {
  EXPECT_EQ(Values(TensorProto::INT8, 4096, Raw(std::string(4096, '\x02'))), ConstantValues(Integers(4096, 2)));
  EXPECT_EQ(Values(TensorProto::INT8, 4097, Raw(std::string(4097, '\x02'))), std::nullopt);
  EXPECT_EQ(Values(TensorProto::INT32, 4097, Int32s(std::vector<int32_t>(4097, 1))), std::nullopt);
}

TEST(OnnxTensorTest, SomeTypesHaveNoValues) {
  EXPECT_EQ(Values(TensorProto::STRING, 1, [](auto& tensor) { tensor.add_string_data("a"); }), std::nullopt);
  EXPECT_EQ(Values(TensorProto::COMPLEX64, 1, Raw(std::string(8, '\0'))), std::nullopt);
  EXPECT_EQ(Values(TensorProto::COMPLEX128, 1, Raw(std::string(16, '\0'))), std::nullopt);
  EXPECT_EQ(Values(TensorProto::COMPLEX64, 1, [](auto& tensor) { tensor.mutable_float_data()->Resize(2, 0); }),
            std::nullopt);
  EXPECT_EQ(Values(TensorProto::UINT64, 1, Raw(std::string("\0\0\0\0\0\0\0\x80", 8))), std::nullopt) << "2^63";
}

TEST(OnnxTensorTest, AStrippedWeightHasNone) {
  const auto nothing = [](TensorProto&) {};
  EXPECT_EQ(Values(TensorProto::FLOAT, 3, nothing), std::nullopt);
  EXPECT_EQ(Values(TensorProto::FLOAT, int64_t{1} << 60, nothing), std::nullopt);
  EXPECT_EQ(Values(TensorProto::FLOAT, 3, Raw("")), std::nullopt);
  const absl::StatusOr<GraphTensor> huge = Read(Tensor("t", TensorProto::FLOAT, {int64_t{1} << 60, int64_t{1} << 60}));
  ASSERT_THAT(huge, IsOk());
  EXPECT_EQ(huge->shape, (std::vector<Dimension>{int64_t{1} << 60, int64_t{1} << 60}));
  EXPECT_EQ(huge->values, std::nullopt);
}

TEST(OnnxTensorTest, WithoutElementsAllOfThemAreKnown) {
  const auto nothing = [](TensorProto&) {};
  EXPECT_EQ(Values(TensorProto::FLOAT, 0, nothing), ConstantValues(Reals{}));
  EXPECT_EQ(Values(TensorProto::INT64, 0, Raw("")), ConstantValues(Integers{}));
  const absl::StatusOr<GraphTensor> read = Read(Tensor("t", TensorProto::INT64, {int64_t{1} << 60, 1 << 20, 0}));
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->values, ConstantValues(Integers{}));
}

TEST(OnnxTensorTest, AScalarHasOneElement) {
  TensorProto scalar = Tensor("t", TensorProto::INT64, {});
  scalar.add_int64_data(9);
  const absl::StatusOr<GraphTensor> read = Read(scalar);
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->shape, std::vector<Dimension>{});
  EXPECT_EQ(read->values, ConstantValues(Integers{9}));
  scalar.clear_int64_data();
  EXPECT_EQ(Read(scalar)->values, std::nullopt) << "stripped";
}

TEST(OnnxTensorTest, NobodyLooksForElementsElsewhere) {
  const auto elsewhere = [](TensorProto& tensor) {
    tensor.set_data_location(TensorProto::EXTERNAL);
    auto& place = *tensor.add_external_data();
    place.set_key("location");
    place.set_value("../../dev/zero\n");
  };
  EXPECT_EQ(Values(TensorProto::FLOAT, 3, elsewhere), std::nullopt);
  EXPECT_EQ(Values(TensorProto::FLOAT, 3,
                   [&](TensorProto& tensor) {
                     elsewhere(tensor);
                     tensor.set_raw_data("12345");
                   }),
            std::nullopt);
}

TEST(OnnxTensorTest, ElementsHaveToBeAsManyAsTheShapeTakes) {
  const auto with = [](int32_t type, const std::vector<int64_t>& shape, const auto& fill) {
    TensorProto tensor = Tensor("w\n", type, shape);
    fill(tensor);
    return Read(tensor).status();
  };
  EXPECT_THAT(with(TensorProto::FLOAT, {2, 3}, Raw(std::string(24, 'a'))), IsOk());
  EXPECT_THAT(
      with(TensorProto::FLOAT, {2, 3}, Raw(std::string(23, 'a'))),
      StatusIs(kInvalid, "initializer \"w\\n\" has 23 bytes in raw_data, and its shape [2,3] of float32 takes 24"));
  EXPECT_THAT(with(TensorProto::INT64, {5000}, Raw(std::string(40001, 'a'))), StatusIs(kInvalid, "int64 takes 40000"));
  EXPECT_THAT(with(TensorProto::INT64, {0}, Raw("a")), StatusIs(kInvalid, "takes 0"));
  EXPECT_THAT(with(TensorProto::INT8, {2}, Int32s({1})),
              StatusIs(kInvalid, "has 1 entries in int32_data, and its shape [2] of int8 takes 2"));
  EXPECT_THAT(with(TensorProto::COMPLEX64, {2}, [](auto& tensor) { tensor.add_float_data(1); }),
              StatusIs(kInvalid, "takes 4"));
  EXPECT_THAT(with(TensorProto::STRING, {2}, [](auto& tensor) { tensor.add_string_data("a"); }),
              StatusIs(kInvalid, "has 1 entries in string_data"));
  const int64_t huge = int64_t{1} << 32;
  EXPECT_THAT(with(TensorProto::FLOAT, {huge, huge}, Raw("abcd")), StatusIs(kInvalid, "takes more than 2^63"));
  EXPECT_THAT(with(TensorProto::DOUBLE, {huge, huge / 4}, Raw("abcd")), StatusIs(kInvalid, "takes more than 2^63"));
}

TEST(OnnxTensorTest, ElementsHaveToBeInTheirTypesField) {
  const auto with = [](int32_t type, const auto& fill) {
    TensorProto tensor = Tensor("w", type, {1});
    fill(tensor);
    return Read(tensor).status();
  };
  EXPECT_THAT(with(TensorProto::INT64, Int32s({1})),
              StatusIs(kInvalid,
                       "initializer \"w\" has its elements in int32_data; those of int64 have to be in "
                       "int64_data or raw_data"));
  EXPECT_THAT(with(TensorProto::FLOAT, [](auto& tensor) { tensor.add_double_data(1); }),
              StatusIs(kInvalid, "in double_data; those of float32 have to be in float_data"));
  EXPECT_THAT(with(TensorProto::STRING, Raw("a")), StatusIs(kInvalid, "those of string have to be in string_data"));
  EXPECT_THAT(with(TensorProto::INT32,
                   [](auto& tensor) {
                     tensor.add_int32_data(1);
                     tensor.set_raw_data("abcd");
                   }),
              StatusIs(kInvalid, "has elements in raw_data and in int32_data"));
}

TEST(OnnxTensorTest, NumbersHaveToFitTheirType) {
  const auto with = [](int32_t type, int32_t number) {
    TensorProto tensor = Tensor("w", type, {1});
    tensor.add_int32_data(number);
    return Read(tensor).status();
  };
  EXPECT_THAT(with(TensorProto::UINT8, 256), StatusIs(kInvalid, "has numbers in int32_data that are no uint8"));
  EXPECT_THAT(with(TensorProto::UINT8, -1), StatusIs(kInvalid, "no uint8"));
  EXPECT_THAT(with(TensorProto::INT8, 128), StatusIs(kInvalid, "no int8"));
  EXPECT_THAT(with(TensorProto::FLOAT16, 65536), StatusIs(kInvalid, "no float16"));
  TensorProto wide = Tensor("w", TensorProto::UINT32, {1});
  wide.add_uint64_data(uint64_t{1} << 32);
  EXPECT_THAT(Read(wide), StatusIs(kInvalid, "has numbers in uint64_data that are no uint32"));
}

TEST(OnnxTensorTest, TypesAndSizesHaveToBeSome) {
  EXPECT_THAT(Read(Tensor("w", 0, {1})),
              StatusIs(kInvalid, "initializer \"w\" has element type 0; those of ONNX 1.12"));
  EXPECT_THAT(Read(Tensor("w", 17, {1})), StatusIs(kInvalid, "element type 17"));
  EXPECT_THAT(Read(Tensor("w", 1, {2, -3})), StatusIs(kInvalid, "initializer \"w\" has a size of -3"));
  EXPECT_THAT(Read(Tensor("w", 1, std::vector<int64_t>(8, 2))), IsOk());
  EXPECT_THAT(Read(Tensor("w", 1, std::vector<int64_t>(9, 2))), StatusIs(kInvalid, "is of rank 9, has to be of 8"));
}

}  // namespace
}  // namespace tensord::analysis
