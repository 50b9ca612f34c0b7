#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "compute/src/internal/pooling_empty.h"
#include "compute/src/internal/pooling_lists.h"
#include "compute/src/internal/resolve.h"
#include "tensord/compute/checked_math.h"
#include "tensord/compute/pooling.h"

namespace tensord::compute {
namespace {

using internal::CheckEntries;
using internal::CheckPaddingEntries;
using internal::CheckSizes;
using internal::FirstEmptyWindow;
using internal::ParseGivenLayout;
using internal::ReachesPastInput;

bool DependsOnSymbol(const AxisWindow& axis) {
  return axis.output == kUnknownSize || axis.input == kUnknownSize || axis.window == kUnknownSize;
}

// The most elements that an adaptive window has. With length = q*count + r, a window has q, and besides one more for
// each end that cuts an element in two: at most two, and one alone where r divides count, as no window is cut at both
// ends then.
int64_t LongestAdaptiveWindow(int64_t length, int64_t count) {
  const int64_t remainder = length % count;
  if (remainder == 0) return length / count;
  return length / count + (count % remainder == 0 ? 1 : 2);
}

// Resolves one pooling; every step adds what is wrong to `violations_`.
class Resolver {
 public:
  Resolver(PoolingKind kind, const PoolingConventions& given, Profile profile, const Shape& input,
           const PoolingFields& fields, const SizeRules& rules, Violations& violations)
      : kind_(kind),
        given_(given),
        defaults_(DefaultsOf(profile)),
        mode_(given.window_mode.value_or(WindowMode::kExplicit)),
        input_(input),
        fields_(fields),
        rules_(rules),
        violations_(violations) {}

  std::optional<PoolingGeometry> Run() {
    const size_t before = violations_.total();
    std::optional<PoolingGeometry> geometry = RunLists();
    if (!geometry.has_value()) return std::nullopt;
    mode_ == WindowMode::kExplicit ? SetAxes(*geometry) : SetWholeAxes(*geometry);
    if (violations_.total() != before) return std::nullopt;
    CheckDivisorIsStated(*geometry);
    if (violations_.total() != before) return std::nullopt;
    return geometry;
  }

  // The same without padding and lengths.
  std::optional<PoolingGeometry> RunLists() {
    const size_t before = violations_.total();
    const std::optional<Layout> layout = ResolveLayout();
    CheckSizes(input_, layout.has_value() ? layout->batch() : -1, fields_.input_shape, rules_, violations_);
    CheckKind();
    CheckMode();
    CheckExponent();
    const std::optional<AverageDivisor> divisor = CheckedDivisor();
    if (!layout.has_value()) {
      CheckWithoutLayout();
      return std::nullopt;
    }
    PoolingGeometry geometry{.kind = kind_,
                             .layout = *layout,
                             .padding = PaddingMode::kValid,
                             .length_rule = given_.length_rule.value_or(defaults_.length_rule),
                             .average_divisor = divisor,
                             .fixed_divisor = given_.fixed_divisor.value_or(0),
                             .tie_rule = given_.tie_rule.value_or(defaults_.tie_rule),
                             .nan_rule = given_.nan_rule.value_or(defaults_.nan_rule),
                             .index_base = given_.index_base.value_or(defaults_.index_base),
                             .empty_window = given_.empty_window.value_or(defaults_.empty_window),
                             .padding_limit = given_.padding_limit.value_or(PaddingLimit::kNone),
                             .p = given_.p.value_or(defaults_.lp_exponent),
                             .window_mode = mode_,
                             .input_shape = input_,
                             .output_shape = input_,
                             .batch = layout->batch() == -1 ? 1 : input_[layout->batch()],
                             .channels = layout->channel() == -1 ? 1 : input_[layout->channel()],
                             .axes = {}};
    mode_ == WindowMode::kExplicit ? SetLists(geometry) : SetWindows(geometry);
    if (violations_.total() == before) return geometry;
    if (mode_ == WindowMode::kExplicit) {
      CheckPaddingEntries(given_.padding, Convention("padding"), rules_, violations_);
    }
    return std::nullopt;
  }

 private:
  std::string Convention(absl::string_view name) const { return absl::StrCat(fields_.conventions, ".", name); }

