// From the command line, the environment and the file to the settings that hold.
#ifndef TENSORD_SERVER_CONFIG_RESOLVE_H_
#define TENSORD_SERVER_CONFIG_RESOLVE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/config.h"
#include "tensord/compute/instruction_set.h"

namespace tensord::server {

struct ConfigInputs {
  std::vector<std::string> arguments;              // without the program's name
  std::map<std::string, std::string> environment;  // at least what begins with TENSORD_
  Settings defaults;
};

// Either the daemon is to run with `settings`, or `exit_code` is set and there is something to print before leaving.
struct ConfigOutcome {
  std::optional<int> exit_code;
  std::string output;  // for standard output: --help, --version, --print-config
  std::string errors;  // for standard error: every problem, one a line
  Settings settings;
  std::vector<std::string> unknown_variables;  // TENSORD_... variables that name no setting
};

// The environment variable that names the kernels' instruction set.
inline constexpr char kInstructionSetVariable[] = "TENSORD_ISA";

// What that says among these variables, the fastest where it is empty or not there. kInvalidArgument - this processor
// does not run it; the message begins with the variable's name.
[[nodiscard]] absl::StatusOr<compute::InstructionSet> InstructionSetOf(
    const std::map<std::string, std::string>& environment);

// Each setting is taken from the first of these that has it: the flag (the last one, unless repeatable), the
// environment variable (an empty one counts as absent), the YAML file of --config or TENSORD_CONFIG, the default.
// Defaults that follow from other settings (queue, max-tensor-bytes) follow from what those resolve to.
//
// Bad values, unknown flags and keys, and a file that cannot be read all end in exit code 2, each listed. Reads the
// file; touches nothing else.
[[nodiscard]] ConfigOutcome ResolveConfig(const ConfigInputs& inputs);

// The TENSORD_... variables of this process.
[[nodiscard]] std::map<std::string, std::string> TensordEnvironment();

}  // namespace tensord::server

#endif  // TENSORD_SERVER_CONFIG_RESOLVE_H_
