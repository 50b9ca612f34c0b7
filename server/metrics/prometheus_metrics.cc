#include "server/metrics/prometheus_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/address.h"
#include "server/metrics/process_metrics.h"
#include "tensord/compute/status_macros.h"

namespace tensord::server {
namespace {

// In the order of grpc::StatusCode.
constexpr std::array<const char*, 17> kCodeNames = {
    "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
    "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
    "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
    "DATA_LOSS", "UNAUTHENTICATED"};

constexpr char kOther[] = "other";

const prometheus::Histogram::BucketBoundaries& DurationBuckets() {
  static const auto* const buckets =
      new prometheus::Histogram::BucketBoundaries{50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3,
                                                  50e-3, 100e-3, 250e-3, 500e-3, 1,    2.5,    5,    10,    30};
  return *buckets;
}

// As the enums of metrics.h are ordered.
struct Description {
  const char* name;
  const char* help;
};
constexpr std::array<Description, kGaugeCount> kGauges = {{
    {"tensord_queue_length", "Calls that wait for a worker."},
    {"tensord_queue_overflow_length", "Calls that wait for a place in the queue, or to be refused."},
    {"tensord_memory_used_bytes", "Memory reserved by calls in flight."},
    {"tensord_memory_budget_bytes", "Memory for all calls in flight."},
    {"tensord_multiplications_in_flight", "Multiplications that were admitted and not yet answered."},
    {"tensord_multiplication_budget", "Multiplications of all calls in flight."},
    {"tensord_workers", "Worker threads."},
    {"tensord_clients", "Clients that are remembered."},
    {"tensord_tls_certificate_expiry_timestamp_seconds", "When the TLS certificate in use ends; 0 without TLS."},
}};
constexpr std::array<Description, kCounterCount> kCounters = {{
    {"tensord_multiplications_total", "Multiplications of calls that were answered with OK."},
    {"tensord_worker_busy_seconds_total", "Time that workers spent on calls, summed over the workers."},
    {"tensord_connections_total", "Connections that were accepted."},
    {"tensord_connections_refused_total", "Connections that were closed at once, for want of file descriptors."},
}};

struct Families {
  prometheus::Family<prometheus::Counter>& requests;
  prometheus::Family<prometheus::Histogram>& duration;
  prometheus::Family<prometheus::Gauge>& in_flight;
  prometheus::Family<prometheus::Counter>& received;
  prometheus::Family<prometheus::Counter>& sent;
};

Families MakeFamilies(prometheus::Registry& registry) {
  const auto counter = [&registry](const char* name, const char* help) -> prometheus::Family<prometheus::Counter>& {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  };
  return {counter("tensord_rpc_requests_total", "Calls that ended, by method and status code."),
          prometheus::BuildHistogram()
              .Name("tensord_rpc_duration_seconds")
              .Help("Time from a call's beginning to its end.")
              .Register(registry),
          prometheus::BuildGauge().Name("tensord_rpc_in_flight").Help("Calls being worked on.").Register(registry),
          counter("tensord_rpc_received_bytes_total", "Bytes of request messages."),
          counter("tensord_rpc_sent_bytes_total", "Bytes of response messages.")};
}

size_t IndexOf(grpc::StatusCode code) {
  const auto index = static_cast<size_t>(code);
  return index < kCodeNames.size() ? index : size_t{grpc::StatusCode::UNKNOWN};
}

// The series of one method.
struct MethodSeries {
  std::array<prometheus::Counter*, kCodeNames.size()> requests;
  prometheus::Histogram* duration;
  prometheus::Gauge* in_flight;
  prometheus::Counter* received;
  prometheus::Counter* sent;
};

MethodSeries MakeSeries(const Families& families, const std::string& method) {
  MethodSeries series = {};
  for (size_t i = 0; i < kCodeNames.size(); ++i) {
    series.requests[i] = &families.requests.Add({{"method", method}, {"code", kCodeNames[i]}});
  }
  series.duration = &families.duration.Add({{"method", method}}, DurationBuckets());
  series.in_flight = &families.in_flight.Add({{"method", method}});
  series.received = &families.received.Add({{"method", method}});
  series.sent = &families.sent.Add({{"method", method}});
  return series;
}

// The series that are not any method's.
struct ServerSeries {
  std::array<prometheus::Gauge*, kGaugeCount> gauges;
  std::array<prometheus::Counter*, kCounterCount> counters;
  std::array<prometheus::Counter*, kRefusalReasons.size()> refusals;
  std::array<prometheus::Counter*, kCodeNames.size()> operations;
  prometheus::Histogram* queue_wait;
  std::array<std::array<prometheus::Counter*, 2>, kReloadableNames.size()> reloads;  // failed, ok
  std::array<prometheus::Gauge*, kReloadableNames.size()> reload_failing;
};

ServerSeries MakeServerSeries(prometheus::Registry& registry) {
  ServerSeries series = {};
  for (size_t i = 0; i < kGaugeCount; ++i) {
    series.gauges[i] = &prometheus::BuildGauge().Name(kGauges[i].name).Help(kGauges[i].help).Register(registry).Add({});
  }
  for (size_t i = 0; i < kCounterCount; ++i) {
    series.counters[i] =
        &prometheus::BuildCounter().Name(kCounters[i].name).Help(kCounters[i].help).Register(registry).Add({});
  }
  auto& refusals = prometheus::BuildCounter()
                       .Name("tensord_refusals_total")
                       .Help("Calls, and operations of streams, that ended with another code than OK, by reason.")
                       .Register(registry);
  for (size_t i = 0; i < kRefusalReasons.size(); ++i) {
    series.refusals[i] = &refusals.Add({{"reason", kRefusalReasons[i]}});
  }
  auto& operations = prometheus::BuildCounter()
                         .Name("tensord_stream_operations_total")
                         .Help("Operations of StreamCompute that ended, by status code.")
                         .Register(registry);
  for (size_t i = 0; i < kCodeNames.size(); ++i) series.operations[i] = &operations.Add({{"code", kCodeNames[i]}});
  series.queue_wait = &prometheus::BuildHistogram()
                           .Name("tensord_queue_wait_seconds")
                           .Help("How long calls waited for a worker.")
                           .Register(registry)
                           .Add({}, DurationBuckets());
  auto& reloads = prometheus::BuildCounter()
                      .Name("tensord_reloads_total")
                      .Help("Files read anew, by what they hold and whether they could be used.")
                      .Register(registry);
  auto& failing = prometheus::BuildGauge()
                      .Name("tensord_reload_failing")
                      .Help("1 while the files cannot be used, so that what was read before stays in use.")
                      .Register(registry);
  for (size_t i = 0; i < kReloadableNames.size(); ++i) {
    const std::string what = kReloadableNames[i];
    series.reloads[i] = {&reloads.Add({{"what", what}, {"result", "failed"}}),
                         &reloads.Add({{"what", what}, {"result", "ok"}})};
    series.reload_failing[i] = &failing.Add({{"what", what}});
  }
  return series;
}

}  // namespace

struct PrometheusMetrics::State {
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  std::map<std::string, MethodSeries, std::less<>> methods;  // not changed after Start
  MethodSeries other = {};
  ServerSeries server = {};
  std::shared_ptr<ProcessMetrics> process;
  std::string address;
  std::unique_ptr<prometheus::Exposer> exposer;

