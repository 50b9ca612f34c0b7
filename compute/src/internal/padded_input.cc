#include "compute/src/internal/padded_input.h"

#include <algorithm>
#include <array>

#include "compute/src/internal/tiles.h"
#include "tensord/compute/checked_math.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {
namespace {

// Cells along W that are handled between two looks at the cancel flag.
constexpr int64_t kBlock = int64_t{1} << 12;

// One of the axes N, D, H, W, C of the input and of its padded copy.
struct Axis {
  int64_t size = 1;
  int64_t padded_size = 1;
  int64_t pad_begin = 0;
  int64_t pad_end = 0;
  int64_t stride = 0;
  int64_t padded_stride = 0;
};

// The cell of the input that cell p of the padded copy reads, given p less the padding before.
int64_t CellRead(PaddingSource source, int64_t size, int64_t p) {
  if (p >= 0 && p < size) return p;
  switch (source) {
    case PaddingSource::kReflect:
      return p < 0 ? -p : 2 * (size - 1) - p;
    case PaddingSource::kCircular:
      return p < 0 ? p + size : p - size;
    case PaddingSource::kZero:
    case PaddingSource::kReplicate:
      break;
  }
  return p < 0 ? 0 : size - 1;
}

class PaddedCopy {
 public:
  explicit PaddedCopy(const ConvolutionGeometry& geometry) : source_(geometry.padding_source) {
    const ConvolutionGeometry padded = GeometryOfPadded(geometry);
    const Layout& layout = geometry.input_layout;
    int64_t stride = 1;
    int64_t padded_stride = 1;
    for (int position = layout.rank() - 1; position >= 0; --position) {
      Axis& axis = axes_[PlaceOf(layout, position)];
      axis.size = geometry.input_shape[position];
      axis.padded_size = padded.input_shape[position];
      axis.stride = stride;
      axis.padded_stride = padded_stride;
      stride *= axis.size;
      padded_stride *= axis.padded_size;
    }
    for (size_t i = 0; i < geometry.axes.size(); ++i) {
      Axis& axis = axes_[PlaceOf(layout, layout.spatial(static_cast<int>(i)))];
      axis.pad_begin = geometry.axes[i].pad_begin;
      axis.pad_end = geometry.axes[i].pad_end;
    }
  }

  template <typename T>
  absl::Status Write(const T* x, T* padded, const ExecutionContext& context) const {
    return ForEachBlock(&Axis::padded_size, context, [&](const Block& block) {
      int64_t from = block.n * axes_[0].stride;
      int64_t to = block.n * axes_[0].padded_stride;
      for (size_t i = 1; i <= 2; ++i) {
        const int64_t at = i == 1 ? block.d : block.h;
        from += CellRead(source_, axes_[i].size, at - axes_[i].pad_begin) * axes_[i].stride;
        to += at * axes_[i].padded_stride;
      }
      for (int64_t w = block.w_begin; w < block.w_end; ++w) {
        const T* cell = x + from + CellRead(source_, axes_[3].size, w - axes_[3].pad_begin) * axes_[3].stride;
        T* copy = padded + to + w * axes_[3].padded_stride;
        for (int64_t c = 0; c < axes_[4].size; ++c, cell += axes_[4].stride, copy += axes_[4].padded_stride) {
          *copy = *cell;
        }
      }
    });
  }

  template <typename T>
  absl::Status Fold(const T* dpadded, T* dx, const ExecutionContext& context) const {
    return ForEachBlock(&Axis::size, context, [&](const Block& block) {
      const PaddedReaders d = Readers(axes_[1], block.d);
      const PaddedReaders h = Readers(axes_[2], block.h);
      const T* sample = dpadded + block.n * axes_[0].padded_stride;
      T* to = dx + block.n * axes_[0].stride + block.d * axes_[1].stride + block.h * axes_[2].stride;
      for (int64_t w_at = block.w_begin; w_at < block.w_end; ++w_at) {
        const PaddedReaders w = Readers(axes_[3], w_at);
        for (int64_t c = 0; c < axes_[4].size; ++c) {
          to[w_at * axes_[3].stride + c * axes_[4].stride] = Sum(sample + c * axes_[4].padded_stride, d, h, w, context);
        }
      }
    });
  }

 private:
  // One row of cells, or a part of it, with all channels.
  struct Block {
    int64_t n, d, h, w_begin, w_end;
  };

  static size_t PlaceOf(const Layout& layout, int position) {
    if (position == layout.batch()) return 0;
    if (position == layout.channel()) return 4;
    for (int i = 0; i < layout.spatial_rank(); ++i) {
      if (position == layout.spatial(i)) return static_cast<size_t>(kMaxSpatialRank + 1 - layout.spatial_rank() + i);
    }
    __builtin_unreachable();
  }

  // Calls body with every block of the tensor whose sizes `member` says.
  template <typename Body>
  absl::Status ForEachBlock(int64_t Axis::*member, const ExecutionContext& context, const Body& body) const {
    const int64_t width = axes_[3].*member;
    const int64_t block_width = std::max<int64_t>(1, kBlock / std::max<int64_t>(1, axes_[4].size));
    const int64_t blocks = CeilDivide(width, block_width);
    const int64_t depth = axes_[1].*member;
    const int64_t height = axes_[2].*member;
    return RunTiles<float>(axes_[0].size * depth * height * blocks, 0, context, [&](int64_t tile, float*) {
      const int64_t w = tile % blocks * block_width;
      const int64_t row = tile / blocks;
      body(Block{.n = row / height / depth,
                 .d = row / height % depth,
                 .h = row % height,
                 .w_begin = w,
                 .w_end = std::min(w + block_width, width)});
    });
  }

