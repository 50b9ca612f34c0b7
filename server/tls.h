// TLS for the TCP listeners.
#ifndef TENSORD_SERVER_TLS_H_
#define TENSORD_SERVER_TLS_H_

#include <grpcpp/security/server_credentials.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/config.h"

namespace tensord::server {

// What the settings' PEM files held when they were read, checked.
struct TlsFiles {
  std::string certificate_chain;
  std::string key;
  std::string client_ca;                         // empty: clients need no certificate
  std::chrono::system_clock::time_point expiry;  // of the server's own certificate

  // The files' bytes; `expiry` follows from them.
  [[nodiscard]] bool SameBytes(const TlsFiles& other) const {
    return certificate_chain == other.certificate_chain && key == other.key && client_ca == other.client_ca;
  }
};

// Errors:   kFailedPrecondition - a file cannot be read or holds no certificate or key, the key is not the
//           certificate's, or the certificate's time is over. The text names the setting.
[[nodiscard]] absl::StatusOr<TlsFiles> LoadTlsFiles(const Settings& settings);

// Credentials whose certificates can be replaced while connections are made: each handshake uses what is the latest
// then, and connections that exist stay as they are. With a tls_client_ca, clients without a certificate that it
// signed are turned away in the handshake. Has to outlive the servers that use its credentials.
//
// Threads: every member may be called from any thread.
class ReloadableTls {
 public:
  explicit ReloadableTls(TlsFiles files);
  ~ReloadableTls();

  // For one listener.
  [[nodiscard]] std::shared_ptr<grpc::ServerCredentials> MakeCredentials();

  // From the next handshake on. Whether there is a tls_client_ca cannot change.
  void Replace(TlsFiles files);

  // The latest.
  [[nodiscard]] std::shared_ptr<const TlsFiles> files() const;

 private:
  struct Port;

  mutable std::mutex mutex_;
  std::shared_ptr<const TlsFiles> files_;     // guarded by mutex_
  std::vector<std::unique_ptr<Port>> ports_;  // guarded by mutex_
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_TLS_H_
