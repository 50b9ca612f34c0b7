#include "tests/fuzz/decode_fuzz.h"

#include <grpcpp/support/byte_buffer.h>

#include <cmath>
#include <cstdint>
#include <optional>

#include "server/rpc/typed_message.h"
#include "server/rpc/wire_footprint.h"
#include "tensord/compute/status_macros.h"
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

}  // namespace

void RunDecode(const uint8_t* data, size_t size) {
  if (size == 0) return;
  const grpc::Slice slice(data + 1, size - 1);
  const grpc::ByteBuffer bytes(&slice, 1);
  CheckRefusal(VisitRpc(data[0], Decode{bytes}));
}

}  // namespace tensord::fuzz
