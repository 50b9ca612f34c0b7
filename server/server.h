// The daemon's gRPC server on its listeners.
#ifndef TENSORD_SERVER_SERVER_H_
#define TENSORD_SERVER_SERVER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/config.h"
#include "server/metrics/metrics.h"
#include "server/rpc/log.h"

namespace tensord::server {

class ServerCore;

// One address that is listened on.
struct Listener {
  std::string address;  // "127.0.0.1:50051" with the port that holds, or "unix:/path"
  bool tls = false;
};

// Listens from Create to Drain or destruction, on TCP and Unix sockets at once. TLS, where set, is for the TCP
// listeners; a Unix socket has mode 0660, and its file goes with the server. `metrics` and `log` have to outlive it.
class Server {
 public:
  // Checks the settings, their files and the socket paths before it listens. Not thread-safe with itself or with others
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

  // Health turns to NOT_SERVING, new calls are refused, running ones may finish for the settings' drain_timeout and are
  // cancelled then. Returns when nothing runs any more; whether every call finished by itself.
  bool Drain();

 private:
  Server(std::unique_ptr<ServerCore> core, std::vector<Listener> listeners, const Settings& settings);

  std::unique_ptr<ServerCore> core_;
  std::vector<Listener> listeners_;
  std::chrono::milliseconds drain_timeout_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_SERVER_H_
