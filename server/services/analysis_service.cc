#include "server/services/analysis_service.h"

#include "server/convert/analysis_convert.h"
#include "server/services/raw_method.h"
#include "tensord/v1/analysis_service.grpc.pb.h"

namespace tensord::server {
namespace {

using Generated = v1::AnalysisService;
using RawService =
    Generated::WithRawCallbackMethod_DescribeDataset<Generated::WithRawCallbackMethod_AnalyzeLayer<Generated::Service>>;

class AnalysisService final : public RawService {
 public:
  explicit AnalysisService(CallEnvironment* environment) : environment_(environment) {}

  TENSORD_RAW_METHOD(AnalysisService, DescribeDataset)
  TENSORD_RAW_METHOD(AnalysisService, AnalyzeLayer)

 private:
  CallEnvironment* const environment_;
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAnalysisService(CallEnvironment* environment) {
  return std::make_unique<AnalysisService>(environment);
}

}  // namespace tensord::server
