// Calls in flight, each with the memory that it takes, used again and again.
#ifndef TENSORD_LOAD_CALL_POOL_H_
#define TENSORD_LOAD_CALL_POOL_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/async_unary_call.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace tensord::load {

struct Call {
  size_t kind = 0;
  size_t phase = 0;
  int64_t due_ns = 0;  // when it was to be sent, after the start of the run
  // Stored when the call is handed to gRPC and looked at when it comes back, on another thread: gRPC orders the two,
  // but not in the eyes of a race detector.
  std::atomic<bool> sent = false;
  std::optional<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
  grpc::ByteBuffer response;
  grpc::Status status;
};

// Safe to use from several threads.
class CallPool {
 public:
  explicit CallPool(size_t capacity);

  // A call with a fresh context, or null where all are in flight.
  Call* Take();
  // Makes a call that has come back ready to be sent again. It has been in flight all the time.
  static void Renew(Call* call);
  void Give(Call* call);
  size_t in_flight() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Call>> calls_;
  std::vector<Call*> free_;
};

}  // namespace tensord::load

#endif  // TENSORD_LOAD_CALL_POOL_H_
