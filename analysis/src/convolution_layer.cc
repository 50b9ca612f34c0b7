#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analysis/src/axis_length.h"
#include "analysis/src/convolution_counts.h"
#include "analysis/src/derivation.h"
#include "analysis/src/layer_builder.h"
#include "tensord/analysis/layer.h"

namespace tensord::analysis {
namespace {

using compute::ConvolutionGeometry;
using compute::Indexed;
using compute::Layout;
using compute::Violations;

// Derives everything from one resolved convolution.
class Analyzer {
 public:
  Analyzer(const ConvolutionLayer& layer, ConvolutionGeometry geometry, const StrideList& strides,
           compute::DataType type, absl::string_view field, Violations& violations)
      : layer_(layer),
        geometry_(std::move(geometry)),
        field_(field),
        builder_(field, violations),
        item_size_(Derivation::Named("item_size", compute::ItemSize(type))),
        output_item_size_(OutputItemSize(type)),
        batch_(SizeOf("N", layer.input_shape, geometry_.input_layout.batch())),
        channels_(SizeOf("C", layer.input_shape, geometry_.input_layout.channel())),
        filters_(SizeOf("O", layer.filter_shape, geometry_.filter_layout.output_channel())),
        group_channels_(GroupChannels()),
        violations_(violations) {
    for (int i = 0; i < geometry_.input_layout.spatial_rank(); ++i) {
      AxisSizes axis = ResolvedAxis(geometry_.input_layout, i, geometry_.axes[static_cast<size_t>(i)],
                                    geometry_.padding, layer.input_shape, strides);
      axis.window = ToExpression(layer.filter_shape[static_cast<size_t>(geometry_.filter_layout.spatial(i))]);
      axes_.push_back(std::move(axis));
    }
  }

  std::optional<LayerAnalysis> Run() {
    const size_t before = violations_.total();
    LayerAnalysis result(geometry_);
    result.output_shape = OutputShape();
    CheckWindows();
    CheckPaddingReads();
    CheckChannels();
    Fill(result);
    result.formulas = builder_.TakeFormulas();
    result.conditions = builder_.TakeConditions();
    if (violations_.total() != before) return std::nullopt;
    return result;
  }

 private:
  // C/G: the filter's I, which is that or has to be.
  Derivation GroupChannels() const {
    const int position = geometry_.filter_layout.input_channel();
    if (position == -1) return {};
    const Dimension& size = layer_.filter_shape[static_cast<size_t>(position)];
    if (geometry_.groups == 1) return Derivation::Named("C", ToExpression(size));
    if (!IsNumber(size) || !channels_.value().constant().has_value()) {
      return Derivation::Named("(C/G)", ToExpression(size));
    }
    return Derivation::Named("(C/G)", ToExpression(size),
                             absl::StrCat("(", channels_.substituted(), "/", geometry_.groups, ")"));
  }

  std::vector<Count> OutputShape() {
    const Layout& layout = geometry_.input_layout;
    std::vector<Derivation> sizes(static_cast<size_t>(layout.rank()));
    if (layout.batch() != -1) sizes[static_cast<size_t>(layout.batch())] = batch_;
    if (layout.channel() != -1) sizes[static_cast<size_t>(layout.channel())] = filters_;
    for (size_t i = 0; i < axes_.size(); ++i) {
      const Derivation length = OutputLength(compute::LengthRule::kFloor, geometry_.padding, axes_[i]);
      sizes[static_cast<size_t>(layout.spatial(static_cast<int>(i)))] = length;
      lengths_ = lengths_ * OutputName(axes_[i], length.value());
    }
    std::vector<Count> shape;
    for (size_t i = 0; i < sizes.size(); ++i) shape.push_back(builder_.Record(Indexed("output_shape", i), sizes[i]));
    return shape;
  }

  void CheckWindows() {
    for (size_t i = 0; i < axes_.size(); ++i) {
      const auto room = RoomForOneWindow(compute::LengthRule::kFloor, geometry_.padding, axes_[i]);
      const int position = geometry_.filter_layout.spatial(static_cast<int>(i));
      const std::string window_field = Indexed(absl::StrCat(field_, ".filter_shape"), static_cast<size_t>(position));
      if (room.has_value()) builder_.RequireAtLeast(*room, 0, window_field);
    }
  }

