// Resize, Upsample, GridSample, RoiAlign, MaxRoiPool.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/analysis/model/small_graph.h"

namespace tensord::analysis::model {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// By scales: opset 10 has them second, 11 and later third.
SmallGraph Scaled(std::vector<Dimension> x, std::vector<double> scales, Attributes attributes = {},
                  int64_t opset = 13) {
  SmallGraph graph(opset);
  graph.Input("x", std::move(x)).Reals("scales", std::move(scales));
  const std::vector<std::string> inputs =
      opset < 11 ? std::vector<std::string>{"x", "scales"} : std::vector<std::string>{"x", "", "scales"};
  return graph.Node("Resize", inputs, {"y"}, std::move(attributes));
}

SmallGraph Sized(std::vector<Dimension> x, std::vector<int64_t> sizes, Attributes attributes = {}, int64_t opset = 13) {
  return SmallGraph(opset)
      .Input("x", std::move(x))
      .Integers("sizes", std::move(sizes))
      .Node("Resize", {"x", "", "", "sizes"}, {"y"}, std::move(attributes));
}

TEST(ResizeOperatorsTest, ScalesMultiplySizesAndRoundDown) {
  EXPECT_EQ(Scaled({"N", 3, 10, 11}, {1, 1, 2, 2}).Shape("y"), "[N,3,20,22]");
  EXPECT_EQ(Scaled({"N", 3, 10, 11}, {1, 1, 2, 2}, {}, 10).Shape("y"), "[N,3,20,22]");
  EXPECT_EQ(Scaled({1, 1, 5, 7}, {1, 1, 0.5, 1.5}).Shape("y"), "[1,1,2,10]");
  EXPECT_EQ(Scaled({1, 3, "H", "W"}, {1, 1, 2, 0.5}).Shape("y"), "[1,3,H*2,floor(W/2)]");
  EXPECT_EQ(Scaled({1, 3, "H", "W"}, {1, 1, 1.5, 0.625}).Shape("y"), "[1,3,floor(H*3/2),floor(W*5/8)]");
  // As float32 rounds it: 10 times the float32 next to 0.7 is 7, though that is below 0.7.
  EXPECT_EQ(Scaled({10}, {static_cast<double>(0.7F)}).Shape("y"), "[7]");
  EXPECT_EQ(Scaled({3}, {static_cast<double>(1.0F / 3)}).Shape("y"), "[1]");
  // Of a symbol that depends on the rounding for each value.
  EXPECT_EQ(Scaled({"N"}, {static_cast<double>(0.7F)}).Shape("y"), "unknown");
}

TEST(ResizeOperatorsTest, SizesAreTaken) {
  EXPECT_EQ(Sized({"N", 3, 10, "W"}, {1, 3, 224, 224}).Shape("y"), "[1,3,224,224]");
  // Opset 11 has an empty tensor in place of scales, and a roi.
  EXPECT_EQ(SmallGraph(11)
                .Input("x", {1, 3, 8, 8})
                .Reals("none", {})
                .Integers("sizes", {1, 3, 5, 6})
                .Node("Resize", {"x", "none", "none", "sizes"}, {"y"})
                .Shape("y"),
            "[1,3,5,6]");
  EXPECT_EQ(SmallGraph(13)
                .Input("x", {1, 3, 8, 8})
                .Input("other", {1, 3, "H", "W"})
                .Node("Shape", {"other"}, {"sizes"})
                .Node("Resize", {"x", "", "", "sizes"}, {"y"})
                .Shape("y"),
            "[1,3,H,W]");
}

TEST(ResizeOperatorsTest, AxesAndProportions) {
  const Attributes axes = {{"axes", Ints({3, -2})}};
  EXPECT_EQ(Sized({"N", 3, 10, 11}, {7, 8}, axes, 18).Shape("y"), "[N,3,8,7]");
  EXPECT_EQ(Scaled({"N", 3, 10, 11}, {2, 3}, axes, 18).Shape("y"), "[N,3,30,22]");
  const auto proportional = [](const std::string& policy, std::vector<int64_t> sizes) {
    return Sized({"N", 3, 2, 4}, std::move(sizes), {{"axes", Ints({2, 3})}, {"keep_aspect_ratio_policy", policy}}, 18)
        .Shape("y");
  };
  // The factors are 7/2 and 8/4.
  EXPECT_EQ(proportional("stretch", {7, 8}), "[N,3,7,8]");
  EXPECT_EQ(proportional("not_larger", {7, 8}), "[N,3,4,8]");
  EXPECT_EQ(proportional("not_smaller", {7, 8}), "[N,3,7,14]");
  // 4 * 5/4 is 5, and 2 * 5/4 is 2.5: halves go upwards.
  EXPECT_EQ(proportional("not_larger", {7, 5}), "[N,3,3,5]");
  EXPECT_THAT(proportional("square", {7, 8}), HasSubstr("keep_aspect_ratio_policy has to be"));
  EXPECT_EQ(Sized({"N", 3, "H", 4}, {7, 8}, {{"axes", Ints({2, 3})}, {"keep_aspect_ratio_policy", "not_larger"}}, 18)
                .Shape("y"),
            "unknown");
}

TEST(ResizeOperatorsTest, ACropIsScaled) {
  const auto cropped = [](std::vector<double> roi, const std::string& mode) {
    return SmallGraph(13)
        .Input("x", {1, 3, 8, 10})
        .Reals("roi", std::move(roi))
        .Reals("scales", {1, 1, 2, 2})
        .Node("Resize", {"x", "roi", "scales"}, {"y"}, {{"coordinate_transformation_mode", mode}});
  };
  const std::vector<double> roi = {0, 0, 0.25, 0.5, 1, 1, 0.75, 1};
  EXPECT_EQ(cropped(roi, "tf_crop_and_resize").Shape("y"), "[1,3,8,10]");
  EXPECT_EQ(cropped(roi, "half_pixel").Shape("y"), "[1,3,16,20]");
  EXPECT_THAT(cropped({0, 1}, "tf_crop_and_resize").Shape("y"), HasSubstr("2 bounds in its roi, and has to have 8"));
  EXPECT_EQ(cropped(roi, "half_pixel").Analyze({"y"})->parameter_count.ToString(), "0");
}

TEST(ResizeOperatorsTest, InterpolationIsCounted) {
  const auto counts = [](const SmallGraph& graph) { return graph.Analyze({"y"}).value().operations; };
  const OperationCounts nearest = counts(Scaled({"N", 3, 4, 5}, {1, 1, 2, 2}));
  EXPECT_EQ(nearest.multiplications.ToString(), "0");
  EXPECT_EQ(nearest.additions.ToString(), "0");
  // N*3*8*10 elements: three interpolations each, of one multiplication and two additions.
  const OperationCounts bilinear = counts(Scaled({"N", 3, 4, 5}, {1, 1, 2, 2}, {{"mode", "linear"}}));
  EXPECT_EQ(bilinear.multiplications.ToString(), "N*720");
  EXPECT_EQ(bilinear.additions.ToString(), "N*1440");
  EXPECT_EQ(bilinear.macs.ToString(), "0");
  // One axis stays: one interpolation.
  EXPECT_EQ(counts(Scaled({"N", 3, 4, 5}, {1, 1, 1, 2}, {{"mode", "linear"}})).multiplications.ToString(), "N*120");
  EXPECT_EQ(counts(Sized({2, 3, 4, 5}, {2, 3, 4, 5}, {{"mode", "linear"}})).multiplications.ToString(), "0");
  // Three axes: seven interpolations for each of 3*4*4*8 elements.
  EXPECT_EQ(counts(Scaled({1, 3, 2, 2, 4}, {1, 1, 2, 2, 2}, {{"mode", "linear"}})).multiplications.ToString(),
            std::to_string(3 * 4 * 4 * 8 * 7));
  // 16 taps and 15 sums.
  const OperationCounts bicubic = counts(Scaled({"N", 3, 4, 5}, {1, 1, 2, 2}, {{"mode", "cubic"}}));
  EXPECT_EQ(bicubic.multiplications.ToString(), "N*3840");
  EXPECT_EQ(bicubic.additions.ToString(), "N*3600");
  EXPECT_EQ(counts(Sized({2, 3, 4, 5}, {2, 3, 4, 5}, {{"mode", "cubic"}})).multiplications.ToString(), "0");
}

// The filter's size depends on the scale: the shape is known, and the cost is not.
TEST(ResizeOperatorsTest, AFilterAgainstAliasingIsNotCounted) {
  const auto analysis =
      Scaled({"N", 3, 8, 8}, {1, 1, 0.5, 0.5}, {{"mode", "linear"}, {"antialias", 1}}, 18).Analyze({"y"});
  ASSERT_TRUE(analysis.ok()) << analysis.status();
  EXPECT_EQ(Text(analysis->outputs[0]), "[N,3,4,4]");
  EXPECT_EQ(analysis->unknown_layers, std::vector<std::string>{"Resize_0"});
  EXPECT_EQ(analysis->operations.multiplications.ToString(), "0");
}

TEST(ResizeOperatorsTest, ScalesAreNoParameters) {
  const auto analysis = Scaled({"N", 3, 8, 8}, {1, 1, 2, 2}).Analyze({"y"});
  ASSERT_TRUE(analysis.ok()) << analysis.status();
  EXPECT_EQ(analysis->parameter_count.ToString(), "0");
  EXPECT_THAT(analysis->unknown_layers, IsEmpty());
  ASSERT_EQ(analysis->layers.size(), 1U);
  // Nor are those of which no value is known.
  const auto unknown = SmallGraph(13)
                           .Input("x", {"N", 8})
                           .Weights("scales", {2})
                           .Node("Resize", {"x", "", "scales"}, {"y"})
                           .Analyze({"y"});
  ASSERT_TRUE(unknown.ok()) << unknown.status();
  EXPECT_EQ(unknown->parameter_count.ToString(), "0");
  EXPECT_EQ(unknown->unknown_layers.size(), 1U);
}

TEST(ResizeOperatorsTest, ResizeRefusesWhatDisagrees) {
  EXPECT_THAT(Scaled({1, 3, 8, 8}, {2, 2}).Shape("y"),
              AllOf(HasSubstr("2 scales"), HasSubstr("4"), HasSubstr("[1,3,8,8]")));
  EXPECT_THAT(Sized({1, 3, 8, 8}, {2, 2}).Shape("y"), AllOf(HasSubstr("2 sizes"), HasSubstr("[1,3,8,8]")));
  EXPECT_THAT(Scaled({8}, {0}).Shape("y"), HasSubstr("its scale was 0"));
  EXPECT_THAT(Scaled({8}, {-1}).Shape("y"), HasSubstr("its scale was -1"));
  EXPECT_THAT(Scaled({8}, {std::numeric_limits<double>::quiet_NaN()}).Shape("y"), HasSubstr("has to be above 0"));
  EXPECT_THAT(Scaled({8}, {1e300}).Shape("y"), HasSubstr("does not fit into 64 bits"));
  EXPECT_THAT(Scaled({int64_t{1} << 62}, {2}).Shape("y"), HasSubstr("does not fit into 64 bits"));
  EXPECT_THAT(Sized({8}, {-1}).Shape("y"), HasSubstr("cannot be negative: was -1"));
  EXPECT_THAT(Scaled({8}, {2}, {{"mode", "lanczos"}}).Shape("y"), HasSubstr("mode was \"lanczos\""));
  EXPECT_THAT(Scaled({8}, {2}, {{"mode", 1}}).Shape("y"), HasSubstr("mode has to be a text"));
  EXPECT_THAT(Scaled({8, 8}, {2}, {{"axes", Ints({2})}}).Shape("y"), HasSubstr("its axis was 2"));
  EXPECT_THAT(Scaled({}, {}).Shape("y"), HasSubstr("has to be of rank 1..8"));
  EXPECT_THAT(SmallGraph(13).Input("x", {8}).Node("Resize", {"x"}, {"y"}).Shape("y"),
              HasSubstr("either scales or sizes"));
  EXPECT_THAT(SmallGraph(13)
                  .Input("x", {8})
                  .Reals("s", {2})
                  .Integers("z", {16})
                  .Node("Resize", {"x", "", "s", "z"}, {"y"})
                  .Shape("y"),
              HasSubstr("either scales or sizes"));
  EXPECT_THAT(SmallGraph(13).Input("x", {8}).Integers("s", {2}).Node("Resize", {"x", "", "s"}, {"y"}).Shape("y"),
              HasSubstr("have to be reals"));
}

TEST(ResizeOperatorsTest, UpsampleIsAnOlderResize) {
  const Attributes told = {{"scales", std::vector<double>{1, 1, 2, 3}}, {"mode", "linear"}};
  const SmallGraph old = SmallGraph(7).Input("x", {"N", 3, 4, 5}).Node("Upsample", {"x"}, {"y"}, told);
  EXPECT_EQ(old.Shape("y"), "[N,3,8,15]");
  EXPECT_EQ(old.Analyze({"y"})->operations.multiplications.ToString(), "N*1080");
  const SmallGraph newer =
      SmallGraph(9).Input("x", {"N", 3, 4, 5}).Reals("scales", {1, 1, 2, 2.5}).Node("Upsample", {"x", "scales"}, {"y"});
  EXPECT_EQ(newer.Shape("y"), "[N,3,8,12]");
  EXPECT_EQ(newer.Analyze({"y"})->parameter_count.ToString(), "0");
  const auto upsample = [](Attributes attributes) {
    return SmallGraph(7).Input("x", {4, 5}).Node("Upsample", {"x"}, {"y"}, std::move(attributes)).Shape("y");
  };
  EXPECT_THAT(upsample({}), HasSubstr("scales are missing"));
  EXPECT_THAT(upsample({{"scales", 2.0}}), HasSubstr("scales has to be a list of reals"));
  EXPECT_THAT(upsample({{"scales", std::vector<double>{2}}}), AllOf(HasSubstr("1 scales"), HasSubstr("[4,5]")));
}

TEST(ResizeOperatorsTest, GridSampleReadsAGrid) {
  const auto sample = [](std::vector<Dimension> x, std::vector<Dimension> grid, Attributes attributes) {
    return SmallGraph(16)
        .Input("x", std::move(x))
        .Input("g", std::move(grid))
        .Node("GridSample", {"x", "g"}, {"y"}, std::move(attributes));
  };
  const SmallGraph plain = sample({"N", 3, 8, 8}, {"N", 5, 6, 2}, {});
  EXPECT_EQ(plain.Shape("y"), "[N,3,5,6]");
  EXPECT_EQ(plain.Analyze({"y"})->operations.multiplications.ToString(), "N*270");
  EXPECT_EQ(sample({"N", 3, 8, 8}, {"N", 5, 6, 2}, {{"mode", "bicubic"}})
                .Analyze({"y"})
                ->operations.multiplications.ToString(),
            "N*1440");
  EXPECT_EQ(sample({2, 3, 4, 8, 8}, {2, 5, 6, 7, 3}, {}).Shape("y"), "[2,3,5,6,7]");
  EXPECT_THAT(sample({2, 3, 8, 8}, {3, 5, 6, 2}, {}).Shape("y"),
              AllOf(HasSubstr("[2,3,8,8]"), HasSubstr("[3,5,6,2]"), HasSubstr("was 3, has to be 2")));
  EXPECT_THAT(sample({2, 3, 8, 8}, {2, 5, 6, 3}, {}).Shape("y"), HasSubstr("was 3, has to be 2"));
  EXPECT_THAT(sample({2, 3, 8, 8}, {2, 5, 2}, {}).Shape("y"), HasSubstr("has to be of rank 4"));
  EXPECT_THAT(sample({2, 3, 8, 8}, {2, 5, 6, 2}, {{"mode", 2}}).Shape("y"), HasSubstr("mode has to be a text"));
}

TEST(ResizeOperatorsTest, RegionsAreAligned) {
  const auto align = [](std::vector<Dimension> x, std::vector<Dimension> rois, std::vector<Dimension> images,
                        Attributes attributes) {
    return SmallGraph(16)
        .Input("x", std::move(x))
        .Input("rois", std::move(rois))
        .Input("images", std::move(images), ElementType::kInt64)
        .Node("RoiAlign", {"x", "rois", "images"}, {"y"}, std::move(attributes));
  };
  const Attributes two = {{"output_height", 5}, {"output_width", 6}, {"sampling_ratio", 2}};
  const SmallGraph graph = align({1, 3, 8, 8}, {"R", 4}, {"R"}, two);
  EXPECT_EQ(graph.Shape("y"), "[R,3,5,6]");
  // R*90 elements of 4 samples with 3 interpolations each, 3 sums and a division.
  const OperationCounts counts = graph.Analyze({"y"})->operations;
  EXPECT_EQ(counts.multiplications.ToString(), "R*1080");
  EXPECT_EQ(counts.additions.ToString(), "R*2430");
  EXPECT_EQ(counts.divisions.ToString(), "R*90");
  EXPECT_EQ(align({1, 3, 8, 8}, {7, 4}, {7}, {}).Shape("y"), "[7,3,1,1]");
  EXPECT_EQ(align({1, 3, 8, 8}, {7, 4}, {7}, {}).Analyze({"y"})->unknown_layers.size(), 1U);
  EXPECT_THAT(align({1, 3, 8, 8}, {7, 5}, {7}, two).Shape("y"), HasSubstr("was 5, has to be 4"));
  EXPECT_THAT(align({1, 3, 8, 8}, {7, 4}, {6}, two).Shape("y"), AllOf(HasSubstr("[6]"), HasSubstr("[7,4]")));
  EXPECT_THAT(align({3, 8, 8}, {7, 4}, {7}, two).Shape("y"), HasSubstr("has to be of rank 4"));
  EXPECT_THAT(align({1, 3, 8, 8}, {7, 4}, {7}, {{"output_height", 0}}).Shape("y"), HasSubstr("output_height was 0"));
  EXPECT_THAT(align({1, 3, 8, 8}, {7, 4}, {7}, {{"mode", "min"}}).Shape("y"), HasSubstr("avg or max"));
}

TEST(ResizeOperatorsTest, RegionsArePooled) {
  const auto pool = [](std::vector<Dimension> x, std::vector<Dimension> rois, Attributes attributes) {
    return SmallGraph(16)
        .Input("x", std::move(x))
        .Input("rois", std::move(rois))
        .Node("MaxRoiPool", {"x", "rois"}, {"y"}, std::move(attributes));
  };
  const SmallGraph graph = pool({"N", 3, 8, 8}, {"R", 5}, {{"pooled_shape", Ints({6, 7})}});
  EXPECT_EQ(graph.Shape("y"), "[R,3,6,7]");
  EXPECT_EQ(graph.Analyze({"y"})->unknown_layers, std::vector<std::string>{"MaxRoiPool_0"});
  EXPECT_THAT(pool({1, 3, 8, 8}, {7, 4}, {{"pooled_shape", Ints({6, 7})}}).Shape("y"), HasSubstr("was 4, has to be 5"));
  EXPECT_THAT(pool({1, 3, 8, 8}, {7, 5}, {}).Shape("y"), HasSubstr("pooled_shape has to be a height and a width"));
  EXPECT_THAT(pool({1, 3, 8, 8}, {7, 5}, {{"pooled_shape", 6}}).Shape("y"), HasSubstr("has to be a list of integers"));
}

}  // namespace
}  // namespace tensord::analysis::model
