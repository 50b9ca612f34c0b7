// Eigen's inner matrix product on packed operands. Eigen's own driver would allocate its packing buffers for each call,
// and throw where it cannot; here the caller owns them, and packs an operand once for many products.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_GEMM_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_GEMM_H_

#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Core>
#include <cstdint>

namespace tensord::compute::internal {

// Block sizes. One product of kDepthBlock x kPositionBlock by kRowBlock takes well under a millisecond.
inline constexpr int64_t kPositionBlock = 256;
inline constexpr int64_t kDepthBlock = 256;
inline constexpr int64_t kRowBlock = 64;
// From one line of an unpacked panel to the next: a cache line more than the block, so that a column of the panel does
// not fall into a few sets of the cache.
inline constexpr int64_t kPanelStride = 256 + 16;
static_assert(kPanelStride > kPositionBlock && kPanelStride > kDepthBlock);

// Which index of a matrix is contiguous: element (i, j) at i*stride + j, or at i + j*stride.
enum class MatrixOrder { kRowMajor, kColumnMajor };

// Products of packed operands: left is rows x depth, right is depth x columns, `result` rows x columns, column-major.
// A packed operand takes as many elements as the matrix; its memory has to be aligned to kPackedAlignment elements.
template <typename T>
class Gemm {
 public:
  static void PackLeft(T* packed, const T* matrix, int64_t stride, MatrixOrder order, int64_t rows, int64_t depth) {
    if (order == MatrixOrder::kRowMajor) {
      PackLeftLhs<Eigen::RowMajor>()(packed, Mapper<Eigen::RowMajor>(matrix, stride), depth, rows);
    } else {
      PackLeftLhs<Eigen::ColMajor>()(packed, Mapper<Eigen::ColMajor>(matrix, stride), depth, rows);
    }
  }

  static void PackRight(T* packed, const T* matrix, int64_t stride, MatrixOrder order, int64_t depth, int64_t columns) {
    if (order == MatrixOrder::kRowMajor) {
      PackRightRhs<Eigen::RowMajor>()(packed, Mapper<Eigen::RowMajor>(matrix, stride), depth, columns);
    } else {
      PackRightRhs<Eigen::ColMajor>()(packed, Mapper<Eigen::ColMajor>(matrix, stride), depth, columns);
    }
  }

  // result += left * right. Each element's sum over depth is made first, then added.
  static void MultiplyAdd(T* result, int64_t result_stride, const T* left, const T* right, int64_t rows, int64_t depth,
                          int64_t columns) {
    Kernel()(ResultMapper(result, result_stride), left, right, rows, depth, columns, T{1});
  }

 private:
  using Index = Eigen::Index;
  using Traits = Eigen::internal::gebp_traits<T, T>;
  template <int order>
  using Mapper = Eigen::internal::const_blas_data_mapper<T, Index, order>;
  using ResultMapper = Eigen::internal::blas_data_mapper<T, Index, Eigen::ColMajor, Eigen::Unaligned, 1>;
  template <int order>
  using PackLeftLhs = Eigen::internal::gemm_pack_lhs<T, Index, Mapper<order>, Traits::mr, Traits::LhsProgress,
                                                     typename Traits::LhsPacket4Packing, order>;
  template <int order>
  using PackRightRhs = Eigen::internal::gemm_pack_rhs<T, Index, Mapper<order>, Traits::nr, order>;
  using Kernel = Eigen::internal::gebp_kernel<T, T, Index, ResultMapper, Traits::mr, Traits::nr, false, false>;
};

// Elements to which the start of a packed operand is rounded up within a larger buffer: 16 bytes, what the kernel's
// loads of a right operand need. Whole buffers are aligned to 64 bytes.
template <typename T>
inline constexpr int64_t kPackedAlignment = 16 / static_cast<int64_t>(sizeof(T));

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_GEMM_H_
