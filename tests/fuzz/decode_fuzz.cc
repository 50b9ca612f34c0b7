#include "tests/fuzz/decode_fuzz.h"

#include <grpcpp/support/byte_buffer.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>

#include "server/convert/status_convert.h"
#include "server/rpc/typed_message.h"
#include "server/rpc/wire_footprint.h"
#include "server/services/stream_message.h"
#include "tensord/compute/status_macros.h"
#include "tensord/v1/stream.pb.h"
#include "tests/fuzz/check.h"
#include "tests/fuzz/refusal.h"
#include "tests/fuzz/rpc_choice.h"

namespace tensord::fuzz {
namespace {

using server::PreparedCall;
using server::PrepareOptions;

PrepareOptions DaemonOptions() {
  static const server::Settings settings;
  return {.limits = {.max_tensor_bytes = settings.max_tensor_bytes,
                     .max_multiplication_count = settings.max_multiplications},
          .thread_count = 2,
          .settings = &settings};
}

template <typename Response>
void CheckCost(const PreparedCall<Response>& call) {
  Check(call.cost.result_bytes >= 0 && call.cost.scratch_bytes >= 0 && call.cost.multiplication_count >= 0,
        "a cost is no negative number");
  Check(call.cost.multiplication_count <= DaemonOptions().limits.max_multiplication_count,
        "work over the limit is not let in");
  Check(std::isfinite(call.estimated_ns) && call.estimated_ns >= 0, "an estimate is a time");
}

// What decoding is foreseen to take; nothing where a length lies.
template <typename Request>
std::optional<int64_t> BoundOf(const grpc::ByteBuffer& bytes) {
  static const server::WireFootprint footprint(*Request::descriptor());
  return footprint.Bound(bytes, int64_t{1} << 40);
}

struct Decode {
  const grpc::ByteBuffer& bytes;

  template <typename Request, typename Response>
  absl::Status operator()(absl::StatusOr<PreparedCall<Response>> (*prepare)(const Request&,
                                                                            const PrepareOptions&)) const {
    Request request;
    const std::optional<int64_t> bound = BoundOf<Request>(bytes);
    TENSORD_RETURN_IF_ERROR(server::DecodeMessage(bytes, request));
    Check(bound.has_value(), "a message with a length that lies is not decoded");
    Check(request.SpaceUsedLong() <= static_cast<size_t>(*bound), "a message takes no more than was foreseen");
    const auto verdict = prepare(request, DaemonOptions());
    if (verdict.ok()) CheckCost(*verdict);
    Request again;
    Check(again.ParseFromString(request.SerializeAsString()), "what was decoded can be sent on");
    const auto second = prepare(again, DaemonOptions());
    Check(second.status() == verdict.status(), "the same message gets the same verdict", verdict.status());
    return verdict.status();
  }
};

// A message of StreamCompute: it is decoded and checked, and a refusal becomes an answer that can be read.
absl::Status DecodeStreamed(const grpc::ByteBuffer& bytes) {
  const std::unique_ptr<server::StreamedMessage> message = server::MakeStreamMessage(3);
  const absl::StatusOr<int64_t> bound = message->DecodedBytes(bytes, int64_t{1} << 40);
  const absl::Status verdict = message->Prepare(bytes, DaemonOptions());
  if (verdict.ok()) {
    Check(bound.ok(), "a message with a length that lies is not decoded");
    Check(message->cost().multiplication_count >= 0 && message->estimated_ns() >= 0, "costs are no negative numbers");
    return verdict;
  }
  grpc::ByteBuffer response;
  Check(message->EncodeError(verdict, response).ok(), "an error can be encoded", verdict);
  v1::StreamComputeResponse answer;
  Check(grpc::SerializationTraits<v1::StreamComputeResponse>::Deserialize(&response, &answer).ok(),
        "an error can be read", verdict);
  Check(answer.index() == 3 && answer.has_error() &&
            answer.error().code() == static_cast<int>(server::ToGrpcCode(verdict.code())),
        "an error's answer is the operation's", verdict);
  return verdict;
}

}  // namespace

void RunDecode(const uint8_t* data, size_t size) {
  if (size == 0) return;
  const grpc::Slice slice(data + 1, size - 1);
  const grpc::ByteBuffer bytes(&slice, 1);
  const auto choice = static_cast<uint8_t>(data[0] % kMessageCount);
  CheckRefusal(choice == kStreamChoice ? DecodeStreamed(bytes) : VisitRpc(choice, Decode{bytes}));
}

}  // namespace tensord::fuzz
