// What tensord_load is asked to do.
#ifndef TENSORD_TESTS_LOAD_OPTIONS_H_
#define TENSORD_TESTS_LOAD_OPTIONS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tests/load/schedule.h"

namespace tensord::load {

// A stretch of time with a rate of its own.
struct Phase {
  std::string name;
  double rate = 0;  // calls a second; 0 in a closed loop
  double seconds = 0;
};

struct Options {
  std::string target;
  std::string tls_ca_file, tls_certificate_file, tls_key_file, tls_server_name;
  bool tls = false;
  std::string token_file;

  int connections = 4;
  int threads = 1;
  int concurrency = 0;  // calls in flight of the closed loop; 0: open loop
  Arrivals arrivals = Arrivals::kPoisson;
  std::vector<Phase> phases;

  std::string mix = "standard";
  double hostile_percent = 0;
  double deadline_seconds = 5;
  int max_outstanding = 2000;
  int verify_every = 64;
  bool accept_refusals = false;
  bool accept_deadline = false;
  uint64_t seed = 1;

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
