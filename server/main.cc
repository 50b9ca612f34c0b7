// tensord: flags, environment and file to settings, and on to the daemon.
#include <exception>
#include <iostream>

#include "server/config_resolve.h"
#include "server/daemon.h"
#include "server/rpc/json_log.h"

int main(int argc, char** argv) {
  using namespace tensord::server;
  try {
    const ConfigOutcome config =
        ResolveConfig({{argv + (argc > 0 ? 1 : 0), argv + argc}, TensordEnvironment(), DefaultSettings()});
    if (config.exit_code) {
      std::cout << config.output;
      std::cerr << config.errors;
      return *config.exit_code;
    }
    JsonLog log(config.settings.log_level);
    return RunDaemon(config.settings, config.unknown_variables, log);
  } catch (const std::exception& error) {
    std::cerr << "tensord: cannot start: " << error.what() << "\n";
    return 1;
  }
}
