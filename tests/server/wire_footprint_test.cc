// Decodes under an allocator that counts, and compares with what the bytes were said to take.
#include "server/rpc/wire_footprint.h"

#include <grpcpp/impl/codegen/proto_utils.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tensord/v1/analysis.pb.h"
#include "tensord/v1/convolution.pb.h"
#include "tensord/v1/model_graph.pb.h"
#include "tensord/v1/server.pb.h"

namespace {

// Of this thread, while `counting`. Each piece is counted with what the allocator adds to it.
constexpr int64_t kOverhead = 16;
thread_local bool counting = false;
thread_local int64_t live_bytes = 0;
thread_local int64_t peak_bytes = 0;

void* Allocate(size_t size) {
  // The size stands before the block, so that freeing knows it.
  auto* const block = static_cast<size_t*>(std::malloc(size + kOverhead));
  if (block == nullptr) throw std::bad_alloc();
  *block = size;
  if (counting) {
    live_bytes += static_cast<int64_t>(size) + kOverhead;
    peak_bytes = std::max(peak_bytes, live_bytes);
  }
  return reinterpret_cast<char*>(block) + kOverhead;
}

void Free(void* pointer) {
  if (pointer == nullptr) return;
  void* const block = static_cast<char*>(pointer) - kOverhead;
  if (counting) live_bytes -= static_cast<int64_t>(*static_cast<size_t*>(block)) + kOverhead;
  std::free(block);
}

}  // namespace

void* operator new(size_t size) { return Allocate(size); }
void* operator new[](size_t size) { return Allocate(size); }
void operator delete(void* pointer) noexcept { Free(pointer); }
void operator delete[](void* pointer) noexcept { Free(pointer); }
void operator delete(void* pointer, size_t /*size*/) noexcept { Free(pointer); }
void operator delete[](void* pointer, size_t /*size*/) noexcept { Free(pointer); }

