// SIGTERM, SIGINT and SIGHUP, as something to wait for.
#ifndef TENSORD_SERVER_SIGNALS_H_
#define TENSORD_SERVER_SIGNALS_H_

#include <functional>
#include <future>
#include <mutex>
#include <thread>

namespace tensord::server {

// Keeps the signals for a SignalWatcher that is made later. Call it before the first thread is started, as threads
// inherit what is blocked.
void BlockWatchedSignals();

// From its construction on, SIGTERM and SIGINT no longer end the process: the first one ends Wait, a second one runs
// `on_second`, on this object's thread. SIGHUP runs the function of OnHangup there, or nothing. SIGPIPE is ignored, as
// a peer that goes away is an error of one call only.
//
// Make it before any other thread, or call BlockWatchedSignals before: the signals are for this one. One at a time.
class SignalWatcher {
 public:
  explicit SignalWatcher(std::function<void()> on_second);
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

  // Waits for the first signal; its number.
  int Wait();

  // From now on; an empty function: nothing.
  void OnHangup(std::function<void()> on_hangup);

 private:
  void Run();

  const std::function<void()> on_second_;
  int signal_fd_;
  int stop_fd_;
  std::mutex mutex_;
  std::function<void()> on_hangup_;  // guarded by mutex_
  std::promise<int> first_;
  std::thread thread_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_SIGNALS_H_
