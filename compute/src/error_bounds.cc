#include "tensord/compute/error_bounds.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>

#include "compute/src/internal/bound_rules.h"
#include "compute/src/internal/convert_tensor.h"
#include "compute/src/internal/convolution_operator.h"
#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/status_macros.h"

namespace tensord::compute {
namespace {

using internal::ApplyRules;
using internal::ForEachBlock;
using internal::MagnitudePart;
using internal::Magnitudes;
using internal::RulesFor;

// One kind of sum of a convolution, with other factors of the same shapes.
template <typename Operator>
class Sums {
 public:
  using Geometry = typename Operator::Geometry;

  Sums(const Geometry& geometry, BoundedSums kind, const ExecutionContext& context)
      : geometry_(geometry), kind_(kind), context_(context) {}

  // The number of products in a sum, at most.
  [[nodiscard]] double term_count() const {
    const ConvolutionGeometry& convolution = Operator::Convolution(geometry_);
    double taps = 1;
    double positions = static_cast<double>(convolution.batch);
    double results = positions;
    double readers = 1;
    for (const AxisWindow& axis : convolution.axes) {
      taps *= static_cast<double>(axis.window);
      positions *= static_cast<double>(axis.output);
      results *= static_cast<double>(Operator::kIsAdjoint ? axis.input : axis.output);
      readers *= MostReaders(convolution.padding_source, axis);
    }
    const auto per_group = [&](int64_t channels) {
      const int64_t count = channels / convolution.groups;
      return static_cast<double>(count);
    };
    const double forward = per_group(convolution.input_channels) * taps;
    const double adjoint = per_group(convolution.output_channels) * taps * readers;
    switch (kind_) {
      case BoundedSums::kOutput:
        return Operator::kIsAdjoint ? adjoint : forward;
      case BoundedSums::kInputGradient:
        return Operator::kIsAdjoint ? forward : adjoint;
      case BoundedSums::kFilterGradient:
        return positions;
      default:
        return results;
    }
  }

  [[nodiscard]] absl::StatusOr<Tensor> Make(const Tensor& source, const Tensor& filter, const TensorView& bias) const {
    if (kind_ == BoundedSums::kOutput) {
      return Operator::kForward(geometry_, source.view(), filter.view(), bias, std::nullopt, context_);
    }
    // What a gradient does not read is not looked at; its place is taken by a tensor without data that is never read.
    const bool of_filter = kind_ == BoundedSums::kFilterGradient;
    const TensorView x = of_filter ? source.view() : Unread(Operator::InputShape(geometry_));
    const TensorView w =
        kind_ == BoundedSums::kInputGradient ? filter.view() : Unread(Operator::FilterShape(geometry_));
    const TensorView dz = of_filter ? filter.view() : source.view();
    const ConvolutionGradients wanted{.input = kind_ == BoundedSums::kInputGradient,
                                      .filter = of_filter,
                                      .bias = kind_ == BoundedSums::kBiasGradient};
    TENSORD_ASSIGN_OR_RETURN(ConvolutionGradientTensors gradients,
                             Operator::kBackward(geometry_, x, w, TensorView(), std::nullopt, dz, wanted, context_));
    if (wanted.input) return *std::move(gradients.input);
    return wanted.filter ? *std::move(gradients.filter) : *std::move(gradients.bias);
  }

 private:
  // How many cells of the padded input read one of the input, along an axis.
  [[nodiscard]] static double MostReaders(PaddingSource source, const AxisWindow& axis) {
    if (source == PaddingSource::kZero) return 1;
    const double padding = static_cast<double>(axis.pad_begin) + static_cast<double>(axis.pad_end);
    return 1 + (source == PaddingSource::kReplicate ? padding : std::min(padding, 2.0));
  }

  [[nodiscard]] static TensorView Unread(const Shape& shape) {
    static constexpr double kNothing = 0;
    return {.type = DataType::kFloat64, .shape = shape, .data = &kNothing};
  }

