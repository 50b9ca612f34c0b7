#include "client/cli/app.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/commands/commands.h"
#include "client/cli/errors.h"
#include "client/cli/style.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

constexpr char kDescription[] =
    "Computes and analyses convolutional layers: convolution, pooling, activations, forwards and backwards; shapes,\n"
    "parameters and cost. Without --server it does so in its own process.";
constexpr char kFooter[] =
    R"(T, a tensor, is a file (.npy, .npz:NAME, .json, .csv, .png, .pgm), - for JSON on standard input, or nested lists.
Every global flag has an environment variable: TENSORCTL_SERVER for --server, and so on.
Exit codes: 0 done; 1 refused or failed; 2 a mistake in flags or files.

Examples:
  tensorctl convolve --input '[[0,3,3],[0,3,2],[0,0,0]]' --filter '[[1,-1],[1,-1]]'
  tensorctl analyze layer --input-shape N,48,64,10 --filter-shape 3,3,10,20
  tensorctl pool --kind max --window 2 --input photo.png --type float32 --out pooled.npy
  tensorctl --server localhost:50051 info)";

// The deepest command that the command line named.
const CLI::App* Selected(const CLI::App* app) {
  const std::vector<CLI::App*> named = app->get_subcommands();
  return named.empty() ? app : Selected(named.back());
}

// `tensorctl analyze layer`
std::string FullName(const CLI::App* app) {
  return app->get_parent() == nullptr ? app->get_name()
                                      : absl::StrCat(FullName(app->get_parent()), " ", app->get_name());
}

// The flags of a command and of what is above it.
std::vector<std::string> FlagNames(const CLI::App* app) {
  std::vector<std::string> names;
  for (; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::vector<std::string> CommandNames(const CLI::App* app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app->get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

// What to say of arguments that nothing takes.
std::string UnknownText(const CLI::App* app, const std::string& argument) {
  if (!argument.empty() && argument[0] == '-') {
    const std::string name = argument.substr(0, argument.find('='));
    return absl::StrCat("unknown flag '", Escape(name), "'", DidYouMean(name, FlagNames(app)));
  }
  const std::vector<std::string> commands = CommandNames(app);
  if (commands.empty()) return absl::StrCat("unexpected argument '", Escape(argument), "'");
  return absl::StrCat("unknown command '", Escape(argument), "'", DidYouMean(argument, commands));
}

}  // namespace

Application::Application() : app_(kDescription, "tensorctl") {
  app_.set_version_flag("--version", absl::StrCat("tensorctl ", TENSORCTL_VERSION), "Print the version");
  app_.set_help_flag("--help,-h", "Print this help");
  app_.footer(kFooter);
  app_.get_formatter()->column_width(28);
  app_.require_subcommand(0, 1);
  app_.fallthrough();
  flags_.Declare(app_);
  for (std::unique_ptr<Command>& command : MakeCommands(app_)) {
    CLI::App* subcommand = command->Declare(app_);
    subcommand->footer(absl::StrCat(subcommand->get_footer(), subcommand->get_footer().empty() ? "" : "\n\n",
                                    "Global flags (--server, --format, --deadline, ...): tensorctl --help"));
    commands_.emplace_back(subcommand, std::move(command));
  }
}

int Application::Run(int argc, char** argv, const Streams& streams) {
  try {
    app_.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app_.exit(success, streams.out, streams.err);
  } catch (const CLI::ParseError& error) {
    return ParseFailed(error, streams);
  }
  return Execute(streams);
}

int Application::ParseFailed(const CLI::ParseError& error, const Streams& streams) {
  std::string what = error.what();
  const CLI::App* selected = Selected(&app_);
  const std::vector<std::string> rest = app_.remaining(true);
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr && !rest.empty()) what = UnknownText(selected, rest[0]);
  streams.err << UsageErrorText(absl::InvalidArgumentError(what), FullName(selected),
                                Style(flags_.color(STDERR_FILENO)));
  return kExitUsage;
}

absl::Status Application::CheckFormat(const Command& command) const {
  std::vector<std::string> formats = {"text", "json"};
  for (const std::string& format : command.more_formats()) formats.push_back(format);
  if (std::find(formats.begin(), formats.end(), flags_.format()) != formats.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--format: '", flags_.format(), "' is not for this command\nexpected: ", absl::StrJoin(formats, ", ")));
}

int Application::Execute(const Streams& streams) {
  const Style style(flags_.color(STDERR_FILENO));
  const CLI::App* selected = Selected(&app_);
  Command* command = nullptr;
  for (const auto& [subcommand, candidate] : commands_) {
    if (subcommand == selected) command = candidate.get();
  }
  const bool is_watched = !flags_.quiet() && isatty(STDERR_FILENO) == 1;
  TensorSource source(streams.in, is_watched ? &streams.err : nullptr);
  absl::Status prepared = flags_.Prepare();
  if (prepared.ok() && command == nullptr) {
    prepared =
        absl::InvalidArgumentError(absl::StrCat("no command\nexpected: ", absl::StrJoin(CommandNames(selected), ", ")));
  }
  if (prepared.ok()) prepared = CheckFormat(*command);
  if (prepared.ok()) prepared = command->Prepare(source);
  if (!prepared.ok()) {
    streams.err << UsageErrorText(prepared, FullName(selected), style);
    return kExitUsage;
  }
  Context context(flags_, streams);
  const absl::StatusOr<int> code = command->Run(context);
  if (!code.ok()) {
    streams.err << FailureText(code.status(), flags_.server(), command->activation_flag(), style);
    return kExitFailed;
  }
  streams.out.flush();
  if (!streams.out.good()) {
    streams.err << FailureText(absl::DataLossError("standard output cannot be written"), "", "", style);
    return kExitFailed;
  }
  return *code;
}

int RunMain(int argc, char** argv, const Streams& streams) {
  // gRPC's log would stand between people and the error, which says the same. A setting of theirs wins.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  try {
    return Application().Run(argc, argv, streams);
  } catch (const std::bad_alloc&) {
    streams.err << "error: out of memory\n";
  } catch (const std::exception& error) {
    streams.err << "error: " << Escape(error.what()) << "\n";
  }
  return kExitFailed;
}

}  // namespace tensord::cli