  // Padding that reads the input needs as much of it: what compute could not check because of a symbol.
  void CheckPaddingReads() {
    const bool reflect = geometry_.padding_source == compute::PaddingSource::kReflect;
    if (!reflect && geometry_.padding_source != compute::PaddingSource::kCircular) return;
    const std::string field = absl::StrCat(field_, ".conventions.padding");
    for (size_t i = 0; i < axes_.size(); ++i) {
      const compute::AxisWindow& resolved = geometry_.axes[i];
      const bool known = resolved.pad_begin != compute::kUnknownSize && resolved.input != compute::kUnknownSize;
      if (known) continue;
      const AxisSizes& axis = axes_[i];
      Expression most = std::max(axis.pad_begin, axis.pad_end);
      switch (geometry_.padding) {
        case compute::PaddingMode::kFull:
        case compute::PaddingMode::kCausal:
          most = WindowExtent(axis) - 1;
          break;
        case compute::PaddingMode::kSameUpper:
        case compute::PaddingMode::kSameLower:
          violations_.Add(absl::StrCat(field, ".source"),
                          absl::StrCat("was ", compute::Name(geometry_.padding_source),
                                       ", has to be ZERO or REPLICATE where SAME padding depends on a symbol"));
          continue;
        case compute::PaddingMode::kValid:
        case compute::PaddingMode::kExplicit:
          break;
      }
      if (most.constant() == Integer(0)) continue;
      builder_.RequireAtLeast(axis.input, reflect ? most + 1 : most, absl::StrCat(field, ".begin"));
    }
  }

  void CheckChannels() {
    const int position = geometry_.filter_layout.input_channel();
    if (position == -1) return;
    const std::string field = Indexed(absl::StrCat(field_, ".filter_shape"), static_cast<size_t>(position));
    const Expression groups = geometry_.groups;
    builder_.RequireEqual(channels_.value(), group_channels_.value() * groups, field);
    if (geometry_.groups > 1 && !filters_.value().constant().has_value()) {
      builder_.Require(absl::StrCat(filters_.substituted(), " divisible by ", geometry_.groups));
    }
  }

  void Fill(LayerAnalysis& result) {
    Derivation input = batch_;
    Derivation window;
    for (const AxisSizes& axis : axes_) {
      input = input * InputLength(axis);
      window = window * WindowLength(axis);
    }
    input = input * channels_;
    const Derivation taps = window * group_channels_;
    const Derivation outputs = batch_ * lengths_ * filters_;
    RecordCounts({.item_size = item_size_,
                  .output_item_size = output_item_size_,
                  .input_channels = channels_,
                  .output_channels = filters_,
                  .input = input,
                  .weights = taps * filters_,
                  .outputs = outputs,
                  .products = outputs * taps,
                  .additions = outputs * (taps - Derivation(1)),
                  .bias = layer_.bias},
                 builder_, result);
  }

  const ConvolutionLayer& layer_;
  const ConvolutionGeometry geometry_;
  const std::string field_;
  LayerBuilder builder_;
  const Derivation item_size_;
  const Derivation output_item_size_;
  const Derivation batch_;
  const Derivation channels_;
  const Derivation filters_;
  const Derivation group_channels_;
  std::vector<AxisSizes> axes_;
  Derivation lengths_;  // Do*Ho*Wo
  Violations& violations_;
};

}  // namespace

std::optional<LayerAnalysis> AnalyzeConvolution(const ConvolutionLayer& layer, compute::Profile profile,
                                                compute::DataType type, absl::string_view field,
                                                Violations& violations) {
  const size_t before = violations.total();
  const compute::ConvolutionFields fields{.input_shape = absl::StrCat(field, ".input_shape"),
                                          .filter_shape = absl::StrCat(field, ".filter_shape"),
                                          .conventions = absl::StrCat(field, ".conventions")};
  const compute::Shape input = CheckedShape(layer.input_shape, fields.input_shape, violations);
  const compute::Shape filter = CheckedShape(layer.filter_shape, fields.filter_shape, violations);
  CheckPadding(layer.conventions.padding, fields.conventions, violations);
  const StrideList strides(layer.conventions.strides, layer.symbolic_strides,
                           absl::StrCat(fields.conventions, ".strides"), absl::StrCat(field, ".symbolic_strides"),
                           violations);
  compute::ConvolutionConventions conventions = layer.conventions;
  conventions.strides = strides.numbers();
  Violations found;
  std::optional<ConvolutionGeometry> geometry =
      compute::ResolveConvolution(conventions, profile, input, filter, fields, AnalysisSizes(), found);
  strides.Forward(found, violations);
  if (!geometry.has_value() || violations.total() != before) return std::nullopt;
  return Analyzer(layer, *std::move(geometry), strides, type, field, violations).Run();
}

}  // namespace tensord::analysis
