// Answers whose tensors' elements are sent from where they are.
#include "server/convert/attached_tensors.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "server/convert/tensor_convert.h"
#include "server/rpc/typed_message.h"
#include "tensord/v1/convolution.pb.h"
#include "tensord/v1/stream.pb.h"
#include "tests/support/matchers.h"

namespace tensord::server {
namespace {

using compute::DataType;
using compute::Shape;
using compute::Tensor;
using google::protobuf::util::MessageDifferencer;
using test_support::StatusIs;

constexpr int64_t kLarge = AttachedTensors::kMinBytes / 4;  // elements of float32

Tensor Numbered(int64_t count, float first) {
  Tensor tensor = *Tensor::Allocate(DataType::kFloat32, Shape{count});
  for (int64_t i = 0; i < count; ++i) tensor.As<float>()[i] = first + static_cast<float>(i);
  return tensor;
}

v1::Tensor Copied(int64_t count, float first) { return EncodeTensor(Numbered(count, first), TensorForm::kBytes, "W"); }

v1::Tensor Attached(int64_t count, float first, AttachedTensors& attached) {
  return EncodeTensor(Numbered(count, first), TensorForm::kBytes, "W", attached);
}

template <typename Response>
Response Parsed(const grpc::ByteBuffer& bytes) {
  Response response;
  EXPECT_TRUE(DecodeMessage(bytes, response).ok());
  return response;
}

// What is read is what was meant, and nothing besides: unknown fields would be a difference.
template <typename Response>
void ExpectSame(const Response& expected, const grpc::ByteBuffer& bytes) {
  const Response parsed = Parsed<Response>(bytes);
  std::string differences;
  MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&differences);
  EXPECT_TRUE(differencer.Compare(expected, parsed)) << differences.substr(0, 500);
  EXPECT_EQ(bytes.Length(), expected.ByteSizeLong());
}

void SetRest(v1::ConvolveResponse& response) {
  response.set_profile(v1::CONVENTION_PROFILE_ONNX);
  response.mutable_conventions()->add_strides(3);
  response.set_output_sha256("0123");
}

TEST(AttachedTensorsTest, AnAnswerReadsAsWithTheElementsInIt) {
  v1::ConvolveResponse expected;
  *expected.mutable_output() = Copied(kLarge, 1);
  SetRest(expected);

  AttachedTensors attached;
  v1::ConvolveResponse answer;
  *answer.mutable_output() = Attached(kLarge, 1, attached);
  SetRest(answer);
  EXPECT_FALSE(attached.empty());
  EXPECT_EQ(answer.output().payload_case(), v1::Tensor::PAYLOAD_NOT_SET);
  grpc::ByteBuffer bytes;
  ASSERT_TRUE(EncodeMessage(answer, attached, bytes).ok());
  ExpectSame(expected, bytes);
}

TEST(AttachedTensorsTest, SeveralAndDeepOnesGoAlongWhenTheirMessageIsMoved) {
  v1::StreamComputeResponse expected;
  expected.set_id(7);
  expected.set_index(300);
  v1::ConvolveBackwardResponse& gradients = *expected.mutable_convolve_backward();
  *gradients.mutable_input_gradient() = Copied(kLarge + 5, 1);
  *gradients.mutable_filter_gradient() = Copied(3, 50);
  *gradients.mutable_bias_gradient() = Copied(kLarge, 100);
  *gradients.mutable_filter_gradient_error_bounds()->mutable_computed() = Copied(kLarge + 1, 200);
  *gradients.mutable_filter_gradient_error_bounds()->mutable_any_order() = Copied(kLarge + 2, 300);
  gradients.set_profile(v1::CONVENTION_PROFILE_PYTORCH);

  AttachedTensors attached;
  v1::ConvolveBackwardResponse made;
  *made.mutable_bias_gradient() = Attached(kLarge, 100, attached);  // in another order than they are sent in
  *made.mutable_input_gradient() = Attached(kLarge + 5, 1, attached);
  *made.mutable_filter_gradient() = Attached(3, 50, attached);
  v1::ErrorBounds bounds;
  *bounds.mutable_any_order() = Attached(kLarge + 2, 300, attached);
  *bounds.mutable_computed() = Attached(kLarge + 1, 200, attached);
  *made.mutable_filter_gradient_error_bounds() = std::move(bounds);
  made.set_profile(v1::CONVENTION_PROFILE_PYTORCH);
  v1::StreamComputeResponse answer;
  answer.set_id(7);
  answer.set_index(300);
  *answer.mutable_convolve_backward() = std::move(made);
  grpc::ByteBuffer bytes;
  ASSERT_TRUE(EncodeMessage(answer, attached, bytes).ok());
  ExpectSame(expected, bytes);
}

TEST(AttachedTensorsTest, ElementsAreSentFromWhereTheyAre) {
  AttachedTensors attached;
  Tensor tensor = Numbered(kLarge, 1);
  const void* const elements = tensor.data();
  v1::ConvolveResponse answer;
  *answer.mutable_output() = EncodeTensor(std::move(tensor), TensorForm::kBytes, "W", attached);
  grpc::ByteBuffer bytes;
  ASSERT_TRUE(EncodeMessage(answer, attached, bytes).ok());
  std::vector<grpc::Slice> slices;
  ASSERT_TRUE(bytes.Dump(&slices).ok());
  ASSERT_EQ(slices.size(), 2U);
  EXPECT_EQ(slices[1].begin(), elements);
  EXPECT_EQ(slices[1].size(), static_cast<size_t>(4 * kLarge));
}

TEST(AttachedTensorsTest, ElementsLiveAsLongAsTheBytes) {
  grpc::ByteBuffer bytes;
  {
    AttachedTensors attached;
    v1::ConvolveResponse answer;
    *answer.mutable_output() = Attached(kLarge, 1, attached);
    ASSERT_TRUE(EncodeMessage(answer, attached, bytes).ok());
  }
  const Tensor others = Numbered(kLarge, 9);  // would take the memory if it were free
  const std::string data = Parsed<v1::ConvolveResponse>(bytes).output().data();
  const Tensor expected = Numbered(kLarge, 1);
  ASSERT_EQ(data.size(), static_cast<size_t>(expected.size_bytes()));
  EXPECT_EQ(std::memcmp(data.data(), expected.data(), data.size()), 0);
}

TEST(AttachedTensorsTest, FewElementsAndTypedOnesAreInTheMessage) {
  AttachedTensors attached;
  EXPECT_EQ(Attached(kLarge - 1, 1, attached).data().size(), static_cast<size_t>(4 * (kLarge - 1)));
  EXPECT_EQ(EncodeTensor(Numbered(kLarge, 1), TensorForm::kTyped, "W", attached).doubles().values_size(), kLarge);
  EXPECT_TRUE(attached.empty());
}

TEST(AttachedTensorsTest, TwoGibibytesAreRefused) {
  AttachedTensors attached;
  v1::ConvolveBackwardResponse answer;
  for (v1::Tensor* tensor : {answer.mutable_input_gradient(), answer.mutable_filter_gradient()}) {
    absl::StatusOr<Tensor> half = Tensor::Allocate(DataType::kUint8, Shape{int64_t{1} << 30});
    ASSERT_TRUE(half.ok()) << half.status();
    *tensor = EncodeTensor(*std::move(half), TensorForm::kBytes, "W", attached);  // never written: takes no memory
  }
  grpc::ByteBuffer bytes;
  EXPECT_THAT(EncodeMessage(answer, attached, bytes), StatusIs(absl::StatusCode::kResourceExhausted, "2 GiB"));
}

}  // namespace
}  // namespace tensord::server