  std::optional<Layout> ResolveLayout() {
    if (given_.input_layout.has_value()) {
      return ParseGivenLayout(*given_.input_layout, Layout::Role::kActivation, input_.rank(),
                              Convention("input_layout"), violations_);
    }
    const int rank = input_.rank();
    if (rank < 1 || rank > kMaxSpatialRank + 2) {
      violations_.Add(fields_.input_shape,
                      absl::StrCat("had rank ", rank,
                                   ", has to have rank 1..5: 1..3 spatial axes, channels from rank 3 "
                                   "and a batch from rank 4 on"));
      return std::nullopt;
    }
    const bool batch = rank >= 4;
    const bool channels = rank >= 3;
    return Layout::Make(Layout::Role::kActivation, rank - (batch ? 1 : 0) - (channels ? 1 : 0), batch, channels,
                        defaults_.channels_first);
  }

  // Fields that only some kinds take.
  void CheckKind() {
    const auto refuse = [&](bool given, absl::string_view name, absl::string_view kinds) {
      if (given) {
        violations_.Add(Convention(name), absl::StrCat("was given, has to be left out: only ", kinds,
                                                       " pooling takes it, this is ", Name(kind_)));
      }
    };
    if (kind_ != PoolingKind::kMax) {
      refuse(given_.tie_rule.has_value(), "tie_rule", "MAX");
      refuse(given_.nan_rule.has_value(), "nan_rule", "MAX");
      refuse(given_.index_base.has_value(), "index_base", "MAX");
      refuse(given_.empty_window.has_value(), "empty_window", "MAX");
    }
    if (kind_ != PoolingKind::kLp) refuse(given_.p.has_value(), "p", "LP");
    if (kind_ == PoolingKind::kSubsample) refuse(given_.window_mode.has_value(), "window_mode", "MAX, AVERAGE and LP");
    if (kind_ != PoolingKind::kAverage) {
      refuse(given_.average_divisor.has_value(), "average_divisor", "AVERAGE");
      refuse(given_.fixed_divisor.has_value(), "fixed_divisor", "AVERAGE");
    }
  }

  // Fields that only some window modes take.
  void CheckMode() {
    const bool adaptive = mode_ == WindowMode::kAdaptive;
    if (!adaptive && !given_.output_size.empty()) {
      violations_.Add(Convention("output_size"), "was given, has to be left out unless window_mode is ADAPTIVE");
    }
    if (mode_ == WindowMode::kExplicit) return;
    if (adaptive && kind_ == PoolingKind::kLp) {
      violations_.Add(Convention("window_mode"), "was ADAPTIVE, has to be EXPLICIT or GLOBAL for LP pooling");
    }
    const auto refuse = [&](bool given, absl::string_view name) {
      if (!given) return;
      violations_.Add(Convention(name),
                      absl::StrCat("was given, has to be left out where window_mode is ", Name(mode_)));
    };
    const Padding& padding = given_.padding;
    refuse(adaptive && !given_.window.empty(), "window");
    refuse(!given_.strides.empty(), "strides");
    refuse(!given_.dilations.empty(), "dilations");
    refuse(padding.mode.has_value() || !padding.begin.empty() || !padding.end.empty(), "padding");
    refuse(given_.length_rule.has_value(), "length_rule");
    refuse(given_.padding_limit.has_value(), "padding_limit");
  }

  void CheckExponent() {
    const double p = given_.p.value_or(defaults_.lp_exponent);
    if (std::isfinite(p) && p > 0) return;
    violations_.Add(Convention("p"), absl::StrCat("was ", p, ", has to be a finite number above 0"));
  }

  void SetLists(PoolingGeometry& geometry) {
    const int count = geometry.layout.spatial_rank();
    const bool subsample = kind_ == PoolingKind::kSubsample;
    const auto window = SpreadList(given_.window, count, subsample ? std::optional<int64_t>(1) : std::nullopt, 1,
                                   Convention("window"), rules_, violations_);
    if (subsample && window.has_value()) {
      for (const int64_t size : *window) {
        if (size == 1) continue;
        violations_.Add(Convention("window"), absl::StrCat("was ", size,
                                                           ", has to be 1 or left out: SUBSAMPLE takes "
                                                           "each window's first element"));
      }
    }
    std::vector<int64_t> strides = given_.strides;
    std::optional<int64_t> fallback;
    if (strides.empty() && !subsample) {
      if (defaults_.stride_is_window) strides = window.value_or(std::vector<int64_t>{1});
      fallback = 1;
    }
    const auto spread = SpreadList(strides, count, fallback, 1, Convention("strides"), rules_, violations_);
    const SizeRules numbers_only{.max_size = rules_.max_size, .allow_unknown = false};
    const auto dilations =
        SpreadList(given_.dilations, count, 1, 1, Convention("dilations"), numbers_only, violations_);
    if (!window.has_value() || !spread.has_value() || !dilations.has_value()) return;
    for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
      geometry.axes.push_back({.input = input_[geometry.layout.spatial(static_cast<int>(i))],
                               .window = (*window)[i],
                               .stride = (*spread)[i],
                               .dilation = (*dilations)[i]});
    }
  }

