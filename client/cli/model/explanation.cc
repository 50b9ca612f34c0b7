#include "client/cli/model/explanation.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "client/cli/proto_json.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string ValueText(const v1::Count& count) { return count.decimal().empty() ? count.expression() : count.decimal(); }

// The formulas and the value, each once: what is given has its value alone.
std::vector<std::string> Chain(const v1::DerivationStep& step) {
  std::vector<std::string> chain;
  for (const std::string& part : {step.formula().general(), step.formula().substituted(), ValueText(step.value())}) {
    const std::string text = Escape(part);
    if (chain.empty() || chain.back() != text) chain.push_back(text);
  }
  return chain;
}

std::string MarkdownText(const std::string& text) {
  return absl::StrReplaceAll(Escape(text), {{"\\", "\\\\"},
                                            {"|", "\\|"},
                                            {"*", "\\*"},
                                            {"_", "\\_"},
                                            {"`", "\\`"},
                                            {"[", "\\["},
                                            {"<", "&lt;"},
                                            {"&", "&amp;"}});
}

std::string MarkdownCode(const std::string& text) {
  return absl::StrCat("`", absl::StrReplaceAll(Escape(text), {{"|", "\\|"}, {"`", "'"}}), "`");
}

}  // namespace

Json ExplanationJson(const v1::Explanation& explanation) {
  Json steps = Json::array();
  for (const v1::DerivationStep& step : explanation.steps()) {
    steps.push_back({{"quantity", step.formula().quantity()},
                     {"general", step.formula().general()},
                     {"substituted", step.formula().substituted()},
                     {"value", CountJson(step.value())},
                     {"meaning", step.meaning()}});
  }
  return {{"layer", explanation.layer()}, {"operator", explanation.operator_()}, {"steps", std::move(steps)}};
}

std::string ExplanationText(const v1::Explanation& explanation, size_t width, const Style& style) {
  size_t name_width = 0;
  for (const v1::DerivationStep& step : explanation.steps()) {
    name_width = std::max(name_width, Escape(step.formula().quantity()).size());
  }
  std::string text =
      absl::StrCat(style.Bold(Escape(explanation.layer())), "  ", Escape(explanation.operator_()), "\n\n");
  for (const v1::DerivationStep& step : explanation.steps()) {
    std::string name = Escape(step.formula().quantity());
    name.resize(name_width, ' ');
    const std::vector<std::string> chain = Chain(step);
    const std::string meaning = Escape(step.meaning());
    const std::string line = absl::StrJoin(chain, " = ");
    const bool fits = name.size() + 3 + line.size() + 2 + meaning.size() <= width;
    const std::string blanks = fits ? "" : absl::StrCat("\n", std::string(name.size(), ' '));
    absl::StrAppend(&text, name, " = ", absl::StrJoin(chain, absl::StrCat(blanks, " = ")), "  ", style.Dim(meaning),
                    "\n");
  }
  return text;
}

std::string ExplanationMarkdown(const v1::Explanation& explanation) {
  std::string text = absl::StrCat("# ", MarkdownText(explanation.layer()), " (", MarkdownText(explanation.operator_()),
                                  ")\n\n| | formula | with the sizes | value | |\n|---|---|---|---:|---|\n");
  for (const v1::DerivationStep& step : explanation.steps()) {
    const std::string value = ValueText(step.value());
    const v1::Formula& formula = step.formula();
    const auto cell = [&](const std::string& part) { return part == value ? "" : MarkdownCode(part); };
    absl::StrAppend(&text, "| ", MarkdownCode(formula.quantity()), " | ", cell(formula.general()), " | ",
                    formula.substituted() == formula.general() ? "" : cell(formula.substituted()), " | ",
                    MarkdownCode(value), " | ", MarkdownText(step.meaning()), " |\n");
  }
  return text;
}

}  // namespace tensord::cli
