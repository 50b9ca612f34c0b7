// Who calls, as far as gRPC has verified it.
#ifndef TENSORD_SERVER_RPC_CALLER_H_
#define TENSORD_SERVER_RPC_CALLER_H_

#include <grpcpp/server_context.h>

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace tensord::server {

// The value of a request header; nothing where it is absent. Points into the context.
[[nodiscard]] std::optional<absl::string_view> FindHeader(const grpc::ServerContextBase& context, const char* name);

// Where a call comes from, from gRPC's "ipv4:127.0.0.1:1234", "ipv6:%5B::1%5D:1234" or "unix:...": the address without
// the port, "unix" for every Unix socket, the text itself where it is neither.
[[nodiscard]] std::string PeerAddress(const std::string& grpc_peer);

// The name of the client behind a call without a token: the common name of its certificate, where gRPC has verified
// one, else its address.
[[nodiscard]] std::string ClientName(const grpc::ServerContextBase& context, const std::string& peer_address);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_CALLER_H_
