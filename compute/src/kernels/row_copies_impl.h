// The part of kernels_impl.h, which includes it, that moves rows of planes.
#ifndef TENSORD_COMPUTE_SRC_KERNELS_ROW_COPIES_IMPL_H_
#define TENSORD_COMPUTE_SRC_KERNELS_ROW_COPIES_IMPL_H_

namespace tensord::compute::internal {
namespace {

// The elements of even or of odd places of two vectors.
template <typename T, size_t kFirst, size_t... kPlaces>
inline __attribute__((always_inline)) typename VectorOf<T>::Type EverySecond(typename VectorOf<T>::Type low,
                                                                             typename VectorOf<T>::Type high,
                                                                             std::index_sequence<kPlaces...>) {
  return __builtin_shufflevector(low, high, (2 * kPlaces + kFirst)...);
}

// The elements of two vectors in turns, from kFirst of each on.
template <typename T, size_t kFirst, size_t... kPlaces>
inline __attribute__((always_inline)) typename VectorOf<T>::Type InTurns(typename VectorOf<T>::Type even,
                                                                         typename VectorOf<T>::Type odd,
                                                                         std::index_sequence<kPlaces...>) {
  return __builtin_shufflevector(even, odd, (kFirst + kPlaces / 2 + kPlaces % 2 * kLanes<T>)...);
}

// Two blocks of kBytes, the second of which ends where the `bytes` do.
template <size_t kBytes>
inline __attribute__((always_inline)) void CopyTwoBlocks(const char* from, size_t bytes, char* to) {
  char first[kBytes];
  char last[kBytes];
  __builtin_memcpy(first, from, kBytes);
  __builtin_memcpy(last, from + bytes - kBytes, kBytes);
  __builtin_memcpy(to, first, kBytes);
  __builtin_memcpy(to + bytes - kBytes, last, kBytes);
}

// Less than a vector.
template <typename T>
inline __attribute__((always_inline)) void CopyFew(const T* from, int64_t count, T* to) {
  const auto bytes = static_cast<size_t>(count) * sizeof(T);
  const char* const source = reinterpret_cast<const char*>(from);
  char* const dest = reinterpret_cast<char*>(to);
  if (TENSORD_VECTOR_BYTES > 32 && bytes >= 32) {
    CopyTwoBlocks<32>(source, bytes, dest);
  } else if (TENSORD_VECTOR_BYTES > 16 && bytes >= 16) {
    CopyTwoBlocks<16>(source, bytes, dest);
  } else if (bytes >= 8) {
    CopyTwoBlocks<8>(source, bytes, dest);
  } else if (bytes >= 4) {
    CopyTwoBlocks<4>(source, bytes, dest);
  }
}

// Vectors from `from` on until `count` elements are copied, the last one so that it ends with them.
template <typename T>
inline __attribute__((always_inline)) void CopyWhole(const T* from, int64_t count, T* to) {
  using Vector = typename VectorOf<T>::Type;
  constexpr auto kWidth = static_cast<int64_t>(kLanes<T>);
  for (int64_t i = 0; i < count; i += kWidth) {
    const int64_t at = i + kWidth <= count ? i : count - kWidth;
    *reinterpret_cast<Vector*>(to + at) = *reinterpret_cast<const Vector*>(from + at);
  }
}

template <typename T>
inline __attribute__((always_inline)) void CopyEvenAndOdd(const RowCopy<T>& rows, const T* from, int64_t left, T* to,
                                                          T* odd) {
  using Vector = typename VectorOf<T>::Type;
  using Numbers = typename NumbersOf<T>::Type;
  constexpr auto kWidth = static_cast<int64_t>(kLanes<T>);
  constexpr auto kPlaces = std::make_index_sequence<kLanes<T>>();
  const int64_t pairs = rows.count / 2;
  if (pairs >= kWidth) {
    for (int64_t i = 0; i < pairs; i += kWidth) {
      const int64_t at = i + kWidth <= pairs ? i : pairs - kWidth;
      const Vector low = *reinterpret_cast<const Vector*>(from + 2 * at);
      const Vector high = *reinterpret_cast<const Vector*>(from + 2 * at + kWidth);
      *reinterpret_cast<Vector*>(to + at) = EverySecond<T, 0>(low, high, kPlaces);
      *reinterpret_cast<Vector*>(odd + at) = EverySecond<T, 1>(low, high, kPlaces);
    }
    if (rows.count % 2 != 0) to[pairs] = from[2 * pairs];
    return;
  }
  if (left >= 2 * kWidth) {
    Numbers lane = {};
#pragma GCC unroll 16
    for (size_t i = 0; i < kLanes<T>; ++i) lane[i] = static_cast<Number<T>>(i);
    const Numbers even_count = static_cast<Number<T>>(rows.count - pairs) - Numbers{};
    const Numbers odd_count = static_cast<Number<T>>(pairs) - Numbers{};
    const Vector low = *reinterpret_cast<const Vector*>(from);
    const Vector high = *reinterpret_cast<const Vector*>(from + kWidth);
    *reinterpret_cast<Vector*>(to) = lane < even_count ? EverySecond<T, 0>(low, high, kPlaces) : Vector{};
    *reinterpret_cast<Vector*>(odd) = lane < odd_count ? EverySecond<T, 1>(low, high, kPlaces) : Vector{};
    return;
  }
  for (int64_t i = 0; i < rows.count; ++i) (i % 2 == 0 ? to : odd)[i / 2] = from[i];
}

template <typename T>
void CopyRows(const RowCopy<T>& given) {
  using Vector = typename VectorOf<T>::Type;
  using Numbers = typename NumbersOf<T>::Type;
  constexpr auto kWidth = static_cast<int64_t>(kLanes<T>);
  const RowCopy<T> rows = given;
  const T* from = rows.from;
  T* to = rows.to;
  int64_t row = 0;
  if (rows.odd != nullptr) {
    T* odd = rows.odd;
    for (int64_t left = rows.readable; row < rows.rows; ++row, left -= rows.from_stride) {
      CopyEvenAndOdd(rows, from, left, to, odd);
      from += rows.from_stride;
      to += rows.to_stride;
      odd += rows.to_stride;
    }
    return;
  }
  if (rows.count >= kWidth) {
    for (; row < rows.rows; ++row, from += rows.from_stride, to += rows.to_stride) CopyWhole(from, rows.count, to);
    return;
  }
  Numbers lane = {};
#pragma GCC unroll 16
  for (size_t i = 0; i < kLanes<T>; ++i) lane[i] = static_cast<Number<T>>(i);
  const Numbers inside = lane < static_cast<Number<T>>(rows.count) - Numbers{};
  for (int64_t left = rows.readable; row < rows.rows && left >= kWidth; ++row, left -= rows.from_stride) {
    *reinterpret_cast<Vector*>(to) = inside ? *reinterpret_cast<const Vector*>(from) : Vector{};
    from += rows.from_stride;
    to += rows.to_stride;
  }
  for (; row < rows.rows; ++row, from += rows.from_stride, to += rows.to_stride) CopyFew(from, rows.count, to);
}

template <typename T>
void StoreRows(const RowStore<T>& given) {
  using Vector = typename VectorOf<T>::Type;
  constexpr auto kWidth = static_cast<int64_t>(kLanes<T>);
  constexpr auto kPlaces = std::make_index_sequence<kLanes<T>>();
  const RowStore<T> rows = given;
  const bool follow = rows.to_stride == rows.count;
  for (int64_t row = 0; row < rows.rows; ++row) {
    const T* const from = rows.from + row * rows.from_stride;
    T* const to = rows.to + row * rows.to_stride;
    if (rows.odd == nullptr) {
      if (follow && (rows.rows - row) * rows.count >= kWidth) {
        *reinterpret_cast<Vector*>(to) = *reinterpret_cast<const Vector*>(from);
      } else {
        CopyFew(from, rows.count, to);
      }
      continue;
    }
    const T* const odd = rows.odd + row * rows.from_stride;
    const int64_t pairs = rows.count / 2;
    int64_t i = 0;
    for (; pairs >= kWidth && i < pairs; i += kWidth) {
      const int64_t at = i + kWidth <= pairs ? i : pairs - kWidth;
      const Vector even = *reinterpret_cast<const Vector*>(from + at);
      const Vector between = *reinterpret_cast<const Vector*>(odd + at);
      *reinterpret_cast<Vector*>(to + 2 * at) = InTurns<T, 0>(even, between, kPlaces);
      *reinterpret_cast<Vector*>(to + 2 * at + kWidth) = InTurns<T, kLanes<T> / 2>(even, between, kPlaces);
    }
    for (; i < pairs; ++i) {
      to[2 * i] = from[i];
      to[2 * i + 1] = odd[i];
    }
    if (rows.count % 2 != 0) to[2 * pairs] = from[pairs];
  }
}

}  // namespace
}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_KERNELS_ROW_COPIES_IMPL_H_