  [[nodiscard]] const MethodSeries& series(absl::string_view method) const {
    const auto found = methods.find(std::string_view(method.data(), method.size()));
    return found == methods.end() ? other : found->second;
  }
};

absl::StatusOr<std::unique_ptr<PrometheusMetrics>> PrometheusMetrics::Start(const std::string& address,
                                                                            const std::vector<std::string>& methods,
                                                                            const std::string& version,
                                                                            const Log* log) {
  TENSORD_ASSIGN_OR_RETURN(ListenAddress parsed, ParseListenAddress(address));
  auto state = std::make_unique<State>();
  const Families families = MakeFamilies(*state->registry);
  for (const std::string& method : methods) state->methods.emplace(method, MakeSeries(families, method));
  state->other = MakeSeries(families, kOther);
  state->server = MakeServerSeries(*state->registry);
  state->process = std::make_shared<ProcessMetrics>(log);
  prometheus::BuildGauge()
      .Name("tensord_build_info")
      .Help("Which tensord this is; always 1.")
      .Register(*state->registry)
      .Add({{"version", version}})
      .Set(1);
  try {
    state->exposer = std::make_unique<prometheus::Exposer>(parsed.ToString());
  } catch (const std::exception&) {
    std::string reason = DescribeTcpBindFailure(parsed);
    if (reason.empty()) reason = "the HTTP server did not start";
    return absl::FailedPreconditionError(absl::StrCat("metrics-listen: ", address, " cannot be listened on: ", reason));
  }
  state->exposer->RegisterCollectable(state->registry);
  state->exposer->RegisterCollectable(state->process);
  const std::vector<int> ports = state->exposer->GetListeningPorts();
  if (!ports.empty()) parsed.port = ports.front();
  state->address = parsed.ToString();
  return std::unique_ptr<PrometheusMetrics>(new PrometheusMetrics(std::move(state)));
}

PrometheusMetrics::PrometheusMetrics(std::unique_ptr<State> state) : state_(std::move(state)) {}

PrometheusMetrics::~PrometheusMetrics() = default;

const std::string& PrometheusMetrics::address() const { return state_->address; }

void PrometheusMetrics::CallStarted(absl::string_view method) { state_->series(method).in_flight->Increment(); }

void PrometheusMetrics::CallFinished(absl::string_view method, grpc::StatusCode code, std::chrono::nanoseconds duration,
                                     int64_t received_bytes, int64_t sent_bytes) {
  const MethodSeries& series = state_->series(method);
  series.requests[IndexOf(code)]->Increment();
  series.duration->Observe(std::chrono::duration<double>(duration).count());
  series.in_flight->Decrement();
  series.received->Increment(static_cast<double>(received_bytes));
  series.sent->Increment(static_cast<double>(sent_bytes));
}

void PrometheusMetrics::CallRefused(absl::string_view reason) {
  const auto found =
      std::find_if(kRefusalReasons.begin(), kRefusalReasons.end(), [&](const char* known) { return reason == known; });
  const auto index = found == kRefusalReasons.end() ? kRefusalReasons.size() - 1
                                                    : static_cast<size_t>(found - kRefusalReasons.begin());
  state_->server.refusals[index]->Increment();
}

void PrometheusMetrics::OperationFinished(grpc::StatusCode code) {
  state_->server.operations[IndexOf(code)]->Increment();
}

void PrometheusMetrics::QueueWaited(std::chrono::nanoseconds wait) {
  state_->server.queue_wait->Observe(std::chrono::duration<double>(wait).count());
}

void PrometheusMetrics::Set(Gauge gauge, double value) {
  state_->server.gauges[static_cast<size_t>(gauge)]->Set(value);
}

void PrometheusMetrics::Change(Gauge gauge, double change) {
  state_->server.gauges[static_cast<size_t>(gauge)]->Increment(change);
}

void PrometheusMetrics::Add(Counter counter, double amount) {
  state_->server.counters[static_cast<size_t>(counter)]->Increment(amount);
}

void PrometheusMetrics::ReloadFinished(Reloadable what, bool ok) {
  const auto index = static_cast<size_t>(what);
  state_->server.reloads[index][ok ? 1 : 0]->Increment();
  state_->server.reload_failing[index]->Set(ok ? 0 : 1);
}

}  // namespace tensord::server
