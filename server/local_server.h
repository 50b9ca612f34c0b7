// The services in this process, with no port: what tensorctl uses without --server, and tests.
#ifndef TENSORD_SERVER_LOCAL_SERVER_H_
#define TENSORD_SERVER_LOCAL_SERVER_H_

#include <grpcpp/channel.h>

#include <memory>

#include "absl/status/statusor.h"
#include "server/config.h"

namespace tensord::server {

// DefaultSettings() with the kernels' instruction set that the environment names. kInvalidArgument - this processor
// does not run it.
[[nodiscard]] absl::StatusOr<Settings> LocalSettings();

// Runs from Start to destruction. Serves the same services, with the same limits, as the daemon; health included.
class LocalServer {
 public:
  // The settings' listeners, TLS and metrics are not used; their instruction set becomes the process'. Logs nothing.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<LocalServer>> Start(const Settings& settings);
  ~LocalServer();

  // A channel to it (gRPC's in-process transport). Calls have to be started before the server is destroyed: running
  // ones are cancelled then, but gRPC 1.51 crashes on a new one.
  [[nodiscard]] std::shared_ptr<grpc::Channel> channel() const;

 private:
  struct State;
  explicit LocalServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_LOCAL_SERVER_H_
