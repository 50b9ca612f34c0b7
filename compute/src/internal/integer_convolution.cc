#include "compute/src/internal/integer_convolution.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "compute/src/internal/correlation.h"
#include "compute/src/internal/fill_channels.h"
#include "compute/src/internal/integer_sum.h"
#include "compute/src/internal/padded_input.h"
#include "compute/src/internal/requantize.h"
#include "compute/src/internal/term_runs.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute::internal {
namespace {

constexpr int64_t kNone = std::numeric_limits<int64_t>::max();

// The first element, in row-major order, whose value does not fit. Any thread may report one.
class FirstOverflow {
 public:
  void Report(int64_t element) {
    int64_t first = first_.load(std::memory_order_relaxed);
    while (element < first && !first_.compare_exchange_weak(first, element, std::memory_order_relaxed)) {
    }
  }
  [[nodiscard]] int64_t first() const { return first_.load(std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> first_ = kNone;
};

// "output[1, 0, 3]"
std::string PlaceOf(int64_t element, const Shape& shape) {
  std::string place;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    place = absl::StrCat(element % shape[axis], place.empty() ? "" : ", ", place);
    element /= shape[axis];
  }
  return absl::StrCat("output[", place, "]");
}

// An entry of a list that has one per channel, or one for all, or none.
template <typename T>
T EntryFor(const std::vector<T>& list, int64_t channel, T fallback) {
  if (list.empty()) return fallback;
  return list[list.size() == 1 ? 0 : static_cast<size_t>(channel)];
}

// What becomes of a sum: an element of the result.
class Store {
 public:
  Store(const TensorView& bias, const NumericOptions& options, Tensor& dest, FirstOverflow& overflow)
      : bias_(bias), options_(options), dest_(dest), overflow_(overflow) {}

  // The bias of a channel.
  [[nodiscard]] int64_t Start(int64_t channel) const {
    if (bias_.data == nullptr) return 0;
    return bias_.type == DataType::kInt32 ? bias_.As<int32_t>()[channel] : bias_.As<int64_t>()[channel];
  }

  void Put(std::optional<Int128> sum, int64_t at, int64_t channel) const {
    if (options_.requantization.has_value()) {
      const Requantization& to = *options_.requantization;
      // There are 8-bit factors and an int32 start: the sum is there.
      sum = Int128{to.output_zero_point} +
            RoundScaled(*sum, to.input_scale, EntryFor(to.filter_scales, channel, 1.0F), to.output_scale);
      to.output_type == DataType::kInt8 ? PutCutOff<int8_t>(*sum, at) : PutCutOff<uint8_t>(*sum, at);
    } else {
      dest_.type() == DataType::kInt32 ? PutChecked<int32_t>(sum, at) : PutChecked<int64_t>(sum, at);
    }
  }

