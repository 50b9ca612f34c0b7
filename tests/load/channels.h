// Connections to the daemon.
#ifndef TENSORD_TESTS_LOAD_CHANNELS_H_
#define TENSORD_TESTS_LOAD_CHANNELS_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tests/load/options.h"

namespace tensord::load {

// `options.connections` channels that share no connection, all connected within ten seconds, or an error.
absl::StatusOr<std::vector<std::shared_ptr<grpc::Channel>>> Connect(const Options& options);

// The value of the metadata "authorization" for a token file; empty without one.
absl::StatusOr<std::string> Authorization(const std::string& token_file);

}  // namespace tensord::load

#endif  // TENSORD_TESTS_LOAD_CHANNELS_H_
