// A request that has been checked: what it will cost, and how to run it.
#ifndef TENSORD_SERVER_RPC_PREPARED_CALL_H_
#define TENSORD_SERVER_RPC_PREPARED_CALL_H_

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "server/config.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/limits.h"

namespace tensord::server {

// Made without allocating anything in proportion to tensors. `run` refers to the request, which has to outlive it, and
// is called once.
template <typename Response>
struct PreparedCall {
  compute::Cost cost;
  double estimated_ns = 0;  // single-threaded, pessimistic
  absl::AnyInvocable<absl::StatusOr<Response>(const compute::ExecutionContext&)> run;
};

// What a prepare function may use.
struct PrepareOptions {
  compute::Limits limits;
  int thread_count = 1;
  const Settings* settings = nullptr;  // not null; for the server's account of itself
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_PREPARED_CALL_H_
