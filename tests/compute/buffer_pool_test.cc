#include "tensord/compute/buffer_pool.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include "tensord/compute/tensor.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::IsOk;

constexpr size_t kMin = BufferPool::kMinBytes;
constexpr int64_t kMany = int64_t{1} << 40;

TEST(BufferPoolTest, GivesAKeptBufferOfTheSameClass) {
  BufferPool pool(kMany);
  void* const first = pool.Take(kMin + 1);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(pool.kept_bytes(), 0);
  pool.Give(first, kMin + 1);
  EXPECT_EQ(pool.kept_bytes(), static_cast<int64_t>(kMin + kMin / 4));
  EXPECT_EQ(pool.Take(kMin + kMin / 4), first);
  EXPECT_EQ(pool.kept_bytes(), 0);
  pool.Give(first, kMin + kMin / 4);
}

TEST(BufferPoolTest, OtherClassesGetOtherBuffers) {
  BufferPool pool(kMany);
  void* const small = pool.Take(kMin);
  pool.Give(small, kMin);
  void* const large = pool.Take(2 * kMin);
  EXPECT_NE(large, small);
  EXPECT_EQ(pool.kept_bytes(), static_cast<int64_t>(kMin));
  pool.Give(large, 2 * kMin);
  EXPECT_EQ(pool.kept_bytes(), static_cast<int64_t>(3 * kMin));
}

// Every size's buffer holds that size, is aligned, and is at most a quarter larger.
TEST(BufferPoolTest, BuffersAreLargeEnoughAndAligned) {
  BufferPool pool(kMany);
  for (size_t bytes = kMin; bytes < 16 * kMin; bytes += kMin / 16 + 7) {
    void* const memory = pool.Take(bytes);
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % kTensorAlignment, 0u);
    std::memset(memory, 1, bytes);
    pool.Give(memory, bytes);
    EXPECT_GE(pool.kept_bytes(), static_cast<int64_t>(bytes));
    EXPECT_LE(pool.kept_bytes(), static_cast<int64_t>(bytes + bytes / 4));
    pool.Clear();
    EXPECT_EQ(pool.kept_bytes(), 0);
  }
}

TEST(BufferPoolTest, KeepsNoMoreThanItsLimit) {
  BufferPool pool(static_cast<int64_t>(3 * kMin));
  std::vector<void*> buffers(5);
  for (void*& buffer : buffers) buffer = pool.Take(kMin);
  for (void* buffer : buffers) pool.Give(buffer, kMin);
  EXPECT_EQ(pool.kept_bytes(), static_cast<int64_t>(3 * kMin));
  pool.SetLimit(static_cast<int64_t>(2 * kMin - 1));
  EXPECT_EQ(pool.kept_bytes(), static_cast<int64_t>(kMin));
  pool.SetLimit(0);
  EXPECT_EQ(pool.kept_bytes(), 0);
  pool.Give(pool.Take(kMin), kMin);
  EXPECT_EQ(pool.kept_bytes(), 0);
}

TEST(BufferPoolTest, FreesWhatNobodyTookSinceTheLastTime) {
  BufferPool pool(kMany);
  std::vector<void*> buffers(3);
  for (void*& buffer : buffers) buffer = pool.Take(kMin);
  for (void* buffer : buffers) pool.Give(buffer, kMin);
  pool.FreeIdle();  // all three were in use
  EXPECT_EQ(pool.kept_bytes(), static_cast<int64_t>(3 * kMin));
  pool.Give(pool.Take(kMin), kMin);
  pool.FreeIdle();  // two were not
  EXPECT_EQ(pool.kept_bytes(), static_cast<int64_t>(kMin));
  pool.FreeIdle();
  EXPECT_EQ(pool.kept_bytes(), 0);
}

TEST(BufferPoolTest, AbsurdSizesGiveNull) {
  BufferPool pool(kMany);
  pool.Give(pool.Take(kMin), kMin);
  EXPECT_EQ(pool.Take(size_t{1} << 60), nullptr);
  EXPECT_EQ(pool.kept_bytes(), 0) << "what was kept is given back before the answer is no";
}

TEST(BufferPoolTest, ThreadsShareIt) {
  BufferPool pool(static_cast<int64_t>(4 * kMin));
  std::vector<std::thread> threads;
  for (unsigned char i = 0; i < 4; ++i) {
    threads.emplace_back([&pool, i] {
      for (int round = 0; round < 500; ++round) {
        auto* const memory = static_cast<unsigned char*>(pool.Take(kMin));
        memory[100] = i;
        EXPECT_EQ(memory[100], i);
        pool.Give(memory, kMin);
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
