// The life of the daemon, from settings to exit code.
#ifndef TENSORD_SERVER_DAEMON_H_
#define TENSORD_SERVER_DAEMON_H_

#include <string>
#include <vector>

#include "server/config.h"
#include "server/rpc/log.h"

namespace tensord::server {

// Serves until SIGTERM or SIGINT, then drains. Call it before any thread was started. `unknown_variables` are warned
// of. Returns the exit code: 0 after a drain, 1 where it could not start. A second signal ends the process at once,
// with code 1.
//
// Events of the log: starting; unknown_variable, insecure_listener (warnings); metrics_listening and listening, one for
// each address; ready, with all addresses; drain_started; drain_finished; forced_exit; start_failed.
[[nodiscard]] int RunDaemon(const Settings& settings, const std::vector<std::string>& unknown_variables, Log& log);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_DAEMON_H_
