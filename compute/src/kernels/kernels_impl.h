// The one source of the innermost loops. Each instruction set's file includes it after the definitions of
//   TENSORD_VECTOR_BYTES  the size of a vector register
//   TENSORD_REGISTERS     how many of them there are
//   TENSORD_TILES(T)      the shapes of tiles, as TileShapes<most rows with 1, 2, 3 and 4 vectors>
// and of nothing else. Everything has internal linkage and calls nothing: no function compiled for one instruction set
// can end up in the rest of the program.
#ifndef TENSORD_COMPUTE_SRC_KERNELS_KERNELS_IMPL_H_
#define TENSORD_COMPUTE_SRC_KERNELS_KERNELS_IMPL_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "compute/src/kernels/kernels.h"

namespace tensord::compute::internal {
namespace {

// A vector register's worth of elements that lie anywhere.
template <typename T>
struct VectorOf;
template <>
struct VectorOf<float> {
  typedef float Type __attribute__((vector_size(TENSORD_VECTOR_BYTES), aligned(4), may_alias));
};
template <>
struct VectorOf<double> {
  typedef double Type __attribute__((vector_size(TENSORD_VECTOR_BYTES), aligned(8), may_alias));
};

// As many numbers.
template <typename T>
struct NumbersOf;
template <>
struct NumbersOf<float> {
  typedef int32_t Type __attribute__((vector_size(TENSORD_VECTOR_BYTES), aligned(4), may_alias));
};
template <>
struct NumbersOf<double> {
  typedef int64_t Type __attribute__((vector_size(TENSORD_VECTOR_BYTES), aligned(8), may_alias));
};

template <typename T>
constexpr size_t kLanes = TENSORD_VECTOR_BYTES / sizeof(T);

// Where a vector of the tile's sums lies. Plain elements: as a template argument the vector's type would lose its
// alignment.
template <typename T, typename AnyTile>
inline __attribute__((always_inline)) T* SumsAt(const AnyTile& tile, size_t row, size_t vector) {
  return tile.sums + static_cast<int64_t>(row) * tile.sums_stride + vector * kLanes<T>;
}

// At each step one of the next tile's rows is fetched, so many steps together. That touches every cache line: where
// rows are contiguous, each is touched once in as many steps as there are rows; where they lie together, one is as good
// as another.
constexpr int64_t kFetchBlock = 9;

// All sums stay in registers: the loops over rows and vectors are unrolled, that over steps is the only one left.
template <typename T, size_t kRows, size_t kVectors>
void MultiplyAddTile(const Tile<T>& tile) {
  using Vector = typename VectorOf<T>::Type;
  const T* left[kRows];
  Vector sums[kRows][kVectors];
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) left[i] = tile.left[i];
  if (tile.start != nullptr) {
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 16
      for (size_t v = 0; v < kVectors; ++v) sums[i][v] = tile.start[i] - Vector{};
    }
  } else {
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 16
      for (size_t v = 0; v < kVectors; ++v) {
        sums[i][v] = *reinterpret_cast<const Vector*>(SumsAt<T>(tile, i, v));
      }
    }
  }
  const T* const base = tile.right;
  const Step* const end = tile.steps + tile.step_count;
  const Step* block_end = tile.steps;
  for (const Step* step = tile.steps; block_end != end;) {
    block_end = end - step > kFetchBlock ? step + kFetchBlock : end;
    if (tile.ahead != nullptr) {
      size_t row = 0;
      for (const Step* next = step; next != block_end; ++next) {
        __builtin_prefetch(tile.ahead[row] + next->left, 0, 2);
        if (++row == kRows) row = 0;
      }
    }
    for (; step != block_end; ++step) {
      const T* const right = base + step->right;
      const int64_t offset = step->left;
      Vector factors[kVectors];
#pragma GCC unroll 16
      for (size_t v = 0; v < kVectors; ++v) factors[v] = *reinterpret_cast<const Vector*>(right + v * kLanes<T>);
#pragma GCC unroll 16
      for (size_t i = 0; i < kRows; ++i) {
        const T factor = left[i][offset];
#pragma GCC unroll 16
        for (size_t v = 0; v < kVectors; ++v) sums[i][v] += factor * factors[v];
      }
    }
  }
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 16
    for (size_t v = 0; v < kVectors; ++v) {
      *reinterpret_cast<Vector*>(SumsAt<T>(tile, i, v)) = sums[i][v];
    }
  }
}

