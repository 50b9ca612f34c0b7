// TLS for the TCP listeners.
#ifndef TENSORD_SERVER_TLS_H_
#define TENSORD_SERVER_TLS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "absl/status/statusor.h"
#include "server/config.h"

namespace tensord::server {

// Credentials from the settings' PEM files; with tls_client_ca, clients without a certificate that it signed are turned
// away in the handshake.
//
// Errors:   kFailedPrecondition - a file cannot be read or holds no certificate or key, the key is not the
//           certificate's, or the certificate's time is over. The text names the setting.
[[nodiscard]] absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeTlsCredentials(const Settings& settings);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_TLS_H_
