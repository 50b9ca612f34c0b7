// What goes together and what does not; what it costs.
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "tensord/compute/floating_point_mode.h"
#include "tensord/compute/numeric.h"
#include "tests/compute/shape_catalogue.h"
#include "tests/support/matchers.h"

namespace tensord::compute {
namespace {

using test_support::StatusIs;

SerialExecutor serial;
const ExecutionContext kSerially{.executor = &serial};

class NumericTypesTest : public ::testing::Test {
 protected:
  // The result's type, or all violations as text.
  std::string Resolve(const NumericTypes& types, const NumericOptions& options = {},
                      const std::optional<Activation>& activation = std::nullopt) const {
    Violations violations;
    const auto type = ResolveConvolutionNumbers(geometry_, types, activation, options, NumericFields(), violations);
    EXPECT_EQ(type.has_value(), violations.empty());
    return type.has_value() ? std::string(Name(*type)) : std::string(violations.ToStatus().message());
  }
  static std::string ResolvePooling(PoolingKind kind, DataType input, const NumericOptions& options = {}) {
    Violations violations;
    PoolingConventions conventions{.input_layout = "W", .window = {2}, .strides = {2}};
    if (kind == PoolingKind::kSubsample) conventions.window = {};
    const auto geometry = compute::ResolvePooling(kind, conventions, Profile::kNone, {4}, {}, {}, violations);
    const auto type = ResolvePoolingNumbers(geometry.value(), input, options, NumericFields(), violations);
    return type.has_value() ? std::string(Name(*type)) : std::string(violations.ToStatus().message());
  }

  // GCC 12 warns of these as temporaries within temporaries.
  static NumericOptions Requantizing(const Requantization& to) {
    NumericOptions options;
    options.requantization = to;
    return options;
  }
  static NumericOptions WithZeroPoints(const ZeroPoints& zero_points) {
    NumericOptions options;
    options.zero_points = zero_points;
    return options;
  }

