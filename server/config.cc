#include "server/config.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/address.h"
#include "server/config_table.h"
#include "server/resources.h"

namespace tensord::server {
namespace {

constexpr int64_t kUnknownMemoryBudget = int64_t{1} << 30;

void CheckTls(const Settings& settings, std::vector<SettingProblem>& problems) {
  if (!settings.tls_certificate.empty() && settings.tls_key.empty()) {
    problems.push_back({"tls-key", "", "the private key of tls-certificate: the two come together"});
  }
  if (settings.tls_certificate.empty() && !settings.tls_key.empty()) {
    problems.push_back({"tls-certificate", "", "the certificate of tls-key: the two come together"});
  }
  if (!settings.tls_client_ca.empty() && settings.tls_certificate.empty() && settings.tls_key.empty()) {
    problems.push_back({"tls-client-ca", settings.tls_client_ca, "given only with tls-certificate and tls-key"});
  }
}

void CheckTokens(const Settings& settings, std::vector<SettingProblem>& problems) {
  if (settings.auth_tokens.empty() || settings.auth_without_tls || !settings.tls_certificate.empty()) return;
  for (const std::string& text : settings.listen) {
    const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
    if (!address.ok() || address->is_unix()) continue;
    problems.push_back({"auth-tokens", settings.auth_tokens,
                        absl::StrCat("TLS (tls-certificate and tls-key), as tokens would travel readable to ", text,
                                     "; or Unix sockets only; or auth-without-tls on, to insist")});
    return;
  }
}

void CheckListen(const Settings& settings, std::vector<SettingProblem>& problems) {
  std::set<std::string> seen;
  for (const std::string& text : settings.listen) {
    const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
    // Port 0 twice is two different ports.
    if (!address.ok() || (!address->is_unix() && address->port == 0)) continue;
    if (!seen.insert(address->ToString()).second) {
      problems.push_back({"listen", text, "each address once"});
    }
  }
}

}  // namespace

Settings DefaultSettingsFor(int cpu_count, int64_t memory_bytes) {
  Settings settings;
  settings.threads = std::clamp(cpu_count, 1, kMaxThreads);
  settings.queue = DefaultQueue(settings.threads);
  settings.memory_budget_bytes = memory_bytes > 1 ? memory_bytes / 2 : kUnknownMemoryBudget;
  settings.transport_quota_bytes = DefaultTransportQuota(settings.max_message_bytes, 2 * settings.memory_budget_bytes);
  return settings;
}

Settings DefaultSettings() {
  const ResourceRoots roots;
  return DefaultSettingsFor(UsableCpuCount(roots, AffinityCpuCount()), UsableMemoryBytes(roots));
}

std::vector<SettingProblem> FindProblems(const Settings& settings) {
  std::vector<SettingProblem> problems;
  Settings scratch;
  for (const SettingDescription& setting : SettingTable()) {
    const std::vector<std::string> values = setting.print(settings);
    const absl::Status status = setting.parse(values, scratch);
    if (!status.ok()) {
      problems.push_back({setting.name, absl::StrJoin(values, ","), std::string(status.message())});
    }
  }
  if (settings.max_tensor_bytes > settings.max_message_bytes) {
    problems.push_back({"max-tensor-bytes", absl::StrCat(settings.max_tensor_bytes),
                        absl::StrCat("at most max-message-bytes, which is ", settings.max_message_bytes)});
  }
  if (settings.multiplication_budget < settings.max_multiplications) {
    problems.push_back({"multiplication-budget", absl::StrCat(settings.multiplication_budget),
                        absl::StrCat("at least max-multiplications, which is ", settings.max_multiplications)});
  }
  CheckTls(settings, problems);
  CheckTokens(settings, problems);
  CheckListen(settings, problems);
  return problems;
}

absl::Status CheckSettings(const Settings& settings) {
  const std::vector<SettingProblem> problems = FindProblems(settings);
  if (problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(problems, "; ", [](std::string* out, const SettingProblem& problem) {
    absl::StrAppend(out, problem.name, " is \"", problem.value, "\", expected ", problem.expected);
  }));
}

}  // namespace tensord::server
