// Operators that take samples of an image at other places than its pixels'.
#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/moved_values.h"
#include "analysis/src/model/operators.h"
#include "analysis/src/model/reads.h"
#include "analysis/src/model/resize_reads.h"
#include "analysis/src/model/size_inputs.h"
#include "tensord/compute/status_macros.h"

namespace tensord::analysis::model {
namespace {

// Its number is how far the elements lie at most that a sample is made from; 0 for the nearest one.
enum class Interpolation { kNearest = 0, kLinear = 1, kCubic = 2 };

absl::StatusOr<Interpolation> InterpolationOf(const NodeView& node, absl::string_view otherwise) {
  TENSORD_ASSIGN_OR_RETURN(const std::string mode, node.Text("mode", otherwise));
  if (mode == "nearest") return Interpolation::kNearest;
  if (mode == "linear" || mode == "bilinear") return Interpolation::kLinear;
  if (mode == "cubic" || mode == "bicubic") return Interpolation::kCubic;
  return node.Error(
      absl::StrCat("its attribute mode was \"", PrintableName(mode), "\", has to be nearest, linear or cubic"));
}

// Of `samples` samples between grid points in that many axes. Linear interpolation, a + w*(b - a), halves the 2^axes
// neighbours of a sample axis by axis: 2^axes - 1 interpolations of one multiplication and two additions each. Cubic
// interpolation weighs 4^axes neighbours. What the places and weights cost is not counted: they are shared by channels.
void CountInterpolations(Interpolation interpolation, const Expression& samples, size_t axes, OperationCounts& counts) {
  if (axes == 0 || interpolation == Interpolation::kNearest) return;
  if (interpolation == Interpolation::kLinear) {
    const Expression steps = samples * ((int64_t{1} << axes) - 1);
    counts.multiplications = counts.multiplications + steps;
    counts.additions = counts.additions + steps * 2;
  } else {
    const int64_t taps = int64_t{1} << (2 * axes);
    counts.multiplications = counts.multiplications + samples * taps;
    counts.additions = counts.additions + samples * (taps - 1);
  }
}

// The resized output, with its cost.
void SetResized(NodeView& node, const Shape& input, Shape output, Interpolation interpolation) {
  size_t axes = 0;
  for (size_t i = 0; i < input.size(); ++i) axes += input[i] == output[i] ? size_t{0} : size_t{1};
  CountInterpolations(interpolation, ElementCount(output), axes, node.counts());
  SetMoved(node, 0, std::move(output));
}

// floor(size * scale), as float32 has it; nothing where a symbol meets a scale that float32 rounds products of.
//
// Source: https://github.com/onnx/onnx/blob/main/onnx/defs/tensor/utils.cc (resizeShapeInferenceHelper)
absl::StatusOr<std::optional<Expression>> ScaledLength(const NodeView& node, const Expression& size, double scale) {
  if (!std::isfinite(scale) || scale <= 0) {
    return node.Error(absl::StrCat("its scale was ", scale, ", has to be above 0"));
  }
  if (const std::optional<int64_t> number = NumberOf(size); number.has_value()) {
    const float length = std::floor(static_cast<float>(*number) * static_cast<float>(scale));
    constexpr float kBeyond = 9223372036854775808.0F;  // 2^63
    if (length < kBeyond) return Expression(static_cast<int64_t>(length));
    return node.Error(absl::StrCat("a size of ", *number, " times ", scale, " does not fit into 64 bits"));
  }
  // A product with a fraction like 3/2 is exact for every size below 2^16.
  constexpr double kMostNumerator = 256;
  constexpr int64_t kMostDenominator = int64_t{1} << 24;
  for (int64_t denominator = 1; denominator <= kMostDenominator; denominator *= 2) {
    const double numerator = scale * static_cast<double>(denominator);
    if (numerator > kMostNumerator) break;
    if (numerator == std::floor(numerator)) return Floor(size * static_cast<int64_t>(numerator), denominator);
  }
  return std::nullopt;
}

// The reals that an input or an attribute gives.
absl::StatusOr<std::vector<double>> RealsOrInput(const NodeView& node, absl::string_view name, size_t index) {
  if (!node.Has(index)) {
    if (!node.HasAttribute(name)) return node.Error(absl::StrCat("its ", name, " are missing"));
    return node.Reals(name);
  }
  if (const std::vector<double>* const reals = node.input(index).reals(); reals != nullptr) return *reals;
  return node.Error(absl::StrCat("its ", name, " ", node.Describe(index), " have to be reals"));
}

// Whether reals that an input gives have symbols in them, as sizes that were cast do: no shape follows then.
bool HaveSymbols(const NodeView& node, size_t index) {
  if (!node.Has(index) || node.input(index).integers() == nullptr) return false;
  return IsReal(node.input(index).type);
}

// How an image's axes become other ones.
struct Resizing {
  std::vector<size_t> axes;
  std::vector<double> extents;  // for each of the axes, how much of it is resized
};

absl::Status CheckCount(const NodeView& node, absl::string_view what, size_t count, size_t expected) {
  if (count == expected) return absl::OkStatus();
  return node.Error(
      absl::StrCat("it has ", count, " ", what, ", and has to have ", expected, " for its input ", node.Describe(0)));
}

// The output's shape from scales; nothing where it is not known.
absl::StatusOr<std::optional<Shape>> ScaledShape(NodeView& node, const Shape& input, const Resizing& resizing,
                                                 const std::vector<double>& scales) {
  TENSORD_RETURN_IF_ERROR(CheckCount(node, "scales", scales.size(), resizing.axes.size()));
  Shape output = input;
  for (size_t i = 0; i < scales.size(); ++i) {
    Expression& size = output[resizing.axes[i]];
    TENSORD_ASSIGN_OR_RETURN(auto length, ScaledLength(node, size, scales[i] * resizing.extents[i]));
    if (!length.has_value()) return std::nullopt;
    size = *std::move(length);
  }
  return output;
}

// Whether a/b is less than c/d, for sizes of 64 bits.
bool IsLess(const Integer& a, const Integer& b, const Integer& c, const Integer& d) {
  return *Multiply(a, d) < *Multiply(c, b);
}

// All of the axes by one factor, the least or the greatest that the sizes tell, and rounded, halves upwards.
absl::StatusOr<std::optional<Shape>> ProportionalShape(NodeView& node, const Shape& input, const Resizing& resizing,
                                                       const std::vector<Expression>& sizes, bool is_least) {
  std::optional<std::pair<int64_t, int64_t>> factor;
  std::vector<int64_t> lengths;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const std::optional<int64_t> from = NumberOf(input[resizing.axes[i]]);
    const std::optional<int64_t> to = NumberOf(sizes[i]);
    if (!from.has_value() || !to.has_value()) return std::nullopt;
    if (*from == 0) return node.Error("an axis without elements has no proportions to keep");
    lengths.push_back(*from);
    const bool is_better = !factor.has_value() || (is_least ? IsLess(*to, *from, factor->first, factor->second)
                                                            : IsLess(factor->first, factor->second, *to, *from));
    if (is_better) factor = {*to, *from};
  }
  Shape output = input;
  for (size_t i = 0; i < lengths.size(); ++i) {
    output[resizing.axes[i]] =
        Floor(Expression(lengths[i]) * factor->first * 2 + factor->second, Expression(factor->second) * 2);
  }
  return output;
}

// The output's shape from sizes, likewise.
absl::StatusOr<std::optional<Shape>> SizedShape(NodeView& node, const Shape& input, const Resizing& resizing,
                                                size_t index) {
  TENSORD_ASSIGN_OR_RETURN(const std::string policy, node.Text("keep_aspect_ratio_policy", "stretch"));
  TENSORD_ASSIGN_OR_RETURN(const auto sizes, RequireList(node, "sizes", index));
  TENSORD_RETURN_IF_ERROR(CheckCount(node, "sizes", sizes.size(), resizing.axes.size()));
  TENSORD_RETURN_IF_ERROR(ShapeFrom(node, sizes).status());
  if (policy == "not_larger" || policy == "not_smaller") {
    return ProportionalShape(node, input, resizing, sizes, policy == "not_larger");
  }
  if (policy != "stretch") {
    return node.Error("its attribute keep_aspect_ratio_policy has to be stretch, not_larger or not_smaller");
  }
  Shape output = input;
  for (size_t i = 0; i < sizes.size(); ++i) output[resizing.axes[i]] = sizes[i];
  return output;
}

// The axes, and how much of each is resized: all of it, unless a part is cropped. Nothing where that is not known.
absl::StatusOr<std::optional<Resizing>> ResizingOf(NodeView& node, size_t rank, bool is_scaled) {
  Resizing resizing;
  TENSORD_ASSIGN_OR_RETURN(const std::vector<int64_t> told, node.Ints("axes"));
  TENSORD_ASSIGN_OR_RETURN(resizing.axes, AxesFrom(node, std::vector<Expression>(told.begin(), told.end()), rank));
  if (!node.HasAttribute("axes")) {
    for (size_t i = 0; i < rank; ++i) resizing.axes.push_back(i);
  }
  const size_t count = resizing.axes.size();
  resizing.extents.assign(count, 1);
  TENSORD_ASSIGN_OR_RETURN(const std::string mode, node.Text("coordinate_transformation_mode", "half_pixel"));
  if (mode != "tf_crop_and_resize" || !is_scaled) return resizing;
  if (LeaveUndecided(node, {1}) || HaveSymbols(node, 1)) {
    node.LeaveUnknown();
    return std::nullopt;
  }
  TENSORD_ASSIGN_OR_RETURN(const std::vector<double> roi, RealsOrInput(node, "roi", 1));
  TENSORD_RETURN_IF_ERROR(CheckCount(node, "bounds in its roi", roi.size(), 2 * count));
  for (size_t i = 0; i < count; ++i) resizing.extents[i] = roi[count + i] - roi[i];
  return resizing;
}

// Source: https://github.com/onnx/onnx/blob/main/docs/Operators.md#Resize
absl::Status Resize(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 1));
  TENSORD_ASSIGN_OR_RETURN(const Interpolation interpolation, InterpolationOf(node, "nearest"));
  // Before opset 11 the scales are the second input and there is nothing else. An empty tensor is as none at all.
  const bool is_newer = node.opset() >= 11 || node.input_count() > 2;
  const size_t scales_index = is_newer ? 2 : 1;
  const auto is_given = [&](size_t index) {
    return node.Has(index) && node.input(index).shape != std::optional<Shape>(Shape{0});
  };
  const bool is_scaled = is_given(scales_index);
  const bool is_sized = is_newer && is_given(3);
  if (is_scaled == is_sized) return node.Error("it has to have either scales or sizes");
  MarkConstants(node, {1, 2, 3});
  const size_t index = is_scaled ? scales_index : 3;
  TENSORD_RETURN_IF_ERROR(node.ShapeOf(index, is_scaled ? "scales" : "sizes", 1, 1).status());
  TENSORD_ASSIGN_OR_RETURN(const auto resizing, ResizingOf(node, input->size(), is_scaled));
  if (!resizing.has_value() || LeaveUndecided(node, {index})) return absl::OkStatus();
  if (is_scaled && HaveSymbols(node, index)) {
    node.LeaveUnknown();
    return absl::OkStatus();
  }
  std::optional<Shape> output;
  std::optional<std::vector<double>> scales;
  if (is_scaled) {
    TENSORD_ASSIGN_OR_RETURN(scales, RealsOrInput(node, "scales", index));
    TENSORD_ASSIGN_OR_RETURN(output, ScaledShape(node, *input, *resizing, *scales));
  } else {
    TENSORD_ASSIGN_OR_RETURN(output, SizedShape(node, *input, *resizing, index));
  }
  // How many neighbours a filter against aliasing weighs depends on the scale.
  TENSORD_ASSIGN_OR_RETURN(const int64_t antialias, node.Int("antialias", 0));
  const bool is_filtered = antialias != 0 && interpolation != Interpolation::kNearest;
  if (is_filtered || !output.has_value()) node.LeaveUnknown();
  if (output.has_value()) {
    ReadResized(node, resizing->axes, scales, *output, static_cast<int>(interpolation));
    SetResized(node, *input, *std::move(output), interpolation);
  }
  return absl::OkStatus();
}

