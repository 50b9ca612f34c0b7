#include "server/services/server_service.h"

#include "server/convert/server_info_convert.h"
#include "server/services/raw_method.h"
#include "tensord/v1/server_service.grpc.pb.h"

namespace tensord::server {
namespace {

using Generated = v1::ServerService;
using RawService = Generated::WithRawCallbackMethod_GetServerInfo<Generated::Service>;

class ServerService final : public RawService {
 public:
  explicit ServerService(CallEnvironment* environment) : environment_(environment) {}

  TENSORD_RAW_METHOD(ServerService, GetServerInfo)

 private:
  CallEnvironment* const environment_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeServerService(CallEnvironment* environment) {
  return std::make_unique<ServerService>(environment);
}

}  // namespace tensord::server
