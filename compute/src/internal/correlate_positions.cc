#include "compute/src/internal/correlate_positions.h"

#include <algorithm>
#include <array>
#include <optional>

#include "compute/src/internal/activation_functions.h"
#include "compute/src/internal/kernels_for.h"
#include "compute/src/internal/planes.h"
#include "compute/src/internal/tiles.h"
#include "tensord/compute/checked_math.h"

namespace tensord::compute::internal {
namespace {

// Products that are summed up in registers before the sums go back to memory.
constexpr int64_t kMaxSteps = 1024;
// Bytes of a block's planes, and of the sums that wait for their next products: each a part of a second-level cache.
constexpr int64_t kPlanesBytes = int64_t{256} << 10;
constexpr int64_t kSumsBytes = int64_t{256} << 10;
// Elements behind the planes that a last vector may read.
constexpr int64_t kSlack = 64;
// Tasks for each thread, where there are several.
constexpr int64_t kTasksPerThread = 4;

template <typename T>
constexpr int64_t kPlanesElements = kPlanesBytes / static_cast<int64_t>(sizeof(T));

// The sums over some channels and a box of taps.
struct Steps {
  int64_t max_channels = 0;
  int64_t taps = 0;
  std::array<Step, kMaxSteps> steps;  // channel by channel
};

// How the work of one correlation is cut. No sum is cut: each goes over channels, then taps, in order.
template <typename T>
class Plan {
 public:
  Plan(const Correlation& c, const Kernels<T>& kernels, int thread_count)
      : correlation(c), blocks(c, kernels.lanes), result_rows(c.RowCount()) {
    ChooseBox();
    const TapBox box = BoxAt(0);
    const Planes planes = PlanesOf(box);
    single_pass = box_count == 1 && MaxChannels(planes, box) >= c.source_channels;
    const int64_t pitch = std::max(planes.pitch(), MaxPitchInPlace());
    sums_stride = RoundUp((blocks.rows() - 1) * pitch + blocks.columns(), kernels.lanes);
    planes_count = box_count > 1 ? kPlanesElements<T> + kSlack
                                 : RoundUp(MaxChannels(planes, box) * planes.channel_size() + kSlack, kSlack);
    tile_rows = result_rows;
    if (!single_pass) {
      const int64_t most = std::max<int64_t>(kMaxTileRows, kSumsBytes / static_cast<int64_t>(sizeof(T)) / sums_stride);
      tile_rows = CeilDivide(result_rows, CeilDivide(result_rows, most));
    }
    const int64_t wanted = thread_count == 1 ? 1 : thread_count * kTasksPerThread;
    while (tile_rows > kMaxTileRows && TaskCount() < wanted) tile_rows = CeilDivide(tile_rows, int64_t{2});
    row_tiles = CeilDivide(result_rows, tile_rows);
  }

  [[nodiscard]] int64_t TaskCount() const {
    return correlation.groups * blocks.count() * CeilDivide(result_rows, tile_rows);
  }

  // The box-th box of taps.
  [[nodiscard]] TapBox BoxAt(int64_t box) const {
    TapBox taps{.begin = {}, .count = {1, 1, 1, 1}};
    for (size_t i = kCorrelationAxisCount; i-- > 1;) {
      const int64_t parts = CeilDivide(correlation.axes[i].tap_count, box_taps[i]);
      taps.begin[i] = box % parts * box_taps[i];
      taps.count[i] = std::min(box_taps[i], correlation.axes[i].tap_count - taps.begin[i]);
      box /= parts;
    }
    return taps;
  }

  [[nodiscard]] Planes PlanesOf(const TapBox& box) const {
    return Planes(correlation, blocks.rows(), blocks.columns(), box, result_rows, box_count == 1);
  }

  // How many channels' planes fit, and whose steps do; at least one.
  [[nodiscard]] int64_t MaxChannels(const Planes& planes, const TapBox& box) const {
    const int64_t most = std::min(kPlanesElements<T> / planes.channel_size(), kMaxSteps / box.Count());
    // Nearly equal parts of the channels.
    return CeilDivide(correlation.source_channels, CeilDivide(correlation.source_channels, std::max<int64_t>(1, most)));
  }

