// The life of the daemon, from settings to exit code.
#ifndef TENSORD_SERVER_DAEMON_H_
#define TENSORD_SERVER_DAEMON_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/config.h"
#include "server/rpc/log.h"

namespace tensord::server {

struct DaemonInputs {
  Settings settings;
  std::vector<std::string> unknown_variables;  // are warned of
  // Reads the settings anew, for SIGHUP; an error where they are wrong now.
  std::function<absl::StatusOr<Settings>()> read_settings;
};

// Serves until SIGTERM or SIGINT, then drains. Call it before any thread was started that is not to get those signals.
// Returns the exit code: 0 after a drain, 1 where it could not start. A second signal ends the process at once, with
// code
// 1. SIGHUP reads certificates, tokens and settings anew; the first two are looked at every reload_interval anyway. Of
// the settings, log-level and client-... can change while it runs; others are named in a warning.
//
// Events of the log: starting; unknown_variable, warning; metrics_listening and listening, one for each address;
// ready, with all addresses; reloaded, reload_failed, restart_needed; drain_started; drain_finished; forced_exit;
// start_failed.
[[nodiscard]] int RunDaemon(const DaemonInputs& inputs, Log& log);

}  // namespace tensord::server

#endif  // TENSORD_SERVER_DAEMON_H_
