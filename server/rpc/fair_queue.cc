#include "server/rpc/fair_queue.h"

#include <algorithm>
#include <new>

#include "absl/strings/str_cat.h"
#include "server/convert/status_convert.h"
#include "server/rpc/guarded.h"
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
// Calls that come refuse those that are overdue; only where none comes does a thread have to wake up for it.
constexpr milliseconds kRefuserSlack{5};

double NsUntil(FairQueue::Clock::time_point deadline, FairQueue::Clock::time_point now) {
  // A far deadline must not overflow the difference.
  if (deadline > now + std::chrono::hours(24 * 365)) return Nanoseconds(std::chrono::hours(24 * 365)).count();
  return Nanoseconds(deadline - now).count();
}

absl::Status NoMemory() {
  return Guard("giving the request to a worker",
               [] { return compute::LimitError("OUT_OF_MEMORY", "", "no worker could be given the request"); });
}

}  // namespace

FairQueue::FairQueue(compute::ThreadPool* pool, int capacity, const OverflowLimits& overflow, Metrics* metrics)
    : pool_(pool), capacity_(static_cast<size_t>(capacity)), metrics_(metrics), overflow_(overflow) {
  if (overflow.capacity > 0) refuser_ = std::jthread([this](const std::stop_token& stop) { RefuseUntil(stop); });
}

bool FairQueue::Full() const { return running_ >= pool_->thread_count() && length_ >= capacity_; }

double FairQueue::ExpectedWaitNs() const { return waiting_ns_ / pool_->thread_count(); }

size_t FairQueue::CountOf(const Client* client) const {
  const auto flow = flows_.find(client);
  return flow == flows_.end() ? 0 : flow->second.size();
}

