// Every setting, once: its flag, environment variable, key in the file, line of --help and of --print-config come from
// its entry here. A new setting is a member of Settings and an entry in this table.
#ifndef TENSORD_SERVER_CONFIG_TABLE_H_
#define TENSORD_SERVER_CONFIG_TABLE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/config.h"

namespace tensord::server {

inline constexpr int kMaxThreads = 1024;
inline constexpr int kMaxQueue = 1 << 20;

// The queue where none is asked for: four tasks for each thread.
[[nodiscard]] int DefaultQueue(int threads);
// The largest tensor where none is asked for: 192 MiB, or three quarters of a smaller message.
[[nodiscard]] int64_t DefaultMaxTensorBytes(int64_t max_message_bytes);

// The multiplications in flight where nothing is asked for: four of the largest calls.
[[nodiscard]] int64_t DefaultMultiplicationBudget(int64_t max_multiplications);
// What gRPC may hold where nothing is asked for: two of the largest messages and at least 256 MiB, but no more than a
// quarter of memory.
[[nodiscard]] int64_t DefaultTransportQuota(int64_t max_message_bytes, int64_t memory_bytes);

struct SettingDescription {
  std::string name;         // "max-message-bytes": the flag without its dashes, and the key in the file
  std::string placeholder;  // "N", for --help
  std::string help;         // one line, without the default
  bool repeated = false;    // a list: the flag may be given again and again, the variable has commas
  bool quoted = false;      // text, quoted in YAML; otherwise a word or a number
  // Puts `values` (exactly one, unless repeated) into the settings. The error's text is what was expected.
  std::function<absl::Status(const std::vector<std::string>& values, Settings& settings)> parse;
  // The setting as texts that parse reads.
  std::function<std::vector<std::string>(const Settings& settings)> print;

  // "TENSORD_MAX_MESSAGE_BYTES".
  [[nodiscard]] std::string environment_variable() const;
};

// In the order of --help.
[[nodiscard]] const std::vector<SettingDescription>& SettingTable();

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONFIG_TABLE_H_