  [[nodiscard]] int64_t SumsCount() const {
    return (single_pass ? std::min<int64_t>(kMaxTileRows, tile_rows) : tile_rows) * sums_stride;
  }

  // The greatest distance of two rows in the source where a block may be read as it lies: the elements between the
  // rows' ends are computed in vain.
  [[nodiscard]] int64_t MaxPitchInPlace() const { return blocks.columns() + blocks.columns() / 16; }

  const Correlation& correlation;
  const PositionBlocks blocks;
  const int64_t result_rows;
  std::array<int64_t, kCorrelationAxisCount> box_taps;
  int64_t box_count = 1;
  bool single_pass;      // all products of a sum are added at once
  int64_t planes_count;  // elements
  int64_t sums_stride;
  int64_t tile_rows;
  int64_t row_tiles;

 private:
  // All taps, unless there are too many for the steps or for the planes of one channel; then less.
  void ChooseBox() {
    for (size_t i = 0; i < kCorrelationAxisCount; ++i) {
      box_taps[i] = std::min(correlation.axes[i].tap_count, kMaxBoxTaps);
    }
    while (!BoxFits()) {
      size_t axis = 1;
      while (box_taps[axis] == 1) ++axis;
      box_taps[axis] = CeilDivide(box_taps[axis], int64_t{2});
    }
  }

  bool BoxFits() {
    box_count = 1;
    for (size_t i = 1; i < kCorrelationAxisCount; ++i) {
      box_count *= CeilDivide(correlation.axes[i].tap_count, box_taps[i]);
    }
    const TapBox box = BoxAt(0);
    if (box.Count() == 1) return true;
    // Another box may have a run that is one element longer along both axes.
    return box.Count() <= kMaxSteps && 4 * PlanesOf(box).channel_size() <= kPlanesElements<T>;
  }
};

// right_of(d, h, w) tells where a tap finds a block's first position, `channel_stride` apart for each channel.
template <typename RightOf>
void MakeSteps(const Correlation& correlation, const TapBox& box, int64_t channels, int64_t channel_stride,
               RightOf&& right_of, Steps& steps) {
  steps.max_channels = channels;
  steps.taps = box.Count();
  size_t count = 0;
  for (int64_t d = 0; d < box.count[1]; ++d) {
    for (int64_t h = 0; h < box.count[2]; ++h) {
      for (int64_t w = 0; w < box.count[3]; ++w) {
        steps.steps[count++] = {
            .left = TapOffsetInFilter(correlation, box.begin[1] + d, box.begin[2] + h, box.begin[3] + w),
            .right = right_of(d, h, w)};
      }
    }
  }
  for (int64_t c = 1; c < channels; ++c) {
    for (int64_t tap = 0; tap < steps.taps; ++tap, ++count) {
      const Step& before = steps.steps[count - static_cast<size_t>(steps.taps)];
      steps.steps[count] = {.left = before.left + correlation.filter_source_stride,
                            .right = before.right + channel_stride};
    }
  }
}

// Reading the source as it lies, where that is possible: stride 1 along contiguous rows, and no padding.
template <typename T>
class InPlace {
 public:
  explicit InPlace(const Plan<T>& plan) : correlation_(plan.correlation) {
    const auto& axes = correlation_.axes;
    possible_ = plan.box_count == 1 && axes[3].source_stride == 1 && axes[3].source_step == 1 &&
                ReadsOnlyTheSource(correlation_);
    if (plan.blocks.rows() > 1) possible_ = possible_ && axes[2].source_step == 1 && pitch() <= plan.MaxPitchInPlace();
    for (const CorrelationAxis& axis : axes) last_element_ += (axis.source_size - 1) * axis.source_stride;
    last_element_ += (correlation_.source_channels - 1) * correlation_.source_channel_stride +
                     (correlation_.groups - 1) * correlation_.source_group_stride;
  }

  [[nodiscard]] bool possible() const { return possible_; }
  [[nodiscard]] int64_t pitch() const { return correlation_.axes[2].source_stride; }

