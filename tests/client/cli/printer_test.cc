#include "client/cli/printer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "client/cli/commands/conventions_report.h"
#include "client/cli/commands/layer_report.h"
#include "client/cli/io/json_tensor.h"
#include "client/cli/matrix_text.h"
#include "client/cli/proto_json.h"
#include "tensord/v1/convolution.pb.h"
#include "tensord/v1/server.pb.h"

namespace tensord::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

v1::Tensor FromJson(const std::string& lists, const std::string& axes = "", v1::DataType type = v1::DATA_TYPE_FLOAT32) {
  auto tensor = ReadJsonTensor(lists, type);
  EXPECT_TRUE(tensor.ok()) << tensor.status();
  if (!axes.empty()) tensor->set_axes(axes);
  return *tensor;
}

std::string Json(const Report& report) {
  std::ostringstream out;
  EXPECT_TRUE(MakeJsonPrinter(out)->Print(report).ok());
  return out.str();
}

std::string Text(const Report& report, bool color = false) {
  std::ostringstream out;
  EXPECT_TRUE(MakeTextPrinter(out, color, true)->Print(report).ok());
  return out.str();
}

Report OneTensor(const v1::Tensor& tensor) {
  Report report;
  report.tensors.push_back({"output", tensor, ""});
  return report;
}

v1::Count Number(int64_t value) {
  v1::Count count;
  count.set_value(value);
  count.set_decimal(std::to_string(value));
  return count;
}

TEST(JsonPrinterTest, PrintsATensor) {
  EXPECT_EQ(Json(OneTensor(FromJson("[[1,-0.0,0.1],[\"NaN\",\"Infinity\",6]]", "HW"))),
            "{\"schema_version\":1,\"output\":{\"type\":\"float32\",\"shape\":[2,3],\"layout\":\"HW\","
            "\"values\":[[1,-0.0,0.1],[\"NaN\",\"Infinity\",6]]}}\n");
}

TEST(JsonPrinterTest, LeavesOutALayoutThatIsNotKnown) {
  EXPECT_EQ(Json(OneTensor(FromJson("3"))),
            "{\"schema_version\":1,\"output\":{\"type\":\"float32\",\"shape\":[],\"values\":3}}\n");
}

TEST(JsonPrinterTest, RefusesABrokenTensorAndPrintsNothing) {
  std::ostringstream out;
  const auto printer = MakeJsonPrinter(out);
  EXPECT_FALSE(printer->Print(OneTensor(MakeTensor(v1::DATA_TYPE_FLOAT32, {2}, "abc"))).ok());
  EXPECT_EQ(out.str(), "");
}

TEST(ProtoJsonTest, WritesNamesAndEnumsAsPeopleDo) {
  v1::ConvolutionConventions conventions;
  conventions.set_input_layout("HW");
  conventions.set_kernel(v1::KERNEL_MODE_CROSS_CORRELATION);
  conventions.mutable_padding()->set_mode(v1::PADDING_MODE_SAME_UPPER);
  conventions.mutable_padding()->add_begin(0);
  conventions.mutable_padding()->add_begin(1);
  conventions.add_strides(2);
  conventions.set_groups(1);
  EXPECT_EQ(ProtoJson(conventions).dump(),
            "{\"input_layout\":\"HW\",\"kernel\":\"cross_correlation\","
            "\"padding\":{\"mode\":\"same_upper\",\"begin\":[0,1]},\"strides\":[2],\"groups\":1}");
  v1::Activation activation;
  activation.set_kind(v1::ACTIVATION_KIND_LEAKY_RELU);
  activation.set_slope(0.2);
  activation.set_alpha(1);
  EXPECT_EQ(ProtoJson(activation).dump(), "{\"kind\":\"leaky_relu\",\"slope\":0.2,\"alpha\":1}");
}

TEST(ProtoJsonTest, WritesFloatsInTheirShortestForm) {
  v1::Quantization quantization;
  quantization.set_input_scale(0.1F);
  quantization.add_filter_scales(0.5F);
  quantization.add_filter_zero_points(-3);
  EXPECT_EQ(ProtoJson(quantization).dump(),
            "{\"filter_zero_points\":[-3],\"input_scale\":0.1,\"filter_scales\":[0.5]}");
}

