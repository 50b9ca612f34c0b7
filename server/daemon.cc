#include "server/daemon.h"

#include <unistd.h>

#include <cstring>
#include <memory>

#include "absl/strings/str_join.h"
#include "server/address.h"
#include "server/metrics/prometheus_metrics.h"
#include "server/rpc/json_log.h"
#include "server/server.h"
#include "server/service_names.h"
#include "server/signals.h"
#include "server/version.h"

namespace tensord::server {
namespace {

int FailStart(const absl::Status& status, Log& log) {
  log.Write(LogLevel::kError, "start_failed", {{"message", std::string(status.message())}});
  return 1;
}

void WarnOfSettings(const Settings& settings, const std::vector<std::string>& unknown_variables, Log& log) {
  for (const std::string& name : unknown_variables) {
    log.Write(LogLevel::kWarning, "unknown_variable", {{"name", name}});
  }
  if (!settings.tls_certificate.empty()) return;
  for (const std::string& text : settings.listen) {
    const absl::StatusOr<ListenAddress> address = ParseListenAddress(text);
    if (!address.ok() || address->is_local()) continue;
    log.Write(LogLevel::kWarning, "insecure_listener",
              {{"address", text}, {"message", std::string("other machines can reach it, and there is no TLS")}});
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

}  // namespace

int RunDaemon(const Settings& settings, const std::vector<std::string>& unknown_variables, Log& log) {
  SignalWatcher signals([&log] {
    log.Write(LogLevel::kWarning, "forced_exit", {});
    _exit(1);
  });
  const GrpcLogRedirect redirect(&log);
  log.Write(LogLevel::kInfo, "starting",
            {{"version", std::string(Version())},
             {"threads", int64_t{settings.threads}},
             {"queue", int64_t{settings.queue}},
             {"memory_budget_bytes", settings.memory_budget_bytes}});
  WarnOfSettings(settings, unknown_variables, log);

  std::unique_ptr<Metrics> metrics = std::make_unique<NoopMetrics>();
  if (settings.metrics_listen != "off") {
    absl::StatusOr<std::unique_ptr<PrometheusMetrics>> prometheus =
        PrometheusMetrics::Start(settings.metrics_listen, MethodNames(), Version());
    if (!prometheus.ok()) return FailStart(prometheus.status(), log);
    log.Write(LogLevel::kInfo, "metrics_listening", {{"address", (*prometheus)->address()}});
    metrics = *std::move(prometheus);
  }
  absl::StatusOr<std::unique_ptr<Server>> server = Server::Create(settings, metrics.get(), &log);
  if (!server.ok()) return FailStart(server.status(), log);
  LogListeners(**server, log);

  const int signal_number = signals.Wait();
  log.Write(LogLevel::kInfo, "drain_started", {{"signal", std::string(strsignal(signal_number))}});
  const bool finished = (*server)->Drain();
  server->reset();
  log.Write(LogLevel::kInfo, "drain_finished", {{"all_calls_finished", finished}});
  return 0;
}

}  // namespace tensord::server
