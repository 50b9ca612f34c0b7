#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compute/src/internal/resolve.h"
#include "tensord/compute/convolution.h"

namespace tensord::compute {
namespace {

using internal::CheckEntries;
using internal::CheckPaddingEntries;
using internal::CheckSizes;
using internal::ParseGivenLayout;

bool IsUnknown(int64_t size) { return size == kUnknownSize; }

int64_t SizeAt(const Shape& shape, int axis) { return axis == -1 ? 1 : shape[axis]; }

// Resolves one convolution; every step adds what is wrong to `violations_`.
class Resolver {
 public:
  Resolver(const ConvolutionConventions& given, Profile profile, const Shape& input, const Shape& filter,
           const ConvolutionFields& fields, const SizeRules& rules, Violations& violations)
      : given_(given),
        channels_first_(DefaultsOf(profile).channels_first),
        input_(input),
        filter_(filter),
        fields_(fields),
        rules_(rules),
        violations_(violations) {}

  std::optional<ConvolutionGeometry> Run() {
    const size_t before = violations_.total();
    const std::optional<Layout> filter_layout = ResolveFilterLayout();
    if (!filter_layout.has_value()) {
      CheckWithoutFilterLayout();
      return std::nullopt;
    }
    CheckSizes(filter_, -1, fields_.filter_shape, rules_, violations_);
    const std::optional<Layout> input_layout = ResolveInputLayout(*filter_layout);
    CheckSizes(input_, input_layout.has_value() ? input_layout->batch() : -1, fields_.input_shape, rules_, violations_);
    ConvolutionGeometry geometry{.input_layout = input_layout.value_or(*filter_layout),
                                 .filter_layout = *filter_layout,
                                 .kernel = given_.kernel.value_or(KernelMode::kCrossCorrelation),
                                 .padding = PaddingMode::kValid,
                                 .input_shape = input_,
                                 .filter_shape = filter_,
                                 .output_shape = {},
                                 .batch = 1,
                                 .input_channels = 1,
                                 .output_channels = 1,
                                 .groups = given_.groups.value_or(1),
                                 .axes = {}};
    const bool shapes_good = input_layout.has_value() && violations_.total() == before;
    const bool lists_good = SetLists(geometry);
    const bool groups_good = geometry.groups >= 1 && geometry.groups <= rules_.max_size;
    if (!groups_good) {
      violations_.Add(Convention("groups"), absl::StrCat("was ", geometry.groups, ", has to be 1..", rules_.max_size));
    }
    // What is wrong with one of these says nothing about the other.
    if (shapes_good && groups_good) SetChannels(geometry);
    if (shapes_good && lists_good) {
      SetAxes(geometry);
    } else {
      CheckPaddingEntries(given_.padding, Convention("padding"), rules_, violations_);
    }
    if (violations_.total() != before) return std::nullopt;
    geometry.output_shape = OutputShape(geometry);
    return geometry;
  }

 private:
  std::string Convention(absl::string_view name) const { return absl::StrCat(fields_.conventions, ".", name); }

  std::optional<Layout> ResolveFilterLayout() {
    if (given_.filter_layout.has_value()) {
      return ParseGivenLayout(*given_.filter_layout, Layout::Role::kFilter, filter_.rank(), Convention("filter_layout"),
                              violations_);
    }
    if (filter_.rank() < 1 || filter_.rank() > kMaxSpatialRank + 2) {
      violations_.Add(fields_.filter_shape, absl::StrCat("had rank ", filter_.rank(),
                                                         ", has to have rank 1 or 2 (no channels), or 3..5 "
                                                         "(input and output channels and 1..3 spatial axes)"));
      return std::nullopt;
    }
    const bool channels = filter_.rank() > 2;
    return Layout::Make(Layout::Role::kFilter, channels ? filter_.rank() - 2 : filter_.rank(), false, channels,
                        channels_first_);
  }

  std::optional<Layout> ResolveInputLayout(const Layout& filter_layout) {
    const int spatial_rank = filter_layout.spatial_rank();
    const bool channels = filter_layout.channel() != -1;
    if (!given_.input_layout.has_value()) return DefaultInputLayout(spatial_rank, channels);
    const std::optional<Layout> layout = ParseGivenLayout(*given_.input_layout, Layout::Role::kActivation,
                                                          input_.rank(), Convention("input_layout"), violations_);
    if (!layout.has_value()) return std::nullopt;
    if (layout->spatial_rank() != spatial_rank) {
      violations_.Add(Convention("input_layout"),
                      absl::StrCat("was '", layout->letters(), "', has to have ", spatial_rank,
                                   " spatial axes, as the filter's layout '", filter_layout.letters(), "' has"));
      return std::nullopt;
    }
    if ((layout->channel() != -1) != channels) {
      violations_.Add(Convention("input_layout"),
                      absl::StrCat("was '", layout->letters(), "', has to have ", channels ? "a" : "no",
                                   " channel axis C, because the filter's layout '", filter_layout.letters(), "' has ",
                                   channels ? "I and O" : "neither I nor O"));
      return std::nullopt;
    }
    return layout;
  }

