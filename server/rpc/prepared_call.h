// A request that has been checked: what it will cost, and how to run it.
#ifndef TENSORD_SERVER_RPC_PREPARED_CALL_H_
#define TENSORD_SERVER_RPC_PREPARED_CALL_H_

#include <cstdint>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "server/config.h"
#include "server/convert/attached_tensors.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/limits.h"

namespace tensord::server {

// Where a call runs, and where the tensors of its answer go that are not copied into it.
struct AnswerContext : compute::ExecutionContext {
  AttachedTensors* attached;
};

// Made without allocating anything in proportion to tensors. `run` refers to the request, which has to outlive it, and
// is called once.
template <typename Response>
struct PreparedCall {
  compute::Cost cost;
  double estimated_ns = 0;  // single-threaded, pessimistic
  absl::AnyInvocable<absl::StatusOr<Response>(const AnswerContext&)> run;
};

// What the server is doing at this moment.
struct ServerState {
  bool draining = false;
  int64_t uptime_ms = 0;
  int64_t calls_in_flight = 0;
  int64_t queue_length = 0;
  int64_t memory_used_bytes = 0;
  int64_t multiplications_in_flight = 0;
  int64_t client_count = 0;
};

// Knows it. Threads: may be asked from any thread.
class StateSource {
 public:
  virtual ~StateSource() = default;
  [[nodiscard]] virtual ServerState state() const = 0;
  // Those in force, which may differ from the settings at the start.
  [[nodiscard]] virtual ClientLimits client_limits() const = 0;
};

// What a prepare function may use.
struct PrepareOptions {
  compute::Limits limits;
  int thread_count = 1;
  // For the server's account of itself; `settings` is not null, `state` is null where nothing serves.
  const Settings* settings = nullptr;
  const StateSource* state = nullptr;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_PREPARED_CALL_H_
