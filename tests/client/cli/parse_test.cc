#include "client/cli/flags/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/cli/errors.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename T>
std::string Error(const absl::StatusOr<T>& value) {
  return value.ok() ? "no error" : std::string(value.status().message());
}

TEST(ParseTest, Integers) {
  EXPECT_THAT(*ParseIntegers("--stride", "2"), ElementsAre(2));
  EXPECT_THAT(*ParseIntegers("--stride", "2, -1"), ElementsAre(2, -1));
  EXPECT_THAT(Error(ParseIntegers("--stride", "2,,1")), AllOf(HasSubstr("--stride: '2,,1'"), HasSubstr("expected: ")));
  EXPECT_THAT(Error(ParseIntegers("--stride", "")), HasSubstr("is no list of integers"));
  EXPECT_THAT(Error(ParseIntegers("--stride", "99999999999999999999")), HasSubstr("is no list of integers"));
}

TEST(ParseTest, DimensionsMayBeSymbols) {
  const auto dimensions = ParseDimensions("--input-shape", "N,64");
  ASSERT_TRUE(dimensions.ok());
  EXPECT_EQ((*dimensions)[0].symbol(), "N");
  EXPECT_EQ((*dimensions)[1].value(), 64);
  for (const char* bad : {"", "3.5", "1N", "N,", "a b", "\x1b"})
    EXPECT_FALSE(ParseDimensions("--input-shape", bad).ok());
}

TEST(ParseTest, Axes) {
  const auto axes = ParseAxes("--axes", "image=1000, colour=C");
  ASSERT_TRUE(axes.ok());
  EXPECT_EQ((*axes)[0].name(), "image");
  EXPECT_EQ((*axes)[0].size().value(), 1000);
  EXPECT_EQ((*axes)[1].name(), "colour");
  EXPECT_EQ((*axes)[1].size().symbol(), "C");
  for (const char* bad : {"", "image", "=3", "image=", "image=1;x=2"})
    EXPECT_FALSE(ParseAxes("--axes", bad).ok()) << bad;
}

TEST(ParseTest, Padding) {
  EXPECT_EQ(ParsePadding("--padding", "same-upper")->mode(), v1::PADDING_MODE_SAME_UPPER);
  EXPECT_EQ(ParsePadding("--padding", "FULL")->mode(), v1::PADDING_MODE_FULL);
  const auto both = ParsePadding("--padding", "1,2");
  EXPECT_THAT(both->begin(), ElementsAre(1, 2));
  EXPECT_THAT(both->end(), ElementsAre(1, 2));
  const auto sides = ParsePadding("--padding", "0:3");
  EXPECT_EQ(sides->mode(), v1::PADDING_MODE_EXPLICIT);
  EXPECT_THAT(sides->begin(), ElementsAre(0));
  EXPECT_THAT(sides->end(), ElementsAre(3));
  EXPECT_THAT(Error(ParsePadding("--padding", "same-uper")), HasSubstr("did you mean same-upper?"));
  EXPECT_FALSE(ParsePadding("--padding", "1:2:3").ok());
  EXPECT_FALSE(ParsePadding("--padding", "explicit").ok());
}

TEST(ParseTest, Activation) {
  const auto leaky = ParseActivation("--activation", "leaky-relu:slope=0.2,kink=right");
  ASSERT_TRUE(leaky.ok());
  EXPECT_EQ(leaky->kind(), v1::ACTIVATION_KIND_LEAKY_RELU);
  EXPECT_EQ(leaky->slope(), 0.2);
  EXPECT_EQ(leaky->kink_slope(), v1::KINK_SLOPE_RIGHT);
  EXPECT_FALSE(leaky->has_alpha());
  EXPECT_EQ(ParseActivation("--activation", "leaky_relu")->kind(), v1::ACTIVATION_KIND_LEAKY_RELU);
  EXPECT_EQ(ParseActivation("--activation", "gelu:form=tanh")->gelu_form(), v1::GELU_FORM_TANH);
  EXPECT_THAT(Error(ParseActivation("--activation", "relo")), HasSubstr("did you mean relu?"));
  EXPECT_THAT(Error(ParseActivation("--activation", "elu:alhpa=1")), HasSubstr("did you mean alpha?"));
  EXPECT_THAT(Error(ParseActivation("--activation", "elu:alpha=x")), HasSubstr("'x' is no number"));
  EXPECT_THAT(Error(ParseActivation("--activation", "elu:alpha=1,alpha=2")), HasSubstr("given twice"));
  EXPECT_FALSE(ParseActivation("--activation", "elu:").ok());
  const auto clip = ParseActivation("--kind", "hard-tanh:minimum=-2,maximum=3");
  EXPECT_EQ(clip->minimum(), -2);
  EXPECT_EQ(clip->maximum(), 3);
  EXPECT_EQ(ParseActivation("--kind", "softmax:axis=C")->axis(), "C");
  EXPECT_FALSE(ParseActivation("--kind", "softmax:axis=C")->has_axis_index());
  EXPECT_EQ(ParseActivation("--kind", "log-softmax:axis=-1")->axis_index(), -1);
  EXPECT_FALSE(ParseActivation("--kind", "softmax")->has_axis());
  EXPECT_THAT(Error(ParseActivation("--kind", "softmax:axis=NC")), HasSubstr("neither a letter"));
  EXPECT_FALSE(ParseActivation("--kind", "softmax:axis=").ok());
  EXPECT_FALSE(ParseActivation("--kind", "softmax:axis=99999999999999999999").ok());
  EXPECT_EQ(ParseActivation("--kind", "prelu:match=channel")->slope_match(), v1::SLOPE_MATCH_CHANNEL);
  EXPECT_FALSE(ParseActivation("--kind", "prelu:match=left").ok());
  EXPECT_FALSE(ParseActivation("--activation", "").ok());
  EXPECT_FALSE(ParseActivation("--activation", "unspecified").ok());
}

