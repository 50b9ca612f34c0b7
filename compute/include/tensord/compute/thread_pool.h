// A bounded pool of worker threads for whole requests and for the loops inside them.
#ifndef TENSORD_COMPUTE_THREAD_POOL_H_
#define TENSORD_COMPUTE_THREAD_POOL_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tensord/compute/execution.h"

namespace tensord::compute {

// Worker threads that run tasks from a bounded queue, and help each other with loops.
//
// A task runs on one worker. When it calls ParallelFor, idle workers take pieces of its loop; the calling thread works
// on them as well, so that a loop always ends, however busy the pool is. Workers prefer helping to starting a new task.
// A piece runs in the floating-point mode of the thread that called ParallelFor, whoever takes it.
// Threads: every member may be called from any thread; ParallelFor from threads outside the pool too.
class ThreadPool final : public Executor {
 public:
  // Starts `thread_count` >= 1 workers. At most `queue_capacity` >= 0 tasks wait while all workers are busy.
  ThreadPool(int thread_count, int queue_capacity);
  // Runs what is queued, then joins.
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Queues `task`, or returns false where the queue is full or the pool is stopping: then `task` is untouched.
  // An idle worker counts as free room, so that a queue of capacity 0 still accepts one task per idle worker.
  [[nodiscard]] bool TrySubmit(std::function<void()>& task);

  void ParallelFor(int64_t count, absl::FunctionRef<void(int64_t)> body) override;
  [[nodiscard]] int thread_count() const override { return static_cast<int>(workers_.size()); }

  // Tasks waiting, and tasks running, at this moment.
  [[nodiscard]] int queued_count() const;
  [[nodiscard]] int running_count() const;

 private:
  struct Loop;

  void WorkerMain();
  // Takes pieces of `loop` until none is left. Called without the lock.
  static void RunPieces(Loop& loop);

  const size_t queue_capacity_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;  // guarded by mutex_
  std::list<std::shared_ptr<Loop>> loops_;   // guarded by mutex_; loops that still have pieces to take
  int running_ = 0;                          // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::vector<std::thread> workers_;
};

}  // namespace tensord::compute

#endif  // TENSORD_COMPUTE_THREAD_POOL_H_
