// What the tests of numbers share: tensors of every floating type, hard data, and the terms of every sum.
#ifndef TENSORD_TESTS_COMPUTE_NUMERIC_CASES_H_
#define TENSORD_TESTS_COMPUTE_NUMERIC_CASES_H_

#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tensord/compute/convolution.h"
#include "tensord/compute/float16.h"
#include "tensord/compute/numeric.h"
#include "tests/compute/shape_catalogue.h"
#include "tests/compute/transposed_catalogue.h"
#include "tests/reference/exact.h"
#include "tests/reference/products.h"
#include "tests/support/builders.h"

namespace tensord::test_support {

inline constexpr compute::DataType kFloats[] = {compute::DataType::kFloat16, compute::DataType::kBfloat16,
                                                compute::DataType::kFloat32, compute::DataType::kFloat64};

// A tensor of any floating type; values are rounded to it.
inline compute::Tensor MakeFloating(compute::DataType type, const compute::Shape& shape,
                                    const std::vector<double>& values) {
  if (compute::IsComputable(type)) return MakeTensor(type, shape, values);
  auto tensor = compute::Tensor::Allocate(type, shape);
  if (!tensor.ok()) std::abort();
  for (size_t i = 0; i < values.size(); ++i) {
    tensor->As<uint16_t>()[i] = type == compute::DataType::kFloat16 ? compute::Float16::Encode(values[i])
                                                                    : compute::BFloat16::Encode(values[i]);
  }
  return *std::move(tensor);
}

inline std::vector<double> FloatingValues(const compute::Tensor& tensor) {
  if (compute::IsComputable(tensor.type())) return ToDoubles(tensor);
  std::vector<double> values;
  for (int64_t i = 0; i < tensor.element_count(); ++i) {
    const uint16_t bits = tensor.As<uint16_t>()[i];
    values.push_back(tensor.type() == compute::DataType::kFloat16 ? compute::Float16::Decode(bits)
                                                                  : compute::BFloat16::Decode(bits));
  }
  return values;
}

// Kinds of data: of the size of 1; of many sizes; with much cancellation; next to the least numbers; next to the
// largest.
inline constexpr int kDataKinds = 5;
inline compute::Tensor HardTensor(compute::DataType type, const compute::Shape& shape, uint64_t seed, int kind) {
  Random random(seed * kDataKinds + static_cast<uint64_t>(kind));
  const bool half = type == compute::DataType::kFloat16;
  const bool wide = type == compute::DataType::kFloat64;
  const int range = half ? 6 : wide ? 400 : 50;
  const int least = half ? -14 : wide ? -1022 : -126;
  const int most = half ? 7 : wide ? 511 : 63;
  std::vector<double> values(static_cast<size_t>(compute::ElementCount(shape).value_or(0)));
  for (double& value : values) {
    value = random.Real(-1, 1);
    switch (kind) {
      case 1:
        value = std::ldexp(value, static_cast<int>(random.Integer(-range, range)));
        break;
      case 2:
        value = (random.Bits() % 2 == 0 ? 1 : -1) * (1 + std::ldexp(value, -5));
        break;
      case 3:
        value = std::ldexp(value, random.Bits() % 2 == 0 ? least / 2 : least + static_cast<int>(random.Integer(-5, 5)));
        break;
      case 4:
        value = std::ldexp(value, most + static_cast<int>(random.Integer(-1, 1)));
        break;
      default:
        break;
    }
  }
  return MakeFloating(type, shape, values);
}

inline ConvolutionData HardData(const compute::ConvolutionGeometry& geometry, compute::DataType type, uint64_t seed,
                                int kind) {
  return {.x = HardTensor(type, geometry.input_shape, 4 * seed, kind),
          .w = HardTensor(type, geometry.filter_shape, 4 * seed + 1, kind),
          .b = HardTensor(type, compute::BiasShape(geometry), 4 * seed + 2, kind),
          .du = HardTensor(type, geometry.output_shape, 4 * seed + 3, kind)};
}

inline TransposedData HardData(const compute::TransposedConvolutionGeometry& geometry, compute::DataType type,
                               uint64_t seed, int kind) {
  return {.x = HardTensor(type, geometry.input_shape(), 4 * seed, kind),
          .w = HardTensor(type, geometry.filter_shape(), 4 * seed + 1, kind),
          .b = HardTensor(type, compute::BiasShape(geometry), 4 * seed + 2, kind),
          .du = HardTensor(type, geometry.output_shape(), 4 * seed + 3, kind)};
}

// Both operators' calls under one name, for tests that are the same for both.
inline auto ForwardNumbers(const compute::ConvolutionGeometry& geometry, const ConvolutionData& data,
                           const std::optional<compute::Activation>& activation, const compute::NumericOptions& options,
                           const compute::ExecutionContext& context) {
  return compute::ConvolveNumbers(geometry, data.x.view(), data.w.view(), data.b.view(), activation, options, context);
}
inline auto ForwardNumbers(const compute::TransposedConvolutionGeometry& geometry, const TransposedData& data,
                           const std::optional<compute::Activation>& activation, const compute::NumericOptions& options,
                           const compute::ExecutionContext& context) {
  return compute::ConvolveTransposeNumbers(geometry, data.x.view(), data.w.view(), data.b.view(), activation, options,
                                           context);
}
inline auto BackwardNumbers(const compute::ConvolutionGeometry& geometry, const ConvolutionData& data,
                            const std::optional<compute::Activation>& activation,
                            const compute::ConvolutionGradients& wanted, const compute::NumericOptions& options,
                            const compute::ExecutionContext& context) {
  return compute::ConvolveBackwardNumbers(geometry, data.x.view(), data.w.view(), data.b.view(), activation,
                                          data.du.view(), wanted, options, context);
}
inline auto BackwardNumbers(const compute::TransposedConvolutionGeometry& geometry, const TransposedData& data,
                            const std::optional<compute::Activation>& activation,
                            const compute::ConvolutionGradients& wanted, const compute::NumericOptions& options,
                            const compute::ExecutionContext& context) {
  return compute::ConvolveTransposeBackwardNumbers(geometry, data.x.view(), data.w.view(), data.b.view(), activation,
                                                   data.du.view(), wanted, options, context);
}

// The convolution that a geometry is of, or the adjoint of.
inline const compute::ConvolutionGeometry& ConvolutionOf(const compute::ConvolutionGeometry& geometry) {
  return geometry;
}
inline const compute::ConvolutionGeometry& ConvolutionOf(const compute::TransposedConvolutionGeometry& geometry) {
  return geometry.convolution;
}

// The factors of the terms of one result each.
struct Factors {
  std::vector<double> a;
  std::vector<double> b;
};
struct AllFactors {
  std::vector<Factors> output;
  std::vector<Factors> input;
  std::vector<Factors> filter;
  std::vector<Factors> bias;
};
// By the products of a convolution; or, of its adjoint, by the same ones with input and output in each other's place.
// What is outside counts as 0 and gets nothing. `channels`: of each output element.
template <typename Data>
AllFactors CollectFactors(const Data& data, const std::vector<size_t>& channels, const reference::Products& products,
                          bool is_adjoint) {
  const std::vector<double> x = FloatingValues(data.x);
  const std::vector<double> w = FloatingValues(data.w);
  const std::vector<double> b = FloatingValues(data.b);
  const std::vector<double> dz = FloatingValues(data.du);
  AllFactors all{.output = std::vector<Factors>(dz.size()),
                 .input = std::vector<Factors>(x.size()),
                 .filter = std::vector<Factors>(w.size()),
                 .bias = std::vector<Factors>(b.size())};
  const auto add = [](Factors& factors, double left, double right) {
    factors.a.push_back(left);
    factors.b.push_back(right);
  };
  for (size_t i = 0; i < dz.size(); ++i) {
    add(all.output[i], b[channels[i]], 1);
    add(all.bias[channels[i]], dz[i], 1);
  }
  const auto at = [](const std::vector<double>& values, size_t i) { return i == reference::kOutside ? 0 : values[i]; };
  for (const reference::Product& product : products.all) {
    const size_t input = is_adjoint ? product.output : product.input;
    const size_t output = is_adjoint ? product.input : product.output;
    add(all.filter[product.filter], at(x, input), at(dz, output));
    if (output != reference::kOutside) add(all.output[output], at(x, input), w[product.filter]);
    if (input != reference::kOutside) add(all.input[input], at(dz, output), w[product.filter]);
  }
  return all;
}

// The channel of each element of a transposed convolution's output.
inline std::vector<size_t> ChannelsOf(const compute::TransposedConvolutionGeometry& geometry) {
  size_t run = 1;  // elements of one channel that follow each other
  for (int axis = geometry.input_layout().channel() + 1; axis < geometry.output_shape().rank(); ++axis) {
    run *= static_cast<size_t>(geometry.output_shape()[axis]);
  }
  std::vector<size_t> channels(static_cast<size_t>(compute::ElementCount(geometry.output_shape()).value_or(0)));
  for (size_t i = 0; i < channels.size(); ++i) {
    channels[i] = i / run % static_cast<size_t>(geometry.output_channels());
  }
  return channels;
}

inline AllFactors FactorsOf(const compute::ConvolutionGeometry& /*geometry*/, const reference::Products& products,
                            const ConvolutionData& data) {
  return CollectFactors(data, products.channels, products, false);
}
// With the products of the convolution that it is the adjoint of.
inline AllFactors FactorsOf(const compute::TransposedConvolutionGeometry& geometry, const reference::Products& products,
                            const TransposedData& data) {
  return CollectFactors(data, ChannelsOf(geometry), products, true);
}

// The catalogues' cases that are small enough for an oracle of many digits.
inline std::vector<ConvolutionCase> SmallCases(int64_t most_products) {
  std::vector<ConvolutionCase> small;
  for (const ConvolutionCase& each : ConvolutionCases()) {
    if (compute::ConvolutionCost(Resolve(each), compute::DataType::kFloat32, 1).multiplication_count <= most_products) {
      small.push_back(each);
    }
  }
  return small;
}
inline std::vector<TransposedCase> SmallTransposedCases(int64_t most_products) {
  std::vector<TransposedCase> small;
  for (const TransposedCase& each : TransposedCases()) {
    if (compute::TransposedConvolutionCost(Resolve(each), compute::DataType::kFloat32, 1).multiplication_count <=
        most_products) {
      small.push_back(each);
    }
  }
  return small;
}

}  // namespace tensord::test_support

#endif  // TENSORD_TESTS_COMPUTE_NUMERIC_CASES_H_
