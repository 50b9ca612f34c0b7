// The part of kernels_impl.h, which includes it, that multiplies with vectors along rows of planes.
#ifndef TENSORD_COMPUTE_SRC_KERNELS_ROW_KERNELS_IMPL_H_
#define TENSORD_COMPUTE_SRC_KERNELS_ROW_KERNELS_IMPL_H_

namespace tensord::compute::internal {
namespace {

// Has a vector loaded once: else GCC 12 loads it again for each product, and loads are what these loops wait for.
template <typename T>
inline __attribute__((always_inline)) void KeepInRegister(typename VectorOf<T>::Type& vector) {
#if defined(__x86_64__)
  __asm__("" : "+v"(vector));
#else
  __asm__("" : "+w"(vector));
#endif
}

// Each element that is loaded is multiplied for all the rows of results that it belongs to.
template <typename T, size_t kRows, size_t kVectors, size_t kHeight, size_t kStep>
inline __attribute__((always_inline)) void MultiplyAddRowsAt(const RowTile<T>& tile, const T* channel, T* to) {
  using Vector = typename VectorOf<T>::Type;
  Vector sums[kRows][kVectors];
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r) {
#pragma GCC unroll 16
    for (size_t v = 0; v < kVectors; ++v) sums[r][v] = tile.start - Vector{};
  }
  const T* channel_factors = tile.factors;
  for (int64_t c = 0; c < tile.channel_count; ++c) {
    const T* column_factors = channel_factors;
    for (int64_t k = 0; k < tile.column_count; ++k) {
      const T* source = channel + tile.columns[k];
      const T* factor = column_factors;
      Vector window[kHeight];
#pragma GCC unroll 16
      for (size_t y = 0; y < kHeight; ++y, factor += tile.factor_row_stride) window[y] = *factor - Vector{};
#pragma GCC unroll 32
      for (size_t i = 0; i < (kRows - 1) * kStep + kHeight; ++i, source += tile.pitch) {
        Vector elements[kVectors];
#pragma GCC unroll 16
        for (size_t v = 0; v < kVectors; ++v) {
          elements[v] = *reinterpret_cast<const Vector*>(source + v * kLanes<T>);
          KeepInRegister<T>(elements[v]);
        }
#pragma GCC unroll 16
        for (size_t r = 0; r < kRows; ++r) {
          if (i < r * kStep || i - r * kStep >= kHeight) continue;
#pragma GCC unroll 16
          for (size_t v = 0; v < kVectors; ++v) sums[r][v] += window[i - r * kStep] * elements[v];
        }
      }
      column_factors += tile.factor_column_stride;
    }
    channel += tile.channel_stride;
    channel_factors += tile.factor_channel_stride;
  }
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r, to += tile.sums_stride) {
#pragma GCC unroll 16
    for (size_t v = 0; v < kVectors; ++v) *reinterpret_cast<Vector*>(to + v * kLanes<T>) = sums[r][v];
  }
}

// The last rows, and the last vector of a row, are computed together with some that are there already.
template <typename T, size_t kRows, size_t kVectors, size_t kHeight, size_t kStep>
void MultiplyAddRowTile(const RowTile<T>& given) {
  constexpr auto kWidth = static_cast<int64_t>(kLanes<T>);
  constexpr auto kTogether = static_cast<int64_t>(kVectors) * kWidth;
  constexpr auto kTileRows = static_cast<int64_t>(kRows);
  const RowTile<T> tile = given;  // which nothing that is stored can change
  for (int64_t row = 0; row < tile.rows; row += kTileRows) {
    const int64_t first = row + kTileRows <= tile.rows ? row : tile.rows - kTileRows;
    const T* const source = tile.source + first * static_cast<int64_t>(kStep) * tile.pitch;
    T* const to = tile.sums + first * tile.sums_stride;
    int64_t x = 0;
    if constexpr (kVectors > 1) {
      for (; x + kTogether <= tile.width; x += kTogether) {
        MultiplyAddRowsAt<T, kRows, kVectors, kHeight, kStep>(tile, source + x, to + x);
      }
    }
    for (; x < tile.width; x += kWidth) {
      const int64_t at = x + kWidth <= tile.width || tile.width < kWidth ? x : tile.width - kWidth;
      MultiplyAddRowsAt<T, kRows, 1, kHeight, kStep>(tile, source + at, to + at);
    }
  }
}

// The sums of one call of AddRowProducts.
template <typename T, size_t kColumns, size_t kHeight>
using ProductSums = typename VectorOf<T>::Type[kColumns][kHeight];

// A vector of a row; with kPartial zeros in the lanes that `inside` has not, whatever is there.
template <typename T, bool kPartial>
inline __attribute__((always_inline)) typename VectorOf<T>::Type LoadPart(const T* from,
                                                                          typename NumbersOf<T>::Type inside) {
  using Vector = typename VectorOf<T>::Type;
  Vector vector = *reinterpret_cast<const Vector*>(from);
  if constexpr (kPartial) vector = inside ? vector : Vector{};
  KeepInRegister<T>(vector);
  return vector;
}

