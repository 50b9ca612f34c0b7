// What `tensorctl bench` measured.
#ifndef TENSORD_CLI_BENCH_REPORT_H_
#define TENSORD_CLI_BENCH_REPORT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "client/cli/bench/flags.h"
#include "client/cli/report.h"
#include "client/cli/style.h"
#include "client/load/statistics.h"

namespace tensord::cli {

struct BenchResult {
  const BenchSettings* settings = nullptr;
  std::string address = {};  // empty: the server was in this process
  std::string version = {};  // the server's
  load::PhaseStatistics counts = {};
  double cpu_seconds = 0;  // this process'
  bool is_interrupted = false;

  [[nodiscard]] uint64_t finished() const { return counts.finished(); }
  [[nodiscard]] uint64_t ok() const { return counts.verdict(load::Verdict::kAccepted); }
  [[nodiscard]] uint64_t failed() const { return finished() - ok(); }
  // From when the first call was sent to the last answer.
  [[nodiscard]] double seconds() const;
  [[nodiscard]] double ok_per_second() const;
  [[nodiscard]] double cpu_us_per_call() const;
  // Whether it came to its end, and every answer was OK and the one it should be.
  [[nodiscard]] bool is_success() const;
};

// What one kind of call came to.
struct KindCounts {
  uint64_t finished = 0, failed = 0;
  load::Histogram latencies = {};  // of those that were OK
};
[[nodiscard]] KindCounts CountsOf(const BenchResult& result, size_t kind);

// For programs. Its fields are in docs/ops/bench.md.
[[nodiscard]] Report BenchReport(const BenchResult& result);
// For people; at most 100 columns but for addresses, mixes and what servers say.
[[nodiscard]] std::string BenchText(const BenchResult& result, const Style& style);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_BENCH_REPORT_H_
