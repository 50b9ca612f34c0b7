// Metrics for Prometheus, over HTTP.
#ifndef TENSORD_SERVER_METRICS_PROMETHEUS_METRICS_H_
#define TENSORD_SERVER_METRICS_PROMETHEUS_METRICS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/metrics/metrics.h"
#include "server/rpc/log.h"

namespace tensord::server {

// Counts calls and answers GET /metrics. docs/metrics.md lists the metrics. All series exist from the start, and no
// others come: a method that is not in the list counts as "other", a reason as "INTERNAL".
class PrometheusMetrics final : public Metrics {
 public:
  // Listens on `address` (host:port; port 0 picks one). `log` has to outlive it.
  //
  // Errors:   kFailedPrecondition - it cannot be listened on; the text names the setting metrics-listen.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<PrometheusMetrics>> Start(const std::string& address,
                                                                                const std::vector<std::string>& methods,
                                                                                const std::string& version,
                                                                                const Log* log);
  ~PrometheusMetrics() override;

  // With the port that holds.
  [[nodiscard]] const std::string& address() const;

  void CallStarted(absl::string_view method) override;
  void CallFinished(absl::string_view method, grpc::StatusCode code, std::chrono::nanoseconds duration,
                    int64_t received_bytes, int64_t sent_bytes) override;
  void CallRefused(absl::string_view reason) override;
  void OperationFinished(grpc::StatusCode code) override;
  void QueueWaited(std::chrono::nanoseconds wait) override;
  void Set(Gauge gauge, double value) override;
  void Change(Gauge gauge, double change) override;
  void Add(Counter counter, double amount) override;
  void ReloadFinished(Reloadable what, bool ok) override;

 private:
  struct State;
  explicit PrometheusMetrics(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_METRICS_PROMETHEUS_METRICS_H_
