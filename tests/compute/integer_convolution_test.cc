// Convolutions of integers against loops in 128 bits, and quantised ones against MPFR.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "compute/src/internal/requantize.h"
#include "tensord/compute/numeric.h"
#include "tensord/compute/thread_pool.h"
#include "tests/compute/numeric_cases.h"
#include "tests/support/comparer.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::IsOk;
using test_support::Random;
using test_support::StatusIs;

SerialExecutor serial;
const ExecutionContext kSerially{.executor = &serial};
const TensorView kNoBias;

// Calls use(T{}) with the C++ type of an integer type.
template <typename Use>
void WithInteger(DataType type, Use&& use) {
  switch (type) {
    case DataType::kInt8:
      return use(int8_t{});
    case DataType::kUint8:
      return use(uint8_t{});
    case DataType::kInt32:
      return use(int32_t{});
    default:
      return use(int64_t{});
  }
}

// Any integers of the type, cut down to `bits` bits.
Tensor AnyIntegers(DataType type, const Shape& shape, uint64_t seed, int bits) {
  Random random(seed);
  auto tensor = Tensor::Allocate(type, shape);
  EXPECT_THAT(tensor, IsOk());
  WithInteger(type, [&](auto zero) {
    using T = decltype(zero);
    const int drop = 64 - std::min<int>(bits, sizeof(T) * 8);
    for (int64_t i = 0; i < tensor->element_count(); ++i) {
      const bool is_signed = std::numeric_limits<T>::is_signed;
      const uint64_t any = random.Bits();
      tensor->As<T>()[i] = is_signed ? static_cast<T>(static_cast<int64_t>(any) >> drop) : static_cast<T>(any >> drop);
    }
  });
  return *std::move(tensor);
}

std::vector<Int128> Values(const Tensor& tensor) {
  std::vector<Int128> values;
  WithInteger(tensor.type(), [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < tensor.element_count(); ++i) values.push_back(tensor.As<T>()[i]);
  });
  return values;
}

// The sums, in 128 bits; of an adjoint, of which `channels` are its output's, as CollectFactors does it.
std::vector<Int128> Sums(const std::vector<size_t>& channels, const reference::Products& products, bool is_adjoint,
                         const Tensor& x, const Tensor& w, const Tensor& b, const ZeroPoints& zero_points) {
  const std::vector<Int128> inputs = Values(x);
  const std::vector<Int128> weights = Values(w);
  std::vector<Int128> sums(channels.size());
  if (b.data() != nullptr) {
    const std::vector<Int128> bias = Values(b);
    for (size_t i = 0; i < sums.size(); ++i) sums[i] = bias[channels[i]];
  }
  for (const reference::Product& product : products.all) {
    if (product.input == reference::kOutside) continue;
    const size_t input = is_adjoint ? product.output : product.input;
    const size_t output = is_adjoint ? product.input : product.output;
    Int128 filter_zero = 0;
    if (zero_points.filter.size() == 1) filter_zero = zero_points.filter[0];
    if (zero_points.filter.size() > 1) filter_zero = zero_points.filter[channels[output]];
    sums[output] += (inputs[input] - zero_points.input) * (weights[product.filter] - filter_zero);
  }
  return sums;
}
std::vector<Int128> Sums(const ConvolutionGeometry& geometry, const Tensor& x, const Tensor& w, const Tensor& b,
                         const ZeroPoints& zero_points) {
  const reference::Products products = reference::ProductsOf(geometry);
  return Sums(products.channels, products, false, x, w, b, zero_points);
}
std::vector<Int128> Sums(const TransposedConvolutionGeometry& geometry, const Tensor& x, const Tensor& w,
                         const Tensor& b, const ZeroPoints& zero_points) {
  return Sums(test_support::ChannelsOf(geometry), reference::ProductsOf(geometry.convolution), true, x, w, b,
              zero_points);
}

struct TypePair {
  DataType input;
  DataType filter;
  int bits;  // of the elements
};
constexpr TypePair kPairs[] = {
    {DataType::kInt8, DataType::kInt8, 8},   {DataType::kInt8, DataType::kUint8, 8},
    {DataType::kUint8, DataType::kInt8, 8},  {DataType::kUint8, DataType::kUint8, 8},
    {DataType::kInt32, DataType::kInt32, 9}, {DataType::kInt64, DataType::kInt64, 29},
};

