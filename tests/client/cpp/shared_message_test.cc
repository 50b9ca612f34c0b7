// Requests' bytes are protobuf's own, and large payloads are sent from where they lie.
#include "client/cpp/src/shared_message.h"

#include <gmock/gmock.h>
#include <grpcpp/support/slice.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tensord/v1/convolution.pb.h"
#include "tensord/v1/stream.pb.h"

namespace tensord::client {
namespace {

std::vector<grpc::Slice> SlicesOf(const grpc::ByteBuffer& bytes) {
  std::vector<grpc::Slice> slices;
  EXPECT_TRUE(bytes.Dump(&slices).ok());
  return slices;
}

std::string Joined(const grpc::ByteBuffer& bytes) {
  std::string joined;
  for (const grpc::Slice& slice : SlicesOf(bytes)) {
    joined.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return joined;
}

std::string RandomText(std::mt19937& random, size_t size) {
  std::string text(size, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  return text;
}

bool Holds(const std::vector<grpc::Slice>& slices, const std::string& payload) {
  for (const grpc::Slice& slice : slices) {
    if (static_cast<const void*>(slice.begin()) == payload.data() && slice.size() == payload.size()) return true;
  }
  return false;
}

TEST(SharedMessageTest, TheBytesAreThoseOfProtobuf) {
  std::mt19937 random(20261129);
  for (int round = 0; round < 300; ++round) {
    const auto message = std::make_shared<v1::StreamComputeRequest>();
    message->set_id(random());
    v1::ConvolveRequest& request = *message->mutable_convolve();
    // Around every border there is: of a payload that is shared, and of the blocks that the rest is written to.
    for (v1::Tensor* tensor : {request.mutable_input(), request.mutable_filter(), request.mutable_bias()}) {
      for (auto i = random() % 4; i > 0; --i) tensor->add_shape(static_cast<int64_t>(random()));
      const size_t sizes[] = {0, random() % 64, random() % 2000,
                              static_cast<size_t>(kMinSharedBytes) - 2 + random() % 4, random() % 3'000'000};
      tensor->set_data(RandomText(random, sizes[random() % 5]));
    }
    if (random() % 3 == 0) {
      for (auto i = random() % 200'000; i > 0; --i)
        request.mutable_input()->mutable_doubles()->add_values(static_cast<double>(i));
    }
    const absl::StatusOr<grpc::ByteBuffer> bytes = EncodeShared(message);
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    ASSERT_EQ(bytes->Length(), message->ByteSizeLong());
    ASSERT_TRUE(Joined(*bytes) == message->SerializeAsString()) << "round " << round;
  }
}

TEST(SharedMessageTest, AnEmptyMessageHasNoBytesAndIsOne) {
  const absl::StatusOr<grpc::ByteBuffer> bytes = EncodeShared(std::make_shared<v1::ConvolveRequest>());
  ASSERT_TRUE(bytes.ok());
  EXPECT_TRUE(bytes->Valid());
  EXPECT_EQ(bytes->Length(), 0U);
}

TEST(SharedMessageTest, LargePayloadsStayWhereTheyAreAndTheSlicesOwnThem) {
  auto message = std::make_shared<v1::ConvolveRequest>();
  message->mutable_input()->set_data(std::string(1 << 20, 'x'));
  message->mutable_filter()->set_data(std::string(static_cast<size_t>(kMinSharedBytes) - 1, 'y'));
  message->mutable_bias()->set_data(std::string(static_cast<size_t>(kMinSharedBytes), 'z'));
  const std::weak_ptr<v1::ConvolveRequest> alive = message;
  const v1::ConvolveRequest& seen = *message;
  absl::StatusOr<grpc::ByteBuffer> bytes = EncodeShared(message);
  ASSERT_TRUE(bytes.ok());
  std::vector<grpc::Slice> slices = SlicesOf(*bytes);
  EXPECT_TRUE(Holds(slices, seen.input().data()));
  EXPECT_FALSE(Holds(slices, seen.filter().data())) << "a small one is copied";
  EXPECT_TRUE(Holds(slices, seen.bias().data()));
  message.reset();
  bytes->Clear();
  EXPECT_FALSE(alive.expired()) << "gRPC may hold slices for longer than the call lasts";
  slices.clear();
  EXPECT_TRUE(alive.expired());
}

TEST(SharedMessageTest, MoreThanAMessageCanBeIsAnError) {
  const auto message = std::make_shared<v1::ConvolveRequest>();
  message->mutable_input()->set_data(std::string(size_t{1} << 30, 'x'));
  message->mutable_filter()->set_data(std::string(size_t{1} << 30, 'y'));
  const absl::Status status = EncodeShared(message).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("2147483647"));
}

}  // namespace
}  // namespace tensord::client