template <typename T, size_t kRows>
void MultiplyAddLanes(const LaneTile<T>& tile) {
  using Vector = typename VectorOf<T>::Type;
  const T* rows[kRows];
  Vector sums[kRows];
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) {
    rows[i] = tile.rows[i];
    sums[i] = *reinterpret_cast<const Vector*>(tile.start != nullptr ? tile.start : SumsAt<T>(tile, i, 0));
  }
  const T* const base = tile.shared;
  const Step* const end = tile.steps + tile.step_count;
  for (const Step* at = tile.steps; at != end; ++at) {
    const Vector factor = *reinterpret_cast<const Vector*>(base + at->right);
    const int64_t offset = at->left;
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; ++i) sums[i] += *reinterpret_cast<const Vector*>(rows[i] + offset) * factor;
  }
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) *reinterpret_cast<Vector*>(SumsAt<T>(tile, i, 0)) = sums[i];
}

template <typename T, size_t kRows>
void AverageLanes(const WindowTile<T>& tile) {
  using Vector = typename VectorOf<T>::Type;
  const T* rows[kRows];
  Vector sums[kRows];
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) {
    rows[i] = tile.rows[i];
    sums[i] = T{-0.0} - Vector{};
  }
  const int64_t* const end = tile.taps + tile.tap_count;
  for (const int64_t* tap = tile.taps; tap != end; ++tap) {
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; ++i) sums[i] += *reinterpret_cast<const Vector*>(rows[i] + *tap);
  }
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) {
    *reinterpret_cast<Vector*>(tile.results + i * kLanes<T>) = sums[i] / tile.divisors[i];
  }
}

template <typename T, size_t kRows>
void MaximumLanes(const WindowTile<T>& tile) {
  using Vector = typename VectorOf<T>::Type;
  const T* rows[kRows];
  Vector best[kRows];
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) {
    rows[i] = tile.rows[i];
    best[i] = -static_cast<T>(__builtin_inf()) - Vector{};
  }
  const int64_t* const end = tile.taps + tile.tap_count;
  for (const int64_t* tap = tile.taps; tap != end; ++tap) {
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; ++i) {
      const Vector values = *reinterpret_cast<const Vector*>(rows[i] + *tap);
      best[i] = values > best[i] ? values : best[i];  // one instruction
    }
  }
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) *reinterpret_cast<Vector*>(tile.results + i * kLanes<T>) = best[i];
}

// Which NaN wins.
enum class WinningNan { kNoneThere, kFirst, kLast };

template <typename T, size_t kRows, WinningNan kNan>
void NumberedMaximumLanes(const WindowTile<T>& tile) {
  using Vector = typename VectorOf<T>::Type;
  using Numbers = typename NumbersOf<T>::Type;
  const T* rows[kRows];
  Vector best[kRows];
  Numbers numbers[kRows];
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) {
    rows[i] = tile.rows[i];
    best[i] = -static_cast<T>(__builtin_inf()) - Vector{};
    numbers[i] = tile.none_larger[i] - Numbers{};
  }
  for (int64_t k = 0; k < tile.tap_count; ++k) {
    const int64_t tap = tile.taps[k];
    const Numbers number = tile.tap_numbers[k] - Numbers{};
#pragma GCC unroll 16
    for (size_t i = 0; i < kRows; ++i) {
      const Vector values = *reinterpret_cast<const Vector*>(rows[i] + tap);
      Numbers take = values > best[i];
      if constexpr (kNan == WinningNan::kFirst) take |= (values != values) & (best[i] == best[i]);
      if constexpr (kNan == WinningNan::kLast) take |= values != values;
      best[i] = take ? values : best[i];
      numbers[i] = take ? number : numbers[i];
    }
  }
