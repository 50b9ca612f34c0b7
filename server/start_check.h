// Everything that can be found wrong before the daemon listens.
#ifndef TENSORD_SERVER_START_CHECK_H_
#define TENSORD_SERVER_START_CHECK_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/config.h"
#include "server/rpc/token_table.h"

namespace tensord::server {

// The table in the settings' auth_tokens file. kFailedPrecondition; the text names the setting.
[[nodiscard]] absl::StatusOr<TokenTable> LoadTokens(const Settings& settings);

// Checks the settings, the files that they name, and every address, by binding each for a moment; removes socket files
// that nobody answers on. kInvalidArgument for settings at odds, else kFailedPrecondition with everything that is
// wrong.
[[nodiscard]] absl::Status CheckStart(const Settings& settings);

// What works, but not as one may expect: listeners in the open without TLS, limits that no call can reach.
[[nodiscard]] std::vector<std::string> StartWarnings(const Settings& settings);

// Lets this process open as many files as it may: each connection is one, and gRPC's listener does not recover from
// having none left. The limit that holds then; 0 where the system does not tell.
int64_t RaiseFileLimit();

}  // namespace tensord::server

#endif  // TENSORD_SERVER_START_CHECK_H_
