// Production and the brute-force validator judge the same requests: every small one along one axis, and random ones
// along two and three. TENSORD_VALIDATOR_SAMPLES sets how many of these; a part is analysed too.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "tests/analysis/validator_requests.h"
#include "tests/support/builders.h"

namespace tensord::analysis {
namespace {

using compute::PaddingMode;
using compute::PaddingSource;
using reference::AxisRequest;
using reference::ConvolutionRequest;
using test_support::ForEachAxis;
using test_support::ForEachPadding;
using test_support::Judge;
using test_support::Random;

constexpr int64_t kAnalysisStep = 29;

TEST(ConvolutionValidatorTest, AgreesOnEverySmallConvolution) {
  Judge judge(kAnalysisStep);
  ForEachAxis([&](AxisRequest& axis) {
    for (int64_t groups = -1; groups <= 4; ++groups) {
      for (const int64_t filter_input : {1, 2, 4}) {
        ConvolutionRequest request{
            .channels = 4, .filter_input = filter_input, .filter_output = 4, .groups = groups, .axes = {axis}};
        request.mode = PaddingMode::kExplicit;
        ForEachPadding(request.axes[0], [&] { judge.Check(request, false); });
        for (const auto mode : {PaddingMode::kValid, PaddingMode::kSameUpper, PaddingMode::kSameLower,
                                PaddingMode::kFull, PaddingMode::kCausal}) {
          request.mode = mode;
          judge.Check(request, false);
        }
      }
    }
    for (const auto source : {PaddingSource::kReflect, PaddingSource::kReplicate, PaddingSource::kCircular}) {
      ConvolutionRequest request{.source = source, .axes = {axis}};
      request.mode = PaddingMode::kExplicit;
      ForEachPadding(request.axes[0], [&] { judge.Check(request, false); });
      for (const auto mode : {PaddingMode::kSameUpper, PaddingMode::kFull, PaddingMode::kCausal}) {
        request.mode = mode;
        judge.Check(request, false);
      }
    }
  });
  judge.Report("Convolve, one axis");
}

TEST(ConvolutionValidatorTest, AgreesOnEverySmallTransposedConvolution) {
  Judge judge(kAnalysisStep);
  ForEachAxis([&](AxisRequest& axis) {
    for (int64_t groups = -1; groups <= 4; ++groups) {
      for (const int64_t filter_input : {2, 4}) {
        ConvolutionRequest request{
            .channels = 4, .filter_input = filter_input, .filter_output = 3, .groups = groups, .axes = {axis}};
        request.mode = PaddingMode::kExplicit;
        ForEachPadding(request.axes[0], [&] { judge.Check(request, true); });
      }
    }
    ConvolutionRequest request{.axes = {axis}};
    AxisRequest& only = request.axes[0];
    for (int64_t output_padding = -1; output_padding <= 3; ++output_padding) {
      only.output_padding = output_padding;
      request.mode = PaddingMode::kExplicit;
      ForEachPadding(only, [&] { judge.Check(request, true); });
      for (const auto mode : {PaddingMode::kValid, PaddingMode::kSameUpper, PaddingMode::kSameLower, PaddingMode::kFull,
                              PaddingMode::kCausal}) {
        request.mode = mode;
        judge.Check(request, true);
      }
    }
    only.begin = 1;
    only.end = 0;
    for (int64_t output_shape = -1; output_shape <= 22; ++output_shape) {
      only.output_shape = output_shape;
      for (const std::optional<int64_t> output_padding : {std::optional<int64_t>(), std::optional<int64_t>(0),
                                                          std::optional<int64_t>(1), std::optional<int64_t>(2)}) {
        only.output_padding = output_padding;
        for (const std::optional<PaddingMode> mode :
             {std::optional<PaddingMode>(), std::optional(PaddingMode::kValid), std::optional(PaddingMode::kSameUpper),
              std::optional(PaddingMode::kExplicit)}) {
          request.mode = mode;
          judge.Check(request, true);
        }
      }
    }
  });
  judge.Report("ConvolveTranspose, one axis");
}

// A random request of `rank` axes, legal about half the time.
ConvolutionRequest RandomRequest(Random& random, size_t rank, bool transposed) {
  // Mostly 1.., now and then what is never right.
  const auto size = [&](int64_t high) {
    return random.Integer(0, 39) == 0 ? random.Integer(-1, 0) : random.Integer(1, high);
  };
  ConvolutionRequest request;
  request.batch = random.Integer(0, 19) == 0 ? 0 : random.Integer(1, 2);
  request.groups = size(4);
  const int64_t per_group = random.Integer(1, 3);
  const bool fits = random.Integer(0, 9) != 0;
  request.channels = fits ? std::max<int64_t>(1, request.groups) * per_group : random.Integer(1, 12);
  request.filter_input = transposed && fits ? request.channels : per_group;
  request.filter_output = fits ? std::max<int64_t>(1, request.groups) * random.Integer(1, 2) : random.Integer(1, 8);
  const std::vector<std::optional<PaddingMode>> modes = {
      std::nullopt,           PaddingMode::kValid, PaddingMode::kSameUpper, PaddingMode::kSameLower,
      PaddingMode::kExplicit, PaddingMode::kFull,  PaddingMode::kExplicit,  PaddingMode::kCausal};
  request.mode = modes[static_cast<size_t>(random.Integer(0, random.Integer(0, 4) == 0 ? 7 : 4))];
  const bool other_source = random.Integer(0, transposed ? 39 : 2) == 0;
  if (other_source) request.source = static_cast<PaddingSource>(random.Integer(1, 3));
  const bool has_output_padding = transposed && random.Integer(0, 1) == 0;
  const bool has_output_shape = transposed && random.Integer(0, 3) == 0;
  for (size_t i = 0; i < rank; ++i) {
    AxisRequest axis{.input = size(6), .window = size(4), .stride = size(3), .dilation = size(3)};
    axis.begin = random.Integer(0, 39) == 0 ? -1 : random.Integer(0, 3);
    axis.end = random.Integer(0, 39) == 0 ? -1 : random.Integer(0, 3);
    const int64_t limit = std::max(axis.stride, axis.dilation);
    if (has_output_padding) axis.output_padding = random.Integer(0, std::max<int64_t>(0, limit - 1));
    if (has_output_shape) {
      const int64_t reach = axis.stride * (axis.input - 1) + axis.dilation * (axis.window - 1) + 1;
      axis.output_shape = reach + random.Integer(-2, 2);
    }
    request.axes.push_back(axis);
  }
  return request;
}

TEST(ConvolutionValidatorTest, AgreesOnRandomRequestsOfTwoAndThreeAxes) {
  Random random(20);
  Judge judge(kAnalysisStep);
  for (int64_t i = 0; i < test_support::ValidatorSamples(); ++i) {
    const size_t rank = i % 4 < 2 ? 2 : 3;
    const bool transposed = i % 2 == 1;
    judge.Check(RandomRequest(random, rank, transposed), transposed);
  }
  judge.Report("Both, two and three axes");
}

}  // namespace
}  // namespace tensord::analysis
