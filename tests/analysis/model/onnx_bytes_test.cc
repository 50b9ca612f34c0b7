// Bytes that are no model, or would be too much of one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tensord/analysis/onnx.h"
#include "tests/analysis/model/onnx_messages.h"
#include "tests/support/matchers.h"

namespace tensord::analysis {
namespace {

using test_support::IsOk;
using test_support::StatusIs;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;

// The wire's form of a field whose number is at most 15.
std::string Field(int number, const std::string& content) {
  std::string bytes(1, static_cast<char>(number << 3 | 2));
  size_t length = content.size();
  for (; length >= 0x80; length >>= 7) bytes += static_cast<char>((length & 0x7f) | 0x80);
  bytes += static_cast<char>(length);
  return bytes + content;
}

// A model that has this graph.
std::string ModelOf(const std::string& graph) { return Field(7, graph) + Field(8, std::string("\x10\x0d", 2)); }

TEST(OnnxBytesTest, ForeignFilesAreToldWhatWasExpected) {
  for (const std::string& bytes :
       {std::string(), std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16), std::string(R"({"ir_version": 7})"),
        std::string("ir_version: 7\ngraph: {}\n"), std::string("PK\x03\x04"), std::string(100, '\0'),
        std::string(100, '\xff'), std::string("GGUF\x03\0\0\0", 8)}) {
    EXPECT_THAT(ReadOnnx(bytes), StatusIs(kInvalid, "are no ONNX model, or only a part of one: expected a ModelProto"));
    EXPECT_THAT(StripWeights(bytes), StatusIs(kInvalid, "expected a ModelProto of onnx.proto"));
  }
}

TEST(OnnxBytesTest, AFileThatIsCutShortIsNone) {
  const std::string bytes = SmallModel().SerializeAsString();
  ASSERT_THAT(ReadOnnx(bytes), IsOk());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(ReadOnnx(bytes.substr(0, size)), StatusIs(kInvalid)) << size;
  }
  // ir_version takes two bytes, the graph's tag and length three, its opset four at the end.
  const size_t graph = bytes.size() - 4 - 5;
  EXPECT_THAT(ReadOnnx(bytes.substr(0, bytes.size() - 5)),
              StatusIs(kInvalid, "a field claims " + std::to_string(graph) + " bytes where " +
                                     std::to_string(graph - 1) + " are left, at byte 2"));
}

TEST(OnnxBytesTest, AModelWithoutAGraphIsNone) {
  ::onnx::ModelProto model = EmptyModel();
  EXPECT_THAT(ReadOnnx(model.SerializeAsString()), IsOk()) << "an empty graph is one";
  model.clear_graph();
  EXPECT_THAT(ReadOnnx(model.SerializeAsString()), StatusIs(kInvalid, "there is no graph"));
}

TEST(OnnxBytesTest, UnknownFieldsArePassedOver) {
  const std::string model = SmallModel().SerializeAsString();
  const absl::StatusOr<Graph> expected = ReadOnnx(model);
  ASSERT_THAT(expected, IsOk());
  for (const std::string& field :
       {std::string("\xf8\x01\x05"), std::string("\xf9\x01qwertyui"), std::string("\xfd\x01qwer"),
        std::string("\xfa\x01\x02xy"), std::string("\xfb\x01\x0b\x0c\x3a\x02\xff\xff\xfc\x01")}) {
    const absl::StatusOr<Graph> graph = ReadOnnx(model + field);
    ASSERT_THAT(graph, IsOk());
    EXPECT_EQ(*graph, *expected);
  }
}

TEST(OnnxBytesTest, WhatIsNoFieldIsRefused) {
  const std::string model = SmallModel().SerializeAsString();
  const auto with = [&model](const std::string& bytes) { return ReadOnnx(model + bytes); };
  EXPECT_THAT(with(std::string("\x02\x00", 2)), StatusIs(kInvalid, "no field begins at byte "));
  EXPECT_THAT(with("\x0e"), StatusIs(kInvalid, "no field begins")) << "wire type 6";
  EXPECT_THAT(with("\x0f"), StatusIs(kInvalid, "no field begins")) << "wire type 7";
  EXPECT_THAT(with("\xff"), StatusIs(kInvalid, "no field begins")) << "a tag that does not end";
  EXPECT_THAT(with("\x08" + std::string(10, '\xff') + "\x01"), StatusIs(kInvalid, "a number does not end"));
  EXPECT_THAT(with("\x09"
                   "1234567"),
              StatusIs(kInvalid, "claims 8 bytes where 7 are left"));
  EXPECT_THAT(with("\x0d"
                   "123"),
              StatusIs(kInvalid, "claims 4 bytes where 3 are left"));
  EXPECT_THAT(with("\x0c"), StatusIs(kInvalid, "a group ends that has not begun"));
  EXPECT_THAT(with("\x0b"), StatusIs(kInvalid, "a group does not end"));
  EXPECT_THAT(with("\x0b\x14"), StatusIs(kInvalid, "a parser refuses them")) << "the end of another group";
  EXPECT_THAT(with("\x12\xff"), StatusIs(kInvalid, "a length does not end"));
}

TEST(OnnxBytesTest, NoMessageReachesBeyondTheOneAroundIt) {
  // The node claims five bytes, of which its graph has two; the model has them all.
  const std::string graph = std::string("\x0a\x05\x1a\x00", 4);
  EXPECT_THAT(ReadOnnx(ModelOf(graph)), StatusIs(kInvalid, "claims 5 bytes where 2 are left, at byte 2"));
}

