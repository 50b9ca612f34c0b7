#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tensord/analysis/layer.h"
#include "tests/analysis/layer_checks.h"

namespace tensord::analysis {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<std::string> Refusals(const ConvolutionLayer& layer) {
  compute::Violations violations;
  const auto result =
      AnalyzeConvolution(layer, compute::Profile::kNone, compute::DataType::kFloat32, "convolution", violations);
  EXPECT_FALSE(result.has_value());
  return Lines(violations);
}

std::vector<std::string> Refusals(const PoolingLayer& layer) {
  compute::Violations violations;
  const auto result =
      AnalyzePooling(layer, compute::Profile::kNone, compute::DataType::kFloat32, "pooling", violations);
  EXPECT_FALSE(result.has_value());
  return Lines(violations);
}

ConvolutionLayer Convolution() { return {.input_shape = {48, 64, 10}, .filter_shape = {3, 3, 10, 20}}; }

PoolingLayer Pooling() {
  PoolingLayer layer{
      .kind = compute::PoolingKind::kMax, .input_shape = {"N", 64, 10}, .conventions = {}, .symbolic_strides = {}};
  layer.conventions.window = {2};
  return layer;
}

TEST(LayerViolationsTest, NumbersThatWouldPassForSymbolsAreRefused) {
  ConvolutionLayer layer = Convolution();
  layer.input_shape[0] = -1;
  layer.filter_shape[3] = -1;
  layer.conventions.strides = {-1};
  layer.conventions.padding.begin = {0, -1};
  layer.conventions.padding.end = {-1, 0};
  layer.conventions.dilations = {-1};
  layer.conventions.groups = -1;
  EXPECT_THAT(Refusals(layer),
              ::testing::UnorderedElementsAre(StartsWith("convolution.input_shape[0]: was -1, has to be 1.."),
                                              StartsWith("convolution.filter_shape[3]: was -1, has to be 1.."),
                                              StartsWith("convolution.conventions.strides[0]: was -1, has to be 1.."),
                                              StartsWith("convolution.conventions.padding.begin[1]: was -1"),
                                              StartsWith("convolution.conventions.padding.end[0]: was -1"),
                                              StartsWith("convolution.conventions.dilations[0]: was -1"),
                                              StartsWith("convolution.conventions.groups: was -1")));
  PoolingLayer pooling = Pooling();
  pooling.conventions.window = {2, -1};
  EXPECT_THAT(Refusals(pooling), ElementsAre(StartsWith("pooling.conventions.window[1]: was -1, has to be 1..")));
}

TEST(LayerViolationsTest, SizesBelowOneAreRefused) {
  ConvolutionLayer layer = Convolution();
  layer.input_shape[1] = 0;
  layer.filter_shape[0] = -5;
  EXPECT_THAT(Refusals(layer),
              ::testing::UnorderedElementsAre(StartsWith("convolution.input_shape[1]: was 0, has to be 1.."),
                                              StartsWith("convolution.filter_shape[0]: was -5, has to be 1..")));
}

TEST(LayerViolationsTest, BadSymbolsAreRefused) {
  ConvolutionLayer layer = Convolution();
  layer.input_shape[0] = "2N";
  layer.input_shape[1] = "";
  layer.filter_shape[0] = std::string(33, 'x');
  layer.symbolic_strides = {"s", "\x01"};
  EXPECT_THAT(Refusals(layer), ElementsAre(StartsWith("convolution.input_shape[0]: was '2N', has to be"),
                                           StartsWith("convolution.input_shape[1]: was not given, has to be"),
                                           StartsWith("convolution.filter_shape[0]: was 'xxx"),
                                           StartsWith("convolution.symbolic_strides[1]: was '\\x01'")));
}

TEST(LayerViolationsTest, SymbolicStridesAreCheckedUnderTheirOwnName) {
  ConvolutionLayer layer = Convolution();
  layer.symbolic_strides = {"s", 0};
  EXPECT_THAT(Refusals(layer), ElementsAre(StartsWith("convolution.symbolic_strides[1]: was 0, has to be 1..")));
  layer.symbolic_strides = {"s", "s", "s"};
  EXPECT_THAT(Refusals(layer), ElementsAre(StartsWith("convolution.symbolic_strides: had 3 entries")));
  layer.symbolic_strides = {"s"};
  layer.conventions.strides = {2};
  EXPECT_THAT(Refusals(layer), ElementsAre("convolution.symbolic_strides: was given beside "
                                           "convolution.conventions.strides, has to be left out"));
  PoolingLayer pooling = Pooling();
  pooling.symbolic_strides = {-1};
  EXPECT_THAT(Refusals(pooling), ElementsAre(StartsWith("pooling.symbolic_strides[0]: was -1")));
}

TEST(LayerViolationsTest, ChannelsThatCannotFitAreRefused) {
  ConvolutionLayer layer = Convolution();
  layer.filter_shape[2] = 9;
  EXPECT_THAT(Refusals(layer), ElementsAre(StartsWith("convolution.filter_shape[2]: was 9 input channels")));
  layer = Convolution();
  layer.input_shape[2] = "C";
  layer.filter_shape[2] = "C";
  layer.conventions.groups = 2;
  EXPECT_THAT(Refusals(layer), ElementsAre(AllOf(StartsWith("convolution.filter_shape[2]: "),
                                                 HasSubstr("which no positive sizes satisfy"))));
}

TEST(LayerViolationsTest, WindowsThatCannotFitAreRefused) {
  ConvolutionLayer layer = Convolution();
  layer.filter_shape[0] = 49;
  EXPECT_THAT(Refusals(layer), ElementsAre(StartsWith("convolution.filter_shape[0]: was 49")));
  // Its extent is beyond every input, whatever N is.
  layer = {.input_shape = {"N"}, .filter_shape = {4}};
  layer.conventions.dilations = {std::numeric_limits<int64_t>::max()};
  EXPECT_THAT(Refusals(layer), ElementsAre(StartsWith("convolution.filter_shape[0]: was 4")));
}

TEST(LayerViolationsTest, PoolingWindowsOfPaddingAloneAreRefusedWhateverTheSymbol) {
  PoolingLayer layer = Pooling();
  layer.input_shape = {"N"};
  layer.conventions.padding.begin = {2};
  layer.conventions.padding.end = {0};
  EXPECT_THAT(Refusals(layer),
              ElementsAre(StartsWith("pooling.conventions.padding: leaves window 0 of axis W without any element")));
}

TEST(LayerViolationsTest, CountsBeyond128BitsAreRefusedByName) {
  const int64_t huge = std::numeric_limits<int64_t>::max();
  const std::vector<std::string> lines = Refusals(
      ConvolutionLayer{.input_shape = {"N", huge, huge, huge}, .filter_shape = {1, 1, huge, huge}, .bias = false});
  EXPECT_THAT(lines, ::testing::Contains(HasSubstr("multiplication_count does not fit into 128 bits")));
  EXPECT_THAT(lines, ::testing::Contains(HasSubstr("byte_count.input does not fit into 128 bits")));
  EXPECT_THAT(lines, ::testing::Each(StartsWith("convolution: its ")));
}

TEST(LayerViolationsTest, AllViolationsAreCountedAlsoThoseNotKept) {
  ConvolutionLayer layer = Convolution();
  layer.input_shape = std::vector<Dimension>(30, int64_t{0});
  compute::Violations violations;
  EXPECT_FALSE(
      AnalyzeConvolution(layer, compute::Profile::kNone, compute::DataType::kFloat32, "convolution", violations)
          .has_value());
  EXPECT_EQ(violations.kept().size(), compute::Violations::kMaxKept);
  EXPECT_EQ(violations.total(), 31);
  for (const compute::Violation& violation : violations.kept()) EXPECT_NE(violation.field, "");
}

}  // namespace
}  // namespace tensord::analysis
