// Tensors as Eigen matrices, in place, and from Eigen expressions. Whoever includes this links Eigen3::Eigen.
#ifndef TENSORD_CLIENT_EIGEN_H_
#define TENSORD_CLIENT_EIGEN_H_

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <type_traits>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "tensord/client/tensor.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::client {

template <typename T>
using RowMajorMatrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// A tensor as a matrix, in place. The last axis are the columns; the axes before it, taken together in row-major order,
// the rows. So [R,C] is R x C, [N,H,W,C] is N*H*W x C, [C] is 1 x C and a scalar 1 x 1.
//
// Errors:  as AsSpan.
// Owns:    the map is valid as long as the tensor is and is not changed.
template <typename T>
[[nodiscard]] absl::StatusOr<Eigen::Map<const RowMajorMatrix<T>>> AsEigenMatrix(const v1::Tensor& tensor) {
  const absl::StatusOr<absl::Span<const T>> values = AsSpan<T>(tensor);
  if (!values.ok()) return values.status();
  const int rank = tensor.shape_size();
  // AsSpan has checked that no size is negative and that these products fit.
  const int64_t columns = rank == 0 ? 1 : tensor.shape(rank - 1);
  int64_t rows = 1;
  for (int i = 0; i + 1 < rank; ++i) rows *= tensor.shape(i);
  return Eigen::Map<const RowMajorMatrix<T>>(values->data(), rows, columns);
}
template <typename T>
absl::StatusOr<Eigen::Map<const RowMajorMatrix<T>>> AsEigenMatrix(v1::Tensor&&) = delete;

// The tensor of a matrix, an array or an expression of any storage order, evaluated into the tensor without another
// copy: [n] for what Eigen knows to be a vector (also one row or column of a matrix), else [rows, columns].
template <typename Derived>
[[nodiscard]] v1::Tensor MakeTensor(const Eigen::DenseBase<Derived>& expression) {
  using T = typename Derived::Scalar;
  v1::Tensor tensor;
  tensor.set_data_type(DataTypeOf<T>::value);
  if constexpr (Derived::IsVectorAtCompileTime) {
    tensor.add_shape(expression.size());
  } else {
    tensor.add_shape(expression.rows());
    tensor.add_shape(expression.cols());
  }
  std::string& data = *tensor.mutable_data();
  data.resize(static_cast<size_t>(expression.size()) * sizeof(T));
  // Arrays do not convert to matrices: the destination is of the expression's kind.
  using Destination = Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  Eigen::Map<Destination> destination(reinterpret_cast<T*>(data.data()), expression.rows(), expression.cols());
  if constexpr (std::is_base_of_v<Eigen::ArrayBase<Derived>, Derived>) {
    destination = expression.derived();
  } else {
    destination.matrix() = expression.derived();
  }
  return tensor;
}

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_EIGEN_H_
