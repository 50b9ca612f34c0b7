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

}  // namespace

struct PrometheusMetrics::State {
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  std::map<std::string, MethodSeries, std::less<>> methods;  // not changed after Start
  MethodSeries other = {};
  std::string address;
  std::unique_ptr<prometheus::Exposer> exposer;

  [[nodiscard]] const MethodSeries& series(absl::string_view method) const {
    const auto found = methods.find(std::string(method));
    return found == methods.end() ? other : found->second;
  }
};

absl::StatusOr<std::unique_ptr<PrometheusMetrics>> PrometheusMetrics::Start(const std::string& address,
                                                                            const std::vector<std::string>& methods,
                                                                            const std::string& version) {
  TENSORD_ASSIGN_OR_RETURN(ListenAddress parsed, ParseListenAddress(address));
  auto state = std::make_unique<State>();
  const Families families = MakeFamilies(*state->registry);
  for (const std::string& method : methods) state->methods.emplace(method, MakeSeries(families, method));
  state->other = MakeSeries(families, kOther);
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
  const auto index = static_cast<size_t>(code);
  series.requests[index < kCodeNames.size() ? index : size_t{grpc::StatusCode::UNKNOWN}]->Increment();
  series.duration->Observe(std::chrono::duration<double>(duration).count());
  series.in_flight->Decrement();
  series.received->Increment(static_cast<double>(received_bytes));
  series.sent->Increment(static_cast<double>(sent_bytes));
}

}  // namespace tensord::server
