#include "server/daemon.h"

#include <unistd.h>

#include <cstring>
#include <memory>
#include <thread>

#include "absl/strings/str_join.h"
#include "server/config_table.h"
#include "server/memory_trimmer.h"
#include "server/metrics/prometheus_metrics.h"
#include "server/reloader.h"
#include "server/rpc/json_log.h"
#include "server/server.h"
#include "server/service_names.h"
#include "server/signals.h"
#include "server/start_check.h"
#include "server/version.h"
#include "tensord/compute/buffer_pool.h"
#include "tensord/compute/instruction_set.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

int FailStart(const absl::Status& status, Log& log) {
  log.Write(LogLevel::kError, "start_failed", {{"message", std::string(status.message())}});
  return 1;
}

void LogStart(const DaemonInputs& inputs, Log& log) {
  const Settings& settings = inputs.settings;
  log.Write(LogLevel::kInfo, "starting",
            {{"version", std::string(Version())},
             {"threads", int64_t{settings.threads}},
             {"instruction_set", std::string(compute::Name(settings.instruction_set))},
             {"queue", int64_t{settings.queue}},
             {"memory_budget_bytes", settings.memory_budget_bytes},
             {"multiplication_budget", settings.multiplication_budget},
             {"file_limit", RaiseFileLimit()}});
  for (const std::string& name : inputs.unknown_variables) {
    log.Write(LogLevel::kWarning, "unknown_variable", {{"name", name}});
  }
  for (const std::string& message : StartWarnings(settings)) {
    log.Write(LogLevel::kWarning, "warning", {{"message", message}});
  }
}

void LogListeners(const Server& server, Log& log) {
  for (const Listener& listener : server.listeners()) {
    log.Write(LogLevel::kInfo, "listening", {{"address", listener.address}, {"tls", listener.tls}});
  }
  const std::string addresses = absl::StrJoin(
      server.listeners(), ",", [](std::string* out, const Listener& listener) { out->append(listener.address); });
  log.Write(LogLevel::kInfo, "ready", {{"addresses", addresses}});
}

// Takes from `read` what can change while the daemon runs, and names what cannot.
void ApplySettings(const Settings& read, Settings& current, Server& server, Log& log) {
  log.SetLevel(read.log_level);
  server.SetClientLimits(read.client_limits);
  current.log_level = read.log_level;
  current.client_limits = read.client_limits;
  for (const SettingDescription& setting : SettingTable()) {
    if (setting.print(read) == setting.print(current)) continue;
    log.Write(LogLevel::kWarning, "restart_needed",
              {{"setting", setting.name}, {"message", std::string("it cannot change while the daemon runs")}});
  }
}

std::vector<ReloadStep> MakeReloadSteps(const DaemonInputs& inputs, Settings& current, Server& server, Log& log) {
  return {{.what = Reloadable::kTls, .attempt = [&server] { return server.ReloadTls(); }},
          {.what = Reloadable::kTokens, .attempt = [&server] { return server.ReloadTokens(); }},
          {.what = Reloadable::kSettings, .on_change = false, .attempt = [&]() -> absl::StatusOr<bool> {
             TENSORD_ASSIGN_OR_RETURN(const Settings read, inputs.read_settings());
             ApplySettings(read, current, server, log);
             return true;
           }}};
}

// Of the memory budget, what may be kept in buffers of tensors that are gone; idle ones are freed.
constexpr int64_t kPooledShare = 8;

// Until a signal asks for the end.
int Serve(const DaemonInputs& inputs, SignalWatcher& signals, Server& server, Metrics* metrics, Log& log) {
  Settings current = inputs.settings;
  Reloader reloader(MakeReloadSteps(inputs, current, server, log), current.reload_interval, metrics, &log);
  const MemoryTrimmer trimmer;
  signals.OnHangup([&reloader] { reloader.ReloadNow(); });
  const int signal_number = signals.Wait();
  signals.OnHangup({});
  return signal_number;
}

}  // namespace

int RunDaemon(const DaemonInputs& inputs, Log& log) {
  const Settings& settings = inputs.settings;
  SignalWatcher signals([&log] {
    log.Write(LogLevel::kWarning, "forced_exit", {});
    log.Flush();
    _exit(1);
  });
  const GrpcLogRedirect redirect(&log);
  LogStart(inputs, log);
  compute::UseInstructionSet(settings.instruction_set);
  compute::BufferPool::OfProcess().SetLimit(settings.memory_budget_bytes / kPooledShare);
  const absl::Status check = CheckStart(settings);
  if (!check.ok()) return FailStart(check, log);

  std::unique_ptr<Metrics> metrics = std::make_unique<NoopMetrics>();
  if (settings.metrics_listen != "off") {
    absl::StatusOr<std::unique_ptr<PrometheusMetrics>> prometheus =
        PrometheusMetrics::Start(settings.metrics_listen, MethodNames(), Version(), &log);
    if (!prometheus.ok()) return FailStart(prometheus.status(), log);
    log.Write(LogLevel::kInfo, "metrics_listening", {{"address", (*prometheus)->address()}});
    metrics = *std::move(prometheus);
  }
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Create(settings, metrics.get(), &log);
  if (!server.ok()) return FailStart(server.status(), log);
  LogListeners(**server, log);

  const int signal_number = Serve(inputs, signals, **server, metrics.get(), log);
  log.Write(LogLevel::kInfo, "drain_started", {{"signal", std::string(strsignal(signal_number))}});
  (*server)->AnnounceDrain();
  // A second signal ends the process meanwhile.
  std::this_thread::sleep_for(settings.drain_delay);
  const bool finished = (*server)->Drain();
  server->reset();
  log.Write(LogLevel::kInfo, "drain_finished", {{"all_calls_finished", finished}});
  return 0;
}

}  // namespace tensord::server
