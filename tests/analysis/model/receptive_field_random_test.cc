// Receptive fields of random graphs against what their positions see by the operators' definitions.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "tensord/analysis/model.h"
#include "tests/analysis/model/field_text.h"
#include "tests/analysis/model/random_windows.h"

namespace tensord::analysis::model {
namespace {

constexpr int kGraphs = 5000;
// What was compared, so that the generator is seen to make all that matters.
struct Tally {
  int64_t exact = 0;
  int64_t covered = 0;
  int64_t tight = 0;  // of those covered, the ones whose size is what some position needs
  int64_t whole = 0;
  int64_t united = 0;
  int64_t two_inputs = 0;
};

int64_t CeilOf(int64_t a, int64_t b) { return -FloorOf(-a, b); }

// Compares every position along one axis, and says which of an input's elements it really sees.
void CompareAxis(RandomGraph& graph, size_t id, size_t input, size_t axis, const ReceptiveAxis& field, Tally& tally) {
  const Layer& layer = graph.layers()[id];
  const int64_t positions = layer.lengths[axis];
  const int64_t elements = graph.layers()[input].lengths[axis];
  const auto strides = graph.Strides(id, axis, input);
  ASSERT_EQ(field.is_whole, strides.size() > 1) << "whole exactly where paths differ in their stride";
  if (field.is_whole) {
    EXPECT_EQ(field.size.value(), elements);
    ++tally.whole;
    return;
  }
  EXPECT_EQ((std::pair{field.stride.numerator, field.stride.denominator}), *strides.begin());
  ASSERT_TRUE(field.size.value().has_value());
  const int64_t size = *field.size.value();
  const int64_t under = std::lcm(field.stride.denominator, field.offset.denominator);
  int64_t most = 0;
  int64_t begin_border = 0;
  int64_t end_border = 0;
  for (int64_t o = 0; o < positions; ++o) {
    const int64_t over = field.offset.numerator * (under / field.offset.denominator) +
                         o * field.stride.numerator * (under / field.stride.denominator);
    const int64_t begin = CeilOf(over, under);
    std::vector<int64_t> seen;
    for (const auto& [which, element] : graph.Seen(id, axis, o)) {
      if (which == input) seen.push_back(element);
    }
    if (seen.empty()) continue;
    const auto [first, last] = std::minmax_element(seen.begin(), seen.end());
    most = std::max(most, *last - *first + 1);
    begin_border += *first < 0 ? 1 : 0;
    end_border += *last >= elements ? 1 : 0;
    ASSERT_LE(begin, *first) << "position " << o;
    ASSERT_GE(begin + size - 1, *last) << "position " << o;
    if (layer.is_enlarged) continue;
    ASSERT_EQ(begin, *first) << "position " << o;
    ASSERT_EQ(begin + size - 1, *last) << "position " << o;
  }
  ASSERT_TRUE(field.begin_border.has_value() && field.end_border.has_value());
  if (layer.is_enlarged) {
    ++tally.covered;
    tally.tight += most == size ? 1 : 0;
    EXPECT_GE(*field.begin_border, begin_border);
    EXPECT_GE(*field.end_border, end_border);
  } else {
    ++tally.exact;
    EXPECT_EQ(*field.begin_border, begin_border);
    EXPECT_EQ(*field.end_border, end_border);
  }
}

void CompareLayer(RandomGraph& graph, size_t id, const ModelLayer& layer, Tally& tally) {
  std::set<size_t> inputs;
  for (size_t input = 0; graph.layers()[input].kind == Kind::kInput; ++input) {
    if (!graph.Strides(id, 0, input).empty()) inputs.insert(input);
  }
  ASSERT_EQ(layer.receptive_fields.size(), inputs.size());
  tally.two_inputs += inputs.size() > 1 ? 1 : 0;
  tally.united += graph.layers()[id].kind == Kind::kUnion ? 1 : 0;
  auto input = inputs.begin();
  for (const ReceptiveField& field : layer.receptive_fields) {
    ASSERT_EQ(field.input, *input);
    ASSERT_EQ(field.axes.size(), graph.axes());
    for (size_t axis = 0; axis < field.axes.size(); ++axis) {
      EXPECT_EQ(field.axes[axis].axis, axis + 2);
      EXPECT_EQ(field.axes[axis].output_axis, field.axes[axis].is_whole ? 0 : axis + 2);
      CompareAxis(graph, id, *input, axis, field.axes[axis], tally);
      ASSERT_FALSE(testing::Test::HasFatalFailure()) << field_text::Text(field.axes[axis]);
    }
    ++input;
  }
}

TEST(ReceptiveFieldRandomTest, EveryPositionSeesWhatItsFieldSays) {
  Tally tally;
  for (uint32_t seed = 0; seed < kGraphs; ++seed) {
    RandomGraph graph(seed);
    if (graph.layers().back().kind == Kind::kInput) continue;
    const absl::StatusOr<ModelAnalysis> model = graph.Analyze();
    ASSERT_TRUE(model.ok()) << "graph " << seed << ": " << model.status();
    for (size_t id = 0; id < graph.layers().size(); ++id) {
      for (const ModelLayer& layer : model->layers) {
        if (layer.outputs[0].name != graph.NameOf(id)) continue;
        CompareLayer(graph, id, layer, tally);
        ASSERT_FALSE(HasFailure()) << "graph " << seed << ", layer " << id << " " << layer.op_type;
      }
    }
  }
  EXPECT_GT(tally.exact, 5000);
  EXPECT_GT(tally.covered, 2000);
  EXPECT_GT(tally.whole, 50);
  EXPECT_GT(tally.united, 2000);
  EXPECT_GT(tally.two_inputs, 300);
  EXPECT_GT(tally.tight * 2, tally.covered) << "more than half of what is only covered is not larger than needed";
  std::cout << "exact " << tally.exact << ", covered " << tally.covered << " (tight " << tally.tight << "), whole "
            << tally.whole << ", united " << tally.united << ", of two inputs " << tally.two_inputs << "\n";
}

}  // namespace
}  // namespace tensord::analysis::model
