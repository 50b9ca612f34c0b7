#include "server/services/grading_service.h"

#include "server/convert/grading_convert.h"
#include "server/services/grading_stream.h"
#include "server/services/raw_method.h"
#include "tensord/v1/grading_service.grpc.pb.h"

namespace tensord::server {
namespace {

class GradingService final : public RawService<v1::GradingService> {
 public:
  explicit GradingService(CallEnvironment* environment) {
    TENSORD_SERVE(GradingService, GradeSubmission);
    TENSORD_SERVE(GradingService, AuditAssignment);
    TENSORD_SERVE_STREAM(GradingService, StreamGradeSubmissions, MakeGradingMessage(&environment->memory()));
  }
};

}  // namespace

std::unique_ptr<grpc::Service> MakeGradingService(CallEnvironment* environment) {
  return std::make_unique<GradingService>(environment);
}

}  // namespace tensord::server
