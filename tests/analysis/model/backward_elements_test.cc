// Operations of the gradients of single elements, of sums of them, and of what moves them, against slow ones that
// count, and whose values are compared with differences.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/analysis/model/costs.h"
#include "tests/analysis/model/counted_number.h"

namespace tensord::analysis::model {
namespace {

TEST(BackwardTest, Softmax) {
  const std::vector<double> y = {0.1, 0.2, 0.3, 0.4}, dy = {1, -1, 2, 0.5};
  Tallies expected;
  expected.inputs = Tallied([&] {
    for (int group = 0; group < 3; ++group) {
      Sum sum;
      for (size_t i = 0; i < 4; ++i) sum.Add(Number(dy[i]) * Number(y[i]));
      for (size_t i = 0; i < 4; ++i) static_cast<void>(Number(y[i]) * (Number(dy[i]) - sum.value()));
    }
  });
  SmallGraph graph;
  ExpectCounts(CostsOf(graph.Input("x", {3, 4}).Node("Softmax", {"x"}, {"y"}), {"y"}), expected);
  expected.inputs = Tallied([&] {
    for (int group = 0; group < 3; ++group) {
      Sum sum;
      for (size_t i = 0; i < 4; ++i) sum.Add(dy[i]);
      for (size_t i = 0; i < 4; ++i) static_cast<void>(Number(dy[i]) - Call(&std::exp, y[i]) * sum.value());
    }
  });
  SmallGraph logarithms;
  ExpectCounts(CostsOf(logarithms.Input("x", {3, 4}).Node("LogSoftmax", {"x"}, {"y"}), {"y"}), expected);
}

// A function of one number, and its gradient from x, y = f(x) and dy with every operation that the branches at the
// points below need at most.
struct Function {
  std::string op;
  double (*forward)(double x);
  Number (*backward)(Number x, Number y, Number dy);
  Attributes attributes = {};
  bool is_positive = false;  // only of positive numbers
};

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
constexpr double kPi = 3.14159265358979323846;

const std::vector<Function>& Functions() {
  using N = Number;
  static const auto* const functions = new std::vector<Function>{
      {"Relu", [](double x) { return x > 0 ? x : 0; }, [](N, N y, N dy) { return y > 0 ? dy : N(0); }},
      {"LeakyRelu", [](double x) { return x > 0 ? x : 0.01 * x; },
       [](N x, N, N dy) { return x > 0 ? dy : N(0.01) * dy; }},
      {"ThresholdedRelu", [](double x) { return x > 1 ? x : 0; }, [](N x, N, N dy) { return x > 1 ? dy : N(0); }},
      {"Shrink", [](double x) { return x < -0.5  ? x
                                       : x > 0.5 ? x
                                                 : 0; },
       [](N x, N, N dy) { return N(-0.5) > x ? dy
                                 : x > 0.5   ? dy
                                             : N(0); }},
      {"Elu", [](double x) { return x > 0 ? x : std::exp(x) - 1; },
       [](N x, N y, N dy) { return x > 0 ? dy : dy * (y + 1); }},
      {"Selu", [](double x) { return x > 0 ? 1.0507 * x : 1.0507 * (1.67326 * std::exp(x) - 1.67326); },
       [](N x, N y, N dy) { return x > 0 ? N(1.0507) * dy : dy * (y + 1.0507 * 1.67326); }},
      {"Celu", [](double x) { return x > 0 ? x : 2 * (std::exp(x / 2) - 1); },
       [](N x, N y, N dy) { return x > 0 ? dy : dy * (y / 2 + 1); }},
      {"Sigmoid", &Sigmoid, [](N, N y, N dy) { return dy * y * (N(1) - y); }},
      {"HardSigmoid", [](double x) { return std::max(0.0, std::min(1.0, 0.2 * x + 0.5)); },
       [](N x, N, N dy) { return x > -2.5 && N(2.5) > x ? N(0.2) * dy : N(0); }},
      {"HardSwish", [](double x) { return x * std::max(0.0, std::min(1.0, x / 6 + 0.5)); },
       [](N x, N, N dy) { return x > 3    ? dy
                                 : x > -3 ? dy * (x * N(1.0 / 3) + 0.5)
                                          : N(0); }},
      {"Swish",
       [](double x) { return x * Sigmoid(2 * x); },
       [](N x, N y, N dy) {
         const N s = N(1) / (N(1) + Call(&std::exp, -(N(2) * x)));
         return dy * (s + N(2) * y * (N(1) - s));
       },
       {{"alpha", 2.0}}},
      {"Softplus", [](double x) { return std::log(1 + std::exp(x)); },
       [](N x, N, N dy) { return dy / (N(1) + Call(&std::exp, -x)); }},
      {"Softsign", [](double x) { return x / (1 + std::abs(x)); },
       [](N x, N, N dy) {
         const N d = N(1) + (x > 0 ? x : -x);
         return dy / (d * d);
       }},
      {"Gelu", [](double x) { return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0))); },
       [](N x, N, N dy) {
         const N p = N(0.5) * (N(1) + Call(&std::erf, x / std::sqrt(2.0)));
         const N density = N(1 / std::sqrt(2 * kPi)) * Call(&std::exp, -(N(0.5) * (x * x)));
         return dy * (p + x * density);
       }},
      {"Tanh", [](double x) { return std::tanh(x); }, [](N, N y, N dy) { return dy * (N(1) - y * y); }},
      {"Tan", [](double x) { return std::tan(x); }, [](N, N y, N dy) { return dy * (N(1) + y * y); }},
      {"Exp", [](double x) { return std::exp(x); }, [](N, N y, N dy) { return dy * y; }},
      {"Log", [](double x) { return std::log(x); }, [](N x, N, N dy) { return dy / x; }, {}, true},
      {"Sqrt", [](double x) { return std::sqrt(x); }, [](N, N y, N dy) { return N(0.5) * dy / y; }, {}, true},
      {"Reciprocal", [](double x) { return 1 / x; }, [](N, N y, N dy) { return -(dy * y * y); }},
      {"Abs", [](double x) { return std::abs(x); }, [](N x, N, N dy) { return x > 0 ? dy : -dy; }},
      {"Erf", [](double x) { return std::erf(x); },
       [](N x, N, N dy) { return dy * (N(2 / std::sqrt(kPi)) * Call(&std::exp, -(x * x))); }},
      {"Sin", [](double x) { return std::sin(x); }, [](N x, N, N dy) { return dy * Call(&std::cos, x); }},
      {"Cos", [](double x) { return std::cos(x); }, [](N x, N, N dy) { return -(dy * Call(&std::sin, x)); }},
      {"Neg", [](double x) { return -x; }, [](N, N, N dy) { return -dy; }},
      {"Identity", [](double x) { return x; }, [](N, N, N dy) { return dy; }},
  };
  return *functions;
}

