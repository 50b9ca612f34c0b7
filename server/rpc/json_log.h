// The log on standard error, one JSON object a line, and gRPC's own log led into it.
#ifndef TENSORD_SERVER_RPC_JSON_LOG_H_
#define TENSORD_SERVER_RPC_JSON_LOG_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "server/rpc/log.h"

namespace spdlog {
class logger;
namespace details {
class thread_pool;
}  // namespace details
namespace sinks {
class sink;
}  // namespace sinks
}  // namespace spdlog

namespace tensord::server {

// Writes {"time":"2024-05-01T12:00:00.123Z","level":"info","event":"ready",...fields} lines.
//
// Whatever a value holds, the line is one line of ASCII and of JSON: control characters and all that is not ASCII are
// escaped, bytes that are not UTF-8 become U+FFFD, and a text is cut at 256 bytes, which "..." at its end shows. A
// field that is called time, level or event, or that comes twice, is dropped.
//
// A thread of its own writes the lines, so that nobody waits for whoever reads them: where that one is too slow, the
// oldest of 8192 lines that wait give way, and dropped_count tells how many did. Threads: every member may be called
// from any thread.
class JsonLog final : public Log {
 public:
  // Events below `level` are dropped. Lines go to standard error.
  explicit JsonLog(LogLevel level);
  JsonLog(LogLevel level, std::shared_ptr<spdlog::sinks::sink> sink);
  ~JsonLog() override;

  void Write(LogLevel level, absl::string_view event, const std::vector<LogField>& fields) override;
  [[nodiscard]] bool enabled(LogLevel level) const override {
    const LogLevel least = level_.load(std::memory_order_relaxed);
    return least != LogLevel::kOff && level >= least;
  }
  void SetLevel(LogLevel level) override { level_.store(level, std::memory_order_relaxed); }
  void Flush() override;
  [[nodiscard]] int64_t dropped_count() const override;

 private:
  // Whether every line was written or dropped.
  [[nodiscard]] bool done() const;

  std::atomic<LogLevel> level_;
  std::atomic<int64_t> posted_count_ = 0;
  // Lines that have reached their sink; the writer may outlive the log.
  std::shared_ptr<std::atomic<int64_t>> written_count_;
  std::shared_ptr<spdlog::details::thread_pool> writer_;
  std::shared_ptr<spdlog::logger> logger_;
};

// While it lives, what gRPC logs as an error goes to `log` as a warning event "grpc", at most ten a second (the next
// one tells how many were dropped): gRPC logs what clients send. What gRPC logs below that is dropped. There may be one
// at a time; it does not own `log`.
class GrpcLogRedirect {
 public:
  explicit GrpcLogRedirect(Log* log);
  ~GrpcLogRedirect();
  GrpcLogRedirect(const GrpcLogRedirect&) = delete;
  GrpcLogRedirect& operator=(const GrpcLogRedirect&) = delete;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_JSON_LOG_H_
