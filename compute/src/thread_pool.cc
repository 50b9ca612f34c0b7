#include "tensord/compute/thread_pool.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "tensord/compute/floating_point_mode.h"

namespace tensord::compute {
namespace {

// How often the caller of a loop looks for its end before it sleeps, some 50 microseconds: to be woken takes 15 to 50.
constexpr int kLooks = 100;

}  // namespace

// A loop that is being run. Pieces are handed out by a counter; the thread that started it waits until all have ended.
struct ThreadPool::Loop {
  Loop(int64_t piece_count, absl::FunctionRef<void(int64_t)> piece_body) : count(piece_count), body(piece_body) {}

  const int64_t count;
  const absl::FunctionRef<void(int64_t)> body;
  const FloatingPointMode mode = FloatingPointMode::Current();
  std::atomic<int64_t> next = 0;
  std::atomic<int64_t> finished = 0;
  std::mutex mutex;
  std::condition_variable done;
};

ThreadPool::ThreadPool(int thread_count, int queue_capacity) : queue_capacity_(static_cast<size_t>(queue_capacity)) {
  workers_.reserve(static_cast<size_t>(thread_count));
  for (int i = 0; i < thread_count; ++i) workers_.emplace_back([this] { WorkerMain(); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

bool ThreadPool::TrySubmit(std::function<void()>& task) {
  {
    const std::lock_guard lock(mutex_);
    const size_t running = static_cast<size_t>(running_);
    const size_t idle = running < workers_.size() ? workers_.size() - running : 0;
    if (stopping_ || queue_.size() >= queue_capacity_ + idle) return false;
    queue_.push_back(std::move(task));
  }
  wake_.notify_one();
  return true;
}

void ThreadPool::ParallelFor(int64_t count, absl::FunctionRef<void(int64_t)> body) {
  if (count <= 0) return;
  if (count == 1 || workers_.size() == 1) {
    for (int64_t i = 0; i < count; ++i) body(i);
    return;
  }
  const auto loop = std::make_shared<Loop>(count, body);
  std::list<std::shared_ptr<Loop>>::iterator place;
  {
    const std::lock_guard lock(mutex_);
    place = loops_.insert(loops_.end(), loop);
  }
  // As many as there are pieces for, beside this thread's.
  const int64_t helpers = std::min(count - 1, static_cast<int64_t>(workers_.size()));
  for (int64_t i = 0; i < helpers; ++i) wake_.notify_one();
  RunPieces(*loop);
  {
    const std::lock_guard lock(mutex_);
    loops_.erase(place);
  }
  const auto is_done = [&] { return loop->finished.load(std::memory_order_acquire) == count; };
  // The other pieces mostly end at about the same time.
  for (int look = 0; look < kLooks && !is_done(); ++look) std::this_thread::yield();
  if (is_done()) return;
  std::unique_lock lock(loop->mutex);
  loop->done.wait(lock, is_done);
}

void ThreadPool::RunPieces(Loop& loop) {
  const ScopedFloatingPointMode mode(loop.mode);
  int64_t ran = 0;
  for (;;) {
    const int64_t piece = loop.next.fetch_add(1, std::memory_order_relaxed);
    if (piece >= loop.count) break;
    loop.body(piece);
    ++ran;
  }
  if (ran == 0) return;
  if (loop.finished.fetch_add(ran, std::memory_order_acq_rel) + ran == loop.count) {
    // The lock makes sure that the waiting thread either sees the count or is already waiting for this signal.
    const std::lock_guard lock(loop.mutex);
    loop.done.notify_all();
  }
}

void ThreadPool::WorkerMain() {
  std::unique_lock lock(mutex_);
  for (;;) {
    std::shared_ptr<Loop> loop;
    for (const std::shared_ptr<Loop>& candidate : loops_) {
      if (candidate->next.load(std::memory_order_relaxed) < candidate->count) {
        loop = candidate;
        break;
      }
    }
    if (loop != nullptr) {
      lock.unlock();
      RunPieces(*loop);
      loop.reset();
      lock.lock();
    } else if (!queue_.empty()) {
      std::function<void()> task = std::move(queue_.front());
      queue_.pop_front();
      ++running_;
      lock.unlock();
      task();
      task = nullptr;
      lock.lock();
      --running_;
    } else if (stopping_) {
      return;
    } else {
      wake_.wait(lock);
    }
  }
}

int ThreadPool::queued_count() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(queue_.size());
}

int ThreadPool::running_count() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

}  // namespace tensord::compute
