#include "client/cli/commands/commands.h"

namespace tensord::cli {

std::vector<std::unique_ptr<Command>> MakeCommands(const CLI::App& app) {
  std::vector<std::unique_ptr<Command>> commands;
  commands.push_back(MakeConvolve());
  commands.push_back(MakeConvolveBackward());
  commands.push_back(MakeConvolveTranspose());
  commands.push_back(MakeConvolveTransposeBackward());
  commands.push_back(MakePool());
  commands.push_back(MakePoolBackward());
  commands.push_back(MakeUnpool());
  commands.push_back(MakeUnpoolBackward());
  commands.push_back(MakeActivate());
  commands.push_back(MakeActivateBackward());
  commands.push_back(MakeBatch());
  commands.push_back(MakeBench());
  commands.push_back(MakeDescribe());
  commands.push_back(MakeAnalyzeLayer());
  commands.push_back(MakeAnalyzeModel());
  commands.push_back(MakeAnalyzeDiff());
  commands.push_back(MakeGrade());
  commands.push_back(MakeAudit());
  commands.push_back(MakeConventions());
  commands.push_back(MakeInfo());
  commands.push_back(MakeHealth());
  commands.push_back(MakeCompletion(app));
  return commands;
}

}  // namespace tensord::cli
