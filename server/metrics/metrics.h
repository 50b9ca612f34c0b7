// What the daemon counts. Labels come from closed sets only: never from a client's text.
#ifndef TENSORD_SERVER_METRICS_METRICS_H_
#define TENSORD_SERVER_METRICS_METRICS_H_

#include <grpcpp/support/status.h>

#include <array>
#include <chrono>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace tensord::server {

// Values that go up and down.
enum class Gauge {
  kQueueLength,              // calls that wait for a worker
  kQueueOverflowLength,      // calls that wait for a place in the queue, or to be refused
  kMemoryUsedBytes,          // reserved by calls in flight
  kMemoryBudgetBytes,        // of all calls in flight
  kMultiplicationsInFlight,  // admitted and not yet answered
  kMultiplicationBudget,     // of all calls in flight
  kWorkers,                  // worker threads
  kClients,                  // clients remembered
  kCertificateExpiry,        // of the TLS certificate in use, in seconds since 1970
};
inline constexpr size_t kGaugeCount = static_cast<size_t>(Gauge::kCertificateExpiry) + 1;

// Values that only grow.
enum class Counter {
  kMultiplications,     // of calls that were answered with OK
  kWorkerBusySeconds,   // summed over the workers
  kConnections,         // accepted
  kConnectionsRefused,  // closed at once, for want of file descriptors
};
inline constexpr size_t kCounterCount = static_cast<size_t>(Counter::kConnectionsRefused) + 1;

// What can be read anew while the daemon runs.
enum class Reloadable { kTls, kTokens, kSettings };
inline constexpr std::array<const char*, 3> kReloadableNames = {"tls", "tokens", "settings"};

// The reasons of refusals (docs/errors.md); any other counts as INTERNAL.
inline constexpr std::array<const char*, 15> kRefusalReasons = {"INVALID_REQUEST",
                                                                "MALFORMED_MESSAGE",
                                                                "MESSAGE_TOO_LARGE",
                                                                "TENSOR_TOO_LARGE",
                                                                "WORK_TOO_LARGE",
                                                                "OUT_OF_MEMORY",
                                                                "OVERLOADED",
                                                                "QUOTA",
                                                                "DRAINING",
                                                                "DEADLINE_EXCEEDED",
                                                                "DEADLINE_TOO_SHORT",
                                                                "CANCELLED",
                                                                "TOKEN_MISSING",
                                                                "TOKEN_UNKNOWN",
                                                                "INTERNAL"};

// The counters of the daemon. Threads: every member may be called from any thread.
class Metrics {
 public:
  virtual ~Metrics() = default;
  // A call of `method` ("tensord.v1.TensorService/Convolve") began; it will end with CallFinished.
  virtual void CallStarted(absl::string_view method) = 0;
  virtual void CallFinished(absl::string_view method, grpc::StatusCode code, std::chrono::nanoseconds duration,
                            int64_t received_bytes, int64_t sent_bytes) = 0;
  // A call, or an operation of a stream, ended with another code than OK, for one of kRefusalReasons.
  virtual void CallRefused(absl::string_view reason) = 0;
  // An operation of a stream ended; with another code than OK, CallRefused tells why.
  virtual void OperationFinished(grpc::StatusCode code) = 0;
  // How long a call waited for a worker.
  virtual void QueueWaited(std::chrono::nanoseconds wait) = 0;
  virtual void Set(Gauge gauge, double value) = 0;
  // Adds `change` to a gauge: what many threads change at once is exact only so.
  virtual void Change(Gauge gauge, double change) = 0;
  virtual void Add(Counter counter, double amount) = 0;
  // Files were read anew: taken (ok), or found wrong, so that what was read before stays in use.
  virtual void ReloadFinished(Reloadable what, bool ok) = 0;
};

// Counts nothing.
class NoopMetrics final : public Metrics {
 public:
  void CallStarted(absl::string_view) override {}
  void CallFinished(absl::string_view, grpc::StatusCode, std::chrono::nanoseconds, int64_t, int64_t) override {}
  void CallRefused(absl::string_view) override {}
  void OperationFinished(grpc::StatusCode) override {}
  void QueueWaited(std::chrono::nanoseconds) override {}
  void Set(Gauge, double) override {}
  void Change(Gauge, double) override {}
  void Add(Counter, double) override {}
  void ReloadFinished(Reloadable, bool) override {}
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_METRICS_METRICS_H_
