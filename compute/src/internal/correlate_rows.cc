#include "compute/src/internal/correlate_rows.h"

#include <algorithm>
#include <array>

#include "compute/src/internal/activation_functions.h"
#include "compute/src/internal/kernels_for.h"
#include "compute/src/internal/planes.h"
#include "compute/src/internal/row_band.h"
#include "compute/src/internal/tiles.h"

namespace tensord::compute::internal {
namespace {

// Columns of results for each position, at most.
constexpr size_t kMaxAxes = 2;

// Positions of the planes that one task computes together, as far as these are small.
constexpr int64_t kTaskPositions = int64_t{1} << 14;

// Columns of positions in the longest of the rows.
int64_t PositionsInRow(const Columns& columns) {
  int64_t most = 0;
  for (const CorrelationAxis& axis : columns.axes) most = std::max(most, axis.position_count);
  return most;
}

template <typename T>
class RowCorrelator {
 public:
  // The correlation's axis W spans what the columns' axes read, where they are not its own.
  RowCorrelator(const Correlation& correlation, const Columns& columns, const Kernels<T>& kernels, const T* source,
                const T* filter, T* dest, const Epilogue<T>& epilogue, const ExecutionContext& context)
      : correlation_(correlation),
        columns_(columns),
        kernels_(kernels),
        band_(correlation, kernels),
        source_(source),
        filter_(filter),
        dest_(dest + DestOffset(correlation)),
        epilogue_(epilogue),
        context_(context),
        line_(RoundUp(PositionsInRow(columns), kernels.lanes)),
        row_count_(correlation.RowCount()),
        in_place_(columns.axes.size() == 1 && columns.axes[0].position_count >= kernels.lanes),
        rows_follow_(columns.axes.size() == 1 && correlation.axes[2].dest_step == columns.axes[0].position_count),
        planes_follow_(rows_follow_ && row_count_ == 1 && band_.bands() == 1 &&
                       correlation.dest_group_stride == Height() * correlation.axes[2].dest_step) {
    const CorrelationAxis& h = correlation.axes[2];
    for (size_t a = 0; a < columns.axes.size(); ++a) {
      const CorrelationAxis& axis = columns.axes[a];
      filter_offsets_[a] = axis.filter_offset + h.filter_offset + band_.TapOfRow(0) * h.filter_tap_stride +
                           correlation.axes[1].filter_offset + correlation.axes[0].filter_offset;
      for (int64_t w = 0; w < axis.tap_count; ++w) taps_[a][static_cast<size_t>(w)] = band_.ColumnOf(axis, w);
    }
    tile_ = {.source = nullptr,
             .pitch = band_.pitch(),
             .channel_count = correlation.source_channels,
             .channel_stride = band_.ChannelSize(),
             .columns = taps_[0].data(),
             .column_count = columns.axes[0].tap_count,
             .factors = nullptr,
             .factor_channel_stride = correlation.filter_source_stride,
             .factor_column_stride = columns.axes[0].filter_tap_stride,
             .factor_row_stride = h.base_delta < 0 ? -h.filter_tap_stride : h.filter_tap_stride,
             .start = T{0},
             .sums = nullptr,
             .sums_stride = h.dest_step,
             .rows = 0,
             .width = columns.axes[0].position_count};
    // Bands have as many rows as the largest one, or one less.
    loops_ = {LoopFor(band_.rows()), LoopFor(std::max<int64_t>(1, band_.rows() - 1))};
  }

  absl::Status Run() const {
    const int64_t positions = band_.rows() * columns_.Width();
    const int64_t planes = std::clamp<int64_t>(kTaskPositions / positions, 1, correlation_.groups);
    const int64_t parts = CeilDivide(correlation_.groups, planes);
    const int64_t samples = correlation_.axes[0].position_count;
    const int64_t results = in_place_ ? 0 : static_cast<int64_t>(kMaxAxes) * kTallestRowTile * line_;
    return RunTiles<T>(samples * parts * band_.bands(), band_.MemoryCount() + results, context_,
                       [&](int64_t task, T* memory) {
                         const int64_t band = task % band_.bands();
                         const int64_t part = task / band_.bands() % parts;
                         const int64_t begin = PartBegin(Height(), band_.bands(), band);
                         RunPlanes({.n = task / band_.bands() / parts,
                                    .group = PartBegin(correlation_.groups, parts, part),
                                    .end = PartBegin(correlation_.groups, parts, part + 1),
                                    .row = begin,
                                    .rows = PartBegin(Height(), band_.bands(), band + 1) - begin},
                                   memory);
                       });
  }

