// Cancelling calls.
#ifndef TENSORD_CLIENT_CANCELLATION_H_
#define TENSORD_CLIENT_CANCELLATION_H_

#include <memory>
#include <mutex>
#include <vector>

namespace grpc {
class ClientContext;
}  // namespace grpc

namespace tensord::client {

// Cancels calls, synchronous or not: give it to any number of them in CallOptions.
//
// Threads: every member may be called from any thread.
class Cancellation {
 public:
  // The calls in flight end with kCancelled, unless their answer came first; calls that begin later end so at once.
  void Cancel();
  [[nodiscard]] bool cancelled() const;

 private:
  friend class CallRegistry;

  // Cancels the call when Cancel is called, or now where it was.
  void Watch(const std::shared_ptr<grpc::ClientContext>& call);

  mutable std::mutex mutex_;
  bool cancelled_ = false;
  std::vector<std::weak_ptr<grpc::ClientContext>> calls_;
};

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_CANCELLATION_H_