TEST(OnnxBytesTest, NestingHasABound) {
  // A subgraph is three messages deep: a node, its attribute, and the graph.
  const auto nested = [](int subgraphs, const std::string& innermost) {
    std::string graph = innermost;
    for (int i = 0; i < subgraphs; ++i) graph = Field(1, Field(5, Field(6, graph) + "\xa0\x01\x05"));
    return ModelOf(graph);
  };
  EXPECT_THAT(ReadOnnx(nested(33, "")), IsOk()) << "a hundred messages";
  EXPECT_THAT(StripWeights(nested(33, "")), IsOk());
  EXPECT_THAT(ReadOnnx(nested(33, Field(1, ""))), StatusIs(kExhausted, "nested more than 100 deep"));
  EXPECT_THAT(ReadOnnx(nested(10'000, "")), StatusIs(kExhausted, "nested more than 100 deep"));
  EXPECT_THAT(StripWeights(nested(10'000, "")), StatusIs(kExhausted, "nested more than 100 deep"));
  const std::string groups = std::string(100, '\x0b') + std::string(100, '\x0c');
  EXPECT_THAT(ReadOnnx(ModelOf("") + groups), IsOk());
  EXPECT_THAT(ReadOnnx(ModelOf("") + '\x0b' + groups + '\x0c'), StatusIs(kExhausted, "nested more than 100 deep"));
  EXPECT_THAT(ReadOnnx(ModelOf("") + std::string(1'000'000, '\x0b')), StatusIs(kExhausted, "nested"));
}

// `count` times `bytes`.
std::string Times(size_t count, const std::string& bytes) {
  std::string all;
  all.reserve(count * bytes.size());
  for (size_t i = 0; i < count; ++i) all += bytes;
  return all;
}

TEST(OnnxBytesTest, NodesAndNamesHaveBounds) {
  const std::string node = Field(1, "");
  EXPECT_THAT(ReadOnnx(ModelOf(Times(131072, node))), IsOk());
  EXPECT_THAT(ReadOnnx(ModelOf(Times(131073, node))), StatusIs(kExhausted, "131073 nodes, and may have 131072"));
  const std::string names = Times(1048575, Field(1, ""));
  const std::string output = Field(12, "");
  EXPECT_THAT(ReadOnnx(ModelOf(Field(1, names) + output)), IsOk());
  EXPECT_THAT(ReadOnnx(ModelOf(Field(1, names + Field(2, "")) + output)),
              StatusIs(kExhausted, "1048577 tensors and uses of them, and may have 1048576"));
}

TEST(OnnxBytesTest, WhatTakesMoreMemoryThanBytesHasABound) {
  // Two bytes each, and each of them a message or a text.
  const std::string attributes = Times(1'000'000, Field(5, ""));
  EXPECT_THAT(ReadOnnx(ModelOf(Field(1, attributes))), StatusIs(kExhausted, "more than 256 MiB"));
  EXPECT_THAT(StripWeights(ModelOf(Field(1, attributes))), StatusIs(kExhausted, "more than 256 MiB"));
  const std::string texts = Times(4'000'000, Field(9, ""));
  EXPECT_THAT(ReadOnnx(ModelOf(Field(1, Field(5, texts)))), StatusIs(kExhausted, "more than 256 MiB"));
  const std::string sizes = Field(11, Field(2, Field(1, Field(2, Times(2'000'000, Field(1, ""))))));
  EXPECT_THAT(ReadOnnx(ModelOf(sizes)), StatusIs(kExhausted, "more than 256 MiB"));
}

// One of several small mistakes, at a place of chance.
std::string Bend(std::string bytes, std::mt19937& random) {
  const auto below = [&random](size_t limit) { return std::uniform_int_distribution<size_t>(0, limit - 1)(random); };
  const size_t at = below(bytes.size());
  switch (below(6)) {
    case 0:
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
      return bytes;
    case 1:
      bytes[at] = static_cast<char>(below(256));
      return bytes;
    case 2:
      return bytes.substr(0, at + 1);
    case 3:
      return bytes.insert(at, bytes.substr(below(bytes.size()), below(20)));
    case 4:
      return bytes.size() > 20 ? bytes.erase(at, below(8)) : bytes;
    default:
      bytes[at] = bytes[below(bytes.size())];
      return bytes;
  }
}

TEST(OnnxBytesTest, BytesThatAreBentCrashNothing) {
  const std::string good = SmallModel().SerializeAsString();
  std::mt19937 random(20221108);  // Any number does, as long as it stays the same.
  int read_count = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string bytes = good;
    for (int bends = i % 4 + 1; bends > 0 && !bytes.empty(); --bends) bytes = Bend(bytes, random);
    const absl::StatusOr<Graph> graph = ReadOnnx(bytes);
    const absl::StatusOr<std::string> stripped = StripWeights(bytes);
    ASSERT_TRUE(graph.ok() || !graph.status().message().empty()) << i;
    if (!stripped.ok()) {
      ASSERT_FALSE(graph.ok()) << i;
      continue;
    }
    const absl::StatusOr<Graph> again = ReadOnnx(*stripped);
    ASSERT_EQ(graph.status(), again.status()) << i;
    if (!graph.ok()) continue;
    ASSERT_EQ(*graph, *again) << i;
    ++read_count;
  }
  EXPECT_GT(read_count, 10'000);
  EXPECT_LT(read_count, 190'000);
}

}  // namespace
}  // namespace tensord::analysis
