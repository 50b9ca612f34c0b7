#include "client/cli/completion.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/flags/flag.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

struct FlagNode {
  std::string name;  // --stride
  std::string help;
  bool takes_value = false;
  bool takes_file = false;
  std::vector<std::string> choices;
};

struct CommandNode {
  std::string path;  // `analyze layer`; empty for the program
  std::string help;
  std::vector<std::string> commands;
  std::vector<FlagNode> flags;
  std::vector<std::string> arguments;  // choices of what is no flag
};

FlagNode MakeFlag(const CLI::Option& option) {
  const std::string placeholder = option.get_type_name();
  FlagNode flag;
  flag.name = "--" + option.get_lnames().front();
  flag.help = option.get_description();
  flag.takes_value = option.get_items_expected_max() > 0;
  flag.takes_file = placeholder == "FILE" || placeholder == "T";
  flag.choices = ChoicesOf(option);
  return flag;
}

// Every command, depth first, each with the global flags beside its own.
void Collect(const CLI::App& app, const std::string& path, const std::vector<FlagNode>& inherited,
             std::vector<CommandNode>& nodes) {
  CommandNode node{path, app.get_description(), {}, inherited, {}};
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_lnames().empty()) {
      node.arguments = ChoicesOf(*option);
      continue;
    }
    FlagNode flag = MakeFlag(*option);
    const bool known =
        std::any_of(inherited.begin(), inherited.end(), [&](const FlagNode& f) { return f.name == flag.name; });
    if (!known) node.flags.push_back(std::move(flag));
  }
  const std::vector<const CLI::App*> commands = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* command : commands) node.commands.push_back(command->get_name());
  nodes.push_back(node);
  for (const CLI::App* command : commands) {
    Collect(*command, path.empty() ? command->get_name() : absl::StrCat(path, " ", command->get_name()), node.flags,
            nodes);
  }
}

std::string Words(const CommandNode& node) {
  std::vector<std::string> words = node.commands;
  words.insert(words.end(), node.arguments.begin(), node.arguments.end());
  for (const FlagNode& flag : node.flags) words.push_back(flag.name);
  return absl::StrJoin(words, " ");
}

// The parts in which the scripts of bash and zsh differ.
struct Dialect {
  const char* head;
  const char* choices;  // $0 stands for the words
  const char* files;
  const char* tail;
};

constexpr Dialect kBash = {R"(# bash completion for tensorctl: source it, or save it in /etc/bash_completion.d/
_tensorctl() {
  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}" command="" i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "$command ${COMP_WORDS[i]}" in
)",
                           "mapfile -t COMPREPLY < <(compgen -W \"$0\" -- \"$current\")",
                           "mapfile -t COMPREPLY < <(compgen -f -- \"$current\")",
                           "}\ncomplete -o filenames -F _tensorctl tensorctl\n"};
constexpr Dialect kZsh = {
    R"(#compdef tensorctl
# zsh completion for tensorctl: save it as _tensorctl in a folder of $fpath
_tensorctl() {
  local previous="${words[CURRENT-1]}" command="" i
  for ((i = 2; i < CURRENT; ++i)); do
    case "$command ${words[i]}" in
)",
    "compadd -- $0", "_files",
    "}\nif [ \"$funcstack[1]\" = \"_tensorctl\" ]; then _tensorctl; else compdef _tensorctl tensorctl; "
    "fi\n"};

