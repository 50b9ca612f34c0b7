// The innermost loops of convolution and pooling, compiled once for each instruction set.
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

// A number that is as wide as an element, so that as many fit a vector.
template <typename T>
struct NumberOf;
template <>
struct NumberOf<float> {
  using Type = int32_t;
};
template <>
struct NumberOf<double> {
  using Type = int64_t;
};
template <typename T>
using Number = typename NumberOf<T>::Type;

// What the windows of some rows come to, over the elements rows[i][taps[k] + j] for k = 0, 1, ...: for each row i and
// each element j of one vector, lanes that have nothing to do with each other.
template <typename T>
struct WindowTile {
  const T* const* rows;  // one pointer for each row, any alignment
  const int64_t* taps;
  int64_t tap_count;
  T* results;                              // one vector for each row, any alignment
  const T* divisors = nullptr;             // of averages: one for each row
  const Number<T>* tap_numbers = nullptr;  // of numbered maxima: one for each tap
  Number<T>* numbers = nullptr;            // of the maxima's taps: one vector for each row; may be null
  const Number<T>* none_larger = nullptr;  // the number where none is larger than -infinity: one for each row
};

// values[i], or a part of it, is added to rows[i][taps[k] + j] for k = 0, 1, ...: for each row i, one after the other,
// and each element j of one vector.
template <typename T>
struct SpreadTile {
  T* const* rows;  // one pointer for each row, any alignment
  int64_t row_count;
  const int64_t* taps;
  int64_t tap_count;
  const T* values;                     // one vector for each row, any alignment
  const T* divisors = nullptr;         // one for each row
  const Number<T>* numbers = nullptr;  // of taps, which are counted from 0: one vector for each row
};

// What windows on a plane come to:
//   sums[r*sums_stride + j] = start + sum over c, k, y of
//       factors[c*factor_channel_stride + k*factor_column_stride + y*factor_row_stride]
//       * source[c*channel_stride + (r*row_step + y)*pitch + columns[k] + j]
// for each row r < rows and each element j < width. Where width is less than a vector, a vector is written for each
// row, one row after the other.
template <typename T>
struct RowTile {
  const T* source;  // any alignment
  int64_t pitch;
  int64_t channel_count;
  int64_t channel_stride;
  const int64_t* columns;
  int64_t column_count;
  const T* factors;
  int64_t factor_channel_stride;
  int64_t factor_column_stride;
  int64_t factor_row_stride;
  T start;
  T* sums;  // any alignment
  int64_t sums_stride;
  int64_t rows;  // at least as many as the tile's shape has
  int64_t width;
};

// sums[k*window_rows + y][j mod lanes] += source[(r*row_step + y)*pitch + columns[k] + j] * gradient[r*gradient_stride
// + j] for each of some columns k and rows y of a window, over all rows r and all elements j < width. What lies behind
// a row's last element is read up to a whole vector, and not used.
template <typename T>
struct RowProducts {
  const T* source;  // any alignment
  int64_t pitch;
  const int64_t* columns;
  const T* gradient;  // any alignment
  int64_t gradient_stride;
  int64_t rows;
  int64_t width;
  bool first;  // whether the sums start at 0
  T* sums;     // vectors, any alignment
};

// Rows of `count` elements to where they are padded: with `odd`, those of even places to `to`, those of odd places to
// `odd`. At most `readable` elements from `from` on may be read. Where count is less than a vector, or two with `odd`,
// zeros are written behind a row, as far as a vector goes.
template <typename T>
struct RowCopy {
  const T* from;
  int64_t from_stride;
  int64_t rows;
  int64_t count;
  int64_t readable;
  T* to;
  T* odd;  // or null
  int64_t to_stride;
};

// Rows of `count` elements to where they follow each other. With `odd`, its elements between those of `from`, the first
// of which comes first; else count is less than a vector, and anything may be written behind a row where another one
// follows at once.
template <typename T>
struct RowStore {
  const T* from;
  const T* odd;  // or null
  int64_t from_stride;
  int64_t rows;
  int64_t count;
  T* to;
  int64_t to_stride;
};