#pragma GCC unroll 16
  for (size_t i = 0; i < kRows; ++i) {
    *reinterpret_cast<Vector*>(tile.results + i * kLanes<T>) = best[i];
    if (tile.numbers != nullptr) *reinterpret_cast<Numbers*>(tile.numbers + i * kLanes<T>) = numbers[i];
  }
}

template <typename T>
void SpreadLanes(const SpreadTile<T>& given) {
  using Vector = typename VectorOf<T>::Type;
  const SpreadTile<T> tile = given;  // which nothing that is stored can change
  for (int64_t i = 0; i < tile.row_count; ++i) {
    const int64_t first = i * static_cast<int64_t>(kLanes<T>);
    const Vector share = *reinterpret_cast<const Vector*>(tile.values + first) / tile.divisors[i];
    T* const row = tile.rows[i];
    for (int64_t k = 0; k < tile.tap_count; ++k) *reinterpret_cast<Vector*>(row + tile.taps[k]) += share;
  }
}

template <typename T>
void SpreadLanesToNumbers(const SpreadTile<T>& given) {
  using Vector = typename VectorOf<T>::Type;
  using Numbers = typename NumbersOf<T>::Type;
  const SpreadTile<T> tile = given;
  for (int64_t i = 0; i < tile.row_count; ++i) {
    const int64_t first = i * static_cast<int64_t>(kLanes<T>);
    const Vector values = *reinterpret_cast<const Vector*>(tile.values + first);
    const Numbers numbers = *reinterpret_cast<const Numbers*>(tile.numbers + first);
    T* const row = tile.rows[i];
    Numbers number = {};
    for (int64_t k = 0; k < tile.tap_count; ++k) {
      Vector& sums = *reinterpret_cast<Vector*>(row + tile.taps[k]);
      sums += numbers == number ? values : Vector{};
      number += 1;
    }
  }
}

template <typename T>
bool HasNan(const T* first, int64_t count, int64_t stride) {
  using Vector = typename VectorOf<T>::Type;
  typename NumbersOf<T>::Type nans = {};
  for (; count > 0; --count, first += stride) {
    const Vector values = *reinterpret_cast<const Vector*>(first);
    nans |= values != values;
  }
  Number<T> any = 0;
#pragma GCC unroll 16
  for (size_t i = 0; i < kLanes<T>; ++i) any |= nans[i];
  return any != 0;
}

// Swaps the elements of `first` at the places that have the bit kBit with those of `second` that have it not.
template <typename T, size_t kBit, size_t... kPlaces>
inline __attribute__((always_inline)) void Exchange(typename VectorOf<T>::Type& first,
                                                    typename VectorOf<T>::Type& second,
                                                    std::index_sequence<kPlaces...>) {
  constexpr size_t kCount = kLanes<T>;
  const typename VectorOf<T>::Type low =
      __builtin_shufflevector(first, second, ((kPlaces & kBit) != 0 ? kCount + kPlaces - kBit : kPlaces)...);
  const typename VectorOf<T>::Type high =
      __builtin_shufflevector(first, second, ((kPlaces & kBit) != 0 ? kCount + kPlaces : kPlaces + kBit)...);
  first = low;
  second = high;
}

// Exchanges each bit of the rows' numbers with that of the places' numbers, from kBit down.
template <typename T, size_t kBit>
inline __attribute__((always_inline)) void ExchangeBits(typename VectorOf<T>::Type (&rows)[kLanes<T>]) {
#pragma GCC unroll 16
  for (size_t i = 0; i < kLanes<T>; ++i) {
    if ((i & kBit) == 0) Exchange<T, kBit>(rows[i], rows[i + kBit], std::make_index_sequence<kLanes<T>>());
  }
  if constexpr (kBit > 1) ExchangeBits<T, kBit / 2>(rows);
}

