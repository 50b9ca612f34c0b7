// Production and the brute-force validator judge the same poolings: every small one along one axis, and random ones
// along two and three. TENSORD_VALIDATOR_SAMPLES sets how many of these; a part is analysed too.
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tensord/analysis/layer.h"
#include "tensord/compute/pooling.h"
#include "tests/analysis/agreement.h"
#include "tests/reference/validity.h"
#include "tests/support/builders.h"

namespace tensord::analysis {
namespace {

using compute::EmptyWindow;
using compute::LengthRule;
using compute::PaddingLimit;
using compute::PaddingMode;
using compute::PoolingKind;
using compute::WindowMode;
using reference::AxisRequest;
using reference::PoolingRequest;
using test_support::Output;
using test_support::Random;

constexpr int64_t kAnalysisStep = 29;
constexpr PaddingMode kModes[] = {PaddingMode::kValid, PaddingMode::kSameUpper, PaddingMode::kSameLower,
                                  PaddingMode::kFull, PaddingMode::kCausal};
constexpr std::optional<LengthRule> kRules[] = {std::nullopt, LengthRule::kFloor, LengthRule::kCeil,
                                                LengthRule::kStartInside};

class PoolingValidatorTest : public ::testing::Test {
 protected:
  void Check(const PoolingRequest& request) {
    const Output expected = reference::OutputOfPooling(request);
    compute::Shape input{request.batch};
    for (const AxisRequest& axis : request.axes) input.Append(axis.input);
    input.Append(request.channels);
    const compute::PoolingConventions conventions = ConventionsOf(request);
    const auto describe = [&] { return Description(request); };
    agreement_.Compare(expected, Resolved(request.kind, conventions, input), "compute", describe);
    if (!agreement_.Begin(expected)) return;
    agreement_.Compare(expected, Analysed(request.kind, conventions, input), "analysis", describe);
  }

  // With every axis of the domain, and every padding.
  void CheckAlongEveryAxis(PoolingRequest request) {
    test_support::ForEachAxis([&](const AxisRequest& axis) {
      request.axes = {axis};
      request.mode = PaddingMode::kExplicit;
      test_support::ForEachPadding(request.axes[0], [&] { Check(request); });
      for (const PaddingMode mode : kModes) {
        request.mode = mode;
        Check(request);
      }
    });
  }

  void Report(const std::string& what) const { agreement_.Report(what); }

 private:
  static compute::PoolingConventions ConventionsOf(const PoolingRequest& request) {
    constexpr const char* kLayouts[] = {"NWC", "NHWC", "NDHWC"};
    compute::PoolingConventions given;
    given.input_layout = kLayouts[request.axes.size() - 1];
    given.window_mode = request.window_mode;
    given.padding.mode = request.mode;
    given.length_rule = request.rule;
    given.padding_limit = request.limit;
    given.empty_window = request.empty_window;
    given.output_size = request.output_size;
    if (request.has_divisor) given.average_divisor = compute::AverageDivisor::kExcluded;
    for (const AxisRequest& axis : request.axes) {
      if (request.has_window) given.window.push_back(axis.window);
      if (request.has_strides) given.strides.push_back(axis.stride);
      if (request.has_dilations) given.dilations.push_back(axis.dilation);
      if (request.mode != PaddingMode::kExplicit) continue;
      given.padding.begin.push_back(axis.begin);
      given.padding.end.push_back(axis.end);
    }
    return given;
  }

  static Output Resolved(PoolingKind kind, const compute::PoolingConventions& given, const compute::Shape& input) {
    compute::Violations violations;
    const auto geometry = compute::ResolvePooling(kind, given, compute::Profile::kNone, input, {}, {}, violations);
    if (!geometry.has_value()) return std::nullopt;
    return std::vector<int64_t>(geometry->output_shape.begin() + 1, geometry->output_shape.end() - 1);
  }

