// Who calls, whether the call is let in, and what is written down about it: what is the same for every kind of call.
#ifndef TENSORD_SERVER_RPC_CALL_ACCOUNT_H_
#define TENSORD_SERVER_RPC_CALL_ACCOUNT_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/rpc/call_environment.h"
#include "server/rpc/client_registry.h"
#include "server/rpc/log.h"

namespace tensord::server {

// Of one call. Threads: one at a time.
class CallAccount {
 public:
  // Counts the call as begun. `method`: "tensord.v1.TensorService/Convolve", of static lifetime.
  CallAccount(CallEnvironment* environment, grpc::CallbackServerContext* context, absl::string_view method);

  // On the headers: names the call, and refuses it while the server drains, without a token, or over its client's
  // limits.
  [[nodiscard]] absl::Status Identify();
  // The client, from Identify's OK on.
  [[nodiscard]] const std::shared_ptr<Client>& client() const { return lease_.client(); }
  [[nodiscard]] absl::string_view method() const { return method_; }

  // The deadline that the client sent, or the default one.
  [[nodiscard]] std::chrono::system_clock::time_point deadline() const { return deadline_; }
  // Whether it is the client's own, so that gRPC itself ends the call then.
  [[nodiscard]] bool has_own_deadline() const { return has_own_deadline_; }

  // The answer of a call that ends with `status`, which is not OK: noted, with the advice when to try again as
  // metadata.
  [[nodiscard]] grpc::Status Refuse(const absl::Status& status);
  // Notes that it ends with OK.
  void Succeed() { code_ = absl::StatusCode::kOk; }

  // When the call is over: counts it, and writes its line in the log, with `more` fields.
  void Close(int64_t received_bytes, int64_t sent_bytes, std::vector<LogField> more = {});

 private:
  void WriteLog(std::chrono::nanoseconds duration, int64_t received_bytes, int64_t sent_bytes,
                std::vector<LogField> more);

  CallEnvironment* const environment_;
  grpc::CallbackServerContext* const context_;
  const absl::string_view method_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::chrono::system_clock::time_point deadline_;
  bool has_own_deadline_ = false;
  std::string peer_;
  std::string request_id_;
  ClientRegistry::Lease lease_;
  absl::StatusCode code_ = absl::StatusCode::kUnknown;  // of the answer
  std::string reason_;                                  // of a refusal
};

// That the server is shutting down, with the advice when to try again.
[[nodiscard]] absl::Status Draining();

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_CALL_ACCOUNT_H_
