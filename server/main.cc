// tensord: flags, environment and file to settings, and on to the daemon.
#include <exception>
#include <iostream>

#include "server/config_resolve.h"
#include "server/daemon.h"
#include "server/rpc/json_log.h"
#include "server/signals.h"

int main(int argc, char** argv) {
  using namespace tensord::server;
  try {
    const std::vector<std::string> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
    const auto resolve = [&arguments] { return ResolveConfig({arguments, TensordEnvironment(), DefaultSettings()}); };
    const ConfigOutcome config = resolve();
    if (config.exit_code) {
      std::cout << config.output;
      std::cerr << config.errors;
      return *config.exit_code;
    }
    // The log has a thread, which must not get them.
    BlockWatchedSignals();
    JsonLog log(config.settings.log_level);
    return RunDaemon({.settings = config.settings,
                      .unknown_variables = config.unknown_variables,
                      .read_settings = [&resolve]() -> absl::StatusOr<Settings> {
                        const ConfigOutcome now = resolve();
                        if (now.exit_code) return absl::InvalidArgumentError(now.errors);
                        return now.settings;
                      }},
                     log);
  } catch (const std::exception& error) {
    std::cerr << "tensord: cannot start: " << error.what() << "\n";
    return 1;
  }
}