TEST(BackwardTest, FunctionsOfSingleElements) {
  for (const Function& function : Functions()) {
    Tallies expected;
    for (const double x : {-3.7, -1.3, -0.4, 0.3, 0.9, 1.7, 3.4}) {
      if (function.is_positive && x < 0) continue;
      Number dx;
      const Tally point = Tallied([&] { dx = function.backward(x, function.forward(x), 2); });
      const double difference = (function.forward(x + 1e-6) - function.forward(x - 1e-6)) / 2e-6;
      EXPECT_NEAR(dx.value(), 2 * difference, 1e-6 * (1 + std::abs(difference))) << function.op << " at " << x;
      Tally& most = expected.inputs;
      most.mul = std::max(most.mul, point.mul);
      most.add = std::max(most.add, point.add);
      most.cmp = std::max(most.cmp, point.cmp);
      most.div = std::max(most.div, point.div);
      most.fun = std::max(most.fun, point.fun);
    }
    // One element, at an opset that has all of them.
    SmallGraph graph(24);
    graph.Input("x", {1}).Node(function.op, {"x"}, {"y"}, function.attributes);
    SCOPED_TRACE(function.op);
    ExpectCounts(CostsOf(graph, {"y"}), expected);
  }
}

std::string Inputs(const SmallGraph& graph) {
  const Costs costs = CostsOf(graph, {"y"});
  return costs.layers[0].backward.has_value() ? Brief(costs.layers[0].backward->inputs) : "not worked out";
}

// a [4,3] and b [3]: 12 elements, of which b's gradients are sums of 4.
TEST(BackwardTest, OperatorsOfTwoTensors) {
  const auto of = [](const std::string& op) {
    SmallGraph graph;
    return Inputs(graph.Input("a", {4, 3}).Input("b", {3}).Node(op, {"a", "b"}, {"y"}));
  };
  EXPECT_EQ(of("Add"), "9 add");
  EXPECT_EQ(of("Sub"), "9 add");
  EXPECT_EQ(of("Mul"), "24 mul, 9 add");
  EXPECT_EQ(of("Div"), "12 mul, 9 add, 12 div");
  EXPECT_EQ(of("Max"), "9 add, 24 cmp");
  EXPECT_EQ(of("Mean"), "9 add, 12 div");
  EXPECT_EQ(of("Pow"), "not worked out");
}

