#include "server/address.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/file_descriptor.h"
#include "server/listening_socket.h"

namespace tensord::server {
namespace {

constexpr size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;

absl::StatusOr<ListenAddress> ParseUnixAddress(absl::string_view path) {
  if (!absl::StartsWith(path, "/") || path.size() < 2 || path.find('\0') != absl::string_view::npos) {
    return absl::InvalidArgumentError("a Unix socket is written unix:/absolute/path");
  }
  if (path.size() > kMaxSocketPath) {
    return absl::InvalidArgumentError(
        absl::StrCat("a socket's path has at most ", kMaxSocketPath, " bytes; this one has ", path.size()));
  }
  ListenAddress address;
  address.path = std::string(path);
  return address;
}

bool IsHostCharacter(char c, bool bracketed) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_' ||
         (bracketed && (c == ':' || c == '%'));
}

// Whether a connection to the socket at `path` is accepted.
bool SomebodyAnswers(const std::string& path) {
  const FileDescriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, kMaxSocketPath);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) == 0) return true;
  // Only a refusal says that no process holds the socket; a full backlog (EAGAIN) is somebody busy.
  return errno != ECONNREFUSED && errno != ENOENT;
}

}  // namespace

bool ListenAddress::is_local() const {
  return is_unix() || host == "localhost" || host == "::1" || absl::StartsWith(host, "127.");
}

std::string ListenAddress::ToString() const {
  if (is_unix()) return absl::StrCat("unix:", path);
  if (absl::StrContains(host, ':')) return absl::StrCat("[", host, "]:", port);
  return absl::StrCat(host, ":", port);
}

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  constexpr char kExpected[] = "an address is host:port, [IPv6]:port or unix:/path";
  if (absl::StartsWith(text, "unix:")) return ParseUnixAddress(text.substr(5));
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return absl::InvalidArgumentError(kExpected);
  absl::string_view host = text.substr(0, colon);
  const absl::string_view port = text.substr(colon + 1);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host.empty() || !std::all_of(host.begin(), host.end(), [&](char c) { return IsHostCharacter(c, bracketed); })) {
    return absl::InvalidArgumentError(kExpected);
  }
  int32_t number = 0;
  const bool digits = !port.empty() && std::all_of(port.begin(), port.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c));
  });
  if (!digits || !absl::SimpleAtoi(port, &number) || number > 65535) {
    return absl::InvalidArgumentError("a port is a number from 0 to 65535");
  }
  ListenAddress address;
  address.host = std::string(host);
  address.port = number;
  return address;
}

absl::Status PrepareUnixSocket(const std::string& path) {
  struct stat info = {};
  if (lstat(path.c_str(), &info) != 0) {
    const int error = errno;
    const std::string folder = path.substr(0, std::max<size_t>(path.rfind('/'), 1));
    if (error == ENOENT && access(folder.c_str(), W_OK | X_OK) == 0) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat("no socket can be made in ", folder, ": ", std::strerror(errno)));
  }
  if (!S_ISSOCK(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " exists and is not a socket"));
  }
  if (SomebodyAnswers(path)) {
    return absl::FailedPreconditionError(absl::StrCat("another process listens on ", path));
  }
  if (unlink(path.c_str()) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat("the stale socket ", path, " cannot be removed: ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

std::string DescribeTcpBindFailure(const ListenAddress& address) {
  ListenAddress copy = address;
  return std::string(BindTcp(copy).status().message());
}

}  // namespace tensord::server
