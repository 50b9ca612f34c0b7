// Which elements along an axis a position along another axis reads.
#ifndef TENSORD_ANALYSIS_SRC_MODEL_AXIS_READ_H_
#define TENSORD_ANALYSIS_SRC_MODEL_AXIS_READ_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tensord::analysis::model {

// Position o along output_axis reads elements i only with
//
//   stride*o + offset <= denominator*i <= stride*o + offset + span.
//
// stride and denominator are at least 1, span at least 0, and all of them, and offset's magnitude, below kBound.
struct AxisRead {
  static constexpr int kWhole = -1;
  static constexpr int64_t kBound = int64_t{1} << 60;

  int output_axis = kWhole;  // kWhole: every position of the output reads the whole axis; the numbers mean nothing then
  int64_t stride = 1;
  int64_t offset = 0;
  int64_t span = 0;
  int64_t denominator = 1;
  bool is_window = false;  // a convolution's or pooling's window lies along the axis, which is then a spatial one

  [[nodiscard]] bool is_whole() const { return output_axis == kWhole; }
  bool operator==(const AxisRead&) const = default;
};

// One for each axis of a tensor that is read.
using AxisReads = std::vector<AxisRead>;

// What a tensor reads of the model's inputs: of `input`, by its place in the graph.
struct InputReads {
  size_t input = 0;
  AxisReads axes;
};

// Sorted by the input's place. Null: not known. Shared by tensors whose positions see the same.
using Fields = std::vector<InputReads>;
using FieldsPointer = std::shared_ptr<const Fields>;

}  // namespace tensord::analysis::model

#endif  // TENSORD_ANALYSIS_SRC_MODEL_AXIS_READ_H_
