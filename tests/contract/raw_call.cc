#include "tests/contract/raw_call.h"

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/client_unary_call.h>
#include <grpcpp/support/byte_buffer.h>

#include <utility>

namespace tensord::contract {
namespace {

void Unpack(const google::rpc::Status& status, Answer& answer) {
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

std::multimap<std::string, std::string> ToStrings(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
  std::multimap<std::string, std::string> result;
  for (const auto& [key, value] : metadata) {
    result.emplace(std::string(key.data(), key.size()), std::string(value.data(), value.size()));
  }
  return result;
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

Answer TakeApart(const grpc::ClientContext& context, grpc::Status status) {
  Answer answer;
  answer.status = std::move(status);
  answer.headers = ToStrings(context.GetServerInitialMetadata());
  answer.trailers = ToStrings(context.GetServerTrailingMetadata());
  google::rpc::Status details;
  if (details.ParseFromString(answer.status.error_details())) Unpack(details, answer);
  return answer;
}

Answer TakeApart(const google::rpc::Status& error) {
  Answer answer;
  answer.status = grpc::Status(static_cast<grpc::StatusCode>(error.code()), error.message());
  Unpack(error, answer);
  return answer;
}

Answer CallRaw(grpc::Channel& channel, const std::string& method, const std::string& bytes,
               std::chrono::milliseconds deadline, const std::map<std::string, std::string>& metadata) {
  const std::string path = "/" + method;
  const grpc::internal::RpcMethod rpc(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + deadline);
  for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
  grpc::Status status = grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(&channel, rpc, &context,
                                                                                              request, &response);
  Answer answer = TakeApart(context, std::move(status));
  if (answer.status.ok()) answer.bytes = ToString(response);
  return answer;
}

Answer CallWithoutMessage(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                          const std::map<std::string, std::string>& metadata) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
  const std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call = stub.PrepareCall(&context, "/" + method, &queue);
  grpc::Status status;
  call->StartCall(&context);
  call->Finish(&status, &status);
  void* tag = nullptr;
  bool ok = false;
  while (queue.Next(&tag, &ok) && tag != &status) {
  }
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  return TakeApart(context, std::move(status));
}

}  // namespace tensord::contract
