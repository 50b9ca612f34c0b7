// The arithmetic of shapes: values of small tensors that operators compute from known values, symbols among them.
#include "analysis/src/model/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/src/model/node_view.h"
#include "analysis/src/model/operators.h"

namespace tensord::analysis::model {
namespace {

using Wholes = std::vector<Expression>;
using Attributes = std::map<std::string, AttributeValue>;

const Expression kN = Expression::Symbol("N");
const Expression kH = Expression::Symbol("H");

TensorFacts Vector(Wholes values, ElementType type = ElementType::kInt64) {
  Shape shape = {static_cast<int64_t>(values.size())};
  return {.type = type, .shape = std::move(shape), .values = std::move(values), .role = Role::kConstant};
}
TensorFacts RealVector(std::vector<double> values, ElementType type = ElementType::kFloat32) {
  Shape shape = {static_cast<int64_t>(values.size())};
  return {.type = type, .shape = std::move(shape), .values = std::move(values), .role = Role::kConstant};
}
TensorFacts Number(Expression value, ElementType type = ElementType::kInt64) {
  return {.type = type, .shape = Shape(), .values = Wholes{std::move(value)}, .role = Role::kConstant};
}

// "[N*2 + 1,3]", "[0.5]", "unknown" or "error: ...": the values of the operator's first output.
std::string Folded(const char* op, std::vector<TensorFacts> inputs, Attributes attributes = {}) {
  GraphNode node{.name = "n", .op_type = op, .outputs = {"y"}, .attributes = std::move(attributes)};
  std::vector<TensorFacts*> pointers;
  for (size_t i = 0; i < inputs.size(); ++i) {
    node.inputs.push_back(absl::StrCat("x", i));
    pointers.push_back(&inputs[i]);
  }
  std::set<std::string> conditions;
  NodeView view(node, 17, std::move(pointers), conditions);
  const absl::Status status = FindOperator("", op)(view);
  if (!status.ok()) return absl::StrCat("error: ", status.message());
  const TensorFacts& output = *view.outputs()[0];
  std::string text = "unknown";
  if (output.integers() != nullptr) text = ShapeText(*output.integers());
  if (output.reals() != nullptr) {
    std::ostringstream reals;
    reals.precision(17);
    for (const double real : *output.reals()) reals << (reals.tellp() > 0 ? "," : "") << real;
    text = absl::StrCat("reals [", reals.str(), "]");
  }
  return text;
}

TEST(FoldTest, SumsDifferencesAndProductsKeepSymbols) {
  EXPECT_EQ(Folded("Add", {Vector({kN, 3}), Vector({kH, 4})}), "[H + N,7]");
  EXPECT_EQ(Folded("Sub", {Vector({kN, 3}), Number(1)}), "[N - 1,2]");
  EXPECT_EQ(Folded("Mul", {Vector({kN, 3}), Number(2)}), "[N*2,6]");
  EXPECT_EQ(Folded("Sum", {Vector({1, 2}), Vector({kN, 4}), Number(10)}), "[N + 11,16]");
  EXPECT_EQ(Folded("Neg", {Vector({kN, -3})}), "[-N,3]");
  EXPECT_EQ(Folded("Abs", {Vector({kN, -3, 0 - kN - 1})}), "[N,3,N + 1]");
  EXPECT_EQ(Folded("Abs", {Vector({kN - 3})}), "unknown");
  EXPECT_EQ(Folded("Identity", {Vector({kN, 3})}), "[N,3]");
  EXPECT_EQ(Folded("Identity", {RealVector({0.25}, ElementType::kFloat16)}), "reals [0.25]");
}

TEST(FoldTest, OperandsAreBroadcast) {
  TensorFacts column = Vector({10, 20});
  column.shape = Shape{2, 1};
  EXPECT_EQ(Folded("Add", {column, Vector({1, 2, 3})}), "[11,12,13,21,22,23]");
  EXPECT_EQ(Folded("Sub", {Vector({1, 2, 3}), column}), "[-9,-8,-7,-19,-18,-17]");
  TensorFacts pages = Vector({100, 200});
  pages.shape = Shape{2, 1, 1};
  EXPECT_EQ(Folded("Sum", {column, Vector({1, 2}), pages}), "[111,112,121,122,211,212,221,222]");
}

TEST(FoldTest, IntegersAreDividedTowardsZero) {
  EXPECT_EQ(Folded("Div", {Vector({7, -7, 7, -7, 6, -6, 0}), Vector({2, 2, -2, -2, 3, 3, 5})}), "[3,-3,-3,3,2,-2,0]");
  EXPECT_EQ(Folded("Div", {Vector({kN, kN * 6, kH + 3}), Vector({2, 2, 2})}), "[floor(N/2),N*3,floor((H + 3)/2)]");
  EXPECT_EQ(Folded("Div", {Vector({kN * kH}), Vector({kH})}), "[N]");
  // Below 0 for N = 1: truncated it would be 0, and the floor is -1.
  EXPECT_EQ(Folded("Div", {Vector({kN - 2}), Vector({2})}), "unknown");
  // Exact, whatever the sign.
  EXPECT_EQ(Folded("Div", {Vector({kN * 2 - 8}), Vector({2})}), "[N - 4]");
  EXPECT_EQ(Folded("Div", {Vector({kN}), Vector({kH - 1})}), "unknown");
  EXPECT_EQ(Folded("Div", {Vector({7}), Vector({0})}), "unknown");
  EXPECT_EQ(Folded("Div", {Vector({kN}), Vector({0})}), "unknown");
  EXPECT_EQ(Folded("Div", {Vector({std::numeric_limits<int64_t>::min()}), Vector({-1})}), "unknown");
}

TEST(FoldTest, RemaindersHaveTheSignOfTheDivisorOrAsInCOfTheDividend) {
  const TensorFacts dividends = Vector({7, -7, 7, -7});
  const TensorFacts divisors = Vector({3, 3, -3, -3});
  EXPECT_EQ(Folded("Mod", {dividends, divisors}), "[1,2,-2,-1]");
  EXPECT_EQ(Folded("Mod", {dividends, divisors}, {{"fmod", int64_t{1}}}), "[1,-1,1,-1]");
  EXPECT_EQ(Folded("Mod", {Vector({kN}), Vector({7})}), "[N - floor(N/7)*7]");
  EXPECT_EQ(Folded("Mod", {Vector({7}), Vector({0})}), "unknown");
  EXPECT_EQ(Folded("Mod", {Vector({7}), Vector({0})}, {{"fmod", int64_t{1}}}), "unknown");
}

TEST(FoldTest, ExtremesAreKnownWhereSymbolsDoNotDecide) {
  EXPECT_EQ(Folded("Max", {Vector({1, kN, kN + 1}), Vector({2, 1, kN})}), "[2,N,N + 1]");
  EXPECT_EQ(Folded("Min", {Vector({1, kN, kN + 1}), Vector({2, 1, kN})}), "[1,1,N]");
  EXPECT_EQ(Folded("Max", {Vector({kN}), Vector({2})}), "unknown");
  EXPECT_EQ(Folded("Max", {Vector({-4}), Vector({-6}), Vector({-5})}), "[-4]");
}

TEST(FoldTest, ComparisonsAreKnownWhereSymbolsDoNotDecide) {
  const TensorFacts a = Vector({1, 2, 3});
  EXPECT_EQ(Folded("Equal", {a, Number(2)}), "[0,1,0]");
  EXPECT_EQ(Folded("Less", {a, Number(2)}), "[1,0,0]");
  EXPECT_EQ(Folded("LessOrEqual", {a, Number(2)}), "[1,1,0]");
  EXPECT_EQ(Folded("Greater", {a, Number(2)}), "[0,0,1]");
  EXPECT_EQ(Folded("GreaterOrEqual", {a, Number(2)}), "[0,1,1]");
  EXPECT_EQ(Folded("Equal", {Vector({kN, kN, kN}), Vector({-1, kN, kN + 1})}), "[0,1,0]");
  EXPECT_EQ(Folded("Equal", {Number(kN), Number(1)}), "unknown");
  EXPECT_EQ(Folded("Less", {Vector({kN, kN, 0}), Vector({kN, 1, kN})}), "[0,0,1]");
  EXPECT_EQ(Folded("Less", {Number(1), Number(kN)}), "unknown");
  EXPECT_EQ(Folded("LessOrEqual", {Vector({1, kN, kN + 1}), Vector({kN, kN, kN})}), "[1,1,0]");
  EXPECT_EQ(Folded("Greater", {Number(kN), Number(0)}), "[1]");
  EXPECT_EQ(Folded("GreaterOrEqual", {Number(0), Number(kN)}), "[0]");
  EXPECT_EQ(Folded("Less", {RealVector({0.5, std::nan("")}), RealVector({1, 1})}), "[1,0]");
}

TEST(FoldTest, TruthValuesAreCombined) {
  const TensorFacts a = Vector({0, 0, 1, 1}, ElementType::kBool);
  const TensorFacts b = Vector({0, 1, 0, 1}, ElementType::kBool);
  EXPECT_EQ(Folded("And", {a, b}), "[0,0,0,1]");
  EXPECT_EQ(Folded("Or", {a, b}), "[0,1,1,1]");
  EXPECT_EQ(Folded("Xor", {a, b}), "[0,1,1,0]");
  EXPECT_EQ(Folded("Not", {a}), "[1,1,0,0]");
  EXPECT_EQ(Folded("Where", {a, Number(kN), Vector({1, 2, 3, 4})}), "[1,2,N,N]");
  TensorFacts unknown = a;
  unknown.values.reset();
  EXPECT_EQ(Folded("Where", {unknown, Number(kN), Number(kN)}), "unknown");
}

TEST(FoldTest, RealsAreRoundedAsTheirTypeRounds) {
  EXPECT_EQ(Folded("Floor", {RealVector({1.5, -1.5, 2})}), "reals [1,-2,2]");
  EXPECT_EQ(Folded("Ceil", {RealVector({1.5, -1.5, 2})}), "reals [2,-1,2]");
  EXPECT_EQ(Folded("Round", {RealVector({0.9, 2.5, 2.3, 1.5, -4.5})}), "reals [1,2,2,2,-4]");
  EXPECT_EQ(Folded("Abs", {RealVector({-1.5})}), "reals [1.5]");
  EXPECT_EQ(Folded("Neg", {RealVector({-1.5})}), "reals [1.5]");
  // 0.7 is 0.699999988 in float32, of which 10 times is 6.99999988, which float32 rounds to 7.
  const double seven_tenths = static_cast<double>(0.7F);
  EXPECT_EQ(Folded("Mul", {RealVector({seven_tenths}), RealVector({10})}), "reals [7]");
  EXPECT_EQ(Folded("Floor", {RealVector({seven_tenths * 10}, ElementType::kFloat64)}), "reals [6]");
  EXPECT_EQ(Folded("Div", {RealVector({7}), RealVector({2})}), "reals [3.5]");
  EXPECT_EQ(Folded("Mul", {RealVector({3e38}), RealVector({10})}), "unknown");
  EXPECT_EQ(Folded("Add", {RealVector({1}, ElementType::kFloat16), RealVector({2}, ElementType::kFloat16)}), "unknown");
}

TEST(FoldTest, CastsConvertWhatFits) {
  const auto cast = [](TensorFacts value, ElementType to) {
    return Folded("Cast", {std::move(value)}, {{"to", static_cast<int64_t>(to)}});
  };
  EXPECT_EQ(cast(RealVector({1.9, -1.9}), ElementType::kInt64), "[1,-1]");
  EXPECT_EQ(cast(RealVector({std::nan("")}), ElementType::kInt64), "unknown");
  EXPECT_EQ(cast(RealVector({std::numeric_limits<double>::infinity()}), ElementType::kInt64), "unknown");
  EXPECT_EQ(cast(RealVector({1e30}), ElementType::kInt64), "unknown");
  EXPECT_EQ(cast(RealVector({0, -0.0, 0.1}), ElementType::kBool), "[0,0,1]");
  EXPECT_EQ(cast(Vector({3, -4}), ElementType::kFloat32), "reals [3,-4]");
  EXPECT_EQ(cast(Vector({0, 5, -5, kN}), ElementType::kBool), "[0,1,1,1]");
  EXPECT_EQ(cast(Vector({kN - 1}), ElementType::kBool), "unknown");
  EXPECT_EQ(cast(Vector({255, 0}), ElementType::kUint8), "[255,0]");
  EXPECT_EQ(cast(Vector({256}), ElementType::kUint8), "unknown");
  EXPECT_EQ(cast(Vector({-1}), ElementType::kUint8), "unknown");
  EXPECT_EQ(cast(Vector({-128, 127}), ElementType::kInt8), "[-128,127]");
  EXPECT_EQ(cast(Vector({-129}), ElementType::kInt8), "unknown");
  EXPECT_EQ(cast(Vector({128}), ElementType::kInt8), "unknown");
  EXPECT_EQ(cast(Vector({std::numeric_limits<int64_t>::max()}), ElementType::kUint64), "[9223372036854775807]");
  EXPECT_EQ(cast(Vector({kN}), ElementType::kInt32), "[N]");
  EXPECT_EQ(cast(Vector({kN}), ElementType::kInt8), "unknown");
  EXPECT_EQ(cast(Vector({kN - 2}), ElementType::kUint32), "unknown");
  EXPECT_EQ(cast(Vector({1}), ElementType::kString), "unknown");
  EXPECT_EQ(Folded("CastLike", {RealVector({2.5}), Vector({0})}), "[2]");
}

// As exporters double an image's size: Cast to float, Mul, Floor, Cast back.
TEST(FoldTest, SizesThatAreCastToRealsStayExpressions) {
  const TensorFacts sizes = Vector({kN, 5}, ElementType::kFloat32);
  EXPECT_EQ(Folded("Mul", {sizes, RealVector({2, 2})}), "[N*2,10]");
  EXPECT_EQ(Folded("Mul", {sizes, RealVector({2, 1.5})}), "unknown");
  EXPECT_EQ(Folded("Div", {Vector({kN * 4}, ElementType::kFloat32), RealVector({2})}), "[N*2]");
  // N/2 is a half for N = 1, which is neither a whole number nor floor(N/2).
  EXPECT_EQ(Folded("Div", {Vector({kN}, ElementType::kFloat32), RealVector({2})}), "unknown");
  EXPECT_EQ(Folded("Floor", {sizes}), "[N,5]");
  EXPECT_EQ(Folded("Cast", {sizes}, {{"to", int64_t{7}}}), "[N,5]");
}

TEST(FoldTest, ReductionsKeepSymbols) {
  EXPECT_EQ(Folded("ReduceProd", {Vector({kN, 3, kH})}), "[H*N*3]");
  EXPECT_EQ(Folded("ReduceSum", {Vector({kN, 3, kN})}), "[N*2 + 3]");
  EXPECT_EQ(Folded("ReduceMax", {Vector({kN, 0})}), "[N]");
  EXPECT_EQ(Folded("ReduceMin", {Vector({kN, 3})}), "unknown");
  EXPECT_EQ(Folded("ReduceProd", {RealVector({0.5, 3})}), "reals [1.5]");
  TensorFacts table = Vector({1, 2, 3, 4});
  table.shape = Shape{2, 2};
  EXPECT_EQ(Folded("ReduceSum", {table}), "[10]");
  EXPECT_EQ(Folded("ReduceSum", {table, Vector({0})}), "unknown");
}

TEST(FoldTest, WhatIsTooMuchOrDoesNotFitIsNotKnown) {
  const TensorFacts many = Vector(Wholes(kMaxFoldedValues, 1));
  EXPECT_NE(Folded("Neg", {many}), "unknown");
  EXPECT_NE(Folded("Identity", {many}), "unknown");
  const TensorFacts more = Vector(Wholes(kMaxFoldedValues + 1, 1));
  EXPECT_EQ(Folded("Neg", {more}), "unknown");
  EXPECT_EQ(Folded("Identity", {more}), "unknown");
  EXPECT_EQ(Folded("ReduceSum", {more}), "unknown");
  EXPECT_NE(Folded("Sum", std::vector<TensorFacts>(4, many)), "unknown");
  EXPECT_EQ(Folded("Sum", std::vector<TensorFacts>(5, many)), "unknown");
  const TensorFacts large = Number(std::numeric_limits<int64_t>::max());
  EXPECT_EQ(Folded("Add", {large, Number(0)}), "[9223372036854775807]");
  EXPECT_EQ(Folded("Add", {large, Number(1)}), "unknown");
  EXPECT_EQ(Folded("Sub", {Number(2, ElementType::kUint32), Number(3, ElementType::kUint32)}), "unknown");
  EXPECT_EQ(Folded("Add", {Number(1 << 30, ElementType::kInt32), Number(1 << 30, ElementType::kInt32)}), "unknown");
  Expression long_one = kN;
  while (long_one.ToString().size() < kMaxValueTextBytes) long_one = long_one * kH;
  EXPECT_EQ(Folded("Mul", {Number(long_one), Number(kN)}), "unknown");
  // The values do not agree with the shape.
  TensorFacts wrong = Vector({1, 2});
  wrong.shape = Shape{3};
  EXPECT_EQ(Folded("Neg", {wrong}), "unknown");
  wrong.shape = Shape{kN};
  EXPECT_EQ(Folded("Neg", {wrong}), "unknown");
}

TEST(FoldTest, AnEmptyVectorStaysOne) {
  EXPECT_EQ(Folded("Neg", {Vector({})}), "[]");
  EXPECT_EQ(Folded("Neg", {RealVector({})}), "reals []");
}

}  // namespace
}  // namespace tensord::analysis::model
