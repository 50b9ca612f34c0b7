#include "client/cli/text.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/cli/bench/histogram_text.h"
#include "client/cli/bench/report.h"

namespace tensord::cli {
namespace {

double Milliseconds(int64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e6; }

std::string Counted(uint64_t count, absl::string_view what) {
  return absl::StrCat(count, " ", what, count == 1 ? "" : "s");
}

std::string HeadText(const BenchResult& result) {
  const BenchSettings& settings = *result.settings;
  std::string text = absl::StrCat("tensord ", Escape(result.version));
  if (result.address.empty()) {
    text += " in this process";
  } else {
    absl::StrAppend(&text, " at ", Escape(result.address), ", ",
                    Counted(static_cast<uint64_t>(settings.connections), "connection"));
  }
  if (settings.rate > 0) {
    const char* const arrivals = settings.load.arrivals == load::Arrivals::kFixed ? "even" : "random";
    absl::StrAppendFormat(&text, "; open loop, %.7g calls/s at %s distances", settings.rate, arrivals);
  } else {
    absl::StrAppend(&text, "; closed loop, ", Counted(static_cast<uint64_t>(settings.load.concurrency), "call"),
                    " in flight");
  }
  return absl::StrCat(text, "; mix ", Escape(settings.mix));
}

std::string SumText(const BenchResult& result) {
  std::string text = absl::StrFormat(
      "%s in %.1f s%s: %d done (%.1f/s), %d failed\n", Counted(result.finished(), "call"), result.seconds(),
      result.is_interrupted ? ", interrupted" : "", result.ok(), result.ok_per_second(), result.failed());
  if (result.settings->rate > 0) {
    absl::StrAppendFormat(&text, "%d due, sent late by p99 %.3f ms", result.counts.due,
                          Milliseconds(result.counts.lag.Quantile(0.99)));
    if (result.counts.skipped > 0) {
      absl::StrAppendFormat(&text, "; %d not sent: %d were in flight already, or the time was over",
                            result.counts.skipped, result.settings->load.max_outstanding);
    }
    text += "\n";
  }
  if (result.settings->load.verify_every > 0) {
    absl::StrAppendFormat(&text, "%s compared with the first of their kind, %d differ\n",
                          Counted(result.counts.compared_answers, "answer"), result.counts.differing_answers);
  }
  return text;
}

std::string LatencyRow(absl::string_view name, uint64_t calls, uint64_t failed, const load::Histogram& latencies) {
  std::string text = absl::StrFormat("%-17s %10d %9d", name, calls, failed);
  for (const double fraction : {0.5, 0.9, 0.99, 0.999, 1.0}) {
    if (latencies.count() == 0) {
      absl::StrAppendFormat(&text, "%11s", "-");
    } else {
      absl::StrAppendFormat(&text, "%11.3f", Milliseconds(latencies.Quantile(fraction)));
    }
  }
  return text + "\n";
}

std::string LatencyTable(const BenchResult& result, const Style& style) {
  std::string text = style.Bold(absl::StrFormat("%-17s %10s %9s%11s%11s%11s%11s%11s", "latency in ms", "calls",
                                                "failed", "p50", "p90", "p99", "p99.9", "max")) +
                     "\n";
  for (size_t i = 0; i < result.settings->kinds.size(); ++i) {
    const KindCounts counts = CountsOf(result, i);
    absl::StrAppend(&text,
                    LatencyRow(result.settings->kinds[i].name, counts.finished, counts.failed, counts.latencies));
  }
  if (result.settings->kinds.size() > 1) {
    absl::StrAppend(&text, LatencyRow("all", result.finished(), result.failed(), result.counts.accepted));
  }
  return text;
}

std::string AnswersTable(const BenchResult& result, const Style& style) {
  std::map<std::string, uint64_t> counts;
  for (const auto& [key, count] : result.counts.codes) counts[key.second] += count;
  std::string text = style.Bold(absl::StrFormat("%-52s %10s", "answers", "calls")) + "\n";
  for (const auto& [label, count] : counts) {
    // A reason is the server's word.
    const std::string name = absl::StrFormat("%-52s", Escape(label));
    absl::StrAppendFormat(&text, "%s %10d\n", label == "OK" ? name : style.Red(name), count);
    const auto example = result.counts.examples.find(label);
    if (example != result.counts.examples.end()) {
      absl::StrAppend(&text, "  the first: ", Escape(example->second), "\n");
    }
  }
  return text;
}

std::string CpuText(const BenchResult& result) {
  return absl::StrFormat(
      "CPU: %.2f s, %.1f us a call, of %s\n", result.cpu_seconds, result.cpu_us_per_call(),
      result.address.empty() ? "client and server, which share this process" : "this client, without the server");
}

}  // namespace

std::string BenchText(const BenchResult& result, const Style& style) {
  std::string text = absl::StrCat(style.Bold(HeadText(result)), "\n", SumText(result), CpuText(result), "\n",
                                  LatencyTable(result, style), "\n", AnswersTable(result, style));
  const std::string histogram = HistogramText(result.counts.accepted, style);
  return histogram.empty() ? text : absl::StrCat(text, "\n", histogram);
}

}  // namespace tensord::cli
