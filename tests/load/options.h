// What tensord_load is asked to do.
#ifndef TENSORD_TESTS_LOAD_OPTIONS_H_
#define TENSORD_TESTS_LOAD_OPTIONS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/load/load_options.h"

namespace tensord::load {

struct Options : LoadOptions {
  std::string target;
  std::string tls_ca_file, tls_certificate_file, tls_key_file, tls_server_name;
  bool tls = false;
  std::string token_file;

  int connections = 4;
  std::string mix = "standard";
  double hostile_percent = 0;

  std::string json_file;
  int progress_seconds = 10;
};

// "NAME=RATE:SECONDS".
absl::StatusOr<Phase> ParsePhase(absl::string_view text);

// The options of a command line, or the exit code and the text to print instead.
struct CommandLine {
  Options options;
  std::optional<int> exit_code;
  std::string text;
};
CommandLine ParseCommandLine(int argc, const char* const* argv);

}  // namespace tensord::load

#endif  // TENSORD_TESTS_LOAD_OPTIONS_H_
