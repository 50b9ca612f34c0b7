#include "tests/server/fake_services.h"

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <vector>

#include "server/services/services.h"
#include "tensord/v1/analysis_service.grpc.pb.h"
#include "tensord/v1/server_service.grpc.pb.h"
#include "tensord/v1/tensor_service.grpc.pb.h"

namespace tensord::testing {

FakeControl& FakeControl::Get() {
  static auto* const control = new FakeControl();
  return *control;
}

void FakeControl::Reset() {
  const std::lock_guard lock(mutex_);
  running_ = 0;
  released_ = cancelled_ = draining_ = false;
}

void FakeControl::Release() {
  const std::lock_guard lock(mutex_);
  released_ = true;
  changed_.notify_all();
}

void FakeControl::WaitUntilRunning(int count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return running_ >= count; });
}

bool FakeControl::drain_began() {
  const std::lock_guard lock(mutex_);
  return draining_;
}

void FakeControl::BeginDrain() {
  const std::lock_guard lock(mutex_);
  draining_ = true;
}

void FakeControl::CancelAll() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

bool FakeControl::Hold() {
  std::unique_lock lock(mutex_);
  ++running_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return released_ || cancelled_; });
  --running_;
  return released_;
}

}  // namespace tensord::testing

namespace tensord::server {
namespace {

using testing::FakeControl;

constexpr char kActivate[] = "tensord.v1.TensorService/Activate";

class FakeTensorService final : public v1::TensorService::CallbackService {
 public:
  explicit FakeTensorService(const ServiceDependencies& dependencies) : dependencies_(dependencies) {}

  grpc::ServerUnaryReactor* Activate(grpc::CallbackServerContext* context, const v1::ActivateRequest* /*request*/,
                                     v1::ActivateResponse* /*response*/) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    if (FakeControl::Get().drain_began()) {
      reactor->Finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "draining"));
      return reactor;
    }
    dependencies_.metrics->CallStarted(kActivate);
    std::function<void()> task = [this, reactor] {
      const bool released = FakeControl::Get().Hold();
      const grpc::Status status = released ? grpc::Status::OK : grpc::Status::CANCELLED;
      dependencies_.metrics->CallFinished(kActivate, status.error_code(), {}, 1, 2);
      reactor->Finish(status);
    };
    if (!dependencies_.pool->TrySubmit(task)) task();
    return reactor;
  }

 private:
  const ServiceDependencies dependencies_;
};

class FakeServerService final : public v1::ServerService::CallbackService {
 public:
  grpc::ServerUnaryReactor* GetServerInfo(grpc::CallbackServerContext* context,
                                          const v1::GetServerInfoRequest* /*request*/,
                                          v1::GetServerInfoResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    response->set_version("fake");
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

struct Services::State {
  explicit State(const ServiceDependencies& dependencies) : tensor(dependencies) {}
  FakeTensorService tensor;
  FakeServerService server;
  v1::AnalysisService::CallbackService analysis;
  std::vector<grpc::Service*> all = {&tensor, &server, &analysis};
};

Services::Services(const ServiceDependencies& dependencies) : state_(std::make_unique<State>(dependencies)) {}
Services::~Services() = default;
const std::vector<grpc::Service*>& Services::all() const { return state_->all; }
void Services::SetClientLimits(const ClientLimits& /*limits*/) {}
void Services::BeginDrain() { FakeControl::Get().BeginDrain(); }
void Services::CancelAll() { FakeControl::Get().CancelAll(); }

}  // namespace tensord::server
