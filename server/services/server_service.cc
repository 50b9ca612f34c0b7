#include "server/services/server_service.h"

#include "server/convert/server_info_convert.h"
#include "server/services/raw_method.h"
#include "tensord/v1/server_service.grpc.pb.h"

namespace tensord::server {
namespace {

class ServerService final : public RawService<v1::ServerService> {
 public:
  explicit ServerService(CallEnvironment* environment) { TENSORD_SERVE(ServerService, GetServerInfo); }
};

}  // namespace

std::unique_ptr<grpc::Service> MakeServerService(CallEnvironment* environment) {
  return std::make_unique<ServerService>(environment);
}

}  // namespace tensord::server
