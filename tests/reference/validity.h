// Whether a convolution, a transposed convolution or a pooling is legal and how long its output is, decided by walking,
// axis by axis, from what the protos' comments say alone.
#ifndef TENSORD_TESTS_REFERENCE_VALIDITY_H_
#define TENSORD_TESTS_REFERENCE_VALIDITY_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "tensord/compute/conventions.h"
#include "tensord/compute/pooling.h"

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

// A pooling's. What a request may leave out has a flag that says whether it is there.
struct PoolingRequest {
  compute::PoolingKind kind = compute::PoolingKind::kMax;
  int64_t batch = 1;
  int64_t channels = 1;
  std::optional<compute::WindowMode> window_mode = {};
  bool has_window = true;
  bool has_strides = true;
  bool has_dilations = true;
  std::optional<compute::PaddingMode> mode = {};
  std::optional<compute::LengthRule> rule = {};
  std::optional<compute::PaddingLimit> limit = {};
  bool has_divisor = false;  // EXCLUDED
  std::optional<compute::EmptyWindow> empty_window = {};
  std::vector<AxisRequest> axes = {};
  std::vector<int64_t> output_size = {};
};

// The output's spatial sizes, without a profile; nothing where the request is not legal.
std::optional<std::vector<int64_t>> OutputOfPooling(const PoolingRequest& request);

}  // namespace tensord::reference

#endif  // TENSORD_TESTS_REFERENCE_VALIDITY_H_
