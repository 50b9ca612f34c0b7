#include "tests/server/rpc_helpers.h"

#include <grpcpp/generic/generic_stub.h>

#include <chrono>
#include <vector>

#include "tensord/v1/server_service.grpc.pb.h"

namespace tensord::testing {

using grpc::health::v1::HealthCheckResponse;

void SetGenerousDeadline(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
}

std::shared_ptr<grpc::Channel> Connect(const std::string& address,
                                       const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, credentials, arguments);
}

HealthCheckResponse::ServingStatus CheckHealth(const std::shared_ptr<grpc::Channel>& channel,
                                               const std::string& service) {
  const auto stub = grpc::health::v1::Health::NewStub(channel);
  grpc::ClientContext context;
  SetGenerousDeadline(context);
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  HealthCheckResponse response;
  if (!stub->Check(&context, request, &response).ok()) return HealthCheckResponse::UNKNOWN;
  return response.status();
}

v1::ActivateRequest ReluOfZeros(int64_t count) {
  v1::ActivateRequest request;
  request.mutable_activation()->set_kind(v1::ACTIVATION_KIND_RELU);
  request.mutable_input()->set_data_type(v1::DATA_TYPE_FLOAT32);
  request.mutable_input()->add_shape(count);
  request.mutable_input()->set_data(std::string(static_cast<size_t>(count) * sizeof(float), '\0'));
  return request;
}

grpc::Status CallServerInfo(const std::shared_ptr<grpc::Channel>& channel) {
  const auto stub = v1::ServerService::NewStub(channel);
  grpc::ClientContext context;
  SetGenerousDeadline(context);
  v1::GetServerInfoResponse response;
  return stub->GetServerInfo(&context, {}, &response);
}

std::string ListServicesRequest() { return std::string("\x3a\x01*"); }

std::string FileContainingSymbolRequest(const std::string& symbol) {
  return "\x22" + std::string(1, static_cast<char>(symbol.size())) + symbol;
}

std::string AskReflection(const std::shared_ptr<grpc::Channel>& channel, const std::string& request) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  SetGenerousDeadline(context);
  grpc::CompletionQueue queue;
  const auto wait = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  auto call = stub.PrepareCall(&context, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", &queue);
  call->StartCall(nullptr);
  std::string answer;
  if (wait()) {
    const grpc::Slice slice(request);
    call->Write(grpc::ByteBuffer(&slice, 1), nullptr);
    grpc::ByteBuffer response;
    bool read = false;
    if (wait()) {
      call->Read(&response, nullptr);
      read = wait();
    }
    std::vector<grpc::Slice> slices;
    if (read && response.Dump(&slices).ok()) {
      for (const grpc::Slice& each : slices) answer.append(reinterpret_cast<const char*>(each.begin()), each.size());
    }
  }
  context.TryCancel();
  grpc::Status status;
  call->Finish(&status, nullptr);
  static_cast<void>(wait());
  queue.Shutdown();
  return answer;
}

}  // namespace tensord::testing
