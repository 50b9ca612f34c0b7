// The messages of TensorService.StreamCompute.
#ifndef TENSORD_SERVER_SERVICES_STREAM_MESSAGE_H_
#define TENSORD_SERVER_SERVICES_STREAM_MESSAGE_H_

#include <cstdint>
#include <memory>

#include "server/rpc/operation_stream.h"

namespace tensord::server {

// The stream's message with that index: one of its operations is prepared and run as the rpc of its name would be.
[[nodiscard]] std::unique_ptr<StreamedMessage> MakeStreamMessage(int64_t index);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_SERVICES_STREAM_MESSAGE_H_
