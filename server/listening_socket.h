// Sockets that clients connect to.
#ifndef TENSORD_SERVER_LISTENING_SOCKET_H_
#define TENSORD_SERVER_LISTENING_SOCKET_H_

#include <vector>

#include "absl/status/statusor.h"
#include "server/address.h"
#include "server/file_descriptor.h"

namespace tensord::server {

// Binds `address`, and listens there: one socket for each address that a host's name has, all on one port; port 0
// becomes the one that the system picks. A Unix socket has mode 0660; what makes room for it is PrepareUnixSocket.
// Sockets do not block. Not thread-safe with itself or with others that create files: the process's umask changes for a
// moment.
//
// Errors:   kFailedPrecondition - why it cannot be listened on, e.g. "Address already in use".
[[nodiscard]] absl::StatusOr<std::vector<FileDescriptor>> Listen(ListenAddress& address);

// The same without listening, of a TCP address.
[[nodiscard]] absl::StatusOr<std::vector<FileDescriptor>> BindTcp(ListenAddress& address);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_LISTENING_SOCKET_H_
