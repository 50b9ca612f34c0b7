#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/analysis/model/single_node.h"

namespace tensord::analysis::single_node {
namespace {

using ::testing::HasSubstr;

AttributeValue Axes(std::vector<int64_t> axes) { return axes; }

constexpr const char* kReductions[] = {"ReduceSum", "ReduceMean", "ReduceProd",   "ReduceMax",       "ReduceMin",
                                       "ReduceL1",  "ReduceL2",   "ReduceLogSum", "ReduceLogSumExp", "ReduceSumSquare"};

// Of N*30 elements, N*3 groups of 10, by hand from the formulas in ONNX's specification.
TEST(ReductionOperatorsTest, CostWhatTheirFormulaHas) {
  const std::pair<const char*, const char*> expectations[] = {
      {"ReduceSum", "N*27 additions"},
      {"ReduceMean", "N*27 additions; N*3 divisions"},
      {"ReduceProd", "N*27 multiplications"},
      {"ReduceMax", "N*27 comparisons"},
      {"ReduceMin", "N*27 comparisons"},
      {"ReduceL1", "N*27 additions; N*30 comparisons"},
      {"ReduceL2", "N*30 multiplications; N*27 additions; N*3 special functions"},
      {"ReduceSumSquare", "N*30 multiplications; N*27 additions"},
      {"ReduceLogSum", "N*27 additions; N*3 special functions"},
      {"ReduceLogSumExp", "N*60 additions; N*27 comparisons; N*33 special functions"},
  };
  for (const auto& [op, cost] : expectations) {
    EXPECT_EQ(Summary(Node{op, {Data({"N", 2, 3, 5}), Integers({1, -1})}, {}, 18}),
              absl::StrCat("float32[N,1,3,1]; ", cost))
        << op;
    EXPECT_EQ(Summary(Node{op, {Data({"N", 2, 3, 5})}, {{"axes", Axes({3, -3})}, {"keepdims", int64_t{0}}}, 11}),
              absl::StrCat("float32[N,3]; ", cost))
        << op;
  }
}

TEST(ReductionOperatorsTest, WithoutAxesAllAreReduced) {
  const Operand x = Data({"N", 2, 3}, ElementType::kFloat16);
  EXPECT_EQ(Summary(Node{"ReduceSum", {x}}), "float16[1,1,1]; N*6 - 1 additions");
  EXPECT_EQ(Summary(Node{"ReduceSum", {x}, {{"keepdims", int64_t{0}}}}), "float16[]; N*6 - 1 additions");
  EXPECT_EQ(Summary(Node{"ReduceSum", {x, Integers({})}}), "float16[1,1,1]; N*6 - 1 additions");
  EXPECT_EQ(Summary(Node{"ReduceMean", {Data({})}}), "float32[]");
}

TEST(ReductionOperatorsTest, WithoutAxesNoneIsReducedWhereTheAttributeSaysSo) {
  const std::map<std::string, AttributeValue> noop = {{"noop_with_empty_axes", int64_t{1}}, {"keepdims", int64_t{0}}};
  EXPECT_EQ(Summary(Node{"ReduceSum", {Data({"N", 6})}, noop}), "float32[N,6]");
  EXPECT_EQ(Summary(Node{"ReduceMean", {Data({"N", 6})}, noop, 18}), "float32[N,6]");
  EXPECT_EQ(Summary(Node{"ReduceSumSquare", {Data({"N", 6})}, noop, 18}), "float32[N,6]; N*6 multiplications");
  EXPECT_EQ(Summary(Node{"ReduceLogSum", {Data({"N", 6}), Integers({})}, noop, 18}),
            "float32[N,6]; N*6 special functions");
  EXPECT_EQ(Summary(Node{"ReduceSum", {Data({"N", 6}), Integers({1})}, noop}), "float32[N]; N*5 additions");
}

TEST(ReductionOperatorsTest, GroupsWithoutElementsCostNothing) {
  EXPECT_EQ(Summary(Node{"ReduceSum", {Data({4, 0}), Integers({1})}}), "float32[4,1]");
}

TEST(ReductionOperatorsTest, AxesThatAreNoneAreErrors) {
  for (const char* op : kReductions) {
    EXPECT_THAT(Summary(Node{op, {Data({"N", 2}), Integers({2})}, {}, 18}),
                HasSubstr("its axis was 2, has to be -2..1"))
        << op;
    EXPECT_THAT(Summary(Node{op, {Data({"N", 2})}, {{"axes", Axes({-3})}}}), HasSubstr("its axis was -3")) << op;
    EXPECT_THAT(Summary(Node{op, {Data({"N", 2}), Integers({1, -1})}, {}, 18}), HasSubstr("its axes have axis 1 twice"))
        << op;
    EXPECT_THAT(Summary(Node{op, {Data({"N", 2}), Data({1}, ElementType::kInt64)}, {}, 18}),
                HasSubstr("the values of its input \"x1\" [1] are not known"))
        << op;
    EXPECT_THAT(Summary(Node{op, {Data({"N", 2})}, {{"axes", int64_t{1}}}}), HasSubstr("axes has to be a list")) << op;
    EXPECT_THAT(Summary(Node{op, {Data({"N", 2})}, {{"keepdims", 1.0}}}), HasSubstr("keepdims has to be an integer"))
        << op;
    EXPECT_THAT(Summary(Node{op, {Data({})}, {{"axes", Axes({0})}}}),
                HasSubstr("its axis was 0, and its input has none"))
        << op;
    EXPECT_THAT(Summary(Node{op, {}}), HasSubstr("its input (input 0) is missing")) << op;
  }
}

TEST(ReductionOperatorsTest, ArgMaxAndArgMinGiveIndices) {
  for (const char* op : {"ArgMax", "ArgMin"}) {
    const Operand x = Data({"N", 2, 5});
    EXPECT_EQ(Summary(Node{op, {x}}), "int64[1,2,5]; (N - 1)*10 comparisons") << op;
    EXPECT_EQ(Summary(Node{op, {x}, {{"axis", int64_t{-1}}, {"keepdims", int64_t{0}}}}), "int64[N,2]; N*8 comparisons")
        << op;
    EXPECT_THAT(Summary(Node{op, {x}, {{"axis", int64_t{3}}}}), HasSubstr("its axis was 3, has to be -3..2")) << op;
    EXPECT_THAT(Summary(Node{op, {x}, {{"axis", std::string("C")}}}), HasSubstr("axis has to be an integer")) << op;
    EXPECT_THAT(Summary(Node{op, {Data({})}}), HasSubstr("has to be of rank 1")) << op;
  }
}

TEST(ReductionOperatorsTest, CumSumAddsAlongItsAxis) {
  EXPECT_EQ(Summary(Node{"CumSum", {Data({"N", 2, 5}), Scalar(1)}}), "float32[N,2,5]; N*5 additions");
  EXPECT_EQ(Summary(Node{"CumSum", {Data({"N", 2, 5}), Integers({-1}, ElementType::kInt32)}}),
            "float32[N,2,5]; N*8 additions");
  EXPECT_THAT(Summary(Node{"CumSum", {Data({"N", 2}), Scalar(2)}}), HasSubstr("its axis was 2, has to be -2..1"));
  EXPECT_THAT(Summary(Node{"CumSum", {Data({"N", 2}), Integers({0, 1})}}), HasSubstr("has to be a single number"));
  EXPECT_THAT(Summary(Node{"CumSum", {Data({"N", 2}), Data({}, ElementType::kInt64)}}), HasSubstr("are not known"));
  EXPECT_THAT(Summary(Node{"CumSum", {Data({"N", 2})}}), HasSubstr("its axis (input 1) is missing"));
  EXPECT_THAT(Summary(Node{"CumSum", {Data({}), Scalar(0)}}), HasSubstr("has to be of rank 1"));
}

// The axis that the first reduction computes is the one that the second reduces.
TEST(ReductionOperatorsTest, ReductionsOfKnownIntegersAreKnown) {
  const auto reduced_axis = [](const char* op, std::vector<int64_t> values, bool keepdims) {
    Graph graph{.name = "g", .opset = 18};
    const auto count = static_cast<int64_t>(values.size());
    graph.inputs = {{.name = "x", .type = ElementType::kFloat32, .shape = Sizes{2, 3, 5, 7, 11, 13, 17, 19}}};
    graph.initializers = {{.name = "v", .type = ElementType::kInt64, .shape = Sizes{count}, .values = values}};
    graph.nodes = {{.name = "",
                    .op_type = op,
                    .inputs = {"v"},
                    .outputs = {"axis"},
                    .attributes = {{"keepdims", int64_t{keepdims ? 1 : 0}}}},
                   {.name = "", .op_type = "ReduceSum", .inputs = {"x", "axis"}, .outputs = {"y"}}};
    graph.outputs = {{.name = "axis"}, {.name = "y"}};
    return Summary(graph);
  };
  // All of the 9699690 elements but those that are left are added to another.
  EXPECT_EQ(reduced_axis("ReduceSum", {1, 2, -1}, true), "int64[1], float32[2,3,1,7,11,13,17,19]; 7759752 additions");
  EXPECT_EQ(reduced_axis("ReduceProd", {-1, 2, -3}, true), "int64[1], float32[2,3,5,7,11,13,1,19]; 9129120 additions");
  EXPECT_EQ(reduced_axis("ReduceMax", {-1, 3, 0}, true), "int64[1], float32[2,3,5,1,11,13,17,19]; 8314020 additions");
  EXPECT_EQ(reduced_axis("ReduceMin", {5, 4, 7}, false), "int64[], float32[2,3,5,7,1,13,17,19]; 8817900 additions");
  EXPECT_EQ(reduced_axis("ReduceProd", {}, false), "int64[], float32[2,1,5,7,11,13,17,19]; 6466460 additions");
  EXPECT_EQ(reduced_axis("ReduceSum", {}, false), "int64[], float32[1,3,5,7,11,13,17,19]; 4849845 additions");
  EXPECT_THAT(reduced_axis("ReduceMax", {}, false), HasSubstr("the values of its input \"axis\" [] are not known"));
  EXPECT_THAT(reduced_axis("ReduceMean", {2, 2}, false), HasSubstr("are not known"));
}

}  // namespace
}  // namespace tensord::analysis::single_node
