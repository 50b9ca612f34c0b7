// The page of a model: well formed whatever the names are, and with everything that the answer has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client/cli/model/page.h"
#include "client/cli/model/page_parts.h"
#include "client/cli/model/report.h"
#include "tests/client/cli/model_messages.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Walks through tags as a browser's tokenizer does, and says what is wrong: the first tag that is not closed in order,
// a `<` that begins none, an attribute without quotes. Text in script and style ends at their end tags only.
class HtmlCheck {
 public:
  explicit HtmlCheck(std::string html) : html_(std::move(html)) {}

  std::string Problem() {
    while (place_ < html_.size() && problem_.empty()) {
      if (html_[place_] != '<') {
        if (html_[place_] == '>') Fail("a > on its own");
        ++place_;
      } else {
        Tag();
      }
    }
    if (problem_.empty() && !open_.empty()) Fail("not closed: " + open_.back());
    return problem_;
  }

  const std::vector<std::string>& attributes() const { return attributes_; }
  int count(const std::string& name) const {
    return static_cast<int>(std::count(elements_.begin(), elements_.end(), name));
  }

 private:
  void Fail(const std::string& what) {
    problem_ = what + " at " + std::to_string(place_) + ": " + html_.substr(place_, 60);
  }

  std::string Name() {
    const size_t begin = place_;
    while (place_ < html_.size() && (isalnum(static_cast<unsigned char>(html_[place_])) != 0 || html_[place_] == '-')) {
      ++place_;
    }
    return html_.substr(begin, place_ - begin);
  }

  void Tag() {
    if (html_.compare(place_, 15, "<!DOCTYPE html>") == 0) {
      place_ += 15;
      return;
    }
    ++place_;
    if (html_[place_] == '/') {
      ++place_;
      const std::string name = Name();
      if (html_[place_] != '>' || open_.empty() || open_.back() != name) return Fail("end tag " + name);
      open_.pop_back();
      ++place_;
      return;
    }
    const std::string name = Name();
    if (name.empty()) return Fail("a < on its own");
    elements_.push_back(name);
    while (html_[place_] == ' ') Attribute();
    if (!problem_.empty()) return;
    const bool is_void = html_.compare(place_, 2, "/>") == 0;
    if (!is_void) open_.push_back(name);
    place_ += is_void ? 2 : 1;
    if (html_[place_ - 1] != '>') return Fail("tag " + name);
    if (name == "script" || name == "style") place_ = html_.find("</" + name, place_);
  }

  void Attribute() {
    ++place_;
    attributes_.push_back(Name());
    if (attributes_.back().empty() || html_.compare(place_, 2, "=\"") != 0) {
      Fail("attribute");
      place_ = html_.size();
      return;
    }
    place_ = html_.find('"', place_ + 2) + 1;
  }

  std::string html_;
  size_t place_ = 0;
  std::vector<std::string> open_;
  std::vector<std::string> elements_;
  std::vector<std::string> attributes_;
  std::string problem_;
};

std::string DataOf(const std::string& html) {
  const std::string begin = "<script type=\"application/json\" id=\"model\">";
  const size_t at = html.find(begin) + begin.size();
  return html.substr(at, html.find("</script>", at) - at);
}

const char* const kHostile[] = {
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "<!--",
    "]]>",
    "a&lt;b&amp;c",
    "\xe2\x80\xaeright to left",
    "\xff\xfe no UTF-8",
    "new\nline\ttab\x1b[31m",
    "&#x3c;b&#x3e;",
    "javascript:alert(1)",
    "{{x}}${x}`",
    "\xe2\x80\xa8 line separator",
    "</style></title>",
    "",
};

