// Conventions, rooflines, and the sums over layers.
#include "tensord/analysis/cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/analysis/model/costs.h"
#include "tests/support/matchers.h"

namespace tensord::analysis::model {
namespace {

using test_support::StatusIs;
using ::testing::IsEmpty;

OperationCounts Example() {
  OperationCounts counts;
  counts.macs = Expression::Symbol("N") * 1000;
  counts.macs_by_output = Expression::Symbol("N") * 4000;
  counts.padding_macs = Expression::Symbol("N") * 30;
  counts.bias_additions = Expression::Symbol("N") * 7;
  return counts;
}

std::string By(bool bias, bool skip, bool by_output) {
  const ConventionCount count =
      CountBy(Example(), {.bias = bias, .skip_padding = skip, .transposed_by_output = by_output});
  return Text(count.macs) + " " + Text(count.flops);
}

TEST(ConventionTest, AllEight) {
  EXPECT_EQ(By(false, false, false), "N*1000 N*2000");
  EXPECT_EQ(By(true, false, false), "N*1007 N*2007");
  EXPECT_EQ(By(false, true, false), "N*970 N*1940");
  EXPECT_EQ(By(true, true, false), "N*977 N*1947");
  EXPECT_EQ(By(false, false, true), "N*4000 N*8000");
  EXPECT_EQ(By(true, false, true), "N*4007 N*8007");
  EXPECT_EQ(By(false, true, true), "N*3970 N*7940");
  EXPECT_EQ(By(true, true, true), "N*3977 N*7947");
  std::set<std::tuple<bool, bool, bool>> all;
  for (const CostConvention& convention : AllConventions()) {
    all.emplace(convention.bias, convention.skip_padding, convention.transposed_by_output);
  }
  EXPECT_EQ(all.size(), 8U);
  EXPECT_EQ(AllConventions()[0], CostConvention());
}

TEST(ConventionTest, PaddingThatIsNotKnownCannotBeSkipped) {
  OperationCounts counts = Example();
  counts.padding_macs.reset();
  EXPECT_FALSE(CountBy(counts, {.skip_padding = true}).macs.has_value());
  EXPECT_FALSE(CountBy(counts, {.skip_padding = true}).flops.has_value());
  EXPECT_TRUE(CountBy(counts, {.bias = true}).macs.has_value());
}

// x [1,1,4] with a margin of 1, w of 3 taps and a bias: 4 positions of 3 taps, of which 2 read the margin; then a
// transposed convolution of stride 2 and 2 taps to 8 positions.
SmallGraph TwoConvolutions() {
  SmallGraph graph;
  graph.Input("x", {1, 1, 4}).Weights("w", {1, 1, 3}).Weights("b", {1}).Weights("t", {1, 1, 2});
  graph.Node("Conv", {"x", "w", "b"}, {"c"}, {{"pads", Ints({1, 1})}});
  graph.Node("ConvTranspose", {"c", "t"}, {"y"}, {{"strides", Ints({2})}});
  return graph;
}

TEST(ConventionTest, OfLayersAndOfAll) {
  const Costs costs = CostsOf(TwoConvolutions(), {"y"},
                              {.convention = {.bias = true, .skip_padding = true, .transposed_by_output = true}});
  ASSERT_EQ(costs.layers.size(), 2U);
  EXPECT_EQ(Text(costs.layers[0].convention->macs), "14");
  EXPECT_EQ(Text(costs.layers[0].convention->flops), "24");
  EXPECT_EQ(Text(costs.layers[1].convention->macs), "16");
  std::vector<std::string> totals;
  for (const ConventionCount& count : costs.total.conventions) totals.push_back(Text(count.macs));
  EXPECT_THAT(totals, testing::ElementsAre("20", "24", "18", "22", "28", "32", "26", "30"));
}

// 4*3 products and 4*2 + 4 sums of (4 + 3 + 1 + 4)*4 bytes.
TEST(RooflineTest, OperationsForEachByte) {
  const CostOptions options = {.machine = Machine{.flops_per_second = 10, .bytes_per_second = 20}};
  const Costs costs = CostsOf(TwoConvolutions(), {"y"}, options);
  const Roofline& roofline = *costs.layers[0].roofline;
  EXPECT_DOUBLE_EQ(roofline.arithmetic_intensity, 0.5);
  EXPECT_FALSE(roofline.is_memory_bound) << "as many operations a byte as the machine has";
  EXPECT_DOUBLE_EQ(*roofline.seconds, 2.4);
  // 8 products and 8 sums of (4 + 2 + 8)*4 bytes.
  EXPECT_TRUE(costs.layers[1].roofline->is_memory_bound);
  EXPECT_DOUBLE_EQ(*costs.layers[1].roofline->seconds, 2.8);
  EXPECT_DOUBLE_EQ(costs.total.roofline->arithmetic_intensity, 40.0 / 104);
  EXPECT_DOUBLE_EQ(*costs.total.roofline->seconds, 5.2);
  EXPECT_FALSE(CostsOf(TwoConvolutions(), {"y"}).total.roofline->seconds.has_value()) << "without a machine";
}

TEST(RooflineTest, NothingWhereSomethingIsNotKnownOrNoByteIsMoved) {
  SmallGraph graph;
  graph.Input("x", {2, 3}).Node("Flatten", {"x"}, {"f"}).Node("Relu", {"f"}, {"r"}).Node("Mystery", {"r"}, {"y"});
  const Costs costs = CostsOf(graph, {"y"});
  EXPECT_FALSE(costs.layers[0].roofline.has_value());
  EXPECT_DOUBLE_EQ(costs.layers[1].roofline->arithmetic_intensity, 6.0 / 48);
  EXPECT_FALSE(costs.layers[2].roofline.has_value());
  EXPECT_FALSE(costs.layers[2].convention.has_value());
  EXPECT_FALSE(costs.layers[2].backward.has_value());
  EXPECT_FALSE(costs.total.roofline.has_value()) << "one layer is unknown";
  SmallGraph symbolic;
  symbolic.Input("x", {"N", 3}).Node("Relu", {"x"}, {"y"});
  EXPECT_FALSE(CostsOf(symbolic, {"y"}).layers[0].roofline.has_value());
}

TEST(CostTest, NothingAtAllCostsNothing) {
  const Costs costs = CostsOf(ModelAnalysis());
  EXPECT_THAT(costs.layers, IsEmpty());
  EXPECT_EQ(costs.total.memory.activation_bytes, Expression());
  EXPECT_FALSE(costs.total.memory.peak.has_value());
}

// 2^126 elements fit, their bytes do not.
TEST(CostTest, BytesBeyond128BitsAreAnError) {
  SmallGraph graph;
  graph.Input("x", {int64_t{1} << 62, int64_t{1} << 62, 4}).Node("Relu", {"x"}, {"y"});
  const absl::StatusOr<ModelAnalysis> model = graph.Analyze({"y"});
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_THAT(AnalyzeCost(*model, {}, [](size_t, const LayerCost&) {}).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, "the cost of layer \"Relu_0\": does not fit into 128 bits"));
}

}  // namespace
}  // namespace tensord::analysis::model
