// tensord_load: offers a daemon load, and tells what became of it.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "client/load/channels.h"
#include "client/load/cpu_time.h"
#include "client/load/generator.h"
#include "tests/load/hostile_requests.h"
#include "tests/load/options.h"
#include "tests/load/report.h"

namespace tensord::load {
namespace {

void PrintProgress(const std::vector<Second>& seconds, size_t from) {
  Second sum;
  for (size_t i = from; i < seconds.size(); ++i) {
    sum.sent += seconds[i].sent;
    sum.accepted += seconds[i].accepted;
    sum.refused += seconds[i].refused;
    sum.late += seconds[i].late;
    sum.unexpected += seconds[i].unexpected;
    sum.p99_ns = std::max(sum.p99_ns, seconds[i].p99_ns);
  }
  std::fprintf(stderr,
               "%6zu s  sent %llu  accepted %llu  refused %llu  late %llu  unexpected %llu  worst p99 %.3f ms\n",
               seconds.size(), static_cast<unsigned long long>(sum.sent), static_cast<unsigned long long>(sum.accepted),
               static_cast<unsigned long long>(sum.refused), static_cast<unsigned long long>(sum.late),
               static_cast<unsigned long long>(sum.unexpected), static_cast<double>(sum.p99_ns) / 1e6);
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

client::ClientOptions ClientOptionsOf(const Options& options) {
  client::ClientOptions client_options{.load_balancing = "pick_first"};
  if (options.tls) {
    client_options.tls = client::TlsOptions{.ca_file = options.tls_ca_file,
                                            .certificate_file = options.tls_certificate_file,
                                            .key_file = options.tls_key_file,
                                            .server_name = options.tls_server_name};
  }
  return client_options;
}

// A line on standard error for each `progress_seconds` of the run.
class ProgressLines {
 public:
  explicit ProgressLines(const Plan* plan, int progress_seconds)
      : plan_(plan), step_(static_cast<size_t>(progress_seconds)) {}

  void Look() {
    const auto elapsed = std::chrono::steady_clock::now() - plan_->start;
    const auto second = static_cast<size_t>(std::chrono::duration_cast<std::chrono::seconds>(elapsed).count());
    if (step_ == 0 || second < told_ + step_) return;
    PrintProgress(plan_->statistics->seconds(), told_);
    told_ = second;
  }

 private:
  const Plan* const plan_;
  const size_t step_;
  size_t told_ = 0;
};

int Run(const Options& options) {
  absl::StatusOr<std::vector<Kind>> kinds = MakeMix(options.mix, options.hostile_percent);
  if (!kinds.ok()) return Complain(kinds.status(), 2);
  absl::StatusOr<std::string> authorization = Authorization(options.token_file);
  if (!authorization.ok()) return Complain(authorization.status(), 2);
  const auto channels = Connect(options.target, ClientOptionsOf(options), options.connections);
  if (!channels.ok())
    return Complain(channels.status(), channels.status().code() == absl::StatusCode::kInvalidArgument ? 2 : 1);

  Statistics statistics(options.phases.size());
  AnswerCheck answer_check(kinds->size(), options.verify_every);
  Control control;
  Plan plan{.options = &options,
            .kinds = *std::move(kinds),
            .order = {},
            .authorization = *std::move(authorization),
            .start = std::chrono::steady_clock::now(),
            .statistics = &statistics,
            .answer_check = &answer_check,
            .control = &control};
  plan.order = MakeOrder(plan.kinds, options.seed);
  const double cpu_before = ProcessCpuSeconds();
  plan.start = std::chrono::steady_clock::now();
  ProgressLines progress(&plan, options.progress_seconds);
  Generate(plan, *channels, [&progress] { progress.Look(); });
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - plan.start;

  const Result result{.options = &options,
                      .kinds = &plan.kinds,
                      .phases = statistics.phases(),
                      .seconds = statistics.seconds(),
                      .elapsed_seconds = elapsed.count(),
                      .cpu_seconds = ProcessCpuSeconds() - cpu_before};
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
