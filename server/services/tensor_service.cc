#include "server/services/tensor_service.h"

#include "server/convert/activation_convert.h"
#include "server/convert/convolution_convert.h"
#include "server/convert/pooling_convert.h"
#include "server/convert/unpooling_convert.h"
#include "server/services/raw_method.h"
#include "server/services/stream_message.h"
#include "tensord/v1/stream.pb.h"
#include "tensord/v1/tensor_service.grpc.pb.h"

namespace tensord::server {
namespace {

class TensorService final : public RawService<v1::TensorService> {
 public:
  explicit TensorService(CallEnvironment* environment) {
    TENSORD_SERVE(TensorService, Convolve);
    TENSORD_SERVE(TensorService, ConvolveBackward);
    TENSORD_SERVE(TensorService, ConvolveTranspose);
    TENSORD_SERVE(TensorService, ConvolveTransposeBackward);
    TENSORD_SERVE(TensorService, Pool);
    TENSORD_SERVE(TensorService, PoolBackward);
    TENSORD_SERVE(TensorService, Unpool);
    TENSORD_SERVE(TensorService, UnpoolBackward);
    TENSORD_SERVE(TensorService, Activate);
    TENSORD_SERVE(TensorService, ActivateBackward);
    TENSORD_SERVE_STREAM(TensorService, StreamCompute, &MakeStreamMessage);
  }
};

}  // namespace

std::unique_ptr<grpc::Service> MakeTensorService(CallEnvironment* environment) {
  return std::make_unique<TensorService>(environment);
}

}  // namespace tensord::server
