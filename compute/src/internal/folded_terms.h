// The terms of an input's gradient where padding reads the input: those of all the padded cells that read a cell.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_FOLDED_TERMS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_FOLDED_TERMS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "compute/src/internal/correlation.h"
#include "compute/src/internal/padded_input.h"
#include "compute/src/internal/term_runs.h"
#include "tensord/compute/convolution.h"

namespace tensord::compute::internal {

// For RunSums: dx[cell] = the sum, over the cells of the padded copy that read it, of their gradients' terms. Left is
// dz, right the filter.
class FoldedGradientTerms {
 public:
  // `geometry` has to outlive it. Takes 24 bytes for each cell along each axis of the padded copy.
  explicit FoldedGradientTerms(const ConvolutionGeometry& geometry);

  [[nodiscard]] int64_t sum_count() const { return sum_count_; }
  [[nodiscard]] int64_t term_count() const { return term_count_; }

  struct Sum {
    int64_t dest;
    int64_t channel;
    int64_t sample;
    std::array<int64_t, kMaxSpatialRank> cell;  // D, H, W
  };
  [[nodiscard]] Sum At(int64_t number) const;

  template <typename Visit>
  void ForEachRun(const Sum& sum, Visit&& visit) const {
    std::array<PaddedReaders, kMaxSpatialRank> readers;
    for (size_t i = 0; i < readers.size(); ++i) readers[i] = ReadersOf(source_, windows_[i], sum.cell[i]);
    Correlation part = gradient_.base;
    const int64_t group = sum.channel / part.dest_channels;
    CorrelationTerms::Sum place{
        .dest = 0,
        .channel = sum.channel,
        .source = group * part.source_group_stride,
        .filter = group * part.filter_group_stride + sum.channel % part.dest_channels * part.filter_dest_stride,
        .position = {sum.sample, 0, 0, 0}};
    // However few terms there are, cells are work too: an empty run for each.
    ForEachCell(readers[0], [&](int64_t d) {
      const CorrelationTerms::Sum in_d = Enter(0, d, part, place);
      return ForEachCell(readers[1], [&](int64_t h) {
        const CorrelationTerms::Sum in_h = Enter(1, h, part, in_d);
        return ForEachCell(readers[2], [&](int64_t w) {
          const CorrelationTerms::Sum in_w = Enter(2, w, part, in_h);
          if (!visit(TermRun())) return false;
          if (in_w.source < 0) return true;
          bool goes_on = true;
          CorrelationTerms(part).ForEachRun(in_w, [&](const TermRun& run) { return goes_on = visit(run); });
          return goes_on;
        });
      });
    });
  }

 private:
  // Where a padded cell's gradient comes from, along one axis.
  struct Origin {
    int32_t class_index = -1;  // none: nothing reaches it
    int64_t member = 0;
    int64_t position = 0;
  };

  template <typename Visit>
  static bool ForEachCell(const PaddedReaders& readers, Visit&& visit) {
    for (size_t i = 0; i < readers.count; ++i) {
      for (int64_t cell = readers.first[i]; cell < readers.first[i] + readers.length[i]; ++cell) {
        if (!visit(cell)) return false;
      }
    }
    return true;
  }

  // `place` at a padded cell of an axis, whose class becomes `part`'s. A source below 0 says that nothing reaches it.
  CorrelationTerms::Sum Enter(size_t axis, int64_t cell, Correlation& part, CorrelationTerms::Sum place) const {
    const Origin& origin = origins_[axis][static_cast<size_t>(cell)];
    if (origin.class_index < 0) {
      place.source = -1;
      return place;
    }
    const CorrelationAxis& in_class = gradient_.classes[axis][static_cast<size_t>(origin.class_index)];
    part.axes[axis + 1] = in_class;
    place.position[axis + 1] = origin.position;
    place.filter += in_class.filter_offset + origin.member * in_class.filter_member_stride;
    return place;
  }

  const PaddingSource source_;
  const DataGradient gradient_;
  int64_t sum_count_ = 1;
  int64_t term_count_ = 1;
  // The input's axes in the order of its layout: which it is (0 N, 1..3 D H W, 4 C) and how long.
  struct LayoutAxis {
    size_t place;
    int64_t size;
  };
  std::vector<LayoutAxis> layout_;
  std::array<AxisWindow, kMaxSpatialRank> windows_;
  std::array<std::vector<Origin>, kMaxSpatialRank> origins_;
};

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_FOLDED_TERMS_H_