  static Output Analysed(PoolingKind kind, const compute::PoolingConventions& given, const compute::Shape& input) {
    compute::Violations violations;
    const PoolingLayer layer{
        .kind = kind, .input_shape = {input.begin(), input.end()}, .conventions = given, .symbolic_strides = {}};
    const auto analysis =
        AnalyzePooling(layer, compute::Profile::kNone, compute::DataType::kFloat32, "layer", violations);
    if (!analysis.has_value()) return std::nullopt;
    std::vector<int64_t> sizes;
    for (const Count& size : analysis->output_shape) sizes.push_back(size.value().value_or(-1));
    return std::vector<int64_t>(sizes.begin() + 1, sizes.end() - 1);
  }

  static std::string Description(const PoolingRequest& request) {
    const auto name = [](const auto& value) { return value.has_value() ? Name(*value) : "none"; };
    std::string text =
        absl::StrCat(Name(request.kind), ", N ", request.batch, ", C ", request.channels, ", window mode ",
                     name(request.window_mode), ", padding ", name(request.mode), ", rule ", name(request.rule),
                     ", limit ", name(request.limit), ", empty ", name(request.empty_window), ", divisor ",
                     request.has_divisor, ", sizes (", absl::StrJoin(request.output_size, ","), ")");
    for (const AxisRequest& axis : request.axes) {
      absl::StrAppend(&text, "; N ", axis.input);
      if (request.has_window) absl::StrAppend(&text, ", K ", axis.window);
      if (request.has_strides) absl::StrAppend(&text, ", s ", axis.stride);
      if (request.has_dilations) absl::StrAppend(&text, ", d ", axis.dilation);
      absl::StrAppend(&text, ", pads ", axis.begin, " ", axis.end);
    }
    return text;
  }

