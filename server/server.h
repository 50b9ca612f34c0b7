// The daemon's gRPC server on its listeners.
#ifndef TENSORD_SERVER_SERVER_H_
#define TENSORD_SERVER_SERVER_H_

#include <grpcpp/server_builder.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/config.h"
#include "server/lingering_close.h"
#include "server/metrics/metrics.h"
#include "server/rpc/log.h"

namespace tensord::server {

class Acceptor;
class ReloadableTls;
class ServerCore;
class TokenStore;

// One address that is listened on.
struct Listener {
  std::string address;  // "127.0.0.1:50051" with the port that holds, or "unix:/path"
  bool tls = false;
};

// Listens from Create to Drain or destruction, on TCP and Unix sockets at once. TLS, where set, is for the TCP
// listeners; a Unix socket has mode 0660, and its file goes with the server. `metrics` and `log` have to outlive it.
class Server {
 public:
  // Checks everything with CheckStart before it listens. Not thread-safe with itself or with others
  // that create files: the process's umask changes while it binds Unix sockets.
  //
  // Errors:   kInvalidArgument - settings out of range or at odds (CheckSettings).
  //           kFailedPrecondition - a file or an address that cannot be used; the text names the setting.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<Server>> Create(const Settings& settings, Metrics* metrics,
                                                                      Log* log);
  // Stops at once, where Drain has not.
  ~Server();

  // In the order of the settings.
  [[nodiscard]] const std::vector<Listener>& listeners() const { return listeners_; }

  // Takes what the settings' TLS files, and their file of tokens, hold now into use, for the next handshakes and calls:
  // true where that is something else than before. Where it cannot be used, what was before stays; the error says why.
  // False where there are no such files. One thread at a time.
  absl::StatusOr<bool> ReloadTls();
  absl::StatusOr<bool> ReloadTokens();
  // Of what one client may do, from now on.
  void SetClientLimits(const ClientLimits& limits);

  // Health turns to NOT_SERVING, and whoever distributes calls may send them elsewhere; until Drain they are served.
  void AnnounceDrain();

  // Health turns to NOT_SERVING, new calls are refused, running ones may finish for the settings' drain_timeout and are
  // cancelled then. Returns when nothing runs any more and clients have what was sent to them, or, within the same time
  // and a second at least, have stopped taking it; whether every call finished by itself.
  bool Drain();

 private:
  Server(const Settings& settings, Metrics* metrics);
  absl::Status Start(Metrics* metrics, Log* log);
  void ReportExpiry();
  void StopListening();

  const Settings settings_;
  Metrics* const metrics_;
  // In this order: gRPC's server, in the core, uses the others.
  LingeringClose closes_;
  std::unique_ptr<ReloadableTls> tls_;  // null: no TLS
  std::unique_ptr<TokenStore> tokens_;  // null: calls need no token
  std::vector<Listener> listeners_;
  std::vector<std::string> socket_files_;
  // gRPC's ends of the listeners; they stop working when its server does.
  std::vector<std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor>> connectors_;
  std::unique_ptr<ServerCore> core_;
  std::unique_ptr<Acceptor> acceptor_;  // null once no more connections are taken
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_SERVER_H_