 private:
  template <typename T>
  void PutCutOff(Int128 value, int64_t at) const {
    dest_.As<T>()[at] =
        static_cast<T>(std::clamp<Int128>(value, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  }

  template <typename T>
  void PutChecked(std::optional<Int128> value, int64_t at) const {
    if (!value.has_value() || *value < std::numeric_limits<T>::min() || *value > std::numeric_limits<T>::max()) {
      overflow_.Report(at);
      return;
    }
    dest_.As<T>()[at] = static_cast<T>(*value);
  }

  const TensorView& bias_;
  const NumericOptions& options_;
  Tensor& dest_;
  FirstOverflow& overflow_;
};

// For RunSums.
template <typename Source, typename Filter, typename Sum>
class IntegerKernel {
 public:
  struct State {
    Sum sum;
    int64_t filter_zero = 0;
  };

  IntegerKernel(const Source* source, const Filter* filter, const ZeroPoints& zero_points, const Store& store)
      : source_(source), filter_(filter), zero_points_(zero_points), store_(store) {}

  void Begin(State& state, int64_t channel) const {
    state.sum.Begin(store_.Start(channel));
    state.filter_zero = EntryFor<int64_t>(zero_points_.filter, channel, 0);
  }

  void Add(State& state, const TermRun& run) const {
    // Outside the input there is its zero point, which counts as zero.
    if (run.outside) return;
    const Source* source = source_ + run.left_offset;
    const Filter* filter = filter_ + run.right_offset;
    for (int64_t i = 0; i < run.count; ++i) {
      state.sum.Add(int64_t{source[i * run.left_step]} - zero_points_.input,
                    int64_t{filter[i * run.right_step]} - state.filter_zero);
    }
  }

  void Finish(State& state, int64_t dest, int64_t channel) const { store_.Put(state.sum.Value(), dest, channel); }

 private:
  const Source* source_;
  const Filter* filter_;
  const ZeroPoints& zero_points_;
  const Store& store_;
};

template <typename Source, typename Filter, typename Sum>
absl::Status Run(const Correlation& correlation, const TensorView& source, const TensorView& filter,
                 const ZeroPoints& zero_points, const Store& store, const ExecutionContext& context) {
  const IntegerKernel<Source, Filter, Sum> kernel(source.As<Source>(), filter.As<Filter>(), zero_points, store);
  return RunSums(CorrelationTerms(correlation), kernel, context);
}

template <typename Source>
constexpr auto RunWith8Bits(DataType filter) {
  return filter == DataType::kInt8 ? Run<Source, int8_t, IntegerSum64> : Run<Source, uint8_t, IntegerSum64>;
}

absl::Status RunSumsOf(const Correlation& correlation, const TensorView& source, const TensorView& filter,
                       const NumericOptions& options, const Store& store, const ExecutionContext& context) {
  auto run = Run<int64_t, int64_t, IntegerSum160>;
  if (source.type == DataType::kInt8) run = RunWith8Bits<int8_t>(filter.type);
  if (source.type == DataType::kUint8) run = RunWith8Bits<uint8_t>(filter.type);
  if (source.type == DataType::kInt32) run = Run<int32_t, int32_t, IntegerSum128>;
  return run(correlation, source, filter, options.zero_points, store, context);
}

absl::Status CheckOverflow(const FirstOverflow& overflow, const Tensor& dest) {
  if (overflow.first() == kNone) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(PlaceOf(overflow.first(), dest.shape()), ": was beyond ", Name(dest.type()), ", has to fit into it",
                   dest.type() == DataType::kInt32 ? "; output_type int64 holds more" : ""));
}

// What a bias alone comes to, in every channel: that of elements that no term reaches.
absl::Status FillWithBias(const TransposedConvolutionGeometry& geometry, const TensorView& bias,
                          const NumericOptions& options, Tensor& dest, const ExecutionContext& context) {
  TENSORD_ASSIGN_OR_RETURN(Tensor values, Tensor::Allocate(dest.type(), Shape{geometry.output_channels()}));
  FirstOverflow none;  // a bias is of the result's type, or is cut off
  const Store store(bias, options, values, none);
  for (int64_t i = 0; i < values.element_count(); ++i) store.Put(store.Start(i), i, i);
  return FillChannels(geometry.input_layout(), values, dest, context);
}

}  // namespace

absl::Status IntegerConvolve(const ConvolutionGeometry& geometry, const TensorView& x, const TensorView& w,
                             const TensorView& b, const NumericOptions& options, Tensor& dest,
                             const ExecutionContext& context) {
  if (ReadsPadding(geometry)) {
    TENSORD_ASSIGN_OR_RETURN(const Tensor copy, PaddedCopyOf(geometry, x, context));
    return IntegerConvolve(GeometryOfPadded(geometry), copy.view(), w, b, options, dest, context);
  }
  FirstOverflow overflow;
  const Store store(b, options, dest, overflow);
  TENSORD_RETURN_IF_ERROR(RunSumsOf(ForwardCorrelation(geometry), x, w, options, store, context));
  return CheckOverflow(overflow, dest);
}

absl::Status IntegerConvolveTranspose(const TransposedConvolutionGeometry& geometry, const TensorView& x,
                                      const TensorView& w, const TensorView& b, const NumericOptions& options,
                                      Tensor& dest, const ExecutionContext& context) {
  const DataGradient adjoint = DataGradientOf(geometry.convolution);
  if (!adjoint.covers_all) TENSORD_RETURN_IF_ERROR(FillWithBias(geometry, b, options, dest, context));
  FirstOverflow overflow;
  const Store store(b, options, dest, overflow);
  TENSORD_RETURN_IF_ERROR(
      ForEachPart(adjoint, [&](const Correlation& part) { return RunSumsOf(part, x, w, options, store, context); }));
  TENSORD_RETURN_IF_ERROR(context.CheckCancelled());
  return CheckOverflow(overflow, dest);
}

}  // namespace tensord::compute::internal
