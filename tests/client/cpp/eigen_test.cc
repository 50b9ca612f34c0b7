#include "tensord/client/eigen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensord/client/eigen_tensor.h"

namespace tensord::client {
namespace {

using ::testing::ElementsAre;

TEST(AsEigenMatrixTest, MatrixIsTheTensorInPlace) {
  const v1::Tensor tensor = MakeTensor<float>({1, 2, 3, 4, 5, 6}, {2, 3});
  const auto matrix = AsEigenMatrix<float>(tensor);
  ASSERT_TRUE(matrix.ok()) << matrix.status();
  EXPECT_EQ(matrix->rows(), 2);
  EXPECT_EQ(matrix->cols(), 3);
  EXPECT_EQ((*matrix)(1, 0), 4.0F);
  EXPECT_EQ(static_cast<const void*>(matrix->data()), static_cast<const void*>(tensor.data().data()));
  EXPECT_EQ(matrix->sum(), 21.0F);
}

TEST(AsEigenMatrixTest, LastAxisAreTheColumns) {
  const v1::Tensor scalar = MakeTensor<double>({7}, {});
  EXPECT_EQ((*AsEigenMatrix<double>(scalar))(0, 0), 7);
  const v1::Tensor vector = MakeTensor<int32_t>({1, 2, 3}, {3});
  EXPECT_EQ(AsEigenMatrix<int32_t>(vector)->rows(), 1);
  EXPECT_EQ(AsEigenMatrix<int32_t>(vector)->cols(), 3);
  const v1::Tensor images = MakeTensor<uint8_t>({1, 2, 3, 4, 5, 6, 7, 8}, {2, 1, 2, 2});
  const auto pixels = AsEigenMatrix<uint8_t>(images);
  EXPECT_EQ(pixels->rows(), 4);
  EXPECT_EQ((*pixels)(3, 1), 8);
  const v1::Tensor empty = MakeTensor<float>({}, {0, 5, 3});
  EXPECT_EQ(AsEigenMatrix<float>(empty)->rows(), 0);
  EXPECT_EQ(AsEigenMatrix<float>(empty)->cols(), 3);
}

TEST(AsEigenMatrixTest, RefusesWhatAsSpanRefuses) {
  const v1::Tensor tensor = MakeTensor<float>({1, 2}, {3});
  EXPECT_EQ(AsEigenMatrix<float>(tensor).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(AsEigenMatrix<double>(tensor).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(MakeTensorFromEigenTest, ElementsAreRowMajorWhateverTheStorageOrder) {
  Eigen::MatrixXd column_major(2, 3);
  column_major << 1, 2, 3, 4, 5, 6;
  const RowMajorMatrix<double> row_major = column_major;
  for (const v1::Tensor& tensor : {MakeTensor(column_major), MakeTensor(row_major)}) {
    EXPECT_THAT(tensor.shape(), ElementsAre(2, 3));
    EXPECT_THAT(*AsSpan<double>(tensor), ElementsAre(1, 2, 3, 4, 5, 6));
  }
}

TEST(MakeTensorFromEigenTest, ExpressionsAndArraysAreEvaluated) {
  Eigen::MatrixXf a(2, 2);
  a << 1, 2, 3, 4;
  const v1::Tensor product = MakeTensor(a * a.transpose());
  EXPECT_THAT(*AsSpan<float>(product), ElementsAre(5, 11, 11, 25));
  const v1::Tensor squares = MakeTensor(a.array() * a.array());
  EXPECT_THAT(*AsSpan<float>(squares), ElementsAre(1, 4, 9, 16));
  const v1::Tensor block = MakeTensor(a.rightCols(1));
  EXPECT_THAT(*AsSpan<float>(block), ElementsAre(2, 4));
}

TEST(MakeTensorFromEigenTest, VectorIsOfRankOne) {
  const Eigen::Vector3f vector(1, 2, 3);
  EXPECT_THAT(MakeTensor(vector).shape(), ElementsAre(3));
  EXPECT_THAT(MakeTensor(vector.transpose()).shape(), ElementsAre(3));
  EXPECT_THAT(MakeTensor(Eigen::VectorXf()).shape(), ElementsAre(0));
}

TEST(AsEigenTensorTest, TensorIsTheTensorInPlace) {
  const v1::Tensor tensor = MakeTensor<float>({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, {2, 2, 3});
  const auto map = AsEigenTensor<float, 3>(tensor);
  ASSERT_TRUE(map.ok()) << map.status();
  EXPECT_EQ(map->dimension(2), 3);
  EXPECT_EQ((*map)(1, 0, 2), 9.0F);
  EXPECT_EQ(static_cast<const void*>(map->data()), static_cast<const void*>(tensor.data().data()));
}

TEST(AsEigenTensorTest, AnotherRankIsRefused) {
  const v1::Tensor tensor = MakeTensor<float>({1, 2, 3, 4}, {2, 2});
  const auto map = AsEigenTensor<float, 4>(tensor);
  EXPECT_EQ(map.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(map.status().message(), "tensor: is of rank 2, not 4");
}

TEST(MakeTensorFromEigenTest, EigenTensorKeepsItsShapeAndElements) {
  Eigen::Tensor<double, 3, Eigen::RowMajor> values(1, 2, 2);
  values.setValues({{{1, 2}, {3, 4}}});
  const v1::Tensor tensor = MakeTensor(values);
  EXPECT_THAT(tensor.shape(), ElementsAre(1, 2, 2));
  EXPECT_THAT(*AsSpan<double>(tensor), ElementsAre(1, 2, 3, 4));
}

}  // namespace
}  // namespace tensord::client
