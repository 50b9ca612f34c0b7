// The terms of every sum of a convolution, one sum at a time: for kernels that are told exactly which elements meet.
#ifndef TENSORD_COMPUTE_SRC_INTERNAL_TERM_RUNS_H_
#define TENSORD_COMPUTE_SRC_INTERNAL_TERM_RUNS_H_

#include <algorithm>
#include <array>
#include <cstdint>

#include "compute/src/internal/correlation.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/checked_math.h"
#include "tensord/compute/execution.h"

namespace tensord::compute::internal {

// Terms left[left_offset + i*left_step] * right[right_offset + i*right_step] for i in 0..count-1. Where the left
// elements lie outside their tensor, they are the zero that is read there.
struct TermRun {
  bool outside = false;
  int64_t left_offset = 0;
  int64_t left_step = 0;
  int64_t right_offset = 0;
  int64_t right_step = 0;
  int64_t count = 0;
};

// Which i in 0..count-1 have 0 <= base + i*delta < size: begin..end-1.
struct InsideRange {
  int64_t begin;
  int64_t end;
};
inline InsideRange InsideOf(int64_t base, int64_t delta, int64_t size, int64_t count) {
  if (delta == 0 || count == 1) {
    const bool inside = base >= 0 && base < size;
    return {.begin = 0, .end = inside ? count : 0};
  }
  // The first i that reaches the near border, and the first past the far one.
  const int64_t begin = delta > 0 ? CeilDivide(-base, delta) : FloorDivide(base - size, -delta) + 1;
  const int64_t end = delta > 0 ? CeilDivide(size - base, delta) : FloorDivide(base, -delta) + 1;
  const int64_t first = std::clamp<int64_t>(begin, 0, count);
  return {.begin = first, .end = std::clamp(end, first, count)};
}

// Cuts a line of terms, of which left elements begin..end-1 are inside, into runs, until visit(run) returns false.
template <typename Visit>
bool VisitLine(const InsideRange& inside, const TermRun& line, Visit&& visit) {
  const auto part = [&](int64_t from, int64_t to, bool outside) {
    if (from == to) return true;
    TermRun run = line;
    run.outside = outside;
    run.left_offset += from * line.left_step;
    run.right_offset += from * line.right_step;
    run.count = to - from;
    return visit(run);
  };
  return part(0, inside.begin, true) && part(inside.begin, inside.end, false) && part(inside.end, line.count, true);
}

// The sums of a correlation: out[row, position] = sum over k of source[...] * filter[row, k]. Left is the source, right
// the filter.
class CorrelationTerms {
 public:
  explicit CorrelationTerms(const Correlation& correlation)
      : correlation_(correlation),
        positions_(correlation.PositionCount()),
        rows_(correlation.RowCount()),
        dest_offset_(DestOffset(correlation)) {}

  // How many sums there are, and terms in each.
  [[nodiscard]] int64_t sum_count() const { return correlation_.groups * rows_ * positions_; }
  [[nodiscard]] int64_t term_count() const { return correlation_.Depth(); }

  // The place of a sum.
  struct Sum {
    int64_t dest;     // its offset in the destination
    int64_t channel;  // its destination channel, over all groups
    int64_t source;   // the offset of its group's source
    int64_t filter;   // the offset of its row's filter elements
    std::array<int64_t, kCorrelationAxisCount> position;
  };
  [[nodiscard]] Sum At(int64_t number) const {
    Sum sum{};
    const int64_t row = number / positions_ % rows_;
    const int64_t group = number / positions_ / rows_;
    const RowOffset offset = OffsetOfRow(correlation_, row);
    sum.dest = dest_offset_ + group * correlation_.dest_group_stride + offset.dest;
    sum.channel = group * correlation_.dest_channels + row % correlation_.dest_channels;
    sum.source = group * correlation_.source_group_stride;
    sum.filter = group * correlation_.filter_group_stride + offset.filter;
    for (size_t i = kCorrelationAxisCount; i-- > 0;) {
      const CorrelationAxis& axis = correlation_.axes[i];
      sum.position[i] = number % axis.position_count;
      number /= axis.position_count;
      sum.dest += sum.position[i] * axis.dest_step;
      sum.filter += axis.filter_offset;
    }
    return sum;
  }

  // Calls visit(run) for all terms of a sum, until it returns false.
  template <typename Visit>
  void ForEachRun(const Sum& sum, Visit&& visit) const {
    const auto& [n, d, h, w] = correlation_.axes;
    TermRun outer{.left_offset = sum.source + sum.position[0] * n.source_stride, .right_offset = sum.filter};
    for (int64_t i = 0; i < d.tap_count; ++i) {
      const TermRun in_d = Step(outer, d, sum.position[1], i);
      for (int64_t j = 0; j < h.tap_count; ++j) {
        if (!VisitLines(Step(in_d, h, sum.position[2], j), sum.position[3], visit)) return;
      }
    }
  }

