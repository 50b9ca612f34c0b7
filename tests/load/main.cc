// tensord_load: offers a daemon load, and tells what became of it.
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "tests/load/channels.h"
#include "tests/load/generator.h"
#include "tests/load/mix.h"
#include "tests/load/options.h"
#include "tests/load/report.h"

namespace tensord::load {
namespace {

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int Complain(const absl::Status& status, int code) {
  std::cerr << "tensord_load: " << std::string(status.message()) << "\n";
  return code;
}

// Writes what was asked for; false where the file cannot be written.
bool Tell(const Result& result) {
  const std::string& path = result.options->json_file;
  if (path != "-") std::cout << ToText(result) << std::flush;
  if (path.empty()) return true;
  if (path == "-") {
    std::cout << ToJson(result) << std::flush;
    return std::cout.good();
  }
  std::ofstream file(path);
  file << ToJson(result) << std::flush;
  return file.good();
}

int Run(const Options& options) {
  absl::StatusOr<std::vector<Kind>> kinds = MakeMix(options.mix, options.hostile_percent);
  if (!kinds.ok()) return Complain(kinds.status(), 2);
  absl::StatusOr<std::string> authorization = Authorization(options.token_file);
  if (!authorization.ok()) return Complain(authorization.status(), 2);
  const auto channels = Connect(options);
  if (!channels.ok())
    return Complain(channels.status(), channels.status().code() == absl::StatusCode::kInvalidArgument ? 2 : 1);

  Statistics statistics(options.phases.size());
  AnswerCheck answer_check(kinds->size(), options.verify_every);
  Plan plan{.options = &options,
            .kinds = *std::move(kinds),
            .order = {},
            .authorization = *std::move(authorization),
            .start = std::chrono::steady_clock::now(),
            .statistics = &statistics,
            .answer_check = &answer_check};
  plan.order = MakeOrder(plan.kinds, options.seed);
  const double cpu_before = CpuSeconds();
  plan.start = std::chrono::steady_clock::now();
  Generate(plan, *channels);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - plan.start;

  const Result result{.options = &options,
                      .kinds = &plan.kinds,
                      .phases = statistics.phases(),
                      .seconds = statistics.seconds(),
                      .elapsed_seconds = elapsed.count(),
                      .cpu_seconds = CpuSeconds() - cpu_before};
  if (!Tell(result)) return Complain(absl::UnknownError("cannot write " + options.json_file), 1);
  return UnexpectedCount(result) > 0 || AcceptedCount(result) == 0 ? 1 : 0;
}

}  // namespace
}  // namespace tensord::load

int main(int argc, char** argv) {
  const tensord::load::CommandLine command_line = tensord::load::ParseCommandLine(argc, argv);
  if (command_line.exit_code.has_value()) {
    (*command_line.exit_code == 0 ? std::cout : std::cerr) << command_line.text;
    return *command_line.exit_code;
  }
  // Debian's absl looks for deadlocks at every lock that gRPC takes, for some percent of a call.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  return tensord::load::Run(command_line.options);
}