// The calls and shapes of both operators under one name.
auto Forward(const ConvolutionGeometry& geometry, const Tensor& x, const Tensor& w, const Tensor& b,
             const NumericOptions& options, const ExecutionContext& context) {
  return ConvolveNumbers(geometry, x.view(), w.view(), b.view(), std::nullopt, options, context);
}
auto Forward(const TransposedConvolutionGeometry& geometry, const Tensor& x, const Tensor& w, const Tensor& b,
             const NumericOptions& options, const ExecutionContext& context) {
  return ConvolveTransposeNumbers(geometry, x.view(), w.view(), b.view(), std::nullopt, options, context);
}
struct Shapes {
  Shape input;
  Shape filter;
  int64_t output_channels;
};
Shapes ShapesOf(const ConvolutionGeometry& geometry) {
  return {.input = geometry.input_shape, .filter = geometry.filter_shape, .output_channels = geometry.output_channels};
}
Shapes ShapesOf(const TransposedConvolutionGeometry& geometry) {
  return {.input = geometry.input_shape(),
          .filter = geometry.filter_shape(),
          .output_channels = geometry.output_channels()};
}

template <typename Geometry>
void ExpectExact(const Geometry& geometry) {
  const Shapes shapes = ShapesOf(geometry);
  uint64_t seed = 1;
  for (const auto& [input, filter, bits] : kPairs) {
    for (const bool wide : {false, true}) {
      for (const int zeros : {0, 1, 2}) {
        if (zeros > 0 && !Is8Bit(input)) continue;
        SCOPED_TRACE(testing::Message() << Name(input) << " by " << Name(filter) << ", " << zeros << " zero points");
        NumericOptions options;
        if (wide) options.output_type = DataType::kInt64;
        const DataType type = wide || input == DataType::kInt64 ? DataType::kInt64 : DataType::kInt32;
        Random random(++seed);
        const auto zero_point = [&](DataType of) {
          return of == DataType::kInt8 ? random.Integer(-128, 127) : random.Integer(0, 255);
        };
        if (zeros > 0) options.zero_points.input = zero_point(input);
        for (int64_t i = 0; i < (zeros == 2 ? shapes.output_channels : zeros); ++i) {
          options.zero_points.filter.push_back(zero_point(filter));
        }
        const Tensor x = AnyIntegers(input, shapes.input, ++seed, bits);
        const Tensor w = AnyIntegers(filter, shapes.filter, ++seed, bits);
        const Tensor b = AnyIntegers(type, BiasShape(geometry), ++seed, wide ? 40 : 20);
        ThreadPool pool(2, 0);
        const auto z = Forward(geometry, x, w, b, options, {.executor = &pool});
        ASSERT_THAT(z, IsOk());
        EXPECT_EQ(z->output.type(), type);
        EXPECT_TRUE(Values(z->output) == Sums(geometry, x, w, b, options.zero_points));
      }
    }
  }
}

class IntegerConvolutionTest : public ::testing::TestWithParam<test_support::ConvolutionCase> {};
TEST_P(IntegerConvolutionTest, IsExact) { ExpectExact(test_support::Resolve(GetParam())); }
INSTANTIATE_TEST_SUITE_P(Catalogue, IntegerConvolutionTest, ::testing::ValuesIn(test_support::SmallCases(20000)),
                         [](const auto& each) { return each.param.name; });

class IntegerTransposedTest : public ::testing::TestWithParam<test_support::TransposedCase> {};
TEST_P(IntegerTransposedTest, IsExact) { ExpectExact(test_support::Resolve(GetParam())); }
INSTANTIATE_TEST_SUITE_P(Catalogue, IntegerTransposedTest,
                         ::testing::ValuesIn(test_support::SmallTransposedCases(20000)),
                         [](const auto& each) { return each.param.name; });

// A convolution of two elements each, whose sums may be large.
class IntegerOverflowTest : public ::testing::Test {
 protected:
  template <typename T>
  static Tensor Make(const Shape& shape, const std::vector<T>& values) {
    auto tensor = Tensor::Allocate(kDataTypeOf<T>, shape);
    EXPECT_THAT(tensor, IsOk());
    std::memcpy(tensor->data(), values.data(), values.size() * sizeof(T));
    return *std::move(tensor);
  }
  absl::StatusOr<Numbers> Run(const Tensor& x, const Tensor& w, const NumericOptions& options = {}) const {
    return ConvolveNumbers(geometry_, x.view(), w.view(), kNoBias, std::nullopt, options, kSerially);
  }

  const ConvolutionGeometry geometry_ =
      test_support::Resolve(test_support::ConvolutionCase{"overflow", {2, 3}, {1, 2}, {}});
};

