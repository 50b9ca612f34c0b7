#include <utility>

#include "absl/strings/str_cat.h"
#include "analysis/src/adaptive_windows.h"
#include "analysis/src/axis_length.h"
#include "analysis/src/derivation.h"
#include "analysis/src/layer_builder.h"
#include "tensord/analysis/layer.h"

namespace tensord::analysis {
namespace {

using compute::Indexed;
using compute::Layout;
using compute::PaddingMode;
using compute::PoolingGeometry;
using compute::PoolingKind;
using compute::Violations;
using compute::WindowMode;

// Averages of integers are of a floating type, which a layer does not name: of float32.
Derivation OutputItemSize(PoolingKind kind, compute::DataType type) {
  if (kind != PoolingKind::kAverage || compute::IsFloating(type)) {
    return Derivation::Named("item_size", compute::ItemSize(type));
  }
  return Derivation::Named("output_item_size", compute::ItemSize(compute::DataType::kFloat32));
}

// Derives everything from one resolved pooling.
class Analyzer {
 public:
  Analyzer(const PoolingLayer& layer, PoolingGeometry geometry, const StrideList& strides, compute::DataType type,
           absl::string_view field, Violations& violations)
      : geometry_(std::move(geometry)),
        field_(field),
        builder_(field, violations),
        item_size_(Derivation::Named("item_size", compute::ItemSize(type))),
        output_item_size_(OutputItemSize(geometry_.kind, type)),
        batch_(SizeOf("N", layer.input_shape, geometry_.layout.batch())),
        channels_(SizeOf("C", layer.input_shape, geometry_.layout.channel())),
        violations_(violations) {
    for (int i = 0; i < geometry_.layout.spatial_rank(); ++i) {
      axes_.push_back(ResolvedAxis(geometry_.layout, i, geometry_.axes[static_cast<size_t>(i)], geometry_.padding,
                                   layer.input_shape, strides));
      if (geometry_.window_mode == WindowMode::kGlobal) axes_.back().window = axes_.back().input;
    }
  }

  std::optional<LayerAnalysis> Run() {
    const size_t before = violations_.total();
    LayerAnalysis result(geometry_);
    result.output_shape = OutputShape();
    for (size_t i = 0; i < axes_.size(); ++i) CheckAxis(i, geometry_.axes[i], axes_[i]);
    Fill(result);
    result.formulas = builder_.TakeFormulas();
    result.conditions = builder_.TakeConditions();
    if (violations_.total() != before) return std::nullopt;
    return result;
  }

 private:
  std::vector<Count> OutputShape() {
    const Layout& layout = geometry_.layout;
    std::vector<Derivation> sizes(static_cast<size_t>(layout.rank()));
    if (layout.batch() != -1) sizes[static_cast<size_t>(layout.batch())] = batch_;
    if (layout.channel() != -1) sizes[static_cast<size_t>(layout.channel())] = channels_;
    for (size_t i = 0; i < axes_.size(); ++i) {
      const Derivation length = LengthOf(i);
      sizes[static_cast<size_t>(layout.spatial(static_cast<int>(i)))] = length;
      lengths_ = lengths_ * OutputName(axes_[i], length.value());
      outputs_per_axis_.push_back(length.value());
    }
    std::vector<Count> shape;
    for (size_t i = 0; i < sizes.size(); ++i) shape.push_back(builder_.Record(Indexed("output_shape", i), sizes[i]));
    return shape;
  }

  Derivation LengthOf(size_t i) const {
    switch (geometry_.window_mode) {
      case WindowMode::kExplicit:
        return OutputLength(geometry_.length_rule, geometry_.padding, axes_[i]);
      case WindowMode::kGlobal:
        return Derivation(1);
      case WindowMode::kAdaptive:
        return OutputName(axes_[i], Expression(geometry_.axes[i].output));
    }
    __builtin_unreachable();
  }

  // Where the axis depends on a symbol: what makes its length at least 1, and every window hold an element of the
  // input.
  void CheckAxis(size_t i, const compute::AxisWindow& window, const AxisSizes& axis) {
    if (window.output != compute::kUnknownSize) return;
    const std::string conventions = absl::StrCat(field_, ".conventions");
    const auto room = RoomForOneWindow(geometry_.length_rule, geometry_.padding, axis);
    if (room.has_value()) builder_.RequireAtLeast(*room, 0, absl::StrCat(conventions, ".window"));

    if (geometry_.kind == PoolingKind::kMax && geometry_.empty_window != compute::EmptyWindow::kRefuse) return;
    // The first window's last element must not stand before the input.
    if (axis.pad_begin > window.extent() - 1) {
      violations_.Add(absl::StrCat(conventions, ".padding"),
                      absl::StrCat("leaves window 0 of axis ", std::string(1, axis.letter),
                                   " without any element of the input; every window has to have one: use less padding "
                                   "or a larger window"));
      return;
    }
    // The last window must not start behind it. FLOOR and CEIL start it at most ph_end - w behind the input's end.
    const bool same = geometry_.padding == PaddingMode::kSameUpper || geometry_.padding == PaddingMode::kSameLower;
    const bool by_padding = !same && geometry_.length_rule != compute::LengthRule::kStartInside;
    if (by_padding && axis.pad_end >= window.extent()) {
      builder_.RequireAtLeast(axis.input + axis.pad_begin, axis.stride * (outputs_per_axis_[i] - 1) + 1,
                              absl::StrCat(conventions, ".padding"));
    }
    // A window that starts before the input can step over a short one where its elements stand apart.
    const bool padded_before = axis.pad_begin > 0 || geometry_.padding == PaddingMode::kFull || same;
    const std::optional<Integer> length = axis.input.LowerBound();
    const bool short_input = !length.has_value() || *length < Integer(axis.dilation);
    if (padded_before && window.window > 1 && short_input) {
      builder_.Require(
          absl::StrCat("every window along ", std::string(1, axis.letter), " holds an element of the input"));
    }
  }

