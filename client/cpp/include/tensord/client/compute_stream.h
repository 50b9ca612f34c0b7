// Many operations on one stream.
#ifndef TENSORD_CLIENT_COMPUTE_STREAM_H_
#define TENSORD_CLIENT_COMPUTE_STREAM_H_

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "tensord/client/options.h"
#include "tensord/v1/stream.pb.h"

namespace tensord::client {

struct StreamOptions {
  // Absent deadline: none for the stream; the server gives each operation its own. A cancellation that comes between
  // two connections takes effect when the pause between them is over.
  CallOptions call = {};
  // How much may be without an answer before Send blocks; values under 1 count as 1. An operation that is larger than
  // the bytes waits until it is the only one.
  int64_t max_unanswered_count = 64;
  int64_t max_unanswered_bytes = int64_t{64} << 20;
  // Of the stream as a whole; absent: the client's. max_attempts counts the connections in a row that brought no
  // answer.
  std::optional<RetryOptions> retry = std::nullopt;
};

// Receives one answer, on a thread of gRPC's: it must not block, throw, call Send or Finish, or destroy the stream or
// its client. Called once for each operation that Send took, one at a time, in the order in which answers come.
//
// `id` is the request's; `index` counts what Send took, from 0. An operation that the server did not answer has the
// stream's status as its `error`.
using OnAnswer = std::function<void(v1::StreamComputeResponse)>;

// A stream of operations, made by ClientInterface::StreamCompute.
//
// When the connection is cut or the server goes away (UNAVAILABLE), a new stream is begun after a pause, and what is
// unanswered is sent again, in its order: every operation may be repeated. The pause doubles from attempt to attempt,
// with jitter; a server's wish to wait wins, up to 30 s. Any other error ends the stream for good.
//
// Its destruction cancels: what is unanswered is answered with CANCELLED, and the callbacks have returned when the
// destructor returns. The client has to outlive the stream; a client that is destroyed before ends the process, with a
// message.
// Threads: Send may be called from any thread, but not from a callback of the client's.
class ComputeStream {
 public:
  virtual ~ComputeStream() = default;

  // Takes one operation. Blocks while too much is unanswered. After an error there is no answer to this operation.
  //
  // Errors: that of the stream, once it has ended for good; kResourceExhausted - a request over
  // ClientOptions::max_message_bytes, which ends nothing; kFailedPrecondition - after Finish, or in a callback.
  [[nodiscard]] virtual absl::Status Send(v1::StreamComputeRequest request) = 0;

  // Says that there are no more operations, and waits until all are answered. OK where the server answered all of
  // them, with errors or without; else why it did not. May be called again. Error: kFailedPrecondition - in a callback.
  [[nodiscard]] virtual absl::Status Finish() = 0;
};

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_COMPUTE_STREAM_H_
