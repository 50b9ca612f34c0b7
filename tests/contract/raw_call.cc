#include "tests/contract/raw_call.h"

#include <grpcpp/client_context.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include "google/rpc/status.pb.h"

namespace tensord::contract {
namespace {

void Unpack(const std::string& details, Answer& answer) {
  google::rpc::Status status;
  if (details.empty() || !status.ParseFromString(details)) return;
  for (const google::protobuf::Any& any : status.details()) {
    if (any.Is<google::rpc::ErrorInfo>()) any.UnpackTo(&answer.error_info.emplace());
    if (any.Is<google::rpc::BadRequest>()) any.UnpackTo(&answer.bad_request.emplace());
    if (any.Is<google::rpc::RetryInfo>()) any.UnpackTo(&answer.retry_info.emplace());
  }
}

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

}  // namespace

std::string Answer::Violations() const {
  std::string text;
  if (!bad_request.has_value()) return text;
  for (const auto& violation : bad_request->field_violations()) {
    text += violation.field() + ": " + violation.description() + "\n";
  }
  return text;
}

std::optional<std::string> Answer::ViolationOf(const std::string& field) const {
  if (!bad_request.has_value()) return std::nullopt;
  for (const auto& violation : bad_request->field_violations()) {
    if (violation.field() == field) return violation.description();
  }
  return std::nullopt;
}

Answer CallRaw(grpc::Channel& channel, const std::string& method, const std::string& bytes,
               std::chrono::milliseconds deadline) {
  const std::string path = "/" + method;
  const grpc::internal::RpcMethod rpc(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + deadline);
  Answer answer;
  answer.status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(&channel, rpc, &context,
                                                                                        request, &response);
  if (answer.status.ok()) answer.bytes = ToString(response);
  for (const auto& [key, value] : context.GetServerTrailingMetadata()) {
    answer.trailers.emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  }
  Unpack(answer.status.error_details(), answer);
  return answer;
}

}  // namespace tensord::contract
