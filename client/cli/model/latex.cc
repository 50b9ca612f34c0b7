#include "client/cli/model/latex.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "client/cli/model/counts.h"
#include "client/cli/text.h"

namespace tensord::cli {
namespace {

// TeX nests some hundred groups.
constexpr size_t kMostNested = 64;

constexpr absl::string_view kBegin =
    "\\documentclass{article}\n"
    "\\usepackage[T1]{fontenc}\n"
    "\\usepackage[landscape,margin=15mm]{geometry}\n";

// What a byte of ASCII is as LaTeX text.
std::string LatexByte(char byte) {
  switch (byte) {
    case '\\':
      return "\\textbackslash{}";
    case '~':
      return "\\textasciitilde{}";
    case '^':
      return "\\textasciicircum{}";
    case '<':
      return "\\textless{}";
    case '>':
      return "\\textgreater{}";
    case '|':
      return "\\textbar{}";
    case '"':
      return "\\textquotedbl{}";
    case '-':  // two of them would be a dash
    case '`':
    case '\'':
      return absl::StrCat("{", std::string(1, byte), "}");
    case '&':
    case '%':
    case '$':
    case '#':
    case '_':
    case '{':
    case '}':
      return absl::StrCat("\\", std::string(1, byte));
    default:
      return std::string(1, byte);
  }
}

bool IsWord(char byte) { return absl::ascii_isalnum(static_cast<unsigned char>(byte)) || byte == '_'; }
bool IsDigits(absl::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == absl::string_view::npos;
}

std::string Upright(absl::string_view text) { return absl::StrCat("\\text{", LatexText(text), "}"); }

// `H_out` is H_{\text{out}}, `ph_begin` p_{h,\text{begin}}, `E_1` E_{1}; a word is set upright.
std::string LatexName(absl::string_view name) {
  std::vector<absl::string_view> parts = absl::StrSplit(name, '_');
  const absl::string_view base = parts[0];
  const bool is_letter = !base.empty() && absl::ascii_isalpha(static_cast<unsigned char>(base[0]));
  const bool has_axis = base.size() == 2 && absl::ascii_islower(static_cast<unsigned char>(base[1]));
  const bool has_number = base.size() > 1 && IsDigits(base.substr(1));
  if (!is_letter || (base.size() > 1 && !has_axis && !has_number)) return Upright(name);
  std::vector<std::string> subscripts;
  if (base.size() > 1) subscripts.emplace_back(base.substr(1));
  for (size_t i = 1; i < parts.size(); ++i) {
    const bool is_short = parts[i].size() == 1 || IsDigits(parts[i]);
    subscripts.push_back(is_short ? std::string(parts[i]) : Upright(parts[i]));
  }
  const std::string letter(1, base[0]);
  return subscripts.empty() ? letter : absl::StrCat(letter, "_{", absl::StrJoin(subscripts, ","), "}");
}

struct Bracket {
  absl::string_view text;
  absl::string_view open;
  absl::string_view close;
  char end;
};
constexpr Bracket kBrackets[] = {{"floor(", "\\left\\lfloor ", " \\right\\rfloor", ')'},
                                 {"ceil(", "\\left\\lceil ", " \\right\\rceil", ')'},
                                 {"(", "\\left( ", " \\right)", ')'},
                                 {"[", "\\left[ ", " \\right]", ']'}};
struct Sign {
  absl::string_view text;
  absl::string_view latex;
};
constexpr Sign kSigns[] = {{" >= ", " \\geq "}, {" <= ", " \\leq "}, {"*", " \\cdot "}, {"/", " / "},
                           {"+", "+"},          {"-", "-"},          {" ", " "}};

// Reads a formula from left to right.
class FormulaWriter {
 public:
  explicit FormulaWriter(absl::string_view formula) : rest_(formula) {}

  // Whether it was one.
  bool Write() {
    while (!rest_.empty()) {
      if (!Opens() && !Closes() && !Means() && !Names()) return false;
      if (open_.size() > kMostNested) return false;
    }
    return open_.empty();
  }
  const std::string& latex() const { return latex_; }

