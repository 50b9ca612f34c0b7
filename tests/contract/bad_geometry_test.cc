// Conventions and sizes that make no sense, each through every rpc that takes them: the siblings have to agree.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/contract/door.h"
#include "tests/contract/raw_call.h"
#include "tests/contract/requests.h"

namespace tensord::contract {
namespace {

// A request, spoilt, and the one violation that it has to name: the field, and what the description has to contain.
struct BadCase {
  std::string name;
  std::string method;
  std::string bytes;
  std::string field;
  std::string text;
  std::string good_bytes;  // the request before it was spoilt
};

void PrintTo(const BadCase& bad, std::ostream* out) { *out << bad.name; }

template <typename Conventions>
using Spoil = std::function<void(Conventions&)>;

template <typename Conventions>
struct Row {
  std::string name;
  Spoil<Conventions> spoil;
  std::string field;  // below the conventions
  std::string text;
  bool legal_in_analysis = false;  // sizes that no tensor has, but that can be counted with
};

constexpr int64_t kTooLarge = int64_t{1} << 31;

// The rows that ConvolutionConventions and PoolingConventions share.
template <typename Conventions>
std::vector<Row<Conventions>> CommonRows() {
  return {
      {"StrideZero", [](auto& c) { c.clear_strides(), c.add_strides(0); }, "strides[0]", "was 0, has to be 1.."},
      {"StrideNegative", [](auto& c) { c.clear_strides(), c.add_strides(-1); }, "strides[0]", "was -1"},
      {"StrideOf2To32", [](auto& c) { c.clear_strides(), c.add_strides(int64_t{1} << 32); }, "strides[0]",
       "was 4294967296, has to be 1..2147483647", true},
      {"SecondStrideZero", [](auto& c) { c.clear_strides(), c.add_strides(1), c.add_strides(0); }, "strides[1]",
       "was 0"},
      {"ThreeStridesForTwoAxes",
       [](auto& c) {
         c.clear_strides();
         for (int i = 0; i < 3; ++i) c.add_strides(1);
       },
       "strides", "had 3 entries, has to have 1 entry, or 2"},
      {"DilationZero", [](auto& c) { c.add_dilations(0); }, "dilations[0]", "was 0, has to be 1.."},
      {"DilationNegative", [](auto& c) { c.add_dilations(-3); }, "dilations[0]", "was -3"},
      {"DilationTooLarge", [](auto& c) { c.add_dilations(kTooLarge); }, "dilations[0]", "was 2147483648", true},
      {"PaddingNegative", [](auto& c) { c.mutable_padding()->add_begin(-1); }, "padding.begin[0]",
       "was -1, has to be 0.."},
      {"PaddingTooLarge", [](auto& c) { c.mutable_padding()->add_begin(kTooLarge); }, "padding.begin[0]",
       "was 2147483648", true},
      {"PaddingEndNegative",
       [](auto& c) {
         c.mutable_padding()->add_begin(0);
         c.mutable_padding()->add_end(-2);
       },
       "padding.end[0]", "was -2"},
      {"PaddingOfThreeAxes",
       [](auto& c) {
         for (int i = 0; i < 3; ++i) c.mutable_padding()->add_begin(0);
       },
       "padding.begin", "had 3 entries"},
      {"ExplicitWithoutAmounts", [](auto& c) { c.mutable_padding()->set_mode(v1::PADDING_MODE_EXPLICIT); },
       "padding.begin", "was not given"},
      {"ValidWithAmounts",
       [](auto& c) {
         c.mutable_padding()->set_mode(v1::PADDING_MODE_VALID);
         c.mutable_padding()->add_begin(1);
       },
       "padding.begin", "was 1, has to be 0, which is what mode VALID comes to here"},
      {"PaddingModeUnknown", [](auto& c) { c.mutable_padding()->set_mode(static_cast<v1::PaddingMode>(77)); },
       "padding.mode", "was 77, has to be one of VALID, SAME_UPPER, SAME_LOWER, FULL, EXPLICIT, CAUSAL"},
      {"PaddingSourceUnknown", [](auto& c) { c.mutable_padding()->set_source(static_cast<v1::PaddingSource>(9)); },
       "padding.source", "was 9, has to be one of ZERO, REFLECT, REPLICATE, CIRCULAR"},
      {"CausalOfTwoAxes", [](auto& c) { c.mutable_padding()->set_mode(v1::PADDING_MODE_CAUSAL); }, "padding.mode",
       "was CAUSAL"},
      {"LayoutOfUnknownLetters", [](auto& c) { c.set_input_layout("NXYC"); }, "input_layout", "was 'NXYC'"},
      {"LayoutWithALetterTwice", [](auto& c) { c.set_input_layout("NHHC"); }, "input_layout", "was 'NHHC'"},
      {"LayoutTooShort", [](auto& c) { c.set_input_layout("HWC"); }, "input_layout", "has to have 4 letters"},
      {"LayoutEmpty", [](auto& c) { c.set_input_layout(""); }, "input_layout", "was ''"},
      {"LayoutEndless", [](auto& c) { c.set_input_layout(std::string(5000, 'N')); }, "input_layout", "was 'NNNN"},
  };
}

// What both kinds of convolution share.
template <typename Conventions>
std::vector<Row<Conventions>> BothConvolutionsRows() {
  auto rows = CommonRows<Conventions>();
  const std::vector<Row<Conventions>> own = {
      {"GroupsZero", [](auto& c) { c.set_groups(0); }, "groups", "was 0, has to be 1.."},
      {"GroupsNegative", [](auto& c) { c.set_groups(-2); }, "groups", "was -2"},
      {"GroupsThatDoNotDivide", [](auto& c) { c.set_groups(2); }, "groups",
       "was 2, has to divide the number of input channels, 3"},
      {"KernelUnknown", [](auto& c) { c.set_kernel(static_cast<v1::KernelMode>(9)); }, "kernel",
       "was 9, has to be one of CROSS_CORRELATION, TRUE_CONVOLUTION"},
      {"FilterLayoutOfUnknownLetters", [](auto& c) { c.set_filter_layout("ABCD"); }, "filter_layout", "was 'ABCD'"},
      {"FilterLayoutWithoutInput", [](auto& c) { c.set_filter_layout("DHWO"); }, "filter_layout", "both of O and I"},
      {"FilterLayoutOfThreeAxes", [](auto& c) { c.set_filter_layout("DHWIO"); }, "filter_layout",
       "has to have 4 letters"},
      {"LayoutWithoutChannels", [](auto& c) { c.set_input_layout("NDHW"); }, "input_layout", "spatial axes"},
  };
  rows.insert(rows.end(), own.begin(), own.end());
  return rows;
}

std::vector<Row<v1::ConvolutionConventions>> ConvolutionRows() {
  auto rows = BothConvolutionsRows<v1::ConvolutionConventions>();
  const auto reads = [](v1::PaddingSource source, int64_t begin, int64_t end) {
    return [=](auto& c) {
      c.mutable_padding()->set_source(source);
      c.mutable_padding()->add_begin(begin);
      c.mutable_padding()->add_end(end);
    };
  };
  const std::vector<Row<v1::ConvolutionConventions>> own = {
      {"ReflectingTooMuch", reads(v1::PADDING_SOURCE_REFLECT, 4, 0), "padding.begin[0]", "was 4, has to be at most 3"},
      {"ReflectingTooMuchAtTheEnd", reads(v1::PADDING_SOURCE_REFLECT, 0, 5), "padding.end[0]",
       "was 5, has to be at most 4"},
      {"GoingRoundTwice", reads(v1::PADDING_SOURCE_CIRCULAR, 0, 6), "padding.end[0]", "was 6, has to be at most 5"},
  };
  rows.insert(rows.end(), own.begin(), own.end());
  return rows;
}

std::vector<Row<v1::TransposedConvolutionConventions>> TransposedRows() {
  using Conventions = v1::TransposedConvolutionConventions;
  auto rows = BothConvolutionsRows<Conventions>();
  const auto output_shape = [](std::vector<int64_t> sizes) {
    return [=](Conventions& c) {
      c.clear_output_padding();
      c.mutable_output_shape()->Add(sizes.begin(), sizes.end());
    };
  };
  const std::vector<Row<Conventions>> own = {
      {"Full", [](auto& c) { c.mutable_padding()->set_mode(v1::PADDING_MODE_FULL); }, "padding.mode", "was FULL"},
      {"Reflecting", [](auto& c) { c.mutable_padding()->set_source(v1::PADDING_SOURCE_REFLECT); }, "padding.source",
       "was REFLECT, has to be ZERO or left out"},
      {"OutputPaddingNegative", [](auto& c) { c.set_output_padding(0, -1); }, "output_padding[0]", "was -1"},
      {"OutputPaddingOfTheStride", [](auto& c) { c.set_output_padding(0, 2); }, "output_padding[0]",
       "was 2, has to be less than 2"},
      {"OutputPaddingOfThreeAxes",
       [](auto& c) {
         c.add_output_padding(0);
         c.add_output_padding(0);
       },
       "output_padding", "had 3 entries"},
      {"OutputShapeZero", output_shape({0}), "output_shape[0]", "was 0, has to be 1.."},
      {"OutputShapeTooLong", output_shape({13, 8}), "output_shape[0]", "was 13, has to be 10..11"},
      {"OutputShapeOfThreeAxes", output_shape({1, 1, 1}), "output_shape", "had 3 entries"},
  };
  rows.insert(rows.end(), own.begin(), own.end());
  return rows;
}

std::vector<Row<v1::PoolingConventions>> PoolingRows() {
  auto rows = CommonRows<v1::PoolingConventions>();
  const auto window = [](int64_t size) {
    return [size](auto& c) {
      c.clear_window();
      c.add_window(size);
    };
  };
  const std::vector<Row<v1::PoolingConventions>> own = {
      {"WindowZero", window(0), "window[0]", "was 0, has to be 1.."},
      {"WindowNegative", window(-2), "window[0]", "was -2"},
      {"WindowTooLarge", window(kTooLarge), "window[0]", "was 2147483648", true},
      {"WindowLongerThanTheInput", window(6), "window", "was 6, has to be at most 5, the length of the padded input"},
      {"WindowDilatedBeyondTheInput", [](auto& c) { c.add_dilations(5); }, "window", "was 2 (6 with dilation 5)"},
      {"NoWindow", [](auto& c) { c.clear_window(); }, "window", "was not given"},
      {"PaddingThatReflects", [](auto& c) { c.mutable_padding()->set_source(v1::PADDING_SOURCE_REFLECT); },
       "padding.source", "was REFLECT, has to be left out"},
      {"PaddingThatHidesTheInput", [](auto& c) { c.mutable_padding()->add_begin(2); }, "padding",
       "leaves window 0 of axis H without any element"},
      {"StartInsideWithPaddingAtTheEnd",
       [](auto& c) {
         c.set_length_rule(v1::LENGTH_RULE_START_INSIDE);
         c.mutable_padding()->add_begin(0);
         c.mutable_padding()->add_end(1);
       },
       "padding.end", "was 1, has to be 0"},
      {"LengthRuleUnknown", [](auto& c) { c.set_length_rule(static_cast<v1::LengthRule>(4)); }, "length_rule",
       "was 4, has to be one of FLOOR, CEIL, START_INSIDE"},
      {"TieRuleUnknown", [](auto& c) { c.set_tie_rule(static_cast<v1::TieRule>(8)); }, "tie_rule", "was 8"},
      {"NanRuleUnknown", [](auto& c) { c.set_nan_rule(static_cast<v1::NanRule>(8)); }, "nan_rule", "was 8"},
      {"IndexBaseUnknown", [](auto& c) { c.set_index_base(static_cast<v1::IndexBase>(8)); }, "index_base", "was 8"},
      {"DivisorUnknown", [](auto& c) { c.set_average_divisor(static_cast<v1::AverageDivisor>(8)); }, "average_divisor",
       "was 8"},
      {"DivisorOfAMaximum", [](auto& c) { c.set_average_divisor(v1::AVERAGE_DIVISOR_EXCLUDED); }, "average_divisor",
       "only AVERAGE pooling takes it, this is MAX"},
      {"FixedDivisorOfAMaximum", [](auto& c) { c.set_fixed_divisor(3); }, "fixed_divisor", "only AVERAGE"},
      {"ExponentOfAMaximum", [](auto& c) { c.set_p(2); }, "p", "only LP pooling takes it, this is MAX"},
      {"WindowModeUnknown", [](auto& c) { c.set_window_mode(static_cast<v1::WindowMode>(9)); }, "window_mode",
       "was 9, has to be one of EXPLICIT, GLOBAL, ADAPTIVE"},
      {"EmptyWindowUnknown", [](auto& c) { c.set_empty_window(static_cast<v1::EmptyWindow>(9)); }, "empty_window",
       "was 9, has to be one of REFUSE, NEGATIVE_INFINITY"},
      {"PaddingLimitUnknown", [](auto& c) { c.set_padding_limit(static_cast<v1::PaddingLimit>(9)); }, "padding_limit",
       "was 9, has to be one of NONE, HALF_WINDOW, HALF_DILATED_WINDOW"},
      {"PaddingBeyondItsLimit",
       [](auto& c) {
         c.mutable_padding()->add_begin(2);
         c.set_padding_limit(v1::PADDING_LIMIT_HALF_WINDOW);
         c.add_dilations(3);
       },
       "padding", "was 2 before axis H, has to be at most 1, half of the window, where padding_limit is HALF_WINDOW"},
      {"PaddingLimitOfGlobalWindows",
       [](auto& c) {
         c.clear_window();
         c.set_window_mode(v1::WINDOW_MODE_GLOBAL);
         c.set_padding_limit(v1::PADDING_LIMIT_NONE);
       },
       "padding_limit", "has to be left out where window_mode is GLOBAL"},
      {"OutputSizeOfExplicitWindows", [](auto& c) { c.add_output_size(2); }, "output_size",
       "unless window_mode is ADAPTIVE"},
      {"GlobalWithAnotherWindow", [](auto& c) { c.set_window_mode(v1::WINDOW_MODE_GLOBAL); }, "window",
       "was 2, has to be 5, the input's length"},
      {"GlobalWithStrides",
       [](auto& c) {
         c.set_window_mode(v1::WINDOW_MODE_GLOBAL);
         c.add_strides(1);
       },
       "strides", "has to be left out where window_mode is GLOBAL"},
      {"GlobalWithPadding",
       [](auto& c) {
         c.set_window_mode(v1::WINDOW_MODE_GLOBAL);
         c.mutable_padding()->add_begin(0);
       },
       "padding", "has to be left out where window_mode is GLOBAL"},
      {"AdaptiveWithDilations",
       [](auto& c) {
         c.clear_window();
         c.set_window_mode(v1::WINDOW_MODE_ADAPTIVE);
         c.add_output_size(2);
         c.add_dilations(1);
       },
       "dilations", "has to be left out where window_mode is ADAPTIVE"},
      {"AdaptiveWithAWindow", [](auto& c) { c.set_window_mode(v1::WINDOW_MODE_ADAPTIVE), c.add_output_size(2); },
       "window", "has to be left out where window_mode is ADAPTIVE"},
      {"AdaptiveWithALengthRule",
       [](auto& c) {
         c.clear_window();
         c.set_window_mode(v1::WINDOW_MODE_ADAPTIVE);
         c.add_output_size(2);
         c.set_length_rule(v1::LENGTH_RULE_CEIL);
       },
       "length_rule", "has to be left out where window_mode is ADAPTIVE"},
      {"AdaptiveWithoutSizes",
       [](auto& c) {
         c.clear_window();
         c.set_window_mode(v1::WINDOW_MODE_ADAPTIVE);
       },
       "output_size", "was not given"},
      {"AdaptiveSizeZero",
       [](auto& c) {
         c.clear_window();
         c.set_window_mode(v1::WINDOW_MODE_ADAPTIVE);
         c.add_output_size(0);
       },
       "output_size[0]", "was 0, has to be 1.."},
      {"AdaptiveSizesOfThreeAxes",
       [](auto& c) {
         c.clear_window();
         c.set_window_mode(v1::WINDOW_MODE_ADAPTIVE);
         for (int i = 0; i < 3; ++i) c.add_output_size(1);
       },
       "output_size", "had 3 entries"},
  };
  rows.insert(rows.end(), own.begin(), own.end());
  return rows;
}

// Every row through every rpc that takes those conventions.
std::vector<BadCase> AllCases() {
  std::vector<BadCase> cases;
  const auto add = [&](const std::string& rpc, const auto& row, auto request, auto conventions_of,
                       const std::string& prefix) {
    const std::string good = request.SerializeAsString();
    row.spoil(conventions_of(request));
    const std::string service = rpc == "AnalyzeLayer" ? "AnalysisService/" : "TensorService/";
    cases.push_back({rpc + row.name, "tensord.v1." + service + rpc, request.SerializeAsString(),
                     prefix + "conventions." + row.field, row.text, good});
  };
  const auto own = [](auto& request) -> auto& { return *request.mutable_conventions(); };
  for (const auto& row : ConvolutionRows()) {
    add("Convolve", row, GoodConvolve(), own, "");
    add("ConvolveBackward", row, GoodConvolveBackward(), own, "");
    if (row.legal_in_analysis) continue;
    v1::AnalyzeLayerRequest layer = GoodAnalyzeConvolution();
    // With a batch, so that the rows' layouts fit; and with 3 channels and 2x2 taps, as the tensors above.
    layer.mutable_convolution()->clear_input_shape();
    for (const int64_t size : {2, 5, 4, 3}) layer.mutable_convolution()->add_input_shape()->set_value(size);
    layer.mutable_convolution()->clear_filter_shape();
    for (const int64_t size : {2, 2, 3, 4}) layer.mutable_convolution()->add_filter_shape()->set_value(size);
    add(
        "AnalyzeLayer", row, layer,
        [](auto& request) -> auto& { return *request.mutable_convolution()->mutable_conventions(); }, "convolution.");
  }
  for (auto row : TransposedRows()) {
    add("ConvolveTranspose", row, GoodConvolveTranspose(), own, "");
    add("ConvolveTransposeBackward", row, GoodConvolveTransposeBackward(), own, "");
    if (row.legal_in_analysis) continue;
    row.name = "Transposed" + row.name;
    add(
        "AnalyzeLayer", row, GoodAnalyzeTransposed(),
        [](auto& request) -> auto& { return *request.mutable_transposed_convolution()->mutable_conventions(); },
        "transposed_convolution.");
  }
  for (auto row : PoolingRows()) {
    add("Pool", row, GoodPool(), own, "");
    add("PoolBackward", row, GoodPoolBackward(), own, "");
    add("Unpool", row, GoodUnpool(), own, "");
    add("UnpoolBackward", row, GoodUnpoolBackward(), own, "");
    if (row.legal_in_analysis) continue;
    row.name = "Pooling" + row.name;
    add(
        "AnalyzeLayer", row, GoodAnalyzePooling(),
        [](auto& request) -> auto& { return *request.mutable_pooling()->mutable_conventions(); }, "pooling.");
  }
  return cases;
}

// One server for all rows, so that it is seen to live on; in process, as the doors differ only in how bytes travel.
class BadGeometryTest : public ::testing::TestWithParam<BadCase> {
 protected:
  static void SetUpTestSuite() { door_ = OpenDoor("InProcess", TestSettings()).release(); }
  static void TearDownTestSuite() {
    delete door_;
    door_ = nullptr;
  }
  static Door* door_;
};

Door* BadGeometryTest::door_ = nullptr;

INSTANTIATE_TEST_SUITE_P(Rows, BadGeometryTest, ::testing::ValuesIn(AllCases()),
                         [](const auto& test) { return test.param.name; });

TEST_P(BadGeometryTest, IsNamedAndTheServerLivesOn) {
  const BadCase& bad = GetParam();
  const Answer answer = CallRaw(*door_->channel(), bad.method, bad.bytes);
  EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << answer.status.error_message();
  ASSERT_TRUE(answer.error_info.has_value());
  EXPECT_EQ(answer.error_info->reason(), "INVALID_REQUEST");
  EXPECT_EQ(answer.error_info->domain(), "tensord");
  const std::optional<std::string> description = answer.ViolationOf(bad.field);
  ASSERT_TRUE(description.has_value()) << "no violation of " << bad.field << " among\n" << answer.Violations();
  EXPECT_NE(description->find(bad.text), std::string::npos) << *description;
  EXPECT_FALSE(answer.retry_info.has_value());
  EXPECT_LE(answer.status.error_details().size(), 4096u);
  EXPECT_LE(answer.status.error_message().size(), 1024u);

  const Answer good = CallRaw(*door_->channel(), bad.method, bad.good_bytes);
  EXPECT_TRUE(good.status.ok()) << good.status.error_message();
}

}  // namespace
}  // namespace tensord::contract
