// Operations of the gradients of normalisations, against slow ones that count, and whose values are compared with
// differences.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/analysis/model/costs.h"
#include "tests/analysis/model/counted_number.h"

namespace tensord::analysis::model {
namespace {

// Gradients of groups of numbers that are standardised: `dx` from x, dy and a scale for each element.
struct Standardised {
  std::vector<double> x, dy, scale;
};

Standardised Numbers(size_t count, bool has_one_scale) {
  Standardised numbers;
  for (size_t i = 0; i < count; ++i) {
    numbers.x.push_back(std::sin(static_cast<double>(i) * 1.7));
    numbers.dy.push_back(std::cos(static_cast<double>(i) * 0.9));
    numbers.scale.push_back(has_one_scale ? 1.5 : 1 + 0.25 * static_cast<double>(i));
  }
  return numbers;
}

double Loss(const Standardised& numbers) {
  double mean = 0, variance = 0, loss = 0;
  const auto count = static_cast<double>(numbers.x.size());
  for (const double x : numbers.x) mean += x / count;
  for (const double x : numbers.x) variance += (x - mean) * (x - mean) / count;
  for (size_t i = 0; i < numbers.x.size(); ++i) {
    loss += numbers.dy[i] * numbers.scale[i] * (numbers.x[i] - mean) / std::sqrt(variance + 1e-5);
  }
  return loss;
}

// The mean, and one over the deviation, that the forward pass kept.
std::pair<double, double> Statistics(const Standardised& numbers) {
  double mean = 0, variance = 0;
  const auto count = static_cast<double>(numbers.x.size());
  for (const double x : numbers.x) mean += x / count;
  for (const double x : numbers.x) variance += (x - mean) * (x - mean) / count;
  return {mean, 1 / std::sqrt(variance + 1e-5)};
}

void ExpectGradient(const Standardised& numbers, const std::vector<Number>& dx) {
  for (size_t i = 0; i < dx.size(); ++i) {
    Standardised more = numbers, less = numbers;
    more.x[i] += 1e-5;
    less.x[i] -= 1e-5;
    EXPECT_NEAR(dx[i].value(), (Loss(more) - Loss(less)) / 2e-5, 1e-6);
  }
}

// One channel of a batch normalisation: its sums are the scale's and the bias' gradients.
Tallies OfChannel(const Standardised& numbers) {
  const auto [mean, inverse] = Statistics(numbers);
  const Number count(static_cast<double>(numbers.x.size()));
  std::vector<Number> h, dx;
  Sum scales, biases;
  Tallies expected;
  Tally standardising = Tallied([&] {
    for (const double x : numbers.x) h.push_back((Number(x) - mean) * inverse);
  });
  expected.parameters = Tallied([&] {
    for (size_t i = 0; i < h.size(); ++i) scales.Add(Number(numbers.dy[i]) * h[i]);
  });
  expected.bias = Tallied([&] {
    for (const double dy : numbers.dy) biases.Add(dy);
  });
  expected.inputs = Tallied([&] {
    const Number factor = Number(numbers.scale[0]) * inverse;
    const Number mean_bias = biases.value() / count;
    const Number mean_scale = scales.value() / count;
    for (size_t i = 0; i < h.size(); ++i) {
      dx.push_back(factor * (Number(numbers.dy[i]) - mean_bias - h[i] * mean_scale));
    }
  });
  expected.inputs.mul += standardising.mul;
  expected.inputs.add += standardising.add;
  ExpectGradient(numbers, dx);
  return expected;
}

void Add(const Tally& part, int64_t times, Tally& sum) {
  sum.mul += part.mul * times;
  sum.add += part.add * times;
  sum.div += part.div * times;
}

TEST(BackwardTest, BatchNormalization) {
  const Tallies channel = OfChannel(Numbers(2 * 5, true));
  Tallies expected;
  Add(channel.inputs, 3, expected.inputs);
  Add(channel.parameters, 3, expected.parameters);
  Add(channel.bias, 3, expected.bias);
  SmallGraph graph;
  graph.Input("x", {2, 3, 5});
  for (const std::string name : {"s", "b", "m", "v"}) graph.Weights(name, {3});
  ExpectCounts(CostsOf(graph.Node("BatchNormalization", {"x", "s", "b", "m", "v"}, {"y"}), {"y"}), expected);
}

// One group whose elements have scales of their own.
Tally OfGroup(const Standardised& numbers) {
  const auto [mean, inverse] = Statistics(numbers);
  std::vector<Number> dx;
  const Tally counts = Tallied([&] {
    const Number count(static_cast<double>(numbers.x.size()));
    std::vector<Number> h, g;
    Sum sums, products;
    for (size_t i = 0; i < numbers.x.size(); ++i) {
      h.push_back((Number(numbers.x[i]) - mean) * inverse);
      g.push_back(Number(numbers.dy[i]) * numbers.scale[i]);
      sums.Add(g[i]);
      products.Add(g[i] * h[i]);
    }
    const Number mean_sum = sums.value() / count;
    const Number mean_product = products.value() / count;
    for (size_t i = 0; i < h.size(); ++i) dx.push_back(Number(inverse) * (g[i] - mean_sum - h[i] * mean_product));
  });
  ExpectGradient(numbers, dx);
  return counts;
}

// 6 groups of 4, and sums of 6 products for each of 4 scales, and of 6 gradients for each of 4 biases.
TEST(BackwardTest, LayerNormalization) {
  Tallies expected;
  Add(OfGroup(Numbers(4, false)), 6, expected.inputs);
  expected.parameters = {.mul = 24, .add = 20};
  expected.bias = {.add = 20};
  SmallGraph graph;
  graph.Input("x", {2, 3, 4}).Weights("s", {4}).Weights("b", {4});
  ExpectCounts(CostsOf(graph.Node("LayerNormalization", {"x", "s", "b"}, {"y"}), {"y"}), expected);
}

TEST(BackwardTest, InstanceAndGroupNormalization) {
  Tallies expected;
  Add(OfGroup(Numbers(5, true)), 8, expected.inputs);
  expected.parameters = {.mul = 40, .add = 36};
  expected.bias = {.add = 36};
  SmallGraph graph;
  graph.Input("x", {2, 4, 5}).Weights("s", {4}).Weights("b", {4});
  ExpectCounts(CostsOf(graph.Node("InstanceNormalization", {"x", "s", "b"}, {"y"}), {"y"}), expected);
  expected.inputs = {};
  Add(OfGroup(Numbers(10, false)), 4, expected.inputs);
  SmallGraph groups;
  groups.Input("x", {2, 4, 5}).Weights("s", {4}).Weights("b", {4});
  groups.Node("GroupNormalization", {"x", "s", "b"}, {"y"}, {{"num_groups", int64_t{2}}});
  ExpectCounts(CostsOf(groups, {"y"}), expected);
}

// x*(2 + (0.3/3)*(sum of 3 squares))^-0.75, over 4 channels of one position; a window that reaches past the channels
// counts as a whole one, so zeros are around them.
TEST(BackwardTest, LocalResponseNormalization) {
  const std::vector<double> x = {0.5, -1, 2, 1.5}, dy = {1, 2, -1, 0.5};
  const auto divisor = [](const std::vector<double>& at, size_t c) {
    double sum = 0;
    for (size_t i = c == 0 ? 0 : c - 1; i < at.size() && i <= c + 1; ++i) sum += at[i] * at[i];
    return 2 + 0.1 * sum;
  };
  const auto loss = [&](const std::vector<double>& at) {
    double sum = 0;
    for (size_t c = 0; c < 4; ++c) sum += dy[c] * at[c] * std::pow(divisor(at, c), -0.75);
    return sum;
  };
  std::vector<Number> dx;
  Tallies expected;
  expected.inputs = Tallied([&] {
    std::vector<Number> t = {0}, powers;
    for (size_t c = 0; c < 4; ++c) {
      powers.push_back(Power(divisor(x, c), -0.75));
      const double y = x[c] * std::pow(divisor(x, c), -0.75);
      t.push_back(Number(dy[c]) * Number(y) / Number(divisor(x, c)));
    }
    t.emplace_back(0);
    for (size_t c = 0; c < 4; ++c) {
      dx.push_back(Number(dy[c]) * powers[c] - Number(2 * 0.1 * 0.75) * Number(x[c]) * (t[c] + t[c + 1] + t[c + 2]));
    }
  });
  for (size_t c = 0; c < 4; ++c) {
    std::vector<double> more = x, less = x;
    more[c] += 1e-5;
    less[c] -= 1e-5;
    EXPECT_NEAR(dx[c].value(), (loss(more) - loss(less)) / 2e-5, 1e-6);
  }
  SmallGraph graph;
  graph.Input("x", {1, 4, 1}).Node("LRN", {"x"}, {"y"}, {{"size", int64_t{3}}});
  ExpectCounts(CostsOf(graph, {"y"}), expected);
}

}  // namespace
}  // namespace tensord::analysis::model
