// The allocator's own check: it fails what it is told to, and counts what is left.
#include "tests/allocation/failing_allocator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <thread>
#include <vector>

namespace tensord::allocation {
namespace {

struct alignas(64) Wide {
  char bytes[64];
};

TEST(FailingAllocatorTest, FailsTheAllocationsItWasTold) {
  std::vector<std::unique_ptr<int>> kept(5);
  std::vector<bool> failed;
  failed.reserve(5);
  const FailureScope scope(2, 3);
  for (std::unique_ptr<int>& one : kept) {
    try {
      one = std::make_unique<int>(1);
      failed.push_back(false);
    } catch (const std::bad_alloc&) {
      failed.push_back(true);
    }
  }
  EXPECT_EQ(scope.failure_count(), 3);
  EXPECT_EQ(failed, (std::vector<bool>{false, true, true, true, false}));
}

// How `allocate` ends.
enum class Result { kMemory, kNull, kThrew };
template <typename Allocate>
Result ResultOf(const Allocate& allocate) {
  try {
    // Volatile, as compilers may leave out what nobody looks at.
    void* volatile block = allocate();
    return block == nullptr ? Result::kNull : Result::kMemory;
  } catch (const std::bad_alloc&) {
    return Result::kThrew;
  }
}

TEST(FailingAllocatorTest, FailsEveryFormOfNew) {
  constexpr std::align_val_t kWide{64};
  std::array<Result, 4> throwing{};
  std::array<Result, 5> silent{};
  {
    const FailureScope scope(1, 100);
    throwing = {ResultOf([] { return ::operator new(8); }), ResultOf([] { return ::operator new[](8); }),
                ResultOf([] { return ::operator new(64, kWide); }),
                ResultOf([] { return ::operator new[](64, kWide); })};
    silent = {ResultOf([] { return ::operator new(8, std::nothrow); }),
              ResultOf([] { return ::operator new[](8, std::nothrow); }),
              ResultOf([] { return ::operator new(64, kWide, std::nothrow); }),
              ResultOf([] { return ::operator new[](64, kWide, std::nothrow); }),
              ResultOf([] { return std::malloc(8); })};  // without the wrap, what is linked statically would never fail
  }
  EXPECT_THAT(throwing, testing::Each(Result::kThrew));
  EXPECT_THAT(silent, testing::Each(Result::kNull));
}

TEST(FailingAllocatorTest, CountsWhatIsLeftOfAScope) {
  const int64_t before = LiveCount();
  std::unique_ptr<int> kept;
  std::unique_ptr<Wide> wide;
  {
    const FailureScope scope(1'000, 1);
    kept = std::make_unique<int>(1);
    wide = std::make_unique<Wide>();
    EXPECT_EQ(reinterpret_cast<uintptr_t>(wide.get()) % 64, 0u);
    EXPECT_EQ(LiveCount(), before + 2);
  }
  const auto outside = std::make_unique<int>(2);
  EXPECT_EQ(LiveCount(), before + 2) << "what is made outside does not count";
  kept.reset();
  wide.reset();
  EXPECT_EQ(LiveCount(), before);
}

TEST(FailingAllocatorTest, LeavesOtherThreadsAlone) {
  bool worked = false;
  std::thread other([&worked] { worked = std::make_unique<int>(1) != nullptr; });
  const FailureScope scope(1, 100);
  other.join();
  EXPECT_TRUE(worked);
}

}  // namespace
}  // namespace tensord::allocation
