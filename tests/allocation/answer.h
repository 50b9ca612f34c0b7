// A request of any rpc, answered in one thread as a call of the server answers it: decoded, checked, run, encoded.
#ifndef TENSORD_TESTS_ALLOCATION_ANSWER_H_
#define TENSORD_TESTS_ALLOCATION_ANSWER_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tensord/compute/execution.h"

namespace tensord::allocation {

// Four threads for the kernels to plan for, on one. Pieces of a loop may run on the pool's workers, where nobody
// catches what they throw: threw() tells that one did.
class PieceWatcher final : public compute::Executor {
 public:
  void ParallelFor(int64_t count, absl::FunctionRef<void(int64_t)> body) override;
  [[nodiscard]] int thread_count() const override { return 4; }
  [[nodiscard]] bool threw() const { return threw_; }

 private:
  bool threw_ = false;
};

// Answers into `response`, which is untouched unless the status is OK. Throws nothing.
using Rpc = std::function<absl::Status(const grpc::ByteBuffer& request, compute::Executor& executor,
                                       grpc::ByteBuffer& response)>;

struct Case {
  std::string name;
  Rpc rpc;
  grpc::ByteBuffer request;
};
// For GoogleTest.
inline void PrintTo(const Case& tested, std::ostream* stream) { *stream << tested.name; }

// Good requests, small and large, for every rpc of tensord.v1, and bad ones.
[[nodiscard]] std::vector<Case> Cases();

[[nodiscard]] std::string ToString(const grpc::ByteBuffer& bytes);

}  // namespace tensord::allocation

#endif  // TENSORD_TESTS_ALLOCATION_ANSWER_H_