 private:
  static int64_t Base(const CorrelationAxis& axis, int64_t position) {
    return position * axis.source_step + axis.first_base;
  }

  // `run` with one tap of an axis chosen.
  static TermRun Step(TermRun run, const CorrelationAxis& axis, int64_t position, int64_t tap) {
    const int64_t index = Base(axis, position) + tap * axis.base_delta;
    run.outside = run.outside || index < 0 || index >= axis.source_size;
    run.left_offset += index * axis.source_stride;
    run.right_offset += tap * axis.filter_tap_stride;
    return run;
  }

  // Taps along W and channels: the longer of both is the run.
  template <typename Visit>
  bool VisitLines(const TermRun& outer, int64_t position, Visit&& visit) const {
    const CorrelationAxis& w = correlation_.axes[3];
    if (correlation_.source_channels >= w.tap_count) {
      for (int64_t tap = 0; tap < w.tap_count; ++tap) {
        TermRun run = Step(outer, w, position, tap);
        run.left_step = correlation_.source_channel_stride;
        run.right_step = correlation_.filter_source_stride;
        run.count = correlation_.source_channels;
        if (!visit(run)) return false;
      }
      return true;
    }
    const int64_t base = Base(w, position);
    const InsideRange inside =
        outer.outside ? InsideRange{0, 0} : InsideOf(base, w.base_delta, w.source_size, w.tap_count);
    TermRun line = outer;
    line.left_offset += base * w.source_stride;
    line.left_step = w.base_delta * w.source_stride;
    line.right_step = w.filter_tap_stride;
    line.count = w.tap_count;
    for (int64_t c = 0; c < correlation_.source_channels; ++c) {
      if (!VisitLine(inside, line, visit)) return false;
      line.left_offset += correlation_.source_channel_stride;
      line.right_offset += correlation_.filter_source_stride;
    }
    return true;
  }

  const Correlation& correlation_;
  const int64_t positions_;
  const int64_t rows_;
  const int64_t dest_offset_;
};

// The sums of the filter's gradient: dw[row, k] = sum over positions of x[k, position] * dz[row, position], for the
// correlation of the forward pass. Left is x, right dz.
class FilterGradientTerms {
 public:
  explicit FilterGradientTerms(const Correlation& forward)
      : forward_(forward), depth_(forward.Depth()), positions_(forward.PositionCount()) {}

  [[nodiscard]] int64_t sum_count() const { return forward_.groups * forward_.dest_channels * depth_; }
  [[nodiscard]] int64_t term_count() const { return positions_; }

  struct Sum {
    int64_t dest;
    int64_t channel;
    int64_t x;   // the offset of its group's and channel's x
    int64_t dz;  // the offset of its channel's dz
    std::array<int64_t, kCorrelationAxisCount> tap;
  };
  [[nodiscard]] Sum At(int64_t number) const {
    Sum sum{};
    int64_t k = number % depth_;
    const int64_t row = number / depth_ % forward_.dest_channels;
    const int64_t group = number / depth_ / forward_.dest_channels;
    sum.channel = group * forward_.dest_channels + row;
    sum.dest =
        group * forward_.filter_group_stride + row * forward_.filter_dest_stride + FilterOffsetOfDepth(forward_, k);
    sum.x = group * forward_.source_group_stride + k % forward_.source_channels * forward_.source_channel_stride;
    sum.dz = group * forward_.dest_group_stride + row * forward_.dest_channel_stride;
    k /= forward_.source_channels;
    for (size_t i = kCorrelationAxisCount; i-- > 0;) {
      sum.tap[i] = k % forward_.axes[i].tap_count;
      k /= forward_.axes[i].tap_count;
    }
    return sum;
  }

  template <typename Visit>
  void ForEachRun(const Sum& sum, Visit&& visit) const {
    const auto& [n, d, h, w] = forward_.axes;
    const TermRun start{.left_offset = sum.x, .right_offset = sum.dz};
    for (int64_t sample = 0; sample < n.position_count; ++sample) {
      const TermRun in_n = Step(start, n, sample, sum.tap[0]);
      for (int64_t i = 0; i < d.position_count; ++i) {
        const TermRun in_d = Step(in_n, d, i, sum.tap[1]);
        for (int64_t j = 0; j < h.position_count; ++j) {
          TermRun line = Step(in_d, h, j, sum.tap[2]);
          const int64_t base = w.first_base + sum.tap[3] * w.base_delta;
          line.left_offset += base * w.source_stride;
          line.left_step = w.source_step * w.source_stride;
          line.right_step = w.dest_step;
          line.count = w.position_count;
          const InsideRange inside =
              line.outside ? InsideRange{0, 0} : InsideOf(base, w.source_step, w.source_size, w.position_count);
          if (!VisitLine(inside, line, visit)) return;
        }
      }
    }
  }