// Adds the products of one vector in each of kRows rows of the gradient; `source` is where each column's taps begin to
// read. Moves on to the rows behind them.
template <typename T, size_t kRows, size_t kColumns, size_t kHeight, size_t kStep, bool kPartial>
inline __attribute__((always_inline)) void AddProductsOfRows(const T* (&source)[kColumns], int64_t pitch,
                                                             const T*& gradient, int64_t gradient_stride,
                                                             typename NumbersOf<T>::Type inside,
                                                             ProductSums<T, kColumns, kHeight>& sums) {
  using Vector = typename VectorOf<T>::Type;
  constexpr size_t kSourceRows = (kRows - 1) * kStep + kHeight;
  Vector gradients[kRows];
#pragma GCC unroll 16
  for (size_t r = 0; r < kRows; ++r, gradient += gradient_stride) {
    gradients[r] = LoadPart<T, kPartial>(gradient, inside);
  }
#pragma GCC unroll 16
  for (size_t k = 0; k < kColumns; ++k) {
    const T* from = source[k];
    source[k] += static_cast<int64_t>(kRows * kStep) * pitch;
#pragma GCC unroll 32
    for (size_t i = 0; i < kSourceRows; ++i, from += pitch) {
      const Vector elements = LoadPart<T, kPartial>(from, inside);
#pragma GCC unroll 16
      for (size_t r = 0; r < kRows; ++r) {
        if (i < r * kStep || i - r * kStep >= kHeight) continue;
        sums[k][i - r * kStep] += elements * gradients[r];
      }
    }
  }
}

// The products of whole vectors, or with kPartial those of the one at the end of each row, which is none.
template <typename T, size_t kColumns, size_t kHeight, size_t kStep, bool kPartial>
__attribute__((noinline)) void AddProductsOf(const RowProducts<T>& tile, int64_t begin, int64_t end, bool first) {
  using Vector = typename VectorOf<T>::Type;
  using Numbers = typename NumbersOf<T>::Type;
  constexpr int64_t kRows = 4;
  Vector sums[kColumns][kHeight];
#pragma GCC unroll 16
  for (size_t k = 0; k < kColumns; ++k) {
#pragma GCC unroll 16
    for (size_t y = 0; y < kHeight; ++y) {
      sums[k][y] = first ? Vector{} : *reinterpret_cast<const Vector*>(tile.sums + (k * kHeight + y) * kLanes<T>);
    }
  }
  Numbers inside = {};
  if constexpr (kPartial) {
#pragma GCC unroll 16
    for (size_t i = 0; i < kLanes<T>; ++i) inside[i] = static_cast<Number<T>>(i);
    inside = inside < static_cast<Number<T>>(end - begin) - Numbers{};
  }
  const int64_t pitch = tile.pitch;
  const int64_t gradient_stride = tile.gradient_stride;
  for (int64_t x = begin; x < end; x += static_cast<int64_t>(kLanes<T>)) {
    const T* source[kColumns];
#pragma GCC unroll 16
    for (size_t k = 0; k < kColumns; ++k) source[k] = tile.source + tile.columns[k] + x;
    const T* gradient = tile.gradient + x;
    int64_t rows = tile.rows;
    for (; rows >= kRows; rows -= kRows) {
      AddProductsOfRows<T, size_t{kRows}, kColumns, kHeight, kStep, kPartial>(source, pitch, gradient, gradient_stride,
                                                                              inside, sums);
    }
#pragma GCC unroll 1
    for (; rows > 0; --rows) {
      AddProductsOfRows<T, 1, kColumns, kHeight, kStep, kPartial>(source, pitch, gradient, gradient_stride, inside,
                                                                  sums);
    }
  }
#pragma GCC unroll 16
  for (size_t k = 0; k < kColumns; ++k) {
#pragma GCC unroll 16
    for (size_t y = 0; y < kHeight; ++y) {
      *reinterpret_cast<Vector*>(tile.sums + (k * kHeight + y) * kLanes<T>) = sums[k][y];
    }
  }
}

template <typename T, size_t kColumns, size_t kHeight, size_t kStep>
void AddRowProducts(const RowProducts<T>& tile) {
  const int64_t whole = tile.width - tile.width % static_cast<int64_t>(kLanes<T>);
  if (whole > 0) AddProductsOf<T, kColumns, kHeight, kStep, false>(tile, 0, whole, tile.first);
  if (whole < tile.width) {
    AddProductsOf<T, kColumns, kHeight, kStep, true>(tile, whole, tile.width, tile.first && whole == 0);
  }
}

