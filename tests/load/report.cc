#include "tests/load/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tensord::load {
namespace {

using Json = nlohmann::ordered_json;

double Milliseconds(int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

double PerCallMicroseconds(const Result& result) {
  uint64_t calls = 0;
  for (const PhaseStatistics& phase : result.phases) calls += phase.finished();
  return calls == 0 ? 0 : result.cpu_seconds * 1e6 / static_cast<double>(calls);
}

double Share(uint64_t part, uint64_t all) {
  return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

std::string LatencyLine(const char* name, const Histogram& histogram) {
  if (histogram.count() == 0) return "";
  return absl::StrFormat("  %-9s %9d calls   p50 %.3f   p99 %.3f   p99.9 %.3f   max %.3f ms\n", name, histogram.count(),
                         Milliseconds(histogram.Quantile(0.5)), Milliseconds(histogram.Quantile(0.99)),
                         Milliseconds(histogram.Quantile(0.999)), Milliseconds(histogram.max()));
}

bool IsExpected(const Result& result, size_t kind, const std::string& label) {
  const std::vector<std::string>& expected = (*result.kinds)[kind].expected;
  return std::find(expected.begin(), expected.end(), label) != expected.end();
}

std::string PhaseText(const Result& result, size_t index) {
  const Phase& phase = result.options->phases[index];
  const PhaseStatistics& counts = result.phases[index];
  const auto per_second = [&](uint64_t count) { return static_cast<double>(count) / phase.seconds; };
  std::string text = absl::StrFormat("%s: %.1f s", phase.name, phase.seconds);
  if (phase.rate > 0) absl::StrAppendFormat(&text, ", %.1f calls/s due", per_second(counts.due));
  absl::StrAppendFormat(&text, ", %.1f/s sent, goodput %.1f/s\n", per_second(counts.sent),
                        per_second(counts.verdict(Verdict::kAccepted)));
  absl::StrAppend(&text, LatencyLine("accepted", counts.accepted), LatencyLine("refused", counts.refused),
                  LatencyLine("hostile", counts.hostile));
  if (counts.refused.count() > 0) {
    absl::StrAppendFormat(&text, "  refusals with RetryInfo %.2f %%, with grpc-retry-pushback-ms %.2f %%\n",
                          100 * Share(counts.refusals_with_retry_info, counts.refused.count()),
                          100 * Share(counts.refusals_with_pushback, counts.refused.count()));
  }
  if (phase.rate > 0) {
    absl::StrAppendFormat(&text, "  generator p99 of sending late %.3f ms; due and not sent %d\n",
                          Milliseconds(counts.lag.Quantile(0.99)), counts.skipped);
  }
  for (const auto& [key, count] : counts.codes) {
    absl::StrAppendFormat(&text, "    %-24s %-44s %10d%s\n", (*result.kinds)[key.first].name, key.second, count,
                          IsExpected(result, key.first, key.second) ? "" : "  (not its own answer)");
  }
  for (const auto& [label, message] : counts.examples) {
    absl::StrAppendFormat(&text, "    unexpected %s, for example: \"%s\"\n", label, absl::CEscape(message));
  }
  absl::StrAppendFormat(&text, "  late %d; compared answers %d, differing %d; unexpected %d\n",
                        counts.verdict(Verdict::kLate), counts.compared_answers, counts.differing_answers,
                        counts.verdict(Verdict::kUnexpected));
  return text;
}

Json LatencyJson(const Histogram& histogram) {
  return {{"count", histogram.count()},
          {"p50_ms", Milliseconds(histogram.Quantile(0.5))},
          {"p99_ms", Milliseconds(histogram.Quantile(0.99))},
          {"p999_ms", Milliseconds(histogram.Quantile(0.999))},
          {"max_ms", Milliseconds(histogram.max())}};
}

Json PhaseJson(const Result& result, size_t index) {
  const Phase& phase = result.options->phases[index];
  const PhaseStatistics& counts = result.phases[index];
  Json codes = Json::array();
  for (const auto& [key, count] : counts.codes) {
    codes.push_back({{"kind", (*result.kinds)[key.first].name},
                     {"answer", key.second},
                     {"count", count},
                     {"own", IsExpected(result, key.first, key.second)}});
  }
  return {{"name", phase.name},
          {"seconds", phase.seconds},
          {"due", counts.due},
          {"sent", counts.sent},
          {"skipped", counts.skipped},
          {"goodput", static_cast<double>(counts.verdict(Verdict::kAccepted)) / phase.seconds},
          {"accepted", LatencyJson(counts.accepted)},
          {"refused", LatencyJson(counts.refused)},
          {"hostile", LatencyJson(counts.hostile)},
          {"lag", LatencyJson(counts.lag)},
          {"refusals_with_retry_info", counts.refusals_with_retry_info},
          {"refusals_with_pushback", counts.refusals_with_pushback},
          {"late", counts.verdict(Verdict::kLate)},
          {"unexpected", counts.verdict(Verdict::kUnexpected)},
          {"compared_answers", counts.compared_answers},
          {"differing_answers", counts.differing_answers},
          {"codes", codes},
          {"examples", counts.examples}};
}

}  // namespace

uint64_t UnexpectedCount(const Result& result) {
  uint64_t count = 0;
  for (const PhaseStatistics& phase : result.phases) {
    count += phase.verdict(Verdict::kUnexpected) + phase.differing_answers;
  }
  return count;
}

uint64_t AcceptedCount(const Result& result) {
  uint64_t count = 0;
  for (const PhaseStatistics& phase : result.phases) count += phase.verdict(Verdict::kAccepted);
  return count;
}

std::string ToText(const Result& result) {
  std::string text;
  for (size_t i = 0; i < result.phases.size(); ++i) absl::StrAppend(&text, PhaseText(result, i));
  absl::StrAppendFormat(&text, "generator: %.2f s of CPU in %.1f s, %.1f us a call\nunexpected: %d\n",
                        result.cpu_seconds, result.elapsed_seconds, PerCallMicroseconds(result),
                        UnexpectedCount(result));
  return text;
}

std::string ToJson(const Result& result) {
  Json phases = Json::array();
  for (size_t i = 0; i < result.phases.size(); ++i) phases.push_back(PhaseJson(result, i));
  Json seconds = Json::array();
  for (const Second& second : result.seconds) {
    seconds.push_back({{"sent", second.sent},
                       {"accepted", second.accepted},
                       {"refused", second.refused},
                       {"late", second.late},
                       {"unexpected", second.unexpected},
                       {"p50_ms", Milliseconds(second.p50_ns)},
                       {"p99_ms", Milliseconds(second.p99_ns)}});
  }
  const Json json = {{"schema_version", 1},
                     {"target", result.options->target},
                     {"mix", result.options->mix},
                     {"hostile_percent", result.options->hostile_percent},
                     {"elapsed_seconds", result.elapsed_seconds},
                     {"generator_cpu_seconds", result.cpu_seconds},
                     {"generator_cpu_us_per_call", PerCallMicroseconds(result)},
                     {"unexpected", UnexpectedCount(result)},
                     {"phases", phases},
                     {"seconds", seconds}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tensord::load
