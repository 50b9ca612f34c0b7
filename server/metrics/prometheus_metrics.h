// Metrics for Prometheus, over HTTP.
#ifndef TENSORD_SERVER_METRICS_PROMETHEUS_METRICS_H_
#define TENSORD_SERVER_METRICS_PROMETHEUS_METRICS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "server/metrics/metrics.h"

namespace tensord::server {

// Counts calls and answers GET /metrics:
//   tensord_rpc_requests_total{method,code}   tensord_rpc_duration_seconds{method}, a histogram from 50 us to 30 s
//   tensord_rpc_in_flight{method}             tensord_rpc_received_bytes_total{method}, tensord_rpc_sent_bytes_total
//   tensord_build_info{version} = 1
// All series exist from the start, and no others come: a method that is not in the list counts as "other".
class PrometheusMetrics final : public Metrics {
 public:
  // Listens on `address` (host:port; port 0 picks one).
  //
  // Errors:   kFailedPrecondition - it cannot be listened on; the text names the setting metrics-listen.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<PrometheusMetrics>> Start(const std::string& address,
                                                                                const std::vector<std::string>& methods,
                                                                                const std::string& version);
  ~PrometheusMetrics() override;

  // With the port that holds.
  [[nodiscard]] const std::string& address() const;

  void CallStarted(absl::string_view method) override;
  void CallFinished(absl::string_view method, grpc::StatusCode code, std::chrono::nanoseconds duration,
                    int64_t received_bytes, int64_t sent_bytes) override;

 private:
  struct State;
  explicit PrometheusMetrics(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_METRICS_PROMETHEUS_METRICS_H_