template <typename T>
void TransposeBlock(const T* from, int64_t from_stride, T* to, int64_t to_stride) {
  using Vector = typename VectorOf<T>::Type;
  Vector rows[kLanes<T>];
#pragma GCC unroll 16
  for (size_t i = 0; i < kLanes<T>; ++i) {
    rows[i] = *reinterpret_cast<const Vector*>(from + static_cast<int64_t>(i) * from_stride);
  }
  ExchangeBits<T, kLanes<T> / 2>(rows);
#pragma GCC unroll 16
  for (size_t i = 0; i < kLanes<T>; ++i) {
    *reinterpret_cast<Vector*>(to + static_cast<int64_t>(i) * to_stride) = rows[i];
  }
}

}  // namespace
}  // namespace tensord::compute::internal

#include "compute/src/kernels/row_copies_impl.h"
#include "compute/src/kernels/row_kernels_impl.h"

namespace tensord::compute::internal {
namespace {

template <size_t... kRows>
struct TileShapes {};

template <typename T, size_t kVectors, size_t kRows>
constexpr void AddTiles(Kernels<T>& kernels) {
  if constexpr (kRows > 0) {
    kernels.multiply_add[kVectors][kRows] = &MultiplyAddTile<T, kRows, kVectors>;
    AddTiles<T, kVectors, kRows - 1>(kernels);
  }
}

template <typename T, size_t kRows>
constexpr void AddLaneTiles(Kernels<T>& kernels) {
  if constexpr (kRows > 0) {
    kernels.multiply_add_lanes[kRows] = &MultiplyAddLanes<T, kRows>;
    AddLaneTiles<T, kRows - 1>(kernels);
  }
}

template <typename T, size_t kRows>
constexpr void AddWindowTiles(Kernels<T>& kernels) {
  if constexpr (kRows > 0) {
    kernels.average_lanes[kRows] = &AverageLanes<T, kRows>;
    kernels.maximum_lanes[kRows] = &MaximumLanes<T, kRows>;
    kernels.numbered_maximum_lanes[kRows] = &NumberedMaximumLanes<T, kRows, WinningNan::kNoneThere>;
    kernels.first_nan_lanes[kRows] = &NumberedMaximumLanes<T, kRows, WinningNan::kFirst>;
    kernels.last_nan_lanes[kRows] = &NumberedMaximumLanes<T, kRows, WinningNan::kLast>;
    AddWindowTiles<T, kRows - 1>(kernels);
  }
}

template <typename T, size_t k1, size_t k2, size_t k3, size_t k4>
constexpr Kernels<T> MakeKernels(TileShapes<k1, k2, k3, k4>) {
  static_assert(k1 <= kMaxTileRows && k2 <= kMaxTileRows && k3 <= kMaxTileRows && k4 <= kMaxTileRows);
  Kernels<T> kernels{
      .lanes = static_cast<int>(kLanes<T>),
      .max_vectors = k4 > 0   ? 4
                     : k3 > 0 ? 3
                              : 2,
      .max_rows = {0, static_cast<int>(k1), static_cast<int>(k2), static_cast<int>(k3), static_cast<int>(k4)},
      .multiply_add = {},
      .multiply_add_lanes = {},
      .multiply_add_rows = {},
      .add_row_products = {},
      .columns_together = {},
      .copy_rows = &CopyRows<T>,
      .store_rows = &StoreRows<T>,
      .add_lanes = &AddLanes<T>,
      .average_lanes = {},
      .maximum_lanes = {},
      .numbered_maximum_lanes = {},
      .first_nan_lanes = {},
      .last_nan_lanes = {},
      .spread_lanes = &SpreadLanes<T>,
      .spread_lanes_to_numbers = &SpreadLanesToNumbers<T>,
      .has_nan = &HasNan<T>,
      .transpose = &TransposeBlock<T>};
  AddTiles<T, 1, k1>(kernels);
  AddTiles<T, 2, k2>(kernels);
  AddTiles<T, 3, k3>(kernels);
  AddTiles<T, 4, k4>(kernels);
  AddLaneTiles<T, k1>(kernels);
  AddRowLoops(kernels);
  AddWindowTiles<T, size_t{kMaxWindowRows}>(kernels);
  return kernels;
}

constexpr KernelSet kThisSet = {.float32 = MakeKernels<float>(TENSORD_TILES()),
                                .float64 = MakeKernels<double>(TENSORD_TILES())};

}  // namespace
}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_KERNELS_KERNELS_IMPL_H_
