// tensord.v1.TensorService on gRPC's raw callback methods.
#ifndef TENSORD_SERVER_SERVICES_TENSOR_SERVICE_H_
#define TENSORD_SERVER_SERVICES_TENSOR_SERVICE_H_

#include <grpcpp/impl/service_type.h>

#include <memory>

#include "server/rpc/call.h"

namespace tensord::server {

[[nodiscard]] std::unique_ptr<grpc::Service> MakeTensorService(CallEnvironment* environment);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_SERVICES_TENSOR_SERVICE_H_