TEST(BackwardTest, ParametersAndBiasesHaveGradientsOfTheirOwn) {
  SmallGraph graph;
  graph.Input("a", {4, 3}).Weights("b", {3}).Node("Mul", {"a", "b"}, {"m"}).Node("Add", {"m", "b"}, {"y"});
  const Costs costs = CostsOf(graph, {"y"});
  EXPECT_EQ(Brief(costs.layers[0].backward->inputs), "12 mul");
  EXPECT_EQ(Brief(costs.layers[0].backward->parameters), "12 mul, 9 add");
  EXPECT_EQ(Brief(costs.layers[1].backward->inputs), "nothing");
  EXPECT_EQ(Brief(costs.layers[1].backward->bias), "9 add");
  EXPECT_EQ(Brief(costs.total.backward.inputs), "12 mul");
  EXPECT_EQ(Brief(costs.total.backward.bias), "9 add");
  SmallGraph slopes;
  slopes.Input("x", {1, 4, 3}).Weights("s", {4, 1}).Node("PRelu", {"x", "s"}, {"y"});
  const Costs prelu = CostsOf(slopes, {"y"});
  EXPECT_EQ(Brief(prelu.layers[0].backward->inputs), "12 mul, 12 cmp");
  EXPECT_EQ(Brief(prelu.layers[0].backward->parameters), "12 mul, 8 add");
}

TEST(BackwardTest, Powers) {
  const auto of = [](int64_t exponent) {
    SmallGraph graph;
    return Inputs(graph.Input("x", {5}).Integers("e", {}, {exponent}).Node("Pow", {"x", "e"}, {"y"}));
  };
  EXPECT_EQ(of(2), "10 mul");
  EXPECT_EQ(of(3), "15 mul");
  EXPECT_EQ(of(5), "10 mul, 5 fun");
}

TEST(BackwardTest, ReductionsOfFourGroupsOfThree) {
  const auto of = [](const std::string& op) {
    SmallGraph graph(13);
    return Inputs(graph.Input("x", {4, 3}).Node(op, {"x"}, {"y"}, {{"axes", Ints({1})}}));
  };
  EXPECT_EQ(of("ReduceMean"), "4 div");
  EXPECT_EQ(of("ReduceMax"), "12 cmp");
  EXPECT_EQ(of("ReduceL1"), "12 cmp");
  EXPECT_EQ(of("ReduceL2"), "12 mul, 4 div");
  EXPECT_EQ(of("ReduceSumSquare"), "16 mul");
  EXPECT_EQ(of("ReduceLogSumExp"), "12 mul, 12 add, 12 fun");
  EXPECT_EQ(of("ReduceProd"), "not worked out");
}

TEST(BackwardTest, OperatorsThatMoveElements) {
  const auto of = [](const std::string& op, Attributes attributes) {
    SmallGraph graph;
    return Inputs(graph.Input("x", {1, 4, 3, 3}).Node(op, {"x"}, {"y"}, std::move(attributes)));
  };
  EXPECT_EQ(of("Transpose", {{"perm", Ints({0, 2, 3, 1})}}), "nothing");
  EXPECT_EQ(of("Flatten", {}), "nothing");
  SmallGraph tiles;
  tiles.Input("x", {2, 3}).Integers("r", {4, 1}).Node("Tile", {"x", "r"}, {"y"});
  EXPECT_EQ(Inputs(tiles), "18 add");
  SmallGraph rows;
  rows.Input("x", {9, 3}).Input("i", {5}, ElementType::kInt64).Node("Gather", {"x", "i"}, {"y"});
  EXPECT_EQ(Inputs(rows), "15 add");
  const auto padded = [](const std::string& mode) {
    SmallGraph graph;
    graph.Input("x", {5}).Integers("p", {1, 1});
    return Inputs(graph.Node("Pad", {"x", "p"}, {"y"}, {{"mode", mode}}));
  };
  EXPECT_EQ(padded("constant"), "nothing");
  EXPECT_EQ(padded("reflect"), "not worked out");
  const auto doubled = [](const std::string& mode) {
    SmallGraph graph;
    graph.Input("x", {1, 1, 3, 3}).Reals("s", {1, 1, 2, 2});
    return Inputs(graph.Node("Resize", {"x", "", "s"}, {"y"}, {{"mode", mode}}));
  };
  // 36 samples of 1, 4 and 16 neighbours.
  EXPECT_EQ(doubled("nearest"), "36 add");
  EXPECT_EQ(doubled("linear"), "144 mul, 144 add");
  EXPECT_EQ(doubled("cubic"), "576 mul, 576 add");
}

TEST(BackwardTest, WhatIsNotWorkedOutAndWhatHasNone) {
  SmallGraph graph;
  graph.Input("x", {5}).Node("Asinh", {"x"}, {"y"});
  EXPECT_EQ(Inputs(graph), "not worked out");
  SmallGraph tests;
  tests.Input("x", {5}).Input("z", {5}).Node("Less", {"x", "z"}, {"y"});
  EXPECT_EQ(Inputs(tests), "nothing") << "truth values have no gradient";
  SmallGraph integers;
  integers.Input("x", {5}, ElementType::kInt64).Node("Mul", {"x", "x"}, {"y"});
  EXPECT_EQ(Inputs(integers), "nothing");
}

}  // namespace
}  // namespace tensord::analysis::model
