#include "server/services/stream_message.h"

#include <optional>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "server/convert/activation_convert.h"
#include "server/convert/convolution_convert.h"
#include "server/convert/pooling_convert.h"
#include "server/convert/status_convert.h"
#include "server/convert/unpooling_convert.h"
#include "server/rpc/prepared_call.h"
#include "server/rpc/typed_message.h"
#include "tensord/compute/status_macros.h"
#include "tensord/v1/stream.pb.h"

namespace tensord::server {
namespace {

using v1::StreamComputeRequest;
using v1::StreamComputeResponse;

// A prepared call of any kind, whose answer goes into its place.
struct AnyCall {
  compute::Cost cost;
  double estimated_ns = 0;
  absl::AnyInvocable<absl::Status(const AnswerContext&, StreamComputeResponse&)> run;
};

template <typename Request, typename Response>
absl::StatusOr<AnyCall> PrepareAny(const Request& request, const PrepareOptions& options,
                                   absl::StatusOr<PreparedCall<Response>> (*prepare)(const Request&,
                                                                                     const PrepareOptions&),
                                   Response* (StreamComputeResponse::*place)()) {
  TENSORD_ASSIGN_OR_RETURN(PreparedCall<Response> call, prepare(request, options));
  AnyCall any{.cost = call.cost, .estimated_ns = call.estimated_ns, .run = nullptr};
  any.run = [run = std::move(call.run), place](const AnswerContext& context,
                                               StreamComputeResponse& response) mutable -> absl::Status {
    TENSORD_ASSIGN_OR_RETURN(*(response.*place)(), run(context));
    return absl::OkStatus();
  };
  return any;
}

absl::StatusOr<AnyCall> PrepareOperation(const StreamComputeRequest& request, const PrepareOptions& options) {
  using Response = StreamComputeResponse;
  switch (request.operation_case()) {
    case StreamComputeRequest::kConvolve:
      return PrepareAny(request.convolve(), options, &PrepareConvolve, &Response::mutable_convolve);
    case StreamComputeRequest::kConvolveBackward:
      return PrepareAny(request.convolve_backward(), options, &PrepareConvolveBackward,
                        &Response::mutable_convolve_backward);
    case StreamComputeRequest::kConvolveTranspose:
      return PrepareAny(request.convolve_transpose(), options, &PrepareConvolveTranspose,
                        &Response::mutable_convolve_transpose);
    case StreamComputeRequest::kConvolveTransposeBackward:
      return PrepareAny(request.convolve_transpose_backward(), options, &PrepareConvolveTransposeBackward,
                        &Response::mutable_convolve_transpose_backward);
    case StreamComputeRequest::kPool:
      return PrepareAny(request.pool(), options, &PreparePool, &Response::mutable_pool);
    case StreamComputeRequest::kPoolBackward:
      return PrepareAny(request.pool_backward(), options, &PreparePoolBackward, &Response::mutable_pool_backward);
    case StreamComputeRequest::kUnpool:
      return PrepareAny(request.unpool(), options, &PrepareUnpool, &Response::mutable_unpool);
    case StreamComputeRequest::kUnpoolBackward:
      return PrepareAny(request.unpool_backward(), options, &PrepareUnpoolBackward, &Response::mutable_unpool_backward);
    case StreamComputeRequest::kActivate:
      return PrepareAny(request.activate(), options, &PrepareActivate, &Response::mutable_activate);
    case StreamComputeRequest::kActivateBackward:
      return PrepareAny(request.activate_backward(), options, &PrepareActivateBackward,
                        &Response::mutable_activate_backward);
    case StreamComputeRequest::OPERATION_NOT_SET:
      break;
  }
  compute::Violations violations;
  violations.Add("operation",
                 "was not given, has to be one of convolve, convolve_backward, convolve_transpose, "
                 "convolve_transpose_backward, pool, pool_backward, unpool, unpool_backward, activate, "
                 "activate_backward");
  return InvalidRequest(violations);
}

class StreamMessage final : public StreamedMessage {
 public:
  explicit StreamMessage(int64_t index) : index_(index) {}

  [[nodiscard]] absl::StatusOr<int64_t> DecodedBytes(const grpc::ByteBuffer& request, int64_t limit) const override {
    return DecodedBytesOf<StreamComputeRequest>(request, limit);
  }
  absl::Status Prepare(const grpc::ByteBuffer& request, const PrepareOptions& options) override {
    message_.emplace();
    TENSORD_RETURN_IF_ERROR(DecodeMessage(request, *message_));
    id_ = message_->id();
    TENSORD_ASSIGN_OR_RETURN(call_, PrepareOperation(*message_, options));
    return absl::OkStatus();
  }
  [[nodiscard]] compute::Cost cost() const override { return call_->cost; }
  [[nodiscard]] double estimated_ns() const override { return call_->estimated_ns; }
  absl::Status Run(const compute::ExecutionContext& context, grpc::ByteBuffer& response) override {
    StreamComputeResponse answer;
    answer.set_id(id_);
    answer.set_index(index_);
    AttachedTensors attached;
    TENSORD_RETURN_IF_ERROR(call_->run({context, &attached}, answer));
    return EncodeMessage(answer, attached, response);
  }
  absl::Status EncodeError(const absl::Status& status, grpc::ByteBuffer& response) override {
    StreamComputeResponse answer;
    answer.set_id(id_);
    answer.set_index(index_);
    *answer.mutable_error() = ToRpcStatus(status);
    response.Clear();
    AttachedTensors none;
    return EncodeMessage(answer, none, response);
  }
  void Release() override {
    call_.reset();
    message_.reset();
  }

 private:
  const int64_t index_;
  uint64_t id_ = 0;  // once it is decoded
  std::optional<StreamComputeRequest> message_;
  std::optional<AnyCall> call_;
};

}  // namespace

std::unique_ptr<StreamedMessage> MakeStreamMessage(int64_t index) { return std::make_unique<StreamMessage>(index); }

}  // namespace tensord::server
