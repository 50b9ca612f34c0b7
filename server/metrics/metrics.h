// What the daemon counts. Labels come from closed sets only: never from a client's text.
#ifndef TENSORD_SERVER_METRICS_METRICS_H_
#define TENSORD_SERVER_METRICS_METRICS_H_

#include <grpcpp/support/status.h>

#include <chrono>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace tensord::server {

// The counters of the daemon. Threads: every member may be called from any thread.
class Metrics {
 public:
  virtual ~Metrics() = default;
  // A call of `method` ("tensord.v1.TensorService/Convolve") began; it will end with CallFinished.
  virtual void CallStarted(absl::string_view method) = 0;
  virtual void CallFinished(absl::string_view method, grpc::StatusCode code, std::chrono::nanoseconds duration,
                            int64_t received_bytes, int64_t sent_bytes) = 0;
};

// Counts nothing.
class NoopMetrics final : public Metrics {
 public:
  void CallStarted(absl::string_view) override {}
  void CallFinished(absl::string_view, grpc::StatusCode, std::chrono::nanoseconds, int64_t, int64_t) override {}
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_METRICS_METRICS_H_
