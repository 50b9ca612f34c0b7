// Addresses that the daemon listens on: `host:port` and `unix:/path`.
#ifndef TENSORD_SERVER_ADDRESS_H_
#define TENSORD_SERVER_ADDRESS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tensord::server {

// Exactly one of a TCP address (host, port) and a Unix socket (path) is set.
struct ListenAddress {
  std::string host = {};  // a name, an IPv4 address, or an IPv6 address without its brackets; empty for a Unix socket
  int port = 0;           // 0: the system picks one
  std::string path = {};  // empty for TCP

  [[nodiscard]] bool is_unix() const { return !path.empty(); }
  // Whether only this machine can reach it: a Unix socket, localhost, 127.0.0.0/8 or ::1.
  [[nodiscard]] bool is_local() const;
  // As it was written: "127.0.0.1:50051", "[::1]:50051", "unix:/path".
  [[nodiscard]] std::string ToString() const;
};

// Reads `127.0.0.1:50051`, `localhost:0`, `[::1]:50051` or `unix:/path`.
//
// Errors:   kInvalidArgument - anything else: no port or one above 65535, an IPv6 address without brackets, a path that
//           is not absolute or is longer than the 107 bytes that a socket's address holds.
[[nodiscard]] absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

// Makes room for a socket at `path`: a socket file that nobody answers on (left by a process that was killed) is
// removed.
//
// Errors:   kFailedPrecondition - something answers there, it is no socket, or the folder is missing or not ours to
//           write.
[[nodiscard]] absl::Status PrepareUnixSocket(const std::string& path);

// Why a TCP address cannot be listened on, found by trying, e.g. "Address already in use"; empty where it can be.
[[nodiscard]] std::string DescribeTcpBindFailure(const ListenAddress& address);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_ADDRESS_H_
