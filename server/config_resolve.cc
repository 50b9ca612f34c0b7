#include "server/config_resolve.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "server/config_file.h"
#include "server/config_table.h"
#include "server/version.h"
#include "tensord/compute/instruction_set.h"

namespace tensord::server {
namespace {

using Texts = std::vector<std::string>;

struct CommandLine {
  std::map<std::string, Texts> flags;  // by setting; only those given
  std::string config;
  bool print_config = false;
  bool version = false;
  bool help = false;
  std::vector<SettingProblem> problems;
};

// CLI11 only splits the command line into flags and texts; meaning and order of precedence come from the table.
CommandLine ParseCommandLine(Texts arguments) {
  CommandLine result;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  app.add_flag("--help,-h", result.help);
  app.add_flag("--version", result.version);
  app.add_flag("--print-config", result.print_config);
  std::map<std::string, Texts> given;
  for (const SettingDescription& setting : SettingTable()) given[setting.name];
  given["config"];
  for (auto& [name, texts] : given) {
    app.add_option("--" + name, texts)->allow_extra_args(false)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  }
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 takes a vector
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    result.problems.push_back({"command line", "", absl::CHexEscape(error.what())});
  }
  for (const std::string& extra : app.remaining()) {
    result.problems.push_back({"command line", extra, "a flag that --help lists"});
  }
  // Of a flag that is no list the last one counts.
  if (!given["config"].empty()) result.config = given["config"].back();
  for (const SettingDescription& setting : SettingTable()) {
    Texts& texts = given[setting.name];
    if (!setting.repeated && texts.size() > 1) texts.erase(texts.begin(), texts.end() - 1);
    if (!texts.empty()) result.flags[setting.name] = texts;
  }
  return result;
}

std::string Help(const Settings& defaults) {
  std::string text =
      "tensord: the reference desk for convolutional layers, as a gRPC service.\n\n"
      "Usage: tensord [flags]\n\n";
  const auto add = [&text](const std::string& flag, const std::string& help) {
    absl::StrAppendFormat(&text, "  %-32s %s\n", flag, help);
  };
  for (const SettingDescription& setting : SettingTable()) {
    const std::string value = absl::StrJoin(setting.print(defaults), ",");
    add(absl::StrCat("--", setting.name, " ", setting.placeholder),
        absl::StrCat(setting.help, value.empty() ? "" : absl::StrCat(" [", value, "]")));
  }
  add("--config FILE", "settings as YAML, under the flags' names without dashes");
  add("--print-config", "print the settings in force, as such a file, and leave");
  add("--version", "print the version and leave");
  add("--help", "print this and leave");
  text +=
      "\nEach setting is also read from the environment (TENSORD_ and its name in capitals, e.g. TENSORD_LISTEN, "
      "lists\n"
      "with commas). A flag wins over the environment, that over the file, that over the default [shown here].\n"
      "TENSORD_ISA names the instruction set of the kernels (sse2, avx2, avx512; unset: the fastest there is).\n"
      "BYTES take KiB, MiB, GiB; DURATIONs ms, s, min, h. Exit codes: 0 after a drain, 1 where it cannot start,\n"
      "2 for bad settings.\n";
  return text;
}

// Where a setting's value came from.
struct Source {
  std::string name = "default";  // flag, environment, file, default
  std::string detail;            // for a problem: "flag --threads", "environment TENSORD_THREADS", "file /etc/t.yaml"
};

std::string Quote(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

// Other text could be neither shown nor printed so that it is read back.
bool IsUtf8(const std::string& text) { return nlohmann::json::parse(Quote(text)) == text; }

std::string FormatConfig(const Settings& settings, const std::map<std::string, Source>& sources) {
  std::string text = absl::StrCat("# tensord ", Version(), ": the settings in force, and where each came from\n");
  for (const SettingDescription& setting : SettingTable()) {
    Texts values = setting.print(settings);
    if (setting.quoted) std::transform(values.begin(), values.end(), values.begin(), &Quote);
    const std::string value =
        setting.repeated ? absl::StrCat("[", absl::StrJoin(values, ", "), "]") : absl::StrJoin(values, "");
    absl::StrAppend(&text, setting.name, ": ", value, "  # ", sources.at(setting.name).name, "\n");
  }
  return text;
}

// One run of ResolveConfig.
class Resolver {
 public:
  explicit Resolver(const ConfigInputs& inputs)
      : inputs_(inputs), command_line_(ParseCommandLine(inputs.arguments)), settings_(inputs.defaults) {}

  ConfigOutcome Run() {
    if (command_line_.help) return Print(Help(inputs_.defaults));
    if (command_line_.version) return Print(absl::StrCat("tensord ", Version(), "\n"));
    for (const SettingProblem& problem : command_line_.problems) AddProblem(problem, "flag");
    ReadFile();
    for (const SettingDescription& setting : SettingTable()) Resolve(setting);
    ResolveInstructionSet();
    DeriveDefaults();
    // What goes together is checked where each alone is right: a value that was not taken would only confuse.
    if (problem_lines_.empty()) {
      for (const SettingProblem& problem : FindProblems(settings_)) AddProblem(problem, sources_[problem.name].detail);
    }
    if (!problem_lines_.empty()) return Fail();
    if (command_line_.print_config) return Print(FormatConfig(settings_, sources_));
    ConfigOutcome outcome;
    outcome.settings = settings_;
    outcome.unknown_variables = UnknownVariables();
    return outcome;
  }

 private:
  static ConfigOutcome Print(std::string text) {
    ConfigOutcome outcome;
    outcome.exit_code = 0;
    outcome.output = std::move(text);
    return outcome;
  }

  ConfigOutcome Fail() const {
    ConfigOutcome outcome;
    outcome.exit_code = 2;
    outcome.errors =
        absl::StrCat("tensord: ", problem_lines_.size(), problem_lines_.size() == 1 ? " problem" : " problems",
                     " with the settings\n", absl::StrJoin(problem_lines_, ""));
    return outcome;
  }

  void AddProblem(const SettingProblem& problem, const std::string& source) {
    std::string line = absl::StrCat("  ", problem.name);
    if (!source.empty()) absl::StrAppend(&line, " (", source, ")");
    if (!problem.value.empty()) absl::StrAppend(&line, ": ", Quote(problem.value.substr(0, 256)));
    problem_lines_.push_back(absl::StrCat(line, ": expected ", problem.expected, "\n"));
  }

  // The variable's value; nothing where it is not set or empty.
  [[nodiscard]] std::string Variable(const std::string& name) const {
    const auto found = inputs_.environment.find(name);
    return found == inputs_.environment.end() ? "" : found->second;
  }

  void ReadFile() {
    file_path_ = command_line_.config.empty() ? Variable("TENSORD_CONFIG") : command_line_.config;
    if (file_path_.empty()) return;
    file_ = ReadConfigFile(file_path_);
    for (const SettingProblem& problem : file_.problems) AddProblem(problem, absl::StrCat("file ", Quote(file_path_)));
  }

  void Resolve(const SettingDescription& setting) {
    Source& source = sources_[setting.name];
    Texts texts;
    const std::string variable = Variable(setting.environment_variable());
    if (const auto flag = command_line_.flags.find(setting.name); flag != command_line_.flags.end()) {
      source = {"flag", absl::StrCat("flag --", setting.name)};
      texts = flag->second;
    } else if (!variable.empty()) {
      source = {"environment", absl::StrCat("environment ", setting.environment_variable())};
      texts = setting.repeated ? Texts(absl::StrSplit(variable, ',')) : Texts{variable};
    } else if (const auto value = file_.values.find(setting.name); value != file_.values.end()) {
      source = {"file", absl::StrCat("file ", Quote(file_path_))};
      texts = value->second;
    } else {
      return;
    }
    for (const std::string& text : texts) {
      if (!IsUtf8(text)) return AddProblem({setting.name, text, "UTF-8"}, source.detail);
    }
    const absl::Status status = setting.parse(texts, settings_);
    if (!status.ok()) {
      AddProblem({setting.name, absl::StrJoin(texts, ","), std::string(status.message())}, source.detail);
    }
  }

  void ResolveInstructionSet() {
    const absl::StatusOr<compute::InstructionSet> set = InstructionSetOf(inputs_.environment);
    if (set.ok()) {
      settings_.instruction_set = *set;
    } else {
      problem_lines_.push_back(absl::StrCat("  ", set.status().message(), "\n"));
    }
  }

  void DeriveDefaults() {
    const auto is_default = [this](const char* name) { return sources_[name].name == "default"; };
    if (is_default("queue") && !is_default("threads")) settings_.queue = DefaultQueue(settings_.threads);
    if (is_default("max-tensor-bytes") && !is_default("max-message-bytes")) {
      settings_.max_tensor_bytes = DefaultMaxTensorBytes(settings_.max_message_bytes);
    }
    if (is_default("multiplication-budget") && !is_default("max-multiplications")) {
      settings_.multiplication_budget = DefaultMultiplicationBudget(settings_.max_multiplications);
    }
    if (is_default("transport-quota-bytes") && !is_default("max-message-bytes")) {
      // The default budget is half of memory.
      settings_.transport_quota_bytes =
          DefaultTransportQuota(settings_.max_message_bytes, 2 * inputs_.defaults.memory_budget_bytes);
    }
  }

  [[nodiscard]] Texts UnknownVariables() const {
    Texts unknown;
    const std::vector<SettingDescription>& table = SettingTable();
    for (const auto& [name, value] : inputs_.environment) {
      const bool known = name == "TENSORD_CONFIG" || name == kInstructionSetVariable ||
                         std::any_of(table.begin(), table.end(), [&name = name](const SettingDescription& setting) {
                           return setting.environment_variable() == name;
                         });
      if (!known && absl::StartsWith(name, "TENSORD_")) unknown.push_back(name);
    }
    return unknown;
  }

  const ConfigInputs& inputs_;
  CommandLine command_line_;
  Settings settings_;
  std::string file_path_;
  ConfigFile file_;
  std::map<std::string, Source> sources_;
  Texts problem_lines_;
};

}  // namespace

absl::StatusOr<compute::InstructionSet> InstructionSetOf(const std::map<std::string, std::string>& environment) {
  const auto variable = environment.find(kInstructionSetVariable);
  absl::StatusOr<compute::InstructionSet> set =
      compute::ChooseInstructionSet(variable == environment.end() ? "" : variable->second);
  if (set.ok()) return set;
  return absl::Status(set.status().code(), absl::StrCat(kInstructionSetVariable, ": ", set.status().message()));
}

ConfigOutcome ResolveConfig(const ConfigInputs& inputs) { return Resolver(inputs).Run(); }

std::map<std::string, std::string> TensordEnvironment() {
  std::map<std::string, std::string> result;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const absl::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals == absl::string_view::npos || !absl::StartsWith(text, "TENSORD_")) continue;
    result.emplace(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
  }
  return result;
}

}  // namespace tensord::server
