// One pass of one layer, with its tensors.
#ifndef TENSORD_BENCH_KERNELS_PROBLEM_H_
#define TENSORD_BENCH_KERNELS_PROBLEM_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "bench/kernels/layer.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/tensor.h"

namespace tensord::bench {

enum class Pass { kForward, kBackwardData, kBackwardWeights };
[[nodiscard]] absl::string_view Name(Pass pass);

// Plain tensors: NCHW with the filter OIHW, or NHWC with HWIO.
enum class Layout { kNchw, kNhwc };
[[nodiscard]] absl::string_view Name(Layout layout);

struct Problem {
  Layer layer;
  Pass pass;
  Layout layout;
  int64_t batch;
  compute::DataType type;
  compute::ConvolutionGeometry geometry;
  compute::Tensor x;
  compute::Tensor w;
  compute::Tensor du;  // dJ/dU, or U's shape only

  [[nodiscard]] double Flop() const { return layer.Flop() * static_cast<double>(batch); }
};

// Filled with numbers between -0.5 and 0.5. kInvalidArgument - the layer's sizes contradict each other;
// kResourceExhausted - memory.
[[nodiscard]] absl::StatusOr<Problem> MakeProblem(const Layer& layer, Pass pass, Layout layout, int64_t batch,
                                                  compute::DataType type);

}  // namespace tensord::bench

#endif  // TENSORD_BENCH_KERNELS_PROBLEM_H_
