#include "server/config_table.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/address.h"
#include "server/config_values.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using Values = std::vector<std::string>;

constexpr int64_t kInt64Max = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeastTransportQuota = 1 << 20;

// A setting of one value: `read` makes it from text, `write` the text from it.
template <typename T, typename Read, typename Write>
SettingDescription Single(std::string name, std::string placeholder, std::string help, T Settings::*member, Read read,
                          Write write) {
  SettingDescription setting;
  setting.name = std::move(name);
  setting.placeholder = std::move(placeholder);
  setting.help = std::move(help);
  setting.parse = [member, read](const Values& values, Settings& settings) -> absl::Status {
    if (values.size() != 1) return absl::InvalidArgumentError("one value");
    TENSORD_ASSIGN_OR_RETURN(auto value, read(values[0]));
    settings.*member = static_cast<T>(std::move(value));
    return absl::OkStatus();
  };
  setting.print = [member, write](const Settings& settings) { return Values{write(settings.*member)}; };
  return setting;
}

// What one client may do.
SettingDescription ClientLimit(std::string name, std::string help, int64_t ClientLimits::*member) {
  SettingDescription setting;
  setting.name = std::move(name);
  setting.placeholder = "N";
  setting.help = std::move(help);
  setting.parse = [member](const Values& values, Settings& settings) -> absl::Status {
    if (values.size() != 1) return absl::InvalidArgumentError("one value");
    TENSORD_ASSIGN_OR_RETURN(settings.client_limits.*member, ParseNumber(values[0], 0, kInt64Max));
    return absl::OkStatus();
  };
  setting.print = [member](const Settings& settings) { return Values{absl::StrCat(settings.client_limits.*member)}; };
  return setting;
}

SettingDescription Switch(std::string name, std::string help, bool Settings::*member) {
  SettingDescription setting = Single(
      std::move(name), "on|off", std::move(help), member, [](const std::string& text) { return ParseSwitch(text); },
      [](bool on) { return std::string(on ? "on" : "off"); });
  setting.quoted = true;  // a bare on or off would be a boolean to many YAML readers
  return setting;
}

template <typename T>
SettingDescription Number(std::string name, std::string help, T Settings::*member, int64_t least, int64_t most) {
  return Single(
      std::move(name), "N", std::move(help), member,
      [least, most](const std::string& text) { return ParseNumber(text, least, most); },
      [](T value) { return absl::StrCat(value); });
}

SettingDescription Bytes(std::string name, std::string help, int64_t Settings::*member, int64_t least, int64_t most) {
  return Single(
      std::move(name), "BYTES", std::move(help), member,
      [least, most](const std::string& text) { return ParseBytes(text, least, most); },
      [](int64_t value) { return absl::StrCat(value); });
}

SettingDescription Duration(std::string name, std::string help, milliseconds Settings::*member, milliseconds least,
                            milliseconds most) {
  return Single(
      std::move(name), "DURATION", std::move(help), member,
      [least, most](const std::string& text) { return ParseDuration(text, least, most); }, &FormatDuration);
}

SettingDescription File(std::string name, std::string help, std::string Settings::*member) {
  SettingDescription setting = Single(
      std::move(name), "FILE", std::move(help), member,
      [](const std::string& text) -> absl::StatusOr<std::string> {
        if (text.find('\0') == std::string::npos) return text;
        return absl::InvalidArgumentError("a path without NUL characters");
      },
      [](const std::string& path) { return path; });
  setting.quoted = true;
  return setting;
}

SettingDescription Listen() {
  SettingDescription setting;
  setting.name = "listen";
  setting.placeholder = "ADDRESS";
  setting.help = "where calls are answered: host:port or unix:/path; repeatable; port 0 picks one";
  setting.repeated = true;
  setting.quoted = true;
  setting.parse = [](const Values& values, Settings& settings) -> absl::Status {
    if (values.empty()) return absl::InvalidArgumentError("at least one address");
    for (const std::string& value : values) {
      const absl::StatusOr<ListenAddress> address = ParseListenAddress(value);
      if (!address.ok()) return address.status();
    }
    settings.listen = values;
    return absl::OkStatus();
  };
  setting.print = [](const Settings& settings) { return settings.listen; };
  return setting;
}

SettingDescription MetricsListen() {
  SettingDescription setting = Single(
      "metrics-listen", "ADDRESS", "where Prometheus reads /metrics: host:port, or off", &Settings::metrics_listen,
      [](const std::string& text) -> absl::StatusOr<std::string> {
        if (text == "off") return text;
        const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
        if (address.ok() && !address->is_unix()) return text;
        return absl::InvalidArgumentError("host:port, or off");
      },
      [](const std::string& text) { return text; });
  setting.quoted = true;
  return setting;
}

