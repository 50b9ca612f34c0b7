#include "client/load/statistics.h"

#include <algorithm>
#include <numeric>

namespace tensord::load {

uint64_t PhaseStatistics::finished() const { return std::accumulate(verdicts.begin(), verdicts.end(), uint64_t{0}); }

Second& Statistics::SecondAt(int64_t at_ns) {
  const auto index = static_cast<size_t>(at_ns / 1'000'000'000);
  if (index >= seconds_.size()) seconds_.resize(index + 1);
  return seconds_[index];
}

void Statistics::CloseSecond() {
  if (current_.count() == 0) return;
  seconds_[current_second_].p50_ns = current_.Quantile(0.5);
  seconds_[current_second_].p99_ns = current_.Quantile(0.99);
  current_ = {};
}

void Statistics::Sent(size_t phase, int64_t lag_ns, int64_t at_ns) {
  const std::lock_guard lock(mutex_);
  ++phases_[phase].due;
  ++phases_[phase].sent;
  int64_t& first = phases_[phase].first_sent_ns;
  if (first < 0 || at_ns < first) first = at_ns;
  phases_[phase].lag.Record(lag_ns);
  ++SecondAt(at_ns).sent;
}

void Statistics::Skipped(size_t phase, uint64_t count) {
  const std::lock_guard lock(mutex_);
  phases_[phase].due += count;
  phases_[phase].skipped += count;
}

void Statistics::Done(const Finished& call) {
  const std::lock_guard lock(mutex_);
  PhaseStatistics& phase = phases_[call.phase];
  ++phase.verdicts[static_cast<size_t>(call.verdict)];
  ++phase.codes[{call.kind, call.label}];
  phase.last_answer_ns = std::max(phase.last_answer_ns, call.at_ns);
  phase.compared_answers += call.compared ? 1 : 0;
  phase.differing_answers += call.differs ? 1 : 0;
  Second& second = SecondAt(call.at_ns);
  switch (call.verdict) {
    case Verdict::kAccepted: {
      // Two threads may come here a little out of order: what is late counts for the newer second.
      const auto index = static_cast<size_t>(call.at_ns / 1'000'000'000);
      if (index > current_second_) {
        CloseSecond();
        current_second_ = index;
      }
      current_.Record(call.latency_ns);
      phase.accepted.Record(call.latency_ns);
      phase.accepted_by_kind[call.kind].Record(call.latency_ns);
      ++second.accepted;
      break;
    }
    case Verdict::kRefused:
      phase.refused.Record(call.latency_ns);
      phase.refusals_with_retry_info += call.has_retry_info ? 1 : 0;
      phase.refusals_with_pushback += call.has_pushback ? 1 : 0;
      ++second.refused;
      break;
    case Verdict::kHostile:
      phase.hostile.Record(call.latency_ns);
      break;
    case Verdict::kLate:
      ++second.late;
      break;
    case Verdict::kUnexpected:
      ++second.unexpected;
      phase.examples.try_emplace(call.label, call.message);
      break;
  }
}

uint64_t Statistics::finished_count(size_t phase) const {
  const std::lock_guard lock(mutex_);
  return phases_[phase].finished();
}

uint64_t Statistics::accepted_count(size_t phase) const {
  const std::lock_guard lock(mutex_);
  return phases_[phase].verdict(Verdict::kAccepted);
}

std::vector<PhaseStatistics> Statistics::phases() const {
  const std::lock_guard lock(mutex_);
  return phases_;
}

std::vector<Second> Statistics::seconds() const {
  const std::lock_guard lock(mutex_);
  std::vector<Second> seconds = seconds_;
  if (current_.count() > 0) {
    seconds[current_second_].p50_ns = current_.Quantile(0.5);
    seconds[current_second_].p99_ns = current_.Quantile(0.99);
  }
  return seconds;
}

}  // namespace tensord::load
