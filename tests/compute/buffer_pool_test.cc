#include "tensord/compute/buffer_pool.h"

#include <gtest/gtest.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tensord/compute/tensor.h"
#include "tests/support/matchers.h"

// Under the sanitizers too an allocation of more than there is gives null instead of ending the program.
extern "C" {
const char* __asan_default_options() { return "allocator_may_return_null=1"; }
const char* __tsan_default_options() { return "allocator_may_return_null=1"; }
}

namespace tensord::compute {
namespace {

using test_support::IsOk;

constexpr size_t kMin = BufferPool::kMinBytes;
constexpr int64_t kMany = int64_t{1} << 40;

// Takes and gives `bytes` once, so that a buffer of that size is kept.
void Keep(BufferPool& pool, size_t bytes) {
  size_t capacity = 0;
  void* const memory = pool.Take(bytes, capacity);
  ASSERT_NE(memory, nullptr);
  EXPECT_EQ(capacity, bytes);
  pool.Give(memory, capacity);
}

std::vector<void*> TakeMany(BufferPool& pool, size_t count) {
  std::vector<void*> buffers(count);
  size_t capacity = 0;
  for (void*& buffer : buffers) buffer = pool.Take(kMin, capacity);
  return buffers;
}

// Whether the kernel was advised to use huge pages where `memory` lies.
bool IsAdvisedHugePages(const void* memory) {
  const auto address = reinterpret_cast<uintptr_t>(memory);
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    uintptr_t begin = 0;
    uintptr_t end = 0;
    // NOLINTNEXTLINE(cert-err34-c): what is no header has no such numbers.
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " ", &begin, &end) == 2) {
      inside = begin <= address && address < end;
    }
    if (inside && line.rfind("VmFlags:", 0) == 0) return line.find(" hg") != std::string::npos;
  }
  return false;
}

TEST(BufferPoolTest, LargeBuffersAskForHugePages) {
  // Advice is refused where the kernel was built without them.
  const bool has_huge_pages = std::ifstream("/sys/kernel/mm/transparent_hugepage/enabled").good();
  BufferPool pool(0);
  size_t capacity = 0;
  constexpr size_t kLarge = size_t{40} << 20;
  auto* const memory = static_cast<char*>(pool.Take(kLarge, capacity));
  ASSERT_NE(memory, nullptr);
  EXPECT_EQ(IsAdvisedHugePages(memory + kLarge / 2), has_huge_pages);
  memory[0] = memory[kLarge - 1] = 1;
  pool.Give(memory, capacity);
  void* const small = pool.Take(kMin, capacity);
  ASSERT_NE(small, nullptr);
  EXPECT_FALSE(IsAdvisedHugePages(small));
  pool.Give(small, capacity);
}

TEST(BufferPoolTest, GivesAKeptBufferToWhatIsLittleSmaller) {
  BufferPool pool(kMany);
  size_t capacity = 0;
  void* const first = pool.Take(5 * kMin, capacity);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(capacity, 5 * kMin);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(first) % kTensorAlignment, 0u);
  std::memset(first, 1, capacity);
  EXPECT_EQ(pool.kept_bytes(), 0);
  pool.Give(first, capacity);
  EXPECT_EQ(pool.kept_bytes(), static_cast<int64_t>(5 * kMin));
  EXPECT_EQ(pool.Take(4 * kMin, capacity), first);
  EXPECT_EQ(capacity, 5 * kMin);
  EXPECT_EQ(pool.kept_bytes(), 0);
  pool.Give(first, capacity);
}

TEST(BufferPoolTest, OthersGetOtherBuffers) {
  BufferPool pool(kMany);
  Keep(pool, 5 * kMin);
  for (const size_t bytes : {4 * kMin - kTensorAlignment, 5 * kMin + kTensorAlignment}) {
    size_t capacity = 0;
    void* const other = pool.Take(bytes, capacity);
    ASSERT_NE(other, nullptr);
    EXPECT_EQ(capacity, bytes);
    EXPECT_EQ(pool.kept_bytes(), static_cast<int64_t>(5 * kMin));
    std::free(other);
  }
}