// The sums of the halves of segments of kSegment elements, those of `low` before those of `high`.
template <typename T, size_t kSegment, size_t... kPlaces>
inline __attribute__((always_inline)) typename VectorOf<T>::Type AddHalves(typename VectorOf<T>::Type low,
                                                                           typename VectorOf<T>::Type high,
                                                                           std::index_sequence<kPlaces...>) {
  constexpr size_t kHalf = kSegment / 2;
  return __builtin_shufflevector(low, high, (kPlaces / kHalf * kSegment + kPlaces % kHalf)...) +
         __builtin_shufflevector(low, high, (kPlaces / kHalf * kSegment + kPlaces % kHalf + kHalf)...);
}

// Makes a vector of the sums of as many vectors as it has lanes; kSegment elements of each are left to be added.
template <typename T, size_t kSegment>
inline __attribute__((always_inline)) void AddSegments(typename VectorOf<T>::Type (&vectors)[kLanes<T>]) {
  if constexpr (kSegment > 1) {
#pragma GCC unroll 16
    for (size_t i = 0; i < kSegment / 2; ++i) {
      vectors[i] = AddHalves<T, kSegment>(vectors[2 * i], vectors[2 * i + 1], std::make_index_sequence<kLanes<T>>());
    }
    AddSegments<T, kSegment / 2>(vectors);
  }
}

template <typename T>
void AddLanes(const T* vectors, int64_t count, T* totals) {
  using Vector = typename VectorOf<T>::Type;
  constexpr auto kWidth = static_cast<int64_t>(kLanes<T>);
  for (int64_t i = 0; i < count; i += kWidth, vectors += kWidth * kWidth) {
    Vector together[kLanes<T>];
#pragma GCC unroll 16
    for (int64_t j = 0; j < kWidth; ++j) {
      together[j] = i + j < count ? *reinterpret_cast<const Vector*>(vectors + j * kWidth) : Vector{};
    }
    AddSegments<T, kLanes<T>>(together);
    *reinterpret_cast<Vector*>(totals + i) = together[0];
  }
}

constexpr size_t kRegisters = TENSORD_REGISTERS;
// Of these, such as hold neither a sum nor what all of a tile's sums share: for a product before it is added, and for
// what the compiler keeps there of its own.
constexpr size_t kSpareRegisters = kRegisters > 16 ? 1 : 2;

template <typename T, size_t kStep, size_t kHeight, size_t kShape>
constexpr void AddRowTiles(Kernels<T>& kernels) {
  if constexpr (kShape < size_t{kRowTileShapeCount}) {
    constexpr auto kRows = static_cast<size_t>(kRowTileShapes[kShape].rows);
    constexpr auto kVectors = static_cast<size_t>(kRowTileShapes[kShape].vectors);
    if constexpr (kRows * kVectors + kHeight + kVectors + kSpareRegisters <= kRegisters) {
      kernels.multiply_add_rows[kStep][kHeight][kShape] = &MultiplyAddRowTile<T, kRows, kVectors, kHeight, kStep>;
    }
    AddRowTiles<T, kStep, kHeight, kShape + 1>(kernels);
  }
}

// How many columns of a window of that height have their sums in registers together.
template <size_t kHeight>
constexpr size_t ColumnsTogether() {
  constexpr size_t kShared = 4 + 1 + kSpareRegisters;
  constexpr size_t kMost = (kRegisters - kShared) / kHeight;
  return kMost < size_t{kMaxColumnsTogether} ? kMost : size_t{kMaxColumnsTogether};
}

template <typename T, size_t kStep, size_t kHeight, size_t kColumns>
constexpr void AddProductLoops(Kernels<T>& kernels) {
  if constexpr (kColumns > 0) {
    kernels.add_row_products[kStep][kHeight][kColumns] = &AddRowProducts<T, kColumns, kHeight, kStep>;
    AddProductLoops<T, kStep, kHeight, kColumns - 1>(kernels);
  }
}

template <typename T, size_t kStep, size_t kHeight>
constexpr void AddRowLoopsOf(Kernels<T>& kernels) {
  kernels.columns_together[kHeight] = static_cast<int>(ColumnsTogether<kHeight>());
  AddRowTiles<T, kStep, kHeight, 0>(kernels);
  AddProductLoops<T, kStep, kHeight, ColumnsTogether<kHeight>()>(kernels);
}

// Windows as depthwise layers have them, and what is left of these for the gradients of strided ones.
template <typename T>
constexpr void AddRowLoops(Kernels<T>& kernels) {
  AddRowLoopsOf<T, 1, 1>(kernels);
  AddRowLoopsOf<T, 1, 2>(kernels);
  AddRowLoopsOf<T, 1, 3>(kernels);
  AddRowLoopsOf<T, 1, 5>(kernels);
  AddRowLoopsOf<T, 1, 7>(kernels);
  AddRowLoopsOf<T, 2, 3>(kernels);
  AddRowLoopsOf<T, 2, 5>(kernels);
  AddRowLoopsOf<T, 2, 7>(kernels);
}

}  // namespace
}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_KERNELS_ROW_KERNELS_IMPL_H_