  const ConvolutionGeometry geometry_ = test_support::Resolve({"types", {5, 6, 3}, {2, 2, 3, 4}, {}});
};

TEST_F(NumericTypesTest, TheResultsTypeFollowsFromTheInput) {
  for (const DataType type : {DataType::kFloat16, DataType::kBfloat16, DataType::kFloat32, DataType::kFloat64,
                              DataType::kInt32, DataType::kInt64}) {
    EXPECT_EQ(Resolve({.input = type, .filter = type, .bias = type}), Name(type));
  }
  for (const DataType input : {DataType::kInt8, DataType::kUint8}) {
    for (const DataType filter : {DataType::kInt8, DataType::kUint8}) {
      EXPECT_EQ(Resolve({input, filter, DataType::kInt32}), "int32");
      EXPECT_EQ(Resolve({input, filter, DataType::kInt64}, {.output_type = DataType::kInt64}), "int64");
      EXPECT_EQ(Resolve({input, filter, DataType::kInt32},
                        Requantizing({.filter_scales = {1}, .output_type = DataType::kInt8})),
                "int8");
    }
  }
  EXPECT_EQ(Resolve({DataType::kInt32, DataType::kInt32}, {.output_type = DataType::kInt64}), "int64");
}

TEST_F(NumericTypesTest, TypesThatDifferAreRefused) {
  EXPECT_EQ(Resolve({DataType::kFloat32, DataType::kFloat64, DataType::kFloat16}),
            "filter.data_type: was float64, has to be float32; bias.data_type: was float16, has to be float32");
  EXPECT_EQ(Resolve({DataType::kInt8, DataType::kInt32}),
            "filter.data_type: was int32, has to be int8 or uint8, as the input is int8");
  EXPECT_EQ(Resolve({DataType::kFloat32, DataType::kFloat32}, {.output_type = DataType::kFloat64}),
            "output_type: was float64, has to be float32");
  // What the bias has to be does not follow from a type that cannot be.
  EXPECT_EQ(Resolve({DataType::kFloat32, DataType::kFloat32, DataType::kFloat32}, {.output_type = DataType::kFloat64}),
            "output_type: was float64, has to be float32");
  EXPECT_EQ(Resolve({DataType::kInt8, DataType::kInt8, DataType::kInt32}, {.output_type = DataType::kInt8}),
            "output_type: was int8, has to be int32 or int64");
  EXPECT_EQ(Resolve({DataType::kUint8, DataType::kInt8}, {.output_type = DataType::kFloat32}),
            "output_type: was float32, has to be int32 or int64");
  EXPECT_EQ(Resolve({DataType::kInt64, DataType::kInt64}, {.output_type = DataType::kInt32}),
            "output_type: was int32, has to be int64");
}

TEST_F(NumericTypesTest, ZeroPointsAndScalesAreChecked) {
  EXPECT_EQ(Resolve({DataType::kUint8, DataType::kInt8}, WithZeroPoints({.input = -1, .filter = {127, 128, 0}})),
            "quantization.input_zero_point: was -1, has to be 0..255, as uint8; quantization.filter_zero_points: had 3 "
            "entries, has to have 1 or one per output channel, 4; quantization.filter_zero_points[1]: was 128, has to "
            "be -128..127, as int8");
  EXPECT_EQ(Resolve({DataType::kFloat32, DataType::kFloat32}, WithZeroPoints({.input = 1})),
            "quantization.input_zero_point: was set, has to be unset for an input of float32: only int8 and uint8 have "
            "zero points");
  EXPECT_EQ(Resolve({DataType::kInt32, DataType::kInt32}, WithZeroPoints({.filter = {0}})),
            "quantization.filter_zero_points: was set, has to be unset for an input of int32: only int8 and uint8 have "
            "zero points");
  const Requantization bad{.input_scale = 0,
                           .filter_scales = {1, -1, 1, INFINITY},
                           .output_scale = NAN,
                           .output_zero_point = 256,
                           .output_type = DataType::kUint8};
  EXPECT_EQ(Resolve({DataType::kInt8, DataType::kInt8, DataType::kInt64}, Requantizing(bad)),
            "quantization.output_zero_point: was 256, has to be 0..255, as uint8; quantization.input_scale: was 0, has "
            "to be positive and finite; quantization.output_scale: was nan, has to be positive and finite; "
            "quantization.filter_scales[1]: was -1, has to be positive and finite; quantization.filter_scales[3]: was "
            "inf, has to be positive and finite; bias.data_type: was int64, has to be int32");
  NumericOptions bounded = Requantizing({});
  bounded.error_bounds = true;
  EXPECT_EQ(Resolve({DataType::kInt8, DataType::kInt8}, bounded),
            "quantization.filter_scales: had no entries, has to have 1 or 4; return_error_bounds: was set, has to be "
            "unset with a requantisation, which rounds by design");
  EXPECT_EQ(Resolve({DataType::kInt32, DataType::kInt32}, Requantizing({.filter_scales = {1}})),
            "quantization: was set, has to be unset for an input of int32");
  EXPECT_EQ(Resolve({DataType::kInt8, DataType::kInt8},
                    Requantizing({.filter_scales = {1}, .output_type = DataType::kInt32})),
            "output_type: was int32, has to be int8 or uint8 beside scales");
}

TEST_F(NumericTypesTest, ADenormalScaleIsOneInAnyMode) {
  const Requantization small{.input_scale = 1e-40F, .filter_scales = {1e-45F}, .output_type = DataType::kInt8};
  const ScopedFloatingPointMode mode(FloatingPointMode::Current().Flushing());
  EXPECT_EQ(Resolve({DataType::kInt8, DataType::kInt8}, Requantizing(small)), "int8");
}

TEST_F(NumericTypesTest, ListsHaveAnyLengthWhereTheChannelsAreNotKnown) {
  Violations violations;
  const NumericOptions options = WithZeroPoints({.filter = {1, 2, 128}});
  EXPECT_FALSE(ResolveConvolutionNumbers(kUnknownSize, {DataType::kInt8, DataType::kInt8}, std::nullopt, options,
                                         NumericFields(), violations)
                   .has_value());
  EXPECT_EQ(violations.ToStatus().message(),
            "quantization.filter_zero_points[2]: was 128, has to be -128..127, as int8");
}

TEST_F(NumericTypesTest, ActivationsHaveToSuitTheNumbers) {
  const NumericTypes floats{DataType::kFloat32, DataType::kFloat32};
  const Activation tanh{.kind = ActivationKind::kTanh};
  const Activation hard{.kind = ActivationKind::kHardSigmoid, .slope = 0.2, .offset = 0.5};
  EXPECT_EQ(Resolve(floats, {}, tanh), "float32");
  EXPECT_EQ(Resolve(floats, {.accumulation = Accumulation::kFaithful}, tanh), "float32");
  EXPECT_EQ(Resolve(floats, {.accumulation = Accumulation::kExact}, hard), "float32");
  EXPECT_EQ(Resolve(floats, {.accumulation = Accumulation::kExact}, tanh),
            "activation: was tanh, has to be piecewise linear with EXACT accumulation: identity, relu, leaky_relu or "
            "hard_sigmoid");
  EXPECT_EQ(Resolve(floats, {.error_bounds = true}, hard),
            "activation: was hard_sigmoid, has to be identity, relu or leaky_relu with error bounds");
  EXPECT_EQ(Resolve({DataType::kInt8, DataType::kInt8}, {}, Activation{.kind = ActivationKind::kRelu}),
            "activation: was relu, has to be unset for an input of int8");
}

TEST_F(NumericTypesTest, GradientsAreOfFloatingTypes) {
  const auto check = [](const NumericTypes& types, const NumericOptions& options,
                        const std::optional<Activation>& activation) {
    Violations violations;
    CheckConvolutionGradientNumbers(types, activation, options, NumericFields(), violations);
    return std::string(violations.ToStatus().message());
  };
  const NumericTypes halves{DataType::kFloat16, DataType::kFloat16};
  EXPECT_EQ(check(halves, {.accumulation = Accumulation::kExact}, Activation{.kind = ActivationKind::kRelu}), "");
  EXPECT_EQ(check({DataType::kInt8, DataType::kInt8}, {}, std::nullopt),
            "input.data_type: was int8, has to be a floating type");
  EXPECT_EQ(check(halves, {.error_bounds = true}, Activation{.kind = ActivationKind::kRelu}),
            "return_error_bounds: was set, has to be unset with the activation relu: where its derivative jumps no "
            "bound holds");
  EXPECT_EQ(check(halves, {.accumulation = Accumulation::kExact}, Activation{.kind = ActivationKind::kGelu}),
            "activation: was gelu, has to be piecewise linear with EXACT accumulation: identity, relu, leaky_relu or "
            "hard_sigmoid");
}

TEST_F(NumericTypesTest, AveragesOfIntegersNeedAFloatingType) {
  for (const DataType type : kAllDataTypes) EXPECT_EQ(ResolvePooling(PoolingKind::kMax, type), Name(type));
  EXPECT_EQ(ResolvePooling(PoolingKind::kAverage, DataType::kBfloat16), "bfloat16");
  EXPECT_EQ(ResolvePooling(PoolingKind::kAverage, DataType::kInt8, {.output_type = DataType::kFloat16}), "float16");
  EXPECT_EQ(ResolvePooling(PoolingKind::kAverage, DataType::kInt8),
            "output_type: was not given, has to be a floating type for averages of int8");
  EXPECT_EQ(ResolvePooling(PoolingKind::kAverage, DataType::kInt8, {.output_type = DataType::kInt8}),
            "output_type: was int8, has to be a floating type for averages");
  EXPECT_EQ(ResolvePooling(PoolingKind::kMax, DataType::kInt8, {.output_type = DataType::kFloat32}),
            "output_type: was float32, has to be int8");
  EXPECT_EQ(ResolvePooling(PoolingKind::kMax, DataType::kInt8, WithZeroPoints({.input = 1})),
            "quantization: was set, has to be unset for pooling");
}

TEST_F(NumericTypesTest, TheEntriesRefuseWhatDoesNotGoTogether) {
  const Tensor x = test_support::IntegerTensor(DataType::kInt8, {5, 6, 3}, 1);
  const Tensor w = test_support::IntegerTensor(DataType::kInt8, {2, 2, 3, 4}, 2);
  const Tensor du = test_support::IntegerTensor(DataType::kInt8, {4, 5, 4}, 2);
  EXPECT_THAT(ConvolveNumbers(geometry_, x.view(), w.view(), TensorView(), std::nullopt,
                              {.output_type = DataType::kInt8}, kSerially),
              StatusIs(absl::StatusCode::kInvalidArgument, "output_type: was int8, has to be int32 or int64"));
  EXPECT_THAT(ConvolveNumbers(geometry_, w.view(), w.view(), TensorView(), std::nullopt, {}, kSerially),
              StatusIs(absl::StatusCode::kInvalidArgument, "x: had shape [2, 2, 3, 4], has to have [5, 6, 3]"));
  EXPECT_THAT(ConvolveNumbers(geometry_, x.view(), w.view(), w.view(), std::nullopt, {}, kSerially),
              StatusIs(absl::StatusCode::kInvalidArgument, "b: was [2, 2, 3, 4], has to be [4]"));
  EXPECT_THAT(ConvolveBackwardNumbers(geometry_, x.view(), w.view(), TensorView(), std::nullopt, du.view(),
                                      {.input = true}, {}, kSerially),
              StatusIs(absl::StatusCode::kInvalidArgument, "input.data_type: was int8, has to be a floating type"));
}

TEST_F(NumericTypesTest, CostsAreForeseenAndSaturate) {
  const NumericTypes halves{DataType::kFloat16, DataType::kFloat16};
  const int64_t products = 4 * 5 * 4 * 2 * 2 * 3;
  const Cost fast = ConvolveNumbersCost(geometry_, halves, DataType::kFloat16, {}, 1);
  EXPECT_EQ(fast.result_bytes, 2 * 80);
  EXPECT_EQ(fast.multiplication_count, products);
  EXPECT_GE(fast.scratch_bytes, 4 * (5 * 6 * 3 + 2 * 2 * 3 * 4 + 80));
  const Cost exact =
      ConvolveNumbersCost(geometry_, halves, DataType::kFloat16, {.accumulation = Accumulation::kExact}, 1);
  EXPECT_EQ(exact.multiplication_count, products * kExactWork);
  const Cost bounded = ConvolveNumbersCost(geometry_, halves, DataType::kFloat16, {.error_bounds = true}, 1);
  EXPECT_EQ(bounded.result_bytes, (2 + 8 + 8) * 80);
  EXPECT_EQ(bounded.multiplication_count, 7 * products);
  const Cost integers = ConvolveNumbersCost(geometry_, {DataType::kInt8, DataType::kInt8}, DataType::kInt32, {}, 1);
  EXPECT_EQ(integers.result_bytes, 4 * 80);
  EXPECT_EQ(integers.multiplication_count, products * kIntegerWork);
  const ConvolutionGeometry huge =
      test_support::Resolve({"huge", {1, 1}, {1, 1}, {.padding = {.begin = {(int64_t{1} << 30) - 1}}}});
  EXPECT_EQ(ConvolveNumbersCost(huge, halves, DataType::kFloat16,
                                {.accumulation = Accumulation::kExact, .error_bounds = true}, 8)
                .multiplication_count,
            kSaturatedCost);
}

}  // namespace
}  // namespace tensord::compute
