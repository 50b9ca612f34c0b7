#include "client/cli/bench/report.h"

#include <algorithm>
#include <map>
#include <utility>

#include "client/cli/bench/histogram_text.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::ordered_json;

double Milliseconds(int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

// null where there is none.
Json LatencyJson(const load::Histogram& histogram) {
  if (histogram.count() == 0) return nullptr;
  return {{"p50", Milliseconds(histogram.Quantile(0.5))},
          {"p90", Milliseconds(histogram.Quantile(0.9))},
          {"p99", Milliseconds(histogram.Quantile(0.99))},
          {"p999", Milliseconds(histogram.Quantile(0.999))},
          {"max", Milliseconds(histogram.max())}};
}

Json ServerJson(const BenchResult& result) {
  return {{"address", result.address.empty() ? Json(nullptr) : Json(result.address)}, {"version", result.version}};
}

Json LoadJson(const BenchSettings& settings) {
  Json load = {{"loop", settings.rate > 0 ? "open" : "closed"}};
  if (settings.rate > 0) {
    load["rate"] = settings.rate;
    load["arrivals"] = settings.load.arrivals == load::Arrivals::kFixed ? "fixed" : "poisson";
    load["max_outstanding"] = settings.load.max_outstanding;
  } else {
    load["concurrency"] = settings.load.concurrency;
  }
  load["connections"] = settings.connections;
  load["mix"] = settings.mix;
  load["seed"] = settings.load.seed;
  load["warm_up_seconds"] = settings.warm_up_seconds;
  return load;
}

// By answer: how often, and the first message of each.
Json AnswersJson(const BenchResult& result) {
  std::map<std::string, uint64_t> counts;
  for (const auto& [key, count] : result.counts.codes) counts[key.second] += count;
  Json answers = Json::array();
  for (const auto& [label, count] : counts) {
    const size_t blank = std::min(label.find(' '), label.size());
    Json answer = {{"code", label.substr(0, blank)}};
    if (blank < label.size()) answer["reason"] = label.substr(blank + 1);
    answer["count"] = count;
    const auto example = result.counts.examples.find(label);
    if (example != result.counts.examples.end()) answer["first_message"] = example->second;
    answers.push_back(std::move(answer));
  }
  return answers;
}

Json KindsJson(const BenchResult& result) {
  Json kinds = Json::array();
  for (size_t i = 0; i < result.settings->kinds.size(); ++i) {
    const KindCounts counts = CountsOf(result, i);
    kinds.push_back({{"kind", result.settings->kinds[i].name},
                     {"call_count", counts.finished},
                     {"failed_count", counts.failed},
                     {"latency_ms", LatencyJson(counts.latencies)}});
  }
  return kinds;
}

Json HistogramJson(const load::Histogram& histogram) {
  Json rows = Json::array();
  for (const HistogramRow& row : HistogramRows(histogram)) {
    rows.push_back({{"up_to_ms", Milliseconds(row.up_to_ns)}, {"count", row.count}});
  }
  return rows;
}

}  // namespace

double BenchResult::seconds() const {
  if (counts.first_sent_ns < 0 || counts.last_answer_ns < counts.first_sent_ns) return 0;
  return static_cast<double>(counts.last_answer_ns - counts.first_sent_ns) / 1e9;
}

double BenchResult::ok_per_second() const { return seconds() > 0 ? static_cast<double>(ok()) / seconds() : 0; }

double BenchResult::cpu_us_per_call() const {
  return finished() > 0 ? cpu_seconds * 1e6 / static_cast<double>(finished()) : 0;
}

bool BenchResult::is_success() const {
  return !is_interrupted && ok() > 0 && failed() == 0 && counts.differing_answers == 0;
}

KindCounts CountsOf(const BenchResult& result, size_t kind) {
  KindCounts counts;
  for (const auto& [key, count] : result.counts.codes) {
    if (key.first != kind) continue;
    counts.finished += count;
    if (key.second != "OK") counts.failed += count;
  }
  const auto latencies = result.counts.accepted_by_kind.find(kind);
  if (latencies != result.counts.accepted_by_kind.end()) counts.latencies = latencies->second;
  return counts;
}

Report BenchReport(const BenchResult& result) {
  Report report;
  report.values = {{"server", ServerJson(result)},    {"load", LoadJson(*result.settings)},
                   {"seconds", result.seconds()},     {"interrupted", result.is_interrupted},
                   {"call_count", result.finished()}, {"ok_count", result.ok()},
                   {"failed_count", result.failed()}, {"ok_per_second", result.ok_per_second()}};
  if (result.settings->rate > 0) {
    report.values.push_back({"due_count", result.counts.due});
    report.values.push_back({"not_sent_count", result.counts.skipped});
    report.values.push_back({"send_lag_ms", LatencyJson(result.counts.lag)});
  }
  report.values.push_back({"latency_ms", LatencyJson(result.counts.accepted)});
  report.values.push_back({"kinds", KindsJson(result)});
  report.values.push_back({"answers", AnswersJson(result)});
  if (result.settings->load.verify_every > 0) {
    report.values.push_back({"compared_count", result.counts.compared_answers});
    report.values.push_back({"differing_count", result.counts.differing_answers});
  }
  report.values.push_back({"cpu",
                           {{"of", result.address.empty() ? "client and server" : "client"},
                            {"seconds", result.cpu_seconds},
                            {"us_per_call", result.cpu_us_per_call()}}});
  report.values.push_back({"histogram", HistogramJson(result.counts.accepted)});
  return report;
}

}  // namespace tensord::cli
