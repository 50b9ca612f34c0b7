#include "compute/src/internal/convolution_resolver.h"

#include "compute/src/internal/resolve.h"

namespace tensord::compute::internal {

std::optional<ConvolutionGeometry> ConvolutionResolver::Run() {
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
                               .padding_source = given_.padding.source.value_or(PaddingSource::kZero),
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
  SetOwnLists(geometry);
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
    CheckPaddingChoices(given_.padding, use_, filter_layout->spatial_rank(), Convention("padding"), violations_);
  }
  if (violations_.total() != before) return std::nullopt;
  geometry.output_shape = OutputShape(geometry);
  return geometry;
}

std::optional<Layout> ConvolutionResolver::ResolveFilterLayout() const {
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
  return DefaultFilterLayout(channels ? filter_.rank() - 2 : filter_.rank(), channels);
}

std::optional<Layout> ConvolutionResolver::ResolveInputLayout(const Layout& filter_layout) const {
  const int spatial_rank = filter_layout.spatial_rank();
  const bool channels = filter_layout.channel() != -1;
  if (!given_.input_layout.has_value()) return DefaultInputLayout(spatial_rank, channels);
  const std::optional<Layout> layout = ParseGivenLayout(*given_.input_layout, Layout::Role::kActivation, input_.rank(),
                                                        Convention("input_layout"), violations_);
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

std::optional<Layout> ConvolutionResolver::DefaultInputLayout(int spatial_rank, bool channels) const {
  const int extra = input_.rank() - spatial_rank;
  if (channels ? (extra == 1 || extra == 2) : extra == 0) {
    return Layout::Make(Layout::Role::kActivation, spatial_rank, extra == 2, channels, channels_first());
  }
  const auto letters = [&](bool batch) {
    return Layout::Make(Layout::Role::kActivation, spatial_rank, batch, channels, channels_first()).letters();
  };
  violations_.Add(fields_.input_shape,
                  absl::StrCat("had rank ", input_.rank(), ", has to have rank ", spatial_rank + (channels ? 1 : 0),
                               " (", letters(false), ")",
                               channels ? absl::StrCat(" or ", spatial_rank + 2, " (", letters(true), ")") : "",
                               " to fit a filter of rank ", filter_.rank()));
  return std::nullopt;
}

// What can still be said where the filter's rank makes no sense: sizes, and entries that are never right.
void ConvolutionResolver::CheckWithoutFilterLayout() const {
  CheckSizes(filter_, -1, fields_.filter_shape, rules_, violations_);
  CheckEntries(given_.strides, 1, Convention("strides"), rules_, violations_);
  CheckEntries(given_.dilations, 1, Convention("dilations"), rules_, violations_);
  CheckPaddingEntries(given_.padding, Convention("padding"), rules_, violations_);
  CheckOwnListsWithoutLayout();
}

// Strides and dilations. Their numbers of entries follow from the filter's layout alone.
bool ConvolutionResolver::SetLists(ConvolutionGeometry& geometry) const {
  const int count = geometry.filter_layout.spatial_rank();
  const auto strides = SpreadList(given_.strides, count, 1, 1, Convention("strides"), rules_, violations_);
  const SizeRules numbers_only{.max_size = rules_.max_size, .allow_unknown = false};
  const auto dilations = SpreadList(given_.dilations, count, 1, 1, Convention("dilations"), numbers_only, violations_);
  if (!strides.has_value() || !dilations.has_value()) return false;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    geometry.axes.push_back({.stride = (*strides)[i], .dilation = (*dilations)[i]});
  }
  return true;
}

void ConvolutionResolver::SetAxes(ConvolutionGeometry& geometry) {
  std::vector<std::string> window_fields;
  for (size_t i = 0; i < geometry.axes.size(); ++i) {
    const int axis = static_cast<int>(i);
    geometry.axes[i].input = input_[geometry.input_layout.spatial(axis)];
    const int filter_axis = geometry.filter_layout.spatial(axis);
    geometry.axes[i].window = filter_[filter_axis];
    window_fields.push_back(Indexed(fields_.filter_shape, static_cast<size_t>(filter_axis)));
  }
  SetOutputs(geometry, window_fields);
}

Shape ConvolutionResolver::OutputShape(const ConvolutionGeometry& geometry) const {
  Shape shape = input_;
  const Layout& layout = geometry.input_layout;
  if (layout.channel() != -1) shape[layout.channel()] = geometry.output_channels;
  for (size_t i = 0; i < geometry.axes.size(); ++i) {
    shape[layout.spatial(static_cast<int>(i))] = geometry.axes[i].output;
  }
  return shape;
}

bool ConvolutionResolver::CheckDivides(int64_t groups, int64_t channels, absl::string_view name) const {
  if (channels == kUnknownSize || channels % groups == 0) return true;
  violations_.Add(Convention("groups"),
                  absl::StrCat("was ", groups, ", has to divide the number of ", name, " channels, ", channels));
  return false;
}

}  // namespace tensord::compute::internal
