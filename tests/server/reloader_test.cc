#include "server/reloader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace tensord::server {
namespace {

using ::testing::ElementsAre;

// Writes down what happens, so that a test can wait for it.
class Witness final : public Log {
 public:
  void Write(LogLevel, absl::string_view event, const std::vector<LogField>& fields) override {
    std::string text(event);
    for (const LogField& field : fields) text += " " + std::get<std::string>(field.value);
    Note(text);
  }
  [[nodiscard]] bool enabled(LogLevel) const override { return true; }
  void SetLevel(LogLevel) override {}
  void Flush() override {}
  [[nodiscard]] int64_t dropped_count() const override { return 0; }

  void Note(const std::string& text) {
    const std::lock_guard lock(mutex_);
    events_.push_back(text);
    changed_.notify_all();
  }
  // The first `count` events, once there are as many.
  std::vector<std::string> WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return events_.size() >= count; });
    return {events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(count)};
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> events_;
};

TEST(ReloaderTest, RunsEveryStepWhenAsked) {
  Witness witness;
  NoopMetrics metrics;
  Reloader reloader(
      {{.what = Reloadable::kTls,
        .attempt = [&]() -> absl::StatusOr<bool> {
          witness.Note("tls");
          return false;
        }},
       {.what = Reloadable::kSettings, .on_change = false, .attempt = []() -> absl::StatusOr<bool> { return true; }}},
      std::chrono::milliseconds(0), &metrics, &witness);
  reloader.ReloadNow();
  EXPECT_THAT(witness.WaitFor(2), ElementsAre("tls", "reloaded settings"));
  reloader.ReloadNow();
  EXPECT_THAT(witness.WaitFor(4), ElementsAre("tls", "reloaded settings", "tls", "reloaded settings"));
}

TEST(ReloaderTest, LooksByItselfAtEveryInterval) {
  Witness witness;
  NoopMetrics metrics;
  int attempts = 0;
  Reloader reloader(
      {{.what = Reloadable::kTokens, .attempt = [&]() -> absl::StatusOr<bool> { return ++attempts == 3; }},
       {.what = Reloadable::kSettings,
        .on_change = false,
        .attempt = [&]() -> absl::StatusOr<bool> {
          witness.Note("settings");
          return true;
        }}},
      std::chrono::milliseconds(1), &metrics, &witness);
  EXPECT_THAT(witness.WaitFor(1), ElementsAre("reloaded tokens"));
}

TEST(ReloaderTest, TellsAFailureOnceUntilItChangesOrEnds) {
  Witness witness;
  NoopMetrics metrics;
  int attempts = 0;
  Reloader reloader({{.what = Reloadable::kTls,
                      .attempt = [&]() -> absl::StatusOr<bool> {
                        ++attempts;
                        if (attempts <= 3) return absl::FailedPreconditionError("no match");
                        if (attempts <= 5) return absl::FailedPreconditionError("no file");
                        if (attempts == 6) throw std::bad_alloc();
                        return false;
                      }}},
                    std::chrono::milliseconds(1), &metrics, &witness);
  EXPECT_THAT(witness.WaitFor(4), ElementsAre("reload_failed tls no match", "reload_failed tls no file",
                                              "reload_failed tls no memory while reloading", "reloaded tls"));
}

}  // namespace
}  // namespace tensord::server