absl::Status Upsample(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 1));
  TENSORD_ASSIGN_OR_RETURN(const Interpolation interpolation, InterpolationOf(node, "nearest"));
  if (node.Has(1)) TENSORD_RETURN_IF_ERROR(node.ShapeOf(1, "scales", 1, 1).status());
  if (LeaveUndecided(node, {1}) || HaveSymbols(node, 1)) {
    node.LeaveUnknown();
    return absl::OkStatus();
  }
  TENSORD_ASSIGN_OR_RETURN(const std::vector<double> scales, RealsOrInput(node, "scales", 1));
  Resizing resizing{.axes = {}, .extents = std::vector<double>(input->size(), 1)};
  for (size_t i = 0; i < input->size(); ++i) resizing.axes.push_back(i);
  TENSORD_ASSIGN_OR_RETURN(std::optional<Shape> output, ScaledShape(node, *input, resizing, scales));
  if (output.has_value()) {
    ReadResized(node, resizing.axes, scales, *output, static_cast<int>(interpolation));
    SetResized(node, *input, *std::move(output), interpolation);
  } else {
    node.LeaveUnknown();
  }
  return absl::OkStatus();
}

absl::Status GridSample(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 3));
  TENSORD_ASSIGN_OR_RETURN(const Shape* grid, node.ShapeOf(1, "grid", input->size(), input->size()));
  TENSORD_ASSIGN_OR_RETURN(const Interpolation interpolation, InterpolationOf(node, "linear"));
  const size_t axes = input->size() - 2;
  const std::string rule = absl::StrCat("its grid ", node.Describe(1), " has to have the batch of its input ",
                                        node.Describe(0), " and places of ", axes, " coordinates");
  TENSORD_RETURN_IF_ERROR(node.RequireEqual(grid->front(), input->front(), rule));
  TENSORD_RETURN_IF_ERROR(node.RequireEqual(grid->back(), static_cast<int64_t>(axes), rule));
  Shape output = {(*input)[0], (*input)[1]};
  output.insert(output.end(), grid->begin() + 1, grid->end() - 1);
  CountInterpolations(interpolation, ElementCount(output), axes, node.counts());
  ReadAll(node);
  SetMoved(node, 0, std::move(output));
  return absl::OkStatus();
}

