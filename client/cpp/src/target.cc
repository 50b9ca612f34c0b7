#include "client/cpp/src/target.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace tensord::client {
namespace {

constexpr size_t kLongestSocketPath = 107;  // sockaddr_un's sun_path less its final 0

absl::Status Wrong(absl::string_view address, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("address: was \"", address, "\", ", why,
                                                 "; has to be host:port, [ipv6]:port, dns:///host:port or unix:/path"));
}

// Nothing where `text` is HOST:PORT or [IPV6]:PORT, else what is wrong with it.
absl::string_view CheckHostAndPort(absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos || text.back() == ']') return "which has no port";
  int port = 0;
  const absl::string_view digits = text.substr(colon + 1);
  const bool number = !digits.empty() && digits.find_first_not_of("0123456789") == absl::string_view::npos;
  if (!number || !absl::SimpleAtoi(digits, &port) || port < 1 || port > 65535) {
    return "whose port is no number from 1 to 65535";
  }
  const absl::string_view host = text.substr(0, colon);
  if (host.empty() || host == "[]") return "which has no host";
  const bool bracketed = host.front() == '[' && host.back() == ']';
  if (!bracketed && host.find_first_of(":[]") != absl::string_view::npos) {
    return "whose IPv6 address is not in brackets";
  }
  if (host.find_first_of(" \t\r\n/\\?#@") != absl::string_view::npos) return "whose host is none";
  return "";
}

// Nothing where all of the comma-separated HOST:PORTs are right.
absl::string_view CheckList(absl::string_view text) {
  for (const absl::string_view item : absl::StrSplit(text, ',')) {
    if (const absl::string_view wrong = CheckHostAndPort(item); !wrong.empty()) return wrong;
  }
  return "";
}

}  // namespace

absl::StatusOr<std::string> TargetOf(absl::string_view address) {
  absl::string_view rest = address;
  absl::string_view wrong;
  if (absl::ConsumePrefix(&rest, "unix-abstract:") || absl::ConsumePrefix(&rest, "unix:")) {
    absl::ConsumePrefix(&rest, "//");
    if (rest.empty()) return Wrong(address, "which has no path");
    if (rest.size() > kLongestSocketPath) return Wrong(address, "whose path is longer than 107 bytes");
    return std::string(address);
  }
  if (absl::ConsumePrefix(&rest, "dns://")) {
    const size_t slash = rest.find('/');  // behind the resolver's address, which may be empty
    wrong = slash == absl::string_view::npos ? "which has no host" : CheckHostAndPort(rest.substr(slash + 1));
  } else if (absl::ConsumePrefix(&rest, "ipv4:") || absl::ConsumePrefix(&rest, "ipv6:")) {
    wrong = CheckList(rest);
  } else if (absl::StrContains(address, "://")) {
    wrong = "whose scheme is not known";
  } else {
    wrong = CheckHostAndPort(address);
  }
  if (!wrong.empty()) return Wrong(address, wrong);
  return std::string(address);
}

}  // namespace tensord::client
