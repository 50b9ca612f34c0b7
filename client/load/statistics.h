// What became of the calls, by phase and by second.
#ifndef TENSORD_LOAD_STATISTICS_H_
#define TENSORD_LOAD_STATISTICS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "client/load/histogram.h"
#include "client/load/verdict.h"

namespace tensord::load {

constexpr size_t kVerdictCount = 5;

struct PhaseStatistics {
  uint64_t due = 0;      // moments that the schedule had
  uint64_t sent = 0;     // calls
  uint64_t skipped = 0;  // due, and not sent: too many were in flight, or the phase was over before their turn came
  std::array<uint64_t, kVerdictCount> verdicts{};
  std::map<std::pair<size_t, std::string>, uint64_t> codes;  // by kind's index and label
  std::map<std::string, std::string> examples;               // the first message of each label that was unexpected
  uint64_t refusals_with_retry_info = 0;
  uint64_t refusals_with_pushback = 0;
  uint64_t compared_answers = 0, differing_answers = 0;
  Histogram accepted, refused, hostile;  // latencies
  std::map<size_t, Histogram> accepted_by_kind;
  // After the start of the run; -1 where there was none.
  int64_t first_sent_ns = -1, last_answer_ns = -1;
  Histogram lag;  // how long after its moment a call was sent

  uint64_t verdict(Verdict verdict) const { return verdicts[static_cast<size_t>(verdict)]; }
  uint64_t finished() const;
};

// One second of the whole run, by when answers came.
struct Second {
  uint64_t sent = 0, accepted = 0, refused = 0, late = 0, unexpected = 0;
  int64_t p50_ns = 0, p99_ns = 0;  // of what was accepted
};

struct Finished {
  size_t phase = 0;
  size_t kind = 0;
  Verdict verdict = Verdict::kUnexpected;
  std::string label = "OK";
  std::string message = {};  // of what is unexpected
  int64_t latency_ns = 0;
  int64_t at_ns = 0;  // after the start of the run
  bool has_retry_info = false, has_pushback = false;
  bool compared = false, differs = false;
};

// Safe to use from several threads.
class Statistics {
 public:
  explicit Statistics(size_t phase_count) : phases_(phase_count) {}

  void Sent(size_t phase, int64_t lag_ns, int64_t at_ns);
  void Skipped(size_t phase, uint64_t count);
  void Done(const Finished& call);

  std::vector<PhaseStatistics> phases() const;
  // What phases() would have, without a copy of it.
  uint64_t finished_count(size_t phase) const;
  uint64_t accepted_count(size_t phase) const;
  // Up to the last second in which something happened.
  std::vector<Second> seconds() const;

 private:
  Second& SecondAt(int64_t at_ns);  // needs mutex_
  void CloseSecond();               // needs mutex_

  mutable std::mutex mutex_;
  std::vector<PhaseStatistics> phases_;
  std::vector<Second> seconds_;
  Histogram current_;  // what was accepted in the second that current_second_ is
  size_t current_second_ = 0;
};

}  // namespace tensord::load

#endif  // TENSORD_LOAD_STATISTICS_H_