  std::optional<Layout> DefaultInputLayout(int spatial_rank, bool channels) {
    const int extra = input_.rank() - spatial_rank;
    if (channels ? (extra == 1 || extra == 2) : extra == 0) {
      return Layout::Make(Layout::Role::kActivation, spatial_rank, extra == 2, channels, channels_first_);
    }
    const auto letters = [&](bool batch) {
      return Layout::Make(Layout::Role::kActivation, spatial_rank, batch, channels, channels_first_).letters();
    };
    violations_.Add(fields_.input_shape,
                    absl::StrCat("had rank ", input_.rank(), ", has to have rank ", spatial_rank + (channels ? 1 : 0),
                                 " (", letters(false), ")",
                                 channels ? absl::StrCat(" or ", spatial_rank + 2, " (", letters(true), ")") : "",
                                 " to fit a filter of rank ", filter_.rank()));
    return std::nullopt;
  }

  // What can still be said where the filter's rank makes no sense: sizes, and entries that are never right.
  void CheckWithoutFilterLayout() {
    CheckSizes(filter_, -1, fields_.filter_shape, rules_, violations_);
    CheckEntries(given_.strides, 1, Convention("strides"), rules_, violations_);
    CheckEntries(given_.dilations, 1, Convention("dilations"), rules_, violations_);
    CheckPaddingEntries(given_.padding, Convention("padding"), rules_, violations_);
  }

  // Strides and dilations. Their numbers of entries follow from the filter's layout alone.
  bool SetLists(ConvolutionGeometry& geometry) {
    const int count = geometry.filter_layout.spatial_rank();
    const auto strides = SpreadList(given_.strides, count, 1, 1, Convention("strides"), rules_, violations_);
    const SizeRules numbers_only{.max_size = rules_.max_size, .allow_unknown = false};
    const auto dilations =
        SpreadList(given_.dilations, count, 1, 1, Convention("dilations"), numbers_only, violations_);
    if (!strides.has_value() || !dilations.has_value()) return false;
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
      geometry.axes.push_back({.stride = (*strides)[i], .dilation = (*dilations)[i]});
    }
    return true;
  }

  void SetChannels(ConvolutionGeometry& geometry) {
    geometry.batch = SizeAt(input_, geometry.input_layout.batch());
    geometry.input_channels = SizeAt(input_, geometry.input_layout.channel());
    geometry.output_channels = SizeAt(filter_, geometry.filter_layout.output_channel());
    const int64_t c = geometry.input_channels;
    const int64_t o = geometry.output_channels;
    const int64_t g = geometry.groups;
    bool divides = true;
    const auto check_divides = [&](int64_t channels, absl::string_view name) {
      if (IsUnknown(channels) || channels % g == 0) return;
      divides = false;
      violations_.Add(Convention("groups"),
                      absl::StrCat("was ", g, ", has to divide the number of ", name, " channels, ", channels));
    };
    check_divides(c, "input");
    check_divides(o, "output");
    const int axis = geometry.filter_layout.input_channel();
    if (axis == -1 || !divides || IsUnknown(c) || IsUnknown(filter_[axis]) || filter_[axis] == c / g) return;
    violations_.Add(Indexed(fields_.filter_shape, static_cast<size_t>(axis)),
                    absl::StrCat("was ", filter_[axis], " input channels per group, has to be ", c / g, " (C/G = ", c,
                                 "/", g, ")"));
  }

  void SetAxes(ConvolutionGeometry& geometry) {
    std::vector<std::string> window_fields;
    for (size_t i = 0; i < geometry.axes.size(); ++i) {
      const int axis = static_cast<int>(i);
      geometry.axes[i].input = input_[geometry.input_layout.spatial(axis)];
      const int filter_axis = geometry.filter_layout.spatial(axis);
      geometry.axes[i].window = filter_[filter_axis];
      window_fields.push_back(Indexed(fields_.filter_shape, static_cast<size_t>(filter_axis)));
    }
    const auto mode = ResolvePaddingAndLength(given_.padding, LengthRule::kFloor, Convention("padding"), window_fields,
                                              rules_, geometry.axes, violations_);
    if (mode.has_value()) geometry.padding = *mode;
  }

  Shape OutputShape(const ConvolutionGeometry& geometry) const {
    Shape shape = input_;
    const Layout& layout = geometry.input_layout;
    if (layout.channel() != -1) shape[layout.channel()] = geometry.output_channels;
    for (size_t i = 0; i < geometry.axes.size(); ++i) {
      shape[layout.spatial(static_cast<int>(i))] = geometry.axes[i].output;
    }
    return shape;
  }

  const ConvolutionConventions& given_;
  const bool channels_first_;
  const Shape& input_;
  const Shape& filter_;
  const ConvolutionFields& fields_;
  const SizeRules& rules_;
  Violations& violations_;
};

}  // namespace

std::optional<ConvolutionGeometry> ResolveConvolution(const ConvolutionConventions& given, Profile profile,
                                                      const Shape& input, const Shape& filter,
                                                      const ConvolutionFields& fields, const SizeRules& rules,
                                                      Violations& violations) {
  return Resolver(given, profile, input, filter, fields, rules, violations).Run();
}

Shape BiasShape(const ConvolutionGeometry& geometry) { return {geometry.output_channels}; }

void CheckBiasShape(const ConvolutionGeometry& geometry, const Shape& bias, absl::string_view field,
                    Violations& violations) {
  const bool channels = geometry.filter_layout.channel() != -1;
  if (bias == BiasShape(geometry) || (!channels && bias.rank() == 0)) return;
  violations.Add(field, absl::StrCat("was ", bias.ToString(), ", has to be ", BiasShape(geometry).ToString(),
                                     channels ? ", one number per output channel"
                                              : ", or a scalar, because the filter has no channels"));
}

}  // namespace tensord::compute
