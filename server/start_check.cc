#include "server/start_check.h"

#include <sys/resource.h>

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/address.h"
#include "server/small_file.h"
#include "server/tls.h"
#include "server/transport_errors.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

// What a call takes for each byte of its message, at least: the bytes, and twice the fields.
constexpr int64_t kBytesPerMessageByte = 3;

class Findings {
 public:
  void Add(const absl::Status& status, const std::string& prefix = "") {
    if (!status.ok()) texts_.push_back(absl::StrCat(prefix, status.message()));
  }
  [[nodiscard]] absl::Status ToStatus() const {
    return texts_.empty() ? absl::OkStatus() : absl::FailedPreconditionError(absl::StrJoin(texts_, "; "));
  }

 private:
  std::vector<std::string> texts_;
};

absl::Status CheckAddress(const std::string& text) {
  TENSORD_ASSIGN_OR_RETURN(const ListenAddress address, ParseListenAddress(text));
  if (address.is_unix()) return PrepareUnixSocket(address.path);
  const std::string reason = DescribeTcpBindFailure(address);
  if (reason.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(text, " cannot be listened on: ", reason));
}

}  // namespace

absl::StatusOr<TokenTable> LoadTokens(const Settings& settings) {
  const auto fail = [&](const absl::Status& status) {
    return absl::FailedPreconditionError(absl::StrCat("auth-tokens: ", settings.auth_tokens, ": ", status.message()));
  };
  const absl::StatusOr<std::string> text = ReadSmallFile(settings.auth_tokens);
  if (!text.ok()) return fail(text.status());
  absl::StatusOr<TokenTable> table = TokenTable::Parse(*text);
  if (!table.ok()) return fail(table.status());
  return table;
}

absl::Status CheckStart(const Settings& settings) {
  TENSORD_RETURN_IF_ERROR(CheckSettings(settings));
  Findings findings;
  if (!settings.tls_certificate.empty()) findings.Add(LoadTlsFiles(settings).status());
  if (!settings.auth_tokens.empty()) findings.Add(LoadTokens(settings).status());
  for (const std::string& address : settings.listen) findings.Add(CheckAddress(address), "listen: ");
  if (settings.metrics_listen != "off") findings.Add(CheckAddress(settings.metrics_listen), "metrics-listen: ");
  return findings.ToStatus();
}

std::vector<std::string> StartWarnings(const Settings& settings) {
  std::vector<std::string> warnings;
  const bool tls = !settings.tls_certificate.empty();
  for (const std::string& text : settings.listen) {
    const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
    if (tls || !address.ok() || address->is_local()) continue;
    warnings.push_back(absl::StrCat("other machines can reach ", text, ", and there is no TLS"));
  }
  const int64_t largest = settings.memory_budget_bytes / kBytesPerMessageByte;
  if (settings.max_message_bytes > largest) {
    warnings.push_back(absl::StrCat("messages of more than ", largest,
                                    " bytes will be refused, as memory-budget-bytes is ", settings.memory_budget_bytes,
                                    ", though max-message-bytes is ", settings.max_message_bytes));
  }
  if (settings.max_message_bytes > settings.transport_quota_bytes) {
    warnings.push_back(absl::StrCat("messages of more than ", settings.transport_quota_bytes,
                                    " bytes will break their connection's stream: that is transport-quota-bytes"));
  }
  if (!TransportErrorsAreBounded()) {
    warnings.push_back("this build of gRPC remembers an error for each ping too many: a flood of them takes memory");
  }
  return warnings;
}

int64_t RaiseFileLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur > static_cast<rlim_t>(INT64_MAX) ? INT64_MAX : static_cast<int64_t>(limit.rlim_cur);
}

}  // namespace tensord::server
