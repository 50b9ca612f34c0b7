#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/analysis/model/single_node.h"

namespace tensord::analysis::single_node {
namespace {

using ::testing::HasSubstr;

// BatchNormalization of x with four vectors of that length.
Node BatchNorm(Sizes x, int64_t length) {
  return {"BatchNormalization",
          {Data(std::move(x)), Weight({length}), Weight({length}), Weight({length}), Weight({length})}};
}

TEST(NormalizationOperatorsTest, BatchNormalizationIsOneMultiplicationAndOneAdditionInInference) {
  EXPECT_EQ(Summary(BatchNorm({"N", 3, 4, 5}, 3)),
            "float32[N,3,4,5]; N*60 multiplications; N*60 additions; 6 parameters; 6 buffers");
  EXPECT_EQ(Summary(BatchNorm({"N", 3}, 3)),
            "float32[N,3]; N*3 multiplications; N*3 additions; 6 parameters; 6 buffers");
  EXPECT_EQ(Summary(BatchNorm({"N"}, 1)), "float32[N]; N multiplications; N additions; 2 parameters; 2 buffers");
}

TEST(NormalizationOperatorsTest, BatchNormalizationsInputsAreParametersAndBuffersThoughTheGraphIsGivenThem) {
  Node node = BatchNorm({"N", 3}, 3);
  for (size_t i = 1; i < 5; ++i) node.inputs[i] = Data({3});
  EXPECT_EQ(Summary(node), "float32[N,3]; N*3 multiplications; N*3 additions; 6 parameters; 6 buffers");
}

TEST(NormalizationOperatorsTest, BatchNormalizationComputesItsStatisticsInTraining) {
  Node node = BatchNorm({"N", 3, 4, 5}, 3);
  node.attributes = {{"training_mode", int64_t{1}}};
  node.outputs = 3;
  // Of N*60 elements in 3 channels. Multiplications: squares, *1/sqrt and *scale, and 4 a channel for what runs.
  // Additions: two sums, N*60 - 3 each; differences; + bias; + epsilon and 2 for what runs. Divisions: two means and
  // a reciprocal a channel.
  EXPECT_EQ(Summary(node),
            "float32[N,3,4,5], float32[3], float32[3]; N*180 + 12 multiplications; N*240 + 3 additions; "
            "9 divisions; 3 special functions; 6 parameters; 6 buffers");
  node.opset = 9;
  node.outputs = 5;
  node.attributes.clear();
  EXPECT_EQ(Summary(node),
            "float32[N,3,4,5], float32[3], float32[3], float32[3], float32[3]; N*180 + 12 multiplications; "
            "N*240 + 3 additions; 9 divisions; 3 special functions; 6 parameters; 6 buffers");
  node.outputs = 1;
  EXPECT_EQ(Summary(node), "float32[N,3,4,5]; N*60 multiplications; N*60 additions; 6 parameters; 6 buffers");
  node.opset = 15;
  node.outputs = 3;
  EXPECT_THAT(Summary(node), HasSubstr("need training_mode = 1"));
  node.attributes = {{"training_mode", int64_t{1}}};
  node.outputs = 4;
  EXPECT_THAT(Summary(node), HasSubstr("nothing is known of its output 3"));
}

TEST(NormalizationOperatorsTest, BatchNormalizationsVectorsHaveAnElementForEachChannel) {
  for (size_t i = 1; i < 5; ++i) {
    Node node = BatchNorm({"N", 3, 4, 5}, 3);
    node.inputs[i] = Weight({4});
    const char* const names[] = {"", "scale", "bias", "mean", "variance"};
    EXPECT_THAT(Summary(node), HasSubstr(absl::StrCat("its ", names[i], " \"x", i,
                                                      "\" [4] has to have one element for each channel of its input "
                                                      "\"x0\" [N,3,4,5]: was 4, has to be 3")));
    node.inputs[i] = Weight({3, 1});
    EXPECT_THAT(Summary(node), HasSubstr("has to be of rank 1"));
    node.inputs[i] = Weight({"C"});
    EXPECT_THAT(Summary(node), HasSubstr("; if C = 3"));
    node.inputs[i] = None();
    EXPECT_THAT(Summary(node), HasSubstr("is missing"));
  }
  EXPECT_THAT(Summary(BatchNorm({}, 1)), HasSubstr("has to be of rank 1..8"));
  Node node = BatchNorm({"N", 3}, 3);
  node.attributes = {{"training_mode", 1.0}};
  EXPECT_THAT(Summary(node), HasSubstr("training_mode has to be an integer"));
}

TEST(NormalizationOperatorsTest, BeforeOpset9BatchNormalizationCanBeByPlace) {
  Node node = BatchNorm({"N", 3, 4}, 3);
  for (size_t i = 1; i < 5; ++i) node.inputs[i] = Weight({3, 4});
  node.attributes = {{"spatial", int64_t{0}}};
  node.opset = 8;
  EXPECT_EQ(Summary(node), "float32[N,3,4]; N*12 multiplications; N*12 additions; 24 parameters; 24 buffers");
  node.inputs[2] = Weight({3, 5});
  EXPECT_THAT(Summary(node), HasSubstr("its bias \"x2\" [3,5] has to have the shape of a sample"));
  node.inputs[2] = Weight({3});
  EXPECT_THAT(Summary(node), HasSubstr("its bias \"x2\" [3] has to have the shape of a sample"));
  node.opset = 9;
  EXPECT_THAT(Summary(node), HasSubstr("its scale \"x1\" [3,4] has to be of rank 1"));
}

TEST(NormalizationOperatorsTest, InstanceNormalizationHasStatisticsForEachSampleAndChannel) {
  // N*60 elements, N*3 groups of 20. Sums: 19 a group, twice; differences, + epsilon, + bias.
  EXPECT_EQ(Summary(Node{"InstanceNormalization", {Data({"N", 3, 4, 5}), Weight({3}), Weight({3})}}),
            "float32[N,3,4,5]; N*180 multiplications; N*237 additions; N*9 divisions; N*3 special functions; "
            "6 parameters");
  EXPECT_THAT(Summary(Node{"InstanceNormalization", {Data({"N", 3, 4}), Weight({4}), Weight({3})}}),
              HasSubstr("its scale \"x1\" [4] has to have one element for each channel"));
  EXPECT_THAT(Summary(Node{"InstanceNormalization", {Data({"N", 3, 4}), Weight({3}), Weight({4})}}),
              HasSubstr("its bias \"x2\" [4] has to have one element for each channel"));
  EXPECT_THAT(Summary(Node{"InstanceNormalization", {Data({"N", 3}), Weight({3}), Weight({3})}}),
              HasSubstr("has to be of rank 3..8"));
  EXPECT_THAT(Summary(Node{"InstanceNormalization", {Data({"N", 3, 4}), Weight({3})}}), HasSubstr("bias (input 2)"));
}

TEST(NormalizationOperatorsTest, GroupNormalizationHasStatisticsForEachGroup) {
  const auto node = [](Sizes x, const Sizes& scale, int64_t groups, int64_t opset) {
    return Summary(Node{
        "GroupNormalization", {Data(std::move(x)), Weight(scale), Weight(scale)}, {{"num_groups", groups}}, opset});
  };
  // N*120 elements, N*2 groups of 60. Sums: 59 a group, twice: N*236; differences, + epsilon, + bias: N*242.
  EXPECT_EQ(node({"N", 6, 4, 5}, {6}, 2, 21),
            "float32[N,6,4,5]; N*360 multiplications; N*478 additions; N*6 divisions; N*2 special functions; "
            "12 parameters");
  EXPECT_EQ(node({"N", 6, 4, 5}, {2}, 2, 18),
            "float32[N,6,4,5]; N*360 multiplications; N*478 additions; N*6 divisions; N*2 special functions; "
            "4 parameters");
  // What is not ONNX's yet is taken as it became.
  EXPECT_EQ(node({"N", 6, 4, 5}, {6}, 2, 17), node({"N", 6, 4, 5}, {6}, 2, 21));
  EXPECT_THAT(node({"N", 6, 4, 5}, {2}, 2, 21), HasSubstr("one element for each channel"));
  EXPECT_THAT(node({"N", 6, 4, 5}, {6}, 2, 18), HasSubstr("one element for each group"));
  EXPECT_THAT(node({"N", 6, 4, 5}, {6}, 4, 21),
              HasSubstr("the 6 channels of its input \"x0\" [N,6,4,5] have to be divisible by num_groups, which is 4"));
  EXPECT_THAT(node({"N", "C", 4}, {"C"}, 4, 21), HasSubstr("; if "));
  EXPECT_THAT(node({"N", 6, 4, 5}, {6}, 0, 21), HasSubstr("num_groups was 0, has to be at least 1"));
  EXPECT_THAT(node({6}, {6}, 2, 21), HasSubstr("has to be of rank 2..8"));
}

TEST(NormalizationOperatorsTest, LayerNormalizationIsTakenOfTheAxesFromOneOn) {
  const auto node = [](std::vector<std::optional<Operand>> inputs, std::map<std::string, AttributeValue> attributes,
                       size_t outputs) {
    return Summary(Node{"LayerNormalization", std::move(inputs), std::move(attributes), 17, outputs});
  };
  const Operand x = Data({"N", 4, 5}, ElementType::kFloat16);
  // N*20 elements, N*4 groups of 5. Sums: 4 a group, twice: N*32; differences, + epsilon, + bias: N*44.
  EXPECT_EQ(node({x, Weight({5}), Weight({5})}, {}, 3),
            "float16[N,4,5], float32[N,4,1], float32[N,4,1]; N*60 multiplications; N*76 additions; N*12 divisions; "
            "N*4 special functions; 10 parameters");
  EXPECT_EQ(node({x, Weight({5})}, {}, 1),
            "float16[N,4,5]; N*60 multiplications; N*56 additions; N*12 divisions; N*4 special functions; "
            "5 parameters");
  // N groups of 20. Sums: 19 a group, twice: N*38; differences, + epsilon: N*21.
  EXPECT_EQ(node({x, Weight({4, 5})}, {{"axis", int64_t{1}}, {"stash_type", int64_t{16}}}, 2),
            "float16[N,4,5], bfloat16[N,1,1]; N*60 multiplications; N*59 additions; N*3 divisions; "
            "N special functions; 20 parameters");
  EXPECT_THAT(node({x, Weight({4})}, {}, 1), HasSubstr("have to be equal or 1"));
  EXPECT_THAT(node({x, Weight({2, 1, 1, 5})}, {}, 1),
              HasSubstr("its scale \"x1\" [2,1,1,5] has to be broadcast to the shape of its input \"x0\" [N,4,5]"));
  EXPECT_THAT(node({x, Weight({5}), Weight({7})}, {}, 1), HasSubstr("[7] have to be equal or 1"));
  EXPECT_THAT(node({x, Weight({5})}, {{"axis", int64_t{3}}}, 1), HasSubstr("its axis was 3, has to be -3..2"));
  EXPECT_THAT(node({x, Weight({5})}, {{"stash_type", int64_t{0}}}, 1), HasSubstr("its attribute stash_type was 0"));
  EXPECT_THAT(node({x}, {}, 1), HasSubstr("its scale (input 1) is missing"));
  EXPECT_THAT(node({Data({}), Weight({1})}, {}, 1), HasSubstr("has to be of rank 1..8"));
}

TEST(NormalizationOperatorsTest, MeanVarianceNormalizationHasNoParameters) {
  // N*60 elements, 3 groups. Sums: N*60 - 3, twice; differences; + epsilon.
  EXPECT_EQ(Summary(Node{"MeanVarianceNormalization", {Data({"N", 3, 4, 5})}}),
            "float32[N,3,4,5]; N*120 multiplications; N*180 - 3 additions; 9 divisions; 3 special functions");
  // N*3 groups of 20: N*57 twice, N*60, N*3.
  EXPECT_EQ(Summary(Node{"MeanVarianceNormalization", {Data({"N", 3, 4, 5})}, {{"axes", std::vector<int64_t>{2, -1}}}}),
            "float32[N,3,4,5]; N*120 multiplications; N*177 additions; N*9 divisions; N*3 special functions");
  EXPECT_THAT(Summary(Node{"MeanVarianceNormalization", {Data({"N", 3, 4})}}), HasSubstr("its axis was 3"));
  EXPECT_THAT(Summary(Node{"MeanVarianceNormalization", {Data({"N", 3})}, {{"axes", std::vector<int64_t>{0, -2}}}}),
              HasSubstr("its axes have axis 0 twice"));
  EXPECT_THAT(Summary(Node{"MeanVarianceNormalization", {Data({"N", 3})}, {{"axes", int64_t{1}}}}),
              HasSubstr("axes has to be a list of integers"));
}

TEST(NormalizationOperatorsTest, LrnSumsTheSquaresOfItsWindow) {
  const auto node = [](Sizes x, AttributeValue size) {
    return Summary(Node{"LRN", {Data(std::move(x))}, {{"size", std::move(size)}}});
  };
  // N*24 elements: squares and a product; 4 sums of 5 squares, + bias; a power; a quotient.
  EXPECT_EQ(node({"N", 6, 2, 2}, int64_t{5}),
            "float32[N,6,2,2]; N*48 multiplications; N*120 additions; N*24 divisions; N*24 special functions");
  EXPECT_THAT(node({"N", 6, 2, 2}, int64_t{0}), HasSubstr("its attribute size was 0, has to be at least 1"));
  EXPECT_THAT(node({"N", 6, 2, 2}, 5.5), HasSubstr("size has to be an integer"));
  EXPECT_THAT(node({6}, int64_t{5}), HasSubstr("has to be of rank 2..8"));
  EXPECT_THAT(Summary(Node{"LRN", {Data({"N", 6, 2, 2})}}), HasSubstr("size was 0"));
}

TEST(NormalizationOperatorsTest, LpNormalizationDividesByTheNorm) {
  const auto node = [](std::map<std::string, AttributeValue> attributes) {
    return Summary(Node{"LpNormalization", {Data({"N", 2, 5})}, std::move(attributes)});
  };
  EXPECT_EQ(node({}), "float32[N,2,5]; N*10 multiplications; N*8 additions; N*10 divisions; N*2 special functions");
  EXPECT_EQ(node({{"p", int64_t{1}}, {"axis", int64_t{1}}}),
            "float32[N,2,5]; N*5 additions; N*10 comparisons; N*10 divisions");
  EXPECT_THAT(node({{"p", int64_t{3}}}), HasSubstr("its attribute p was 3, has to be 1 or 2"));
  EXPECT_THAT(node({{"p", std::string("2")}}), HasSubstr("p has to be an integer"));
  EXPECT_THAT(node({{"axis", int64_t{-4}}}), HasSubstr("its axis was -4, has to be -3..2"));
  EXPECT_THAT(Summary(Node{"LpNormalization", {Data({})}}), HasSubstr("has to be of rank 1..8"));
}

}  // namespace
}  // namespace tensord::analysis::single_node
