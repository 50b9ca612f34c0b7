// The innermost loops of convolution, compiled once for each instruction set.
#ifndef TENSORD_COMPUTE_SRC_KERNELS_KERNELS_H_
#define TENSORD_COMPUTE_SRC_KERNELS_KERNELS_H_

#include <cstdint>

namespace tensord::compute::internal {

// Where one product finds its factors: elements from a tile's pointers.
struct Step {
  int64_t left;
  int64_t right;
};

// sums[i][j] = (start[i], or what sums[i][j] holds) + left[i][step.left] * right[step.right + j] for one step after the
// other, for each row i and each element j of some vectors.
template <typename T>
struct Tile {
  const T* const* left;  // one pointer for each row
  const T* right;        // any alignment
  const Step* steps;
  int64_t step_count;
  const T* start;  // one value for each row; null: the sums go on
  T* sums;         // any alignment
  int64_t sums_stride;
  // What the next tile will have as `left`, as many rows: it is fetched into the second-level cache meanwhile. May be
  // null.
  const T* const* ahead = nullptr;
};

// sums[i][j] = (start[j], or what sums[i][j] holds) + rows[i][step.left + j] * shared[step.right + j] for one step
// after the other, for each row i and each element j of one vector: lanes that have nothing to do with each other.
template <typename T>
struct LaneTile {
  const T* const* rows;  // one pointer for each row, any alignment
  const T* shared;       // any alignment
  const Step* steps;
  int64_t step_count;
  const T* start;  // one vector for all rows; null: the sums go on
  T* sums;         // any alignment
  int64_t sums_stride;
};

// The most lanes of any instruction set.
inline constexpr int64_t kMaxLanes = 16;
inline constexpr int kMaxTileRows = 9;
inline constexpr int kMaxTileVectors = 4;

// The loops of one instruction set. Plain arrays and pointers: what is compiled for an instruction set must not share
// any inline function with the rest of the program.
template <typename T>
struct Kernels {
  using MultiplyAdd = void (*)(const Tile<T>& tile);
  using MultiplyAddLanes = void (*)(const LaneTile<T>& tile);

  int lanes;                          // elements of a vector
  int max_vectors;                    // of a tile
  int max_rows[kMaxTileVectors + 1];  // of a tile with that many vectors
  // For 1..max_vectors vectors and 1..max_rows rows; the others are null.
  MultiplyAdd multiply_add[kMaxTileVectors + 1][kMaxTileRows + 1];
  // For 1..max_rows[1] rows.
  MultiplyAddLanes multiply_add_lanes[kMaxTileRows + 1];
  // A block of lanes x lanes elements, transposed: to[j*to_stride + i] = from[i*from_stride + j]. Any alignment.
  void (*transpose)(const T* from, int64_t from_stride, T* to, int64_t to_stride);
};

// What one instruction set offers.
struct KernelSet {
  Kernels<float> float32;
  Kernels<double> float64;
};

// Those that this program was compiled with. Only to be run where the processor has their instructions.
#if defined(__x86_64__)
extern const KernelSet kSse2Kernels;
extern const KernelSet kAvx2Kernels;
extern const KernelSet kAvx512Kernels;
#elif defined(__aarch64__)
extern const KernelSet kNeonKernels;
#endif

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_KERNELS_KERNELS_H_