  [[nodiscard]] PaddedReaders Readers(const Axis& axis, int64_t cell) const {
    return ReadersOf(source_, {.input = axis.size, .pad_begin = axis.pad_begin, .pad_end = axis.pad_end}, cell);
  }

  // Index order d, h, w.
  template <typename T>
  T Sum(const T* from, const PaddedReaders& d, const PaddedReaders& h, const PaddedReaders& w,
        const ExecutionContext& context) const {
    T sum = 0;
    for (size_t i = 0; i < d.count; ++i) {
      for (int64_t z = d.first[i]; z < d.first[i] + d.length[i]; ++z) {
        for (size_t j = 0; j < h.count; ++j) {
          for (int64_t y = h.first[j]; y < h.first[j] + h.length[j]; ++y) {
            const T* row = from + z * axes_[1].padded_stride + y * axes_[2].padded_stride;
            if (context.cancelled()) return sum;
            for (size_t k = 0; k < w.count; ++k) sum += SumOfRun(row, w.first[k], w.length[k], context);
          }
        }
      }
    }
    return sum;
  }

  template <typename T>
  T SumOfRun(const T* row, int64_t first, int64_t length, const ExecutionContext& context) const {
    const T* cell = row + first * axes_[3].padded_stride;
    T sum = 0;
    for (int64_t begin = 0; begin < length && !context.cancelled(); begin += kBlock) {
      const int64_t end = std::min(begin + kBlock, length);
      for (int64_t i = begin; i < end; ++i, cell += axes_[3].padded_stride) sum += *cell;
    }
    return sum;
  }

  const PaddingSource source_;
  std::array<Axis, 5> axes_;
};

}  // namespace

bool ReadsPadding(const ConvolutionGeometry& geometry) {
  if (geometry.padding_source == PaddingSource::kZero) return false;
  return std::any_of(geometry.axes.begin(), geometry.axes.end(),
                     [](const AxisWindow& axis) { return axis.pad_begin > 0 || axis.pad_end > 0; });
}

ConvolutionGeometry GeometryOfPadded(const ConvolutionGeometry& geometry) {
  ConvolutionGeometry padded = geometry;
  padded.padding = PaddingMode::kValid;
  padded.padding_source = PaddingSource::kZero;
  for (size_t i = 0; i < padded.axes.size(); ++i) {
    AxisWindow& axis = padded.axes[i];
    // In compute calls all three are below 2^31.
    axis.input += axis.pad_begin + axis.pad_end;
    axis.pad_begin = 0;
    axis.pad_end = 0;
    padded.input_shape[padded.input_layout.spatial(static_cast<int>(i))] = axis.input;
  }
  return padded;
}

PaddedReaders ReadersOf(PaddingSource source, const AxisWindow& axis, int64_t cell) {
  PaddedReaders readers;
  const int64_t own = axis.pad_begin + cell;
  if (source == PaddingSource::kZero) {
    readers.Add(own, 1);
    return readers;
  }
  const int64_t last = axis.input - 1;
  if (source == PaddingSource::kReplicate) {
    const int64_t before = cell == 0 ? axis.pad_begin : 0;
    const int64_t after = cell == last ? axis.pad_end : 0;
    readers.Add(own - before, before + 1 + after);
    return readers;
  }
  readers.Add(own, 1);
  const bool reflect = source == PaddingSource::kReflect;
  // Its images before and after the input, where padding reaches that far. A border cell is no image of itself.
  const int64_t before = reflect ? cell : axis.input - cell;
  const int64_t after = reflect ? last - cell : cell + 1;
  if (before >= 1 && before <= axis.pad_begin) readers.Add(axis.pad_begin - before, 1);
  if (after >= 1 && after <= axis.pad_end) readers.Add(axis.pad_begin + last + after, 1);
  return readers;
}

absl::StatusOr<Tensor> PaddedCopyOf(const ConvolutionGeometry& geometry, const TensorView& x,
                                    const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor copy, Tensor::Allocate(x.type, GeometryOfPadded(geometry).input_shape));
  // Elements are moved, whatever they stand for.
  const auto write = [&]<typename T>(T) {
    return PaddedCopy(geometry).Write(static_cast<const T*>(x.data), static_cast<T*>(copy.data()), context);
  };
  switch (ItemSize(x.type)) {
    case 1:
      TENSORD_RETURN_IF_ERROR(write(uint8_t{}));
      break;
    case 2:
      TENSORD_RETURN_IF_ERROR(write(uint16_t{}));
      break;
    case 4:
      TENSORD_RETURN_IF_ERROR(write(uint32_t{}));
      break;
    default:
      TENSORD_RETURN_IF_ERROR(write(uint64_t{}));
  }
  return copy;
}

template <typename T>
absl::Status FoldPadded(const ConvolutionGeometry& geometry, const T* dpadded, T* dx, const ExecutionContext& context) {
  return PaddedCopy(geometry).Fold(dpadded, dx, context);
}

template absl::Status FoldPadded(const ConvolutionGeometry&, const float*, float*, const ExecutionContext&);
template absl::Status FoldPadded(const ConvolutionGeometry&, const double*, double*, const ExecutionContext&);

}  // namespace tensord::compute::internal