Report OneBound() {
  Report report;
  v1::ErrorBounds bounds;
  *bounds.mutable_computed() = FromJson("[0.5,2]", "W", v1::DATA_TYPE_FLOAT64);
  *bounds.mutable_any_order() = FromJson("[8,\"Infinity\"]", "W", v1::DATA_TYPE_FLOAT64);
  report.bounds.push_back({"error_bounds", bounds});
  return report;
}

TEST(JsonPrinterTest, PrintsBoundsAsAnObject) {
  EXPECT_EQ(Json(OneBound()),
            "{\"schema_version\":1,\"error_bounds\":{\"computed\":{\"type\":\"float64\",\"shape\":[2],\"layout\":\"W\","
            "\"values\":[0.5,2]},\"any_order\":{\"type\":\"float64\",\"shape\":[2],\"layout\":\"W\","
            "\"values\":[8,\"Infinity\"]}}}\n");
}

TEST(TextPrinterTest, NamesTheLargestBoundAndItsPlace) {
  EXPECT_EQ(Text(OneBound()),
            "error_bounds  as computed\n"
            "  0.5  2\n"
            "largest  2  at (1)\n"
            "in any order of summation: largest  Infinity  at (1)\n\n");
}

TEST(ProtoJsonTest, CountsAreNumbersAsLongAsDoublesHoldThem) {
  EXPECT_EQ(CountJson(Number(int64_t{1} << 53)).dump(), "9007199254740992");
  EXPECT_EQ(CountJson(Number((int64_t{1} << 53) + 1)).dump(), "\"9007199254740993\"");
  v1::Count large;
  large.set_decimal("340282366920938463463374607431768211455");
  EXPECT_EQ(CountJson(large).dump(), "\"340282366920938463463374607431768211455\"");
  v1::Count symbolic;
  symbolic.set_expression("N*57040");
  EXPECT_EQ(CountJson(symbolic).dump(), "\"N*57040\"");
}

TEST(TextPrinterTest, AlignsAMatrixAndNamesItsExtremes) {
  Report report = OneTensor(FromJson("[[-6,0,0,6],[-6,1,-1.5,6]]", "HW"));
  v1::ConvolutionConventions conventions;
  conventions.add_strides(1);
  conventions.add_strides(2);
  conventions.mutable_padding()->set_mode(v1::PADDING_MODE_VALID);
  AddConventions(v1::CONVENTION_PROFILE_PYTORCH, &conventions, nullptr, report);
  EXPECT_EQ(Text(report),
            "output  float32  2 x 4  HW\n"
            "  -6     0     0     6\n"
            "  -6     1    -1.5   6\n"
            "largest    6  at (0,3), (1,3)\n"
            "smallest  -6  at (0,0), (1,0)\n"
            "\n"
            "conventions: profile pytorch; padding (mode valid); strides 1,2\n");
}

TEST(TextPrinterTest, SlicesByTheAxesThatAreNotSpace) {
  EXPECT_EQ(Text(OneTensor(FromJson("[[[1,10],[2,20]],[[3,30],[4,40]]]", "HWC"))),
            "output  float32  2 x 2 x 2  HWC\n"
            "c = 0:\n"
            "  1  2\n"
            "  3  4\n"
            "c = 1:\n"
            "  10  20\n"
            "  30  40\n"
            "largest   40  at (1,1,1)\n"
            "smallest   1  at (0,0,0)\n"
            "\n");
}

