// Connections to the daemon.
#ifndef TENSORD_LOAD_CHANNELS_H_
#define TENSORD_LOAD_CHANNELS_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tensord/client/options.h"

namespace tensord::load {

// `count` channels to `address` that share no connection, all connected within ten seconds. Of the options, TLS and
// load balancing count.
//
// Errors: kInvalidArgument - as client::Client::Connect; kUnavailable - not connected in time.
absl::StatusOr<std::vector<std::shared_ptr<grpc::Channel>>> Connect(const std::string& address,
                                                                    const client::ClientOptions& options, int count);

// The value of the metadata "authorization" for a token file; empty without one. kInvalidArgument - there is no token
// in it.
absl::StatusOr<std::string> Authorization(const std::string& token_file);

}  // namespace tensord::load

#endif  // TENSORD_LOAD_CHANNELS_H_
