#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/src/axis_length.h"
#include "analysis/src/convolution_counts.h"
#include "analysis/src/derivation.h"
#include "analysis/src/layer_builder.h"
#include "tensord/analysis/layer.h"

namespace tensord::analysis {
namespace {

using compute::Indexed;
using compute::Layout;
using compute::TransposedConvolutionGeometry;
using compute::Violations;

// Derives everything from one resolved transposed convolution.
class Analyzer {
 public:
  Analyzer(const TransposedConvolutionLayer& layer, TransposedConvolutionGeometry geometry, const StrideList& strides,
           compute::DataType type, absl::string_view field, Violations& violations)
      : layer_(layer),
        geometry_(std::move(geometry)),
        field_(field),
        builder_(field, violations),
        item_size_(Derivation::Named("item_size", compute::ItemSize(type))),
        output_item_size_(OutputItemSize(type)),
        batch_(SizeOf("N", layer.input_shape, geometry_.input_layout().batch())),
        channels_(SizeOf("C", layer.input_shape, geometry_.input_layout().channel())),
        filters_(Filters()),
        group_filters_(GroupFilters()),
        violations_(violations) {
    for (int i = 0; i < geometry_.input_layout().spatial_rank(); ++i) {
      AxisSizes axis = ResolvedAxis(geometry_.input_layout(), i, geometry_.axes()[static_cast<size_t>(i)],
                                    geometry_.convolution.padding, layer.input_shape, strides);
      axis.window = ToExpression(layer.filter_shape[static_cast<size_t>(geometry_.filter_layout.spatial(i))]);
      axes_.push_back(std::move(axis));
    }
  }

  std::optional<LayerAnalysis> Run() {
    const size_t before = violations_.total();
    LayerAnalysis result(geometry_);
    result.output_shape = OutputShape();
    CheckOutputPadding();
    CheckChannels();
    Fill(result);
    result.formulas = builder_.TakeFormulas();
    result.conditions = builder_.TakeConditions();
    if (violations_.total() != before) return std::nullopt;
    return result;
  }

 private:
  // The filter's O, the output channels of one group.
  Expression FilterOutputs() const {
    const int position = geometry_.filter_layout.output_channel();
    return position == -1 ? Expression(1) : ToExpression(layer_.filter_shape[static_cast<size_t>(position)]);
  }

  Derivation Filters() const {
    if (geometry_.filter_layout.output_channel() == -1) return {};
    return Derivation::Named("O", FilterOutputs() * geometry_.groups());
  }

  // O/G.
  Derivation GroupFilters() const {
    if (geometry_.groups() == 1 || geometry_.filter_layout.output_channel() == -1) return filters_;
    if (!filters_.value().constant().has_value()) return Derivation::Named("(O/G)", FilterOutputs());
    return Derivation::Named("(O/G)", FilterOutputs(),
                             absl::StrCat("(", filters_.substituted(), "/", geometry_.groups(), ")"));
  }

  std::vector<Count> OutputShape() {
    const Layout& layout = geometry_.input_layout();
    std::vector<Derivation> sizes(static_cast<size_t>(layout.rank()));
    if (layout.batch() != -1) sizes[static_cast<size_t>(layout.batch())] = batch_;
    if (layout.channel() != -1) sizes[static_cast<size_t>(layout.channel())] = filters_;
    for (size_t i = 0; i < axes_.size(); ++i) {
      const Derivation length = Length(i);
      sizes[static_cast<size_t>(layout.spatial(static_cast<int>(i)))] = length;
      lengths_ = lengths_ * OutputName(axes_[i], length.value());
    }
    std::vector<Count> shape;
    for (size_t i = 0; i < sizes.size(); ++i) shape.push_back(builder_.Record(Indexed("output_shape", i), sizes[i]));
    return shape;
  }

  Derivation Length(size_t i) {
    const AxisSizes& axis = axes_[i];
    const std::vector<int64_t>& asked = layer_.conventions.output_shape;
    if (!asked.empty()) {
      if (!IsNumeric(axis)) {
        violations_.Add(absl::StrCat(field_, ".conventions.output_shape"),
                        "was given for an axis whose input, filter or stride is a symbol, has to be left out");
      }
      return Derivation(asked.size() == 1 ? asked[0] : asked[i]);
    }
    const Derivation length = TransposedLength(geometry_.convolution.padding, axis, geometry_.output_padding[i]);
    const int position = geometry_.filter_layout.spatial(static_cast<int>(i));
    if (!length.value().constant().has_value()) {
      builder_.RequireAtLeast(length.value(), 1,
                              Indexed(absl::StrCat(field_, ".filter_shape"), static_cast<size_t>(position)));
    }
    return length;
  }

