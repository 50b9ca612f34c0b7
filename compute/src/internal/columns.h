// What becomes of a row of positions, where several correlations write between each other's results.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_COLUMNS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_COLUMNS_H_

#include <cstdint>
#include <optional>

#include "absl/container/inlined_vector.h"
#include "compute/src/internal/correlation.h"

namespace tensord::compute::internal {

// Results that are next to each other along W for each position, at most.
inline constexpr int64_t kMaxColumnsPerPosition = 4;

// `per_position` columns of results for each position, from one or several axes, whose results lie between each
// other's.
struct Columns {
  absl::InlinedVector<CorrelationAxis, kMaxColumnsPerPosition> axes;  // of one member each
  int64_t per_position;
  int64_t stride;  // from one column to the next in the destination

  [[nodiscard]] int64_t TapCount() const;
  // Columns of results in a row.
  [[nodiscard]] int64_t Width() const;
  // Which of the columns of each position an axis writes.
  [[nodiscard]] int64_t PlaceOf(const CorrelationAxis& axis) const { return axis.dest_offset / stride; }
};

// The results of the correlation's own axis W.
[[nodiscard]] Columns OwnColumns(const Correlation& correlation);

// The columns of all of dX's parts along W, where there are several and together they are all of a row.
[[nodiscard]] std::optional<Columns> ColumnsOf(const DataGradient& gradient);

// The gradient with parts whose axis W spans what all the columns read.
[[nodiscard]] DataGradient WithColumns(const DataGradient& gradient, const Columns& columns);

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_COLUMNS_H_