  const Geometry& geometry_;
  const BoundedSums kind_;
  const ExecutionContext& context_;
};

// a += b.
absl::Status AddTo(Tensor& a, const Tensor& b, const ExecutionContext& context) {
  return ForEachBlock(a.element_count(), context, [&](int64_t first, int64_t count) {
    for (int64_t i = first; i < first + count; ++i) a.As<double>()[i] += b.As<double>()[i];
  });
}

// The terms' absolute values of which a factor is a denormal; empty where there is none.
template <typename Operator>
absl::StatusOr<Tensor> FlushedSums(const Sums<Operator>& sums, const TensorView& source, const TensorView& filter,
                                   const TensorView& bias, const Tensor& all_source, const Tensor& all_filter,
                                   const ExecutionContext& context) {
  std::atomic<bool> in_source = false;
  std::atomic<bool> in_filter = false;
  std::atomic<bool> in_bias = false;
  TENSORD_ASSIGN_OR_RETURN(const Tensor few_source, Magnitudes(source, MagnitudePart::kDenormals, in_source, context));
  Tensor few_filter;
  if (filter.data != nullptr) {
    TENSORD_ASSIGN_OR_RETURN(few_filter, Magnitudes(filter, MagnitudePart::kDenormals, in_filter, context));
  }
  Tensor few_bias;
  if (bias.data != nullptr) {
    TENSORD_ASSIGN_OR_RETURN(few_bias, Magnitudes(bias, MagnitudePart::kDenormals, in_bias, context));
  }
  if (!in_source && !in_filter && !in_bias) return Tensor::Allocate(DataType::kFloat64, Shape{0});
  TENSORD_ASSIGN_OR_RETURN(Tensor result, sums.Make(few_source, all_filter, few_bias.view()));
  if (in_filter) {
    TENSORD_ASSIGN_OR_RETURN(const Tensor more, sums.Make(all_source, few_filter, TensorView()));
    TENSORD_RETURN_IF_ERROR(AddTo(result, more, context));
  }
  return result;
}

template <typename Operator>
absl::StatusOr<ErrorBounds> BoundsOf(const typename Operator::Geometry& geometry, BoundedSums sums,
                                     const TensorView& source, const TensorView& filter, const TensorView& bias,
                                     const Activation* activation, Accumulation accumulation, bool flushed,
                                     const TensorView& result, const ExecutionContext& context) {
  const ScopedFloatingPointMode keeping(FloatingPointMode::Current().Keeping());
  const Sums<Operator> make(geometry, sums, context);
  std::atomic<bool> found = false;
  TENSORD_ASSIGN_OR_RETURN(const Tensor all_source, Magnitudes(source, MagnitudePart::kAll, found, context));
  Tensor all_filter;
  if (filter.data != nullptr) {
    TENSORD_ASSIGN_OR_RETURN(all_filter, Magnitudes(filter, MagnitudePart::kAll, found, context));
  }
  Tensor all_bias;
  if (bias.data != nullptr) {
    TENSORD_ASSIGN_OR_RETURN(all_bias, Magnitudes(bias, MagnitudePart::kAll, found, context));
  }
  TENSORD_ASSIGN_OR_RETURN(const Tensor total, make.Make(all_source, all_filter, all_bias.view()));
  TENSORD_ASSIGN_OR_RETURN(const Tensor flushed_sums,
                           FlushedSums(make, source, filter, bias, all_source, all_filter, context));
  const double n = make.term_count();
  return ApplyRules(RulesFor(result.type, accumulation, n, flushed, activation), n, total, flushed_sums, result,
                    context);
}

}  // namespace

absl::StatusOr<ErrorBounds> ConvolutionErrorBounds(const ConvolutionGeometry& geometry, BoundedSums sums,
                                                   const TensorView& source, const TensorView& filter,
                                                   const TensorView& bias, const Activation* activation,
                                                   Accumulation accumulation, bool flushed, const TensorView& result,
                                                   const ExecutionContext& context) {
  return BoundsOf<internal::PlainConvolution>(geometry, sums, source, filter, bias, activation, accumulation, flushed,
                                              result, context);
}

absl::StatusOr<ErrorBounds> ConvolutionErrorBounds(const TransposedConvolutionGeometry& geometry, BoundedSums sums,
                                                   const TensorView& source, const TensorView& filter,
                                                   const TensorView& bias, const Activation* activation,
                                                   Accumulation accumulation, bool flushed, const TensorView& result,
                                                   const ExecutionContext& context) {
  return BoundsOf<internal::TransposedConvolution>(geometry, sums, source, filter, bias, activation, accumulation,
                                                   flushed, result, context);
}

}  // namespace tensord::compute
