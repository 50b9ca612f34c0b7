#include "bench/rpc/call.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/codegen/rpc_method.h>
#include <grpcpp/support/channel_arguments.h>

#include <chrono>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"

namespace tensord::bench {
namespace {

constexpr char kMethod[] = "/tensord.v1.TensorService/Convolve";

v1::Tensor Integers(const std::vector<int64_t>& shape) {
  v1::Tensor tensor;
  tensor.set_data_type(v1::DATA_TYPE_FLOAT32);
  size_t count = 1;
  for (const int64_t size : shape) {
    tensor.add_shape(size);
    count *= static_cast<size_t>(size);
  }
  std::vector<float> elements(count);
  for (size_t i = 0; i < count; ++i) elements[i] = static_cast<float>(i * 5 % 7) - 3;
  tensor.set_data(elements.data(), count * sizeof(float));
  return tensor;
}

absl::StatusOr<grpc::ByteBuffer> Ask(grpc::Channel& channel, grpc::ClientContext& context,
                                     const grpc::ByteBuffer& request) {
  grpc::ByteBuffer answer;
  const grpc::internal::RpcMethod method(kMethod, grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
      &channel, method, &context, request, &answer);
  if (!status.ok()) return absl::UnavailableError(absl::StrCat("a call failed: ", status.error_message()));
  return answer;
}

}  // namespace

std::shared_ptr<grpc::Channel> Connect(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

Call::Call(const v1::ConvolveRequest& request) {
  const std::string bytes = request.SerializeAsString();
  const grpc::Slice slice(bytes);
  request_ = grpc::ByteBuffer(&slice, 1);
}

absl::StatusOr<v1::ConvolveResponse> Call::LearnReply(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  TENSORD_ASSIGN_OR_RETURN(grpc::ByteBuffer answer, Ask(*channel, context, request_));
  reply_bytes_ = static_cast<int64_t>(answer.Length());
  v1::ConvolveResponse response;
  if (!grpc::SerializationTraits<v1::ConvolveResponse>::Deserialize(&answer, &response).ok()) {
    return absl::InternalError("an answer is no ConvolveResponse");
  }
  return response;
}

absl::StatusOr<double> Call::Run(const std::shared_ptr<grpc::Channel>& channel) const {
  grpc::ClientContext context;
  context.AddMetadata(kReplyBytes, std::to_string(reply_bytes_));
  const auto start = std::chrono::steady_clock::now();
  TENSORD_ASSIGN_OR_RETURN(const grpc::ByteBuffer answer, Ask(*channel, context, request_));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  if (static_cast<int64_t>(answer.Length()) != reply_bytes_) return absl::InternalError("an answer has another length");
  return seconds;
}

v1::ConvolveRequest RequestOf(const std::vector<int64_t>& input, const std::vector<int64_t>& filter) {
  v1::ConvolveRequest request;
  *request.mutable_input() = Integers(input);
  *request.mutable_filter() = Integers(filter);
  return request;
}

}  // namespace tensord::bench
