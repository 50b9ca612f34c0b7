// Whoever computes what questions ask for.
#ifndef TENSORD_GRADING_ENGINE_H_
#define TENSORD_GRADING_ENGINE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace tensord::grading {

// Answers the services' requests. Threads: may be called from any, at once.
class Engine {
 public:
  virtual ~Engine() = default;

  // The answer to a request of TensorService or AnalysisService, as the rpc would give it, with the elements of its
  // tensors inside. The same request gets the same answer.
  //
  // Errors: those of the rpc; kUnimplemented for any other message; kResourceExhausted where the limits that the
  //         engine was made with are used up; kCancelled where it was told to stop.
  [[nodiscard]] virtual absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Run(
      const google::protobuf::Message& request) = 0;
};

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_ENGINE_H_
