// Batches in chunks over a stream are answered as they are in one message.
#include "tensord/client/chunks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>

#include "google/protobuf/util/message_differencer.h"
#include "tensord/client/client.h"
#include "tests/contract/door.h"
#include "tests/contract/requests.h"

namespace tensord::contract {
namespace {

using client::ChunkOptions;
using ::testing::HasSubstr;

v1::Tensor Random(std::initializer_list<int64_t> shape) {
  v1::Tensor tensor = Ramp(shape);
  std::mt19937 random(20261129);
  std::vector<float> values(tensor.data().size() / sizeof(float));
  for (float& value : values) value = static_cast<float>(random() % 2'001) / 1'000 - 1;
  tensor.set_data(values.data(), values.size() * sizeof(float));
  return tensor;
}

v1::ConvolveRequest Convolution(int64_t samples) {
  v1::ConvolveRequest request;
  request.set_profile(v1::CONVENTION_PROFILE_PYTORCH);
  *request.mutable_input() = Random({samples, 3, 9, 10});
  *request.mutable_filter() = Random({4, 3, 3, 3});
  *request.mutable_bias() = Random({4});
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_RELU);
  return request;
}

// Everything but the hash is the same, bit for bit.
template <typename Response>
void ExpectSame(Response whole, const absl::StatusOr<Response>& chunks) {
  ASSERT_TRUE(chunks.ok()) << chunks.status();
  EXPECT_TRUE(chunks->output().data() == whole.output().data());
  EXPECT_EQ(chunks->output_sha256(), "");
  whole.clear_output_sha256();
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*chunks, whole));
}

class ChunksTest : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<Door> door_ = OpenDoor(GetParam(), TestSettings());
  client::Client client_{door_->channel()};
};

TEST_P(ChunksTest, ConvolutionsOfAnyNumberOfSamples) {
  constexpr int64_t kSampleBytes = 3 * 9 * 10 * 4;
  for (const int64_t samples : {1, 2, 7, 64}) {
    const v1::ConvolveRequest request = Convolution(samples);
    const absl::StatusOr<v1::ConvolveResponse> whole = client_.Convolve(request);
    ASSERT_TRUE(whole.ok()) << whole.status();
    // Less than a sample, some samples, all of them.
    for (const int64_t bytes : {int64_t{1}, 3 * kSampleBytes + 5, int64_t{1} << 30}) {
      ExpectSame(*whole, client::ConvolveInChunks(client_, request, {.chunk_bytes = bytes}));
    }
  }
}

TEST_P(ChunksTest, BoundsAndExactSums) {
  v1::ConvolveRequest request = Convolution(5);
  request.set_return_error_bounds(true);
  ExpectSame(*client_.Convolve(request), client::ConvolveInChunks(client_, request, {.chunk_bytes = 1}));
  request.set_accumulation(v1::ACCUMULATION_EXACT);
  request.set_return_error_bounds(false);
  ExpectSame(*client_.Convolve(request), client::ConvolveInChunks(client_, request, {.chunk_bytes = 1}));
}

TEST_P(ChunksTest, TransposedConvolutions) {
  v1::ConvolveTransposeRequest request;
  *request.mutable_input() = Random({6, 5, 4, 3});
  *request.mutable_filter() = Random({2, 2, 3, 4});
  request.mutable_conventions()->add_strides(2);
  ExpectSame(*client_.ConvolveTranspose(request),
             client::ConvolveTransposeInChunks(client_, request, {.chunk_bytes = 500}));
}

TEST_P(ChunksTest, PoolingsWithIndicesOfEveryBase) {
  for (const v1::IndexBase base : {v1::INDEX_BASE_PLANE, v1::INDEX_BASE_TENSOR, v1::INDEX_BASE_TENSOR_COLUMN_MAJOR,
                                   v1::INDEX_BASE_LAYOUT, v1::INDEX_BASE_LAYOUT_PER_SAMPLE}) {
    v1::PoolRequest request;
    request.set_kind(v1::POOLING_KIND_MAX);
    *request.mutable_input() = Random({5, 6, 7, 3});
    request.mutable_conventions()->add_window(2);
    request.mutable_conventions()->set_index_base(base);
    // Windows that lie in the padding alone have the index -1.
    request.mutable_conventions()->mutable_padding()->set_mode(v1::PADDING_MODE_EXPLICIT);
    request.mutable_conventions()->mutable_padding()->add_begin(3);
    request.mutable_conventions()->mutable_padding()->add_end(0);
    request.mutable_conventions()->set_empty_window(v1::EMPTY_WINDOW_NEGATIVE_INFINITY);
    request.set_return_indices(true);
    const absl::StatusOr<v1::PoolResponse> whole = client_.Pool(request);
    ASSERT_TRUE(whole.ok()) << whole.status();
    EXPECT_EQ(Values(whole->indices())[0], -1);
    ExpectSame(*whole, client::PoolInChunks(client_, request, {.chunk_bytes = 1'100}));
  }
}

TEST_P(ChunksTest, MoreThanAMessageMayHave) {
  // 6 MiB; a message may have 4, and a tensor 2.
  v1::ConvolveRequest request;
  *request.mutable_input() = Random({24, 256, 256, 1});
  *request.mutable_filter() = Random({1, 1, 1, 2});
  EXPECT_EQ(client_.Convolve(request).status().code(), absl::StatusCode::kResourceExhausted);
  const absl::StatusOr<v1::ConvolveResponse> answer =
      client::ConvolveInChunks(client_, request, {.chunk_bytes = 1 << 19});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->output().data().size(), 2 * request.input().data().size());
}

TEST_P(ChunksTest, ErrorsAreThoseOfTheRpc) {
  v1::ConvolveRequest request = Convolution(5);
  request.mutable_conventions()->add_strides(0);
  const absl::Status status = client::ConvolveInChunks(client_, request, {.chunk_bytes = 1}).status();
  EXPECT_EQ(status, client_.Convolve(request).status());
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
}

TEST_P(ChunksTest, WhatIsNotABatchIsRefused) {
  v1::ConvolveRequest request = Convolution(5);
  request.mutable_conventions()->set_input_layout("CNHW");
  EXPECT_THAT(client::ConvolveInChunks(client_, request).status().ToString(), HasSubstr("CNHW"));
  // The server alone knows this one: an image without a batch.
  request = v1::ConvolveRequest();
  *request.mutable_input() = Random({9, 10, 3});
  *request.mutable_filter() = Random({1, 1, 3, 3});
  const absl::Status hwc = client::ConvolveInChunks(client_, request, {.chunk_bytes = 1}).status();
  EXPECT_EQ(hwc.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(hwc.message()), HasSubstr("HWC"));
  request = Convolution(2);
  request.mutable_input()->mutable_doubles()->add_values(1);
  EXPECT_THAT(client::ConvolveInChunks(client_, request).status().ToString(), HasSubstr("`data`"));
  // No input at all.
  EXPECT_EQ(client::ConvolveInChunks(client_, v1::ConvolveRequest()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_P(ChunksTest, EndWithTheStream) {
  ChunkOptions options{.chunk_bytes = 1};
  options.stream.call.cancellation = std::make_shared<client::Cancellation>();
  options.stream.call.cancellation->Cancel();
  EXPECT_EQ(client::ConvolveInChunks(client_, Convolution(5), options).status().code(), absl::StatusCode::kCancelled);
}

INSTANTIATE_TEST_SUITE_P(Doors, ChunksTest, ::testing::ValuesIn(OwnDoorNames()),
                         [](const auto& door) { return door.param; });

}  // namespace
}  // namespace tensord::contract
