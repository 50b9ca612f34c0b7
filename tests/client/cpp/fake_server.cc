#include "tests/client/cpp/fake_server.h"

#include <grpcpp/health_check_service_interface.h>

#include <chrono>
#include <utility>

namespace tensord::client::testing {
namespace {

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string text;
  if (!buffer.Dump(&slices).ok()) return text;
  for (const grpc::Slice& slice : slices) text.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return text;
}

grpc::ByteBuffer ToBuffer(const std::string& text) {
  const grpc::Slice slice(text);
  return {&slice, 1};
}

}  // namespace

class FakeServer::Reactor final : public grpc::ServerGenericBidiReactor {
 public:
  Reactor(FakeServer& server, std::string method) : server_(server), method_(std::move(method)) {
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    std::optional<FakeAnswer> answer;
    if (ok) answer = server_.Answer(method_, ToString(request_));
    const std::lock_guard lock(mutex_);
    if (answer.has_value() && answer->status.ok()) {
      response_ = ToBuffer(answer->response);
      StartWriteAndFinish(&response_, grpc::WriteOptions(), answer->status);
    } else if (answer.has_value()) {
      Finish(answer->status);
    } else if (cancelled_) {
      Finish(grpc::Status::CANCELLED);
    } else {
      hanging_ = true;
    }
  }

  void OnCancel() override {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (std::exchange(hanging_, false)) Finish(grpc::Status::CANCELLED);
  }

  void OnDone() override {
    { const std::lock_guard lock(mutex_); }
    delete this;
  }

 private:
  FakeServer& server_;
  const std::string method_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  std::mutex mutex_;
  bool hanging_ = false;
  bool cancelled_ = false;
};

class FakeServer::Service final : public grpc::CallbackGenericService {
 public:
  explicit Service(FakeServer& server) : server_(server) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    return new Reactor(server_, context->method());
  }

 private:
  FakeServer& server_;
};

FakeServer::FakeServer(Handler handler, const std::string& listen,
                       const std::shared_ptr<grpc::ServerCredentials>& credentials)
    : handler_(std::move(handler)), service_(std::make_unique<Service>(*this)) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(listen, credentials, &port);
  builder.SetMaxReceiveMessageSize(-1);
  builder.RegisterCallbackGenericService(service_.get());
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) return;
  const bool has_port = listen.size() > 2 && listen.substr(listen.size() - 2) == ":0";
  address_ = has_port ? listen.substr(0, listen.size() - 1) + std::to_string(port) : listen;
}

FakeServer::~FakeServer() {
  // A deadline that has passed: calls that hang are cancelled.
  if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
}

std::vector<std::string> FakeServer::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void FakeServer::WaitForCalls(size_t count) const {
  std::unique_lock lock(mutex_);
  arrived_.wait(lock, [&] { return calls_.size() >= count; });
}

std::shared_ptr<grpc::Channel> FakeServer::InProcessChannel() const {
  return server_->InProcessChannel(grpc::ChannelArguments());
}

void FakeServer::SetHealth(const std::string& service, bool serving) {
  server_->GetHealthCheckService()->SetServingStatus(service, serving);
}

std::optional<FakeAnswer> FakeServer::Answer(const std::string& method, const std::string& request) {
  int call;
  {
    const std::lock_guard lock(mutex_);
    call = static_cast<int>(calls_.size());
    calls_.push_back(method);
  }
  arrived_.notify_all();
  return handler_(call, request);
}

}  // namespace tensord::client::testing
