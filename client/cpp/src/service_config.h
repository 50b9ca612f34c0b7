// The gRPC service config by which a client balances and retries.
#ifndef TENSORD_CLIENT_SRC_SERVICE_CONFIG_H_
#define TENSORD_CLIENT_SRC_SERVICE_CONFIG_H_

#include <string>

#include "absl/status/status.h"
#include "tensord/client/options.h"

namespace tensord::client {

// kInvalidArgument, naming the member, where max_attempts is not 1..5, the backoffs are not 1 ms <= initial <= max <= 1
// h, or load_balancing is no policy that is built in.
[[nodiscard]] absl::Status CheckServiceConfigOptions(const ClientOptions& options);

// The config as JSON, of options that passed the check.
[[nodiscard]] std::string ServiceConfigText(const ClientOptions& options);

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_SRC_SERVICE_CONFIG_H_