TEST(TextPrinterTest, LeavesOutTheMiddleAndSaysSo) {
  const v1::Tensor tensor = MakeTensor(v1::DATA_TYPE_UINT8, {100, 200}, std::string(20'000, '\x07'));
  const std::string text = Text(OneTensor(tensor));
  EXPECT_THAT(text, AllOf(HasSubstr("..."), HasSubstr("not all is shown"), HasSubstr("all equal  7")));
  EXPECT_LT(text.size(), 4'000U);
}

TEST(TextPrinterTest, SaysWhereDigitsWereCut) {
  EXPECT_THAT(Text(OneTensor(FromJson("[0.26894142137,0.5]", "W", v1::DATA_TYPE_FLOAT64))),
              AllOf(HasSubstr("  0.2689414  0.5\n"), HasSubstr("digits are cut"), HasSubstr("0.26894142137  at (0)")));
}

TEST(TextPrinterTest, CountsNanAndHandlesNothing) {
  EXPECT_THAT(Text(OneTensor(FromJson("[\"NaN\",2,1]"))),
              AllOf(HasSubstr("largest   2  at (1)"), HasSubstr("NaN       1 element, the first at (0)")));
  EXPECT_THAT(Text(OneTensor(FromJson("[\"NaN\",\"NaN\"]"))), Not(HasSubstr("largest")));
  EXPECT_THAT(Text(OneTensor(FromJson("[]"))), HasSubstr("(no elements)"));
  EXPECT_THAT(Text(OneTensor(FromJson("3"))), HasSubstr("  scalar\n  3\n"));
}

TEST(TextPrinterTest, ColoursOnlyWhenAsked) {
  const Report report = OneTensor(FromJson("[1,2]"));
  EXPECT_THAT(Text(report, true), HasSubstr("\x1b[32m2\x1b[0m"));
  EXPECT_THAT(Text(report, false), Not(HasSubstr("\x1b")));
}

v1::AnalyzeLayerResponse Layer() {
  v1::AnalyzeLayerResponse response;
  for (const int64_t size : {46, 62, 20}) *response.add_output_shape() = Number(size);
  *response.mutable_multiplication_count() = Number(5133600);
  *response.mutable_byte_count()->mutable_input() = Number(122880);
  v1::Formula* size = response.add_formulas();
  size->set_quantity("output_shape[0]");
  size->set_general("H - Kh + 1");
  size->set_substituted("48 - 3 + 1");
  v1::Formula* formula = response.add_formulas();
  formula->set_quantity("multiplication_count");
  formula->set_general("O*Ho*Wo*Kh*Kw*C");
  formula->set_substituted("20*46*62*3*3*10");
  response.add_conditions("N >= 3");
  return response;
}

TEST(LayerReportTest, PrintsFormulasBesideTheirValues) {
  const std::string text = Text(LayerReport(Layer()));
  EXPECT_THAT(text, HasSubstr("output_shape"));
  EXPECT_THAT(text, HasSubstr("= 46 x 62 x 20\n"));
  EXPECT_THAT(text, HasSubstr("multiplication_count = O*Ho*Wo*Kh*Kw*C = 20*46*62*3*3*10 = 5133600\n"));
  EXPECT_THAT(text, HasSubstr("output_shape[0]      = H - Kh + 1      = 48 - 3 + 1      = 46\n"));
  EXPECT_THAT(text, HasSubstr("byte_count.input"));
  EXPECT_THAT(text, HasSubstr("N >= 3"));
}

TEST(LayerReportTest, GivesTheFormulasAsAnObject) {
  const std::string json = Json(LayerReport(Layer()));
  EXPECT_THAT(json, HasSubstr("\"output_shape\":[46,62,20]"));
  EXPECT_THAT(json, HasSubstr("\"formulas\":{\"output_shape[0]\":\"H - Kh + 1 = 48 - 3 + 1 = "
                              "46\",\"multiplication_count\":\"O*Ho*Wo*Kh*Kw*C = 20*46*62*3*3*10 = 5133600\"}"));
  EXPECT_THAT(json, HasSubstr("\"byte_count\":{\"input\":122880,"));
  EXPECT_THAT(json, HasSubstr("\"conditions\":[\"N >= 3\"]"));
}

TEST(TextPrinterTest, EscapesWhatAServerSays) {
  Report report;
  report.values.push_back({"version", "\x1b]0;title\x07"});
  EXPECT_THAT(Text(report), Not(HasSubstr("\x1b")));
  EXPECT_THAT(Text(report), HasSubstr("\\x1b]0;title\\x07"));
}

TEST(TextPrinterTest, PrintsATableWithOneColumnPerObject) {
  Report report;
  nlohmann::ordered_json table;
  table["default"]["padding"] = "VALID";
  table["default"]["divisor"] = "REFUSED";
  table["pytorch"]["padding"] = "VALID";
  table["pytorch"]["divisor"] = "INCLUDED";
  report.values.push_back({"profiles", table, Role::kTable});
  EXPECT_EQ(Text(report),
            "\n"
            "profiles  default  pytorch\n"
            "padding   VALID    VALID\n"
            "divisor   REFUSED  INCLUDED\n");
}

}  // namespace
}  // namespace tensord::cli
