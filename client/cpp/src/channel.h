// From options to a gRPC channel.
#ifndef TENSORD_CLIENT_SRC_CHANNEL_H_
#define TENSORD_CLIENT_SRC_CHANNEL_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "tensord/client/options.h"

namespace tensord::client {

// A channel to `address`, which connects when it is first used. Errors: as Client::Connect.
[[nodiscard]] absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const std::string& address,
                                                                         const ClientOptions& options);

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_SRC_CHANNEL_H_
