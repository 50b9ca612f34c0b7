// Receptive fields: what positions of a layer's output see of the model's inputs.
#ifndef TENSORD_ANALYSIS_RECEPTIVE_FIELD_H_
#define TENSORD_ANALYSIS_RECEPTIVE_FIELD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tensord/analysis/count.h"

namespace tensord::analysis {

// numerator/denominator in lowest terms; the denominator is at least 1.
struct Fraction {
  int64_t numerator = 0;
  int64_t denominator = 1;
  bool operator==(const Fraction&) const = default;
};

// Along one axis of a data input. Its elements are numbered from 0; padding before them has the numbers below, padding
// behind them those from the axis' length on. Position o of the output's axis sees elements only from
//
//   begin(o) = ceil(offset + stride*o)   to   begin(o) + size - 1
//
// through all paths from the input.
//
// Exact:  where no path makes the map larger, stride and offset are integers, and both of these elements are ones that
//         position o sees; what lies between is counted whether a dilation or a branch leaves it out or not.
//         Transposed convolutions, Resize and DepthToSpace make the stride a fraction of the one before; there, and
//         where SAME padding depends on a symbol, the field is never smaller than what a position sees, but it may be
//         larger, as positions do not lie evenly: size is then what the position needs that needs most of all.
// Whole:  is_whole says that every position is taken to see the whole axis.
// Source: Araujo, Norris, Sim, https://distill.pub/2019/computing-receptive-fields/ (strides, sizes and offsets of
//         paths and of graphs; its padding is -offset here).
struct ReceptiveAxis {
  size_t axis = 0;         // of the data input
  size_t output_axis = 0;  // of the layer's output; 0 where is_whole
  Count size;              // the axis' length where is_whole
  Fraction stride;         // above 0; 0 where is_whole
  Fraction offset;         // 0 where is_whole
  // How many of the output's positions begin below 0, and how many end behind the last element. Nothing where that
  // depends on a symbol, and where is_whole.
  std::optional<int64_t> begin_border;
  std::optional<int64_t> end_border;
  bool is_whole = false;
};

// Of one data input.
struct ReceptiveField {
  size_t input = 0;  // its place in ModelAnalysis::inputs
  // Of its spatial axes: those along which a convolution or a pooling moves its window, and where there is none, all
  // from the third on.
  std::vector<ReceptiveAxis> axes;
};

// Data inputs that a tensor's fields are followed from; of one that is computed from more, nothing is known.
inline constexpr size_t kMaxReceptiveInputs = 16;
// Axes of all layers' fields together, as many as 2^17 layers have of a video; of layers behind them, nothing is known.
inline constexpr size_t kMaxReceptiveAxes = size_t{1} << 19;

}  // namespace tensord::analysis

#endif  // TENSORD_ANALYSIS_RECEPTIVE_FIELD_H_
