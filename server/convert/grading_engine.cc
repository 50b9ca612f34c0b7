#include "server/convert/grading_engine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "server/convert/activation_convert.h"
#include "server/convert/analysis_convert.h"
#include "server/convert/convolution_convert.h"
#include "server/convert/model_convert.h"
#include "server/convert/pooling_convert.h"
#include "server/convert/unpooling_convert.h"
#include "server/rpc/typed_message.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {

using ProtoMessage = google::protobuf::Message;
using Answer = absl::StatusOr<std::unique_ptr<ProtoMessage>>;

namespace {

GradingEngine::Call*& CurrentCall() {
  thread_local GradingEngine::Call* current = nullptr;
  return current;
}

}  // namespace

GradingEngine::Call::Call(const GradingEngine& engine, const compute::ExecutionContext& context)
    : engine_(engine), context_(context), outer_(CurrentCall()) {
  CurrentCall() = this;
}

GradingEngine::Call::~Call() { CurrentCall() = outer_; }

template <typename Request, typename Response>
Answer GradingEngine::RunOne(const ProtoMessage& request,
                             absl::StatusOr<PreparedCall<Response>> (*prepare)(const Request&, const PrepareOptions&)) {
  Call* const current = CurrentCall();
  if (current == nullptr || &current->engine_ != this) return absl::InternalError("grading computes within a call");
  TENSORD_RETURN_IF_ERROR(current->context_.CheckCancelled());
  const auto& typed = static_cast<const Request&>(request);  // NOLINT(*-static-cast-downcast): its descriptor says so
  TENSORD_ASSIGN_OR_RETURN(PreparedCall<Response> call, prepare(typed, options_));
  if (compute::SaturatingAdd(call.cost.result_bytes, call.cost.scratch_bytes) > run_bytes_) {
    return compute::LimitError("TENSOR_TOO_LARGE", "assignment",
                               absl::StrCat("a step takes more than ", run_bytes_, " bytes"));
  }
  if (call.cost.multiplication_count > kMaxMultiplications - current->multiplications_) {
    return compute::LimitError(
        "WORK_TOO_LARGE", "assignment",
        absl::StrCat("grading takes more than ", kMaxMultiplications, " multiplications in all"));
  }
  current->multiplications_ += call.cost.multiplication_count;
  AttachedTensors attached;
  TENSORD_ASSIGN_OR_RETURN(Response response, call.run(AnswerContext{current->context_, &attached}));
  auto answer = std::make_unique<Response>();
  if (attached.empty()) {
    *answer = std::move(response);
    return answer;
  }
  // The elements of large tensors are beside the message until it is encoded.
  grpc::ByteBuffer bytes;
  TENSORD_RETURN_IF_ERROR(attached.Encode(response, bytes));
  TENSORD_RETURN_IF_ERROR(DecodeMessage(bytes, *answer));
  return answer;
}

Answer GradingEngine::Run(const ProtoMessage& request) {
  const google::protobuf::Descriptor* const type = request.GetDescriptor();
#define TENSORD_RUN(Rpc) \
  if (type == v1::Rpc##Request::descriptor()) return RunOne<v1::Rpc##Request, v1::Rpc##Response>(request, &Prepare##Rpc)
  TENSORD_RUN(Convolve);
  TENSORD_RUN(ConvolveBackward);
  TENSORD_RUN(ConvolveTranspose);
  TENSORD_RUN(ConvolveTransposeBackward);
  TENSORD_RUN(Pool);
  TENSORD_RUN(PoolBackward);
  TENSORD_RUN(Unpool);
  TENSORD_RUN(UnpoolBackward);
  TENSORD_RUN(Activate);
  TENSORD_RUN(ActivateBackward);
  TENSORD_RUN(DescribeDataset);
  TENSORD_RUN(AnalyzeLayer);
  TENSORD_RUN(AnalyzeModel);
#undef TENSORD_RUN
  return absl::UnimplementedError(absl::StrCat(type->full_name(), " cannot be a step"));
}

}  // namespace tensord::server
