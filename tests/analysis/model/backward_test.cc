// Operations of the gradients of convolutions, products and poolings, against slow loops that count.
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/analysis/model/costs.h"
#include "tests/analysis/model/counted_number.h"

namespace tensord::analysis::model {
namespace {

// A convolution of one spatial axis, or its transpose.
struct Window {
  int64_t n, c, o, groups, length, taps, stride, dilation, pad;

  [[nodiscard]] int64_t Positions() const { return (length + 2 * pad - dilation * (taps - 1) - 1) / stride + 1; }
  [[nodiscard]] int64_t TransposedLength() const { return (length - 1) * stride + dilation * (taps - 1) + 1 - 2 * pad; }
  [[nodiscard]] Attributes ToAttributes() const {
    return {
        {"strides", Ints({stride})}, {"dilations", Ints({dilation})}, {"pads", Ints({pad, pad})}, {"group", groups}};
  }
};

constexpr Window kWindows[] = {{1, 1, 1, 1, 5, 3, 1, 1, 0},
                               {2, 4, 6, 2, 7, 3, 2, 1, 1},
                               {1, 2, 3, 1, 9, 3, 1, 2, 2},
                               {3, 4, 4, 4, 6, 2, 3, 1, 1},
                               {2, 3, 2, 1, 4, 1, 1, 1, 0}};

// Every pair of a position and a tap, with the channels that meet there.
void ForPairs(const Window& w, int64_t positions,
              const std::function<void(int64_t position, int64_t tap, int64_t input, int64_t c, int64_t o)>& visit) {
  for (int64_t o = 0; o < w.o; ++o) {
    for (int64_t c = 0; c < w.c; ++c) {
      if (o / (w.o / w.groups) != c / (w.c / w.groups)) continue;
      for (int64_t position = 0; position < positions; ++position) {
        for (int64_t tap = 0; tap < w.taps; ++tap) {
          visit(position, tap, position * w.stride + tap * w.dilation - w.pad, c, o);
        }
      }
    }
  }
}

Number Product(Number a, Number b, bool is_padding) {
  ++tally->mac;
  tally->padding += is_padding ? 1 : 0;
  return a * b;
}

TEST(BackwardTest, Convolutions) {
  for (const Window& w : kWindows) {
    const int64_t positions = w.Positions();
    std::vector<Number> dx(static_cast<size_t>(w.c * (w.length + 2 * w.pad + 2 * w.stride)));
    std::vector<Sum> dw(static_cast<size_t>(w.o * w.c * w.taps)), db(static_cast<size_t>(w.o));
    Tallies expected;
    expected.inputs = Tallied([&] {
      for (int64_t n = 0; n < w.n; ++n) {
        ForPairs(w, positions, [&](int64_t, int64_t, int64_t at, int64_t c, int64_t) {
          Number& cell = dx[static_cast<size_t>(c * (w.length + 2 * w.pad) + at + w.pad)];
          cell = cell + Product(2, 3, at < 0 || at >= w.length);
        });
      }
    });
    expected.parameters = Tallied([&] {
      for (int64_t n = 0; n < w.n; ++n) {
        ForPairs(w, positions, [&](int64_t, int64_t tap, int64_t at, int64_t c, int64_t o) {
          dw[static_cast<size_t>((o * w.c + c) * w.taps + tap)].Add(Product(2, 3, at < 0 || at >= w.length));
        });
      }
    });
    expected.bias = Tallied([&] {
      for (int64_t i = 0; i < w.n * w.o * positions; ++i) db[static_cast<size_t>(i % w.o)].Add(1);
    });
    SmallGraph graph;
    graph.Input("x", {w.n, w.c, w.length}).Weights("w", {w.o, w.c / w.groups, w.taps}).Weights("b", {w.o});
    const Costs costs = CostsOf(graph.Node("Conv", {"x", "w", "b"}, {"y"}, w.ToAttributes()), {"y"});
    ExpectCounts(costs, expected);
    const BackwardCounts& counts = *costs.layers[0].backward;
    EXPECT_EQ(Text(counts.inputs.padding_macs), absl::StrCat(expected.inputs.padding));
    EXPECT_EQ(Text(counts.parameters.padding_macs), absl::StrCat(expected.parameters.padding));
    // As if each element of x had all taps of its channel.
    EXPECT_EQ(counts.inputs.macs_by_output.ToString(), absl::StrCat(w.n * w.c * w.length * (w.o / w.groups) * w.taps));
    EXPECT_EQ(counts.parameters.macs_by_output, counts.parameters.macs);
  }
}

TEST(BackwardTest, TransposedConvolutions) {
  for (const Window& w : kWindows) {
    if (w.TransposedLength() < 1) continue;
    std::vector<Sum> dx(static_cast<size_t>(w.n * w.c * w.length)), dw(static_cast<size_t>(w.o * w.c * w.taps));
    std::vector<Sum> db(static_cast<size_t>(w.o));
    Tallies expected;
    expected.inputs = Tallied([&] {
      for (int64_t n = 0; n < w.n; ++n) {
        ForPairs(w, w.length, [&](int64_t position, int64_t, int64_t, int64_t c, int64_t) {
          dx[static_cast<size_t>((n * w.c + c) * w.length + position)].Add(Product(2, 3, false));
        });
      }
    });
    expected.parameters = Tallied([&] {
      for (int64_t n = 0; n < w.n; ++n) {
        ForPairs(w, w.length, [&](int64_t, int64_t tap, int64_t, int64_t c, int64_t o) {
          dw[static_cast<size_t>((o * w.c + c) * w.taps + tap)].Add(Product(2, 3, false));
        });
      }
    });
    expected.bias = Tallied([&] {
      for (int64_t i = 0; i < w.n * w.o * w.TransposedLength(); ++i) db[static_cast<size_t>(i % w.o)].Add(1);
    });
    SmallGraph graph;
    graph.Input("x", {w.n, w.c, w.length}).Weights("w", {w.c, w.o / w.groups, w.taps}).Weights("b", {w.o});
    const Costs costs = CostsOf(graph.Node("ConvTranspose", {"x", "w", "b"}, {"y"}, w.ToAttributes()), {"y"});
    ExpectCounts(costs, expected);
    EXPECT_FALSE(costs.layers[0].backward->inputs.padding_macs.has_value()) << "what is cropped is not followed";
  }
}

// The gradients of A [batch,m,k], of which there are `a_batch`, and of B likewise.
Tally OfFactor(int64_t results_batch, int64_t batch, int64_t results, int64_t depth) {
  return Tallied([&] {
    std::vector<Sum> sums(static_cast<size_t>(results_batch * results));
    for (int64_t b = 0; b < batch; ++b) {
      for (int64_t i = 0; i < results; ++i) {
        for (int64_t j = 0; j < depth; ++j) {
          sums[static_cast<size_t>(b % results_batch * results + i)].Add(Product(2, 3, false));
        }
      }
    }
  });
}

TEST(BackwardTest, MatrixProducts) {
  SmallGraph two;
  two.Input("a", {4, 2, 3}).Input("b", {3, 5}).Node("MatMul", {"a", "b"}, {"y"});
  Tallies expected;
  expected.inputs = OfFactor(4, 4, 2 * 3, 5);
  const Tally other = OfFactor(1, 4, 3 * 5, 2);
  expected.inputs.mul += other.mul;
  expected.inputs.add += other.add;
  expected.inputs.mac += other.mac;
  ExpectCounts(CostsOf(two, {"y"}), expected);
  SmallGraph one;
  one.Input("a", {4, 2, 3}).Weights("b", {3, 5}).Node("MatMul", {"a", "b"}, {"y"});
  ExpectCounts(CostsOf(one, {"y"}), {.inputs = OfFactor(4, 4, 2 * 3, 5), .parameters = other, .bias = {}});
}

// alpha*A*B + beta*C with a row C.
Tallies OfGemm(int64_t m, int64_t k, int64_t n, bool has_alpha, bool has_beta) {
  Tallies expected{.inputs = OfFactor(1, 1, m * k, n), .parameters = OfFactor(1, 1, k * n, m), .bias = {}};
  const Tally scaled = Tallied([&] {
    for (int64_t i = 0; i < m * n; ++i) static_cast<void>(Number(2) * Number(3));
  });
  if (has_alpha) expected.inputs.mul += scaled.mul;
  expected.bias = Tallied([&] {
    std::vector<Sum> row(static_cast<size_t>(n));
    for (int64_t i = 0; i < m * n; ++i) row[static_cast<size_t>(i % n)].Add(1);
    for (const Sum& sum : row) {
      if (has_beta) static_cast<void>(sum.value() * Number(3));
    }
  });
  return expected;
}

TEST(BackwardTest, Gemm) {
  for (const bool has_alpha : {false, true}) {
    for (const bool has_beta : {false, true}) {
      SmallGraph graph;
      graph.Input("a", {4, 3}).Weights("b", {5, 3}).Weights("c", {5});
      Attributes attributes = {{"transB", int64_t{1}}};
      if (has_alpha) attributes.emplace("alpha", 0.5);
      if (has_beta) attributes.emplace("beta", 2.0);
      ExpectCounts(CostsOf(graph.Node("Gemm", {"a", "b", "c"}, {"y"}, attributes), {"y"}),
                   OfGemm(4, 3, 5, has_alpha, has_beta));
    }
  }
}

TEST(BackwardTest, Poolings) {
  const int64_t length = 8, taps = 3, stride = 2, positions = 3;
  const Attributes window = {{"kernel_shape", Ints({taps})}, {"strides", Ints({stride})}};
  const auto counts = [&](const std::string& op, Attributes attributes) {
    SmallGraph graph;
    graph.Input("x", {1, 2, length});
    return CostsOf(graph.Node(op, {"x"}, {"y"}, std::move(attributes)), {"y"});
  };
  // 2 channels; a cell may be in two windows.
  std::vector<Number> dx(length);
  const auto windows = [&](const std::function<void(int64_t position)>& visit) {
    return Tallies{.inputs = Tallied([&] {
                     for (int64_t i = 0; i < 2 * positions; ++i) visit(i % positions);
                   }),
                   .parameters = {},
                   .bias = {}};
  };
  ExpectCounts(counts("MaxPool", window), windows([&](int64_t position) {
                 Number& cell = dx[static_cast<size_t>(position * stride)];
                 cell = cell + 1;
               }));
  ExpectCounts(counts("AveragePool", window), windows([&](int64_t position) {
                 const Number share = Number(1) / Number(taps);
                 for (int64_t tap = 0; tap < taps; ++tap) {
                   Number& cell = dx[static_cast<size_t>(position * stride + tap)];
                   cell = cell + share;
                 }
               }));
  ExpectCounts(counts("LpPool", window), windows([&](int64_t position) {
                 const Number share = Number(1) / Number(2);
                 for (int64_t tap = 0; tap < taps; ++tap) {
                   Number& cell = dx[static_cast<size_t>(position * stride + tap)];
                   cell = cell + share * Number(3);
                 }
               }));
  EXPECT_EQ(Brief(counts("GlobalMaxPool", {}).layers[0].backward->inputs), "2 add");
  EXPECT_EQ(Brief(counts("GlobalAveragePool", {}).layers[0].backward->inputs), "16 add, 2 div");
}

TEST(BackwardTest, AnEmptyBatchSumsNothing) {
  SmallGraph graph;
  graph.Input("x", {0, 2, 5}).Weights("w", {3, 2, 3}).Weights("b", {3}).Node("Conv", {"x", "w", "b"}, {"y"});
  ExpectCounts(CostsOf(graph, {"y"}), {});
}

TEST(BackwardTest, TheBatchMayBeASymbol) {
  SmallGraph graph;
  graph.Input("x", {"N", 3, 8, 8}).Weights("w", {4, 3, 3, 3}).Weights("b", {4}).Node("Conv", {"x", "w", "b"}, {"y"});
  const Costs costs = CostsOf(graph, {"y"});
  EXPECT_EQ(Brief(costs.layers[0].backward->inputs), "N*3888 mul, N*3888 add; N*3888 macs");
  EXPECT_EQ(Brief(costs.layers[0].backward->parameters), "N*3888 mul, N*3888 - 108 add; N*3888 macs");
  EXPECT_EQ(Brief(costs.layers[0].backward->bias), "N*144 - 4 add");
}

}  // namespace
}  // namespace tensord::analysis::model