v1::AnalyzeModelResponse Hostile(const std::string& name) {
  v1::AnalyzeModelResponse model;
  model.set_name(name);
  *model.add_inputs() = MakeTensor(name, {"1", "3", name.empty() ? "N" : "x" + name, "8"});
  *model.add_outputs() = MakeTensor(name, {});
  v1::ModelLayer& layer = AddLayer(model, "/" + name + "/" + name, name, "N*3", name.empty() ? "N" : "x" + name);
  AddLayer(model, name, name);
  AddField(layer, "3", "1");
  layer.mutable_receptive_fields(0)->set_input(name);
  SetTotals(model, "7", "9");
  model.add_unknown_layers(name);
  model.add_conditions(name);
  model.mutable_memory()->set_peak_layer(name);
  *model.mutable_memory()->mutable_peak_activation_byte_count() = MakeCount("64");
  v1::ToolCount& tool = *model.add_tools();
  tool.set_quantity(name);
  tool.set_rule(name);
  tool.set_source(name);
  return model;
}

TEST(ModelPageTest, HostileNamesStayText) {
  HtmlCheck plain(ModelHtml(Hostile("plain/part")));
  ASSERT_EQ(plain.Problem(), "");
  for (const char* const name : kHostile) {
    const std::string html = ModelHtml(Hostile(name));
    HtmlCheck check(html);
    EXPECT_EQ(check.Problem(), "") << name;
    EXPECT_EQ(check.count("script"), 2) << name;
    EXPECT_EQ(check.count("img"), 0) << name;
    // Attributes are those of the page, whatever the names are.
    for (const std::string& attribute : check.attributes()) {
      EXPECT_THAT(plain.attributes(), ::testing::Contains(attribute)) << name;
      EXPECT_NE(attribute.substr(0, 2), "on") << name;
    }
    for (const char byte : html) EXPECT_TRUE(static_cast<unsigned char>(byte) >= 0x20 || byte == '\n') << name;
  }
}

TEST(ModelPageTest, TheCheckFindsWhatIsNotWellFormed) {
  for (const char* const html : {"<p>", "<p></b>", "a < b", "a > b", "<p class=x></p>", "<p x></p>", "</p>"}) {
    EXPECT_NE(HtmlCheck(html).Problem(), "") << html;
  }
  EXPECT_EQ(HtmlCheck("<!DOCTYPE html><p class=\"a\">x<br/></p><script>a < b</script>").Problem(), "");
}

TEST(ModelPageTest, DataOfTheScriptAreTheReport) {
  for (const char* const name : kHostile) {
    const std::string html = ModelHtml(Hostile(name));
    const std::string data = DataOf(html);
    EXPECT_EQ(data.find_first_of("<>&"), std::string::npos) << name;
    const Json json = Json::parse(data, nullptr, false);
    ASSERT_TRUE(json.is_object()) << name;
    ASSERT_EQ(json["layers"].size(), 2U) << name;
    const std::string text = name;
    if (text.find('\xff') == std::string::npos) {
      EXPECT_EQ(json["layers"][1]["name"], text);
      EXPECT_EQ(json["layers"][0]["receptive_fields"][0]["input"], text);
    }
  }
}

TEST(ModelPageTest, LoadsNothing) {
  const std::string html = ModelHtml(Hostile("plain"));
  EXPECT_THAT(html, HasSubstr(std::string("content=\"default-src 'none'; style-src '") + kPageStyleHash +
                              "'; script-src '" + kPageScriptHash + "'; base-uri 'none'; form-action 'none'\""));
  // The namespace of SVG, which is a name and no address.
  size_t addresses = 0;
  for (size_t at = html.find("://"); at != std::string::npos; at = html.find("://", at + 1)) ++addresses;
  EXPECT_EQ(addresses, 1U);
  EXPECT_THAT(html, AllOf(HasSubstr("<html lang=\"en\">"), HasSubstr("<title>plain</title>"), Not(HasSubstr(" src=")),
                          Not(HasSubstr(" style=")), Not(HasSubstr("@import")), Not(HasSubstr("url(\""))));
}

