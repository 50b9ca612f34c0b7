#include "server/reloader.h"

#include <utility>

#include "server/rpc/guarded.h"

namespace tensord::server {

Reloader::Reloader(std::vector<ReloadStep> steps, std::chrono::milliseconds interval, Metrics* metrics, Log* log)
    : steps_(std::move(steps)), interval_(interval), metrics_(metrics), log_(log), thread_([this] { Run(); }) {}

Reloader::~Reloader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Reloader::ReloadNow() {
  {
    const std::lock_guard lock(mutex_);
    asked_ = true;
  }
  wake_.notify_all();
}

void Reloader::Run() {
  std::vector<std::string> last_errors(steps_.size());
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto woken = [this] { return stopping_ || asked_; };
    if (interval_.count() > 0) {
      wake_.wait_for(lock, interval_, woken);
    } else {
      wake_.wait(lock, woken);
    }
    if (stopping_) return;
    const bool asked = std::exchange(asked_, false);
    lock.unlock();
    for (size_t i = 0; i < steps_.size(); ++i) {
      if (asked || steps_[i].on_change) Try(steps_[i], last_errors[i]);
    }
    lock.lock();
  }
}

void Reloader::Try(const ReloadStep& step, std::string& last_error) {
  bool changed = false;
  const absl::Status status = Guard("reloading", [&] {
    absl::StatusOr<bool> result = step.attempt();
    changed = result.ok() && *result;
    return result.status();
  });
  const std::string what = kReloadableNames[static_cast<size_t>(step.what)];
  if (!status.ok()) {
    metrics_->ReloadFinished(step.what, false);
    const std::string error(status.message());
    if (error != last_error) log_->Write(LogLevel::kError, "reload_failed", {{"what", what}, {"message", error}});
    last_error = error;
    return;
  }
  // Back to what is in use counts too: nothing is wrong any more.
  if (changed || !last_error.empty()) {
    metrics_->ReloadFinished(step.what, true);
    log_->Write(LogLevel::kInfo, "reloaded", {{"what", what}});
  }
  last_error.clear();
}

}  // namespace tensord::server
