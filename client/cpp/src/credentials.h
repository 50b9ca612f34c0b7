// TLS or plain text, and tokens.
#ifndef TENSORD_CLIENT_SRC_CREDENTIALS_H_
#define TENSORD_CLIENT_SRC_CREDENTIALS_H_

#include <grpcpp/security/credentials.h>

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "tensord/client/options.h"

namespace tensord::client {

// Plain-text credentials where `tls` is absent. kInvalidArgument, naming the file - it cannot be read, is over 1 MiB,
// or holds no certificate or no key in PEM form; or a certificate comes without a key or the other way round.
[[nodiscard]] absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> MakeCredentials(
    const std::optional<TlsOptions>& tls);

// The token in a file: printable ASCII, with blanks and line ends around it dropped; empty where `path` is.
// kInvalidArgument, naming the file and never its text - it cannot be read, or holds no token.
[[nodiscard]] absl::StatusOr<std::string> ReadToken(const std::string& path);

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_SRC_CREDENTIALS_H_
