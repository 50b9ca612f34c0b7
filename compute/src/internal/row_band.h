// Some rows of a plane of a correlation's source, padding written out, for vectors that lie along them.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_ROW_BAND_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_ROW_BAND_H_

#include <array>
#include <cstdint>

#include "compute/src/internal/correlation.h"
#include "compute/src/kernels/kernels.h"

namespace tensord::compute::internal {

// Taps of a plane at most: what a tile's tables hold.
inline constexpr int64_t kMaxRowTaps = 64;

// Planes of positions as they are cut into bands of whole rows, and the elements that a band reads:
//   [channel][row][parity of the column][column]
// with one parity where positions read each column, and two where they read every second one: then each tap reads
// neighbours as well.
template <typename T>
class RowBand {
 public:
  // Vectors have kernels.lanes elements; `columns` positions in each row.
  RowBand(const Correlation& correlation, const Kernels<T>& kernels);

  // Whether the correlation is of planes with rows that lie as such, whose windows the kernels know, and a band fits.
  // Where not, nothing else may be called.
  [[nodiscard]] bool IsPossible() const;

  // Positions: rows of the largest band, and how many bands a plane has.
  [[nodiscard]] int64_t rows() const { return rows_; }
  [[nodiscard]] int64_t bands() const { return bands_; }
  // Elements of the memory that all of a band's channels need.
  [[nodiscard]] int64_t MemoryCount() const { return correlation_.source_channels * ChannelSize(); }

  // The rows of the source that some rows of positions read.
  struct Rows {
    int64_t lead;    // before the source
    int64_t inside;  // of it
    int64_t count;   // of all
    int64_t first;   // the first one inside
  };
  [[nodiscard]] Rows RowsOf(int64_t first_position, int64_t positions) const;

  // Makes the padding around some rows of all channels: once for any number of groups and samples with the same rows,
  // in the same memory.
  void Pad(const Rows& rows, T* memory) const;
  // Copies the rows of all channels of a group. `source` is where the tensor begins.
  void Fill(const T* source, int64_t n, int64_t group, const Rows& rows, T* memory) const;

  // From one row, and from one channel, to the next.
  [[nodiscard]] int64_t pitch() const { return axes_[1].step * line_; }
  [[nodiscard]] int64_t ChannelSize() const { return source_rows_ * pitch(); }
  // Where a row's first position reads with a tap of an axis W: the correlation's, or one that it spans.
  [[nodiscard]] int64_t ColumnOf(const CorrelationAxis& axis, int64_t tap) const;
  // The tap of H that reads the y-th of a window's rows, from the top.
  [[nodiscard]] int64_t TapOfRow(int64_t y) const;
  [[nodiscard]] int64_t row_step() const { return axes_[0].step; }
  [[nodiscard]] int64_t window_rows() const { return correlation_.axes[2].tap_count; }

 private:
  // What the positions along H or W read.
  struct Axis {
    explicit Axis(const CorrelationAxis& axis);

    int64_t first;  // of position 0: the least that any tap reads
    int64_t reach;  // from there to the greatest
    int64_t step;   // from one position to the next
    int64_t count;  // of all positions
    int64_t lead;   // of these, before the source
    int64_t inside;
  };

  // Where a column lies in a row, counted from the first one that is read.
  [[nodiscard]] int64_t PlaceOf(int64_t column) const {
    return offset_ + column % axes_[1].step * line_ + column / axes_[1].step;
  }

  const Correlation& correlation_;
  const Kernels<T>& kernels_;
  std::array<Axis, 2> axes_;  // H, W
  int64_t line_ = 0;          // elements of a row and a parity
  int64_t offset_ = 0;        // of all columns, so that the source's begin where a vector does
  int64_t first_place_ = 0;   // in a row, of the first element of the source that is read there
  int64_t second_place_ = 0;  // of the one after it
  int64_t rows_ = 0;
  int64_t bands_ = 0;
  int64_t source_rows_ = 0;
  int64_t source_size_ = 0;
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_ROW_BAND_H_
