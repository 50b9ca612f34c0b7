// The log on standard error, one JSON object a line, and gRPC's own log led into it.
#ifndef TENSORD_SERVER_RPC_JSON_LOG_H_
#define TENSORD_SERVER_RPC_JSON_LOG_H_

#include <memory>
#include <vector>

#include "server/rpc/log.h"

namespace spdlog {
class logger;
namespace sinks {
class sink;
}  // namespace sinks
}  // namespace spdlog

namespace tensord::server {

// Writes {"time":"2024-05-01T12:00:00.123Z","level":"info","event":"ready",...fields} lines.
//
// Whatever a value holds, the line is one line of ASCII and of JSON: control characters and all that is not ASCII are
// escaped, bytes that are not UTF-8 become U+FFFD, and a text is cut at 256 bytes, which "..." at its end shows. A
// field that is called time, level or event, or that comes twice, is dropped. Threads: Write may be called from any
// thread.
class JsonLog final : public Log {
 public:
  // Events below `level` are dropped. Lines go to standard error.
  explicit JsonLog(LogLevel level);
  JsonLog(LogLevel level, std::shared_ptr<spdlog::sinks::sink> sink);
  ~JsonLog() override;

  void Write(LogLevel level, absl::string_view event, const std::vector<LogField>& fields) override;

 private:
  const LogLevel level_;
  std::unique_ptr<spdlog::logger> logger_;
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