 private:
  // The same rows of some groups' planes.
  struct Task {
    int64_t n;
    int64_t group;
    int64_t end;  // of the groups
    int64_t row;
    int64_t rows;
  };

  // How many rows are computed together, and by what.
  struct Loop {
    int64_t rows;
    typename Kernels<T>::MultiplyAddRows run;
  };

  [[nodiscard]] int64_t Height() const { return correlation_.axes[2].position_count; }

  void RunPlanes(const Task& task, T* memory) const {
    const typename RowBand<T>::Rows read = band_.RowsOf(task.row, task.rows);
    band_.Pad(read, memory);
    const Loop loop = task.rows == band_.rows() ? loops_[0] : loops_[1];
    const int64_t channels = correlation_.dest_channels;
    for (int64_t group = task.group; group < task.end; ++group) {
      if (context_.cancelled()) return;
      band_.Fill(source_, task.n, group, read, memory);
      for (int64_t row = 0; row < row_count_; ++row) {
        const RowOffset offset = row == 0 ? RowOffset{.filter = 0, .dest = 0} : OffsetOfRow(correlation_, row);
        T* const dest = dest_ + task.n * correlation_.axes[0].dest_step + group * correlation_.dest_group_stride +
                        offset.dest + task.row * correlation_.axes[2].dest_step;
        const T start =
            epilogue_.bias == nullptr ? T{0} : epilogue_.bias[group * channels + (row == 0 ? 0 : row % channels)];
        RunRows(filter_ + group * correlation_.filter_group_stride + offset.filter, start, task.rows, loop,
                planes_follow_ && group + 1 < task.end, memory, dest);
        if (epilogue_.activation != nullptr) Activate(task.rows, dest);
      }
    }
  }

  // one_follows: the results that follow are computed afterwards.
  void RunRows(const T* filter, T start, int64_t rows, const Loop& loop, bool one_follows, T* memory, T* dest) const {
    const int64_t dest_stride = correlation_.axes[2].dest_step;
    RowTile<T> tile = tile_;
    tile.source = memory;
    tile.factors = filter + filter_offsets_[0];
    tile.start = start;
    tile.sums = dest;
    tile.rows = rows;
    // Vectors that are longer than a row write some of the next one too, which comes later; but for the last rows.
    if (!in_place_) tile.rows = one_follows ? rows : rows_follow_ ? rows - loop.rows : 0;
    if (tile.rows < loop.rows) tile.rows = 0;
    if (tile.rows > 0) loop.run(tile);
    if (tile.rows == rows) return;
    const int64_t begin = tile.rows;
    T* const results = memory + band_.MemoryCount();
    tile.sums_stride = line_;
    tile.rows = loop.rows;
    // Those after the first of them that are there already come to the same again.
    for (int64_t row = begin; row < rows; row += loop.rows) {
      const int64_t first = std::min(row, rows - loop.rows);
      tile.source = memory + first * band_.row_step() * band_.pitch();
      for (size_t a = 0; a < columns_.axes.size(); ++a) {
        const CorrelationAxis& axis = columns_.axes[a];
        tile.columns = taps_[a].data();
        tile.column_count = axis.tap_count;
        tile.factors = filter + filter_offsets_[a];
        tile.factor_column_stride = axis.filter_tap_stride;
        tile.width = axis.position_count;
        tile.sums = results + columns_.PlaceOf(axis) * kTallestRowTile * line_;
        loop.run(tile);
      }
      Store(results, loop.rows, dest + first * dest_stride);
    }
  }

  // The tile with which the least is computed, for a band of `rows` rows.
  [[nodiscard]] Loop LoopFor(int64_t rows) const {
    const auto& tiles = kernels_.multiply_add_rows[band_.row_step()][band_.window_rows()];
    const auto fits = [&](size_t shape) { return tiles[shape] != nullptr && kRowTileShapes[shape].rows <= rows; };
    const auto cost = [&](size_t shape) {
      // Filling the registers and emptying them takes about as long as another row.
      return CeilDivide(rows, int64_t{kRowTileShapes[shape].rows}) * (kRowTileShapes[shape].rows + 1);
    };
    size_t best = kSingleRowShape;
    for (size_t shape = 0; shape < kSingleRowShape; ++shape) {
      if (fits(shape) && cost(shape) < cost(best)) best = shape;
    }
    if (fits(kWideRowShape) && line_ >= kRowTileShapes[kWideRowShape].vectors * kernels_.lanes) best = kWideRowShape;
    return {.rows = kRowTileShapes[best].rows, .run = tiles[best]};
  }

