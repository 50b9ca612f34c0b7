// Gives memory that is free inside the process back to the operating system.
#ifndef TENSORD_SERVER_MEMORY_TRIMMER_H_
#define TENSORD_SERVER_MEMORY_TRIMMER_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

namespace tensord::server {

// The C library keeps what is freed in the middle of its heaps. A machine that stands still for half a second piles up
// calls, and the pages that they took would stay with the process for its life. So a thread of its own looks at the
// resident memory now and then, and trims the heaps when it has grown by more than `slack_bytes` since they were last
// trimmed, or by more than `lasting_bytes` at each of `lasting_looks` looks in a row: calls come and go, and what stays
// is kept by the heaps. Where it does not grow, nothing is done. Before each look it has idle buffers freed.
//
// A message of many small parts is the worst of it: whatever was allocated meanwhile lies above its thousands of
// pieces, and as the heap's end stays where it is, the next such message grows it from there. What is freed of such
// messages is therefore noted (server/rpc/freed_pieces.h), and trimmed away at the next glance.
class MemoryTrimmer {
 public:
  struct Options {
    std::chrono::milliseconds glance{1'000};
    int glances_a_look = 10;
    int64_t slack_bytes = int64_t{8} << 20;
    int64_t lasting_bytes = int64_t{2} << 20;
    int lasting_looks = 6;
    std::function<int64_t()> take_freed_pieces = [] { return int64_t{0}; };  // bytes, since the last call
    std::function<void()> free_idle = [] {};
    std::function<int64_t()> resident_bytes;  // below 0: not known, nothing is done
    std::function<void()> trim;
  };

  // Watches this process, and trims the C library's heaps and the tensors' pool of buffers.
  MemoryTrimmer();
  // For tests. The functions are called on the thread.
  explicit MemoryTrimmer(Options options);

 private:
  void Run(const std::stop_token& stop);
  void Look();
  void Trim();

  const Options options_;
  int64_t floor_bytes_ = 0;  // the least that was resident since the heaps were last trimmed
  int looks_above_ = 0;      // how many looks in a row found more than lasting_bytes above that
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;  // the last member: it uses the others
};

// The process's resident memory in bytes, from /proc/self/statm; -1 where that cannot be read.
[[nodiscard]] int64_t ResidentBytes();

}  // namespace tensord::server

#endif  // TENSORD_SERVER_MEMORY_TRIMMER_H_
