#include "absl/strings/str_cat.h"
#include "compute/src/internal/pooling_lists.h"
#include "compute/src/internal/resolve.h"
#include "tensord/compute/checked_math.h"
#include "tensord/compute/unpooling.h"

namespace tensord::compute {
namespace {

// The padding that was given, per axis. False where a violation was added.
bool SetPadding(const Padding& padding, PaddingMode mode, absl::string_view field, const SizeRules& rules,
                std::vector<AxisWindow>& axes, Violations& violations) {
  if (mode == PaddingMode::kFull) {
    for (AxisWindow& axis : axes) axis.pad_begin = axis.pad_end = axis.extent() - 1;
  }
  if (mode != PaddingMode::kExplicit) return true;
  const int count = static_cast<int>(axes.size());
  const auto begin =
      SpreadList(padding.begin, count, std::nullopt, 0, absl::StrCat(field, ".begin"), rules, violations);
  const auto end = padding.end.empty() ? begin
                                       : SpreadList(padding.end, count, std::nullopt, 0, absl::StrCat(field, ".end"),
                                                    rules, violations);
  if (!begin.has_value() || !end.has_value()) return false;
  for (size_t i = 0; i < axes.size(); ++i) {
    axes[i].pad_begin = (*begin)[i];
    axes[i].pad_end = (*end)[i];
  }
  return true;
}

// The shape that is taken where none is given.
std::optional<Shape> Derive(const PoolingConventions& given, Profile profile, const Shape& pooled,
                            const UnpoolingFields& fields, const SizeRules& rules, Violations& violations) {
  const PoolingFields pooling_fields{.input_shape = fields.pooled_shape, .conventions = fields.conventions};
  auto geometry =
      internal::ResolvePoolingLists(PoolingKind::kMax, given, profile, pooled, pooling_fields, rules, violations);
  if (!geometry.has_value()) return std::nullopt;
  if (geometry->window_mode != WindowMode::kExplicit) {
    violations.Add(fields.unpooled_shape,
                   absl::StrCat("was not given, is required where window_mode is ", Name(geometry->window_mode)));
    return std::nullopt;
  }
  const Padding& padding = given.padding;
  const bool lists_given = !padding.begin.empty() || !padding.end.empty();
  const PaddingMode mode = padding.mode.value_or(lists_given ? PaddingMode::kExplicit : PaddingMode::kValid);
  const std::string padding_field = absl::StrCat(fields.conventions, ".padding");
  if (!SetPadding(padding, mode, padding_field, rules, geometry->axes, violations)) return std::nullopt;
  const bool same = mode == PaddingMode::kSameUpper || mode == PaddingMode::kSameLower;
  Shape shape = pooled;
  for (size_t i = 0; i < geometry->axes.size(); ++i) {
    const AxisWindow& axis = geometry->axes[i];
    const Int128 length = same ? Int128{axis.input} * axis.stride
                               : (Int128{axis.input} - 1) * axis.stride + axis.extent() - axis.pad_begin - axis.pad_end;
    if (length < 1 || length > rules.max_size) {
      violations.Add(fields.unpooled_shape,
                     absl::StrCat("was not given, is required here: what follows from the input and the conventions ",
                                  length < 1 ? "is below 1" : absl::StrCat("is above ", rules.max_size), " along axis ",
                                  std::string(1, geometry->layout.spatial_letter(static_cast<int>(i)))));
      return std::nullopt;
    }
    shape[geometry->layout.spatial(static_cast<int>(i))] = static_cast<int64_t>(length);
  }
  return shape;
}

}  // namespace

std::optional<PoolingGeometry> ResolveUnpooling(const PoolingConventions& given, Profile profile, const Shape& pooled,
                                                const std::optional<Shape>& unpooled, const UnpoolingFields& fields,
                                                const SizeRules& rules, Violations& violations) {
  const size_t before = violations.total();
  if (unpooled.has_value() && unpooled->rank() != pooled.rank()) {
    violations.Add(fields.unpooled_shape, absl::StrCat("had rank ", unpooled->rank(), ", has to have rank ",
                                                       pooled.rank(), ", as ", fields.pooled_shape));
  }
  const std::optional<Shape> shape =
      unpooled.has_value() ? unpooled : Derive(given, profile, pooled, fields, rules, violations);
  if (!shape.has_value()) return std::nullopt;
  const PoolingFields pooling_fields{.input_shape = fields.unpooled_shape, .conventions = fields.conventions};
  const auto geometry = ResolvePooling(PoolingKind::kMax, given, profile, *shape, pooling_fields, rules, violations);
  if (!geometry.has_value() || violations.total() != before) return std::nullopt;
  internal::CheckSizes(pooled, geometry->layout.batch(), fields.pooled_shape, rules, violations);
  if (violations.total() != before) return std::nullopt;
  if (geometry->output_shape == pooled) return geometry;
  violations.Add(fields.unpooled_shape,
                 absl::StrCat(unpooled.has_value() ? "was " : "was not given, is required here: what follows, ",
                              shape->ToString(), ", is pooled to ", geometry->output_shape.ToString(),
                              "; has to be a shape that is pooled to ", pooled.ToString(), ", ", fields.pooled_shape));
  return std::nullopt;
}

}  // namespace tensord::compute