  static bool IsNumeric(const AxisSizes& axis) {
    return axis.input.constant().has_value() && axis.window.constant().has_value() &&
           axis.stride.constant().has_value();
  }

  // Output padding that only the stride allows, where that is a symbol.
  void CheckOutputPadding() {
    const std::vector<int64_t>& given = layer_.conventions.output_padding;
    if (given.empty()) return;
    for (size_t i = 0; i < axes_.size(); ++i) {
      const int64_t cells = given[given.size() == 1 ? 0 : i];
      if (cells < axes_[i].dilation || axes_[i].stride.constant().has_value()) continue;
      builder_.RequireAtLeast(axes_[i].stride, cells + 1, absl::StrCat(field_, ".conventions.output_padding"));
    }
  }

  void CheckChannels() {
    const int position = geometry_.filter_layout.input_channel();
    if (position == -1) return;
    builder_.RequireEqual(channels_.value(), ToExpression(layer_.filter_shape[static_cast<size_t>(position)]),
                          Indexed(absl::StrCat(field_, ".filter_shape"), static_cast<size_t>(position)));
    if (geometry_.groups() > 1 && !channels_.value().constant().has_value()) {
      builder_.Require(absl::StrCat(channels_.substituted(), " divisible by ", geometry_.groups()));
    }
  }

  void Fill(LayerAnalysis& result) {
    Derivation input = batch_ * channels_;
    Derivation window;
    for (const AxisSizes& axis : axes_) {
      input = input * InputLength(axis);
      window = window * WindowLength(axis);
    }
    const Derivation products = input * window * group_filters_;
    RecordCounts({.item_size = item_size_,
                  .output_item_size = output_item_size_,
                  .input_channels = channels_,
                  .output_channels = filters_,
                  .input = input,
                  .weights = channels_ * group_filters_ * window,
                  .outputs = batch_ * lengths_ * filters_,
                  .products = products,
                  .additions = products,
                  .bias = layer_.bias},
                 builder_, result);
  }

  const TransposedConvolutionLayer& layer_;
  const TransposedConvolutionGeometry geometry_;
  const std::string field_;
  LayerBuilder builder_;
  const Derivation item_size_;
  const Derivation output_item_size_;
  const Derivation batch_;
  const Derivation channels_;
  const Derivation filters_;
  const Derivation group_filters_;
  std::vector<AxisSizes> axes_;
  Derivation lengths_;  // Do*Ho*Wo
  Violations& violations_;
};

}  // namespace

std::optional<LayerAnalysis> AnalyzeTransposedConvolution(const TransposedConvolutionLayer& layer,
                                                          compute::Profile profile, compute::DataType type,
                                                          absl::string_view field, Violations& violations) {
  const size_t before = violations.total();
  const compute::ConvolutionFields fields{.input_shape = absl::StrCat(field, ".input_shape"),
                                          .filter_shape = absl::StrCat(field, ".filter_shape"),
                                          .conventions = absl::StrCat(field, ".conventions")};
  const compute::Shape input = CheckedShape(layer.input_shape, fields.input_shape, violations);
  const compute::Shape filter = CheckedShape(layer.filter_shape, fields.filter_shape, violations);
  CheckPadding(layer.conventions.convolution.padding, fields.conventions, violations);
  const StrideList strides(layer.conventions.convolution.strides, layer.symbolic_strides,
                           absl::StrCat(fields.conventions, ".strides"), absl::StrCat(field, ".symbolic_strides"),
                           violations);
  compute::TransposedConvolutionConventions conventions = layer.conventions;
  conventions.convolution.strides = strides.numbers();
  Violations found;
  std::optional<TransposedConvolutionGeometry> geometry =
      compute::ResolveTransposedConvolution(conventions, profile, input, filter, fields, AnalysisSizes(), found);
  strides.Forward(found, violations);
  if (!geometry.has_value() || violations.total() != before) return std::nullopt;
  return Analyzer(layer, *std::move(geometry), strides, type, field, violations).Run();
}

}  // namespace tensord::analysis
