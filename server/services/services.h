// All of tensord's gRPC services, ready to be registered with a server.
#ifndef TENSORD_SERVER_SERVICES_SERVICES_H_
#define TENSORD_SERVER_SERVICES_SERVICES_H_

#include <grpcpp/impl/service_type.h>

#include <memory>
#include <vector>

#include "server/config.h"
#include "server/rpc/call_environment.h"

namespace tensord::server {

// What the services use and do not own; it has to outlive them. The pool has to have room for as many tasks as it has
// threads, and to be destroyed (so that its tasks have ended) after gRPC's server has shut down and before the services
// go.
using ServiceDependencies = CallDependencies;

// The services. Register each of all() with a grpc::ServerBuilder; they have to outlive the server.
class Services {
 public:
  explicit Services(const ServiceDependencies& dependencies);
  ~Services();

  [[nodiscard]] const std::vector<grpc::Service*>& all() const;

  // Of what one client may do, from now on.
  void SetClientLimits(const ClientLimits& limits);
  // From now on every new call is refused with UNAVAILABLE and RetryInfo; calls that were accepted go on.
  void BeginDrain();
  // Cancels every call that is still running; kernels stop within milliseconds.
  void CancelAll();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_SERVICES_SERVICES_H_