std::string Script(const std::vector<CommandNode>& nodes, const Dialect& dialect) {
  std::string script = dialect.head;
  const auto complete = [&dialect](const std::string& words) {
    return absl::StrReplaceAll(dialect.choices, {{"$0", words}});
  };
  for (const CommandNode& node : nodes) {
    if (node.path.empty()) continue;
    const size_t blank = node.path.rfind(' ');
    const std::string seen = blank == std::string::npos ? " " + node.path : node.path;
    absl::StrAppend(&script, "      \"", seen, "\") command=\"", node.path, "\" ;;\n");
  }
  absl::StrAppend(&script, "    esac\n  done\n  case \"$command:$previous\" in\n");
  for (const CommandNode& node : nodes) {
    for (const FlagNode& flag : node.flags) {
      if (!flag.takes_value) continue;
      const std::string action = !flag.choices.empty() ? complete(absl::StrJoin(flag.choices, " "))
                                 : flag.takes_file     ? std::string(dialect.files)
                                                       : ":";
      absl::StrAppend(&script, "    \"", node.path, ":", flag.name, "\") ", action, "; return ;;\n");
    }
  }
  absl::StrAppend(&script, "  esac\n  case \"$command\" in\n");
  for (const CommandNode& node : nodes) {
    absl::StrAppend(&script, "    \"", node.path, "\") ", complete(Words(node)), " ;;\n");
  }
  return absl::StrCat(script, "  esac\n", dialect.tail);
}

std::string FishQuoted(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
}

// Where a command's own words apply: after all of its path's words, and for commands before any of the next ones.
std::string FishCondition(const CommandNode& node, bool for_commands) {
  std::vector<std::string> parts;
  std::string path = node.path;
  for (size_t blank = path.find(' '); !path.empty(); blank = path.find(' ')) {
    parts.push_back("__fish_seen_subcommand_from " + path.substr(0, blank));
    path = blank == std::string::npos ? "" : path.substr(blank + 1);
  }
  if (for_commands) parts.push_back("not __fish_seen_subcommand_from " + absl::StrJoin(node.commands, " "));
  return parts.empty() ? "" : absl::StrCat(" -n '", absl::StrJoin(parts, "; and "), "'");
}

std::string FishScript(const std::vector<CommandNode>& nodes) {
  std::string script =
      "# fish completion for tensorctl: save it as ~/.config/fish/completions/tensorctl.fish\n"
      "complete -c tensorctl -f\n";
  const std::vector<FlagNode>& global = nodes.front().flags;
  for (const CommandNode& node : nodes) {
    for (const std::string& name : node.commands) {
      const std::string path = node.path.empty() ? name : absl::StrCat(node.path, " ", name);
      const auto command =
          std::find_if(nodes.begin(), nodes.end(), [&](const CommandNode& n) { return n.path == path; });
      absl::StrAppend(&script, "complete -c tensorctl", FishCondition(node, true), " -a ", name, " -d ",
                      FishQuoted(command->help), "\n");
    }
    if (!node.arguments.empty()) {
      absl::StrAppend(&script, "complete -c tensorctl", FishCondition(node, false), " -a ",
                      FishQuoted(absl::StrJoin(node.arguments, " ")), "\n");
    }
    for (const FlagNode& flag : node.flags) {
      const bool inherited = !node.path.empty() && std::any_of(global.begin(), global.end(),
                                                               [&](const FlagNode& f) { return f.name == flag.name; });
      if (inherited) continue;
      absl::StrAppend(&script, "complete -c tensorctl", FishCondition(node, false), " -l ", flag.name.substr(2));
      if (!flag.choices.empty()) absl::StrAppend(&script, " -x -a ", FishQuoted(absl::StrJoin(flag.choices, " ")));
      if (flag.choices.empty() && flag.takes_value) script += flag.takes_file ? " -r -F" : " -x";
      absl::StrAppend(&script, " -d ", FishQuoted(flag.help), "\n");
    }
  }
  return script;
}

}  // namespace

const std::vector<std::string>& CompletionShells() {
  static const auto& shells = *new std::vector<std::string>{"bash", "zsh", "fish"};
  return shells;
}

absl::StatusOr<std::string> CompletionScript(const CLI::App& app, absl::string_view shell) {
  std::vector<CommandNode> nodes;
  Collect(app, "", {}, nodes);
  if (shell == "bash") return Script(nodes, kBash);
  if (shell == "zsh") return Script(nodes, kZsh);
  if (shell == "fish") return FishScript(nodes);
  return absl::InvalidArgumentError(absl::StrCat("completion: '", Escape(shell), "' is no shell that is known",
                                                 DidYouMean(shell, CompletionShells()),
                                                 "\nexpected: ", absl::StrJoin(CompletionShells(), ", ")));
}

}  // namespace tensord::cli
