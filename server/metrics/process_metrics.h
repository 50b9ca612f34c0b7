// What the system knows of this process.
#ifndef TENSORD_SERVER_METRICS_PROCESS_METRICS_H_
#define TENSORD_SERVER_METRICS_PROCESS_METRICS_H_

#include <prometheus/collectable.h>

#include <string>
#include <vector>

#include "server/rpc/log.h"

namespace tensord::server {

// Read from /proc when somebody asks: process_cpu_seconds_total, process_resident_memory_bytes, process_open_fds,
// process_max_fds, process_threads and process_start_time_seconds, named as Prometheus' own client libraries do; and
// tensord_log_lines_dropped_total. What cannot be read is left out.
class ProcessMetrics final : public prometheus::Collectable {
 public:
  // `log` has to outlive it.
  explicit ProcessMetrics(const Log* log) : log_(log) {}
  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Log* const log_;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_METRICS_PROCESS_METRICS_H_
