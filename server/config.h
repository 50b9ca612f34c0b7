// The daemon's settings: what they are, where they come from, and how they are shown.
#ifndef TENSORD_SERVER_CONFIG_H_
#define TENSORD_SERVER_CONFIG_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/rpc/log.h"
#include "tensord/compute/instruction_set.h"

namespace tensord::server {

// What one client may do. 0: no limit.
struct ClientLimits {
  int64_t calls_in_flight = 0;
  int64_t calls_per_second = 0;  // with a burst of one second's worth
  int64_t multiplications_per_second = 0;

  friend bool operator==(const ClientLimits&, const ClientLimits&) = default;
};

// Every setting, resolved: nothing here still means "choose for me". Defaults: contract section 4.
struct Settings {
  // Of the kernels of the whole process; no flag, but TENSORD_ISA.
  compute::InstructionSet instruction_set = compute::SupportedInstructionSets().back();
  std::vector<std::string> listen = {"127.0.0.1:50051"};  // host:port or unix:/path; port 0 picks one
  std::string metrics_listen = "127.0.0.1:9464";          // host:port, or "off"
  std::string tls_certificate;                            // PEM files; empty: no TLS
  std::string tls_key;
  std::string tls_client_ca;  // where given, clients have to show a certificate that it signed
  std::string auth_tokens;    // file of token hashes; empty: calls need no token
  bool auth_without_tls = false;
  int threads = 1;
  int queue = 4;
  int64_t max_message_bytes = int64_t{256} << 20;
  int64_t max_tensor_bytes = int64_t{192} << 20;
  int64_t max_multiplications = int64_t{1} << 40;
  int64_t multiplication_budget = int64_t{1} << 42;
  int64_t memory_budget_bytes = int64_t{1} << 30;
  int64_t transport_quota_bytes = int64_t{512} << 20;  // what gRPC itself may hold
  ClientLimits client_limits;
  std::chrono::milliseconds default_deadline{30'000};
  std::chrono::milliseconds drain_delay{0};  // between NOT_SERVING and the first refusal
  std::chrono::milliseconds drain_timeout{20'000};
  std::chrono::milliseconds connection_age{30 * 60'000};
  std::chrono::milliseconds connection_age_grace{10 * 60'000};
  std::chrono::milliseconds connection_idle{5 * 60'000};
  std::chrono::milliseconds reload_interval{10'000};  // how often files are looked at; 0: only on SIGHUP
  bool reflection = true;
  LogLevel log_level = LogLevel::kInfo;
};

// The defaults for this machine: threads from the CPU quota, the queue from the threads, the memory budget and gRPC's
// quota from the cgroup's memory limit or from RAM.
[[nodiscard]] Settings DefaultSettings();

// The defaults where `cpu_count` processors and `memory_bytes` (0: unknown) may be used.
[[nodiscard]] Settings DefaultSettingsFor(int cpu_count, int64_t memory_bytes);

// What is wrong with a setting: its value as text, and what it had to be.
struct SettingProblem {
  std::string name;
  std::string value;
  std::string expected;
};

// Everything that is wrong with `settings`: values out of range, and values that do not go together.
[[nodiscard]] std::vector<SettingProblem> FindProblems(const Settings& settings);

// FindProblems as one status: kInvalidArgument, naming every setting.
[[nodiscard]] absl::Status CheckSettings(const Settings& settings);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONFIG_H_
