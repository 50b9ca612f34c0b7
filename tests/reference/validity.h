// Whether a convolution or a transposed convolution is legal and how long its output is, decided by walking, axis by
// axis, from what the protos' comments say alone.
#ifndef TENSORD_TESTS_REFERENCE_VALIDITY_H_
#define TENSORD_TESTS_REFERENCE_VALIDITY_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "tensord/compute/conventions.h"

namespace tensord::reference {

// One spatial axis as a request says it.
struct AxisRequest {
  int64_t input = 1;
  int64_t window = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t begin = 0;  // read with kExplicit only
  int64_t end = 0;
  // Of transposed convolutions.
  std::optional<int64_t> output_padding = {};
  std::optional<int64_t> output_shape = {};
};

// A request's sizes. `filter_input` and `filter_output` are the filter's I and O.
struct ConvolutionRequest {
  int64_t batch = 1;
  int64_t channels = 1;
  int64_t filter_input = 1;
  int64_t filter_output = 1;
  int64_t groups = 1;
  std::optional<compute::PaddingMode> mode = {};  // absent: no padding is given at all
  compute::PaddingSource source = compute::PaddingSource::kZero;
  std::vector<AxisRequest> axes = {};
};

// The output's spatial sizes and, last, its channels; nothing where the request is not legal.
std::optional<std::vector<int64_t>> OutputOfConvolution(const ConvolutionRequest& request);
std::optional<std::vector<int64_t>> OutputOfTransposed(const ConvolutionRequest& request);

}  // namespace tensord::reference

#endif  // TENSORD_TESTS_REFERENCE_VALIDITY_H_
