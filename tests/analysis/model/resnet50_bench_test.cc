// How long the analysis of ResNet-50's graph takes.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <vector>

#include "tensord/analysis/model.h"
#include "tests/analysis/model/networks.h"

namespace tensord::analysis::networks {
namespace {

TEST(ResNet50Bench, TakesLessThan50Milliseconds) {
  const Graph graph = ResNet(50, Shortcut::kProjected, Stride::kSecond);
  std::vector<double> milliseconds;
  for (int i = 0; i < 51; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    const absl::StatusOr<ModelAnalysis> model = AnalyzeModel(graph, {});
    milliseconds.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count());
    ASSERT_TRUE(model.ok()) << model.status();
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  std::cout << graph.nodes.size() << " nodes: " << milliseconds[25] << " ms, the median of 51 (" << milliseconds.front()
            << " to " << milliseconds.back() << ")\n";
  EXPECT_LT(milliseconds[25], 50.0);
}

}  // namespace
}  // namespace tensord::analysis::networks
