// The source of a correlation, copied so that neighbouring positions read neighbouring elements: padding and strides
// are gone, and a tap is a constant distance.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_PLANES_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_PLANES_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include "compute/src/internal/correlation.h"
#include "compute/src/kernels/kernels.h"
#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {

// Positions of one sample and one slice of the axis D: some rows of H, each with the same columns of W.
struct PositionBlock {
  int64_t n;
  int64_t d;
  int64_t row;
  int64_t rows;
  int64_t column;
  int64_t columns;
};

// The rows of a block of positions in a tensor: rows that follow each other without a gap are one run.
struct RowRuns {
  // `width` elements in each row, `stride` apart; the rows row_step apart.
  RowRuns(int64_t rows, int64_t width, int64_t stride, int64_t row_step)
      : count(row_step == width * stride ? 1 : rows), positions(count == 1 ? rows * width : width), step(row_step) {}

  int64_t count;
  int64_t positions;  // of each run
  int64_t step;       // from one run to the next
};

// Positions of a block, but for the ends of its rows.
inline constexpr int64_t kBlockPositions = 512;

// Bytes of a block's planes, and of the sums that wait for their next products: each a part of a second-level cache.
inline constexpr int64_t kPlanesBytes = int64_t{256} << 10;
inline constexpr int64_t kSumsBytes = int64_t{256} << 10;
template <typename T>
inline constexpr int64_t kPlanesElements = kPlanesBytes / static_cast<int64_t>(sizeof(T));

// How a correlation's positions are cut into blocks of nearly equal sizes.
class PositionBlocks {
 public:
  // Columns of a block that is less than a row are a multiple of column_unit.
  PositionBlocks(const Correlation& correlation, int64_t column_unit);

  [[nodiscard]] int64_t count() const;
  [[nodiscard]] PositionBlock At(int64_t block) const;
  // Of the largest block.
  [[nodiscard]] int64_t rows() const { return rows_; }
  [[nodiscard]] int64_t columns() const { return columns_; }

 private:
  const Correlation& correlation_;
  int64_t columns_;
  int64_t column_parts_;
  int64_t rows_;
  int64_t row_parts_;
};

// Taps of the axes D, H and W.
struct TapBox {
  std::array<int64_t, kCorrelationAxisCount> begin;  // of N always 0
  std::array<int64_t, kCorrelationAxisCount> count;  // of N always 1

  [[nodiscard]] int64_t Count() const { return count[1] * count[2] * count[3]; }
};

// A pitch is at most this many times the columns.
inline constexpr int64_t kMaxPitch = 2;

// Most taps of a box along one axis.
inline constexpr int64_t kMaxBoxTaps = 32;

// How a correlation's taps are cut into boxes: all in one, or fewer of them where these would be too many.
class TapBoxes {
 public:
  // Halves the largest box, first along D, then H, then W, until `fits` says that it does; boxes of one tap have to.
  template <typename Fits>
  TapBoxes(const Correlation& correlation, Fits&& fits) : correlation_(correlation) {
    for (size_t i = 0; i < kCorrelationAxisCount; ++i) {
      taps_[i] = std::min(correlation.axes[i].tap_count, kMaxBoxTaps);
    }
    while (At(0).Count() > 1 && !fits(At(0), count())) {
      size_t axis = 1;
      while (taps_[axis] == 1) ++axis;
      taps_[axis] = CeilDivide(taps_[axis], int64_t{2});
    }
  }

  [[nodiscard]] int64_t count() const;
  [[nodiscard]] TapBox At(int64_t index) const;

 private:
  const Correlation& correlation_;
  std::array<int64_t, kCorrelationAxisCount> taps_;
};

// Whether no tap of any position reads padding.
[[nodiscard]] bool ReadsOnlyTheSource(const Correlation& correlation);

// How far a tap's elements lie from those of the first tap, in the source.
[[nodiscard]] int64_t TapOffsetInSource(const Correlation& correlation, int64_t d, int64_t h, int64_t w);

// Where a block's first position reads with the first tap, from the first element of a group's channel on.
[[nodiscard]] int64_t OffsetInSource(const Correlation& correlation, const PositionBlock& block);

// Where a block's first position writes, from the destination's first element of a group and row on.
[[nodiscard]] int64_t OffsetInDest(const Correlation& correlation, const PositionBlock& block);

// The filter's element of a tap, from that of a row and a channel on.
[[nodiscard]] int64_t TapOffsetInFilter(const Correlation& correlation, int64_t d, int64_t h, int64_t w);

// How the source's elements along one axis lie in a plane, for some positions that follow each other and some taps. A
// run holds the elements first, first + step, ...: those that one tap reads, or that taps with the same remainder by
// the step read together, each a little further on.
struct AxisRuns {
  struct Run {
    int64_t first;  // for the position 0
    int64_t place;  // in the axis' copies
  };

  // `position_count` positions with the taps first_tap..first_tap+tap_count-1, at most kMaxBoxTaps. Taps share runs
  // where `share` says so.
  AxisRuns(const CorrelationAxis& axis, int64_t position_count, int64_t first_tap, int64_t tap_count, bool share);

  int64_t step = 1;
  int64_t length = 0;  // of every run
  size_t run_count = 0;
  std::array<Run, kMaxBoxTaps> runs;
  // Of each tap: its run, and how far on the first position's element lies there.
  std::array<size_t, kMaxBoxTaps> run_of_tap;
  std::array<int64_t, kMaxBoxTaps> shift_of_tap;

  // All elements.
  [[nodiscard]] int64_t Size() const { return static_cast<int64_t>(run_count) * length; }
};

// The planes of one box of taps, of every channel alike:
//   [channel][run of W][tap of D][run of H, element][element along the run of W]
// The block's position (row, column) is the element row*pitch() + column after that of the block's first position.
class Planes {
 public:
  // For blocks of `rows` x `columns` positions. `result_rows` is how many rows of results each element is used for:
  // what a copy may cost depends on it. Taps share runs of W only with share_columns; without it pitch() is `columns`.
  Planes(const Correlation& correlation, int64_t rows, int64_t columns, const TapBox& box, int64_t result_rows,
         bool share_columns);

  [[nodiscard]] int64_t pitch() const { return columns_.length; }
  [[nodiscard]] int64_t channel_size() const { return channel_size_; }
  // Where a tap of the box, by its places in it, finds the block's first position.
  [[nodiscard]] int64_t OffsetOf(int64_t d, int64_t h, int64_t w) const;

  // Copies `channels` channels for a block; `source` is where the first one begins. Where less than the planned rows or
  // columns are left in the correlation, more is copied than is needed: zeros, or elements beyond the block.
  template <typename T>
  void Copy(const T* source, const PositionBlock& block, int64_t channels, T* planes) const;

 private:
  const Correlation& correlation_;
  TapBox box_;
  AxisRuns rows_;
  AxisRuns columns_;
  int64_t plane_size_;
  int64_t channel_size_;
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_PLANES_H_
