#include "tests/fuzz/request_fuzz.h"

#include <grpcpp/support/byte_buffer.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "server/convert/activation_convert.h"
#include "server/convert/analysis_convert.h"
#include "server/convert/convolution_convert.h"
#include "server/convert/pooling_convert.h"
#include "server/convert/status_convert.h"
#include "server/rpc/message_call.h"
#include "tensord/compute/status_macros.h"

namespace tensord::fuzz {
namespace {

using server::PreparedCall;
using server::PrepareOptions;

template <typename Request, typename Response>
absl::Status RunOne(absl::StatusOr<PreparedCall<Response>> (*prepare)(const Request&, const PrepareOptions&),
                    const grpc::ByteBuffer& bytes) {
  static const server::Settings settings;
  const PrepareOptions options{.limits = {.max_tensor_bytes = 1 << 16, .max_multiplication_count = 1 << 18},
                               .thread_count = 1,
                               .settings = &settings};
  Request request;
  TENSORD_RETURN_IF_ERROR(server::DecodeMessage(bytes, request));
  TENSORD_ASSIGN_OR_RETURN(PreparedCall<Response> call, prepare(request, options));
  compute::SerialExecutor executor;
  TENSORD_ASSIGN_OR_RETURN(const Response response, call.run({.executor = &executor}));
  grpc::ByteBuffer answer;
  return server::EncodeMessage(response, answer);
}

absl::Status Dispatch(uint8_t selector, const grpc::ByteBuffer& bytes) {
  switch (selector % 8) {
    case 0:
      return RunOne(&server::PrepareConvolve, bytes);
    case 1:
      return RunOne(&server::PrepareConvolveBackward, bytes);
    case 2:
      return RunOne(&server::PreparePool, bytes);
    case 3:
      return RunOne(&server::PreparePoolBackward, bytes);
    case 4:
      return RunOne(&server::PrepareActivate, bytes);
    case 5:
      return RunOne(&server::PrepareActivateBackward, bytes);
    case 6:
      return RunOne(&server::PrepareAnalyzeLayer, bytes);
    default:
      return RunOne(&server::PrepareDescribeDataset, bytes);
  }
}

void Check(bool holds, const char* rule, const absl::Status& status) {
  if (holds) return;
  std::fprintf(stderr, "%s: %s\n", rule, status.ToString().c_str());
  std::abort();
}

}  // namespace

absl::Status RunRequest(const uint8_t* data, size_t size) {
  if (size == 0) return absl::OkStatus();
  const grpc::Slice slice(data + 1, size - 1);
  const absl::Status status = Dispatch(data[0], grpc::ByteBuffer(&slice, 1));
  const grpc::Status wire = server::ToGrpcStatus(status);
  Check(status.ok() || status.code() == absl::StatusCode::kInvalidArgument ||
            status.code() == absl::StatusCode::kResourceExhausted || status.code() == absl::StatusCode::kUnimplemented,
        "no bad request may get this code", status);
  Check(status.ok() || !status.message().empty(), "a refusal has to say why", status);
  Check(
      wire.error_message().size() <= server::kMaxMessageBytes && wire.error_details().size() <= server::kMaxDetailBytes,
      "a refusal has to fit into the trailers", status);
  return status;
}

}  // namespace tensord::fuzz
