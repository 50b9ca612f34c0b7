#include "server/server_core.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/resource_quota.h>
#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "google/protobuf/stubs/logging.h"
#include "server/service_names.h"

namespace tensord::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long answers that are written already may take to reach their clients before connections are cut.
constexpr milliseconds kLinger{250};
// Only reflection uses gRPC's synchronous threads. Two poll, the others each serve one reflection stream.
constexpr int kMaxSyncThreads = 8;

// Puts reflection in or leaves it out. Linking gRPC's reflection library adds it to every server of the process, so
// that leaving it out means taking it out.
class ReflectionOption final : public grpc::ServerBuilderOption {
 public:
  explicit ReflectionOption(bool on) : on_(on) {}
  void UpdateArguments(grpc::ChannelArguments* /*arguments*/) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    auto plugin = std::make_unique<grpc::reflection::ProtoServerReflectionPlugin>();
    const std::string name = plugin->name();
    plugins->erase(
        std::remove_if(plugins->begin(), plugins->end(), [&name](const auto& each) { return each->name() == name; }),
        plugins->end());
    if (on_) plugins->push_back(std::move(plugin));
  }

 private:
  const bool on_;
};

// Lowers the priority of the calling thread for good; threads that it starts inherit it. The workers, which are there
// already, keep theirs.
//
// Under more calls than can be served, taking in and refusing them would otherwise take the processor from those that
// were accepted. A batch thread does not break in on a worker as soon as it has something to do, but waits some
// milliseconds for its turn, which then serves at once what has come meanwhile. Five steps leave gRPC a quarter of a
// processor that a worker keeps busy: with ten, some connections were not read for a second, as workers that send an
// answer also read the connection that it goes to, and so the same ones again and again. Where a processor is free
// neither changes anything.
void YieldToWorkers() {
  constexpr int kSteps = 5;
  // On Linux both are the thread's own. Without success everything works as before.
  errno = 0;
  const int before = getpriority(PRIO_PROCESS, 0);
  if (errno == 0) static_cast<void>(setpriority(PRIO_PROCESS, 0, before + kSteps));
  const sched_param parameters{};
  static_cast<void>(sched_setscheduler(0, SCHED_BATCH, &parameters));
}

void SetUpGrpcOnce() {
  static std::once_flag once;
  std::call_once(once, [] {
    // Held for the life of the process. Where gRPC's last user goes while some socket was left with bytes to write, its
    // shutdown waits for a poller that sleeps for ten seconds: a daemon that has drained must not.
    grpc_init();
    // protobuf writes a line to standard error for each string that is no UTF-8, with the client's field in it. The
    // call's own refusal says it.
    google::protobuf::SetLogHandler(nullptr);
    // Debian's gRPC looks for deadlocks in each of its locks: some percent of the time, to end the process where it
    // believes to have found one.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
    grpc::EnableDefaultHealthCheckService(true);
  });
}

void ConfigureLimits(const Settings& settings, grpc::ServerBuilder& builder) {
  // Calls check their messages' sizes themselves, so that a refusal comes with details. gRPC's own limit would look at
  // a message only when all of it is there, too: what bounds its memory is the quota below.
  builder.SetMaxReceiveMessageSize(-1);
  builder.SetMaxSendMessageSize(-1);
  // A compressed message is inflated whole before its size is looked at; 255 KiB can become 256 MiB.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  // gRPC holds a message's bytes before any limit of ours is asked; this bounds them over all connections.
  grpc::ResourceQuota quota("tensord");
  quota.Resize(static_cast<size_t>(settings.transport_quota_bytes));
  quota.SetMaxThreads(kMaxSyncThreads);
  builder.SetResourceQuota(quota);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 100);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 8 << 10);
}

}  // namespace

ServerCore::ServerCore(const Dependencies& dependencies)
    : settings_(*dependencies.settings),
      metrics_(dependencies.metrics),
      // The services need the pool and outlive it, so that it cannot be destroyed by the order of members alone. Calls
      // wait in the services' own queue, not in the pool's.
      pool_(std::make_unique<compute::ThreadPool>(settings_.threads, settings_.threads)) {
  if (dependencies.workers_first) YieldToWorkers();
  services_ = std::make_unique<Services>(
      ServiceDependencies{&settings_, pool_.get(), &metrics_, dependencies.log, dependencies.tokens});
}

std::unique_ptr<ServerCore> ServerCore::Start(const Dependencies& dependencies,
                                              absl::FunctionRef<void(grpc::ServerBuilder&)> configure) {
  std::unique_ptr<ServerCore> core(new ServerCore(dependencies));
  SetUpGrpcOnce();
  const Settings& settings = core->settings_;
  grpc::ServerBuilder builder;
  ConfigureLimits(settings, builder);
  builder.SetOption(std::make_unique<ReflectionOption>(settings.reflection));
  for (grpc::Service* service : core->services_->all()) builder.RegisterService(service);
  configure(builder);
  core->server_ = builder.BuildAndStart();
  if (core->server_ == nullptr) return nullptr;
  grpc::HealthCheckServiceInterface* health = core->server_->GetHealthCheckService();
  for (const std::string& name : ServiceNames()) health->SetServingStatus(name, true);
  return core;
}

ServerCore::~ServerCore() {
  if (server_ != nullptr) Drain(milliseconds(0));
  server_.reset();
  pool_.reset();
  services_.reset();
}

void ServerCore::AnnounceDrain() { server_->GetHealthCheckService()->SetServingStatus(false); }

bool ServerCore::Drain(milliseconds timeout) {
  if (drained_) return true;
  drained_ = true;
  const steady_clock::time_point deadline = steady_clock::now() + timeout;
  server_->GetHealthCheckService()->Shutdown();
  services_->BeginDrain();
  // Shutdown sends GOAWAY, closes the listeners and returns when every connection is gone. It would wait for ever for a
  // client that watches health, so that it runs beside the wait for the calls that matter. It has no deadline of its
  // own: what it cancelled just before this thread looks would count as finished.
  std::future<void> closed = std::async(std::launch::async, [this] { server_->Shutdown(); });
  const bool finished = metrics_.WaitForNone(deadline);
  if (!finished) services_->CancelAll();
  if (finished && timeout.count() > 0) static_cast<void>(closed.wait_for(kLinger));
  while (closed.wait_for(milliseconds(10)) != std::future_status::ready) {
    grpc_server_cancel_all_calls(server_->c_server());
  }
  return finished;
}

}  // namespace tensord::server
