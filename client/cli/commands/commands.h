// Every command of tensorctl.
#ifndef TENSORD_CLI_COMMANDS_COMMANDS_H_
#define TENSORD_CLI_COMMANDS_COMMANDS_H_

#include <CLI/CLI.hpp>
#include <memory>
#include <vector>

#include "client/cli/command.h"

namespace tensord::cli {

[[nodiscard]] std::unique_ptr<Command> MakeConvolve();
[[nodiscard]] std::unique_ptr<Command> MakeConvolveBackward();
[[nodiscard]] std::unique_ptr<Command> MakeConvolveTranspose();
[[nodiscard]] std::unique_ptr<Command> MakeConvolveTransposeBackward();
[[nodiscard]] std::unique_ptr<Command> MakePool();
[[nodiscard]] std::unique_ptr<Command> MakePoolBackward();
[[nodiscard]] std::unique_ptr<Command> MakeUnpool();
[[nodiscard]] std::unique_ptr<Command> MakeUnpoolBackward();
[[nodiscard]] std::unique_ptr<Command> MakeActivate();
[[nodiscard]] std::unique_ptr<Command> MakeActivateBackward();
[[nodiscard]] std::unique_ptr<Command> MakeBatch();
[[nodiscard]] std::unique_ptr<Command> MakeBench();
[[nodiscard]] std::unique_ptr<Command> MakeDescribe();
[[nodiscard]] std::unique_ptr<Command> MakeAnalyzeLayer();
[[nodiscard]] std::unique_ptr<Command> MakeAnalyzeModel();
[[nodiscard]] std::unique_ptr<Command> MakeAnalyzeDiff();
[[nodiscard]] std::unique_ptr<Command> MakeGrade();
[[nodiscard]] std::unique_ptr<Command> MakeAudit();
[[nodiscard]] std::unique_ptr<Command> MakeConventions();
[[nodiscard]] std::unique_ptr<Command> MakeInfo();
[[nodiscard]] std::unique_ptr<Command> MakeHealth();
// `app`, whose tree the completion script is made of, must outlive the command.
[[nodiscard]] std::unique_ptr<Command> MakeCompletion(const CLI::App& app);

// All of them, in the order of the help text.
[[nodiscard]] std::vector<std::unique_ptr<Command>> MakeCommands(const CLI::App& app);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_COMMANDS_COMMANDS_H_
