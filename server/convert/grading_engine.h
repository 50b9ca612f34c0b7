// What questions ask for, computed as the rpcs compute it.
#ifndef TENSORD_SERVER_CONVERT_GRADING_ENGINE_H_
#define TENSORD_SERVER_CONVERT_GRADING_ENGINE_H_

#include <cstdint>
#include <memory>

#include "server/rpc/prepared_call.h"
#include "tensord/grading/engine.h"

namespace tensord::server {

// Runs the Prepare functions of TensorService and AnalysisService on the thread that asks, for a call that is said
// beforehand.
class GradingEngine final : public grading::Engine {
 public:
  // More multiplications in one call are refused with kResourceExhausted, reason WORK_TOO_LARGE.
  static constexpr int64_t kMaxMultiplications = int64_t{1} << 34;

  // While it lives, what this thread asks of the engine is asked for this call: its executor, its wish to stop, and its
  // count of multiplications. Not for another engine meanwhile. Both have to outlive it.
  class Call {
   public:
    Call(const GradingEngine& engine, const compute::ExecutionContext& context);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    friend class GradingEngine;
    const GradingEngine& engine_;
    const compute::ExecutionContext& context_;
    int64_t multiplications_ = 0;
    Call* const outer_;
  };

  // `run_bytes`: what one request may take, results and scratch; beyond it is kResourceExhausted, TENSOR_TOO_LARGE.
  GradingEngine(const PrepareOptions& options, int64_t run_bytes) : options_(options), run_bytes_(run_bytes) {}

  // Within a Call on this thread.
  [[nodiscard]] absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Run(
      const google::protobuf::Message& request) override;

 private:
  template <typename Request, typename Response>
  [[nodiscard]] absl::StatusOr<std::unique_ptr<google::protobuf::Message>> RunOne(
      const google::protobuf::Message& request,
      absl::StatusOr<PreparedCall<Response>> (*prepare)(const Request&, const PrepareOptions&));

  const PrepareOptions options_;
  const int64_t run_bytes_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_GRADING_ENGINE_H_