  // Whether all that whole vectors read lies in the source: `positions` positions from a block's first one on.
  [[nodiscard]] bool Reads(const PositionBlock& block, int64_t group, int64_t positions) const {
    const int64_t first = group * correlation_.source_group_stride + OffsetInSource(correlation_, block);
    const auto& axes = correlation_.axes;
    int64_t furthest = 0;
    for (size_t i = 1; i < kCorrelationAxisCount; ++i) {
      furthest += std::max<int64_t>(0, (axes[i].tap_count - 1) * axes[i].base_delta) * axes[i].source_stride;
    }
    return first + (correlation_.source_channels - 1) * correlation_.source_channel_stride + furthest + positions - 1 <=
           last_element_;
  }

 private:
  const Correlation& correlation_;
  bool possible_;
  int64_t last_element_ = 0;
};

template <typename T>
class PositionCorrelator {
 public:
  PositionCorrelator(const Plan<T>& plan, const Kernels<T>& kernels, const T* source, const T* filter, T* dest,
                     const Epilogue<T>& epilogue, const ExecutionContext& context)
      : plan_(plan),
        correlation_(plan.correlation),
        kernels_(kernels),
        source_(source),
        filter_(filter),
        dest_(dest + DestOffset(plan.correlation)),
        epilogue_(epilogue),
        context_(context),
        in_place_(plan) {
    if (plan.box_count > 1) return;
    const TapBox box = plan.BoxAt(0);
    planes_.emplace(plan.PlanesOf(box));
    MakePlaneSteps(*planes_, box, plane_steps_);
    if (!in_place_.possible()) return;
    MakeSteps(
        correlation_, box, plane_steps_.max_channels, correlation_.source_channel_stride,
        [&](int64_t d, int64_t h, int64_t w) { return TapOffsetInSource(correlation_, d, h, w); }, in_place_steps_);
  }

  void RunTask(int64_t task, T* memory) const {
    Work work;
    work.planes = memory;
    work.sums = memory + plan_.planes_count;
    const int64_t row_tile = task % plan_.row_tiles;
    task /= plan_.row_tiles;
    work.row_begin = row_tile * plan_.tile_rows;
    work.row_end = std::min(work.row_begin + plan_.tile_rows, plan_.result_rows);
    work.block = plan_.blocks.At(task % plan_.blocks.count());
    work.group = task / plan_.blocks.count();
    if (plan_.box_count > 1) {
      RunBoxes(work);
    } else if (!RunInPlace(work)) {
      work.first = work.last = true;
      RunPlanes(work, *planes_, plane_steps_);
    }
  }

 private:
  // One task: some rows of results in one block of positions.
  struct Work {
    T* planes;
    T* sums;
    PositionBlock block;
    int64_t group;
    int64_t row_begin;
    int64_t row_end;
    int64_t pitch;
    bool first;  // no products were added yet
    bool last;   // none will be added later
  };

  void MakePlaneSteps(const Planes& planes, const TapBox& box, Steps& steps) const {
    MakeSteps(
        correlation_, box, plan_.MaxChannels(planes, box), planes.channel_size(),
        [&](int64_t d, int64_t h, int64_t w) { return planes.OffsetOf(d, h, w); }, steps);
  }

  // False where the block cannot be read as it lies.
  bool RunInPlace(Work& work) const {
    if (!in_place_.possible()) return false;
    work.pitch = in_place_.pitch();
    const int64_t positions = RoundUp((work.block.rows - 1) * work.pitch + work.block.columns, kernels_.lanes);
    if (!in_place_.Reads(work.block, work.group, positions)) return false;
    const T* const first =
        source_ + work.group * correlation_.source_group_stride + OffsetInSource(correlation_, work.block);
    const int64_t channels = correlation_.source_channels;
    for (int64_t channel = 0; channel < channels; channel += in_place_steps_.max_channels) {
      const int64_t count = std::min(in_place_steps_.max_channels, channels - channel);
      work.first = channel == 0;
      work.last = channel + count == channels;
      Multiply(work, in_place_steps_, channel, count, first + channel * correlation_.source_channel_stride);
    }
    return true;
  }

