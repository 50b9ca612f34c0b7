// Einsum: shapes, counts, what each element reads, and equations that are none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tensord/analysis/model.h"
#include "tests/analysis/model/costs.h"
#include "tests/analysis/model/single_node.h"

namespace tensord::analysis::single_node {
namespace {

using ::testing::HasSubstr;

std::string Of(const std::string& equation, const std::vector<Sizes>& shapes) {
  Node node{.op = "Einsum", .inputs = {}, .attributes = {{"equation", equation}}};
  for (const Sizes& shape : shapes) node.inputs.emplace_back(Data(shape));
  return Summary(node);
}

TEST(EinsumTest, AMatrixProduct) {
  // 3*4*5 products, of which 3*5 sums are made.
  EXPECT_EQ(Of("ij,jk->ik", {{3, 4}, {4, 5}}), "float32[3,5]; 60 multiplications; 45 additions; 60 macs");
  EXPECT_EQ(Of(" i j , j k -> i k ", {{3, 4}, {4, 5}}), Of("ij,jk->ik", {{3, 4}, {4, 5}}));
  // As NumPy: without an arrow, letters that stand once, in the alphabet's order.
  EXPECT_EQ(Of("ij,jk", {{3, 4}, {4, 5}}), Of("ij,jk->ik", {{3, 4}, {4, 5}}));
  EXPECT_EQ(Of("kj,ji", {{3, 4}, {4, 5}}), "float32[5,3]; 60 multiplications; 45 additions; 60 macs");
}

TEST(EinsumTest, AttentionOfABatchThatIsASymbol) {
  EXPECT_EQ(Of("BGHID,BGHJD->BGHIJ", {{"N", 4, 2, 49, 32}, {"N", 4, 2, 49, 32}}),
            "float32[N,4,2,49,49]; N*614656 multiplications; N*595448 additions; N*614656 macs");
}

TEST(EinsumTest, OtherSums) {
  EXPECT_EQ(Of("i,j->ij", {{3}, {4}}), "float32[3,4]; 12 multiplications; 12 macs");
  EXPECT_EQ(Of("ij,ij->", {{3, 4}, {3, 4}}), "float32[]; 12 multiplications; 11 additions; 12 macs");
  EXPECT_EQ(Of("ij->ji", {{3, 4}}), "float32[4,3]");
  EXPECT_EQ(Of("ij->j", {{3, 4}}), "float32[4]; 8 additions");
  EXPECT_EQ(Of("ii->", {{3, 3}}), "float32[]; 2 additions");
}

TEST(EinsumTest, WhatIsNotKnown) {
  EXPECT_EQ(Of("...ij,...jk->...ik", {{2, 3, 4}, {2, 4, 5}}), "unknown[?]; unknown n");
  EXPECT_EQ(Of("ij,jk,kl->il", {{2, 3}, {3, 4}, {4, 5}}), "float32[2,5]; unknown n");
}

TEST(EinsumTest, SizesOfALetterAreEqual) {
  EXPECT_EQ(Of("ij,jk->ik", {{3, "J"}, {4, 5}}),
            "float32[3,5]; J*15 multiplications; (J - 1)*15 additions; J*15 macs; if J = 4");
  const std::string error = Of("ij,jk->ik", {{3, 4}, {6, 5}});
  EXPECT_THAT(error, HasSubstr("node \"n\" (Einsum): axis 0 of its operand"));
  EXPECT_THAT(error, HasSubstr("\"j\" of its equation \"ij,jk->ik\""));
  EXPECT_THAT(error, HasSubstr("was 4, has to be 6"));
  EXPECT_THAT(Of("ii->i", {{3, 4}}), HasSubstr("axis 1 of its operand"));
}

TEST(EinsumTest, EquationsThatAreNone) {
  EXPECT_THAT(Of("ij,jk->ik", {{3, 4}}), HasSubstr("has 2 operands, has to have one for each of its 1 inputs"));
  EXPECT_THAT(Of("ij->k", {{3, 4}}), HasSubstr("behind its arrow letters of its operands, each once"));
  EXPECT_THAT(Of("ij->ii", {{3, 4}}), HasSubstr("each once"));
  EXPECT_THAT(Of("ij->i->j", {{3, 4}}), HasSubstr("each once"));
  EXPECT_THAT(Of("i1->i", {{3, 4}}), HasSubstr("has to be letters, commas and an arrow"));
  EXPECT_THAT(Of("i\n->i", {{3}}), HasSubstr("its equation \"i\\n->i\" has to be letters"));
  EXPECT_THAT(Of("ijk->i", {{3, 4}}), HasSubstr("of rank"));
  EXPECT_THAT(Of("", {{3, 4}}), HasSubstr("of rank"));
}

// Of each operand, A products, and as many sums as it has elements; of one operand there are no products.
TEST(EinsumTest, GradientsAreAsManyProducts) {
  model::SmallGraph graph;
  graph.Input("a", {3, 4}).Input("b", {4, 5});
  graph.Node("Einsum", {"a", "b"}, {"c"}, {{"equation", "ij,jk->ik"}});
  graph.Node("Einsum", {"c"}, {"y"}, {{"equation", "ik->i"}});
  const model::Costs costs = model::CostsOf(graph, {"y"});
  ASSERT_EQ(costs.layers.size(), 2U);
  ASSERT_TRUE(costs.layers[0].backward.has_value());
  EXPECT_EQ(model::Brief(costs.layers[0].backward->inputs), "120 mul, 88 add; 120 macs");  // 60 - 3*4 and 60 - 4*5
  ASSERT_TRUE(costs.layers[1].backward.has_value());
  EXPECT_EQ(model::Brief(costs.layers[1].backward->inputs), "nothing");
}

// Rows of an image keep their places, its columns are summed.
TEST(EinsumTest, WhatElementsRead) {
  const absl::StatusOr<ModelAnalysis> model = AnalyzeModel(
      GraphOf({.op = "Einsum", .inputs = {Data({1, 2, 8, 9})}, .attributes = {{"equation", "nchw->hcn"}}}), {});
  ASSERT_TRUE(model.ok()) << model.status();
  ASSERT_EQ(model->layers[0].receptive_fields.size(), 1U);
  const std::vector<ReceptiveAxis>& axes = model->layers[0].receptive_fields[0].axes;
  ASSERT_EQ(axes.size(), 2U);
  EXPECT_FALSE(axes[0].is_whole);
  EXPECT_EQ(axes[0].output_axis, 0);
  EXPECT_EQ(axes[0].size.ToString(), "1");
  EXPECT_TRUE(axes[1].is_whole);
  EXPECT_EQ(axes[1].size.ToString(), "9");
}

}  // namespace
}  // namespace tensord::analysis::single_node
