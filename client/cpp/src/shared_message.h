// Messages whose large fields are sent from where they lie.
#ifndef TENSORD_CLIENT_SRC_SHARED_MESSAGE_H_
#define TENSORD_CLIENT_SRC_SHARED_MESSAGE_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message_lite.h"

namespace tensord::client {

// Texts and payloads up to this are copied, as a slice of their own would cost more.
constexpr int64_t kMinSharedBytes = int64_t{16} << 10;

// The message's bytes, in slices. Its larger payloads are not copied: their slices own the message together, for as
// long as gRPC holds one of them, which may be longer than the call. Nobody may change it meanwhile.
//
// Error: kResourceExhausted - a message of more than 2^31 - 1 bytes.
[[nodiscard]] absl::StatusOr<grpc::ByteBuffer> EncodeShared(
    const std::shared_ptr<const google::protobuf::MessageLite>& message);

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_SRC_SHARED_MESSAGE_H_
