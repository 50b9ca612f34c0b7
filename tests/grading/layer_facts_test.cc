// A layer's counts follow from its facts.
#include "grading/src/question/layer_facts.h"

#include <gtest/gtest.h>

#include <random>

#include "google/protobuf/util/message_differencer.h"
#include "tests/grading/local_engine.h"

namespace tensord::grading {
namespace {

v1::AnalyzeLayerResponse Analyze(const v1::AnalyzeLayerRequest& request) {
  LocalEngine engine;
  const auto response = engine.Run(request);
  EXPECT_TRUE(response.ok()) << response.status();
  return response.ok() ? dynamic_cast<const v1::AnalyzeLayerResponse&>(**response) : v1::AnalyzeLayerResponse();
}

// What the facts do not speak of.
v1::AnalyzeLayerResponse CountsOf(v1::AnalyzeLayerResponse response) {
  response.clear_formulas();
  response.clear_conditions();
  response.clear_byte_count();
  return response;
}

TEST(LayerFactsTest, RestatingChangesNothingWhereNoSlipActs) {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same every time
  const auto pick = [&](int low, int high) { return std::uniform_int_distribution<int64_t>(low, high)(random); };
  int with_groups = 0;
  for (int i = 0; i < 500; ++i) {
    v1::AnalyzeLayerRequest request;
    v1::ConvolutionLayer& layer = *request.mutable_convolution();
    const bool has_batch = pick(0, 1) == 1;
    const int64_t groups = pick(1, 3);
    with_groups += groups > 1 ? 1 : 0;
    const int64_t channels = groups * pick(1, 4);
    if (has_batch) layer.add_input_shape()->set_value(pick(1, 9));
    for (int axis = 0; axis < 2; ++axis) layer.add_input_shape()->set_value(pick(9, 40));
    layer.add_input_shape()->set_value(channels);
    for (int axis = 0; axis < 2; ++axis) layer.add_filter_shape()->set_value(pick(1, 4));
    layer.add_filter_shape()->set_value(channels / groups);
    layer.add_filter_shape()->set_value(groups * pick(1, 4));
    layer.set_bias(pick(0, 1) == 1);
    layer.mutable_conventions()->set_groups(groups);
    layer.mutable_conventions()->add_strides(pick(1, 3));
    const v1::AnalyzeLayerResponse response = Analyze(request);
    const std::optional<LayerFacts> facts = FactsOf(request, response);
    ASSERT_TRUE(facts.has_value());
    v1::AnalyzeLayerResponse restated = response;
    Restate(*facts, restated);
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(CountsOf(restated), CountsOf(response)))
        << request.DebugString() << restated.DebugString() << response.DebugString();
  }
  EXPECT_GT(with_groups, 100);
}

TEST(LayerFactsTest, AChannelsFirstLayoutKeepsItsOrder) {
  v1::AnalyzeLayerRequest request;
  request.set_profile(v1::CONVENTION_PROFILE_PYTORCH);
  for (const int64_t size : {2, 3, 20, 30}) request.mutable_convolution()->add_input_shape()->set_value(size);
  for (const int64_t size : {7, 3, 5, 4}) request.mutable_convolution()->add_filter_shape()->set_value(size);
  v1::AnalyzeLayerResponse response = Analyze(request);
  const std::optional<LayerFacts> facts = FactsOf(request, response);
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->out_channels, 7);
  Restate(*facts, response);
  ASSERT_EQ(response.output_shape_size(), 4);
  EXPECT_EQ(response.output_shape(1).value(), 7);
  EXPECT_EQ(response.output_shape(2).value(), 16);
  EXPECT_EQ(response.output_shape(3).value(), 27);
}

TEST(LayerFactsTest, SymbolsAndOtherLayersHaveNone) {
  v1::AnalyzeLayerRequest request;
  request.mutable_convolution()->add_input_shape()->set_symbol("H");
  request.mutable_convolution()->add_filter_shape()->set_value(3);
  EXPECT_FALSE(FactsOf(request, Analyze(request)).has_value());
  v1::AnalyzeLayerRequest pooling;
  pooling.mutable_pooling()->set_kind(v1::POOLING_KIND_MAX);
  pooling.mutable_pooling()->add_input_shape()->set_value(8);
  pooling.mutable_pooling()->mutable_conventions()->add_window(2);
  EXPECT_FALSE(FactsOf(pooling, Analyze(pooling)).has_value());
}

}  // namespace
}  // namespace tensord::grading