  void RunBoxes(Work& work) const {
    Steps steps;
    for (int64_t box = 0; box < plan_.box_count; ++box) {
      const TapBox taps = plan_.BoxAt(box);
      const Planes planes = plan_.PlanesOf(taps);
      MakePlaneSteps(planes, taps, steps);
      work.first = box == 0;
      work.last = box + 1 == plan_.box_count;
      RunPlanes(work, planes, steps);
    }
  }

  // One box of taps, with all channels; first and last tell of the box.
  void RunPlanes(Work& work, const Planes& planes, const Steps& steps) const {
    const bool first_box = work.first;
    const bool last_box = work.last;
    work.pitch = planes.pitch();
    const T* const source = source_ + work.group * correlation_.source_group_stride;
    const int64_t channels = correlation_.source_channels;
    for (int64_t channel = 0; channel < channels; channel += steps.max_channels) {
      if (context_.cancelled()) return;
      const int64_t count = std::min(steps.max_channels, channels - channel);
      planes.Copy(source + channel * correlation_.source_channel_stride, work.block, count, work.planes);
      std::fill_n(work.planes + count * planes.channel_size(), kernels_.lanes, T{0});
      work.first = first_box && channel == 0;
      work.last = last_box && channel + count == channels;
      Multiply(work, steps, channel, count, work.planes);
    }
  }

  // Adds the products of `channels` channels, whose elements lie from `right` on, to all sums of the work.
  void Multiply(const Work& work, const Steps& steps, int64_t channel, int64_t channels, const T* right) const {
    const int64_t positions = (work.block.rows - 1) * work.pitch + work.block.columns;
    const int64_t vectors = CeilDivide(positions, int64_t{kernels_.lanes});
    const int64_t tiles = CeilDivide(vectors, int64_t{kernels_.max_vectors});
    const int64_t most_rows = kernels_.max_rows[CeilDivide(vectors, tiles)];
    const int64_t rows = work.row_end - work.row_begin;
    const int64_t row_parts = CeilDivide(rows, most_rows);
    const bool in_dest = StoresInPlace(work);
    std::array<const T*, kMaxTileRows> left;
    std::array<T, kMaxTileRows> start;
    for (int64_t part = 0; part < row_parts; ++part) {
      if (context_.cancelled()) return;
      const int64_t begin = work.row_begin + PartBegin(rows, row_parts, part);
      const int64_t count = work.row_begin + PartBegin(rows, row_parts, part + 1) - begin;
      for (int64_t i = 0; i < count; ++i) {
        left[static_cast<size_t>(i)] = filter_ + work.group * correlation_.filter_group_stride +
                                       OffsetOfRow(correlation_, begin + i).filter +
                                       channel * correlation_.filter_source_stride;
        start[static_cast<size_t>(i)] = StartOf(work.group, begin + i);
      }
      T* const sums = work.sums + (plan_.single_pass ? 0 : begin - work.row_begin) * plan_.sums_stride;
      Tile<T> tile{.left = left.data(),
                   .right = right,
                   .steps = steps.steps.data(),
                   .step_count = channels * steps.taps,
                   .start = work.first ? start.data() : nullptr,
                   .sums = sums,
                   .sums_stride = plan_.sums_stride};
      T* const dest = in_dest ? DestOf(work, begin) : nullptr;
      for (int64_t i = 0; i < tiles; ++i) {
        const int64_t vector = PartBegin(vectors, tiles, i);
        const int64_t end = PartBegin(vectors, tiles, i + 1);
        const int64_t offset = vector * kernels_.lanes;
        tile.right = right + offset;
        const bool whole = in_dest && end * kernels_.lanes <= positions;
        tile.sums = whole ? dest + offset : sums + offset;
        tile.sums_stride = whole ? correlation_.dest_channel_stride : plan_.sums_stride;
        kernels_.multiply_add[end - vector][count](tile);
        if (in_dest && !whole) {
          for (int64_t row = 0; row < count; ++row) {
            std::copy(sums + row * plan_.sums_stride + offset, sums + row * plan_.sums_stride + positions,
                      dest + row * correlation_.dest_channel_stride + offset);
          }
        }
      }
      if (work.last && !in_dest) Store(work, begin, count, positions, sums);
    }
  }