  // What SetLists does, for kGlobal and kAdaptive.
  void SetWindows(PoolingGeometry& geometry) {
    const int count = geometry.layout.spatial_rank();
    const bool global = mode_ == WindowMode::kGlobal;
    const SizeRules numbers_only{.max_size = rules_.max_size, .allow_unknown = false};
    const auto sizes = global ? std::vector<int64_t>(static_cast<size_t>(count), 1)
                              : SpreadList(given_.output_size, count, std::nullopt, 1, Convention("output_size"),
                                           numbers_only, violations_);
    if (global && !given_.window.empty()) CheckGlobalWindow(geometry.layout);
    if (!sizes.has_value()) return;
    for (int i = 0; i < count; ++i) {
      const int64_t length = input_[geometry.layout.spatial(i)];
      AxisWindow axis{.input = length, .window = length, .output = (*sizes)[static_cast<size_t>(i)]};
      if (!global && length > 0) axis.window = LongestAdaptiveWindow(length, axis.output);
      geometry.axes.push_back(axis);
    }
  }

  void CheckGlobalWindow(const Layout& layout) {
    const int count = layout.spatial_rank();
    const auto window = SpreadList(given_.window, count, std::nullopt, 1, Convention("window"), rules_, violations_);
    for (int i = 0; window.has_value() && i < count; ++i) {
      const int64_t size = (*window)[static_cast<size_t>(i)];
      const int64_t length = input_[layout.spatial(i)];
      if (size == length || length == kUnknownSize) continue;
      violations_.Add(
          given_.window.size() > 1 ? Indexed(Convention("window"), static_cast<size_t>(i)) : Convention("window"),
          absl::StrCat("was ", size, ", has to be ", length, ", the input's length, or left out where window_mode is ",
                       "GLOBAL"));
    }
  }

  void SetWholeAxes(PoolingGeometry& geometry) {
    for (size_t i = 0; i < geometry.axes.size(); ++i) {
      geometry.output_shape[geometry.layout.spatial(static_cast<int>(i))] = geometry.axes[i].output;
    }
  }

  void SetAxes(PoolingGeometry& geometry) {
    std::vector<std::string> window_fields;
    for (size_t i = 0; i < geometry.axes.size(); ++i) {
      window_fields.push_back(given_.window.size() > 1 ? Indexed(Convention("window"), i) : Convention("window"));
    }
    const auto mode = ResolvePaddingAndLength(given_.padding, geometry.length_rule, Convention("padding"),
                                              window_fields, rules_, geometry.axes, violations_);
    if (!mode.has_value()) return;
    geometry.padding = *mode;
    for (size_t i = 0; i < geometry.axes.size(); ++i) {
      const AxisWindow& axis = geometry.axes[i];
      geometry.output_shape[geometry.layout.spatial(static_cast<int>(i))] = axis.output;
      CheckPaddingLimit(geometry, i);
      if (DependsOnSymbol(axis) || AllowsEmptyWindows()) continue;
      const std::optional<int64_t> empty = FirstEmptyWindow(axis);
      if (!empty.has_value()) continue;
      violations_.Add(Convention("padding"),
                      absl::StrCat("leaves window ", *empty, " of axis ",
                                   std::string(1, geometry.layout.spatial_letter(static_cast<int>(i))),
                                   " without any element of the input; every window has to have one: use less padding, "
                                   "a larger window or another length rule"));
    }
  }