  // The elements of all the windows, and how many steps from one to the next of the same window there are.
  struct Visits {
    Derivation elements;
    Derivation steps;
  };
  Visits CountVisits(const Derivation& outputs) const {
    Derivation window;
    if (geometry_.window_mode != WindowMode::kAdaptive) {
      for (const AxisSizes& axis : axes_) window = window * WindowLength(axis);
      return {outputs * window, outputs * (window - Derivation(1))};
    }
    Derivation elements;
    for (size_t i = 0; i < axes_.size(); ++i) {
      elements = elements * AdaptiveElements(axes_[i], geometry_.axes[i].output);
    }
    return {batch_ * channels_ * elements, batch_ * channels_ * (elements - lengths_)};
  }

  void Fill(LayerAnalysis& result) {
    const Derivation none(0);
    Derivation input = batch_;
    for (const AxisSizes& axis : axes_) input = input * InputLength(axis);
    input = input * channels_;
    const Derivation outputs = batch_ * lengths_ * channels_;
    const Visits visits = CountVisits(outputs);
    const bool max = geometry_.kind == PoolingKind::kMax;
    const bool average = geometry_.kind == PoolingKind::kAverage;
    const bool lp = geometry_.kind == PoolingKind::kLp;
    const Derivation squares = lp && geometry_.p == 2 ? visits.elements : none;
    result.parameter_count = builder_.Record("parameter_count", none);
    result.weight_count = builder_.Record("weight_count", none);
    result.bias_count = builder_.Record("bias_count", none);
    result.multiplication_count = builder_.Record("multiplication_count", squares);
    result.addition_count = builder_.Record("addition_count", average || lp ? visits.steps : none);
    result.mac_count = builder_.Record("mac_count", squares);
    result.flop_count = builder_.Record("flop_count", lp && geometry_.p == 2 ? Derivation(2) * squares : none);
    result.input_channel_count = builder_.Record("input_channel_count", channels_);
    result.output_channel_count = builder_.Record("output_channel_count", channels_);
    result.byte_count.input = builder_.Record("byte_count.input", input * item_size_);
    result.byte_count.filter = builder_.Record("byte_count.filter", none);
    result.byte_count.bias = builder_.Record("byte_count.bias", none);
    result.byte_count.output = builder_.Record("byte_count.output", outputs * output_item_size_);
    result.comparison_count = builder_.Record("comparison_count", max ? visits.steps : none);
    result.division_count = builder_.Record("division_count", average ? outputs : none);
  }

  const PoolingGeometry geometry_;
  const std::string field_;
  LayerBuilder builder_;
  const Derivation item_size_;
  const Derivation output_item_size_;
  const Derivation batch_;
  const Derivation channels_;
  std::vector<AxisSizes> axes_;
  std::vector<Expression> outputs_per_axis_;
  Derivation lengths_;  // Do*Ho*Wo
  Violations& violations_;
};

// Counting the elements of adaptive windows in symbols takes time with their number.
void CheckAdaptive(const PoolingLayer& layer, const compute::Shape& input, const std::string& field,
                   Violations& violations) {
  bool symbolic = false;
  for (const int64_t size : input) symbolic = symbolic || size == compute::kUnknownSize;
  const std::vector<int64_t>& sizes = layer.conventions.output_size;
  for (size_t i = 0; symbolic && i < sizes.size(); ++i) {
    if (sizes[i] <= kMostSymbolicWindows) continue;
    violations.Add(Indexed(field, i), absl::StrCat("was ", sizes[i], ", has to be at most ", kMostSymbolicWindows,
                                                   " where a size of the input is a symbol"));
  }
}

}  // namespace

std::optional<LayerAnalysis> AnalyzePooling(const PoolingLayer& layer, compute::Profile profile, compute::DataType type,
                                            absl::string_view field, Violations& violations) {
  const size_t before = violations.total();
  const compute::PoolingFields fields{.input_shape = absl::StrCat(field, ".input_shape"),
                                      .conventions = absl::StrCat(field, ".conventions")};
  const compute::Shape input = CheckedShape(layer.input_shape, fields.input_shape, violations);
  CheckNumbers(layer.conventions.window, 1, absl::StrCat(fields.conventions, ".window"), violations);
  CheckPadding(layer.conventions.padding, fields.conventions, violations);
  CheckAdaptive(layer, input, absl::StrCat(fields.conventions, ".output_size"), violations);
  const StrideList strides(layer.conventions.strides, layer.symbolic_strides,
                           absl::StrCat(fields.conventions, ".strides"), absl::StrCat(field, ".symbolic_strides"),
                           violations);
  compute::PoolingConventions conventions = layer.conventions;
  conventions.strides = strides.numbers();
  Violations found;
  std::optional<PoolingGeometry> geometry =
      compute::ResolvePooling(layer.kind, conventions, profile, input, fields, AnalysisSizes(), found);
  strides.Forward(found, violations);
  if (layer.kind == PoolingKind::kLp && !compute::IsFloating(type)) {
    violations.Add("data_type",
                   absl::StrCat("was ", compute::Name(type), ", has to be a floating type for LP pooling"));
  }
  if (!geometry.has_value() || violations.total() != before) return std::nullopt;
  return Analyzer(layer, *std::move(geometry), strides, type, field, violations).Run();
}

}  // namespace tensord::analysis
