#include "compute/src/internal/data_gradient.h"

#include <algorithm>
#include <optional>

#include "compute/src/internal/activation_functions.h"
#include "compute/src/internal/columns.h"
#include "compute/src/internal/correlate_groups.h"
#include "compute/src/internal/correlate_rows.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/limits.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {
namespace {

// Elements of dz that are computed between two looks at the cancel flag.
constexpr int64_t kActivationBlock = int64_t{1} << 14;

// Whether `are` says so of every part.
template <typename Are>
bool AllAre(Are* are, const DataGradient& gradient, const Columns& columns, const ExecutionContext& context) {
  bool all = true;
  (void)ForEachPart(gradient, [&](const Correlation& part) {
    all = all && are(part, columns, context);
    return absl::OkStatus();
  });
  return all;
}

}  // namespace

template <typename T>
absl::Status RunDataGradient(const DataGradient& gradient, const T* dz, const T* w, T* dx, const Epilogue<T>& epilogue,
                             const ExecutionContext& context) {
  if (const std::optional<Columns> columns = ColumnsOf(gradient)) {
    // All parts along W at once, so that rows are written as they lie, where that is possible.
    const DataGradient spanned = WithColumns(gradient, *columns);
    const auto correlate = AllAre(HasVectorsOfRows<T>, spanned, *columns, context)     ? CorrelateRows<T>
                           : AllAre(HasVectorsOfGroups<T>, spanned, *columns, context) ? CorrelateGroups<T>
                                                                                       : nullptr;
    if (correlate != nullptr) {
      TENSORD_RETURN_IF_ERROR(ForEachPart(spanned, [&](const Correlation& part) {
        return correlate(part, *columns, dz, w, dx, epilogue, ContextForWork(context, Multiplications(part)));
      }));
      return context.CheckCancelled();
    }
  }
  TENSORD_RETURN_IF_ERROR(
      ForEachPart(gradient, [&](const Correlation& part) { return Correlate(part, dz, w, dx, epilogue, context); }));
  return context.CheckCancelled();
}

int64_t DataGradientMultiplications(const ConvolutionGeometry& geometry) {
  int64_t count = SaturatingMultiply(geometry.batch, geometry.input_channels);
  count = SaturatingMultiply(count, geometry.output_channels / std::max<int64_t>(1, geometry.groups));
  for (const AxisWindow& axis : geometry.axes) {
    // A tap reaches one in `stride` elements.
    count = SaturatingMultiply(count, SaturatingMultiply(axis.window, CeilDivide(axis.input, axis.stride)));
  }
  return count;
}

template <typename T>
absl::Status MultiplyBySlope(const Activation& activation, const T* du, int64_t count, T* z,
                             const ExecutionContext& context) {
  return RunTiles<T>(CeilDivide(count, kActivationBlock), 0, context, [&](int64_t block, T*) {
    const int64_t begin = block * kActivationBlock;
    ApplyActivationGradient(activation, z + begin, du + begin, z + begin, std::min(kActivationBlock, count - begin));
  });
}

template absl::Status RunDataGradient(const DataGradient&, const float*, const float*, float*, const Epilogue<float>&,
                                      const ExecutionContext&);
template absl::Status RunDataGradient(const DataGradient&, const double*, const double*, double*,
                                      const Epilogue<double>&, const ExecutionContext&);
template absl::Status MultiplyBySlope(const Activation&, const float*, int64_t, float*, const ExecutionContext&);
template absl::Status MultiplyBySlope(const Activation&, const double*, int64_t, double*, const ExecutionContext&);

}  // namespace tensord::compute::internal
