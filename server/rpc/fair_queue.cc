#include "server/rpc/fair_queue.h"

#include <algorithm>
#include <new>

#include "absl/strings/str_cat.h"
#include "server/convert/status_convert.h"
#include "server/rpc/retry.h"
#include "tensord/compute/limits.h"

namespace tensord::server {
namespace {

using std::chrono::milliseconds;
using Nanoseconds = std::chrono::duration<double, std::nano>;

// The least time that a client is asked to stay away when the queue is full.
constexpr milliseconds kLeastRetryDelay{20};
constexpr milliseconds kMostRetryDelay{10'000};
// Expectations are averages: only work that would take twice the time that is left is hopeless.
constexpr double kHopeless = 0.5;

double NsUntil(FairQueue::Clock::time_point deadline, FairQueue::Clock::time_point now) {
  // A far deadline must not overflow the difference.
  if (deadline > now + std::chrono::hours(24 * 365)) return Nanoseconds(std::chrono::hours(24 * 365)).count();
  return Nanoseconds(deadline - now).count();
}

}  // namespace

FairQueue::FairQueue(compute::ThreadPool* pool, int capacity, Metrics* metrics)
    : pool_(pool), capacity_(static_cast<size_t>(capacity)), metrics_(metrics) {}

bool FairQueue::Full() const { return running_ >= pool_->thread_count() && length_ >= capacity_; }

double FairQueue::ExpectedWaitNs() const { return waiting_ns_ / pool_->thread_count(); }

size_t FairQueue::CountOf(const Client* client) const {
  const auto flow = flows_.find(client);
  return flow == flows_.end() ? 0 : flow->second.size();
}

FairQueue::Flows::const_iterator FairQueue::LongestFlow() const {
  return std::max_element(flows_.begin(), flows_.end(),
                          [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
}

absl::Status FairQueue::Overloaded() const {
  const auto wait = std::chrono::duration_cast<milliseconds>(Nanoseconds(std::min(ExpectedWaitNs(), 1e13)));
  return RetryAfter(compute::LimitError("OVERLOADED", "",
                                        absl::StrCat("all ", pool_->thread_count(), " workers are busy and ", length_,
                                                     " requests wait; try again later")),
                    std::clamp(wait, kLeastRetryDelay, kMostRetryDelay));
}

absl::Status FairQueue::CheckRoom(const Client& client) const {
  const std::lock_guard lock(mutex_);
  if (!Full()) return absl::OkStatus();
  const auto longest = LongestFlow();
  const bool gives_way = longest != flows_.end() && CountOf(&client) + 1 < longest->second.size();
  return gives_way ? absl::OkStatus() : Overloaded();
}

absl::Status FairQueue::Submit(Task task) {
  const Clock::time_point now = Clock::now();
  const double expected_ns = task.expected_ns;
  auto waiting = std::make_unique<Waiting>(Waiting{std::move(task), 0, now});
  std::unique_ptr<Waiting> evicted;
  absl::Status refusal;
  {
    const std::lock_guard lock(mutex_);
    const bool waits = running_ >= pool_->thread_count();
    if (waits && ExpectedWaitNs() + expected_ns * kHopeless > NsUntil(waiting->task.deadline, now)) return Overloaded();
    const Client* gives_way = nullptr;
    if (Full()) {
      refusal = Overloaded();
      const auto longest = LongestFlow();
      if (longest == flows_.end() || CountOf(waiting->task.client.get()) + 1 >= longest->second.size()) return refusal;
      gives_way = longest->first;
    }
    Put(std::move(waiting));
    if (gives_way != nullptr) evicted = TakeLastOf(gives_way);
  }
  metrics_->Change(Gauge::kQueueLength, evicted == nullptr ? 1 : 0);
  if (evicted != nullptr) evicted->task.run(refusal);
  Dispatch();
  return absl::OkStatus();
}

void FairQueue::Put(std::unique_ptr<Waiting> waiting) {
  Client& client = *waiting->task.client;
  waiting->start_ns = std::max(now_ns_, client.virtual_finish_ns);
  const double start_ns = waiting->start_ns;
  const double expected_ns = waiting->task.expected_ns;
  const auto [flow, added] = flows_.try_emplace(&client);
  // Without memory nothing is half in.
  try {
    if (added) by_start_.insert({start_ns, &client});
    flow->second.push_back(std::move(waiting));
  } catch (...) {
    if (added) {
      by_start_.erase({start_ns, &client});
      flows_.erase(flow);
    }
    throw;
  }
  client.virtual_finish_ns = start_ns + expected_ns;
  waiting_ns_ += expected_ns;
  ++length_;
}

// Neither of these allocates: the set's node is used again.
std::unique_ptr<FairQueue::Waiting> FairQueue::TakeFirst() {
  if (by_start_.empty()) return nullptr;
  auto node = by_start_.extract(by_start_.begin());
  const auto flow = flows_.find(node.value().second);
  std::unique_ptr<Waiting> first = std::move(flow->second.front());
  flow->second.pop_front();
  now_ns_ = std::max(now_ns_, first->start_ns);
  if (!flow->second.empty()) {
    node.value().first = flow->second.front()->start_ns;
    by_start_.insert(std::move(node));
  }
  Taken(flow, *first);
  return first;
}

std::unique_ptr<FairQueue::Waiting> FairQueue::TakeLastOf(const Client* client) {
  const auto flow = flows_.find(client);
  std::unique_ptr<Waiting> last = std::move(flow->second.back());
  flow->second.pop_back();
  if (flow->second.empty()) by_start_.erase({last->start_ns, client});
  last->task.client->virtual_finish_ns = last->start_ns;
  Taken(flow, *last);
  return last;
}

void FairQueue::Taken(Flows::iterator flow, const Waiting& waiting) {
  --length_;
  // Sums of floating-point numbers drift: an empty queue is an exact beginning.
  waiting_ns_ = length_ == 0 ? 0 : waiting_ns_ - waiting.task.expected_ns;
  if (flow->second.empty()) flows_.erase(flow);
}

void FairQueue::Dispatch() {
  for (;;) {
    std::unique_ptr<Waiting> next;
    {
      const std::lock_guard lock(mutex_);
      if (running_ >= pool_->thread_count()) return;
      next = TakeFirst();
      if (next == nullptr) return;
      ++running_;
    }
    metrics_->Change(Gauge::kQueueLength, -1);
    if (GiveToPool(next)) return;
    next->task.run(compute::LimitError("OUT_OF_MEMORY", "", "no worker could be given the request"));
    const std::lock_guard lock(mutex_);
    --running_;
  }
}

bool FairQueue::GiveToPool(std::unique_ptr<Waiting>& next) {
  // Small enough for std::function to hold without allocating.
  std::function<void()> task = [this, waiting = next.get()] {
    const std::unique_ptr<Waiting> owner(waiting);
    RunTask(*owner);
  };
  try {
    if (!pool_->TrySubmit(task)) return false;
  } catch (const std::bad_alloc&) {
    return false;
  }
  static_cast<void>(next.release());
  return true;
}

void FairQueue::RunTask(Waiting& waiting) {
  const Clock::time_point now = Clock::now();
  metrics_->QueueWaited(std::max(now - waiting.since, Clock::duration::zero()));
  const auto began = std::chrono::steady_clock::now();
  if (waiting.task.expected_ns * kHopeless > NsUntil(waiting.task.deadline, now)) {
    waiting.task.run(
        ErrorWithReason(absl::StatusCode::kDeadlineExceeded, "DEADLINE_TOO_SHORT",
                        absl::StrCat("the work takes about ", static_cast<int64_t>(waiting.task.expected_ns / 1e6),
                                     " ms, and less is left until the deadline; it was not begun")));
  } else {
    waiting.task.run(absl::OkStatus());
  }
  metrics_->Add(Counter::kWorkerBusySeconds,
                std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  {
    const std::lock_guard lock(mutex_);
    --running_;
  }
  Dispatch();
}

void FairQueue::Charge(Client& client, double ns) {
  const std::lock_guard lock(mutex_);
  client.virtual_finish_ns = std::max(client.virtual_finish_ns, now_ns_) + ns;
}

int FairQueue::length() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(length_);
}

}  // namespace tensord::server
