// Reads files anew while the daemon runs.
#ifndef TENSORD_SERVER_RELOADER_H_
#define TENSORD_SERVER_RELOADER_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "server/metrics/metrics.h"
#include "server/rpc/log.h"

namespace tensord::server {

// What can be read anew, and how. `attempt` takes what is new and right into use: true where it did, false where
// nothing has changed, an error where what is there cannot be used, in which case what was in use stays.
struct ReloadStep {
  Reloadable what;
  bool on_change = true;  // looked at every interval, otherwise only when asked
  std::function<absl::StatusOr<bool>()> attempt;
};

// Runs the steps on a thread of its own. Events of the log: reloaded, and reload_failed, the latter once for each new
// reason; every attempt counts in the metrics.
class Reloader {
 public:
  // An `interval` of 0: only when asked. The pointers, and what the steps use, have to outlive it.
  Reloader(std::vector<ReloadStep> steps, std::chrono::milliseconds interval, Metrics* metrics, Log* log);
  ~Reloader();
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  // Runs every step soon. Any thread.
  void ReloadNow();

 private:
  void Run();
  void Try(const ReloadStep& step, std::string& last_error);

  const std::vector<ReloadStep> steps_;
  const std::chrono::milliseconds interval_;
  Metrics* const metrics_;
  Log* const log_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool asked_ = false;     // guarded by mutex_
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RELOADER_H_
