#include "server/services/tensor_service.h"

#include "server/convert/activation_convert.h"
#include "server/convert/convolution_convert.h"
#include "server/convert/pooling_convert.h"
#include "server/services/raw_method.h"
#include "tensord/v1/tensor_service.grpc.pb.h"

namespace tensord::server {
namespace {

using Generated = v1::TensorService;
using RawService = Generated::WithRawCallbackMethod_Convolve<
    Generated::WithRawCallbackMethod_ConvolveBackward<Generated::WithRawCallbackMethod_Pool<
        Generated::WithRawCallbackMethod_PoolBackward<Generated::WithRawCallbackMethod_Activate<
            Generated::WithRawCallbackMethod_ActivateBackward<Generated::Service>>>>>>;

class TensorService final : public RawService {
 public:
  explicit TensorService(CallEnvironment* environment) : environment_(environment) {}

  TENSORD_RAW_METHOD(TensorService, Convolve)
  TENSORD_RAW_METHOD(TensorService, ConvolveBackward)
  TENSORD_RAW_METHOD(TensorService, Pool)
  TENSORD_RAW_METHOD(TensorService, PoolBackward)
  TENSORD_RAW_METHOD(TensorService, Activate)
  TENSORD_RAW_METHOD(TensorService, ActivateBackward)

 private:
  CallEnvironment* const environment_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeTensorService(CallEnvironment* environment) {
  return std::make_unique<TensorService>(environment);
}

}  // namespace tensord::server