  // Whether sums can be written where they belong: all products at once, contiguous, and nothing to be done with them.
  [[nodiscard]] bool StoresInPlace(const Work& work) const {
    return work.first && work.last && epilogue_.activation == nullptr && correlation_.axes[3].dest_step == 1 &&
           plan_.result_rows == correlation_.dest_channels &&
           (work.block.rows == 1 || work.pitch == correlation_.axes[2].dest_step);
  }

  [[nodiscard]] T StartOf(int64_t group, int64_t row) const {
    if (epilogue_.bias == nullptr) return T{0};
    return epilogue_.bias[group * correlation_.dest_channels + row % correlation_.dest_channels];
  }

  [[nodiscard]] T* DestOf(const Work& work, int64_t row) const {
    const auto& axes = correlation_.axes;
    return dest_ + work.group * correlation_.dest_group_stride + OffsetOfRow(correlation_, row).dest +
           work.block.n * axes[0].dest_step + work.block.d * axes[1].dest_step + work.block.row * axes[2].dest_step +
           work.block.column * axes[3].dest_step;
  }

  void Store(const Work& work, int64_t begin, int64_t count, int64_t positions, T* sums) const {
    const int64_t row_step = correlation_.axes[2].dest_step;
    const int64_t step = correlation_.axes[3].dest_step;
    for (int64_t i = 0; i < count; ++i) {
      T* const row_sums = sums + i * plan_.sums_stride;
      if (epilogue_.activation != nullptr) ApplyActivation(*epilogue_.activation, row_sums, positions);
      T* const dest = DestOf(work, begin + i);
      for (int64_t row = 0; row < work.block.rows; ++row) {
        const T* const from = row_sums + row * work.pitch;
        T* const to = dest + row * row_step;
        if (step == 1) {
          std::copy_n(from, work.block.columns, to);
        } else {
          for (int64_t column = 0; column < work.block.columns; ++column) to[column * step] = from[column];
        }
      }
    }
  }

  const Plan<T>& plan_;
  const Correlation& correlation_;
  const Kernels<T>& kernels_;
  const T* source_;
  const T* filter_;
  T* dest_;
  const Epilogue<T>& epilogue_;
  const ExecutionContext& context_;
  const InPlace<T> in_place_;
  // With one box.
  std::optional<Planes> planes_;
  Steps plane_steps_;
  // Where reading in place is possible.
  Steps in_place_steps_;
};

}  // namespace

template <typename T>
absl::Status CorrelatePositions(const Correlation& correlation, const T* source, const T* filter, T* dest,
                                const Epilogue<T>& epilogue, const ExecutionContext& context) {
  const Kernels<T>& kernels = KernelsFor<T>(context);
  const Plan<T> plan(correlation, kernels, context.executor->thread_count());
  const PositionCorrelator<T> correlator(plan, kernels, source, filter, dest, epilogue, context);
  return RunTiles<T>(plan.TaskCount(), plan.planes_count + plan.SumsCount(), context,
                     [&](int64_t task, T* memory) { correlator.RunTask(task, memory); });
}

template <typename T>
int64_t MaxCorrelatePositionsScratchBytes() {
  // A block has at most twice kBlockPositions with its rows' ends, rounded up to vectors.
  constexpr int64_t kFewRows = kMaxTileRows * (kMaxPitch * kBlockPositions + kSlack) * static_cast<int64_t>(sizeof(T));
  return kPlanesBytes + std::max(kSumsBytes, kFewRows) +
         (2 * kSlack + static_cast<int64_t>(kTensorAlignment)) * static_cast<int64_t>(sizeof(T));
}

template absl::Status CorrelatePositions(const Correlation&, const float*, const float*, float*, const Epilogue<float>&,
                                         const ExecutionContext&);
template absl::Status CorrelatePositions(const Correlation&, const double*, const double*, double*,
                                         const Epilogue<double>&, const ExecutionContext&);
template int64_t MaxCorrelatePositionsScratchBytes<float>();
template int64_t MaxCorrelatePositionsScratchBytes<double>();

}  // namespace tensord::compute::internal
