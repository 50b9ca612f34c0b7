#include "grading/src/formula/lexer_tables.h"

#include "absl/strings/match.h"

namespace tensord::grading::formula {
namespace {

using Kind = TokenKind;

constexpr Spelling kCommands[] = {
    {"cdot", Kind::kMark, "*"},
    {"times", Kind::kMark, "*"},
    {"ast", Kind::kMark, "*"},
    {"odot", Kind::kMark, "*"},
    {"circ", Kind::kMark, "*"},
    {"div", Kind::kMark, "/"},
    {"le", Kind::kMark, "<="},
    {"leq", Kind::kMark, "<="},
    {"leqslant", Kind::kMark, "<="},
    {"ge", Kind::kMark, ">="},
    {"geq", Kind::kMark, ">="},
    {"geqslant", Kind::kMark, ">="},
    {"ne", Kind::kMark, "!="},
    {"neq", Kind::kMark, "!="},
    {"lt", Kind::kMark, "<"},
    {"gt", Kind::kMark, ">"},
    {"lbrack", Kind::kMark, "["},
    {"rbrack", Kind::kMark, "]"},
    {"lbrace", Kind::kMark, "("},
    {"rbrace", Kind::kMark, ")"},
    {"{", Kind::kMark, "("},
    {"}", Kind::kMark, ")"},
    {"_", Kind::kMark, "_"},
    {"vert", Kind::kMark, "|"},
    {"lvert", Kind::kMark, "|"},
    {"rvert", Kind::kMark, "|"},
    {"prime", Kind::kMark, "'"},
    {"ldots", Kind::kMark, ".."},
    {"dots", Kind::kMark, ".."},
    {"sum", Kind::kSum, "sum"},
    {"partial", Kind::kPartial, "d"},
    {"frac", Kind::kFraction, "frac"},
    {"dfrac", Kind::kFraction, "frac"},
    {"tfrac", Kind::kFraction, "frac"},
    {"left", Kind::kMark, ""},
    {"right", Kind::kMark, ""},
    {"bigl", Kind::kMark, ""},
    {"bigr", Kind::kMark, ""},
    {"Bigl", Kind::kMark, ""},
    {"Bigr", Kind::kMark, ""},
    {"biggl", Kind::kMark, ""},
    {"biggr", Kind::kMark, ""},
    {"big", Kind::kMark, ""},
    {"Big", Kind::kMark, ""},
    {"bigg", Kind::kMark, ""},
    {"Bigg", Kind::kMark, ""},
    {"limits", Kind::kMark, ""},
    {"nolimits", Kind::kMark, ""},
    {"displaystyle", Kind::kMark, ""},
    {"textstyle", Kind::kMark, ""},
    {"quad", Kind::kMark, ""},
    {"qquad", Kind::kMark, ""},
    {",", Kind::kMark, ""},
    {";", Kind::kMark, ""},
    {":", Kind::kMark, ""},
    {"!", Kind::kMark, ""},
    {" ", Kind::kMark, ""},
    {"\\", Kind::kMark, ""},
    {"(", Kind::kMark, ""},
    {")", Kind::kMark, ""},
    {"[", Kind::kMark, ""},
    {"]", Kind::kMark, ""},
    {"top", Kind::kName, "T"},
    {"ln", Kind::kName, "log"},
    {"varsigma", Kind::kName, "sigma"},
    {"varepsilon", Kind::kName, "epsilon"},
};

// Commands that are names: functions and Greek letters.
constexpr absl::string_view kNames[] = {"exp",   "log",   "max",   "min",     "tanh", "sqrt",  "alpha",  "beta",
                                        "gamma", "delta", "Delta", "epsilon", "eta",  "theta", "lambda", "mu",
                                        "nu",    "rho",   "sigma", "tau",     "phi",  "psi",   "omega",  "kappa"};

constexpr absl::string_view kFonts[] = {"mathrm", "mathbf", "mathit", "mathsf", "mathcal",      "mathbb",     "mathtt",
                                        "text",   "textbf", "textit", "textrm", "operatorname", "boldsymbol", "bm"};

constexpr Spelling kCharacters[] = {
    {"·", Kind::kMark, "*"},       {"⋅", Kind::kMark, "*"},     {"×", Kind::kMark, "*"},
    {"∗", Kind::kMark, "*"},       {"⊙", Kind::kMark, "*"},     {"∘", Kind::kMark, "*"},
    {"−", Kind::kMark, "-"},       {"–", Kind::kMark, "-"},     {"÷", Kind::kMark, "/"},
    {"≤", Kind::kMark, "<="},      {"≥", Kind::kMark, ">="},    {"≠", Kind::kMark, "!="},
    {"′", Kind::kMark, "'"},       {"’", Kind::kMark, "'"},     {"…", Kind::kMark, ".."},
    {"Σ", Kind::kSum, "sum"},      {"∑", Kind::kSum, "sum"},    {"∂", Kind::kPartial, "d"},
    {"√", Kind::kName, "sqrt"},    {"α", Kind::kName, "alpha"}, {"β", Kind::kName, "beta"},
    {"γ", Kind::kName, "gamma"},   {"δ", Kind::kName, "delta"}, {"Δ", Kind::kName, "Delta"},
    {"ε", Kind::kName, "epsilon"}, {"η", Kind::kName, "eta"},   {"θ", Kind::kName, "theta"},
    {"λ", Kind::kName, "lambda"},  {"μ", Kind::kName, "mu"},    {"ρ", Kind::kName, "rho"},
    {"σ", Kind::kName, "sigma"},   {"τ", Kind::kName, "tau"},   {"φ", Kind::kName, "phi"},
    {"ψ", Kind::kName, "psi"},     {"ω", Kind::kName, "omega"}, {"𝟙", Kind::kNumber, "1"},
    {"₀", Kind::kNumber, "0"},     {"₁", Kind::kNumber, "1"},   {"₂", Kind::kNumber, "2"},
    {"₃", Kind::kNumber, "3"},     {"₄", Kind::kNumber, "4"},   {"₅", Kind::kNumber, "5"},
    {"₆", Kind::kNumber, "6"},     {"₇", Kind::kNumber, "7"},   {"₈", Kind::kNumber, "8"},
    {"₉", Kind::kNumber, "9"},     {"\u00a0", Kind::kMark, ""}, {"\u2009", Kind::kMark, ""},
    {"\u202f", Kind::kMark, ""},
};

}  // namespace

std::optional<Spelling> FindCommand(absl::string_view name) {
  for (const Spelling& command : kCommands) {
    if (command.written == name) return command;
  }
  for (absl::string_view known : kNames) {
    if (known == name) return Spelling{known, Kind::kName, known};
  }
  return std::nullopt;
}

bool IsFont(absl::string_view name) {
  for (absl::string_view font : kFonts) {
    if (font == name) return true;
  }
  return false;
}

std::optional<Spelling> FindCharacter(absl::string_view text) {
  for (const Spelling& character : kCharacters) {
    if (absl::StartsWith(text, character.written)) return character;
  }
  return std::nullopt;
}

}  // namespace tensord::grading::formula