 private:
  bool Take(absl::string_view text) {
    if (rest_.substr(0, text.size()) != text) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  bool Opens() {
    for (const Bracket& bracket : kBrackets) {
      if (!Take(bracket.text)) continue;
      open_.push_back(&bracket);
      latex_ += std::string(bracket.open);
      return true;
    }
    return false;
  }
  bool Closes() {
    if (open_.empty() || rest_[0] != open_.back()->end) return false;
    rest_.remove_prefix(1);
    latex_ += std::string(open_.back()->close);
    open_.pop_back();
    return true;
  }
  bool Means() {
    for (const Sign& sign : kSigns) {
      if (!Take(sign.text)) continue;
      latex_ += std::string(sign.latex);
      return true;
    }
    return false;
  }
  bool Names() {
    size_t end = 0;
    while (end < rest_.size() && IsWord(rest_[end])) ++end;
    if (end == 0) return false;
    const absl::string_view word = rest_.substr(0, end);
    latex_ += IsDigits(word) ? std::string(word) : LatexName(word);
    rest_.remove_prefix(end);
    return true;
  }

  absl::string_view rest_;
  std::string latex_;
  std::vector<const Bracket*> open_;
};

std::string ValueText(const v1::Count& count) { return count.decimal().empty() ? count.expression() : count.decimal(); }

std::string Monospaced(absl::string_view text) { return absl::StrCat("\\texttt{", LatexText(text), "}"); }

std::string CountLatex(const v1::Count* count) {
  if (count == nullptr) return "?";
  if (count->decimal().empty()) return absl::StrCat("$", LatexFormula(count->expression()), "$");
  return LatexText(CountText(count));
}

std::string ShapeLatex(const v1::ModelLayer& layer) {
  if (layer.outputs().empty() || !layer.outputs(0).has_shape()) return "?";
  if (layer.outputs(0).shape().empty()) return "scalar";
  return absl::StrCat("$",
                      absl::StrJoin(layer.outputs(0).shape(), " \\times ",
                                    [](std::string* out, const v1::Count& size) {
                                      absl::StrAppend(out, LatexFormula(ValueText(size)));
                                    }),
                      "$");
}

}  // namespace

std::string LatexText(absl::string_view text) {
  const std::string safe = Escape(text);
  std::string latex;
  for (size_t i = 0; i < safe.size(); ++i) {
    const auto byte = static_cast<unsigned char>(safe[i]);
    if (byte < 0x80) {
      latex += LatexByte(safe[i]);
      continue;
    }
    // What Escape left is UTF-8.
    const size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    uint32_t code = byte & (0xffU >> (length + 1));
    for (size_t k = 1; k < length && i + 1 < safe.size(); ++k) {
      code = code << 6 | (static_cast<unsigned char>(safe[++i]) & 0x3fU);
    }
    absl::StrAppendFormat(&latex, "(U+%04X)", code);
  }
  return latex;
}

std::string LatexFormula(absl::string_view formula) {
  FormulaWriter writer(formula);
  return writer.Write() ? writer.latex() : Upright(formula);
}

std::string ExplanationLatex(const v1::Explanation& explanation) {
  std::string text = absl::StrCat(kBegin, "\\usepackage{amsmath}\n\\allowdisplaybreaks\n\\begin{document}\n\\section*{",
                                  Monospaced(explanation.layer()), " (", LatexText(explanation.operator_()), ")}\n");
  if (!explanation.steps().empty()) absl::StrAppend(&text, "\\begin{align*}\n");
  for (int i = 0; i < explanation.steps_size(); ++i) {
    const v1::DerivationStep& step = explanation.steps(i);
    std::vector<std::string> chain;
    for (const std::string& part : {step.formula().general(), step.formula().substituted(), ValueText(step.value())}) {
      const std::string formula = LatexFormula(part);
      if (chain.empty() || chain.back() != formula) chain.push_back(formula);
    }
    absl::StrAppend(&text, LatexName(step.formula().quantity()), " &= ", absl::StrJoin(chain, " \\\\\n  &= "), " && ",
                    Upright(step.meaning()), i + 1 < explanation.steps_size() ? " \\\\\n" : "\n");
  }
  if (!explanation.steps().empty()) absl::StrAppend(&text, "\\end{align*}\n");
  return absl::StrCat(text, "\\end{document}\n");
}

std::string ModelLatex(const v1::AnalyzeModelResponse& model) {
  std::string text = absl::StrCat(kBegin, "\\usepackage{amsmath,longtable}\n\\begin{document}\n");
  if (!model.name().empty()) absl::StrAppend(&text, "\\section*{", LatexText(model.name()), "}\n");
  absl::StrAppend(&text,
                  "\\begin{longtable}{lllrr}\nlayer & operator & output & parameters & MACs \\\\\n\\hline\n"
                  "\\endhead\n");
  const auto row = [&](const std::string& name, const std::string& type, const std::string& shape,
                       const v1::Count& parameters, const v1::Count* macs) {
    absl::StrAppend(&text, name, " & ", type, " & ", shape, " & ", CountLatex(&parameters), " & ", CountLatex(macs),
                    " \\\\\n");
  };
  for (const v1::ModelLayer& layer : model.layers()) {
    row(Monospaced(layer.name()), LatexText(layer.operator_()), ShapeLatex(layer), layer.parameter_count(),
        layer.has_operations() ? &MacsOf(layer.operations()) : nullptr);
  }
  absl::StrAppend(&text, "\\hline\n");
  row(model.unknown_layers().empty() ? "total" : "total, at least", "", "", model.parameter_count(),
      &MacsOf(model.operations()));
  absl::StrAppend(&text, "\\end{longtable}\n");
  for (const std::string& condition : model.conditions()) {
    absl::StrAppend(&text, "Provided ", LatexText(condition), ".\n\n");
  }
  return absl::StrCat(text, "\\end{document}\n");
}

}  // namespace tensord::cli
