#include "tensord/client/client.h"

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/cpp/src/call_registry.h"
#include "client/cpp/src/channel.h"
#include "client/cpp/src/credentials.h"
#include "client/cpp/src/resumed_stream.h"
#include "client/cpp/src/shared_message.h"
#include "client/cpp/src/status_convert.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tensord/v1/analysis_service.grpc.pb.h"
#include "tensord/v1/grading_service.grpc.pb.h"
#include "tensord/v1/server_service.grpc.pb.h"
#include "tensord/v1/tensor_service.grpc.pb.h"

namespace tensord::client {
namespace {

constexpr std::chrono::milliseconds kNoDeadline = std::chrono::hours(24 * 365 * 200);

template <typename Response>
absl::StatusOr<Response> ToAnswer(const grpc::Status& status, Response& response) {
  if (!status.ok()) return FromGrpcStatus(status);
  return std::move(response);
}

// gRPC's asynchronous calls say nothing of bytes that are no such message; so they are decoded here.
template <typename Response>
absl::StatusOr<Response> Decode(const grpc::Status& status, grpc::ByteBuffer& bytes) {
  if (!status.ok()) return FromGrpcStatus(status);
  Response response;
  const grpc::Status decoded = grpc::SerializationTraits<Response>::Deserialize(&bytes, &response);
  if (decoded.ok()) return response;
  return absl::InternalError(absl::StrCat("the answer is no ", Response::descriptor()->full_name()));
}

template <typename Request>
absl::StatusOr<grpc::ByteBuffer> Encode(Request&& request) {
  return EncodeShared(std::make_shared<const std::decay_t<Request>>(std::forward<Request>(request)));
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
  template <typename Response>
  struct AsyncCall final : Call {
    grpc::ByteBuffer request;
    grpc::ByteBuffer response;
    Callback<Response> callback;
  };

  State(std::shared_ptr<grpc::Channel> a_channel, const ClientOptions& options, const std::string& token)
      : channel(std::move(a_channel)),
        generic_stub(channel),
        stubs(channel, channel, channel, channel),
        health_stub(grpc::health::v1::Health::NewStub(channel)),
        retry(options.retry),
        max_message_bytes(options.max_message_bytes),
        calls(options.deadline, token) {}

  // `invoke` with a context for one synchronous call, which ends when it returns.
  template <typename Invoke>
  grpc::Status Run(const CallOptions& options, Invoke&& invoke) {
    const auto call = std::make_shared<Call>();
    calls.Begin(call, options);
    grpc::Status status = invoke(&call->context);
    calls.End(call.get());
    return status;
  }

  // One synchronous call whose request is encoded already.
  template <typename Response>
  absl::StatusOr<Response> Run(const char* method, const grpc::ByteBuffer& request, const CallOptions& options) {
    grpc::ByteBuffer response;
    const grpc::Status status = Run(options, [&](grpc::ClientContext* context) {
      grpc::CompletionQueue queue;
      const auto reader = generic_stub.PrepareUnaryCall(context, method, request, &queue);
      grpc::Status ended;
      reader->StartCall();
      reader->Finish(&response, &ended, nullptr);
      void* tag = nullptr;
      bool ok = false;
      queue.Next(&tag, &ok);
      return ended;
    });
    return Decode<Response>(status, response);
  }

  // Begins an asynchronous call, which the registry owns.
  template <typename Response>
  void Begin(const char* method, grpc::ByteBuffer request, const CallOptions& options, Callback<Response> callback) {
    const auto call = std::make_shared<AsyncCall<Response>>();
    call->request = std::move(request);
    call->callback = std::move(callback);
    calls.Begin(call, options);
    AsyncCall<Response>* const raw = call.get();
    generic_stub.UnaryCall(&raw->context, method, {}, &raw->request, &raw->response,
                           [this, raw](const grpc::Status& status) noexcept {
                             calls.RunCallback([&] {
                               // Destroyed before the call ends: it may own what the client's owner destroys next.
                               const Callback<Response> end = std::exchange(raw->callback, nullptr);
                               end(Decode<Response>(status, raw->response));
                             });
                             calls.End(raw);
                           });
  }

  // The answer to a call that cannot begin.
  template <typename Response>
  void Refuse(const absl::Status& status, const Callback<Response>& callback) {
    calls.RunCallback([&] { callback(status); });
  }

  const std::shared_ptr<grpc::Channel> channel;
  grpc::GenericStub generic_stub;
  std::tuple<v1::TensorService::Stub, v1::AnalysisService::Stub, v1::GradingService::Stub, v1::ServerService::Stub>
      stubs;
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

#define TENSORD_CLIENT_RPC(Service, Rpc)                                                                       \
  absl::StatusOr<v1::Rpc##Response> Client::Rpc(const v1::Rpc##Request& request, const CallOptions& options) { \
    v1::Rpc##Response response;                                                                                \
    const grpc::Status status = state_->Run(options, [&](grpc::ClientContext* context) {                       \
      return std::get<v1::Service::Stub>(state_->stubs).Rpc(context, request, &response);                      \
    });                                                                                                        \
    return ToAnswer(status, response);                                                                         \
  }                                                                                                            \
  absl::StatusOr<v1::Rpc##Response> Client::Rpc(v1::Rpc##Request&& request, const CallOptions& options) {      \
    const absl::StatusOr<grpc::ByteBuffer> bytes = Encode(std::move(request));                                 \
    if (!bytes.ok()) return bytes.status();                                                                    \
    return state_->Run<v1::Rpc##Response>("/tensord.v1." #Service "/" #Rpc, *bytes, options);                  \
  }                                                                                                            \
  void Client::Rpc##Async(v1::Rpc##Request request, const CallOptions& options,                                \
                          Callback<v1::Rpc##Response> callback) {                                              \
    absl::StatusOr<grpc::ByteBuffer> bytes = Encode(std::move(request));                                       \
    if (!bytes.ok()) return state_->Refuse(bytes.status(), callback);                                          \
    state_->Begin("/tensord.v1." #Service "/" #Rpc, *std::move(bytes), options, std::move(callback));          \
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
  return std::make_unique<ResumedStream>(state_->channel, &state_->calls, state_->max_message_bytes,
                                         std::move(complete), std::move(on_answer));
}

absl::Status Client::GradeClass(const v1::Assignment& assignment, const NextSubmission& next, const OnGraded& on_graded,
                                const CallOptions& options) {
  CallOptions complete = options;
  if (!complete.deadline.has_value()) complete.deadline = kNoDeadline;
  const grpc::Status status = state_->Run(complete, [&](grpc::ClientContext* context) {
    const auto stream = std::get<v1::GradingService::Stub>(state_->stubs).StreamGradeSubmissions(context);
    std::thread sender([&] {
      v1::StreamGradeSubmissionsRequest request;
      *request.mutable_assignment() = assignment;
      bool alive = stream->Write(request);
      for (request.Clear(); alive && next(*request.mutable_submission()); request.Clear())
        alive = stream->Write(request);
      stream->WritesDone();
    });
    v1::StreamGradeSubmissionsResponse response;
    while (stream->Read(&response)) on_graded(response);
    sender.join();
    return stream->Finish();
  });
  return FromGrpcStatus(status);
}

}  // namespace tensord::client
