#include "compute/src/internal/filter_gradient_rows.h"

#include <algorithm>
#include <array>

#include "compute/src/internal/columns.h"
#include "compute/src/internal/correlate_rows.h"
#include "compute/src/internal/kernels_for.h"
#include "compute/src/internal/planes.h"
#include "compute/src/internal/row_band.h"
#include "compute/src/internal/sum_in_chunks.h"
#include "compute/src/internal/tiles.h"

namespace tensord::compute::internal {
namespace {

// With more pairs of channels in a group than this, tiles of many sums have more to do for each element that they load.
// Where rows are no longer than this, adding up the lanes of their sums takes longer than to transpose everything.
constexpr int64_t kMaxPairs = 8;
constexpr int64_t kShortRow = 12;

// Pairs of channels, and thereby groups, whose sums one piece of work computes, as far as the groups' bands are small.
constexpr int64_t kMaxTilePairs = 64;
constexpr int64_t kMaxTileGroups = 16;
constexpr int64_t kTilePositions = int64_t{1} << 14;

// Of a channel of the input and one of the output, in a group.
int64_t Pairs(const Correlation& forward) { return forward.source_channels * forward.dest_channels; }

template <typename T>
class RowFilterGradient {
 public:
  RowFilterGradient(const Correlation& forward, const Kernels<T>& kernels, const T* x, const T* dz, T* dw,
                    const ExecutionContext& context)
      : forward_(forward),
        kernels_(kernels),
        band_(forward, kernels),
        x_(x),
        dz_(dz),
        dw_(dw),
        context_(context),
        height_(forward.axes[2].position_count),
        width_(forward.axes[3].position_count),
        taps_(forward.TapCount()),
        tile_groups_(std::clamp<int64_t>(kTilePositions / (band_.rows() * width_), 1,
                                         std::min({forward.groups, kMaxTileGroups, kMaxTilePairs / Pairs(forward)}))),
        readable_dz_(DestOffset(forward) + DestSize(forward)) {
    size_t tap = 0;
    for (int64_t w = 0; w < forward.axes[3].tap_count; ++w) {
      columns_[static_cast<size_t>(w)] = band_.ColumnOf(forward.axes[3], w);
      for (int64_t y = 0; y < band_.window_rows(); ++y) {
        filter_offsets_[tap++] = TapOffsetInFilter(forward, 0, band_.TapOfRow(y), w);
      }
    }
  }

  absl::Status Run() const {
    const int64_t tiles = CeilDivide(forward_.groups, tile_groups_);
    const int64_t bands = forward_.axes[0].position_count * band_.bands();
    const ChunkSizes sizes = {.tiles = tiles,
                              .chunks = ChunkCount(tiles, bands, band_.rows() * width_),
                              .scratch = band_.MemoryCount() + band_.rows() * GradientLine(),
                              .sums = tile_groups_ * GroupSums()};
    return SumInChunks<T>(
        sizes, context_,
        [&](int64_t tile, int64_t chunk, T* memory, T* sums) {
          return SumChunk(tile, PartBegin(bands, sizes.chunks, chunk), PartBegin(bands, sizes.chunks, chunk + 1),
                          memory, sums);
        },
        [&](int64_t tile, const T* sums) { Store(tile, sums); });
  }

 private:
  // Elements of one row of results and one channel: [tap of W][row of the window][lane].
  [[nodiscard]] int64_t Sums() const { return taps_ * kernels_.lanes; }
  [[nodiscard]] int64_t GroupSums() const { return Pairs(forward_) * Sums(); }
  // Of a row of dz, where it is copied.
  [[nodiscard]] int64_t GradientLine() const { return RoundUp(width_, kernels_.lanes); }

  [[nodiscard]] int64_t EndOf(int64_t tile) const { return std::min((tile + 1) * tile_groups_, forward_.groups); }

  // False where the work was cancelled.
  bool SumChunk(int64_t tile, int64_t begin, int64_t end, T* memory, T* sums) const {
    for (int64_t index = begin; index < end; ++index) {
      const int64_t first = PartBegin(height_, band_.bands(), index % band_.bands());
      const int64_t rows = PartBegin(height_, band_.bands(), index % band_.bands() + 1) - first;
      const typename RowBand<T>::Rows read = band_.RowsOf(first, rows);
      if (index == begin || band_.bands() > 1) band_.Pad(read, memory);
      const int64_t n = index / band_.bands();
      RowProducts<T> products = {.source = nullptr,
                                 .pitch = band_.pitch(),
                                 .columns = nullptr,
                                 .gradient = nullptr,
                                 .gradient_stride = forward_.axes[2].dest_step,
                                 .rows = rows,
                                 .width = width_,
                                 .first = index == begin,
                                 .sums = sums};
      int64_t offset = DestOffset(forward_) + n * forward_.axes[0].dest_step + first * forward_.axes[2].dest_step +
                       tile * tile_groups_ * forward_.dest_group_stride;
      for (int64_t group = tile * tile_groups_; group < EndOf(tile); ++group, offset += forward_.dest_group_stride) {
        if (context_.cancelled()) return false;
        band_.Fill(x_, n, group, read, memory);
        for (int64_t row = 0; row < forward_.dest_channels; ++row) {
          AddRow(offset + row * forward_.dest_channel_stride, memory, products);
        }
      }
    }
    return true;
  }

