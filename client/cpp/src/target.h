// Addresses of servers.
#ifndef TENSORD_CLIENT_SRC_TARGET_H_
#define TENSORD_CLIENT_SRC_TARGET_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tensord::client {

// The gRPC target for an address: host:port, [ipv6]:port, dns:///host:port, dns://resolver/host:port,
// ipv4:a.b.c.d:port, ipv6:[address]:port, unix:path, unix:///path or unix-abstract:name. Ports are numbers. Otherwise
// kInvalidArgument, with what would be right: gRPC itself would look up "http" or "host" at port 443, and fail much
// later.
[[nodiscard]] absl::StatusOr<std::string> TargetOf(absl::string_view address);

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_SRC_TARGET_H_
