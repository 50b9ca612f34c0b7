// SIGTERM and SIGINT, as something to wait for.
#ifndef TENSORD_SERVER_SIGNALS_H_
#define TENSORD_SERVER_SIGNALS_H_

#include <functional>
#include <future>
#include <thread>

namespace tensord::server {

// From its construction on, SIGTERM and SIGINT no longer end the process: the first one ends Wait, a second one runs
// `on_second`, on this object's thread. SIGPIPE is ignored, as a peer that goes away is an error of one call only.
//
// Make it before any other thread, as threads inherit the mask that keeps the signals for this one. One at a time.
class SignalWatcher {
 public:
  explicit SignalWatcher(std::function<void()> on_second);
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

  // Waits for the first signal; its number.
  int Wait();

 private:
  void Run();

  const std::function<void()> on_second_;
  int signal_fd_;
  int stop_fd_;
  std::promise<int> first_;
  std::thread thread_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_SIGNALS_H_
