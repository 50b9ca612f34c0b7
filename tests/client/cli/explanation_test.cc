// Explanations as text, Markdown and LaTeX; names that LaTeX and terminals could stumble over.
#include "client/cli/model/explanation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "client/cli/model/latex.h"

namespace tensord::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

void Add(v1::Explanation& explanation, const std::string& quantity, const std::string& general,
         const std::string& substituted, int64_t value, const std::string& meaning) {
  v1::DerivationStep& step = *explanation.add_steps();
  step.mutable_formula()->set_quantity(quantity);
  step.mutable_formula()->set_general(general);
  step.mutable_formula()->set_substituted(substituted);
  step.mutable_value()->set_value(value);
  step.mutable_value()->set_decimal(std::to_string(value));
  step.set_meaning(meaning);
}

v1::Explanation Sample() {
  v1::Explanation explanation;
  explanation.set_layer("conv1");
  explanation.set_operator_("Conv");
  Add(explanation, "H", "48", "48", 48, "axis 2 of \"x\"");
  Add(explanation, "H_out", "floor((H - 1)/sh) + 1", "floor((48 - 1)/2) + 1", 24, "length along axis 2");
  Add(explanation, "C_out", "O", "20", 20, "length along axis 1");
  return explanation;
}

TEST(ExplanationTest, TextIsAlignedAndBrokenWhereItIsTooLong) {
  EXPECT_EQ(ExplanationText(Sample(), 120, Style(false)),
            "conv1  Conv\n\n"
            "H     = 48  axis 2 of \"x\"\n"
            "H_out = floor((H - 1)/sh) + 1 = floor((48 - 1)/2) + 1 = 24  length along axis 2\n"
            "C_out = O = 20  length along axis 1\n");
  EXPECT_EQ(ExplanationText(Sample(), 60, Style(false)),
            "conv1  Conv\n\n"
            "H     = 48  axis 2 of \"x\"\n"
            "H_out = floor((H - 1)/sh) + 1\n"
            "      = floor((48 - 1)/2) + 1\n"
            "      = 24  length along axis 2\n"
            "C_out = O = 20  length along axis 1\n");
}

TEST(ExplanationTest, MarkdownIsATable) {
  EXPECT_EQ(ExplanationMarkdown(Sample()),
            "# conv1 (Conv)\n\n"
            "| | formula | with the sizes | value | |\n|---|---|---|---:|---|\n"
            "| `H` |  |  | `48` | axis 2 of \"x\" |\n"
            "| `H_out` | `floor((H - 1)/sh) + 1` | `floor((48 - 1)/2) + 1` | `24` | length along axis 2 |\n"
            "| `C_out` | `O` |  | `20` | length along axis 1 |\n");
}

TEST(ExplanationTest, JsonHasEveryStep) {
  EXPECT_EQ(ExplanationJson(Sample()).dump(),
            R"({"layer":"conv1","operator":"Conv","steps":[)"
            R"({"quantity":"H","general":"48","substituted":"48","value":48,"meaning":"axis 2 of \"x\""},)"
            R"({"quantity":"H_out","general":"floor((H - 1)/sh) + 1","substituted":"floor((48 - 1)/2) + 1",)"
            R"("value":24,"meaning":"length along axis 2"},)"
            R"({"quantity":"C_out","general":"O","substituted":"20","value":20,"meaning":"length along axis 1"}]})");
}

TEST(ExplanationTest, LatexIsADocumentWithAnAlign) {
  EXPECT_EQ(ExplanationLatex(Sample()),
            "\\documentclass{article}\n"
            "\\usepackage[T1]{fontenc}\n"
            "\\usepackage[landscape,margin=15mm]{geometry}\n"
            "\\usepackage{amsmath}\n"
            "\\allowdisplaybreaks\n"
            "\\begin{document}\n"
            "\\section*{\\texttt{conv1} (Conv)}\n"
            "\\begin{align*}\n"
            "H &= 48 && \\text{axis 2 of \\textquotedbl{}x\\textquotedbl{}} \\\\\n"
            "H_{\\text{out}} &= \\left\\lfloor \\left( H - 1 \\right) / s_{h} \\right\\rfloor + 1 \\\\\n"
            "  &= \\left\\lfloor \\left( 48 - 1 \\right) / 2 \\right\\rfloor + 1 \\\\\n"
            "  &= 24 && \\text{length along axis 2} \\\\\n"
            "C_{\\text{out}} &= O \\\\\n"
            "  &= 20 && \\text{length along axis 1}\n"
            "\\end{align*}\n"
            "\\end{document}\n");
  // An align* without rows is none.
  EXPECT_THAT(ExplanationLatex(v1::Explanation()), Not(HasSubstr("align")));
}

