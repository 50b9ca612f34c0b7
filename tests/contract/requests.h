// A good request for every rpc, for tests to send or to spoil.
#ifndef TENSORD_TESTS_CONTRACT_REQUESTS_H_
#define TENSORD_TESTS_CONTRACT_REQUESTS_H_

#include <initializer_list>
#include <string>
#include <vector>

#include "tensord/v1/activation.pb.h"
#include "tensord/v1/analysis.pb.h"
#include "tensord/v1/convolution.pb.h"
#include "tensord/v1/model.pb.h"
#include "tensord/v1/pooling.pb.h"
#include "tensord/v1/server.pb.h"
#include "tensord/v1/transposed_convolution.pb.h"
#include "tensord/v1/unpooling.pb.h"

namespace tensord::contract {

// A float32 tensor, its elements as bytes.
[[nodiscard]] v1::Tensor Floats(std::initializer_list<int64_t> shape, const std::vector<float>& values);
// The same with the elements 0, 1, 2, ... modulo 7.
[[nodiscard]] v1::Tensor Ramp(std::initializer_list<int64_t> shape);
// A tensor of that type, its elements as integers or as reals.
[[nodiscard]] v1::Tensor Integers(v1::DataType type, std::initializer_list<int64_t> shape,
                                  const std::vector<int64_t>& values);
[[nodiscard]] v1::Tensor Reals(v1::DataType type, std::initializer_list<int64_t> shape,
                               const std::vector<double>& values);
// The elements of a tensor of an answer, from any form; as bytes, of float32, float64, int32 or int64.
[[nodiscard]] std::vector<double> Values(const v1::Tensor& tensor);

// NHWC [2, 5, 4, 3] with HWIO [2, 2, 3, 4], a bias and a sigmoid.
[[nodiscard]] v1::ConvolveRequest GoodConvolve();
// Every gradient of GoodConvolve.
[[nodiscard]] v1::ConvolveBackwardRequest GoodConvolveBackward();
// NHWC [2, 5, 4, 3] by stride 2 with HWIO [2, 2, 3, 4], an output padding of 1, a bias and a sigmoid.
[[nodiscard]] v1::ConvolveTransposeRequest GoodConvolveTranspose();
// Every gradient of GoodConvolveTranspose.
[[nodiscard]] v1::ConvolveTransposeBackwardRequest GoodConvolveTransposeBackward();
// Max pooling of NHWC [2, 5, 4, 3], window 2, with indices.
[[nodiscard]] v1::PoolRequest GoodPool();
[[nodiscard]] v1::PoolBackwardRequest GoodPoolBackward();
[[nodiscard]] v1::UnpoolRequest GoodUnpool();
[[nodiscard]] v1::UnpoolBackwardRequest GoodUnpoolBackward();
// Leaky relu of [2, 3].
[[nodiscard]] v1::ActivateRequest GoodActivate();
[[nodiscard]] v1::ActivateBackwardRequest GoodActivateBackward();
// Prelu of the same with both gradients, and softmax of the same.
[[nodiscard]] v1::ActivateBackwardRequest GoodPreluBackward();
[[nodiscard]] v1::ActivateRequest GoodSoftmax();
// The convolution layer (48, 64, 10) * (3, 3, 10, 20), GoodConvolveTranspose's layer, and a pooling layer.
[[nodiscard]] v1::AnalyzeLayerRequest GoodAnalyzeConvolution();
[[nodiscard]] v1::AnalyzeLayerRequest GoodAnalyzeTransposed();
[[nodiscard]] v1::AnalyzeLayerRequest GoodAnalyzePooling();
[[nodiscard]] v1::DescribeDatasetRequest GoodDescribeDataset();
// x [N,3,8,8] through a convolution by [4,3,3,3], as ONNX without weights.
[[nodiscard]] v1::AnalyzeModelRequest GoodAnalyzeModel();

// One rpc with a good request.
struct GoodCall {
  std::string method;  // "tensord.v1.TensorService/Pool"
  std::string bytes;
};
// At least one for every unary rpc of tensord.v1.
[[nodiscard]] std::vector<GoodCall> GoodCalls();

}  // namespace tensord::contract

#endif  // TENSORD_TESTS_CONTRACT_REQUESTS_H_
