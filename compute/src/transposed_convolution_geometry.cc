#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "compute/src/internal/convolution_resolver.h"
#include "compute/src/internal/padding.h"
#include "compute/src/internal/resolve.h"
#include "tensord/compute/checked_math.h"
#include "tensord/compute/transposed_convolution.h"

namespace tensord::compute {
namespace {

// Sums of a few products of 63-bit sizes fit.
using Wide = Int128;

bool IsUnknown(int64_t size) { return size == kUnknownSize; }

bool IsSame(PaddingMode mode) { return mode == PaddingMode::kSameUpper || mode == PaddingMode::kSameLower; }

int64_t SizeAt(const Shape& shape, int axis) { return axis == -1 ? 1 : shape[axis]; }

// The layout with O and I in each other's place.
Layout Swapped(const Layout& layout) {
  std::string letters = layout.letters();
  for (char& letter : letters) letter = letter == 'O' ? 'I' : letter == 'I' ? 'O' : letter;
  return *Layout::Parse(letters, Layout::Role::kFilter);
}

// In decimal; only for messages, so what does not fit is said in words.
std::string ToText(Wide value) {
  if (value > std::numeric_limits<int64_t>::max()) return "more than 2^63 - 1";
  if (value < std::numeric_limits<int64_t>::min()) return "less than -2^63";
  return absl::StrCat(static_cast<int64_t>(value));
}

class TransposedResolver final : public internal::ConvolutionResolver {
 public:
  TransposedResolver(const TransposedConvolutionConventions& given, Profile profile, const Shape& input,
                     const Shape& filter, const ConvolutionFields& fields, const SizeRules& rules,
                     Violations& violations)
      : ConvolutionResolver(given.convolution, PaddingUse::kTransposedConvolution, input, filter, fields, rules,
                            violations),
        transposed_(given),
        defaults_(DefaultsOf(profile)) {}

  // Per spatial axis; set by Run().
  [[nodiscard]] const std::vector<int64_t>& output_padding() const { return output_padding_; }

 protected:
  [[nodiscard]] bool channels_first() const override { return defaults_.channels_first; }

  [[nodiscard]] Layout DefaultFilterLayout(int spatial_rank, bool channels) const override {
    const Layout layout = Layout::Make(Layout::Role::kFilter, spatial_rank, false, channels, defaults_.channels_first);
    return defaults_.transposed_swaps_channels ? Swapped(layout) : layout;
  }

  void SetChannels(ConvolutionGeometry& geometry) const override {
    geometry.batch = SizeAt(input_, geometry.input_layout.batch());
    geometry.input_channels = SizeAt(input_, geometry.input_layout.channel());
    const int64_t c = geometry.input_channels;
    (void)CheckDivides(geometry.groups, c, "input");
    SetOutputChannels(geometry);
    const int axis = geometry.filter_layout.input_channel();
    if (axis == -1 || IsUnknown(c) || IsUnknown(filter_[axis]) || filter_[axis] == c) return;
    violations_.Add(Indexed(fields_.filter_shape, static_cast<size_t>(axis)),
                    absl::StrCat("was ", filter_[axis], " input channels, has to be ", c, ", as the input has"));
  }

  void SetOwnLists(const ConvolutionGeometry& geometry) override {
    const int count = geometry.filter_layout.spatial_rank();
    const SizeRules numbers_only{.max_size = rules_.max_size, .allow_unknown = false};
    const size_t before = violations_.total();
    const auto padding =
        SpreadList(transposed_.output_padding, count, 0, 0, Convention("output_padding"), numbers_only, violations_);
    if (!transposed_.output_shape.empty()) {
      const auto sizes = SpreadList(transposed_.output_shape, count, std::nullopt, 1, Convention("output_shape"),
                                    numbers_only, violations_);
      if (sizes.has_value()) output_sizes_ = *sizes;
    }
    if (padding.has_value()) output_padding_ = *padding;
    if (padding.has_value() && geometry.axes.size() == static_cast<size_t>(count)) CheckOutputPadding(geometry);
    lists_good_ = violations_.total() == before;
  }

  void CheckOwnListsWithoutLayout() const override {
    internal::CheckEntries(transposed_.output_padding, 0, Convention("output_padding"), rules_, violations_);
    internal::CheckEntries(transposed_.output_shape, 1, Convention("output_shape"), rules_, violations_);
  }