  test_support::Agreement agreement_{kAnalysisStep};
};

// What a request may say besides its axes.
std::vector<PoolingRequest> Kinds() {
  std::vector<PoolingRequest> kinds(5);
  kinds[1].empty_window = EmptyWindow::kNegativeInfinity;
  kinds[2].kind = PoolingKind::kAverage;
  kinds[3].kind = PoolingKind::kAverage;
  kinds[3].has_divisor = true;
  kinds[4].kind = PoolingKind::kLp;
  return kinds;
}

TEST_F(PoolingValidatorTest, AgreesOnEverySmallPooling) {
  for (const PoolingRequest& kind : Kinds()) {
    for (const std::optional<LengthRule> rule : kRules) {
      PoolingRequest request = kind;
      request.rule = rule;
      CheckAlongEveryAxis(request);
    }
  }
  Report("Pool, one axis");
}

TEST_F(PoolingValidatorTest, AgreesOnEverySmallSubsampling) {
  for (const bool has_window : {true, false}) {
    for (const std::optional<LengthRule> rule : kRules) {
      PoolingRequest request;
      request.kind = PoolingKind::kSubsample;
      request.has_window = has_window;
      request.rule = rule;
      CheckAlongEveryAxis(request);
    }
  }
  Report("Pool, subsampling, one axis");
}

// Padding limits, lists that are not given, windows of the other modes, and what does not belong to a kind.
TEST_F(PoolingValidatorTest, AgreesOnWhatMayBeLeftOutAndWhatMustBe) {
  for (const PaddingLimit limit : {PaddingLimit::kHalfWindow, PaddingLimit::kHalfDilatedWindow}) {
    PoolingRequest request;
    request.limit = limit;
    CheckAlongEveryAxis(request);
  }
  for (const PoolingKind kind : {PoolingKind::kMax, PoolingKind::kAverage, PoolingKind::kSubsample, PoolingKind::kLp}) {
    for (int given = 0; given < 1 << 9; ++given) {
      const auto has = [&](int bit) { return (given >> bit & 1) != 0; };
      for (const std::optional<WindowMode> mode :
           {std::optional<WindowMode>(), std::optional(WindowMode::kExplicit), std::optional(WindowMode::kGlobal),
            std::optional(WindowMode::kAdaptive)}) {
        PoolingRequest request{.kind = kind, .window_mode = mode, .has_window = has(0), .has_strides = has(1)};
        request.has_dilations = has(2);
        if (has(3)) request.mode = PaddingMode::kValid;
        if (has(4)) request.rule = LengthRule::kFloor;
        if (has(5)) request.limit = PaddingLimit::kNone;
        request.has_divisor = has(6);
        if (has(7)) request.empty_window = EmptyWindow::kRefuse;
        for (int64_t input = 0; input <= 6; ++input) {
          for (const int64_t window : {1, 3}) {
            request.axes = {{.input = input, .window = window, .stride = 2, .dilation = 1}};
            for (int64_t size = -1; size <= 7; ++size) {
              request.output_size.clear();
              if (has(8)) request.output_size = {size};
              Check(request);
              if (!has(8)) break;
            }
          }
        }
      }
    }
  }
  Report("Pool, what is given, one axis");
}

// A random request of `rank` axes, legal about half the time.
PoolingRequest RandomRequest(Random& random, size_t rank) {
  // Mostly 1.., now and then what is never right.
  const auto size = [&](int64_t high) {
    return random.Integer(0, 39) == 0 ? random.Integer(-1, 0) : random.Integer(1, high);
  };
  const auto rarely = [&] { return random.Integer(0, 29) == 0; };
  const std::vector<PoolingRequest> kinds = Kinds();
  PoolingRequest request = kinds[static_cast<size_t>(random.Integer(0, 4))];
  if (rarely()) request.kind = PoolingKind::kSubsample;
  request.batch = random.Integer(0, 19) == 0 ? 0 : random.Integer(1, 2);
  request.channels = size(3);
  request.rule = kRules[random.Integer(0, 3)];
  request.mode = random.Integer(0, 1) == 0 ? PaddingMode::kExplicit : kModes[random.Integer(0, rarely() ? 4 : 2)];
  if (random.Integer(0, 9) == 0) request.mode.reset();
  if (random.Integer(0, 3) == 0) request.limit = static_cast<PaddingLimit>(random.Integer(0, 2));
  request.has_strides = random.Integer(0, 9) != 0;
  request.has_dilations = random.Integer(0, 3) != 0;
  request.has_window = !rarely();
  if (rarely()) request.window_mode = WindowMode::kExplicit;
  const bool others = random.Integer(0, 9) == 0;
  if (others) {
    const bool global = random.Integer(0, 1) == 0;
    request.window_mode = global ? WindowMode::kGlobal : WindowMode::kAdaptive;
    request.has_window = rarely();
    request.has_strides = rarely();
    request.has_dilations = rarely();
    if (!rarely()) request.mode.reset();
    if (!rarely()) request.rule.reset();
    if (!rarely()) request.limit.reset();
    for (size_t i = 0; i < rank && (!global || rarely()); ++i) request.output_size.push_back(size(7));
    // A list has as many entries as there are axes; one for all is another test's.
    if (request.output_size.size() != rank) request.output_size.clear();
  }
  const int64_t most_padding = random.Integer(0, 3);
  for (size_t i = 0; i < rank; ++i) {
    AxisRequest axis{.input = size(6), .window = size(4), .stride = size(3), .dilation = size(2)};
    axis.begin = random.Integer(0, 59) == 0 ? -1 : random.Integer(0, most_padding);
    axis.end = random.Integer(0, 59) == 0 ? -1 : random.Integer(0, most_padding);
    if (request.rule == LengthRule::kStartInside && !rarely()) axis.end = 0;
    request.axes.push_back(axis);
  }
  return request;
}

TEST_F(PoolingValidatorTest, AgreesOnRandomRequestsOfTwoAndThreeAxes) {
  Random random(21);
  for (int64_t i = 0; i < test_support::ValidatorSamples(); ++i) Check(RandomRequest(random, i % 2 == 0 ? 2 : 3));
  Report("Pool, two and three axes");
}

}  // namespace
}  // namespace tensord::analysis
