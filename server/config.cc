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
  CheckTls(settings, problems);
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
