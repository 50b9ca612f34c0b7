// A command of tensorctl.
#ifndef TENSORD_CLI_COMMAND_H_
#define TENSORD_CLI_COMMAND_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/context.h"
#include "client/cli/io/tensor_source.h"

namespace tensord::cli {

// One object per command and run: Declare, then, if the command line named it, Prepare and Run.
//
// A new command is a class in commands/ and a line in commands/commands.cc.
class Command {
 public:
  virtual ~Command() = default;

  // Adds the subcommand and its flags to `app`, and returns the subcommand.
  virtual CLI::App* Declare(CLI::App& app) = 0;

  // Makes the request out of flags and files. An error here is the user's: exit code 2.
  [[nodiscard]] virtual absl::Status Prepare(TensorSource& source) = 0;

  // Asks, writes, prints; returns the exit code. An error here is the answer's: exit code 1. Uses up the request.
  [[nodiscard]] virtual absl::StatusOr<int> Run(Context& context) = 0;

  // What --format it takes besides text and json.
  [[nodiscard]] virtual std::vector<std::string> more_formats() const { return {}; }

  // The flag that errors about the request's activation are put down to.
  [[nodiscard]] virtual const char* activation_flag() const { return "--activation"; }
};

}  // namespace tensord::cli

#endif  // TENSORD_CLI_COMMAND_H_
