#include "server/memory_trimmer.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

#include "server/rpc/freed_pieces.h"

namespace tensord::server {
namespace {

constexpr int64_t kMebibyte = int64_t{1} << 20;

// A process whose resident memory is what the test says, look by look.
class FakeProcess {
 public:
  // `looks`: what is resident at each look; trimming brings it to `trimmed` until the next one.
  FakeProcess(std::vector<int64_t> looks, int64_t trimmed) : looks_(std::move(looks)), trimmed_(trimmed) {}

  MemoryTrimmer::Options Options() {
    return {.glance = std::chrono::milliseconds(0),
            .glances_a_look = 1,
            .slack_bytes = 8,
            .lasting_bytes = 4,
            .lasting_looks = 3,
            .resident_bytes = [this] { return Resident(); },
            .trim = [this] { Trim(); }};
  }

  // At which looks it was trimmed, once all were taken.
  std::vector<size_t> Trims() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return next_ == looks_.size(); });
    return trims_;
  }

 private:
  int64_t Resident() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(just_trimmed_, false)) return trimmed_;
    // After the last look nothing grows any more.
    if (next_ == looks_.size()) return 0;
    const int64_t resident = looks_[next_++];
    if (next_ == looks_.size()) done_.notify_all();
    return resident;
  }
  void Trim() {
    const std::lock_guard lock(mutex_);
    trims_.push_back(next_ - 1);
    just_trimmed_ = true;
  }

  const std::vector<int64_t> looks_;
  const int64_t trimmed_;
  std::mutex mutex_;
  std::condition_variable done_;
  size_t next_ = 0;
  bool just_trimmed_ = false;
  std::vector<size_t> trims_;
};

std::vector<size_t> TrimsOf(std::vector<int64_t> looks, int64_t trimmed) {
  // One more, so that the one before it has been acted on.
  looks.push_back(0);
  FakeProcess process(std::move(looks), trimmed);
  const MemoryTrimmer trimmer(process.Options());
  return process.Trims();
}

TEST(MemoryTrimmer, TrimsWhatHasGrownByMoreThanTheSlack) {
  EXPECT_EQ(TrimsOf({20, 28, 29}, 21), (std::vector<size_t>{2}));
}

TEST(MemoryTrimmer, HasIdleBuffersFreedBeforeEveryLook) {
  FakeProcess process({10, 10, 10, 10}, 10);
  std::atomic<int> calls = 0;
  MemoryTrimmer::Options options = process.Options();
  options.free_idle = [&calls] { ++calls; };
  const MemoryTrimmer trimmer(options);
  EXPECT_TRUE(process.Trims().empty());
  EXPECT_GE(calls, 3) << "the first of the four numbers is read before any look";
}

TEST(MemoryTrimmer, LeavesAloneWhatDoesNotGrow) {
  EXPECT_EQ(TrimsOf({20, 24, 20, 28, 28, 20, 28, 28, 24, 28, 28}, 0), std::vector<size_t>{});
}

TEST(MemoryTrimmer, TrimsWhatHasGrownByLessAndStays) {
  EXPECT_EQ(TrimsOf({20, 25, 28, 25, 26, 27}, 21), (std::vector<size_t>{3}));
  // From the new floor on the count begins anew.
  EXPECT_EQ(TrimsOf({20, 25, 25, 25, 26, 26, 25, 26, 26, 26}, 21), (std::vector<size_t>{3, 9}));
}

TEST(MemoryTrimmer, WhatCouldNotBeGivenBackIsTheNewFloor) {
  // In use: trimming again would be in vain.
  EXPECT_EQ(TrimsOf({20, 40, 40, 44, 48, 49}, 40), (std::vector<size_t>{1, 5}));
}

TEST(MemoryTrimmer, TheFloorFallsWithTheMemory) { EXPECT_EQ(TrimsOf({40, 20, 29}, 20), (std::vector<size_t>{2})); }

TEST(MemoryTrimmer, DoesNothingWhereTheMemoryIsNotKnown) {
  EXPECT_EQ(TrimsOf({20, -1, -1, 25}, 0), std::vector<size_t>{});
}

TEST(MemoryTrimmer, TrimsWhatWasFreedInPiecesAtTheNextGlance) {
  std::atomic<int> glances = 0;
  std::atomic<int> looks = 0;
  std::atomic<int> trims = 0;
  std::atomic<int> last = 0;
  {
    const MemoryTrimmer trimmer({.glance = std::chrono::milliseconds(0),
                                 .glances_a_look = 1000,
                                 .take_freed_pieces =
                                     [&] {
                                       const int now = ++glances;
                                       last = now;
                                       last.notify_all();
                                       return now == 7 || now == 9 ? kMebibyte : 0;
                                     },
                                 .free_idle = [&] { ++looks; },
                                 .resident_bytes = [] { return kMebibyte; },
                                 .trim = [&] { ++trims; }});
    for (int seen = last; seen < 20; seen = last) last.wait(seen);
  }
  EXPECT_EQ(trims, 2);
  EXPECT_LE(looks, 1 + glances / 1000) << "a glance is no look";
}

TEST(FreedPieces, CountsLargeMessagesUntilTheyAreTaken) {
  FreedPieces pieces;
  pieces.Add(FreedPieces::kMinBytes - 1);
  pieces.Add(-kMebibyte);
  EXPECT_EQ(pieces.Take(), 0);
  pieces.Add(FreedPieces::kMinBytes);
  pieces.Add(3 * kMebibyte);
  EXPECT_EQ(pieces.Take(), FreedPieces::kMinBytes + 3 * kMebibyte);
  EXPECT_EQ(pieces.Take(), 0);
}

TEST(MemoryTrimmer, EndsAtOnce) {
  FakeProcess process({20}, 20);
  auto options = process.Options();
  options.glance = std::chrono::hours(1);
  const auto began = std::chrono::steady_clock::now();
  { const MemoryTrimmer trimmer(std::move(options)); }
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::minutes(1));
}

TEST(ResidentBytes, GrowsWithWhatIsTouched) {
  const int64_t before = ResidentBytes();
  ASSERT_GT(before, 0);
  constexpr size_t kSize = 64 * kMebibyte;
  const std::unique_ptr<void, decltype(&std::free)> memory(std::malloc(kSize), &std::free);
  ASSERT_NE(memory, nullptr);
  std::memset(memory.get(), 1, kSize);
  EXPECT_GE(ResidentBytes(), before + 60 * kMebibyte);
}

}  // namespace
}  // namespace tensord::server
