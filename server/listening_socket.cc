#include "server/listening_socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

// Files made while it lives are for owner and group only.
class UmaskGuard {
 public:
  UmaskGuard() : before_(umask(0117)) {}
  ~UmaskGuard() { umask(before_); }
  UmaskGuard(const UmaskGuard&) = delete;
  UmaskGuard& operator=(const UmaskGuard&) = delete;

 private:
  const mode_t before_;
};

absl::Status Errno() { return absl::FailedPreconditionError(std::strerror(errno)); }

void SetPort(sockaddr* address, int port) {
  const in_port_t number = htons(static_cast<uint16_t>(port));
  if (address->sa_family == AF_INET) reinterpret_cast<sockaddr_in*>(address)->sin_port = number;
  if (address->sa_family == AF_INET6) reinterpret_cast<sockaddr_in6*>(address)->sin6_port = number;
}

int BoundPort(int fd) {
  sockaddr_storage name = {};
  socklen_t length = sizeof(name);
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&name), &length) != 0) return 0;
  if (name.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&name)->sin6_port);
  return ntohs(reinterpret_cast<const sockaddr_in*>(&name)->sin_port);
}

absl::StatusOr<FileDescriptor> BindOne(const addrinfo& info) {
  FileDescriptor fd(socket(info.ai_family, info.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, info.ai_protocol));
  if (!fd.valid()) return Errno();
  // Without it a port whose last connections have just ended would look taken.
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  // [::] is every address, those of IPv4 too.
  const int off = 0;
  if (info.ai_family == AF_INET6) setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  if (bind(fd.get(), info.ai_addr, info.ai_addrlen) != 0) return Errno();
  return fd;
}

absl::StatusOr<FileDescriptor> BindUnix(const std::string& path) {
  FileDescriptor fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid()) return Errno();
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof(name.sun_path) - 1);
  const UmaskGuard guard;
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof(name)) != 0) return Errno();
  return fd;
}

}  // namespace

absl::StatusOr<std::vector<FileDescriptor>> BindTcp(ListenAddress& address) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int result = getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (result != 0) return absl::FailedPreconditionError(gai_strerror(result));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  std::vector<FileDescriptor> sockets;
  absl::Status missing;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    SetPort(each->ai_addr, address.port);
    absl::StatusOr<FileDescriptor> fd = BindOne(*each);
    if (fd.ok()) {
      address.port = BoundPort(fd->get());
      sockets.push_back(*std::move(fd));
    } else if (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL) {
      missing = fd.status();  // "localhost" is ::1 too, where there may be no IPv6
    } else {
      return fd.status();
    }
  }
  if (sockets.empty()) return missing.ok() ? absl::FailedPreconditionError("the name has no address") : missing;
  return sockets;
}

absl::StatusOr<std::vector<FileDescriptor>> Listen(ListenAddress& address) {
  std::vector<FileDescriptor> sockets;
  if (address.is_unix()) {
    TENSORD_ASSIGN_OR_RETURN(FileDescriptor fd, BindUnix(address.path));
    sockets.push_back(std::move(fd));
  } else {
    TENSORD_ASSIGN_OR_RETURN(sockets, BindTcp(address));
  }
  for (const FileDescriptor& fd : sockets) {
    if (listen(fd.get(), SOMAXCONN) != 0) return Errno();
  }
  return sockets;
}

}  // namespace tensord::server
