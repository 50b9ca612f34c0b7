// Tensors as Eigen tensors of a given rank, in place, and from them. Whoever includes this links Eigen3::Eigen; Eigen's
// Tensor module is one of its "unsupported" ones.
#ifndef TENSORD_CLIENT_EIGEN_TENSOR_H_
#define TENSORD_CLIENT_EIGEN_TENSOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <unsupported/Eigen/CXX11/Tensor>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "tensord/client/tensor.h"
#include "tensord/v1/tensor.pb.h"

namespace tensord::client {

template <typename T, int kRank>
using ConstTensorMap = Eigen::TensorMap<Eigen::Tensor<const T, kRank, Eigen::RowMajor>>;

// A tensor of rank kRank as an Eigen tensor, in place: AsEigenTensor<float, 4>(response->output()).
//
// Errors:  as AsSpan; and kInvalidArgument - the tensor is of another rank.
// Owns:    the map is valid as long as the tensor is and is not changed.
template <typename T, int kRank>
[[nodiscard]] absl::StatusOr<ConstTensorMap<T, kRank>> AsEigenTensor(const v1::Tensor& tensor) {
  static_assert(kRank >= 1);
  const absl::StatusOr<absl::Span<const T>> values = AsSpan<T>(tensor);
  if (!values.ok()) return values.status();
  if (tensor.shape_size() != kRank) {
    return absl::InvalidArgumentError(absl::StrCat("tensor: is of rank ", tensor.shape_size(), ", not ", kRank));
  }
  std::array<Eigen::Index, static_cast<size_t>(kRank)> sizes;
  for (int i = 0; i < kRank; ++i) sizes[static_cast<size_t>(i)] = tensor.shape(i);
  return ConstTensorMap<T, kRank>(values->data(), sizes);
}
template <typename T, int kRank>
absl::StatusOr<ConstTensorMap<T, kRank>> AsEigenTensor(v1::Tensor&&) = delete;

// The tensor with a copy of a row-major Eigen tensor's elements.
template <typename T, int kRank>
[[nodiscard]] v1::Tensor MakeTensor(const Eigen::Tensor<T, kRank, Eigen::RowMajor>& values) {
  std::array<int64_t, static_cast<size_t>(kRank)> shape;
  for (int i = 0; i < kRank; ++i) shape[static_cast<size_t>(i)] = values.dimension(static_cast<size_t>(i));
  return MakeTensor<T>(absl::MakeConstSpan(values.data(), static_cast<size_t>(values.size())), shape);
}

}  // namespace tensord::client

#endif  // TENSORD_CLIENT_EIGEN_TENSOR_H_