TEST(ExplanationTest, HostileNamesStayText) {
  v1::Explanation explanation;
  explanation.set_layer("\\input{/etc/passwd}%\x1b[31m|`a`");
  explanation.set_operator_("$x^2$");
  Add(explanation, "H}\\end{align*}", "\\write18{ls}", "48", 48, "of \"&#~_\"");
  const std::string text = ExplanationText(explanation, 120, Style(false));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("\\x1b[31m"));
  const std::string latex = ExplanationLatex(explanation);
  EXPECT_THAT(latex, HasSubstr("\\section*{\\texttt{\\textbackslash{}input\\{/etc/passwd\\}\\%\\textbackslash{}x1b[31m"
                               "\\textbar{}{`}a{`}} (\\$x\\textasciicircum{}2\\$)}\n"));
  EXPECT_THAT(latex, HasSubstr("\n\\text{H\\}\\textbackslash{}end\\{align*\\}} &= "
                               "\\text{\\textbackslash{}write18\\{ls\\}} \\\\\n  &= 48 && "
                               "\\text{of \\textquotedbl{}\\&\\#\\textasciitilde{}\\_\\textquotedbl{}}\n"));
  EXPECT_THAT(ExplanationMarkdown(explanation), HasSubstr("\\|\\`a\\` ($x^2$)\n"));
}

TEST(LatexTest, Names) {
  EXPECT_EQ(LatexFormula("ph_begin"), "p_{h,\\text{begin}}");
  EXPECT_EQ(LatexFormula("Kh*Kw"), "K_{h} \\cdot K_{w}");
  EXPECT_EQ(LatexFormula("E_out_1"), "E_{\\text{out},1}");
  EXPECT_EQ(LatexFormula("mac_count"), "\\text{mac\\_count}");
  EXPECT_EQ(LatexFormula("batch*D1"), "\\text{batch} \\cdot D_{1}");
  EXPECT_EQ(LatexFormula("[2*ceil(H/2) >= H]"), "\\left[ 2 \\cdot \\left\\lceil H / 2 \\right\\rceil \\geq H \\right]");
}

TEST(LatexTest, WhatIsNoFormulaIsText) {
  EXPECT_EQ(LatexFormula("(H"), "\\text{(H}");
  EXPECT_EQ(LatexFormula("H)"), "\\text{H)}");
  EXPECT_EQ(LatexFormula("(H]"), "\\text{(H]}");
  EXPECT_EQ(LatexFormula("H;"), "\\text{H;}");
  // TeX's own nesting is bounded.
  EXPECT_EQ(LatexFormula(std::string(64, '(') + "H" + std::string(64, ')')).substr(0, 6), "\\left(");
  EXPECT_EQ(LatexFormula(std::string(65, '(') + "H" + std::string(65, ')')).substr(0, 6), "\\text{");
  // What is no ASCII is its code point: U+00E9, U+4E2D, U+1F600.
  EXPECT_EQ(LatexText("\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80"), "(U+00E9) (U+4E2D) (U+1F600)");
  EXPECT_EQ(LatexText("a--b"), "a{-}{-}b");
}

TEST(LatexTest, ModelIsATableOfLayers) {
  v1::AnalyzeModelResponse model;
  model.set_name("net_1");
  v1::ModelLayer& layer = *model.add_layers();
  layer.set_name("a&b");
  layer.set_operator_("Conv");
  v1::ModelTensor& output = *layer.add_outputs();
  output.set_has_shape(true);
  output.add_shape()->set_expression("N");
  output.add_shape()->set_decimal("20");
  layer.mutable_parameter_count()->set_decimal("1820");
  layer.mutable_operations()->mutable_mac_count()->set_expression("N*20");
  model.mutable_parameter_count()->set_decimal("1820");
  model.mutable_operations()->mutable_mac_count()->set_expression("N*20");
  model.add_layers()->set_name("unknown");
  model.add_unknown_layers("unknown");
  const std::string latex = ModelLatex(model);
  EXPECT_THAT(latex, HasSubstr("\\section*{net\\_1}\n\\begin{longtable}{lllrr}\n"));
  EXPECT_THAT(latex, HasSubstr("\\texttt{a\\&b} & Conv & $N \\times 20$ & 1,820 & $N \\cdot 20$ \\\\\n"));
  EXPECT_THAT(latex, HasSubstr("\\texttt{unknown} &  & ? & "));
  EXPECT_THAT(latex, HasSubstr("\\hline\ntotal, at least &  &  & 1,820 & $N \\cdot 20$ \\\\\n\\end{longtable}\n"));
}

}  // namespace
}  // namespace tensord::cli
