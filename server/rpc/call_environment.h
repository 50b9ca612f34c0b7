// What all calls share: where they run, what they may use, and whether new ones are still accepted.
#ifndef TENSORD_SERVER_RPC_CALL_ENVIRONMENT_H_
#define TENSORD_SERVER_RPC_CALL_ENVIRONMENT_H_

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <unordered_set>

#include "absl/strings/string_view.h"
#include "server/config.h"
#include "server/metrics/metrics.h"
#include "server/rpc/admission.h"
#include "server/rpc/client_registry.h"
#include "server/rpc/cost_model.h"
#include "server/rpc/fair_queue.h"
#include "server/rpc/log.h"
#include "server/rpc/prepared_call.h"
#include "server/rpc/token_table.h"
#include "tensord/compute/thread_pool.h"

namespace tensord::server {

// A call while it lives.
class ActiveCall {
 public:
  // Makes its running kernels stop.
  virtual void Cancel() = 0;
  // The server is shutting down: a call that would go on for ever ends when it has answered what it has read.
  virtual void BeginDrain() = 0;

 protected:
  ~ActiveCall() = default;
};

// What calls use and nobody here owns; it has to outlive them.
struct CallDependencies {
  const Settings* settings;
  compute::ThreadPool* pool;
  Metrics* metrics;
  Log* log;
  const TokenStore* tokens = nullptr;  // null: calls need none
};

// Threads: every member may be called from any thread.
class CallEnvironment final : public StateSource {
 public:
  explicit CallEnvironment(const CallDependencies& dependencies);

  [[nodiscard]] const Settings& settings() const { return *dependencies_.settings; }
  [[nodiscard]] compute::ThreadPool& pool() { return *dependencies_.pool; }
  [[nodiscard]] Metrics& metrics() { return *dependencies_.metrics; }
  [[nodiscard]] Log& log() { return *dependencies_.log; }
  [[nodiscard]] const TokenStore* tokens() const { return dependencies_.tokens; }
  [[nodiscard]] Budget& memory() { return memory_; }
  [[nodiscard]] Budget& multiplications() { return multiplications_; }
  [[nodiscard]] ClientRegistry& clients() { return clients_; }
  [[nodiscard]] FairQueue& queue() { return queue_; }
  // Of one of the service's methods.
  [[nodiscard]] CostModel& cost_model(absl::string_view method);
  [[nodiscard]] PrepareOptions prepare_options() const;
  [[nodiscard]] ServerState state() const override;
  [[nodiscard]] ClientLimits client_limits() const override { return clients_.limits(); }

  void BeginDrain();
  [[nodiscard]] bool draining() const { return draining_.load(std::memory_order_relaxed); }

  // Calls register while they live, so that CancelAll and BeginDrain reach them.
  void Register(ActiveCall* call);
  void Unregister(ActiveCall* call);
  void CancelAll();

 private:
  const CallDependencies dependencies_;
  Budget memory_;
  Budget multiplications_;
  ClientRegistry clients_;
  FairQueue queue_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::map<std::string, CostModel, std::less<>> cost_models_;  // its keys do not change after construction
  CostModel other_cost_model_;
  std::atomic<bool> draining_ = false;
  mutable std::mutex mutex_;
  std::unordered_set<ActiveCall*> calls_;  // guarded by mutex_
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_CALL_ENVIRONMENT_H_
