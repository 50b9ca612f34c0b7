// A program with a data race, or without: what ThreadSanitizer has to report, or not.
//
//   planted_race threads   two threads add to one number
//   planted_race pool      two workers of the pool do, in one loop
//   planted_race none      they do under a lock
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <thread>

#include "tensord/compute/thread_pool.h"

namespace {

constexpr int kAdditions = 10'000;

int64_t sum = 0;
std::mutex mutex;

void Add() {
  for (int i = 0; i < kAdditions; ++i) sum += i;
}

void AddLocked() {
  for (int i = 0; i < kAdditions; ++i) {
    const std::lock_guard lock(mutex);
    sum += i;
  }
}

// Waits until two have come; tells ThreadSanitizer nothing of any order, as no such order is meant.
void Meet() {
  static std::atomic<int> arrived = 0;
  const int rounded_up = arrived.fetch_add(1, std::memory_order_relaxed) / 2 * 2 + 2;
  while (arrived.load(std::memory_order_relaxed) < rounded_up) std::this_thread::yield();
}

void RunOnThreads(void (*add)()) {
  const auto meet_and_add = [add] {
    Meet();
    add();
  };
  std::thread other(meet_and_add);
  meet_and_add();
  other.join();
}

void RunOnPool(void (*add)()) {
  tensord::compute::ThreadPool pool(/*thread_count=*/3, /*queue_capacity=*/1);
  pool.ParallelFor(2, [add](int64_t) {
    Meet();
    add();
  });
}

}  // namespace

int main(int argc, char** argv) {
  const char* const kind = argc == 2 ? argv[1] : "";
  if (std::strcmp(kind, "threads") == 0) {
    RunOnThreads(&Add);
  } else if (std::strcmp(kind, "pool") == 0) {
    RunOnPool(&Add);
  } else if (std::strcmp(kind, "none") == 0) {
    RunOnThreads(&AddLocked);
    RunOnPool(&AddLocked);
  } else {
    return 2;
  }
  std::printf("%lld\n", static_cast<long long>(sum));
  return 0;
}
