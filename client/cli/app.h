// tensorctl without its main.
#ifndef TENSORD_CLI_APP_H_
#define TENSORD_CLI_APP_H_

#include <CLI/CLI.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "client/cli/command.h"
#include "client/cli/global_flags.h"
#include "client/cli/streams.h"

namespace tensord::cli {

// The command line's tree: the global flags and every command.
class Application {
 public:
  Application();

  // Runs one command line and returns its exit code: 0 done, 1 refused or failed, 2 usage.
  int Run(int argc, char** argv, const Streams& streams);

 private:
  int Execute(const Streams& streams);
  // An error where the command does not print what --format asks for.
  [[nodiscard]] absl::Status CheckFormat(const Command& command) const;
  int ParseFailed(const CLI::ParseError& error, const Streams& streams);

  CLI::App app_;
  GlobalFlags flags_;
  std::vector<std::pair<CLI::App*, std::unique_ptr<Command>>> commands_;
};

// Runs an Application, and lets nothing escape.
int RunMain(int argc, char** argv, const Streams& streams);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_APP_H_
