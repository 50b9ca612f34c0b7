// One unary call from gRPC's callback to its answer: what is the same for every method.
#ifndef TENSORD_SERVER_RPC_CALL_H_
#define TENSORD_SERVER_RPC_CALL_H_

#include <grpcpp/alarm.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>

#include "absl/status/status.h"
#include "server/config.h"
#include "server/metrics/metrics.h"
#include "server/rpc/admission.h"
#include "server/rpc/log.h"
#include "server/rpc/prepared_call.h"
#include "tensord/compute/thread_pool.h"

namespace tensord::server {

class Call;

// What all calls share: where they run, what they may use, and whether new ones are still accepted.
class CallEnvironment {
 public:
  // The pointers have to outlive it.
  CallEnvironment(const Settings* settings, compute::ThreadPool* pool, Metrics* metrics, Log* log);

  [[nodiscard]] const Settings& settings() const { return *settings_; }
  [[nodiscard]] compute::ThreadPool& pool() { return *pool_; }
  [[nodiscard]] Metrics& metrics() { return *metrics_; }
  [[nodiscard]] Log& log() { return *log_; }
  [[nodiscard]] MemoryBudget& memory() { return memory_; }
  [[nodiscard]] PrepareOptions prepare_options() const;

  void BeginDrain() { draining_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool draining() const { return draining_.load(std::memory_order_relaxed); }

  // Calls register while they live, so that CancelAll reaches them.
  void Register(Call* call);
  void Unregister(Call* call);
  void CancelAll();

 private:
  const Settings* const settings_;
  compute::ThreadPool* const pool_;
  Metrics* const metrics_;
  Log* const log_;
  MemoryBudget memory_;
  std::atomic<bool> draining_ = false;
  std::mutex mutex_;
  std::unordered_set<Call*> calls_;  // guarded by mutex_
};

// The reactor of one call. It deletes itself when gRPC is done with it and its work has ended.
//
//   gRPC's thread          refuse while draining; reserve memory for the message; decode and check small messages
//                          there, and answer what takes less than some 20 microseconds
//   a worker of the pool   decode and check large messages; compute; encode
// The deadline (the client's, or the default one) and the client's leaving set the cancel flag that kernels poll.
class Call : public grpc::ServerUnaryReactor {
 public:
  // `method`: "tensord.v1.TensorService/Convolve", of static lifetime.
  Call(CallEnvironment* environment, grpc::CallbackServerContext* context, absl::string_view method,
       const grpc::ByteBuffer* request, grpc::ByteBuffer* response);
  ~Call() override;

  // To be called once, at the end of the service method.
  void Start();
  // Makes running kernels stop.
  void Cancel() { cancel_.Cancel(); }

  void OnCancel() final { cancel_.Cancel(); }
  void OnDone() final;

 protected:
  // Decodes and checks the request. kInvalidArgument and so on; afterwards cost() and estimated_ns() can be asked.
  virtual absl::Status Prepare(const grpc::ByteBuffer& request, const PrepareOptions& options) = 0;
  [[nodiscard]] virtual compute::Cost cost() const = 0;
  [[nodiscard]] virtual double estimated_ns() const = 0;
  // Computes and encodes the answer.
  virtual absl::Status Run(const compute::ExecutionContext& context, grpc::ByteBuffer& response) = 0;

 private:
  absl::Status Begin();
  // Prepares, and runs here where that takes no time, else on the pool.
  void PrepareThenRun(bool on_worker);
  absl::Status Submit(void (Call::*step)());
  void PrepareAndRunOnWorker() { PrepareThenRun(true); }
  void RunOnWorker();
  absl::Status RunGuarded(compute::Executor& executor);
  void ArmDeadline();
  // What a stopped kernel's kCancelled really means.
  [[nodiscard]] absl::Status Explain(absl::Status status) const;
  void FinishWith(const absl::Status& status);

  CallEnvironment* const environment_;
  grpc::CallbackServerContext* const context_;
  const absl::string_view method_;
  const grpc::ByteBuffer* const request_;
  grpc::ByteBuffer* const response_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  const int64_t request_bytes_;
  int64_t response_bytes_ = 0;
  absl::StatusCode code_ = absl::StatusCode::kUnknown;  // of the answer
  std::chrono::system_clock::time_point deadline_;
  compute::CancelFlag cancel_;
  MemoryBudget::Reservation reservation_;
  // The alarm's callback may come when this call is gone. It holds the link only: the alarm keeps its callback for as
  // long as it lives itself, so that a callback that held the alarm would keep both for ever.
  struct DeadlineLink;
  std::shared_ptr<DeadlineLink> deadline_link_;
  std::optional<grpc::Alarm> alarm_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_CALL_H_
