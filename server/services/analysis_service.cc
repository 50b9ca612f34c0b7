#include "server/services/analysis_service.h"

#include "server/convert/analysis_convert.h"
#include "server/convert/model_convert.h"
#include "server/services/raw_method.h"
#include "tensord/v1/analysis_service.grpc.pb.h"

namespace tensord::server {
namespace {

class AnalysisService final : public RawService<v1::AnalysisService> {
 public:
  explicit AnalysisService(CallEnvironment* environment) {
    TENSORD_SERVE(AnalysisService, DescribeDataset);
    TENSORD_SERVE(AnalysisService, AnalyzeLayer);
    TENSORD_SERVE(AnalysisService, AnalyzeModel);
  }
};

}  // namespace

std::unique_ptr<grpc::Service> MakeAnalysisService(CallEnvironment* environment) {
  return std::make_unique<AnalysisService>(environment);
}

}  // namespace tensord::server
