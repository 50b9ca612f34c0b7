#include "bench/kernels/machine.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <memory>
#include <utility>

#include "bench/kernels/candidate.h"

namespace tensord::bench {
namespace {

using compute::DataType;
using compute::InstructionSet;

constexpr int kRuns = 7;
constexpr int64_t kIterations = 200000;
constexpr int64_t kTriadElements = int64_t{64} << 17;  // of float64: 64 MiB

// Sums in flight: enough to hide the latency of two units.
template <size_t kBytes>
constexpr size_t kSums = kBytes == 64 ? 24 : 12;

// A loop of nothing but sum = sum*factor + addend. What it needs is inlined: it is compiled for its caller's target.
template <typename T, size_t kBytes>
inline __attribute__((always_inline)) T MultiplyAdd(int64_t iterations) {
  typedef T Vector __attribute__((vector_size(kBytes)));
  Vector sums[kSums<kBytes>];
#pragma GCC unroll 24
  for (size_t i = 0; i < kSums<kBytes>; ++i) sums[i] = static_cast<T>(i) - Vector{};
  Vector factor = T{0.999F} - Vector{};
  Vector addend = T{1e-3F} - Vector{};
  for (int64_t n = 0; n < iterations; ++n) {
#pragma GCC unroll 24
    for (size_t i = 0; i < kSums<kBytes>; ++i) sums[i] = sums[i] * factor + addend;
  }
  T total = 0;
#pragma GCC unroll 24
  for (size_t i = 0; i < kSums<kBytes>; ++i) total += sums[i][0];
  return total;
}

#if defined(__x86_64__)
template <typename T>
__attribute__((target("avx512f"), optimize("fp-contract=fast"))) T MultiplyAddAvx512(int64_t iterations) {
  return MultiplyAdd<T, 64>(iterations);
}
template <typename T>
__attribute__((target("avx2,fma"), optimize("fp-contract=fast"))) T MultiplyAddAvx2(int64_t iterations) {
  return MultiplyAdd<T, 32>(iterations);
}
#endif
template <typename T>
T MultiplyAddBaseline(int64_t iterations) {
  return MultiplyAdd<T, 16>(iterations);
}

template <typename T>
double Peak(InstructionSet set, compute::Executor& executor) {
  T (*loop)(int64_t) = &MultiplyAddBaseline<T>;
  size_t bytes = 16;
#if defined(__x86_64__)
  if (set == InstructionSet::kAvx512) loop = &MultiplyAddAvx512<T>, bytes = 64;
  if (set == InstructionSet::kAvx2) loop = &MultiplyAddAvx2<T>, bytes = 32;
#else
  (void)set;
#endif
  const auto sums = static_cast<double>(bytes == 64 ? kSums<64> : kSums<32>);
  const int threads = executor.thread_count();
  const double flop = 2 * sums * static_cast<double>(bytes / sizeof(T)) * static_cast<double>(kIterations) * threads;
  double best = 0;
  volatile T sink = 0;
  for (int run = 0; run < kRuns; ++run) {
    best = std::max(best, flop / SecondsOf(1, [&] {
                            executor.ParallelFor(threads, [&](int64_t) {
                              const T total = loop(kIterations);
                              if (total == T{-1}) sink = total;
                            });
                          }));
  }
  return best;
}

}  // namespace

double PeakFlops(InstructionSet set, DataType type, compute::Executor& executor) {
  return type == DataType::kFloat32 ? Peak<float>(set, executor) : Peak<double>(set, executor);
}

double TriadBytes(compute::Executor& executor) {
  const int64_t pieces = executor.thread_count();
  const auto count = static_cast<size_t>(kTriadElements);
  const auto a = std::make_unique<double[]>(count);
  const auto b = std::make_unique<double[]>(count);
  const auto c = std::make_unique<double[]>(count);
  double best = 0;
  for (int run = 0; run < kRuns; ++run) {
    const double seconds = SecondsOf(1, [&] {
      executor.ParallelFor(pieces, [&](int64_t piece) {
        const auto begin = static_cast<size_t>(kTriadElements / pieces * piece);
        const size_t end = piece + 1 == pieces ? count : static_cast<size_t>(kTriadElements / pieces * (piece + 1));
        for (size_t i = begin; i < end; ++i) a[i] = b[i] + 0.5 * c[i];
      });
    });
    best = std::max(best, 3.0 * static_cast<double>(kTriadElements) * sizeof(double) / seconds);
  }
  return best;
}

int64_t SecondLevelCacheBytes() { return std::max<int64_t>(sysconf(_SC_LEVEL2_CACHE_SIZE), 0); }

std::string ProcessorName() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const size_t colon = line.find(": ");
    if (line.rfind("model name", 0) == 0 && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

}  // namespace tensord::bench
