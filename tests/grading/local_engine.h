// The server's engine, without a server.
#ifndef TENSORD_TESTS_GRADING_LOCAL_ENGINE_H_
#define TENSORD_TESTS_GRADING_LOCAL_ENGINE_H_

#include <atomic>
#include <cstdint>

#include "server/config.h"
#include "server/convert/grading_engine.h"
#include "tensord/compute/execution.h"

namespace tensord::grading {

// Computes on the calling thread, within the default limits, at most 64 MiB for one request.
class LocalEngine final : public Engine {
 public:
  LocalEngine() {
    options_.settings = &settings_;
    context_.executor = &executor_;
  }

  [[nodiscard]] absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Run(
      const google::protobuf::Message& request) override {
    ++runs_;
    const server::GradingEngine::Call call(engine_, context_);
    return engine_.Run(request);
  }
  // How many requests it was asked to compute.
  [[nodiscard]] int64_t runs() const { return runs_; }

 private:
  server::Settings settings_;
  server::PrepareOptions options_;
  compute::SerialExecutor executor_;
  compute::ExecutionContext context_;
  server::GradingEngine engine_{options_, int64_t{64} << 20};
  std::atomic<int64_t> runs_ = 0;
};

}  // namespace tensord::grading

#endif  // TENSORD_TESTS_GRADING_LOCAL_ENGINE_H_