const Client* FairQueue::WhoGivesWayTo(const Client* client) const {
  const auto longest = std::max_element(flows_.begin(), flows_.end(),
                                        [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  return longest != flows_.end() && CountOf(client) + 1 < longest->second.size() ? longest->first : nullptr;
}

absl::Status FairQueue::Overloaded() const {
  const auto wait = std::chrono::duration_cast<milliseconds>(Nanoseconds(std::min(ExpectedWaitNs(), 1e13)));
  return RetryAfter(compute::LimitError("OVERLOADED", "",
                                        absl::StrCat("all ", pool_->thread_count(), " workers are busy and ",
                                                     length_ + overflow_.size(), " requests wait; try again later")),
                    std::clamp(wait, kLeastRetryDelay, kMostRetryDelay));
}

absl::Status FairQueue::CheckRoom(const Client& client) const {
  const std::lock_guard lock(mutex_);
  return !Full() || !overflow_.full() || WhoGivesWayTo(&client) != nullptr ? absl::OkStatus() : Overloaded();
}

bool FairQueue::full() const {
  const std::lock_guard lock(mutex_);
  return Full();
}

absl::Status FairQueue::Submit(Task task) {
  const Clock::time_point now = Clock::now();
  const double expected_ns = task.expected_ns;
  const Client* const client = task.client.get();
  auto waiting = std::make_unique<Waiting>(Waiting{.task = std::move(task), .since = std::chrono::steady_clock::now()});
  std::unique_ptr<Waiting> evicted;
  absl::Status refusal;
  {
    const std::lock_guard lock(mutex_);
    const bool waits = running_ >= pool_->thread_count();
    if (waits && ExpectedWaitNs() + expected_ns * kHopeless > NsUntil(waiting->task.deadline, now)) return Overloaded();
    if (!Full()) {
      Put(std::move(waiting));
    } else if (const Client* const gives_way = WhoGivesWayTo(client); gives_way != nullptr) {
      refusal = Overloaded();
      Put(std::move(waiting));
      evicted = TakeLastOf(gives_way);
      // From here on nothing may throw: the task is in.
      static_cast<void>(Guard("making room", [&] {
        if (!overflow_.full()) PutInOverflow(std::move(evicted));
        return absl::OkStatus();
      }));
    } else if (overflow_.full()) {
      return Overloaded();
    } else {
      PutInOverflow(std::move(waiting));
    }
  }
  if (evicted != nullptr) evicted->task.run(refusal);
  Dispatch();
  RefuseOverdue();
  return absl::OkStatus();
}

void FairQueue::Put(std::unique_ptr<Waiting>&& waiting) {
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
  metrics_->Change(Gauge::kQueueLength, 1);
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
  last->was_in_queue = true;
  Taken(flow, *last);
  return last;
}

void FairQueue::Taken(Flows::iterator flow, const Waiting& waiting) {
  --length_;
  metrics_->Change(Gauge::kQueueLength, -1);
  ForgetWork(waiting);
  if (flow->second.empty()) flows_.erase(flow);
}

void FairQueue::ForgetWork(const Waiting& waiting) {
  // Sums of floating-point numbers drift: an empty queue is an exact beginning.
  waiting_ns_ = length_ == 0 && overflow_.empty() ? 0 : waiting_ns_ - waiting.task.expected_ns;
}

void FairQueue::PutInOverflow(std::unique_ptr<Waiting>&& waiting) {
  const double expected_ns = waiting->task.expected_ns;
  const auto since = waiting->since;
  // What was in the queue already has waited longest.
  if (waiting->was_in_queue) {
    overflow_.PushFront(std::move(waiting), since);
  } else {
    overflow_.PushBack(std::move(waiting), since);
  }
  waiting_ns_ += expected_ns;
  metrics_->Change(Gauge::kQueueOverflowLength, 1);
  overflowed_.notify_one();
}

std::unique_ptr<FairQueue::Waiting> FairQueue::Refill() {
  while (length_ < capacity_ && !overflow_.empty()) {
    std::unique_ptr<Waiting> oldest = std::move(overflow_.oldest());
    overflow_.PopOldest();
    metrics_->Change(Gauge::kQueueOverflowLength, -1);
    ForgetWork(*oldest);
    const absl::Status put = Guard("queueing", [&] {
      Put(std::move(oldest));
      return absl::OkStatus();
    });
    if (!put.ok()) return oldest;
  }
  return nullptr;
}

std::chrono::steady_clock::time_point FairQueue::RefuseOverdue() {
  for (;;) {
    std::optional<std::unique_ptr<Waiting>> overdue;
    absl::Status refusal;
    {
      const std::lock_guard lock(mutex_);
      std::chrono::steady_clock::time_point next;
      overdue = overflow_.TakeOverdue(std::chrono::steady_clock::now(), next);
      if (!overdue.has_value()) return next;
      metrics_->Change(Gauge::kQueueOverflowLength, -1);
      ForgetWork(**overdue);
      refusal = Guard("refusing", [this] { return Overloaded(); });
    }
    (*overdue)->task.run(refusal);
  }
}

void FairQueue::RefuseUntil(const std::stop_token& stop) {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      overflowed_.wait(lock, stop, [this] { return !overflow_.empty(); });
    }
    const auto next = RefuseOverdue();
    std::unique_lock lock(mutex_);
    if (stop.stop_requested()) return;
    // What came after nothing was there has a time of its own, which is asked for above.
    if (next == std::chrono::steady_clock::time_point::max()) continue;
    if (!overflow_.empty()) overflowed_.wait_until(lock, stop, next + kRefuserSlack, [] { return false; });
  }
}

void FairQueue::Dispatch() {
  for (;;) {
    std::unique_ptr<Waiting> next;
    std::unique_ptr<Waiting> lost;
    {
      const std::lock_guard lock(mutex_);
      if (running_ >= pool_->thread_count()) return;
      next = TakeFirst();
      if (next == nullptr) return;
      ++running_;
      lost = Refill();
    }
    if (lost != nullptr) lost->task.run(NoMemory());
    if (GiveToPool(next)) return;
    next->task.run(NoMemory());
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
  const auto began = std::chrono::steady_clock::now();
  metrics_->QueueWaited(began - waiting.since);
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