  // Of an axis whose padding is resolved.
  void CheckPaddingLimit(const PoolingGeometry& geometry, size_t i) {
    const AxisWindow& axis = geometry.axes[i];
    if (geometry.padding_limit == PaddingLimit::kNone || axis.window == kUnknownSize) return;
    const bool dilated = geometry.padding_limit == PaddingLimit::kHalfDilatedWindow;
    const int64_t limit = (dilated ? axis.extent() : axis.window) / 2;
    const int64_t most = std::max(axis.pad_begin, axis.pad_end);  // an unknown one is below every limit
    if (most <= limit) return;
    violations_.Add(
        Convention("padding"),
        absl::StrCat("was ", most, axis.pad_begin == most ? " before" : " after", " axis ",
                     std::string(1, geometry.layout.spatial_letter(static_cast<int>(i))), ", has to be at most ", limit,
                     dilated ? ", half of the dilated window" : ", half of the window", ", where padding_limit is ",
                     Name(geometry.padding_limit)));
  }

  bool AllowsEmptyWindows() const {
    return kind_ == PoolingKind::kMax &&
           given_.empty_window.value_or(defaults_.empty_window) == EmptyWindow::kNegativeInfinity;
  }

  // What can still be said where the layout is not known.
  void CheckWithoutLayout() {
    if (mode_ != WindowMode::kExplicit) return;
    CheckEntries(given_.window, 1, Convention("window"), rules_, violations_);
    CheckEntries(given_.strides, 1, Convention("strides"), rules_, violations_);
    CheckEntries(given_.dilations, 1, Convention("dilations"), rules_, violations_);
    CheckPaddingEntries(given_.padding, Convention("padding"), rules_, violations_);
  }

  // The divisor that is given or the profile's.
  std::optional<AverageDivisor> CheckedDivisor() {
    if (kind_ != PoolingKind::kAverage) return std::nullopt;
    const bool fixed = given_.average_divisor == AverageDivisor::kFixed;
    if (given_.fixed_divisor.has_value() && !fixed) {
      violations_.Add(Convention("fixed_divisor"), "was given, has to be left out unless average_divisor is FIXED");
    }
    const int64_t divisor = given_.fixed_divisor.value_or(0);
    if (fixed && (divisor < 1 || divisor > kMaxSize)) {
      const std::string was = given_.fixed_divisor.has_value() ? absl::StrCat("was ", divisor) : "was not given";
      violations_.Add(Convention("fixed_divisor"), absl::StrCat(was, ", has to be 1..", kMaxSize));
    }
    return given_.average_divisor.has_value() ? given_.average_divisor : defaults_.average_divisor;
  }

  void CheckDivisorIsStated(const PoolingGeometry& geometry) {
    if (kind_ != PoolingKind::kAverage || geometry.average_divisor.has_value()) return;
    if (mode_ != WindowMode::kExplicit) return;
    for (const AxisWindow& axis : geometry.axes) {
      if (DependsOnSymbol(axis) || !ReachesPastInput(axis)) continue;
      violations_.Add(Convention("average_divisor"),
                      "was not given, has to be EXCLUDED, INCLUDED or FIXED: some window reaches past the input, where "
                      "frameworks disagree");
      return;
    }
  }

  const PoolingKind kind_;
  const PoolingConventions& given_;
  const ProfileDefaults& defaults_;
  const WindowMode mode_;
  const Shape& input_;
  const PoolingFields& fields_;
  const SizeRules& rules_;
  Violations& violations_;
};

}  // namespace

absl::string_view Name(PoolingKind value) {
  switch (value) {
    case PoolingKind::kMax:
      return "MAX";
    case PoolingKind::kAverage:
      return "AVERAGE";
    case PoolingKind::kSubsample:
      return "SUBSAMPLE";
    case PoolingKind::kLp:
      return "LP";
  }
  __builtin_unreachable();
}

AdaptiveSpan AdaptiveWindow(int64_t length, int64_t count, int64_t index) {
  return {.first = static_cast<int64_t>(FloorDivide(Int128{index} * length, Int128{count})),
          .end = static_cast<int64_t>(CeilDivide((Int128{index} + 1) * length, Int128{count}))};
}

std::optional<PoolingGeometry> ResolvePooling(PoolingKind kind, const PoolingConventions& given, Profile profile,
                                              const Shape& input, const PoolingFields& fields, const SizeRules& rules,
                                              Violations& violations) {
  return Resolver(kind, given, profile, input, fields, rules, violations).Run();
}

std::optional<PoolingGeometry> internal::ResolvePoolingLists(PoolingKind kind, const PoolingConventions& given,
                                                             Profile profile, const Shape& input,
                                                             const PoolingFields& fields, const SizeRules& rules,
                                                             Violations& violations) {
  return Resolver(kind, given, profile, input, fields, rules, violations).RunLists();
}

}  // namespace tensord::compute
