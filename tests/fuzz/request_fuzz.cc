#include "tests/fuzz/request_fuzz.h"

#include <grpcpp/support/byte_buffer.h>

#include "server/rpc/typed_message.h"
#include "tensord/compute/status_macros.h"
#include "tests/fuzz/refusal.h"
#include "tests/fuzz/rpc_choice.h"

namespace tensord::fuzz {
namespace {

using server::PreparedCall;
using server::PrepareOptions;

struct Answer {
  const grpc::ByteBuffer& bytes;

  template <typename Request, typename Response>
  absl::Status operator()(absl::StatusOr<PreparedCall<Response>> (*prepare)(const Request&,
                                                                            const PrepareOptions&)) const {
    static const server::Settings settings;
    const PrepareOptions options{.limits = {.max_tensor_bytes = 1 << 16, .max_multiplication_count = 1 << 18},
                                 .thread_count = 1,
                                 .settings = &settings};
    Request request;
    TENSORD_RETURN_IF_ERROR(server::DecodeMessage(bytes, request));
    TENSORD_ASSIGN_OR_RETURN(PreparedCall<Response> call, prepare(request, options));
    compute::SerialExecutor executor;
    server::AttachedTensors attached;
    TENSORD_ASSIGN_OR_RETURN(Response response, call.run({{.executor = &executor}, &attached}));
    grpc::ByteBuffer answer;
    return server::EncodeMessage(response, attached, answer);
  }
};

}  // namespace

absl::Status AnswerRequest(const uint8_t* data, size_t size) {
  if (size == 0) return absl::OkStatus();
  const grpc::Slice slice(data + 1, size - 1);
  const grpc::ByteBuffer bytes(&slice, 1);
  const absl::Status status = VisitRpc(data[0], Answer{bytes});
  CheckRefusal(status);
  return status;
}

void RunRequest(const uint8_t* data, size_t size) { (void)AnswerRequest(data, size); }

}  // namespace tensord::fuzz
