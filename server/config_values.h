// The texts that settings are written in, read and written: numbers, bytes, durations, switches, log levels.
//
// Each Parse function's error is kInvalidArgument, and its text says what was expected.
#ifndef TENSORD_SERVER_CONFIG_VALUES_H_
#define TENSORD_SERVER_CONFIG_VALUES_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/rpc/log.h"

namespace tensord::server {

// A whole number in decimal digits, from `least` to `most`.
[[nodiscard]] absl::StatusOr<int64_t> ParseNumber(absl::string_view text, int64_t least, int64_t most);

// As ParseNumber; or with a unit: 64KiB, 256MiB, 2GiB.
[[nodiscard]] absl::StatusOr<int64_t> ParseBytes(absl::string_view text, int64_t least, int64_t most);

// A whole number with a unit: 500ms, 30s, 10min (or 10m), 1h; or 0.
[[nodiscard]] absl::StatusOr<std::chrono::milliseconds> ParseDuration(absl::string_view text,
                                                                      std::chrono::milliseconds least,
                                                                      std::chrono::milliseconds most);
// In the largest unit that is exact.
[[nodiscard]] std::string FormatDuration(std::chrono::milliseconds duration);

// on or off; true and false mean the same.
[[nodiscard]] absl::StatusOr<bool> ParseSwitch(absl::string_view text);

// debug, info, warning, error or off.
[[nodiscard]] absl::StatusOr<LogLevel> ParseLogLevel(absl::string_view text);
[[nodiscard]] const char* LogLevelName(LogLevel level);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONFIG_VALUES_H_