  void SetOutputs(ConvolutionGeometry& geometry, const std::vector<std::string>& window_fields) override {
    CheckPaddingChoices(given_.padding, PaddingUse::kTransposedConvolution, static_cast<int>(geometry.axes.size()),
                        Convention("padding"), violations_);
    if (!lists_good_ || !ExtentsFit(geometry, window_fields)) {
      internal::CheckPaddingEntries(given_.padding, Convention("padding"), rules_, violations_);
      return;
    }
    const bool from_output_shape = !output_sizes_.empty() && !given_.padding.mode.has_value() &&
                                   given_.padding.begin.empty() && given_.padding.end.empty();
    geometry.padding = from_output_shape ? PaddingMode::kSameLower : internal::ModeOf(given_.padding);
    const bool good = internal::SetPadding(
        given_.padding, geometry.padding, Convention("padding"), rules_, geometry.axes, violations_, [&](size_t i) {
          return IsSame(geometry.padding) ? SamePaddingOf(geometry, i) : AxisPadding{0, 0};
        });
    if (!good) return;
    for (size_t i = 0; i < geometry.axes.size(); ++i) SetLength(geometry, i, window_fields[i]);
  }

 private:
  // O, which is G times the filter's.
  void SetOutputChannels(ConvolutionGeometry& geometry) const {
    const int axis = geometry.filter_layout.output_channel();
    const int64_t per_group = SizeAt(filter_, axis);
    if (axis == -1) {
      // Without channels there is one of each: CheckDivides has refused more groups.
      geometry.output_channels = 1;
    } else if (IsUnknown(per_group)) {
      geometry.output_channels = kUnknownSize;
    } else {
      const Wide all = Wide{per_group} * geometry.groups;
      if (all > rules_.max_size) {
        violations_.Add(Indexed(fields_.filter_shape, static_cast<size_t>(axis)),
                        absl::StrCat("was ", per_group, " output channels per group, which in ", geometry.groups,
                                     " groups are more than ", rules_.max_size));
        return;
      }
      geometry.output_channels = static_cast<int64_t>(all);
    }
  }

  void CheckOutputPadding(const ConvolutionGeometry& geometry) {
    for (size_t i = 0; i < geometry.axes.size(); ++i) {
      const AxisWindow& axis = geometry.axes[i];
      if (output_padding_[i] < axis.dilation || IsUnknown(axis.stride) || output_padding_[i] < axis.stride) continue;
      violations_.Add(Indexed(Convention("output_padding"), transposed_.output_padding.size() == 1 ? 0 : i),
                      absl::StrCat("was ", output_padding_[i], ", has to be less than ",
                                   std::max(axis.stride, axis.dilation), ", the larger of stride and dilation"));
      if (transposed_.output_padding.size() == 1) return;  // the one number that all axes share is wrong once
    }
  }

  bool ExtentsFit(const ConvolutionGeometry& geometry, const std::vector<std::string>& window_fields) {
    bool good = true;
    for (size_t i = 0; i < geometry.axes.size(); ++i) {
      const AxisWindow& axis = geometry.axes[i];
      if (IsUnknown(axis.window) || Wide{axis.dilation} * (axis.window - 1) < std::numeric_limits<int64_t>::max()) {
        continue;
      }
      violations_.Add(window_fields[i], absl::StrCat("was ", axis.window, ", which with dilation ", axis.dilation,
                                                     " is longer than 2^63 - 1"));
      good = false;
    }
    return good;
  }

  // The length without output padding and padding.
  static Wide NaturalLength(const AxisWindow& axis) {
    return Wide{axis.stride} * (axis.input - 1) + Wide{axis.dilation} * (axis.window - 1) + 1;
  }

  std::string OutputShapeField(size_t i) const {
    return Indexed(Convention("output_shape"), transposed_.output_shape.size() == 1 ? 0 : i);
  }

  // The padding that leaves output_shape's length, else stride*N. Grows the output padding where there is none to
  // cut.
  AxisPadding SamePaddingOf(const ConvolutionGeometry& geometry, size_t i) {
    const AxisWindow& axis = geometry.axes[i];
    if (IsUnknown(axis.window) || IsUnknown(axis.stride)) return UnknownPadding(i);
    Wide total = 0;
    if (!output_sizes_.empty()) {
      if (IsUnknown(axis.input)) return UnknownPadding(i);
      total = NaturalLength(axis) + output_padding_[i] - output_sizes_[i];
    } else {
      total = Wide{axis.dilation} * (axis.window - 1) + 1 + output_padding_[i] - axis.stride;
    }
    if (total < 0) {
      const Wide needed = output_padding_[i] - total;
      if (!SetOutputPadding(axis, i, needed)) return {0, 0};
      total = 0;
    }
    const Wide more = total - total / 2;
    if (more > rules_.max_size) {
      violations_.Add(output_sizes_.empty() ? Convention("padding") : OutputShapeField(i),
                      absl::StrCat("needs padding of ", ToText(more), " cells, has to need at most ", rules_.max_size));
      return {0, 0};
    }
    const AxisPadding upper{.begin = static_cast<int64_t>(total / 2), .end = static_cast<int64_t>(more)};
    return geometry.padding == PaddingMode::kSameUpper ? upper : AxisPadding{upper.end, upper.begin};
  }

