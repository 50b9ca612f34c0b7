// bench: offers a server load, and tells how it bears it.
#include <grpcpp/channel.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "client/cli/batch/interrupt.h"
#include "client/cli/batch/progress_bar.h"
#include "client/cli/bench/flags.h"
#include "client/cli/bench/mixes.h"
#include "client/cli/bench/report.h"
#include "client/cli/commands/commands.h"
#include "client/cli/errors.h"
#include "client/cli/status_macros.h"
#include "client/load/channels.h"
#include "client/load/cpu_time.h"
#include "client/load/generator.h"

namespace tensord::cli {
namespace {

using Channels = std::vector<std::shared_ptr<grpc::Channel>>;

// Longer than anybody waits: where only the number of calls ends a run.
constexpr double kEndlessSeconds = 366 * 86'400.0;

class Bench : public Command {
 public:
  CLI::App* Declare(CLI::App& app) override {
    server_ = app.get_option_no_throw("--server");
    CLI::App* command = app.add_subcommand("bench", "Load for a server: throughput and latencies");
    flags_.Declare(*command);
    command->footer(
        R"(Without --rate each answer sends the next call: a slow server is asked less. With --rate calls are due at moments that
do not depend on answers, and a latency counts from that moment, so what waits behind a stall counts.
The requests are serialised once, and the answers are not decoded. --deadline is for each call. Nothing is tried again.
Ctrl-C: no more is sent, and what was measured is told; once more ends it.
Exit codes: 0 every call was answered OK; 1 one failed, or none was answered, or the connection failed; 2 a mistake in flags.

Examples:
  tensorctl bench
  tensorctl --server localhost:50051 bench --rate 500 --duration 1m --warm-up 5s
  tensorctl --server localhost:50051 bench --concurrency 16 --mix convolve=9,pool-max=1
  tensorctl --server localhost:50051 bench --requests 10000 --format json)");
    return command;
  }

  absl::Status Prepare(TensorSource& /*source*/) override {
    if (flags_.lists_mixes()) return absl::OkStatus();
    const bool has_server = server_ != nullptr && !server_->empty() && !server_->as<std::string>().empty();
    TENSORCTL_ASSIGN_OR_RETURN(settings_, flags_.Settings(has_server));
    return absl::OkStatus();
  }

  absl::StatusOr<int> Run(Context& context) override {
    const Style style(context.flags().color(STDOUT_FILENO));
    if (flags_.lists_mixes()) {
      if (context.flags().json()) {
        TENSORCTL_RETURN_IF_ERROR(context.printer().Print(MixesReport()));
      } else {
        context.out() << MixesText(style);
      }
      return kExitDone;
    }
    TENSORCTL_ASSIGN_OR_RETURN(const BenchResult result, Measure(context));
    if (context.flags().json()) {
      TENSORCTL_RETURN_IF_ERROR(context.printer().Print(BenchReport(result)));
    } else {
      context.out() << BenchText(result, style);
    }
    return result.is_success() ? kExitDone : kExitFailed;
  }

 private:
  absl::StatusOr<BenchResult> Measure(Context& context) {
    TENSORCTL_ASSIGN_OR_RETURN(Caller * caller, context.caller());
    // Who is not let in, or finds nobody, hears so as from any other command.
    TENSORCTL_ASSIGN_OR_RETURN(const auto info,
                               caller->Call(&client::ClientInterface::GetServerInfoAsync, v1::GetServerInfoRequest()));
    const client::ClientOptions& options = context.flags().client_options();
    TENSORCTL_ASSIGN_OR_RETURN(const Channels channels, Connect(context));
    TENSORCTL_ASSIGN_OR_RETURN(authorization_, load::Authorization(options.token_file));
    settings_.load.deadline_seconds =
        std::chrono::duration<double>(context.flags().call_options().deadline.value_or(options.deadline)).count();
    // Debian's absl looks for deadlocks at every lock that gRPC takes, for some percent of a call.
    absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);

    const Interrupt interrupt;
    if (settings_.warm_up_seconds > 0) {
      static_cast<void>(Generate(context, channels, settings_.warm_up_seconds, /*max_calls=*/0, interrupt));
    }
    const double cpu_before = load::ProcessCpuSeconds();
    BenchResult result{.settings = &settings_, .address = context.flags().server(), .version = info.version()};
    result.counts =
        Generate(context, channels, settings_.seconds.value_or(kEndlessSeconds), settings_.max_calls, interrupt);
    result.cpu_seconds = load::ProcessCpuSeconds() - cpu_before;
    result.is_interrupted = interrupt.requested();
    return result;
  }

  absl::StatusOr<Channels> Connect(Context& context) const {
    TENSORCTL_ASSIGN_OR_RETURN(auto local, context.local_channel());
    if (local != nullptr) return Channels{std::move(local)};
    return load::Connect(context.flags().server(), context.flags().client_options(), settings_.connections);
  }

  load::PhaseStatistics Generate(Context& context, const Channels& channels, double seconds, uint64_t max_calls,
                                 const Interrupt& interrupt) const {
    load::LoadOptions options = settings_.load;
    options.phases = {{.name = "load", .rate = settings_.rate, .seconds = seconds}};
    load::Statistics statistics(1);
    load::AnswerCheck answer_check(settings_.kinds.size(), options.verify_every);
    load::Control control(max_calls);
    if (interrupt.requested()) control.Stop();
    ProgressBar bar(context.shows_progress() ? &context.err() : nullptr);
    const load::Plan plan{.options = &options,
                          .kinds = settings_.kinds,
                          .order = load::MakeOrder(settings_.kinds, options.seed),
                          .authorization = authorization_,
                          .start = std::chrono::steady_clock::now(),
                          .statistics = &statistics,
                          .answer_check = &answer_check,
                          .control = &control};
    load::Generate(plan, channels, [&] {
      if (interrupt.requested()) control.Stop();
      const uint64_t finished = statistics.finished_count(0);
      const uint64_t failed = finished - std::min(finished, statistics.accepted_count(0));
      double fraction = bar.seconds() / seconds;
      if (max_calls > 0) fraction = std::max(fraction, static_cast<double>(finished) / static_cast<double>(max_calls));
      bar.Show({.done = static_cast<int64_t>(finished), .failed = static_cast<int64_t>(failed)}, fraction);
    });
    bar.Clear();
    return statistics.phases()[0];
  }

  const CLI::Option* server_ = nullptr;  // none where the app has no global flags
  BenchFlags flags_;
  BenchSettings settings_;
  std::string authorization_;
};

}  // namespace

std::unique_ptr<Command> MakeBench() { return std::make_unique<Bench>(); }

}  // namespace tensord::cli