 private:
  // `run` with one position of an axis chosen.
  static TermRun Step(TermRun run, const CorrelationAxis& axis, int64_t position, int64_t tap) {
    const int64_t index = position * axis.source_step + axis.first_base + tap * axis.base_delta;
    run.outside = run.outside || index < 0 || index >= axis.source_size;
    run.left_offset += index * axis.source_stride;
    run.right_offset += position * axis.dest_step;
    return run;
  }

  const Correlation& forward_;
  const int64_t depth_;
  const int64_t positions_;
};

// The sums of the bias' gradient: db[o] = sum over positions of dz[o, position] * 1. Left is dz, right a single one.
class BiasGradientTerms {
 public:
  explicit BiasGradientTerms(const Correlation& forward) : forward_(forward), positions_(forward.PositionCount()) {}

  [[nodiscard]] int64_t sum_count() const { return forward_.groups * forward_.dest_channels; }
  [[nodiscard]] int64_t term_count() const { return positions_; }

  struct Sum {
    int64_t dest;
    int64_t channel;
    int64_t dz;
  };
  [[nodiscard]] Sum At(int64_t number) const {
    return {.dest = number,
            .channel = number,
            .dz = number / forward_.dest_channels * forward_.dest_group_stride +
                  number % forward_.dest_channels * forward_.dest_channel_stride};
  }

  template <typename Visit>
  void ForEachRun(const Sum& sum, Visit&& visit) const {
    const auto& [n, d, h, w] = forward_.axes;
    TermRun run{.left_step = w.dest_step, .count = w.position_count};
    for (int64_t sample = 0; sample < n.position_count; ++sample) {
      for (int64_t i = 0; i < d.position_count; ++i) {
        for (int64_t j = 0; j < h.position_count; ++j) {
          run.left_offset = sum.dz + sample * n.dest_step + i * d.dest_step + j * h.dest_step;
          if (!visit(run)) return;
        }
      }
    }
  }

 private:
  const Correlation& forward_;
  const int64_t positions_;
};

// Terms between two looks at the cancel flag, whatever they are: below a millisecond's work.
inline constexpr int64_t kTermsPerPoll = int64_t{1} << 15;
// The terms that are as much work as beginning and finishing a sum, at most.
inline constexpr int64_t kTermsPerSum = 64;

// Makes all sums of `terms` with `kernel`, whose State one thread keeps for many sums:
//   kernel.Begin(state, sum); kernel.Add(state, run) for parts of each run; kernel.Finish(state, sum)
// kCancelled - the flag was set. The sums do not depend on the executor where the kernel's do not depend on the order.
template <typename Kernel, typename Terms>
absl::Status RunSums(const Terms& terms, const Kernel& kernel, const ExecutionContext& context) {
  const int64_t sums = terms.sum_count();
  const int64_t per_tile = std::max<int64_t>(1, kTermsPerPoll / std::max<int64_t>(1, terms.term_count()));
  const int64_t tiles = CeilDivide(sums, per_tile);
  return RunTiles<float>(tiles, 0, context, [&](int64_t tile, float*) {
    typename Kernel::State state;
    int64_t left = kTermsPerPoll;
    const int64_t end = std::min(sums, (tile + 1) * per_tile);
    for (int64_t number = tile * per_tile; number < end; ++number) {
      const typename Terms::Sum sum = terms.At(number);
      bool cancelled = false;
      kernel.Begin(state, sum.channel);
      left -= kTermsPerSum;
      terms.ForEachRun(sum, [&](TermRun run) {
        // A run, however short, is some work too.
        --left;
        do {
          if (left <= 0) {
            cancelled = cancelled || context.cancelled();
            left = kTermsPerPoll;
          }
          if (cancelled) return false;
          TermRun part = run;
          part.count = std::min(run.count, left);
          left -= part.count;
          kernel.Add(state, part);
          run.left_offset += part.count * run.left_step;
          run.right_offset += part.count * run.right_step;
          run.count -= part.count;
        } while (run.count > 0);
        return true;
      });
      if (cancelled) return;
      kernel.Finish(state, sum.dest, sum.channel);
    }
  });
}

}  // namespace tensord::compute::internal

#endif  // TENSORD_COMPUTE_SRC_INTERNAL_TERM_RUNS_H_