  void Store(const T* results, int64_t rows, T* to) const {
    kernels_.store_rows({.from = results,
                         .odd = columns_.axes.size() == 1 ? nullptr : results + kTallestRowTile * line_,
                         .from_stride = line_,
                         .rows = rows,
                         .count = columns_.Width(),
                         .to = to,
                         .to_stride = correlation_.axes[2].dest_step});
  }

  void Activate(int64_t rows, T* results) const {
    const RowRuns runs(rows, columns_.Width(), columns_.stride, correlation_.axes[2].dest_step);
    for (int64_t i = 0; i < runs.count; ++i) {
      ApplyActivation(*epilogue_.activation, results + i * runs.step, runs.positions);
    }
  }

  const Correlation& correlation_;
  const Columns& columns_;
  const Kernels<T>& kernels_;
  const RowBand<T> band_;
  const T* source_;
  const T* filter_;
  T* dest_;
  const Epilogue<T>& epilogue_;
  const ExecutionContext& context_;
  const int64_t line_;  // of the results of a row, whole vectors
  const int64_t row_count_;
  // Whether vectors of results are written where they belong, whether rows of results follow each other without a gap,
  // and whether a task's planes do.
  const bool in_place_;
  const bool rows_follow_;
  const bool planes_follow_;
  // Of each axis: where the taps of W find a row's first position, and where the filter's first factor lies.
  std::array<std::array<int64_t, kMaxRowTaps>, kMaxAxes> taps_;
  std::array<int64_t, kMaxAxes> filter_offsets_;
  RowTile<T> tile_;            // what all planes have in common
  std::array<Loop, 2> loops_;  // for the largest bands, and for those of one row less
};

}  // namespace

template <typename T>
bool HasVectorsOfRows(const Correlation& correlation, const Columns& columns, const ExecutionContext& context) {
  if (correlation.source_channels > kMaxRowSourceChannels) return false;
  if (correlation.dest_channels > kMaxRowDestChannels) return false;
  if (correlation.source_channels < 1 || columns.axes.size() > kMaxAxes || columns.stride != 1) return false;
  const int64_t positions = PositionsInRow(columns);
  const Kernels<T>& kernels = KernelsForRows<T>(context, positions);
  return 2 * positions > kernels.lanes && RowBand<T>(correlation, kernels).IsPossible();
}

template <typename T>
absl::Status CorrelateRows(const Correlation& correlation, const Columns& columns, const T* source, const T* filter,
                           T* dest, const Epilogue<T>& epilogue, const ExecutionContext& context) {
  const Kernels<T>& kernels = KernelsForRows<T>(context, PositionsInRow(columns));
  return RowCorrelator<T>(correlation, columns, kernels, source, filter, dest, epilogue, context).Run();
}

template <typename T>
int64_t MaxCorrelateRowsScratchBytes() {
  // A row of results is never longer than what it reads of the source, tallest tile for tallest tile.
  constexpr int64_t kElements =
      kPlanesElements<T> + static_cast<int64_t>(kMaxAxes) * kPlanesElements<T> + static_cast<int64_t>(kTensorAlignment);
  constexpr int64_t kBytes = kElements * static_cast<int64_t>(sizeof(T));
  static_assert(kBytes <= kMaxThreadScratchBytes);
  return kBytes;
}

template bool HasVectorsOfRows<float>(const Correlation&, const Columns&, const ExecutionContext&);
template bool HasVectorsOfRows<double>(const Correlation&, const Columns&, const ExecutionContext&);
template absl::Status CorrelateRows(const Correlation&, const Columns&, const float*, const float*, float*,
                                    const Epilogue<float>&, const ExecutionContext&);
template absl::Status CorrelateRows(const Correlation&, const Columns&, const double*, const double*, double*,
                                    const Epilogue<double>&, const ExecutionContext&);
template int64_t MaxCorrelateRowsScratchBytes<float>();
template int64_t MaxCorrelateRowsScratchBytes<double>();

}  // namespace tensord::compute::internal