// An integer attribute from 1 on.
absl::StatusOr<int64_t> Edge(const NodeView& node, absl::string_view name) {
  TENSORD_ASSIGN_OR_RETURN(const int64_t edge, node.Int(name, 1));
  if (edge >= 1) return edge;
  return node.Error(absl::StrCat("its attribute ", name, " was ", edge, ", has to be at least 1"));
}

// Regions [regions, numbers] of the first input's images.
absl::StatusOr<const Shape*> RegionsOf(NodeView& node, int64_t numbers) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* regions, node.ShapeOf(1, "rois", 2, 2));
  TENSORD_RETURN_IF_ERROR(node.RequireEqual(
      (*regions)[1], numbers, absl::StrCat("its rois ", node.Describe(1), " have ", numbers, " numbers each")));
  return regions;
}

// The mean or maximum of ratio*ratio samples, each interpolated linearly in two axes. Without a ratio there are as many
// samples as the region is large, which is a matter of data.
absl::Status RoiAlign(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 4, 4));
  TENSORD_ASSIGN_OR_RETURN(const Shape* regions, RegionsOf(node, 4));
  TENSORD_ASSIGN_OR_RETURN(const Shape* images, node.ShapeOf(2, "batch indices", 1, 1));
  TENSORD_RETURN_IF_ERROR(node.RequireEqual(
      (*images)[0], (*regions)[0],
      absl::StrCat("its batch indices ", node.Describe(2), " have to be as many as its rois ", node.Describe(1))));
  MarkConstants(node, {1, 2});
  TENSORD_ASSIGN_OR_RETURN(const int64_t height, Edge(node, "output_height"));
  TENSORD_ASSIGN_OR_RETURN(const int64_t width, Edge(node, "output_width"));
  TENSORD_ASSIGN_OR_RETURN(const int64_t ratio, node.Int("sampling_ratio", 0));
  TENSORD_ASSIGN_OR_RETURN(const std::string mode, node.Text("mode", "avg"));
  if (ratio < 0) return node.Error(absl::StrCat("its sampling_ratio was ", ratio, ", has to be at least 0"));
  if (mode != "avg" && mode != "max") return node.Error("its attribute mode has to be avg or max");
  Shape output = {(*regions)[0], (*input)[1], height, width};
  if (ratio == 0) {
    node.LeaveUnknown();
  } else {
    const Expression elements = ElementCount(output);
    const Expression samples = Expression(ratio) * ratio;
    OperationCounts& counts = node.counts();
    CountInterpolations(Interpolation::kLinear, elements * samples, 2, counts);
    if (mode == "max") {
      counts.comparisons = elements * (samples - 1);
    } else {
      counts.additions = counts.additions + elements * (samples - 1);
      counts.divisions = elements;
    }
  }
  ReadAll(node);
  SetMoved(node, 0, std::move(output));
  return absl::OkStatus();
}

