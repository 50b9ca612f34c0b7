// What the daemon's server and the in-process one have in common: services, pool, health, limits, and how they stop.
#ifndef TENSORD_SERVER_SERVER_CORE_H_
#define TENSORD_SERVER_SERVER_CORE_H_

#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <chrono>
#include <memory>

#include "absl/functional/function_ref.h"
#include "server/config.h"
#include "server/in_flight.h"
#include "server/metrics/metrics.h"
#include "server/rpc/log.h"
#include "server/services/services.h"
#include "tensord/compute/thread_pool.h"

namespace tensord::server {

// A running gRPC server with all services.
class ServerCore {
 public:
  // What it uses and does not own; it has to outlive the result.
  struct Dependencies {
    const Settings* settings;  // copied
    Metrics* metrics;
    Log* log;
    const TokenStore* tokens;  // null: calls need none
    // Whether the calling thread, and gRPC's threads, which it starts, shall yield to the workers: see YieldToWorkers.
    bool workers_first = false;
  };

  // `configure` adds listeners and what else differs. Null where gRPC does not start, which only a listener can cause.
  [[nodiscard]] static std::unique_ptr<ServerCore> Start(const Dependencies& dependencies,
                                                         absl::FunctionRef<void(grpc::ServerBuilder&)> configure);
  // Stops at once, where Drain has not stopped it: running calls are cancelled.
  ~ServerCore();

  [[nodiscard]] grpc::Server& grpc_server() { return *server_; }

  void SetClientLimits(const ClientLimits& limits) { services_->SetClientLimits(limits); }

  // Health says NOT_SERVING from now on; calls are served as before.
  void AnnounceDrain();

  // Stops: health says NOT_SERVING; new calls are refused; running ones may finish until `timeout` is over and are
  // cancelled then. Returns when nothing runs any more; whether all calls finished by themselves. Streams of health and
  // reflection, which never end, are cut as soon as there is nothing else to wait for. A second Drain does nothing.
  bool Drain(std::chrono::milliseconds timeout);

 private:
  explicit ServerCore(const Dependencies& dependencies);

  const Settings settings_;
  InFlightMetrics metrics_;
  // Destroyed in the opposite order: gRPC's server, the pool with its tasks, the services.
  std::unique_ptr<Services> services_;
  std::unique_ptr<compute::ThreadPool> pool_;
  std::unique_ptr<grpc::Server> server_;
  bool drained_ = false;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_SERVER_CORE_H_