  // The products of a band with the gradients from dz_[offset] on.
  void AddRow(int64_t offset, T* memory, RowProducts<T>& products) const {
    const int64_t height = band_.window_rows();
    const int64_t together = kernels_.columns_together[height];
    const int64_t column_count = forward_.axes[3].tap_count;
    products.gradient = dz_ + offset;
    products.gradient_stride = forward_.axes[2].dest_step;
    if ((products.rows - 1) * products.gradient_stride + GradientLine() > readable_dz_ - offset) {
      CopyGradient(offset, memory + band_.MemoryCount(), products);
    }
    for (int64_t channel = 0; channel < forward_.source_channels; ++channel) {
      products.source = memory + channel * band_.ChannelSize();
      for (int64_t column = 0; column < column_count; column += together) {
        const int64_t count = std::min(together, column_count - column);
        products.columns = columns_.data() + column;
        kernels_.add_row_products[band_.row_step()][height][count](products);
        products.sums += count * height * kernels_.lanes;
      }
    }
  }

  // Where the last row ends with the tensor: whole vectors may be read of the copy.
  void CopyGradient(int64_t offset, T* copy, RowProducts<T>& products) const {
    kernels_.copy_rows({.from = dz_ + offset,
                        .from_stride = products.gradient_stride,
                        .rows = products.rows,
                        .count = width_,
                        .readable = readable_dz_ - offset,
                        .to = copy,
                        .odd = nullptr,
                        .to_stride = GradientLine()});
    products.gradient = copy;
    products.gradient_stride = GradientLine();
  }

  void Store(int64_t tile, const T* sums) const {
    std::array<T, kMaxRowTaps + kMaxLanes> totals;
    for (int64_t group = tile * tile_groups_; group < EndOf(tile); ++group) {
      for (int64_t row = 0; row < forward_.dest_channels; ++row) {
        for (int64_t channel = 0; channel < forward_.source_channels; ++channel, sums += Sums()) {
          kernels_.add_lanes(sums, taps_, totals.data());
          T* const to = dw_ + group * forward_.filter_group_stride + row * forward_.filter_dest_stride +
                        channel * forward_.filter_source_stride;
          for (size_t tap = 0; tap < static_cast<size_t>(taps_); ++tap) to[filter_offsets_[tap]] = totals[tap];
        }
      }
    }
  }

  const Correlation& forward_;
  const Kernels<T>& kernels_;
  const RowBand<T> band_;
  const T* x_;
  const T* dz_;
  T* dw_;
  const ExecutionContext& context_;
  const int64_t height_;
  const int64_t width_;
  const int64_t taps_;
  const int64_t tile_groups_;
  const int64_t readable_dz_;                        // elements from dz_ on
  std::array<int64_t, kMaxRowTaps> columns_;         // of each tap of W
  std::array<int64_t, kMaxRowTaps> filter_offsets_;  // of each tap, in the sums' order
};

}  // namespace

template <typename T>
bool HasFilterGradientOfRows(const Correlation& forward, const ExecutionContext& context) {
  const int64_t positions = forward.axes[3].position_count;
  if (Pairs(forward) > kMaxPairs || positions <= kShortRow) return false;
  return HasVectorsOfRows<T>(forward, OwnColumns(forward), context) &&
         KernelsForRows<T>(context, positions).columns_together[forward.axes[2].tap_count] > 0;
}

template <typename T>
absl::Status FilterGradientOfRows(const Correlation& forward, const T* x, const T* dz, T* dw,
                                  const ExecutionContext& context) {
  const Kernels<T>& kernels = KernelsForRows<T>(context, forward.axes[3].position_count);
  return RowFilterGradient<T>(forward, kernels, x, dz, dw, context).Run();
}

template <typename T>
int64_t MaxFilterGradientOfRowsScratchBytes() {
  constexpr int64_t kSums = kMaxTilePairs * kMaxRowTaps * kMaxLanes;
  // A row of dz is never longer than what it belongs to.
  constexpr int64_t kElements = 2 * kPlanesElements<T> + kSums + static_cast<int64_t>(kTensorAlignment);
  constexpr int64_t kBytes = kElements * static_cast<int64_t>(sizeof(T));
  static_assert(kBytes <= kMaxThreadScratchBytes);
  return kBytes;
}

template bool HasFilterGradientOfRows<float>(const Correlation&, const ExecutionContext&);
template bool HasFilterGradientOfRows<double>(const Correlation&, const ExecutionContext&);
template absl::Status FilterGradientOfRows(const Correlation&, const float*, const float*, float*,
                                           const ExecutionContext&);
template absl::Status FilterGradientOfRows(const Correlation&, const double*, const double*, double*,
                                           const ExecutionContext&);
template int64_t MaxFilterGradientOfRowsScratchBytes<float>();
template int64_t MaxFilterGradientOfRowsScratchBytes<double>();

}  // namespace tensord::compute::internal