// How much a region has to be compared is a matter of data.
absl::Status MaxRoiPool(NodeView& node) {
  TENSORD_ASSIGN_OR_RETURN(const Shape* input, node.ShapeOf(0, "input", 4, 4));
  TENSORD_ASSIGN_OR_RETURN(const Shape* regions, RegionsOf(node, 5));
  MarkConstants(node, {1});
  TENSORD_ASSIGN_OR_RETURN(const std::vector<int64_t> sizes, node.Ints("pooled_shape"));
  if (sizes.size() != 2 || sizes[0] < 1 || sizes[1] < 1) {
    return node.Error("its attribute pooled_shape has to be a height and a width, at least 1 each");
  }
  node.LeaveUnknown();
  ReadAll(node);
  SetMoved(node, 0, {(*regions)[0], (*input)[1], sizes[0], sizes[1]});
  return absl::OkStatus();
}

constexpr Operator kOperators[] = {{"Resize", &Resize},
                                   {"Upsample", &Upsample},
                                   {"GridSample", &GridSample},
                                   {"RoiAlign", &RoiAlign},
                                   {"MaxRoiPool", &MaxRoiPool}};

}  // namespace

absl::Span<const Operator> ResizeOperators() { return kOperators; }

}  // namespace tensord::analysis::model
