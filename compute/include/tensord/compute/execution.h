// How kernels run: on which threads, and how they are told to stop.
#ifndef TENSORD_COMPUTE_EXECUTION_H_
#define TENSORD_COMPUTE_EXECUTION_H_

#include <atomic>
#include <cstdint>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "tensord/compute/instruction_set.h"

namespace tensord::compute {

// Tells running kernels to stop. Any thread may call Cancel at any time.
class CancelFlag {
 public:
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> cancelled_ = false;
};

// Runs the pieces of a loop, perhaps on several threads.
class Executor {
 public:
  virtual ~Executor() = default;

  // Calls body(0) ... body(count - 1), each once, in any order, perhaps at the same time, and returns when all have
  // returned. `body` must not throw.
  virtual void ParallelFor(int64_t count, absl::FunctionRef<void(int64_t)> body) = 0;

  // How many threads ParallelFor may use.
  [[nodiscard]] virtual int thread_count() const = 0;
};

// Runs everything on the calling thread, in order.
class SerialExecutor final : public Executor {
 public:
  void ParallelFor(int64_t count, absl::FunctionRef<void(int64_t)> body) override {
    for (int64_t i = 0; i < count; ++i) body(i);
  }
  [[nodiscard]] int thread_count() const override { return 1; }
};

// What a kernel is given besides its tensors. The same bits for any executor; another instruction set may round sums of
// convolutions otherwise, with kFast, within their bounds.
struct ExecutionContext {
  Executor* executor = nullptr;        // not null
  const CancelFlag* cancel = nullptr;  // null: never cancelled
  // One of SupportedInstructionSets(); unset: InstructionSetInUse().
  std::optional<InstructionSet> instruction_set = std::nullopt;
  // Convolutions of fewer multiplications are computed by the calling thread: some ten microseconds' worth, which
  // handing them to other threads would take as well.
  int64_t serial_below = int64_t{1} << 19;

  [[nodiscard]] bool cancelled() const { return cancel != nullptr && cancel->cancelled(); }
  // kCancelled where the flag is set. Kernels look at it at least every two milliseconds of work per thread.
  [[nodiscard]] absl::Status CheckCancelled() const {
    return cancelled() ? absl::CancelledError("the work was cancelled") : absl::OkStatus();
  }
};

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_EXECUTION_H_
