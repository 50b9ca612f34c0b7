// The messages of StreamGradeSubmissions.
#ifndef TENSORD_SERVER_SERVICES_GRADING_STREAM_H_
#define TENSORD_SERVER_SERVICES_GRADING_STREAM_H_

#include <cstdint>
#include <memory>

#include "server/rpc/operation_stream.h"

namespace tensord::server {

struct GradingStreamState;

// Makes a stream's messages. Each stream has a copy of its own, made before its first message.
class MakeGradingMessage {
 public:
  explicit MakeGradingMessage(Budget* memory) : memory_(memory) {}
  std::unique_ptr<StreamedMessage> operator()(int64_t index);

 private:
  Budget* const memory_;
  std::shared_ptr<GradingStreamState> state_;  // from the first message on
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_SERVICES_GRADING_STREAM_H_
