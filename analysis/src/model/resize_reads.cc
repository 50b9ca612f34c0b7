#include "analysis/src/model/resize_reads.h"

#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include "analysis/src/model/axis_read.h"
#include "analysis/src/model/reads.h"
#include "analysis/src/model/size_inputs.h"

namespace tensord::analysis::model {
namespace {

// A position o is sampled at (stride*o + offset)/denominator.
struct Places {
  int64_t stride;
  int64_t offset;
  int64_t denominator;
};

// The lengths of which one makes the other: from/to is a sample's step.
struct Step {
  int64_t from;
  int64_t to;
};

constexpr int64_t kMostSimple = 64;
constexpr int64_t kMostLength = int64_t{1} << 24;

// A scale as a fraction of small numbers; nothing where it is none.
std::optional<Step> SimpleStep(double scale) {
  for (int64_t from = 1; from <= kMostSimple; ++from) {
    const double to = scale * static_cast<double>(from);
    if (to > static_cast<double>(kMostSimple)) break;
    if (to >= 1 && to == std::floor(to)) return Step{.from = from, .to = static_cast<int64_t>(to)};
  }
  return std::nullopt;
}

// Source: https://github.com/onnx/onnx/blob/main/docs/Operators.md#Resize (coordinate_transformation_mode)
std::optional<Places> PlacesOf(const std::string& mode, const Step& step, const std::optional<Step>& lengths) {
  if (mode == "asymmetric") return Places{.stride = step.from, .offset = 0, .denominator = step.to};
  // (o + 1/2)*from/to - 1/2, for PyTorch's way too, but where one sample is made of more.
  const bool is_pytorch =
      mode == "pytorch_half_pixel" && (step.to >= step.from || (lengths.has_value() && lengths->to > 1));
  if (mode == "half_pixel" || is_pytorch) {
    return Places{.stride = 2 * step.from, .offset = step.from - step.to, .denominator = 2 * step.to};
  }
  if (mode == "tf_half_pixel_for_nn") {
    return Places{.stride = 2 * step.from, .offset = step.from, .denominator = 2 * step.to};
  }
  if (mode == "align_corners" && lengths.has_value() && lengths->to > 1 && lengths->from > 1) {
    return Places{.stride = lengths->from - 1, .offset = 0, .denominator = lengths->to - 1};
  }
  return std::nullopt;
}

// Elements within `reach` of a place, itself not reached; with 0 the nearest one, halves in either direction. Rounded
// always down, or up, the nearest one is less than 1 away, and so it is where that lies outside and the next one inside
// is taken.
AxisRead Around(Places places, int reach, bool is_rounded_to_nearest, size_t axis) {
  const int64_t factor = reach == 0 && is_rounded_to_nearest ? 2 : 1;
  AxisRead read{.output_axis = static_cast<int>(axis),
                .stride = places.stride * factor,
                .offset = places.offset * factor,
                .span = 0,
                .denominator = places.denominator * factor};
  if (factor == 2) {
    read.offset -= places.denominator;
    read.span = 2 * places.denominator;
    return read;
  }
  const int64_t within = (reach == 0 ? 1 : reach) * read.denominator - 1;
  read.offset -= within;
  read.span = 2 * within;
  return read;
}

// Numerators of places are multiples of what stride, offset and denominator share.
Places Simplified(Places places) {
  const int64_t divisor = std::gcd(std::gcd(places.stride, places.offset), places.denominator);
  return {places.stride / divisor, places.offset / divisor, places.denominator / divisor};
}

// Down from places between elements: the element before.
AxisRead Before(const Places& places, size_t axis) {
  return {.output_axis = static_cast<int>(axis),
          .stride = places.stride,
          .offset = places.offset - (places.denominator - 1),
          .span = places.denominator - 1,
          .denominator = places.denominator};
}

}  // namespace

void ReadResized(NodeView& node, const std::vector<size_t>& axes, const std::optional<std::vector<double>>& scales,
                 const Shape& output, int reach) {
  const bool is_old = node.node().op_type == "Upsample" || node.opset() < 11;
  const std::string mode =
      node.Text("coordinate_transformation_mode", is_old ? "asymmetric" : "half_pixel").value_or("");
  const std::string nearest = node.Text("nearest_mode", is_old ? "floor" : "round_prefer_floor").value_or("");
  const Shape& input = *node.input(0).shape;
  const bool is_filtered = node.Int("antialias", 0).value_or(1) != 0;
  AxisReads reads = SameAxes(input.size());
  for (size_t i = 0; i < axes.size(); ++i) {
    const std::optional<int64_t> from = NumberOf(input[axes[i]]);
    const std::optional<int64_t> to = NumberOf(output[axes[i]]);
    std::optional<Step> lengths;
    if (from.has_value() && to.has_value() && *from > 0 && *to > 0 && *from < kMostLength && *to < kMostLength) {
      lengths = Step{.from = *from, .to = *to};
    }
    const std::optional<Step> step = scales.has_value() ? SimpleStep((*scales)[i]) : lengths;
    AxisRead& read = reads[axes[i]];
    const bool is_kept =
        step.has_value() ? step->from == step->to : !scales.has_value() && input[axes[i]] == output[axes[i]];
    if (is_kept && mode != "tf_crop_and_resize") continue;
    const std::optional<Places> places = step.has_value() ? PlacesOf(mode, *step, lengths) : std::nullopt;
    if (!places.has_value() || is_filtered) {
      read = {};
    } else if (reach == 0 && nearest == "floor" && mode == "asymmetric") {
      read = Before(Simplified(*places), axes[i]);
    } else {
      read = Around(Simplified(*places), reach, nearest == "round_prefer_floor" || nearest == "round_prefer_ceil",
                    axes[i]);
    }
  }
  node.Read(0, 0, std::move(reads));
}

}  // namespace tensord::analysis::model
