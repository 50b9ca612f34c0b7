// Which call runs next: fair between clients, first in first out within one.
#ifndef TENSORD_SERVER_RPC_FAIR_QUEUE_H_
#define TENSORD_SERVER_RPC_FAIR_QUEUE_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "server/metrics/metrics.h"
#include "server/rpc/client_registry.h"
#include "server/rpc/overflow.h"
#include "tensord/compute/thread_pool.h"

namespace tensord::server {

// A bounded queue in front of a pool's workers.
//
// Start-time fair queueing (Goyal, Vin, Cheng: Start-time Fair Queuing, SIGCOMM 1996): a piece of work starts, on the
// queue's own clock, when its client's last one ended there, but not before now; it ends its cost later. A free worker
// gets the piece with the earliest start, whose start becomes the clock's now. When the queue is full, the client with
// the most waiting calls gives way to one that has fewer.
//
// Whoever finds no place waits for one in the overflow: a few milliseconds at least, and longer where refusing all at
// once would take the processor from those that were let in (docs/adr/0009).
//
// Threads: every member may be called from any thread.
class FairQueue {
 public:
  using Clock = std::chrono::system_clock;  // as deadlines are

  struct Task {
    std::shared_ptr<Client> client;
    double expected_ns = 0;  // of work
    Clock::time_point deadline = Clock::time_point::max();
    // Called once: on a worker, with OK; or, on any thread, with why it will not run. Must not throw.
    std::function<void(const absl::Status& turn)> run;
  };

  // At most `capacity` tasks wait while all workers are busy, and those of the overflow. `pool` has to have room for as
  // many tasks as it has threads; `pool` and `metrics` have to outlive every task.
  FairQueue(compute::ThreadPool* pool, int capacity, const OverflowLimits& overflow, Metrics* metrics);

  // Queues the task, or runs it as soon as a worker can. Otherwise kResourceExhausted, reason OVERLOADED, with the
  // advice when to try again: there is no room, or the task's deadline would pass before it had ended. Then the task
  // has not been called. What waits may be refused in the same way later.
  [[nodiscard]] absl::Status Submit(Task task);

  // OVERLOADED where a call of `client` that needs a worker would be refused now, whatever it costs.
  [[nodiscard]] absl::Status CheckRoom(const Client& client) const;

  // Whether a task would have to wait for a place in the queue.
  [[nodiscard]] bool full() const;

  // Charges a client for work that its task turned out to be, beyond what was expected (below 0: gives back).
  void Charge(Client& client, double ns);

  [[nodiscard]] int length() const;

 private:
  struct Waiting {
    Task task;
    std::chrono::steady_clock::time_point since;
    double start_ns = 0;
    bool was_in_queue = false;
  };
  using Flows = std::map<const Client*, std::deque<std::unique_ptr<Waiting>>>;  // none is empty

  // These with the lock held.
  [[nodiscard]] bool Full() const;
  [[nodiscard]] absl::Status Overloaded() const;
  [[nodiscard]] double ExpectedWaitNs() const;
  [[nodiscard]] size_t CountOf(const Client* client) const;
  // Who would give way to a task of `client` in the full queue; null where nobody would.
  [[nodiscard]] const Client* WhoGivesWayTo(const Client* client) const;
  // `waiting` is untouched where there is no memory for it (std::bad_alloc).
  void Put(std::unique_ptr<Waiting>&& waiting);
  void PutInOverflow(std::unique_ptr<Waiting>&& waiting);
  std::unique_ptr<Waiting> TakeFirst();
  std::unique_ptr<Waiting> TakeLastOf(const Client* client);
  void Taken(Flows::iterator flow, const Waiting& waiting);
  void ForgetWork(const Waiting& waiting);
  // Gives places that are free to what waits for one. Null, or what there is no memory for.
  std::unique_ptr<Waiting> Refill();

  // These without the lock. Gives the pool what is next, where a worker is free.
  void Dispatch();
  // Refuses what has waited enough; when to do so again.
  std::chrono::steady_clock::time_point RefuseOverdue();
  // Does so again and again.
  void RefuseUntil(const std::stop_token& stop);
  // False where it cannot take it; the pool owns it otherwise.
  bool GiveToPool(std::unique_ptr<Waiting>& next);
  void RunTask(Waiting& waiting);

  compute::ThreadPool* const pool_;
  const size_t capacity_;
  Metrics* const metrics_;
  mutable std::mutex mutex_;
  Flows flows_;                                          // guarded by mutex_; clients with waiting tasks
  std::set<std::pair<double, const Client*>> by_start_;  // guarded by mutex_; the start of each one's first task
  size_t length_ = 0;                                    // guarded by mutex_
  Overflow<std::unique_ptr<Waiting>> overflow_;          // guarded by mutex_
  std::condition_variable_any overflowed_;
  double waiting_ns_ = 0;  // guarded by mutex_; expected work of all that waits
  double now_ns_ = 0;      // guarded by mutex_; the queue's clock
  int running_ = 0;        // guarded by mutex_
  std::jthread refuser_;   // the last member: it uses the others
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_FAIR_QUEUE_H_