namespace tensord::server {
namespace {

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  // In pieces, as messages arrive.
  std::vector<grpc::Slice> slices;
  for (size_t at = 0; at < bytes.size(); at += 8192) slices.emplace_back(bytes.substr(at, 8192));
  return {slices.data(), slices.size()};
}

template <typename Message>
int64_t Bound(const std::string& bytes, int64_t limit = kNoLimit) {
  const std::optional<int64_t> bound = WireFootprint(*Message::descriptor()).Bound(ToBuffer(bytes), limit);
  EXPECT_TRUE(bound.has_value());
  return bound.value_or(-1);
}

template <typename Function>
int64_t PeakOf(Function&& function) {
  live_bytes = peak_bytes = 0;
  counting = true;
  function();
  counting = false;
  return peak_bytes;
}

// The most memory that decoding held at a time.
template <typename Message>
int64_t Measure(const std::string& bytes) {
  grpc::ByteBuffer buffer = ToBuffer(bytes);
  return PeakOf([&] {
    const auto message = std::make_unique<Message>();
    static_cast<void>(grpc::SerializationTraits<Message>::Deserialize(&buffer, message.get()).ok());
  });
}

// Both: it is a bound, and not `slack` times too large.
template <typename Message>
void Check(const std::string& bytes, double slack) {
  const int64_t measured = Measure<Message>(bytes);
  const int64_t bound = Bound<Message>(bytes);
  EXPECT_GE(bound, measured);
  EXPECT_LE(static_cast<double>(bound), slack * static_cast<double>(measured) + 4096);
}

std::string Repeat(const std::string& piece, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += piece;
  return text;
}

// A length-delimited field of that number.
std::string Field(int number, const std::string& content) {
  std::string text;
  const auto varint = [&text](uint64_t value) {
    for (; value >= 0x80; value >>= 7) text.push_back(static_cast<char>(value | 0x80));
    text.push_back(static_cast<char>(value));
  };
  varint(static_cast<uint64_t>(number) << 3 | 2);
  varint(content.size());
  return text + content;
}

v1::ConvolveRequest Honest(int64_t bytes) {
  v1::ConvolveRequest request;
  request.mutable_input()->set_data_type(v1::DATA_TYPE_FLOAT32);
  request.mutable_input()->add_shape(bytes / 4);
  request.mutable_input()->set_data(std::string(static_cast<size_t>(bytes), 'x'));
  return request;
}

TEST(WireFootprintTest, APayloadTakesItsOwnSize) {
  Check<v1::ConvolveRequest>("", 10);
  Check<v1::ConvolveRequest>(Honest(4).SerializeAsString(), 10);
  Check<v1::ConvolveRequest>(Honest(4 << 20).SerializeAsString(), 1.01);
  // Beyond 50 MB the parser's string grows as it goes.
  Check<v1::ConvolveRequest>(Honest(60 << 20).SerializeAsString(), 3);
}

TEST(WireFootprintTest, NumbersTakeTheirElements) {
  v1::ConvolveRequest request;
  for (int i = 0; i < 200'000; ++i) request.mutable_input()->mutable_doubles()->add_values(i);
  Check<v1::ConvolveRequest>(request.SerializeAsString(), 3.1);
  request.Clear();
  for (int i = 0; i < 200'000; ++i) request.mutable_input()->mutable_integers()->add_values(i % 100);
  Check<v1::ConvolveRequest>(request.SerializeAsString(), 3.1);
  request.Clear();
  for (int i = 0; i < 100'000; ++i) request.mutable_input()->mutable_integers()->add_values(-i);
  Check<v1::ConvolveRequest>(request.SerializeAsString(), 3.1);
}

TEST(WireFootprintTest, AmplifiersTakeWhatTheyBecome) {
  constexpr int kCount = 200'000;
  // shape, one element a field: Tensor.shape is 2, a varint.
  Check<v1::ConvolveRequest>(Field(v1::ConvolveRequest::kInputFieldNumber, Repeat(std::string("\x10\x01"), kCount)),
                             3.1);
  // Unknown: an empty string, a varint, 4 bytes, 8 bytes, a group.
  Check<v1::ConvolveRequest>(Repeat(Field(1999, ""), kCount), 2.5);
  Check<v1::ConvolveRequest>(Repeat(std::string("\xf8\x7c\x01"), kCount), 4);
  Check<v1::ConvolveRequest>(Repeat(std::string("\xfd\x7c") + "1234", kCount), 4);
  Check<v1::ConvolveRequest>(Repeat(std::string("\xf9\x7c") + "12345678", kCount), 4);
  Check<v1::ConvolveRequest>(Repeat(std::string("\xfb\x7c\xfc\x7c"), kCount), 4);
  // Lists of messages and of strings.
  Check<v1::DescribeDatasetRequest>(Repeat(Field(v1::DescribeDatasetRequest::kAxesFieldNumber, ""), kCount), 3);
  Check<v1::GetServerInfoResponse>(Repeat(Field(v1::GetServerInfoResponse::kMethodsFieldNumber, ""), kCount), 3);
  // One message, given again and again: it is one, and the bound cannot know.
  EXPECT_GE(Bound<v1::ConvolveRequest>(Repeat(Field(1, ""), kCount)),
            Measure<v1::ConvolveRequest>(Repeat(Field(1, ""), kCount)));
}

// Entries of a map of messages: with key and value, with nothing, the value first, and each with the same key.
TEST(WireFootprintTest, MapsOfMessagesTakeTheirNodes) {
  v1::ModelNode node;
  for (int i = 0; i < 100'000; ++i) (*node.mutable_attributes())[std::to_string(i)].set_integer(i);
  Check<v1::ModelNode>(node.SerializeAsString(), 6);
  node.Clear();
  for (int i = 0; i < 10'000; ++i) {
    (*node.mutable_attributes())["a long name, that is kept apart " + std::to_string(i)].mutable_reals()->add_values(i);
  }
  Check<v1::ModelNode>(node.SerializeAsString(), 6);
  const int number = v1::ModelNode::kAttributesFieldNumber;
  std::string swapped;
  for (int i = 0; i < 10'000; ++i) swapped += Field(number, Field(2, "\x08\x01") + Field(1, std::to_string(i)));
  Check<v1::ModelNode>(swapped, 6);
  EXPECT_GE(Bound<v1::ModelNode>(Repeat(Field(number, ""), 1000)),
            Measure<v1::ModelNode>(Repeat(Field(number, ""), 1000)));
}

TEST(WireFootprintTest, StopsAtTheLimit) {
  const std::string bytes = Repeat(Field(1999, ""), 1'000'000);
  const int64_t bound = Bound<v1::ConvolveRequest>(bytes, 1 << 20);
  EXPECT_GT(bound, 1 << 20);
  EXPECT_LT(bound, (1 << 20) + 8192);
}

TEST(WireFootprintTest, AllocatesNothing) {
  const WireFootprint footprint(*v1::ConvolveRequest::descriptor());
  const grpc::ByteBuffer buffer = ToBuffer(Repeat(Field(1999, ""), 1000) + Honest(100'000).SerializeAsString());
  std::optional<int64_t> bound;
  EXPECT_EQ(PeakOf([&] { bound = footprint.Bound(buffer, kNoLimit); }), 0);
  EXPECT_GT(bound.value_or(0), 100'000);
}

TEST(WireFootprintTest, LiesAboutLengthsAreSeen) {
  const WireFootprint footprint(*v1::ConvolveRequest::descriptor());
  const std::string twelve(12, 'x');
  // A message of 1 GiB, one of 2^32 - 1 bytes, a payload that goes beyond the tensor around it, an unknown field.
  for (const std::string& lie :
       {std::string("\x0a\x80\x80\x80\x80\x04", 6) + twelve, std::string("\x0a\xff\xff\xff\xff\x0f", 6) + twelve,
        std::string("\x0a\x04\x22\x03") + twelve, std::string("\xfa\x7c\x0d") + twelve}) {
    EXPECT_FALSE(footprint.Bound(ToBuffer(lie), kNoLimit).has_value());
    v1::ConvolveRequest request;
    EXPECT_FALSE(request.ParseFromString(lie));
  }
}

TEST(WireFootprintTest, NestingEndsWhereTheParsersDoes) {
  const std::string groups = Repeat(std::string("\xfb\x7c"), 100'000);
  EXPECT_LT(Bound<v1::ConvolveRequest>(groups), 100'000);
  Check<v1::ConvolveRequest>(Repeat(std::string("\xfb\x7c"), 90) + Repeat(std::string("\xfc\x7c"), 90), 6);
  // The end of a group that never began.
  EXPECT_LT(Bound<v1::ConvolveRequest>("\x04\x04\x04\x04"), 4096);
  EXPECT_LT(Bound<v1::ConvolveRequest>("\xfc\x7c"), 4096);
}

TEST(WireFootprintTest, NoBytesTakeMoreThanItSays) {
  std::mt19937 random(20240501);
  std::string seed = Honest(64).SerializeAsString() + Repeat(Field(1999, "ab"), 3) +
                     Field(v1::ConvolveRequest::kInputFieldNumber, std::string("\x10\x01\x10\x02\x12\x02\x03\x04"));
  seed += Field(v1::ConvolveRequest::kConventionsFieldNumber, Repeat(std::string("\x08\x01\x12\x01\x02"), 3));
  const WireFootprint footprint(*v1::ConvolveRequest::descriptor());
  int lies = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string bytes = seed;
    for (unsigned k = 0; k < 1 + random() % 4; ++k) bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 4 == 0) bytes.resize(random() % bytes.size());
    const std::optional<int64_t> bound = footprint.Bound(ToBuffer(bytes), kNoLimit);
    if (bound.has_value()) {
      ASSERT_GE(*bound, Measure<v1::ConvolveRequest>(bytes)) << "of the bytes " << ::testing::PrintToString(bytes);
    } else {
      ASSERT_FALSE(v1::ConvolveRequest().ParseFromString(bytes)) << ::testing::PrintToString(bytes);
      ++lies;
    }
  }
  EXPECT_GT(lies, 0);
}

}  // namespace
}  // namespace tensord::server
