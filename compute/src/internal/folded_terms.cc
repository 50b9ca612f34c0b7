#include "compute/src/internal/folded_terms.h"

#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {

FoldedGradientTerms::FoldedGradientTerms(const ConvolutionGeometry& geometry)
    : source_(geometry.padding_source), gradient_(DataGradientOf(GeometryOfPadded(geometry))) {
  const ConvolutionGeometry padded = GeometryOfPadded(geometry);
  const Layout& layout = geometry.input_layout;
  const size_t skipped = kMaxSpatialRank - geometry.axes.size();
  for (std::vector<Origin>& origins : origins_) origins.assign(1, {.class_index = 0});
  int64_t stride = 1;
  for (int at = layout.rank() - 1; at >= 0; --at) {
    LayoutAxis axis{.place = at == layout.batch() ? size_t{0} : size_t{4}, .size = geometry.input_shape[at]};
    for (size_t i = 0; i < geometry.axes.size(); ++i) {
      if (at != layout.spatial(static_cast<int>(i))) continue;
      axis.place = skipped + i + 1;
      windows_[skipped + i] = geometry.axes[i];
      std::vector<Origin>& origins = origins_[skipped + i];
      origins.assign(static_cast<size_t>(padded.axes[i].input), Origin());
      const std::vector<CorrelationAxis>& classes = gradient_.classes[skipped + i];
      for (size_t c = 0; c < classes.size(); ++c) {
        for (int64_t member = 0; member < classes[c].member_count; ++member) {
          for (int64_t position = 0; position < classes[c].position_count; ++position) {
            const int64_t dest =
                classes[c].dest_offset + member * classes[c].dest_member_stride + position * classes[c].dest_step;
            origins[static_cast<size_t>(dest / stride)] = {
                .class_index = static_cast<int32_t>(c), .member = member, .position = position};
          }
        }
      }
      term_count_ = SaturatingMultiply(term_count_, geometry.axes[i].window);
    }
    layout_.insert(layout_.begin(), axis);
    sum_count_ *= axis.size;
    stride *= padded.input_shape[at];
  }
  term_count_ = SaturatingMultiply(term_count_, gradient_.base.source_channels);
}

FoldedGradientTerms::Sum FoldedGradientTerms::At(int64_t number) const {
  Sum sum{.dest = number, .channel = 0, .sample = 0, .cell = {}};
  for (size_t i = layout_.size(); i-- > 0;) {
    const int64_t index = number % layout_[i].size;
    number /= layout_[i].size;
    if (layout_[i].place == 0) {
      sum.sample = index;
    } else if (layout_[i].place == 4) {
      sum.channel = index;
    } else {
      sum.cell[layout_[i].place - 1] = index;
    }
  }
  return sum;
}

}  // namespace tensord::compute::internal
