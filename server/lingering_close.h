// Closes connections in such a way that their clients get what was sent to them.
#ifndef TENSORD_SERVER_LINGERING_CLOSE_H_
#define TENSORD_SERVER_LINGERING_CLOSE_H_

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "server/file_descriptor.h"

namespace tensord::server {

// gRPC 1.51 closes a connection in both directions as soon as its last call has ended after a goodbye (a drain, the
// connection's age). What the client still sends then, if only an update of a window while it reads its answer, the
// kernel answers with a reset, and throws away what it has not delivered: a call that was done has no answer.
//
// While one of these lives, shutdown() of both directions, which gRPC calls first, ends ours only, and a copy of the
// descriptor keeps the connection until the client has closed its side. A client that takes nothing for kPatience is
// not waited for, nor any for longer than ten seconds, and not more than 256 at a time: those are closed as ever.
//
// One at a time has an effect, the first. Thread-safe.
class LingeringClose {
 public:
  static constexpr std::chrono::seconds kPatience{1};

  LingeringClose();
  ~LingeringClose();
  LingeringClose(const LingeringClose&) = delete;
  LingeringClose& operator=(const LingeringClose&) = delete;

  // Returns when no client is waited for any more, or at the deadline.
  void WaitForNone(std::chrono::steady_clock::time_point deadline);

  // What shutdown() asks: whether `fd`'s other direction is closed later. False for what is no connection, for one that
  // its client has closed, and where there is no room.
  static bool TakeOver(int fd);

 private:
  using Clock = std::chrono::steady_clock;

  // A copy of a connection's descriptor.
  struct Connection {
    FileDescriptor socket;
    Clock::time_point end;       // when it is closed whatever happens
    Clock::time_point patience;  // when it is closed unless the client takes something
    int undelivered = -1;        // bytes that the client's system has not confirmed
  };

  bool Keep(int fd);
  void Run();
  static bool IsOver(Connection& connection);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Connection> connections_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_LINGERING_CLOSE_H_