TEST(ParseTest, EveryActivationHasAName) {
  EXPECT_THAT(ActivationNames(),
              ElementsAre("identity", "relu", "leaky-relu", "elu", "selu", "sigmoid", "tanh", "softplus", "softsign",
                          "silu", "gelu", "hard-sigmoid", "hard-swish", "celu", "mish", "thresholded-relu", "erf",
                          "hard-tanh", "relu6", "log-sigmoid"));
  EXPECT_THAT(AllActivationNames(), ::testing::IsSupersetOf({"relu", "prelu", "softmax", "log-softmax"}));
  EXPECT_THAT(ProfileNames(), ElementsAre("textbook", "pytorch", "onnx", "tensorflow", "cudnn"));
}

TEST(ParseTest, Duration) {
  using std::chrono::milliseconds;
  EXPECT_EQ(*ParseDuration("--deadline", "500ms"), milliseconds(500));
  EXPECT_EQ(*ParseDuration("--deadline", "5s"), milliseconds(5'000));
  EXPECT_EQ(*ParseDuration("--deadline", "1.5m"), milliseconds(90'000));
  EXPECT_EQ(*ParseDuration("--deadline", "1h"), milliseconds(3'600'000));
  for (const char* bad : {"", "5", "s", "-1s", "0s", "1e9h", "5 s", "99999999h", "5sec", "inf", "nans"}) {
    EXPECT_FALSE(ParseDuration("--deadline", bad).ok()) << bad;
  }
}

TEST(ParseTest, Divisor) {
  v1::PoolingConventions conventions;
  ASSERT_TRUE(ParseDivisor("--divisor", "included", conventions).ok());
  EXPECT_EQ(conventions.average_divisor(), v1::AVERAGE_DIVISOR_INCLUDED);
  ASSERT_TRUE(ParseDivisor("--divisor", "9", conventions).ok());
  EXPECT_EQ(conventions.average_divisor(), v1::AVERAGE_DIVISOR_FIXED);
  EXPECT_EQ(conventions.fixed_divisor(), 9);
  EXPECT_FALSE(ParseDivisor("--divisor", "fixed", conventions).ok());
}

TEST(TextTest, EscapesWhatCouldSteerATerminal) {
  EXPECT_EQ(Escape("a\x1b[2Jb\nc\x7f"), "a\\x1b[2Jb\\x0ac\\x7f");
  EXPECT_EQ(Escape("a\nb", true), "a\nb");
  EXPECT_EQ(Escape("größe"), "größe");
  EXPECT_EQ(Escape("\xc2\x9b"
                   "31m"),
            "\\xc2\\x9b"
            "31m");                                      // C1's own escape
  EXPECT_EQ(Escape("\xe2\x80\xae"), "\\xe2\\x80\\xae");  // right-to-left override
  EXPECT_EQ(Escape("\xff\xc3"), "\\xff\\xc3");           // no UTF-8
  EXPECT_EQ(Escape("\xc0\x80"), "\\xc0\\x80");           // overlong
}

TEST(TextTest, FindsTheNearestName) {
  const std::vector<std::string> names = {"convolve", "convolve-backward", "pool", "describe"};
  EXPECT_EQ(Nearest("convovle", names), "convolve");
  EXPECT_EQ(Nearest("desc", names), "describe");
  EXPECT_EQ(Nearest("xyzzy", names), "");
  EXPECT_EQ(Nearest(std::string(1000, 'p'), names), "");
}

TEST(FlagOfTest, MapsFieldsToFlags) {
  EXPECT_EQ(FlagOf("conventions.strides[0]"), "--stride");
  EXPECT_EQ(FlagOf("convolution.conventions.strides"), "--stride");
  EXPECT_EQ(FlagOf("pooling.symbolic_strides[0]"), "--stride");
  EXPECT_EQ(FlagOf("transposed_convolution.conventions.output_padding[0]"), "--output-padding");
  EXPECT_EQ(FlagOf("conventions.output_shape"), "--output-shape");
  EXPECT_EQ(FlagOf("output_shape[1]"), "--output-shape");
  EXPECT_EQ(FlagOf("filter.shape[2]"), "--filter");
  EXPECT_EQ(FlagOf("convolution.filter_shape[2]"), "--filter-shape");
  EXPECT_EQ(FlagOf("input.data_type"), "--input or --type");
  EXPECT_EQ(FlagOf("output_gradient.shape"), "--output-gradient");
  EXPECT_EQ(FlagOf("activation.slope", "--kind"), "--kind");
  EXPECT_EQ(FlagOf("slope.shape[0]"), "--slope");
  EXPECT_EQ(FlagOf("slope.axes"), "--slope-layout");
  EXPECT_EQ(FlagOf("input.axes"), "--layout");
  EXPECT_EQ(FlagOf("return_slope_gradient"), "--out-slope-gradient");
  EXPECT_EQ(FlagOf("accumulation"), "--accumulation");
  EXPECT_EQ(FlagOf("output_type"), "--output-type");
  EXPECT_EQ(FlagOf("output[0, 3]"), "--output-type");
  EXPECT_EQ(FlagOf("return_error_bounds"), "--bounds");
  EXPECT_EQ(FlagOf("quantization.input_zero_point"), "--input-zero-point");
  EXPECT_EQ(FlagOf("quantization.filter_zero_points[2]"), "--filter-zero-point");
  EXPECT_EQ(FlagOf("quantization.filter_scales[0]"), "--filter-scale");
  EXPECT_EQ(FlagOf("gradients"), "");
}

}  // namespace
}  // namespace tensord::cli