TEST(BufferPoolTest, KeepsNoMoreThanItsLimitAndTheNewest) {
  BufferPool pool(static_cast<int64_t>(3 * kMin));
  const std::vector<void*> buffers = TakeMany(pool, 5);
  for (void* buffer : buffers) pool.Give(buffer, kMin);
  EXPECT_EQ(pool.kept_bytes(), static_cast<int64_t>(3 * kMin));
  size_t capacity = 0;
  void* const newest = pool.Take(kMin, capacity);
  EXPECT_EQ(newest, buffers.back());
  pool.Give(newest, capacity);
  pool.SetLimit(static_cast<int64_t>(2 * kMin - 1));
  EXPECT_EQ(pool.kept_bytes(), static_cast<int64_t>(kMin));
  Keep(pool, 2 * kMin);
  EXPECT_EQ(pool.kept_bytes(), static_cast<int64_t>(kMin)) << "larger than the limit: nothing makes room for it";
  pool.SetLimit(0);
  EXPECT_EQ(pool.kept_bytes(), 0);
  Keep(pool, kMin);
  EXPECT_EQ(pool.kept_bytes(), 0);
}

TEST(BufferPoolTest, KeepsManyButNotAll) {
  BufferPool pool(kMany);
  const std::vector<void*> buffers = TakeMany(pool, 600);
  for (void* buffer : buffers) pool.Give(buffer, kMin);
  EXPECT_EQ(pool.kept_bytes(), static_cast<int64_t>(512 * kMin));
}

TEST(BufferPoolTest, FreesWhatNobodyTookSinceTheLastTime) {
  BufferPool pool(kMany);
  const std::vector<void*> buffers = TakeMany(pool, 3);
  for (void* buffer : buffers) pool.Give(buffer, kMin);
  pool.FreeIdle();  // all three were given since the last time
  EXPECT_EQ(pool.kept_bytes(), static_cast<int64_t>(3 * kMin));
  Keep(pool, kMin);
  pool.FreeIdle();  // two were not
  EXPECT_EQ(pool.kept_bytes(), static_cast<int64_t>(kMin));
  pool.FreeIdle();
  EXPECT_EQ(pool.kept_bytes(), 0);
}

TEST(BufferPoolTest, AbsurdSizesGiveNull) {
  BufferPool pool(kMany);
  Keep(pool, kMin);
  size_t capacity = 0;
  EXPECT_EQ(pool.Take(size_t{1} << 60, capacity), nullptr);
  EXPECT_EQ(pool.kept_bytes(), 0) << "what was kept is given back before the answer is no";
}

TEST(BufferPoolTest, ThreadsShareIt) {
  BufferPool pool(static_cast<int64_t>(4 * kMin));
  std::vector<std::thread> threads;
  for (unsigned char i = 0; i < 4; ++i) {
    threads.emplace_back([&pool, i] {
      for (int round = 0; round < 500; ++round) {
        size_t capacity = 0;
        auto* const memory = static_cast<unsigned char*>(pool.Take(kMin, capacity));
        memory[100] = i;
        EXPECT_EQ(memory[100], i);
        pool.Give(memory, capacity);
        if (round % 100 == 0) pool.FreeIdle();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(pool.kept_bytes(), static_cast<int64_t>(4 * kMin));
}

TEST(BufferPoolTest, LargeTensorsUseTheProcessPool) {
  BufferPool& pool = BufferPool::OfProcess();
  pool.SetLimit(kMany);
  pool.Clear();
  const void* data = nullptr;
  {
    const auto tensor = Tensor::Allocate(DataType::kFloat32, {int64_t{1} << 20});
    ASSERT_THAT(tensor, IsOk());
    data = tensor->data();
  }
  EXPECT_GE(pool.kept_bytes(), int64_t{4} << 20);
  const auto again = Tensor::Allocate(DataType::kFloat32, {int64_t{1} << 20});
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->data(), data);
  EXPECT_EQ(pool.kept_bytes(), 0);
  {
    const auto small = Tensor::Allocate(DataType::kFloat32, {100});
    ASSERT_THAT(small, IsOk());
  }
  EXPECT_EQ(pool.kept_bytes(), 0);
}

}  // namespace
}  // namespace tensord::compute