TEST(ModelPageTest, HasTotalsModulesTablesAndBars) {
  v1::AnalyzeModelResponse model;
  AddLayer(model, "/block/conv1/Conv", "Conv", "1000", "40000");
  AddLayer(model, "/block/conv2/Conv", "Conv", "500", "10000");
  AddLayer(model, "/fc/Gemm", "Gemm", "50", "50");
  SetTotals(model, "1550", "50050");
  for (const bool bias : {false, true}) {
    v1::ConventionCount& count = *model.add_conventions();
    count.mutable_convention()->set_bias(bias);
    *count.mutable_mac_count() = MakeCount(bias ? "50306" : "50050");
  }
  const std::string html = ModelHtml(model);
  EXPECT_THAT(html, HasSubstr("<dd id=\"total-parameter_count\">1,550</dd>"));
  EXPECT_THAT(html, HasSubstr("<dd id=\"total-mac_count\">50,050</dd>"));
  EXPECT_THAT(html, HasSubstr("<tr id=\"module-0\" class=\"module\" data-depth=\"0\"><th scope=\"row\" class=\"d0\">"));
  EXPECT_THAT(html, HasSubstr("<td class=\"n\" data-value=\"1500\">1,500</td><td class=\"n\" data-value=\"50000\">"));
  EXPECT_THAT(html, HasSubstr("<tr id=\"layer-1\" class=\"layer\" data-depth=\"1\" data-parent=\"module-0\" "
                              "data-layer=\"1\"><th scope=\"row\" class=\"d1\"><button type=\"button\" "
                              "data-label=\"conv2/Conv\" data-name=\"/block/conv2/Conv\""));
  EXPECT_THAT(html, HasSubstr("<rect class=\"part\" width=\"25.0\" height=\"4\"/>"));
  EXPECT_THAT(html, HasSubstr("<tr><th scope=\"row\">bias</th><td class=\"n\">50,306</td><td class=\"n\">?</td></tr>"));
  // What the answer does not have has no column and no table.
  EXPECT_THAT(html, AllOf(Not(HasSubstr(">bytes written<")), Not(HasSubstr(">sees<")), Not(HasSubstr("id=\"tools\""))));
}

TEST(ModelPageTest, ColumnsOfMemoryAndFieldsWhereTheyAreKnown) {
  v1::AnalyzeModelResponse model;
  v1::ModelLayer& layer = AddLayer(model, "conv", "Conv", "10", "20");
  *layer.mutable_memory()->mutable_written_byte_count() = MakeCount("N*1024");
  AddField(layer, "7", "2");
  SetTotals(model, "10", "20");
  *model.mutable_memory()->mutable_peak_activation_byte_count() = MakeCount("N*4096");
  model.mutable_memory()->set_peak_layer("a<b");
  const std::string html = ModelHtml(model);
  EXPECT_THAT(html, HasSubstr("<td class=\"n\" data-value=\"1024\">N*1024<svg class=\"bar memory\""));
  EXPECT_THAT(html, HasSubstr("<td>7x7/2</td></tr>"));
  EXPECT_THAT(html,
              HasSubstr("<dd id=\"total-peak_activation_byte_count\">N*4096 <span class=\"soft\">at a&lt;b</span>"));
}

TEST(ModelPageTest, LargeModelsTakeNoLong) {
  v1::AnalyzeModelResponse model;
  for (int i = 0; i < 20000; ++i) {
    AddLayer(model, "/m" + std::to_string(i / 1000) + "/m" + std::to_string(i / 10) + "/" + std::to_string(i), "Conv",
             "10", "N*20");
  }
  SetTotals(model, "1000000", "N*2000000");
  // Of the processor's time, as the machine may do something else too.
  const std::clock_t began = std::clock();
  const std::string html = ModelHtml(model);
  const std::string text = ModelText(model, 100, Style(false));
  EXPECT_LT(std::clock() - began, 20 * CLOCKS_PER_SEC);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 20000 + 2000 + 20 + 7);
  EXPECT_THAT(html.substr(html.size() - 8), "</html>\n");
}

TEST(ModelPageTest, AnEmptyAnswerIsAPageToo) {
  EXPECT_EQ(HtmlCheck(ModelHtml(v1::AnalyzeModelResponse())).Problem(), "");
}

}  // namespace
}  // namespace tensord::cli