  AxisPadding UnknownPadding(size_t i) {
    if (!output_sizes_.empty() && transposed_.output_padding.empty()) output_padding_[i] = kUnknownSize;
    return {kUnknownSize, kUnknownSize};
  }

  // The output padding that output_shape asks for. False where there is none such.
  bool SetOutputPadding(const AxisWindow& axis, size_t i, Wide needed) {
    const int64_t limit = std::max(axis.stride, axis.dilation);
    if (needed >= 0 && needed < limit) {
      output_padding_[i] = static_cast<int64_t>(needed);
      return true;
    }
    const Wide shortest = output_sizes_[i] - needed;
    violations_.Add(OutputShapeField(i), absl::StrCat("was ", output_sizes_[i], ", has to be ", ToText(shortest), "..",
                                                      ToText(shortest + limit - 1), " with this padding"));
    return false;
  }

  // The output's length, given the padding.
  void SetLength(ConvolutionGeometry& geometry, size_t i, const std::string& window_field) {
    AxisWindow& axis = geometry.axes[i];
    const bool same = IsSame(geometry.padding);
    const bool known = !IsUnknown(axis.input) && !IsUnknown(axis.window) && !IsUnknown(axis.stride);
    if (!output_sizes_.empty()) {
      axis.output = output_sizes_[i];
      if (same) return;
      if (!known) {
        if (transposed_.output_padding.empty()) output_padding_[i] = kUnknownSize;
        return;
      }
      const Wide needed = output_sizes_[i] - (NaturalLength(axis) - axis.pad_begin - axis.pad_end);
      const int64_t given = output_padding_[i];
      if (!SetOutputPadding(axis, i, needed) || transposed_.output_padding.empty() || needed == given) return;
      violations_.Add(OutputShapeField(i),
                      absl::StrCat("was ", output_sizes_[i], ", has to be ", ToText(output_sizes_[i] - needed + given),
                                   " with this padding and output padding"));
      return;
    }
    if (!known) {
      axis.output = kUnknownSize;
      return;
    }
    const Wide length = NaturalLength(axis) + output_padding_[i] - axis.pad_begin - axis.pad_end;
    if (length > rules_.max_size) {
      violations_.Add(window_field, absl::StrCat("the output would be longer than ", rules_.max_size,
                                                 "; use more padding or a smaller stride"));
    } else if (length < 1) {
      const Wide fewest = axis.window + CeilDivide<Wide>(1 - length, axis.dilation);
      violations_.Add(window_field,
                      absl::StrCat("was ", axis.window, ", has to be at least ", ToText(fewest),
                                   ", or the padding less: the output's length would be ", ToText(length)));
    } else {
      axis.output = static_cast<int64_t>(length);
    }
  }

  const TransposedConvolutionConventions& transposed_;
  const ProfileDefaults& defaults_;
  std::vector<int64_t> output_padding_;
  std::vector<int64_t> output_sizes_;  // empty where none are asked for
  bool lists_good_ = false;
};

}  // namespace

std::optional<TransposedConvolutionGeometry> ResolveTransposedConvolution(
    const TransposedConvolutionConventions& given, Profile profile, const Shape& input, const Shape& filter,
    const ConvolutionFields& fields, const SizeRules& rules, Violations& violations) {
  TransposedResolver resolver(given, profile, input, filter, fields, rules, violations);
  std::optional<ConvolutionGeometry> own = resolver.Run();
  if (!own.has_value()) return std::nullopt;
  const Layout filter_layout = own->filter_layout;
  if (filter_layout.channel() != -1) own->filter_layout = Swapped(filter_layout);
  std::swap(own->input_shape, own->output_shape);
  std::swap(own->input_channels, own->output_channels);
  for (AxisWindow& axis : own->axes) std::swap(axis.input, axis.output);
  return TransposedConvolutionGeometry{
      .convolution = *std::move(own), .filter_layout = filter_layout, .output_padding = resolver.output_padding()};
}

Shape BiasShape(const TransposedConvolutionGeometry& geometry) { return {geometry.output_channels()}; }

void CheckBiasShape(const TransposedConvolutionGeometry& geometry, const Shape& bias, absl::string_view field,
                    Violations& violations) {
  ConvolutionGeometry own = geometry.convolution;
  own.output_channels = geometry.output_channels();
  CheckBiasShape(own, bias, field, violations);
}

}  // namespace tensord::compute
