#include "tensord/client/client.h"

#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <type_traits>
#include <utility>

#include "client/cpp/src/call_registry.h"
#include "client/cpp/src/channel.h"
#include "client/cpp/src/credentials.h"
#include "client/cpp/src/resumed_stream.h"
#include "client/cpp/src/status_convert.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tensord/v1/analysis_service.grpc.pb.h"
#include "tensord/v1/server_service.grpc.pb.h"
#include "tensord/v1/tensor_service.grpc.pb.h"

namespace tensord::client {
namespace {

template <typename Request, typename Response>
struct AsyncCall final : Call {
  AsyncCall(const Request& a_request, Callback<Response> a_callback)
      : request(a_request), callback(std::move(a_callback)) {}

  Request request;
  Response response;
  Callback<Response> callback;
};

template <typename Response>
absl::StatusOr<Response> ToAnswer(const grpc::Status& status, Response& response) {
  if (!status.ok()) return FromGrpcStatus(status);
  return std::move(response);
}

Health ToHealth(grpc::health::v1::HealthCheckResponse::ServingStatus status) {
  switch (status) {
    case grpc::health::v1::HealthCheckResponse::SERVING:
      return Health::kServing;
    case grpc::health::v1::HealthCheckResponse::SERVICE_UNKNOWN:
      return Health::kUnknownService;
    default:
      return Health::kNotServing;
  }
}

}  // namespace

struct Client::State {
  State(const std::shared_ptr<grpc::Channel>& channel, const ClientOptions& options, const std::string& token)
      : tensor_stub(channel),
        analysis_stub(channel),
        server_stub(channel),
        health_stub(grpc::health::v1::Health::NewStub(channel)),
        retry(options.retry),
        max_message_bytes(options.max_message_bytes),
        calls(options.deadline, token) {}

  // `invoke` with the stub that has the rpc which it calls.
  template <typename Invoke>
  decltype(auto) OnStub(Invoke&& invoke) {
    if constexpr (std::is_invocable_v<Invoke, v1::TensorService::Stub&>) {
      return invoke(tensor_stub);
    } else if constexpr (std::is_invocable_v<Invoke, v1::AnalysisService::Stub&>) {
      return invoke(analysis_stub);
    } else {
      return invoke(server_stub);
    }
  }

  // `invoke` with a context for one synchronous call, which ends when it returns.
  template <typename Invoke>
  grpc::Status Run(const CallOptions& options, Invoke&& invoke) {
    const auto call = std::make_shared<Call>();
    calls.Begin(call, options);
    grpc::Status status = invoke(&call->context);
    calls.End(call.get());
    return status;
  }

  // A new asynchronous call; the registry owns it.
  template <typename Request, typename Response>
  AsyncCall<Request, Response>* Begin(const Request& request, const CallOptions& options, Callback<Response> callback) {
    const auto call = std::make_shared<AsyncCall<Request, Response>>(request, std::move(callback));
    calls.Begin(call, options);
    return call.get();
  }

  // The function that gRPC calls at the end of an asynchronous call.
  template <typename Request, typename Response>
  std::function<void(grpc::Status)> EndOf(AsyncCall<Request, Response>* call) {
    return [this, call](const grpc::Status& status) noexcept {
      calls.RunCallback([&] {
        // Destroyed before the call ends: it may own what the client's owner destroys next.
        const Callback<Response> callback = std::exchange(call->callback, nullptr);
        callback(ToAnswer(status, call->response));
      });
      calls.End(call);
    };
  }

  v1::TensorService::Stub tensor_stub;
  v1::AnalysisService::Stub analysis_stub;
  v1::ServerService::Stub server_stub;
  std::unique_ptr<grpc::health::v1::Health::Stub> health_stub;
  const RetryOptions retry;
  const int64_t max_message_bytes;
  CallRegistry calls;
};

absl::StatusOr<std::unique_ptr<Client>> Client::Connect(const std::string& address, const ClientOptions& options) {
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> channel = MakeChannel(address, options);
  if (!channel.ok()) return channel.status();
  const absl::StatusOr<std::string> token = ReadToken(options.token_file);
  if (!token.ok()) return token.status();
  return std::unique_ptr<Client>(new Client(std::make_unique<State>(*channel, options, *token)));
}

Client::Client(const std::shared_ptr<grpc::Channel>& channel)
    : Client(std::make_unique<State>(channel, ClientOptions(), std::string())) {}

Client::Client(std::unique_ptr<State> state) : state_(std::move(state)) {}

Client::~Client() { state_->calls.CancelAllAndWait(); }

// The return types of the inner lambdas are how OnStub finds the stub: only one has a member of that name.
#define TENSORD_CLIENT_RPC(Rpc)                                                                                    \
  absl::StatusOr<v1::Rpc##Response> Client::Rpc(const v1::Rpc##Request& request, const CallOptions& options) {     \
    v1::Rpc##Response response;                                                                                    \
    const grpc::Status status = state_->Run(options, [&](grpc::ClientContext* context) {                           \
      return state_->OnStub([&](auto& stub) -> decltype(stub.Rpc(context, request, &response)) {                   \
        return stub.Rpc(context, request, &response);                                                              \
      });                                                                                                          \
    });                                                                                                            \
    return ToAnswer(status, response);                                                                             \
  }                                                                                                                \
  void Client::Rpc##Async(const v1::Rpc##Request& request, const CallOptions& options,                             \
                          Callback<v1::Rpc##Response> callback) {                                                  \
    auto* const call = state_->Begin(request, options, std::move(callback));                                       \
    grpc::ClientContext* const context = &call->context;                                                           \
    std::function<void(grpc::Status)> end = state_->EndOf(call);                                                   \
    state_->OnStub([&](auto& stub) -> decltype(stub.async()->Rpc(context, &call->request, &call->response, end)) { \
      return stub.async()->Rpc(context, &call->request, &call->response, std::move(end));                          \
    });                                                                                                            \
  }
#include "tensord/client/rpcs.inc"
#undef TENSORD_CLIENT_RPC

absl::StatusOr<Health> Client::CheckHealth(const std::string& service, const CallOptions& options) {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  grpc::health::v1::HealthCheckResponse response;
  const grpc::Status status = state_->Run(
      options, [&](grpc::ClientContext* context) { return state_->health_stub->Check(context, request, &response); });
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) return Health::kUnknownService;
  if (!status.ok()) return FromGrpcStatus(status);
  return ToHealth(response.status());
}

std::unique_ptr<ComputeStream> Client::StreamCompute(const StreamOptions& options, OnAnswer on_answer) {
  StreamOptions complete = options;
  if (!complete.retry.has_value()) complete.retry = state_->retry;
  return std::make_unique<ResumedStream>(&state_->tensor_stub, &state_->calls, state_->max_message_bytes,
                                         std::move(complete), std::move(on_answer));
}

}  // namespace tensord::client
