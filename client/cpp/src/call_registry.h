// The calls of one client that are in flight.
#ifndef TENSORD_CLIENT_SRC_CALL_REGISTRY_H_
#define TENSORD_CLIENT_SRC_CALL_REGISTRY_H_

#include <grpcpp/client_context.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "tensord/client/options.h"

namespace tensord::client {

// What a call in flight needs; asynchronous calls add to it.
struct Call {
  // Out of line: tests/tsan.supp names it.
  virtual ~Call();
  grpc::ClientContext context;
};

// Owns the calls from Begin to End, cancels them, and waits for the last one.
//
// gRPC's callback threads end with the last channel, and cannot wait for themselves. So no callback may be the last
// owner of the channel, which every call's context shares: gRPC is handed plain pointers, and End destroys the call
// before it counts it off, so that the client's destructor, which waits for the count, comes last.
// Threads: every member may be called from any thread.
class CallRegistry {
 public:
  // `token`: sent with every call; may be empty.
  CallRegistry(std::chrono::milliseconds default_deadline, const std::string& token)
      : default_deadline_(default_deadline), authorization_(token.empty() ? "" : "Bearer " + token) {}

  // Sets the call's deadline and its token, and cancels it when the options or CancelAllAndWait say so.
  void Begin(const std::shared_ptr<Call>& call, const CallOptions& options);
  // Destroys the call, unless it is being cancelled right now by another thread, which then does.
  void End(const Call* call);

  // Runs `function`, which is a callback of the client's user and must not throw, on this thread.
  template <typename Function>
  void RunCallback(Function&& function) const {
    const CallRegistry* outer = running_callback_;
    running_callback_ = this;
    function();
    running_callback_ = outer;
  }

  // Whether a callback of the client's runs on this thread.
  [[nodiscard]] bool InCallback() const { return running_callback_ == this; }

  // A stream, which uses the client for as long as it lives, begins and ends.
  void StreamBegins();
  void StreamEnds();

  // Cancels every call, those that begin meanwhile too, and returns when all have ended, callbacks included. Within a
  // callback it would wait for itself, and a stream that is left would use what is gone: both end the process, with a
  // message.
  void CancelAllAndWait();

 private:
  static thread_local const CallRegistry* running_callback_;

  const std::chrono::milliseconds default_deadline_;
  const std::string authorization_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool closing_ = false;
  size_t in_flight_ = 0;
  size_t streams_ = 0;
  std::unordered_map<const Call*, std::shared_ptr<Call>> calls_;
};

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_SRC_CALL_REGISTRY_H_
