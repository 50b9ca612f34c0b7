#include "server/rpc/call_environment.h"

#include "server/rpc/warm_up.h"
#include "server/service_names.h"

namespace tensord::server {
namespace {

// A refusal takes gRPC some fifty microseconds: this is a fifteenth of a processor for each worker. Where more come,
// they wait: their streams stay open, a connection can have a hundred of them, and so the clients slow down.
constexpr double kRefusalsPerSecondPerWorker = 1300;
constexpr std::chrono::milliseconds kPatience{2};
constexpr size_t kOverflowCapacity = 1024;

// A queue of nothing is one in which nobody wants to wait.
OverflowLimits OverflowOf(int queue, int workers) {
  return {.capacity = queue > 0 ? kOverflowCapacity : 0,
          .patience = kPatience,
          .refusals_per_second = kRefusalsPerSecondPerWorker * workers};
}

}  // namespace

CallEnvironment::CallEnvironment(const CallDependencies& dependencies)
    : dependencies_(dependencies),
      memory_({.limit = dependencies.settings->memory_budget_bytes,
               .unit = "bytes of memory",
               .too_large_reason = "TENSOR_TOO_LARGE",
               .gauge = Gauge::kMemoryUsedBytes},
              dependencies.metrics),
      multiplications_({.limit = dependencies.settings->multiplication_budget,
                        .unit = "multiplications",
                        .too_large_reason = "WORK_TOO_LARGE",
                        .gauge = Gauge::kMultiplicationsInFlight},
                       dependencies.metrics),
      clients_(dependencies.settings->client_limits, dependencies.metrics),
      queue_(dependencies.pool, dependencies.settings->queue,
             OverflowOf(dependencies.settings->queue, dependencies.pool->thread_count()), dependencies.metrics) {
  WarmUp();
  for (const std::string& method : MethodNames()) cost_models_.try_emplace(method);
  metrics().Set(Gauge::kMemoryBudgetBytes, static_cast<double>(memory_.limit()));
  metrics().Set(Gauge::kMultiplicationBudget, static_cast<double>(multiplications_.limit()));
  metrics().Set(Gauge::kWorkers, pool().thread_count());
  // Every call locks this first, in Register: so what was made here comes before it, also in the eyes of a race
  // detector, which does not see what gRPC does between its threads.
  const std::lock_guard lock(mutex_);
}

CostModel& CallEnvironment::cost_model(absl::string_view method) {
  const auto found = cost_models_.find(std::string_view(method.data(), method.size()));
  return found == cost_models_.end() ? other_cost_model_ : found->second;
}

PrepareOptions CallEnvironment::prepare_options() const {
  return {.limits = {.max_tensor_bytes = settings().max_tensor_bytes,
                     .max_multiplication_count = settings().max_multiplications},
          .thread_count = dependencies_.pool->thread_count(),
          .settings = &settings(),
          .state = this};
}

ServerState CallEnvironment::state() const {
  using std::chrono::milliseconds;
  ServerState state;
  state.draining = draining();
  state.uptime_ms = std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - started_).count();
  {
    const std::lock_guard lock(mutex_);
    state.calls_in_flight = static_cast<int64_t>(calls_.size());
  }
  state.queue_length = queue_.length();
  state.memory_used_bytes = memory_.used();
  state.multiplications_in_flight = multiplications_.used();
  state.client_count = static_cast<int64_t>(clients_.size());
  return state;
}

void CallEnvironment::Register(ActiveCall* call) {
  const std::lock_guard lock(mutex_);
  calls_.insert(call);
}

void CallEnvironment::Unregister(ActiveCall* call) {
  const std::lock_guard lock(mutex_);
  calls_.erase(call);
}

void CallEnvironment::BeginDrain() {
  draining_.store(true, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  for (ActiveCall* call : calls_) call->BeginDrain();
}

void CallEnvironment::CancelAll() {
  const std::lock_guard lock(mutex_);
  for (ActiveCall* call : calls_) call->Cancel();
}

}  // namespace tensord::server