TEST_F(IntegerOverflowTest, OfInt32NamesTheFirstElement) {
  constexpr int32_t kMost = std::numeric_limits<int32_t>::max();
  // Row-major: 2147483647, 2147483648, then -2147483648 and -2147483649.
  const Tensor x = Make<int32_t>({2, 3}, {0, kMost, 1, 0, -kMost - 1, -1});
  const Tensor w = Make<int32_t>({1, 2}, {1, 1});
  EXPECT_THAT(Run(x, w), StatusIs(absl::StatusCode::kInvalidArgument,
                                  "output[0, 1]: was beyond int32, has to fit into it; output_type int64 holds more"));
  const auto wide = Run(x, w, {.output_type = DataType::kInt64});
  ASSERT_THAT(wide, IsOk());
  EXPECT_EQ(wide->output.As<int64_t>()[1], 2147483648);
  EXPECT_EQ(wide->output.As<int64_t>()[3], -2147483649);
  const Tensor fits = Make<int32_t>({2, 3}, {0, kMost, 0, 0, -kMost - 1, 0});
  ASSERT_THAT(Run(fits, w), IsOk());
  EXPECT_EQ(Run(fits, w)->output.As<int32_t>()[2], -kMost - 1);
}

TEST(IntegerTransposedEdgeTest, GapsHoldTheBiasAndTheFirstOverflowIsNamed) {
  // Stride 3 leaves gaps: 7 at 0, bias at 1 and 2, then 14.
  const TransposedConvolutionGeometry geometry = test_support::Resolve(
      test_support::TransposedCase{"gaps", {1, 2, 1}, {1, 1, 1}, {.convolution = {.strides = {3}}}});
  auto x = Tensor::Zeros(DataType::kUint8, {1, 2, 1});
  auto w = Tensor::Zeros(DataType::kInt8, {1, 1, 1});
  auto b = Tensor::Zeros(DataType::kInt32, {1});
  x->As<uint8_t>()[0] = 1;
  x->As<uint8_t>()[1] = 2;
  w->As<int8_t>()[0] = 7;
  b->As<int32_t>()[0] = 100;
  const auto z = Forward(geometry, *x, *w, *b, NumericOptions(), kSerially);
  ASSERT_THAT(z, IsOk());
  EXPECT_EQ(Values(z->output), (std::vector<Int128>{107, 100, 100, 114}));
  // Requantised: (sum + bias) / 2, plus 1; half to even.
  NumericOptions requantized;
  requantized.requantization =
      Requantization{.input_scale = 1, .filter_scales = {1}, .output_scale = 2, .output_zero_point = 1};
  const auto q = Forward(geometry, *x, *w, *b, requantized, kSerially);
  ASSERT_THAT(q, IsOk());
  EXPECT_EQ(Values(q->output), (std::vector<Int128>{55, 51, 51, 58}));
  b->As<int32_t>()[0] = std::numeric_limits<int32_t>::max() - 8;
  EXPECT_THAT(Forward(geometry, *x, *w, *b, NumericOptions(), kSerially),
              StatusIs(absl::StatusCode::kInvalidArgument, "output[0, 3, 0]: was beyond int32"));
}

TEST_F(IntegerOverflowTest, OfInt64IsFoundBeyond128BitsToo) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  const Tensor w = Make<int64_t>({1, 2}, {kLeast, kLeast});
  // Sums of 2 * 2^126 = 2^127, which 128 bits do not hold.
  EXPECT_THAT(Run(Make<int64_t>({2, 3}, {0, 1, 0, kLeast, kLeast, kLeast}), w),
              StatusIs(absl::StatusCode::kInvalidArgument, "output[1, 0]: was beyond int64"));
  // Large products that cancel, to the very ends of the type.
  const Tensor one = Make<int64_t>({1, 2}, {kLeast, 1});
  const auto z = Run(Make<int64_t>({2, 3}, {1, 0, kLeast, -1, -1, -1}), one);
  ASSERT_THAT(z, IsOk());
  EXPECT_EQ(z->output.As<int64_t>()[0], kLeast);
  EXPECT_EQ(z->output.As<int64_t>()[1], kLeast);
  EXPECT_EQ(z->output.As<int64_t>()[2], std::numeric_limits<int64_t>::max());
  EXPECT_EQ(z->output.As<int64_t>()[3], std::numeric_limits<int64_t>::max());
}