// The most lanes of any instruction set.
inline constexpr int64_t kMaxLanes = 16;
inline constexpr int kMaxTileRows = 9;
inline constexpr int kMaxTileVectors = 4;
inline constexpr int kMaxWindowRows = 4;

// How many rows and vectors of results are in registers together.
struct RowTileShape {
  int rows;
  int vectors;
};
inline constexpr RowTileShape kRowTileShapes[] = {{7, 1}, {4, 1}, {2, 1}, {1, 1}, {4, 2}};
inline constexpr int kRowTileShapeCount = 5;
inline constexpr int kSingleRowShape = 3;  // which there always is, where there is any
inline constexpr int kWideRowShape = 4;    // of two vectors; those before it have one
inline constexpr int kTallestRowTile = 7;
inline constexpr int kMaxRowStep = 2;
inline constexpr int kMaxWindowHeight = 7;
inline constexpr int kMaxColumnsTogether = 5;

// The loops of one instruction set. Plain arrays and pointers: what is compiled for an instruction set must not share
// any inline function with the rest of the program.
template <typename T>
struct Kernels {
  using MultiplyAdd = void (*)(const Tile<T>& tile);
  using MultiplyAddLanes = void (*)(const LaneTile<T>& tile);
  using PoolLanes = void (*)(const WindowTile<T>& tile);
  using MultiplyAddRows = void (*)(const RowTile<T>& tile);
  using AddRowProducts = void (*)(const RowProducts<T>& tile);

  int lanes;                          // elements of a vector
  int max_vectors;                    // of a tile
  int max_rows[kMaxTileVectors + 1];  // of a tile with that many vectors
  // For 1..max_vectors vectors and 1..max_rows rows; the others are null.
  MultiplyAdd multiply_add[kMaxTileVectors + 1][kMaxTileRows + 1];
  // For 1..max_rows[1] rows.
  MultiplyAddLanes multiply_add_lanes[kMaxTileRows + 1];
  // By the row step, the window's height and the tile's shape, a place in kRowTileShapes; null for heights and steps
  // that there are no loops for, and shapes whose sums would not be in registers.
  MultiplyAddRows multiply_add_rows[kMaxRowStep + 1][kMaxWindowHeight + 1][kRowTileShapeCount];
  // By the row step, the window's height, and how many columns are summed up together: 1..columns_together[height],
  // none where that is 0.
  AddRowProducts add_row_products[kMaxRowStep + 1][kMaxWindowHeight + 1][kMaxColumnsTogether + 1];
  int columns_together[kMaxWindowHeight + 1];
  void (*copy_rows)(const RowCopy<T>& rows);
  void (*store_rows)(const RowStore<T>& rows);
  // totals[i] = the sum of the i-th vector's lanes, added up pairwise. Whole vectors of totals are written.
  void (*add_lanes)(const T* vectors, int64_t count, T* totals);
  // For 1..kMaxWindowRows rows. The sum, from -0 on, over the row's divisor.
  PoolLanes average_lanes[kMaxWindowRows + 1];
  // The largest element; -infinity where there is none. The first of equals (-0 equals 0). No element is a NaN.
  PoolLanes maximum_lanes[kMaxWindowRows + 1];
  // The same with the number of its tap, or none_larger's.
  PoolLanes numbered_maximum_lanes[kMaxWindowRows + 1];
  // The same, where a NaN, the first or the last one, wins over everything.
  PoolLanes first_nan_lanes[kMaxWindowRows + 1];
  PoolLanes last_nan_lanes[kMaxWindowRows + 1];
  // To each tap the row's value over its divisor.
  void (*spread_lanes)(const SpreadTile<T>& tile);
  // To the tap of each lane's number the value; nothing where it is -1.
  void (*spread_lanes_to_numbers)(const SpreadTile<T>& tile);
  // Whether there is a NaN among vectors that are `stride` elements apart.
  bool (*has_nan)(const T* first, int64_t count, int64_t stride);
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
