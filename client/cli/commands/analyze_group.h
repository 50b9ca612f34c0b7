// The command that the analyses are subcommands of.
#ifndef TENSORD_CLI_COMMANDS_ANALYZE_GROUP_H_
#define TENSORD_CLI_COMMANDS_ANALYZE_GROUP_H_

#include <CLI/CLI.hpp>

namespace tensord::cli {

// `analyze`, which is added where nobody did yet.
inline CLI::App* AnalyzeGroup(CLI::App& app) {
  for (CLI::App* const group :
       app.get_subcommands([](CLI::App* command) { return command->get_name() == "analyze"; })) {
    return group;
  }
  CLI::App* const group = app.add_subcommand("analyze", "Shapes, parameters and cost, from sizes alone");
  group->require_subcommand(0, 1)->fallthrough();
  return group;
}

}  // namespace tensord::cli

#endif  // TENSORD_CLI_COMMANDS_ANALYZE_GROUP_H_
