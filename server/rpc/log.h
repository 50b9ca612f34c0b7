// The daemon's log: one JSON object a line.
#ifndef TENSORD_SERVER_RPC_LOG_H_
#define TENSORD_SERVER_RPC_LOG_H_

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"

namespace tensord::server {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

// One member of a log line. Text from clients goes into values only: it is escaped, and cut at 256 bytes.
struct LogField {
  std::string name;
  std::variant<int64_t, double, bool, std::string> value;
};

// Where events go. Threads: Write may be called from any thread.
class Log {
 public:
  virtual ~Log() = default;
  // One event: its level, its name in snake_case, and more about it. Never tensors or tokens.
  virtual void Write(LogLevel level, absl::string_view event, const std::vector<LogField>& fields) = 0;
  // Whether an event of that level would be written.
  [[nodiscard]] virtual bool enabled(LogLevel level) const = 0;
  // Events below are dropped from now on.
  virtual void SetLevel(LogLevel level) = 0;
  // Returns when what was written before is where it goes, or after a second.
  virtual void Flush() = 0;
  // Events that were lost, as whoever reads the log was too slow.
  [[nodiscard]] virtual int64_t dropped_count() const = 0;
};

// Drops everything.
class NullLog final : public Log {
 public:
  void Write(LogLevel, absl::string_view, const std::vector<LogField>&) override {}
  [[nodiscard]] bool enabled(LogLevel) const override { return false; }
  void SetLevel(LogLevel) override {}
  void Flush() override {}
  [[nodiscard]] int64_t dropped_count() const override { return 0; }
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_LOG_H_
