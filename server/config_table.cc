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
  table.push_back(Duration("default-deadline", "the deadline of a call that brings none", &Settings::default_deadline,
                           milliseconds(1), hours(24)));
  table.push_back(Duration("drain-timeout", "how long calls may finish after SIGTERM", &Settings::drain_timeout,
                           milliseconds(0), hours(1)));
  table.push_back(Single(
      "reflection", "on|off", "whether clients may ask for the protos", &Settings::reflection,
      [](const std::string& text) { return ParseSwitch(text); },
      [](bool on) { return std::string(on ? "on" : "off"); }));
  table.push_back(Single(
      "log-level", "LEVEL", "the least level logged: debug, info, warning, error, off", &Settings::log_level,
      [](const std::string& text) { return ParseLogLevel(text); },
      [](LogLevel level) { return std::string(LogLevelName(level)); }));
  // A bare on or off would be a boolean to many YAML readers.
  table[table.size() - 1].quoted = true;
  table[table.size() - 2].quoted = true;
  return table;
}

}  // namespace

int DefaultQueue(int threads) { return std::min(4 * threads, kMaxQueue); }

int64_t DefaultMaxTensorBytes(int64_t max_message_bytes) {
  return std::min(Settings().max_tensor_bytes, max_message_bytes / 4 * 3);
}

std::string SettingDescription::environment_variable() const {
  return absl::StrCat("TENSORD_", absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{"-", "_"}})));
}

const std::vector<SettingDescription>& SettingTable() {
  static const auto* const table = new std::vector<SettingDescription>(MakeTable());
  return *table;
}

}  // namespace tensord::server
