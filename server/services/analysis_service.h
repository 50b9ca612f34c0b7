// tensord.v1.AnalysisService on gRPC's raw callback methods.
#ifndef TENSORD_SERVER_SERVICES_ANALYSIS_SERVICE_H_
#define TENSORD_SERVER_SERVICES_ANALYSIS_SERVICE_H_

#include <grpcpp/impl/service_type.h>

#include <memory>

#include "server/rpc/call.h"

namespace tensord::server {

[[nodiscard]] std::unique_ptr<grpc::Service> MakeAnalysisService(CallEnvironment* environment);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_SERVICES_ANALYSIS_SERVICE_H_
