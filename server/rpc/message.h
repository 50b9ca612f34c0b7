// What a request message asks for: decoded, checked, run, and answered.
#ifndef TENSORD_SERVER_RPC_MESSAGE_H_
#define TENSORD_SERVER_RPC_MESSAGE_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/rpc/prepared_call.h"
#include "tensord/compute/execution.h"
#include "tensord/compute/limits.h"

namespace tensord::server {

// One message, of one kind. What an Operation does with it, it does in the order of these functions; after Release it
// may begin again with Prepare.
class Message {
 public:
  virtual ~Message() = default;

  // What decoding the request will take, in bytes; some number above `limit` where it is more than that.
  // kInvalidArgument where it can be seen already that it is no message.
  [[nodiscard]] virtual absl::StatusOr<int64_t> DecodedBytes(const grpc::ByteBuffer& request, int64_t limit) const = 0;

  // Decodes and checks the request. kInvalidArgument and so on; afterwards cost() and estimated_ns() can be asked.
  virtual absl::Status Prepare(const grpc::ByteBuffer& request, const PrepareOptions& options) = 0;
  [[nodiscard]] virtual compute::Cost cost() const = 0;
  [[nodiscard]] virtual double estimated_ns() const = 0;

  // Computes and encodes the answer.
  virtual absl::Status Run(const compute::ExecutionContext& context, grpc::ByteBuffer& response) = 0;

  // Frees what was decoded.
  virtual void Release() = 0;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_MESSAGE_H_
