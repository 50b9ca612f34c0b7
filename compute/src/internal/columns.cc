#include "compute/src/internal/columns.h"

#include <algorithm>
#include <array>

namespace tensord::compute::internal {

int64_t Columns::TapCount() const {
  int64_t taps = 0;
  for (const CorrelationAxis& axis : axes) taps += axis.tap_count;
  return taps;
}

int64_t Columns::Width() const {
  int64_t width = 0;
  for (const CorrelationAxis& axis : axes) width += axis.position_count;
  return width;
}

Columns OwnColumns(const Correlation& correlation) {
  return {.axes = {correlation.axes[3]}, .per_position = 1, .stride = correlation.axes[3].dest_step};
}

std::optional<Columns> ColumnsOf(const DataGradient& gradient) {
  Columns columns{.axes = {}, .per_position = 0, .stride = 0};
  for (const CorrelationAxis& axis : gradient.classes[2]) {
    CorrelationAxis member = axis;
    member.member_count = 1;
    for (int64_t i = 0; i < axis.member_count; ++i) {
      columns.axes.push_back(member);
      member.filter_offset += axis.filter_member_stride;
      member.dest_offset += axis.dest_member_stride;
    }
  }
  columns.per_position = static_cast<int64_t>(columns.axes.size());
  if (columns.per_position < 2 || columns.per_position > kMaxColumnsPerPosition) return std::nullopt;
  columns.stride = columns.axes[0].dest_step / columns.per_position;
  // Each residue once: then the columns follow each other, but for the end of a last step.
  std::array<bool, kMaxColumnsPerPosition> seen = {};
  for (const CorrelationAxis& axis : columns.axes) {
    if (columns.stride == 0 || axis.dest_step != columns.per_position * columns.stride) return std::nullopt;
    const int64_t residue = columns.PlaceOf(axis);
    if (axis.dest_offset != residue * columns.stride || residue >= columns.per_position) return std::nullopt;
    seen[static_cast<size_t>(residue)] = true;
  }
  const auto count = std::count(seen.begin(), seen.end(), true);
  return count == columns.per_position ? std::optional(columns) : std::nullopt;
}

DataGradient WithColumns(const DataGradient& gradient, const Columns& columns) {
  CorrelationAxis span = columns.axes[0];
  int64_t end = span.first_base + 1;
  for (const CorrelationAxis& axis : columns.axes) {
    const int64_t last = axis.first_base + (axis.tap_count - 1) * axis.base_delta;
    span.position_count = std::max(span.position_count, axis.position_count);
    span.first_base = std::min({span.first_base, axis.first_base, last});
    end = std::max({end, axis.first_base + 1, last + 1});
  }
  span.tap_count = end - span.first_base;
  span.base_delta = 1;
  span.dest_offset = 0;
  DataGradient spanned = gradient;
  spanned.classes[2] = {span};
  return spanned;
}

}  // namespace tensord::compute::internal
