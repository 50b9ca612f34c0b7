// Memory that was freed in many small pieces.
#ifndef TENSORD_SERVER_RPC_FREED_PIECES_H_
#define TENSORD_SERVER_RPC_FREED_PIECES_H_

#include <atomic>
#include <cstdint>

namespace tensord::server {

// Says how much of the heaps became free in pieces that are too small for the C library to give back one by one, so
// that somebody can give them back together (MemoryTrimmer does). One for the process, as the heaps are. Any thread.
class FreedPieces {
 public:
  // What is freed of one message and is below counts as nothing: messages of every day are freed at every moment.
  static constexpr int64_t kMinBytes = int64_t{1} << 20;

  [[nodiscard]] static FreedPieces& OfProcess() {
    static FreedPieces pieces;
    return pieces;
  }

  // What one message took in pieces, in bytes, freed now.
  void Add(int64_t bytes) {
    if (bytes >= kMinBytes) bytes_.fetch_add(bytes, std::memory_order_relaxed);
  }
  // What was added since the last call.
  [[nodiscard]] int64_t Take() { return bytes_.exchange(0, std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> bytes_ = 0;
};

}  // namespace tensord::server

#endif  // TENSORD_SERVER_RPC_FREED_PIECES_H_
