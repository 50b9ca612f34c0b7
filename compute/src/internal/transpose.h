// Transposes matrices.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_TRANSPOSE_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_TRANSPOSE_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include "compute/src/kernels/kernels.h"

namespace tensord::compute::internal {

// to[j*to_stride + i] = from[i*from_stride + j] for i in 0..rows-1 and j in 0..columns-1: block by block, so that what
// is read and written together stays in a first-level cache.
template <typename T>
void Transpose(const Kernels<T>& kernels, const T* from, int64_t from_stride, int64_t rows, int64_t columns, T* to,
               int64_t to_stride) {
  const int64_t lanes = kernels.lanes;
  const int64_t whole_rows = rows / lanes * lanes;
  const int64_t whole_columns = columns / lanes * lanes;
  for (int64_t j = 0; j < whole_columns; j += lanes) {
    for (int64_t i = 0; i < whole_rows; i += lanes) {
      kernels.transpose(from + i * from_stride + j, from_stride, to + j * to_stride + i, to_stride);
    }
  }
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = i < whole_rows ? whole_columns : 0; j < columns; ++j) {
      to[j * to_stride + i] = from[i * from_stride + j];
    }
  }
}

// As Transpose, with zeros for rows up to the next whole vector: to[j*to_stride + i] = 0 for i >= rows. to_stride is at
// least that many.
template <typename T>
void TransposeWithZeros(const Kernels<T>& kernels, const T* from, int64_t from_stride, int64_t rows, int64_t columns,
                        T* to, int64_t to_stride) {
  const int64_t lanes = kernels.lanes;
  const int64_t whole_rows = rows / lanes * lanes;
  Transpose(kernels, from, from_stride, whole_rows, columns, to, to_stride);
  if (whole_rows == rows) return;
  std::array<T, kMaxLanes* kMaxLanes> block = {};
  std::array<T, kMaxLanes * kMaxLanes> transposed;
  from += whole_rows * from_stride;
  to += whole_rows;
  for (int64_t j = 0; j < columns; j += lanes) {
    const int64_t count = std::min(lanes, columns - j);
    for (int64_t i = 0; i < rows - whole_rows; ++i) {
      std::copy_n(from + i * from_stride + j, count, block.data() + i * lanes);
    }
    if (count == lanes) {
      kernels.transpose(block.data(), lanes, to + j * to_stride, to_stride);
      continue;
    }
    kernels.transpose(block.data(), lanes, transposed.data(), lanes);
    for (int64_t k = 0; k < count; ++k) std::copy_n(transposed.data() + k * lanes, lanes, to + (j + k) * to_stride);
  }
}

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_TRANSPOSE_H_
