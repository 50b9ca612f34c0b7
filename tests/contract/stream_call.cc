#include "tests/contract/stream_call.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/rpc_method.h>

#include <cctype>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace tensord::contract {
namespace {

using google::protobuf::FieldDescriptor;

constexpr uint32_t kLengthDelimited = 2;

// "ConvolveBackward" -> "convolve_backward".
std::string SnakeCase(const std::string& rpc) {
  std::string name;
  for (const char letter : rpc) {
    if (std::isupper(static_cast<unsigned char>(letter)) != 0 && !name.empty()) name += '_';
    name += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return name;
}

}  // namespace

StreamCall::StreamCall(const std::shared_ptr<grpc::Channel>& channel,
                       const std::map<std::string, std::string>& metadata,
                       std::optional<std::chrono::milliseconds> deadline)
    : channel_(channel) {
  if (deadline.has_value()) context_.set_deadline(std::chrono::system_clock::now() + *deadline);
  for (const auto& [key, value] : metadata) context_.AddMetadata(key, value);
  const grpc::internal::RpcMethod rpc("/tensord.v1.TensorService/StreamCompute",
                                      grpc::internal::RpcMethod::BIDI_STREAMING);
  stream_.reset(grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>::Create(channel_.get(),
                                                                                                      rpc, &context_));
}

bool StreamCall::SendBytes(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return stream_->Write(grpc::ByteBuffer(&slice, 1));
}

void StreamCall::Close() { stream_->WritesDone(); }

std::optional<v1::StreamComputeResponse> StreamCall::Read() {
  grpc::ByteBuffer bytes;
  if (!stream_->Read(&bytes)) return std::nullopt;
  v1::StreamComputeResponse answer;
  EXPECT_TRUE(grpc::SerializationTraits<v1::StreamComputeResponse>::Deserialize(&bytes, &answer).ok());
  return answer;
}

Answer StreamCall::Finish() { return TakeApart(context_, stream_->Finish()); }

std::string StreamBytes(uint64_t id, const std::string& rpc, const std::string& bytes) {
  v1::StreamComputeRequest request;
  request.set_id(id);
  std::string result = request.SerializeAsString();
  const FieldDescriptor* const field = request.GetDescriptor()->FindFieldByName(SnakeCase(rpc));
  google::protobuf::io::StringOutputStream output(&result);
  google::protobuf::io::CodedOutputStream coded(&output);
  coded.WriteTag(static_cast<uint32_t>(field->number()) << 3 | kLengthDelimited);
  coded.WriteVarint32(static_cast<uint32_t>(bytes.size()));
  coded.WriteString(bytes);
  return result;
}

std::optional<std::string> ResponseBytes(const v1::StreamComputeResponse& answer, const std::string& rpc) {
  const FieldDescriptor* const field = answer.GetDescriptor()->FindFieldByName(SnakeCase(rpc));
  if (!answer.GetReflection()->HasField(answer, field)) return std::nullopt;
  return answer.GetReflection()->GetMessage(answer, field).SerializeAsString();
}

}  // namespace tensord::contract
