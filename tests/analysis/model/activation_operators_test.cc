#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/analysis/model/single_node.h"

namespace tensord::analysis::single_node {
namespace {

using ::testing::HasSubstr;

// Costs are for N*12 elements, and counted by hand from the formulas in ONNX's specification.
TEST(ActivationOperatorsTest, KeepTheShapeAndCostWhatTheirFormulaHas) {
  const std::pair<const char*, const char*> expectations[] = {
      {"Relu", "N*12 comparisons"},
      {"LeakyRelu", "N*12 multiplications; N*12 comparisons"},
      {"ThresholdedRelu", "N*12 comparisons"},
      {"Shrink", "N*12 additions; N*24 comparisons"},
      {"Elu", "N*12 multiplications; N*12 additions; N*12 comparisons; N*12 special functions"},
      {"Selu", "N*24 multiplications; N*12 additions; N*12 comparisons; N*12 special functions"},
      {"Celu", "N*12 multiplications; N*24 additions; N*24 comparisons; N*12 divisions; N*12 special functions"},
      {"Sigmoid", "N*12 additions; N*12 divisions; N*12 special functions"},
      {"HardSigmoid", "N*12 multiplications; N*12 additions; N*24 comparisons"},
      {"HardSwish", "N*24 multiplications; N*12 additions; N*24 comparisons"},
      {"Swish", "N*24 multiplications; N*12 additions; N*12 divisions; N*12 special functions"},
      {"Softplus", "N*12 additions; N*24 special functions"},
      {"Softsign", "N*12 additions; N*12 comparisons; N*12 divisions"},
      {"Mish", "N*12 multiplications; N*12 additions; N*36 special functions"},
      {"Gelu", "N*24 multiplications; N*12 additions; N*12 divisions; N*12 special functions"},
  };
  for (const auto& [op, cost] : expectations) {
    EXPECT_EQ(Summary(Node{op, {Data({"N", 3, 4})}}), absl::StrCat("float32[N,3,4]; ", cost)) << op;
    EXPECT_THAT(Summary(Node{op, {}}), HasSubstr("(input 0) is missing")) << op;
    EXPECT_THAT(Summary(Node{op, {Data({2}), Data({2})}}), HasSubstr("it has 2 inputs, and takes 1")) << op;
  }
}

TEST(ActivationOperatorsTest, GeluByTanhCostsOtherwise) {
  const auto gelu = [](AttributeValue approximate) {
    return Summary(Node{"Gelu", {Data({"N"})}, {{"approximate", std::move(approximate)}}, 20});
  };
  EXPECT_EQ(gelu(std::string("tanh")), "float32[N]; N*6 multiplications; N*2 additions; N special functions");
  EXPECT_EQ(gelu(std::string("none")),
            "float32[N]; N*2 multiplications; N additions; N divisions; N special functions");
  EXPECT_THAT(gelu(std::string("erf")), HasSubstr("approximate was \"erf\", has to be none or tanh"));
  EXPECT_THAT(gelu(int64_t{1}), HasSubstr("approximate has to be a text"));
}

TEST(ActivationOperatorsTest, PReluHasSlopesThatFitItsInput) {
  const std::string cost = "float32[N,3,4]; N*12 multiplications; N*12 comparisons";
  EXPECT_EQ(Summary(Node{"PRelu", {Data({"N", 3, 4}), Weight({3, 1})}}), cost + "; 3 parameters");
  EXPECT_EQ(Summary(Node{"PRelu", {Data({"N", 3, 4}), Weight({})}}), cost + "; 1 parameters");
  // A graph's input that stands where the slopes do is a parameter as well.
  EXPECT_EQ(Summary(Node{"PRelu", {Data({"N", 3, 4}), Data({3, 1})}}), cost + "; 3 parameters");
  EXPECT_EQ(Summary(Node{"PRelu", {Data({"N", 3, 4}), Weight({3})}, {}, 6}), cost + "; 3 parameters");
  EXPECT_THAT(Summary(Node{"PRelu", {Data({"N", 3, 4}), Weight({3})}, {}, 7}), HasSubstr("have to be equal or 1"));
  EXPECT_THAT(Summary(Node{"PRelu", {Data({"N", 1, 4}), Weight({3, 1})}}),
              HasSubstr("its slopes \"x1\" [3,1] have to be broadcast to the shape of its input \"x0\" [N,1,4]"));
  EXPECT_THAT(Summary(Node{"PRelu", {Data({4}), Weight({2, 4})}}), HasSubstr("have to be broadcast"));
  EXPECT_THAT(Summary(Node{"PRelu", {Data({4})}}), HasSubstr("(input 1) is missing"));
}

TEST(ActivationOperatorsTest, ClipComparesWithTheBoundsThatAreGiven) {
  EXPECT_EQ(Summary(Node{"Clip", {Data({"N", 2}), Reals({0}), Reals({6})}}), "float32[N,2]; N*4 comparisons");
  EXPECT_EQ(Summary(Node{"Clip", {Data({"N", 2}), None(), Weight({})}}), "float32[N,2]; N*2 comparisons");
  EXPECT_EQ(Summary(Node{"Clip", {Data({"N", 2})}}), "float32[N,2]");
  EXPECT_EQ(Summary(Node{"Clip", {Data({"N", 2})}, {{"min", 0.0}, {"max", 6.0}}, 6}), "float32[N,2]; N*4 comparisons");
  EXPECT_THAT(Summary(Node{"Clip", {Data({"N"})}, {{"max", std::string("6")}}, 6}),
              HasSubstr("max has to be a number"));
  EXPECT_THAT(Summary(Node{"Clip", {Data({"N"}), Weight({2})}}), HasSubstr("has to be a single number"));
  EXPECT_THAT(Summary(Node{"Clip", {Data({"N"}), Weight({1, 1})}}),
              HasSubstr("its min \"x1\" [1,1] has to be of rank"));
}

TEST(ActivationOperatorsTest, SoftmaxIsTakenAlongOneAxis) {
  // N*2 rows of 5: 4 comparisons; 5 differences and 4 sums; 5 exponentials; 5 quotients.
  const Operand x = Data({"N", 2, 5});
  EXPECT_EQ(Summary(Node{"Softmax", {x}}),
            "float32[N,2,5]; N*18 additions; N*8 comparisons; N*10 divisions; N*10 special functions");
  // N*5 rows of 2: 1 comparison; 2 differences and 1 sum.
  EXPECT_EQ(Summary(Node{"Softmax", {x}, {{"axis", int64_t{1}}}}),
            "float32[N,2,5]; N*15 additions; N*5 comparisons; N*10 divisions; N*10 special functions");
  // Differences from the maximum, the sum, differences from the logarithm, which is one more special function a row.
  EXPECT_EQ(Summary(Node{"LogSoftmax", {x}}),
            "float32[N,2,5]; N*28 additions; N*8 comparisons; N*12 special functions");
  EXPECT_EQ(Summary(Node{"Hardmax", {x}}), "float32[N,2,5]; N*8 comparisons");
  EXPECT_EQ(Summary(Node{"Hardmax", {Data({3, 0})}}), "float32[3,0]");
  for (const char* op : {"Softmax", "LogSoftmax", "Hardmax"}) {
    EXPECT_THAT(Summary(Node{op, {x}, {{"axis", int64_t{3}}}}), HasSubstr("its axis was 3, has to be -3..2")) << op;
    EXPECT_THAT(Summary(Node{op, {x}, {{"axis", 1.0}}}), HasSubstr("axis has to be an integer")) << op;
    EXPECT_THAT(Summary(Node{op, {Data({})}}), HasSubstr("has to be of rank 1")) << op;
  }
}

TEST(ActivationOperatorsTest, BeforeOpset13SoftmaxIsTakenOfAllAxesFromOneOn) {
  const Operand x = Data({"N", 2, 5});
  // N rows of 10.
  EXPECT_EQ(Summary(Node{"Hardmax", {x}, {}, 12}), "float32[N,2,5]; N*9 comparisons");
  EXPECT_EQ(Summary(Node{"Hardmax", {x}, {{"axis", int64_t{2}}}, 12}), "float32[N,2,5]; N*8 comparisons");
  EXPECT_EQ(Summary(Node{"Softmax", {x}, {}, 11}),
            "float32[N,2,5]; N*19 additions; N*9 comparisons; N*10 divisions; N*10 special functions");
  EXPECT_EQ(Summary(Node{"LogSoftmax", {x}, {}, 11}),
            "float32[N,2,5]; N*29 additions; N*9 comparisons; N*11 special functions");
}

}  // namespace
}  // namespace tensord::analysis::single_node
