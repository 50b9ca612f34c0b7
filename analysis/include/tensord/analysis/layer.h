// The shape, parameters, operations and bytes of one layer, from sizes alone.
#ifndef TENSORD_ANALYSIS_LAYER_H_
#define TENSORD_ANALYSIS_LAYER_H_

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "tensord/analysis/count.h"
#include "tensord/analysis/dimension.h"
#include "tensord/compute/conventions.h"
#include "tensord/compute/convolution.h"
#include "tensord/compute/data_type.h"
#include "tensord/compute/pooling.h"
#include "tensord/compute/transposed_convolution.h"
#include "tensord/compute/violations.h"

namespace tensord::analysis {

// A convolution to analyse.
struct ConvolutionLayer {
  std::vector<Dimension> input_shape;   // in the order of the input's layout
  std::vector<Dimension> filter_shape;  // in the order of the filter's layout
  bool bias = true;                     // whether there is one bias per output channel
  compute::ConvolutionConventions conventions = {};
  // Where some stride is a symbol: one per spatial axis, or one for all; conventions.strides is then empty.
  std::vector<Dimension> symbolic_strides = {};
};

// A transposed convolution to analyse; members as ConvolutionLayer's.
struct TransposedConvolutionLayer {
  std::vector<Dimension> input_shape;
  std::vector<Dimension> filter_shape;
  bool bias = true;
  compute::TransposedConvolutionConventions conventions = {};
  std::vector<Dimension> symbolic_strides = {};
};

// A pooling to analyse.
struct PoolingLayer {
  compute::PoolingKind kind = compute::PoolingKind::kMax;
  std::vector<Dimension> input_shape;
  compute::PoolingConventions conventions = {};
  std::vector<Dimension> symbolic_strides = {};  // as in ConvolutionLayer
};

// Bytes of a layer's tensors: elements times the item size.
struct ByteCounts {
  Count input;
  Count filter;  // 0 for pooling
  Count bias;    // 0 without one
  Count output;
};

// What a layer comes to. Counts are for the whole batch; taps that read padding are counted like all others.
// Below, outputs = N*Do*Ho*Wo*O, taps = Kd*Kh*Kw*(C/G), window = Kd*Kh*Kw; what there is no axis for is 1. Of a global
// window Kh is H; the adaptive windows along an axis have H + Ho - gcd(H, Ho) elements, so that outputs*window is
// N*C*(H + Ho - gcd(H, Ho))*(W + Wo - gcd(W, Wo)) and outputs*(window - 1) that less N*C*Ho*Wo.
// A transposed convolution has weights C*(O/G)*window, multiplications N*C*D*H*W*(O/G)*window, one addition for each,
// because every product is added to a cell that starts at 0, and with a bias one more per output element.
struct LayerAnalysis {
  using Geometry =
      std::variant<compute::ConvolutionGeometry, compute::PoolingGeometry, compute::TransposedConvolutionGeometry>;
  explicit LayerAnalysis(Geometry resolved) : geometry(std::move(resolved)) {}

  std::vector<Count> output_shape;  // in the input's layout
  Count parameter_count;            // weight_count + bias_count
  Count weight_count;               // taps*O; pooling: 0
  Count bias_count;                 // O (1 for a filter without channels), or 0 without bias; pooling: 0
  Count multiplication_count;       // outputs*taps; Lp with p = 2: outputs*window; other poolings: 0
  // outputs*(taps - 1), and with a bias + outputs; average and Lp: outputs*(window - 1); else 0
  Count addition_count;
  Count mac_count;             // as multiplication_count
  Count flop_count;            // 2*mac_count
  Count input_channel_count;   // C
  Count output_channel_count;  // O; pooling: C
  ByteCounts byte_count;
  Count comparison_count;  // max pooling: outputs*(window - 1); else 0
  Count division_count;    // average pooling: outputs; else 0

  // One per count above, in its order; quantities are named as the members are: "output_shape[0]", "byte_count.input".
  // General forms use the alphabet of dimensions, for a pooling's window too, and per spatial axis, here H: stride sh,
  // dilation dh, padding ph_begin and ph_end; item_size is the bytes of one element. What does nothing is left out:
  // axes that the layer lacks, a group count, stride or dilation of 1, padding of 0.
  std::vector<Formula> formulas;

  // What the symbols, all at least 1, have to satisfy besides for the results to hold: "N >= 3", "C = 10",
  // "O divisible by 2". Numbers satisfy theirs, or there would be a violation.
  std::vector<std::string> conditions;

  // The conventions resolved; kUnknownSize in place of what depends on a symbol.
  Geometry geometry;
};

// Analyses a layer whose tensors all have the type `type`.
//
// Lengths:  FLOOR floor((H + ph_begin + ph_end - w)/sh) + 1 with w = dh*(Kh - 1) + 1; START_INSIDE
//           floor((H - 1 + ph_begin)/sh) + 1; SAME ceil(H/sh); FULL as FLOOR with padding w - 1; CEIL
//           m + 1 - [sh*m >= H + ph_begin] with m = ceil((H + ph_begin + ph_end - w)/sh), the bracket left out where it
//           provably never holds. A convolution uses FLOOR; CAUSAL is FLOOR with padding w - 1 before. Transposed:
//           sh*(H - 1) + w + oph - ph_begin - ph_end, SAME H*sh, or what output_shape says.
// Symbols:  any size of the input and the filter, and any stride. They stand for positive integers. An output_shape
//           needs numbers, and so does SAME padding that reads REFLECT or CIRCULAR.
// Edges:    a batch of 0 makes counts of 0; other sizes are 1..2^63-1.
// Errors:   everything that is wrong is added to `violations`, and then nothing is returned. Fields are named as in the
//           requests, below `field`: "convolution.input_shape[1]", "convolution.conventions.groups",
//           "pooling.symbolic_strides[0]"; a count beyond 128 bits is a violation of `field` that names the count.
// Threads:  no shared state.
[[nodiscard]] std::optional<LayerAnalysis> AnalyzeConvolution(const ConvolutionLayer& layer, compute::Profile profile,
                                                              compute::DataType type, absl::string_view field,
                                                              compute::Violations& violations);
[[nodiscard]] std::optional<LayerAnalysis> AnalyzeTransposedConvolution(const TransposedConvolutionLayer& layer,
                                                                        compute::Profile profile,
                                                                        compute::DataType type, absl::string_view field,
                                                                        compute::Violations& violations);
[[nodiscard]] std::optional<LayerAnalysis> AnalyzePooling(const PoolingLayer& layer, compute::Profile profile,
                                                          compute::DataType type, absl::string_view field,
                                                          compute::Violations& violations);

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_LAYER_H_
