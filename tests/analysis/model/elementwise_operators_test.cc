#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/analysis/model/single_node.h"

namespace tensord::analysis::single_node {
namespace {

using ::testing::HasSubstr;

// Costs below are for N*12 elements, and counted by hand from the formulas in ONNX's specification.

TEST(ElementwiseOperatorsTest, UnaryOperatorsKeepTheShapeAndCostWhatTheirFormulaHas) {
  const std::pair<const char*, const char*> expectations[] = {
      {"Identity", ""},
      {"Neg", ""},
      {"Dropout", ""},
      {"Abs", "; N*12 comparisons"},
      {"Sign", "; N*24 comparisons"},
      {"Reciprocal", "; N*12 divisions"},
      {"Ceil", "; N*12 special functions"},
      {"Floor", "; N*12 special functions"},
      {"Round", "; N*12 special functions"},
      {"Sqrt", "; N*12 special functions"},
      {"Exp", "; N*12 special functions"},
      {"Log", "; N*12 special functions"},
      {"Erf", "; N*12 special functions"},
      {"Sin", "; N*12 special functions"},
      {"Cos", "; N*12 special functions"},
      {"Tan", "; N*12 special functions"},
      {"Asin", "; N*12 special functions"},
      {"Acos", "; N*12 special functions"},
      {"Atan", "; N*12 special functions"},
      {"Sinh", "; N*12 special functions"},
      {"Cosh", "; N*12 special functions"},
      {"Tanh", "; N*12 special functions"},
      {"Asinh", "; N*12 special functions"},
      {"Acosh", "; N*12 special functions"},
      {"Atanh", "; N*12 special functions"},
  };
  for (const auto& [op, cost] : expectations) {
    EXPECT_EQ(Summary(Node{op, {Data({"N", 3, 4})}}), absl::StrCat("float32[N,3,4]", cost)) << op;
    EXPECT_EQ(Summary(Node{op, {Data({}, ElementType::kFloat64)}}).substr(0, 9), "float64[]") << op;
    EXPECT_THAT(Summary(Node{op, {}}), HasSubstr("(input 0) is missing")) << op;
  }
}

TEST(ElementwiseOperatorsTest, TestsGiveTruthValues) {
  for (const char* op : {"Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"}) {
    EXPECT_EQ(Summary(Node{op, {Data({"N", 3, 4}), Data({4})}}), "bool[N,3,4]; N*12 comparisons") << op;
  }
  for (const char* op : {"And", "Or", "Xor"}) {
    const Operand truths = Data({"N", 3, 4}, ElementType::kBool);
    EXPECT_EQ(Summary(Node{op, {truths, truths}}), "bool[N,3,4]; N*12 comparisons") << op;
  }
  EXPECT_EQ(Summary(Node{"Not", {Data({"N"}, ElementType::kBool)}}), "bool[N]; N comparisons");
  EXPECT_EQ(Summary(Node{"IsNaN", {Data({"N", 2})}}), "bool[N,2]; N*2 comparisons");
  EXPECT_EQ(Summary(Node{"IsInf", {Data({"N", 2})}}), "bool[N,2]; N*2 comparisons");
}

TEST(ElementwiseOperatorsTest, BinaryOperatorsBroadcastBothWays) {
  const std::pair<const char*, const char*> expectations[] = {
      {"Add", "additions"},         {"Sub", "additions"},
      {"Mul", "multiplications"},   {"Div", "divisions"},
      {"Mod", "divisions"},         {"Max", "comparisons"},
      {"Min", "comparisons"},       {"Sum", "additions"},
      {"Pow", "special functions"}, {"BitShift", "multiplications"},
  };
  for (const auto& [op, kind] : expectations) {
    EXPECT_EQ(Summary(Node{op, {Data({3, 1}), Data({"N", 1, 4})}}), absl::StrCat("float32[N,3,4]; N*12 ", kind)) << op;
    EXPECT_EQ(Summary(Node{op, {Data({"N", 3, 4}), Data({})}}), absl::StrCat("float32[N,3,4]; N*12 ", kind)) << op;
    EXPECT_EQ(Summary(Node{op, {Data({"N", 4}), Data({"M", 4})}}),
              absl::StrCat("float32[N,4]; N*4 ", kind, "; if M = N"))
        << op;
    EXPECT_THAT(Summary(Node{op, {Data({"N", 3, 4}), Data({3})}}),
                HasSubstr("the shapes [N,3,4] and [3] have to be equal or 1 along each axis"))
        << op;
    EXPECT_THAT(Summary(Node{op, {Data({3}), None()}}), HasSubstr("(input 1) is missing")) << op;
  }
  for (const char* op : {"Add", "Sub", "Mul", "Div", "Mod", "Pow", "BitShift", "Equal"}) {
    EXPECT_THAT(Summary(Node{op, {Data({3}), Data({3}), Data({3})}}), HasSubstr("it has 3 inputs, and takes 2")) << op;
    EXPECT_THAT(Summary(Node{op, {Data({3})}}), HasSubstr("(input 1) is missing")) << op;
  }
}

TEST(ElementwiseOperatorsTest, AVectorThatIsAddedIsAParameter) {
  EXPECT_EQ(Summary(Node{"Add", {Data({"N", 3, 4}), Weight({4})}}), "float32[N,3,4]; N*12 additions; 4 parameters");
}

TEST(ElementwiseOperatorsTest, VariadicOperatorsCostAStepForEachInputButTheFirst) {
  const std::vector<std::optional<Operand>> four = {Data({"N", 4}), Data({3, 1, 4}), Data({4}), Data({1, 1})};
  EXPECT_EQ(Summary(Node{"Sum", four}), "float32[3,N,4]; N*36 additions");
  EXPECT_EQ(Summary(Node{"Mean", four}), "float32[3,N,4]; N*36 additions; N*12 divisions");
  EXPECT_EQ(Summary(Node{"Max", four}), "float32[3,N,4]; N*36 comparisons");
  EXPECT_EQ(Summary(Node{"Min", four}), "float32[3,N,4]; N*36 comparisons");
  EXPECT_EQ(Summary(Node{"Sum", {Data({"N"})}}), "float32[N]");
  EXPECT_EQ(Summary(Node{"Mean", {Data({"N"})}}), "float32[N]; N divisions");
  for (const char* op : {"Sum", "Mean", "Max", "Min"}) {
    EXPECT_THAT(Summary(Node{op, {}}), HasSubstr("it has no inputs")) << op;
    EXPECT_THAT(Summary(Node{op, {Data({2}), Data({2}), Data({3})}}), HasSubstr("the shapes [2] and [3]")) << op;
  }
}

TEST(ElementwiseOperatorsTest, ThePowersTwoAndThreeAreMultiplications) {
  EXPECT_EQ(Summary(Node{"Pow", {Data({"N", 2}), Scalar(2)}}), "float32[N,2]; N*2 multiplications");
  EXPECT_EQ(Summary(Node{"Pow", {Data({"N", 2}), Scalar(3)}}), "float32[N,2]; N*4 multiplications");
  EXPECT_EQ(Summary(Node{"Pow", {Data({"N", 2}, ElementType::kInt32), Reals({2})}}),
            "int32[N,2]; N*2 multiplications; 1 parameters");
  EXPECT_EQ(Summary(Node{"Pow", {Data({"N", 2}), Reals({0.5})}}), "float32[N,2]; N*2 special functions; 1 parameters");
  EXPECT_EQ(Summary(Node{"Pow", {Data({"N", 2}), Integers({2, 3})}}), "float32[N,2]; N*2 special functions");
}

TEST(ElementwiseOperatorsTest, ModTakesItsSignFromAnInteger) {
  EXPECT_EQ(Summary(Node{"Mod", {Data({"N"}), Data({1})}, {{"fmod", int64_t{1}}}}), "float32[N]; N divisions");
  EXPECT_THAT(Summary(Node{"Mod", {Data({"N"}), Data({1})}, {{"fmod", std::string("yes")}}}),
              HasSubstr("its attribute fmod has to be an integer"));
}

TEST(ElementwiseOperatorsTest, WhereHasTheTypeOfWhatIsChosen) {
  EXPECT_EQ(
      Summary(Node{"Where",
                   {Data({"N", 1}, ElementType::kBool), Data({4}, ElementType::kInt8), Data({}, ElementType::kInt8)}}),
      "int8[N,4]; N*4 comparisons");
  EXPECT_THAT(Summary(Node{"Where", {Data({2}, ElementType::kBool), Data({3}), Data({})}}),
              HasSubstr("the shapes [2] and [3]"));
  EXPECT_THAT(Summary(Node{"Where", {Data({2}, ElementType::kBool), Data({2})}}), HasSubstr("(input 2) is missing"));
}

TEST(ElementwiseOperatorsTest, CastHasTheTypeThatItIsTold) {
  EXPECT_EQ(Summary(Node{"Cast", {Data({"N", 2})}, {{"to", int64_t{7}}}}), "int64[N,2]");
  EXPECT_EQ(Summary(Node{"Cast", {Data({"N", 2})}, {{"to", int64_t{16}}}}), "bfloat16[N,2]");
  // 17 is float8e4m3fn, which came later.
  EXPECT_EQ(Summary(Node{"Cast", {Data({"N", 2})}, {{"to", int64_t{17}}}}), "unknown[N,2]");
  EXPECT_EQ(Summary(Node{"Cast", {Data({"N"})}, {{"to", std::string("INT64")}}, 1}), "unknown[N]");
  for (const int64_t number : {int64_t{0}, int64_t{-1}, int64_t{1} << 40}) {
    EXPECT_THAT(Summary(Node{"Cast", {Data({2})}, {{"to", number}}}), HasSubstr("the number of an element type"));
  }
  EXPECT_THAT(Summary(Node{"Cast", {Data({2})}}), HasSubstr("its attribute to was 0"));
  EXPECT_THAT(Summary(Node{"Cast", {Data({2})}, {{"to", std::string("INT64")}}}), HasSubstr("to has to be an integer"));
  EXPECT_EQ(Summary(Node{"CastLike", {Data({"N"}), Data({5, 5}, ElementType::kUint8)}}), "uint8[N]");
  EXPECT_THAT(Summary(Node{"CastLike", {Data({2})}}), HasSubstr("(input 1) is missing"));
}

TEST(ElementwiseOperatorsTest, DropoutCostsSomethingInTrainingOnly) {
  const Operand ratio = Reals({0.5});
  EXPECT_EQ(Summary(Node{"Dropout", {Data({"N", 4}), ratio}, {}, 17, 2}), "float32[N,4], bool[N,4]");
  EXPECT_EQ(Summary(Node{"Dropout", {Data({"N", 4}), ratio, Scalar(0, ElementType::kBool)}, {}, 17, 2}),
            "float32[N,4], bool[N,4]");
  EXPECT_EQ(Summary(Node{"Dropout", {Data({"N", 4}), None(), Scalar(1, ElementType::kBool)}, {}, 17, 2}),
            "float32[N,4], bool[N,4]; N*8 multiplications; N*4 comparisons");
  EXPECT_EQ(Summary(Node{"Dropout", {Data({"N", 4}), None(), Data({}, ElementType::kBool)}}),
            "float32[N,4]; if training_mode x2 is false");
  EXPECT_EQ(Summary(Node{"Dropout", {Data({"N", 4})}, {{"ratio", 0.5}}, 9, 2}), "float32[N,4], float32[N,4]");
  EXPECT_EQ(Summary(Node{"Dropout", {Data({"N"})}, {{"is_test", int64_t{1}}}, 6}), "float32[N]");
  EXPECT_EQ(Summary(Node{"Dropout", {Data({"N"})}, {}, 6}), "float32[N]; N*2 multiplications; N comparisons");
  EXPECT_THAT(Summary(Node{"Dropout", {Data({2})}, {}, 17, 3}), HasSubstr("nothing is known of its output 2"));
}

TEST(ElementwiseOperatorsTest, BeforeOpset7AnAttributePlacesTheSecondOperand) {
  const auto add = [](Sizes second, int64_t axis, int64_t opset) {
    return Summary(Node{"Add", {Data({"N", 3, 4, 5}), Data(std::move(second))}, {{"axis", axis}}, opset});
  };
  EXPECT_EQ(add({3}, 1, 6), "float32[N,3,4,5]; N*60 additions");
  EXPECT_EQ(add({3, 4}, 1, 6), "float32[N,3,4,5]; N*60 additions");
  EXPECT_EQ(add({4, 5}, -2, 6), "float32[N,3,4,5]; N*60 additions");
  EXPECT_THAT(add({3}, 2, 6), HasSubstr("have to be equal or 1"));
  EXPECT_THAT(add({4, 5}, 3, 6), HasSubstr("from axis 3 on have to be axes of"));
  EXPECT_THAT(add({3}, 4, 6), HasSubstr("its axis was 4, has to be -4..3"));
  EXPECT_THAT(add({3}, 1, 7), HasSubstr("have to be equal or 1"));
}

// Numbers that are computed inside the graph, seen by a reduction that takes them as its axis.
TEST(ElementwiseOperatorsTest, ComputedNumbersAreKnownToWhatUsesThem) {
  Graph graph{.name = "g", .opset = 17};
  graph.inputs = {{.name = "x", .type = ElementType::kFloat32, .shape = Sizes{"N", 2, 3, 5}}};
  graph.initializers = {
      {.name = "a", .type = ElementType::kInt64, .shape = Sizes{2}, .values = std::vector<int64_t>{7, -9}},
      {.name = "b", .type = ElementType::kInt64, .shape = Sizes{}, .values = std::vector<int64_t>{4}}};
  graph.nodes = {{.name = "", .op_type = "Div", .inputs = {"a", "b"}, .outputs = {"c"}},  // 1, -2
                 {.name = "",
                  .op_type = "ReduceSum",
                  .inputs = {"x", "c"},
                  .outputs = {"y"},
                  .attributes = {{"keepdims", int64_t{0}}}}};
  graph.outputs = {{.name = "y"}};
  EXPECT_EQ(Summary(graph), "float32[N,5]; N*25 additions");
}

TEST(ElementwiseOperatorsTest, CountsThatDoNotFitAreErrors) {
  const int64_t large = int64_t{1} << 62;
  EXPECT_THAT(Summary(Node{"Add", {Data({large, large, large}), Data({1})}}), HasSubstr("does not fit into 128 bits"));
}

TEST(ElementwiseOperatorsTest, ASymbolThatMeetsANumberIsTakenToBeIt) {
  EXPECT_EQ(Summary(Node{"Add", {Data({"N", 3}), Weight({2, 3})}}),
            "float32[2,3]; 6 additions; 6 parameters; if N = 2");
  EXPECT_EQ(Summary(Node{"Add", {Weight({2, 3}), Data({"N", 3})}}),
            "float32[2,3]; 6 additions; 6 parameters; if N = 2");
}

}  // namespace
}  // namespace tensord::analysis::single_node
