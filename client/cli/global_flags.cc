#include "client/cli/global_flags.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/cli/flags/flag.h"
#include "client/cli/flags/parse.h"
#include "client/cli/status_macros.h"

namespace tensord::cli {
namespace {

// TENSORCTL_TLS_CA for --tls-ca
std::string EnvironmentName(const std::string& flag) {
  std::string name = "TENSORCTL_";
  for (const char c : flag.substr(2)) name += c == '-' ? '_' : absl::ascii_toupper(static_cast<unsigned char>(c));
  return name;
}

}  // namespace

void GlobalFlags::Declare(CLI::App& app) {
  const auto add = [&app](const std::string& name, std::string& value, const std::string& placeholder,
                          const std::string& help) {
    return app.add_option(name, value, help)
        ->type_name(placeholder)
        ->envname(EnvironmentName(name))
        ->group("Global flags");
  };
  const auto add_switch = [&app](const std::string& name, bool& value, const std::string& help) {
    app.add_flag(name, value, help)->envname(EnvironmentName(name))->group("Global flags");
  };
  add("--server", server_, "ADDRESS", "Ask the server there (host:port or unix:/path); without it: in this process");
  add_switch("--tls", tls_, "Connect to the server by TLS; any --tls-... flag does so too");
  add("--tls-ca", tls_options_.ca_file, "FILE", "Trust this PEM file's authorities instead of the system's");
  add("--tls-certificate", tls_options_.certificate_file, "FILE", "Show the server this PEM certificate");
  add("--tls-key", tls_options_.key_file, "FILE", "The certificate's PEM key");
  add("--tls-server-name", tls_options_.server_name, "NAME", "Expect this name in the server's certificate");
  add("--token-file", client_options_.token_file, "FILE", "Show the server the bearer token in this file");
  add("--deadline", deadline_, "DURATION", "Give up after that long, e.g. 500ms, 5s, 2m. Default: 60s");
  add("--format", format_, "text|json|markdown|csv|html|latex|class|junit|gradescope|prairielearn|autolab",
      "What to print: for people, for programs, or (some commands) for a page, a spreadsheet or a paper. Default: text")
      ->check(OneOf({"text", "json", "markdown", "csv", "html", "latex", "class", "junit", "gradescope", "prairielearn",
                     "autolab"}));
  add("--color", color_, "auto|always|never", "Colours: auto is on a terminal, unless NO_COLOR is set. Default: auto")
      ->check(OneOf({"auto", "always", "never"}));
  add_switch("--quiet", quiet_, "Print results and errors only: no notes, no progress");
}

absl::Status GlobalFlags::Prepare() {
  if (!deadline_.empty()) {
    TENSORCTL_ASSIGN_OR_RETURN(call_options_.deadline, ParseDuration("--deadline", deadline_));
  }
  const bool tls = tls_ || !tls_options_.ca_file.empty() || !tls_options_.certificate_file.empty() ||
                   !tls_options_.key_file.empty() || !tls_options_.server_name.empty();
  if (tls && server_.empty()) {
    return absl::InvalidArgumentError(
        "--tls: there is no connection to secure\nexpected: --server ADDRESS beside the --tls flags");
  }
  if (!client_options_.token_file.empty() && server_.empty()) {
    return absl::InvalidArgumentError(
        "--token-file: there is no server to show it to\nexpected: --server ADDRESS beside it");
  }
  if (tls_options_.certificate_file.empty() != tls_options_.key_file.empty()) {
    return absl::InvalidArgumentError("--tls-certificate and --tls-key: one is of no use without the other");
  }
  if (tls) client_options_.tls = tls_options_;
  const std::pair<const char*, const std::string&> files[] = {{"--tls-ca", tls_options_.ca_file},
                                                              {"--tls-certificate", tls_options_.certificate_file},
                                                              {"--tls-key", tls_options_.key_file},
                                                              {"--token-file", client_options_.token_file}};
  for (const auto& [flag, path] : files) {
    if (path.empty() || access(path.c_str(), R_OK) == 0) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(flag, ": cannot read ", path, ": ", std::strerror(errno), "\nexpected: a file"));
  }
  return absl::OkStatus();
}

bool GlobalFlags::color(int descriptor) const {
  if (color_ != "auto") return color_ == "always";
  const char* no_color = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool dumb = terminal != nullptr && absl::string_view(terminal) == "dumb";
  return isatty(descriptor) == 1 && (no_color == nullptr || *no_color == '\0') && !dumb;
}

}  // namespace tensord::cli