std::vector<SettingDescription> MakeTable() {
  std::vector<SettingDescription> table;
  table.push_back(Listen());
  table.push_back(MetricsListen());
  table.push_back(File("tls-certificate", "TLS on the TCP listeners: the certificate chain, PEM; needs tls-key",
                       &Settings::tls_certificate));
  table.push_back(File("tls-key", "the certificate's private key, PEM", &Settings::tls_key));
  table.push_back(File("tls-client-ca", "clients have to show a certificate that one of these signed, PEM",
                       &Settings::tls_client_ca));
  table.push_back(File("auth-tokens", "calls need a bearer token: a file of their SHA-256 hashes and clients' names",
                       &Settings::auth_tokens));
  table.push_back(Switch("auth-without-tls", "take tokens over TCP without TLS too", &Settings::auth_without_tls));
  table.push_back(Number("threads", "worker threads", &Settings::threads, 1, kMaxThreads));
  table.push_back(Number("queue", "calls that may wait for a worker", &Settings::queue, 0, kMaxQueue));
  // gRPC counts a message's bytes in an int.
  table.push_back(Bytes("max-message-bytes", "the largest message", &Settings::max_message_bytes, 1024,
                        std::numeric_limits<int>::max()));
  table.push_back(
      Bytes("max-tensor-bytes", "the largest tensor", &Settings::max_tensor_bytes, 1, std::numeric_limits<int>::max()));
  table.push_back(Number("max-multiplications", "the most multiplications in one call", &Settings::max_multiplications,
                         1, kInt64Max));
  table.push_back(
      Bytes("memory-budget-bytes", "memory for all calls in flight", &Settings::memory_budget_bytes, 1, kInt64Max));
  table.push_back(Number("multiplication-budget", "multiplications of all calls in flight",
                         &Settings::multiplication_budget, 1, kInt64Max));
  table.push_back(Bytes("transport-quota-bytes", "memory that gRPC itself may hold", &Settings::transport_quota_bytes,
                        kLeastTransportQuota, kInt64Max));
  table.push_back(ClientLimit("client-calls-in-flight", "calls that one client may have in flight; 0: no limit",
                              &ClientLimits::calls_in_flight));
  table.push_back(ClientLimit("client-calls-per-second", "calls that one client may make a second; 0: no limit",
                              &ClientLimits::calls_per_second));
  table.push_back(ClientLimit("client-multiplications-per-second",
                              "multiplications of one client a second; 0: no limit",
                              &ClientLimits::multiplications_per_second));
  table.push_back(Duration("default-deadline", "the deadline of a call that brings none", &Settings::default_deadline,
                           milliseconds(1), hours(24)));
  table.push_back(Duration("drain-delay", "how long to serve on after SIGTERM, with health at NOT_SERVING",
                           &Settings::drain_delay, milliseconds(0), hours(1)));
  table.push_back(Duration("drain-timeout", "how long calls may finish after SIGTERM", &Settings::drain_timeout,
                           milliseconds(0), hours(1)));
  table.push_back(Duration("connection-age", "how long a connection lives", &Settings::connection_age,
                           milliseconds(100), hours(24 * 365)));
  table.push_back(Duration("connection-age-grace", "how long calls on such a connection may finish",
                           &Settings::connection_age_grace, milliseconds(0), hours(24)));
  table.push_back(Duration("connection-idle", "how long a connection lives without calls", &Settings::connection_idle,
                           milliseconds(100), hours(24 * 365)));
  table.push_back(Duration("reload-interval",
                           "how often certificates and tokens are looked at for changes; 0: on SIGHUP",
                           &Settings::reload_interval, milliseconds(0), hours(24)));
  table.push_back(Switch("reflection", "whether clients may ask for the protos", &Settings::reflection));
  table.push_back(Single(
      "log-level", "LEVEL", "the least level logged: debug, info, warning, error, off", &Settings::log_level,
      [](const std::string& text) { return ParseLogLevel(text); },
      [](LogLevel level) { return std::string(LogLevelName(level)); }));
  table.back().quoted = true;  // a bare off would be a boolean to many YAML readers
  return table;
}

}  // namespace

int DefaultQueue(int threads) { return std::min(4 * threads, kMaxQueue); }

int64_t DefaultMaxTensorBytes(int64_t max_message_bytes) {
  return std::min(Settings().max_tensor_bytes, max_message_bytes / 4 * 3);
}

int64_t DefaultMultiplicationBudget(int64_t max_multiplications) {
  return max_multiplications > kInt64Max / 4 ? kInt64Max : 4 * max_multiplications;
}

int64_t DefaultTransportQuota(int64_t max_message_bytes, int64_t memory_bytes) {
  constexpr int64_t kLeast = int64_t{256} << 20;
  return std::max(std::min(std::max(kLeast, 2 * max_message_bytes), memory_bytes / 4), kLeastTransportQuota);
}

std::string SettingDescription::environment_variable() const {
  return absl::StrCat("TENSORD_", absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{"-", "_"}})));
}

const std::vector<SettingDescription>& SettingTable() {
  static const auto* const table = new std::vector<SettingDescription>(MakeTable());
  return *table;
}

}  // namespace tensord::server
