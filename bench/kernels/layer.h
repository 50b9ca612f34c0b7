// The layers of bench/shapes.
#ifndef TENSORD_BENCH_KERNELS_LAYER_H_
#define TENSORD_BENCH_KERNELS_LAYER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tensord::bench {

enum class Operation { kConvolution, kMaxPooling, kAveragePooling };
[[nodiscard]] absl::string_view Name(Operation operation);

// A convolution or a pooling of two spatial axes. Padding at the ends is what the output's sizes leave.
struct Layer {
  std::string name;
  std::string kind;  // "3x3 s1", ...
  Operation operation;
  int64_t groups;  // a pooling's are its channels, as are output_channels
  int64_t input_channels;
  int64_t input_height;
  int64_t input_width;
  int64_t output_channels;
  int64_t output_height;
  int64_t output_width;
  int64_t window_height;
  int64_t window_width;
  int64_t stride_height;
  int64_t stride_width;
  int64_t pad_top;
  int64_t pad_left;
  int64_t suggested_batch;

  [[nodiscard]] int64_t pad_bottom() const {
    return (output_height - 1) * stride_height + window_height - input_height - pad_top;
  }
  [[nodiscard]] int64_t pad_right() const {
    return (output_width - 1) * stride_width + window_width - input_width - pad_left;
  }
  // Multiplications and additions of one sample's forward pass, and of either gradient; 0 for poolings.
  [[nodiscard]] double Flop() const;
  // Flop() over the bytes of one sample's tensors and the filter, in float32.
  [[nodiscard]] double FlopPerByte() const;
};

// The rows of a CSV file whose first line names its columns. One with a column "c" is of poolings: of each row's shape
// a maximum and an average, with batches whose tensors outgrow second-level caches, if the network's is as large.
// kNotFound - no such file; kInvalidArgument - a column is missing, or a row's entry is no number; the text names file,
// line and column.
[[nodiscard]] absl::StatusOr<std::vector<Layer>> ReadLayers(const std::string& path);

}  // namespace tensord::bench

#endif  // TENSORD_BENCH_KERNELS_LAYER_H_
