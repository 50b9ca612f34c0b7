// What questions ask for, computed as the rpcs compute it.
#ifndef TENSORD_SERVER_CONVERT_GRADING_ENGINE_H_
#define TENSORD_SERVER_CONVERT_GRADING_ENGINE_H_

#include <atomic>
#include <cstdint>
#include <memory>

#include "server/rpc/prepared_call.h"
#include "tensord/grading/engine.h"

namespace tensord::server {

// Runs the Prepare functions of TensorService and AnalysisService on the thread that asks. `options` and `context` have
// to outlive it.
class GradingEngine final : public grading::Engine {
 public:
  // More multiplications in all are refused with kResourceExhausted, reason WORK_TOO_LARGE.
  static constexpr int64_t kMaxMultiplications = int64_t{1} << 34;

  // `run_bytes`: what one request may take, results and scratch; beyond it is kResourceExhausted, TENSOR_TOO_LARGE.
  GradingEngine(const PrepareOptions& options, const compute::ExecutionContext& context, int64_t run_bytes)
      : options_(options), context_(context), run_bytes_(run_bytes) {}

  [[nodiscard]] absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Run(
      const google::protobuf::Message& request) override;

 private:
  template <typename Request, typename Response>
  [[nodiscard]] absl::StatusOr<std::unique_ptr<google::protobuf::Message>> RunOne(
      const google::protobuf::Message& request,
      absl::StatusOr<PreparedCall<Response>> (*prepare)(const Request&, const PrepareOptions&));

  const PrepareOptions& options_;
  const compute::ExecutionContext& context_;
  const int64_t run_bytes_;
  std::atomic<int64_t> multiplications_ = 0;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONVERT_GRADING_ENGINE_H_
