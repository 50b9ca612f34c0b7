// One pass of one layer, with its tensors.
#ifndef TENSORD_BENCH_KERNELS_PROBLEM_H_
#define TENSORD_BENCH_KERNELS_PROBLEM_H_

#include <cstdint>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bench/kernels/layer.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/tensor.h"

namespace tensord::bench {

// kForwardIndices: a maximum with the indices of its elements, as training has it.
enum class Pass { kForward, kForwardIndices, kBackwardData, kBackwardWeights };
[[nodiscard]] absl::string_view Name(Pass pass);
[[nodiscard]] bool HasPass(Operation operation, Pass pass);

// Plain tensors: NCHW with the filter OIHW, or NHWC with HWIO.
enum class Layout { kNchw, kNhwc };
[[nodiscard]] absl::string_view Name(Layout layout);

using Geometry = std::variant<compute::ConvolutionGeometry, compute::PoolingGeometry>;

struct Problem {
  Layer layer;
  Pass pass;
  Layout layout;
  int64_t batch;
  compute::DataType type;
  Geometry geometry;
  compute::Tensor x;
  compute::Tensor w;   // without elements for poolings
  compute::Tensor du;  // dJ/dU, or U's shape only

  [[nodiscard]] double Flop() const { return layer.Flop() * static_cast<double>(batch); }
  // What tensord cannot but move: each tensor that is read or written, once. The gradient of a maximum reads x, which
  // says where its elements were; peers read indices.
  [[nodiscard]] int64_t Bytes() const;
  // By how much results may differ, as a share of the largest: a maximum is one of its elements.
  [[nodiscard]] double Tolerance() const;
};

// Filled with numbers between -0.5 and 0.5. kInvalidArgument - the layer's sizes contradict each other;
// kResourceExhausted - memory.
[[nodiscard]] absl::StatusOr<Problem> MakeProblem(const Layer& layer, Pass pass, Layout layout, int64_t batch,
                                                  compute::DataType type);

}  // namespace tensord::bench

#endif  // TENSORD_BENCH_KERNELS_PROBLEM_H_
