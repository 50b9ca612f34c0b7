// The gRPC service that grades.
#ifndef TENSORD_SERVER_SERVICES_GRADING_SERVICE_H_
#define TENSORD_SERVER_SERVICES_GRADING_SERVICE_H_

#include <grpcpp/impl/service_type.h>

#include <memory>

#include "server/rpc/call_environment.h"

namespace tensord::server {

// `environment` has to outlive the service.
[[nodiscard]] std::unique_ptr<grpc::Service> MakeGradingService(CallEnvironment* environment);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_SERVICES_GRADING_SERVICE_H_
