// Which call runs next: fair between clients, first in first out within one.
#ifndef TENSORD_SERVER_RPC_FAIR_QUEUE_H_
#define TENSORD_SERVER_RPC_FAIR_QUEUE_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "server/metrics/metrics.h"
#include "server/rpc/client_registry.h"
#include "tensord/compute/thread_pool.h"

namespace tensord::server {

// A bounded queue in front of a pool's workers.
//
// Start-time fair queueing (Goyal, Vin, Cheng: Start-time Fair Queuing, SIGCOMM 1996): a piece of work starts, on the
// queue's own clock, when its client's last one ended there, but not before now; it ends its cost later. A free worker
// gets the piece with the earliest start, whose start becomes the clock's now. When the queue is full, the client with
// the most waiting calls gives way to one that has fewer.
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

  // At most `capacity` tasks wait while all workers are busy. `pool` has to have room for as many tasks as it has
  // threads; `pool` and `metrics` have to outlive every task.
  FairQueue(compute::ThreadPool* pool, int capacity, Metrics* metrics);

  // Queues the task, or runs it as soon as a worker can. Otherwise kResourceExhausted, reason OVERLOADED, with the
  // advice when to try again: the queue is full, or the task's deadline would pass before it had ended. Then the task
  // has not been called.
  [[nodiscard]] absl::Status Submit(Task task);

  // OVERLOADED where a call of `client` that needs a worker would be refused now, whatever it costs.
  [[nodiscard]] absl::Status CheckRoom(const Client& client) const;

  // Charges a client for work that its task turned out to be, beyond what was expected.
  void Charge(Client& client, double ns);

  [[nodiscard]] int length() const;

 private:
  struct Waiting {
    Task task;
    double start_ns;
    Clock::time_point since;
  };
  using Flows = std::map<const Client*, std::deque<std::unique_ptr<Waiting>>>;  // none is empty

  // These with the lock held.
  [[nodiscard]] bool Full() const;
  [[nodiscard]] absl::Status Overloaded() const;
  [[nodiscard]] double ExpectedWaitNs() const;
  [[nodiscard]] size_t CountOf(const Client* client) const;
  // The client with the most waiting tasks; end() where nothing waits.
  [[nodiscard]] Flows::const_iterator LongestFlow() const;
  void Put(std::unique_ptr<Waiting> waiting);
  std::unique_ptr<Waiting> TakeFirst();
  std::unique_ptr<Waiting> TakeLastOf(const Client* client);
  void Taken(Flows::iterator flow, const Waiting& waiting);

  // These without the lock. Gives the pool what is next, where a worker is free.
  void Dispatch();
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
  double waiting_ns_ = 0;                                // guarded by mutex_; expected work of what waits
  double now_ns_ = 0;                                    // guarded by mutex_; the queue's clock
  int running_ = 0;                                      // guarded by mutex_
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_FAIR_QUEUE_H_
