#include "server/server_core.h"

#include <grpc/grpc.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/resource_quota.h>

#include <algorithm>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "server/service_names.h"

namespace tensord::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long answers that are written already may take to reach their clients before connections are cut.
constexpr milliseconds kLinger{250};
// gRPC holds a message's bytes before any limit of ours is asked; this bounds them over all connections.
constexpr int64_t kLeastQuotaBytes = int64_t{256} << 20;
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

void SetUpGrpcOnce() {
  static std::once_flag once;
  std::call_once(once, [] {
    // Held for the life of the process. Where gRPC's last user goes while some socket was left with bytes to write, its
    // shutdown waits for a poller that sleeps for ten seconds: a daemon that has drained must not.
    grpc_init();
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
  // Two of the largest messages: one arriving while another's answer leaves. A quota below a message would refuse it.
  grpc::ResourceQuota quota("tensord");
  quota.Resize(static_cast<size_t>(std::max(kLeastQuotaBytes, 2 * settings.max_message_bytes)));
  quota.SetMaxThreads(kMaxSyncThreads);
  builder.SetResourceQuota(quota);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, 100);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 8 << 10);
}

}  // namespace

ServerCore::ServerCore(const Settings& settings, Metrics* metrics, Log* log)
    : settings_(settings),
      metrics_(metrics),
      // The services need the pool and outlive it, so that it cannot be destroyed by the order of members alone.
      pool_(std::make_unique<compute::ThreadPool>(settings.threads, settings.queue)) {
  services_ = std::make_unique<Services>(ServiceDependencies{&settings_, pool_.get(), &metrics_, log});
}

std::unique_ptr<ServerCore> ServerCore::Start(const Settings& settings, Metrics* metrics, Log* log,
                                              absl::FunctionRef<void(grpc::ServerBuilder&)> configure) {
  SetUpGrpcOnce();
  std::unique_ptr<ServerCore> core(new ServerCore(settings, metrics, log));
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

bool ServerCore::Drain(milliseconds timeout) {
  if (drained_) return true;
  drained_ = true;
  const steady_clock::time_point deadline = steady_clock::now() + timeout;
  server_->GetHealthCheckService()->Shutdown();
  services_->BeginDrain();
  // Shutdown sends GOAWAY, closes the listeners and returns when every connection is gone. It would wait out the whole
  // timeout for a client that watches health, so that it runs beside the wait for the calls that matter.
  std::future<void> closed = std::async(
      std::launch::async, [this, timeout] { server_->Shutdown(std::chrono::system_clock::now() + timeout); });
  const bool finished = metrics_.WaitForNone(deadline);
  if (!finished) services_->CancelAll();
  if (finished && timeout.count() > 0) static_cast<void>(closed.wait_for(kLinger));
  while (closed.wait_for(milliseconds(10)) != std::future_status::ready) {
    grpc_server_cancel_all_calls(server_->c_server());
  }
  return finished;
}

}  // namespace tensord::server