TEST_F(IntegerOverflowTest, ErrorBoundsOfIntegersAreZero) {
  const auto z = Run(Make<int32_t>({2, 3}, {1, 2, 3, 4, 5, 6}), Make<int32_t>({1, 2}, {1, 1}), {.error_bounds = true});
  ASSERT_THAT(z, IsOk());
  EXPECT_TRUE(test_support::Equals(z->bounds->computed.view(), {2, 2}, {0, 0, 0, 0}));
  EXPECT_TRUE(test_support::Equals(z->bounds->any_order.view(), {2, 2}, {0, 0, 0, 0}));
}

TEST(RoundScaledTest, IsTheNearestIntegerToTheExactValue) {
  Random random(9);
  const auto scale = [&](int spread) {
    return static_cast<float>(std::ldexp(random.Real(0.5, 1), static_cast<int>(random.Integer(-spread, spread))));
  };
  int ties = 0;
  for (int i = 0; i < 200000; ++i) {
    const auto sum = static_cast<int64_t>(random.Bits()) >> random.Integer(12, 62);
    float a = scale(i % 2 == 0 ? 10 : 148);
    float b = scale(i % 2 == 0 ? 10 : 148);
    float c = scale(i % 2 == 0 ? 10 : 148);
    if (i % 3 == 0) {
      // Powers of two: ties are frequent.
      a = std::exp2(std::floor(std::log2(a)));
      b = 1 / a * 0.5F;
      c = 1;
    }
    if (!(a > 0 && b > 0 && c > 0) || !std::isfinite(a) || !std::isfinite(b) || !std::isfinite(c)) continue;
    const double expected = reference::ExactScaledInteger(static_cast<double>(sum), a, b, c);
    const int64_t got = internal::RoundScaled(sum, a, b, c);
    if (std::abs(expected) > 65536) {
      ASSERT_GT(std::abs(got), 65536) << sum << " " << a << " " << b << " " << c;
      ASSERT_EQ(got > 0, expected > 0);
      continue;
    }
    ASSERT_EQ(static_cast<double>(got), expected) << sum << " * " << a << " * " << b << " / " << c;
    if (i % 3 == 0 && sum % 2 != 0) ++ties;
  }
  EXPECT_GT(ties, 1000);
}

TEST(QuantisedConvolutionTest, RoundsAndSaturatesTheExactSums) {
  const ConvolutionGeometry geometry = test_support::Resolve(
      test_support::ConvolutionCase{"quantised", {2, 6, 5, 4}, {3, 2, 4, 3}, {.padding = {.begin = {1}}}});
  Random random(4);
  int saturated = 0;
  int inside = 0;
  for (const DataType filter_type : {DataType::kInt8, DataType::kUint8}) {
    for (const DataType type : {DataType::kInt8, DataType::kUint8}) {
      for (const bool per_channel : {false, true}) {
        Requantization to{.input_scale = 0.02F, .output_scale = 1.7F, .output_zero_point = 3, .output_type = type};
        NumericOptions options;
        options.zero_points.input = 128;
        for (int64_t i = 0; i < (per_channel ? 3 : 1); ++i) {
          to.filter_scales.push_back(static_cast<float>(random.Real(0.01, 0.3)));
          options.zero_points.filter.push_back(random.Integer(0, 100));
        }
        options.requantization = to;
        const Tensor x = AnyIntegers(DataType::kUint8, geometry.input_shape, random.Bits(), 8);
        const Tensor w = AnyIntegers(filter_type, geometry.filter_shape, random.Bits(), 8);
        const Tensor b = AnyIntegers(DataType::kInt32, {3}, random.Bits(), 18);
        const auto y = ConvolveNumbers(geometry, x.view(), w.view(), b.view(), std::nullopt, options, kSerially);
        ASSERT_THAT(y, IsOk());
        ASSERT_EQ(y->output.type(), type);
        const std::vector<Int128> sums = Sums(geometry, x, w, b, options.zero_points);
        const std::vector<Int128> got = Values(y->output);
        const double low = type == DataType::kInt8 ? -128 : 0;
        for (size_t i = 0; i < sums.size(); ++i) {
          // NHWC: the channel is the last axis.
          const float scale = to.filter_scales[per_channel ? i % 3 : 0];
          const double real =
              reference::ExactScaledInteger(static_cast<double>(sums[i]), to.input_scale, scale, to.output_scale);
          const double expected = std::clamp(real + 3, low, low + 255);
          ASSERT_EQ(static_cast<double>(got[i]), expected);
          ++(expected == real + 3 ? inside : saturated);
        }
      }
    }
  }
  EXPECT_GT(inside, 100);
  EXPECT_GT(saturated, 100);
}

}  // namespace
}  // namespace tensord::compute
