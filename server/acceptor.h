// Takes connections from listening sockets.
#ifndef TENSORD_SERVER_ACCEPTOR_H_
#define TENSORD_SERVER_ACCEPTOR_H_

#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "server/file_descriptor.h"
#include "server/metrics/metrics.h"

namespace tensord::server {

// A socket that is listened on, and who takes over its connections.
struct AcceptorSocket {
  FileDescriptor socket;
  std::function<void(int fd)> handle;  // owns the connection's descriptor then
};

// Accepts on one thread, until it is destroyed; then the sockets are closed.
//
// gRPC 1.51's own listeners stop for ever when a process runs out of file descriptors (CVE-2023-4785). This one goes
// on, and does not let it come so far: of the last descriptors it closes connections at once, so that files, log and
// metrics keep theirs. The system gives out the lowest descriptor that is free, so that a high one means that all below
// are used.
class Acceptor {
 public:
  // `file_limit`: how many descriptors this process may have. `metrics` has to outlive it.
  Acceptor(std::vector<AcceptorSocket> sockets, int64_t file_limit, Metrics* metrics);
  ~Acceptor();
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

 private:
  void Run();
  // Takes what waits at one socket. False where there was no descriptor to take it with.
  bool Drain(const AcceptorSocket& socket);

  const std::vector<AcceptorSocket> sockets_;
  const int64_t highest_fd_;
  Metrics* const metrics_;
  FileDescriptor stop_;
  std::thread thread_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_ACCEPTOR_H_
