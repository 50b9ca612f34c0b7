#include <algorithm>

#include "absl/strings/str_cat.h"
#include "compute/src/internal/resolve.h"
#include "tensord/compute/checked_math.h"
#include "tensord/compute/pooling.h"

namespace tensord::compute {
namespace {

using internal::CheckEntries;
using internal::CheckPaddingEntries;
using internal::CheckSizes;
using internal::ParseGivenLayout;

bool DependsOnSymbol(const AxisWindow& axis) {
  return axis.output == kUnknownSize || axis.input == kUnknownSize || axis.window == kUnknownSize;
}

// Whether some window reads an index outside 0..input-1.
bool ReachesPastInput(const AxisWindow& axis) {
  if (axis.pad_begin > 0) return true;
  const Int128 last_start = Int128{axis.output - 1} * axis.stride - axis.pad_begin;
  return last_start + axis.extent() > axis.input;
}

// The least x >= 0 with low <= (a * x) mod m <= high, or nothing; 0 <= a < m, 0 < low <= high < m. Euclid's algorithm
// on (a, m): logarithmic in m, however many multiples would have to be tried.
std::optional<Int128> FirstMultipleInRange(Int128 a, Int128 m, Int128 low, Int128 high) {
  if (low == 0) return 0;
  if (a == 0) return std::nullopt;
  if (2 * a > m) return FirstMultipleInRange(m - a, m, m - high, m - low);
  const Int128 x = CeilDivide(low, a);
  if (x * a <= high) return x;
  const std::optional<Int128> wraps = FirstMultipleInRange((a - m % a) % a, a, low % a, high % a);
  if (!wraps.has_value()) return std::nullopt;
  return CeilDivide(low + m * *wraps, a);
}

// The first window, if any, that has no element inside the input. A window starts at a = o*stride - pad_begin and
// has the elements a + k*dilation.
std::optional<int64_t> FirstEmptyWindow(const AxisWindow& axis) {
  // Windows that start before the input: element k = ceil(-a/dilation) is the first at or past 0. That k is largest for
  // the first window.
  if (CeilDivide(axis.pad_begin, axis.dilation) >= axis.window) return 0;
  // It stands at a mod dilation, which can be past a short input.
  const Int128 begin_count = std::min<Int128>(axis.output, CeilDivide(axis.pad_begin, axis.stride));
  if (axis.dilation > axis.input && begin_count > 0) {
    const int64_t residue = -axis.pad_begin - FloorDivide(-axis.pad_begin, axis.dilation) * axis.dilation;
    if (residue >= axis.input) return 0;
    const std::optional<Int128> first = FirstMultipleInRange(axis.stride % axis.dilation, axis.dilation,
                                                             axis.input - residue, axis.dilation - 1 - residue);
    if (first.has_value() && *first < begin_count) return static_cast<int64_t>(*first);
  }
  // A window that starts inside the input has its first element there; only the last ones can start behind it.
  const Int128 started_before_end = CeilDivide(Int128{axis.input} + axis.pad_begin, Int128{axis.stride});
  if (started_before_end < axis.output) return static_cast<int64_t>(started_before_end);
  return std::nullopt;
}

// Resolves one pooling; every step adds what is wrong to `violations_`.
class Resolver {
 public:
  Resolver(PoolingKind kind, const PoolingConventions& given, Profile profile, const Shape& input,
           const PoolingFields& fields, const SizeRules& rules, Violations& violations)
      : kind_(kind),
        given_(given),
        defaults_(DefaultsOf(profile)),
        input_(input),
        fields_(fields),
        rules_(rules),
        violations_(violations) {}

  std::optional<PoolingGeometry> Run() {
    const size_t before = violations_.total();
    const std::optional<Layout> layout = ResolveLayout();
    CheckSizes(input_, layout.has_value() ? layout->batch() : -1, fields_.input_shape, rules_, violations_);
    CheckKind();
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
                             .input_shape = input_,
                             .output_shape = input_,
                             .batch = layout->batch() == -1 ? 1 : input_[layout->batch()],
                             .channels = layout->channel() == -1 ? 1 : input_[layout->channel()],
                             .axes = {}};
    SetLists(geometry);
    if (violations_.total() != before) {
      CheckPaddingEntries(given_.padding, Convention("padding"), rules_, violations_);
      return std::nullopt;
    }
    SetAxes(geometry);
    if (violations_.total() != before) return std::nullopt;
    CheckDivisorIsStated(geometry);
    if (violations_.total() != before) return std::nullopt;
    return geometry;
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
    }
    if (kind_ != PoolingKind::kAverage) {
      refuse(given_.average_divisor.has_value(), "average_divisor", "AVERAGE");
      refuse(given_.fixed_divisor.has_value(), "fixed_divisor", "AVERAGE");
    }
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
      if (DependsOnSymbol(axis)) continue;
      const std::optional<int64_t> empty = FirstEmptyWindow(axis);
      if (!empty.has_value()) continue;
      violations_.Add(Convention("padding"),
                      absl::StrCat("leaves window ", *empty, " of axis ",
                                   std::string(1, geometry.layout.spatial_letter(static_cast<int>(i))),
                                   " without any element of the input; every window has to have one: use less padding, "
                                   "a larger window or another length rule"));
    }
  }

  // What can still be said where the layout is not known.
  void CheckWithoutLayout() {
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
  }
  __builtin_unreachable();
}

std::optional<PoolingGeometry> ResolvePooling(PoolingKind kind, const PoolingConventions& given, Profile profile,
                                              const Shape& input, const PoolingFields& fields, const SizeRules& rules,
                                              Violations& violations) {
  return Resolver(kind, given, profile, input, fields, rules, violations).Run();
}

}  // namespace tensord::compute
