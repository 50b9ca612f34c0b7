#include "grading/src/reader/characters.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "grading/src/reader/plain_text.h"

namespace tensord::grading::internal {
namespace {

struct CharacterRow {
  char32_t character;
  absl::string_view signs;
};

constexpr std::array kCharacters = {
    CharacterRow{0x00A0, " "},     // non-breaking space
    CharacterRow{0x00AD, ""},      // soft hyphen
    CharacterRow{0x00B4, "'"},     // acute accent, as of keyboards
    CharacterRow{0x00B7, "*"},     // middle dot
    CharacterRow{0x00D7, "\x02"},  // multiplication sign
    CharacterRow{0x00F7, "/"},     // division sign
    CharacterRow{0x2022, "*"},     // bullet
    CharacterRow{0x2026, "\x03"},  // ellipsis
    CharacterRow{0x2044, "/"},     // fraction slash
    CharacterRow{0x2062, "*"},     // invisible times
    CharacterRow{0x2190, "\x01"},  // arrows
    CharacterRow{0x2192, "\x08"}, CharacterRow{0x21D2, "\x08"}, CharacterRow{0x2208, "\x06"},  // element of
    CharacterRow{0x2211, "\x0E"},                                                              // sum
    CharacterRow{0x03A3, "\x0E"},                                                              // Sigma
    CharacterRow{0x2212, "-"},                                                                 // minus
    CharacterRow{0x2215, "/"},                                                                 // division slash
    CharacterRow{0x2217, "*"},                                                                 // asterisk operator
    CharacterRow{0x2219, "*"},                                                                 // bullet operator
    CharacterRow{0x221E, "inf"},                                                               // infinity
    CharacterRow{0x2248, "\x08"},                                                              // almost equal
    CharacterRow{0x2264, "\x04"}, CharacterRow{0x2265, "\x05"}, CharacterRow{0x22C5, "*"},     // dot operator
    CharacterRow{0x22EF, "\x03"},                                                              // midline ellipsis
    CharacterRow{0x2308, "\x11"}, CharacterRow{0x2309, "\x12"}, CharacterRow{0x230A, "\x0F"},
    CharacterRow{0x230B, "\x10"}, CharacterRow{0x2715, "\x02"}, CharacterRow{0x2716, "\x02"},
    CharacterRow{0x27E8, "("},                                   // mathematical angle brackets
    CharacterRow{0x27E9, ")"},    CharacterRow{0x2A2F, "\x02"},  // vector product
    CharacterRow{0x2A7D, "\x04"}, CharacterRow{0x2A7E, "\x05"}, CharacterRow{0x3000, " "},  // ideographic space
    CharacterRow{0x3001, ","},    CharacterRow{0x3002, "."},    CharacterRow{0xFEFF, ""},   // byte order mark
};

struct CommandRow {
  absl::string_view command;
  absl::string_view signs;
};

constexpr std::array kCommands = {
    CommandRow{"times", "\x02"}, CommandRow{"cdot", "*"}, CommandRow{"ast", "*"}, CommandRow{"bullet", "*"},
    CommandRow{"div", "/"}, CommandRow{"frac", "\x07"}, CommandRow{"dfrac", "\x07"}, CommandRow{"tfrac", "\x07"},
    CommandRow{"ldots", "\x03"}, CommandRow{"dots", "\x03"}, CommandRow{"dotsc", "\x03"}, CommandRow{"cdots", "\x03"},
    CommandRow{"vdots", "\x03"}, CommandRow{"ddots", "\x03"}, CommandRow{"le", "\x04"}, CommandRow{"leq", "\x04"},
    CommandRow{"leqslant", "\x04"}, CommandRow{"ge", "\x05"}, CommandRow{"geq", "\x05"}, CommandRow{"geqslant", "\x05"},
    CommandRow{"lt", "<"}, CommandRow{"gt", ">"}, CommandRow{"in", "\x06"}, CommandRow{"approx", "\x08"},
    CommandRow{"to", "\x08"}, CommandRow{"rightarrow", "\x08"}, CommandRow{"Rightarrow", "\x08"},
    CommandRow{"implies", "\x08"}, CommandRow{"sum", "\x0E"}, CommandRow{"Sigma", "\x0E"}, CommandRow{"infty", "inf"},
    CommandRow{"lfloor", "\x0F"}, CommandRow{"rfloor", "\x10"}, CommandRow{"lceil", "\x11"},
    CommandRow{"rceil", "\x12"}, CommandRow{"lbrace", "{"}, CommandRow{"rbrace", "}"}, CommandRow{"lbrack", "["},
    CommandRow{"rbrack", "]"}, CommandRow{"langle", "("}, CommandRow{"rangle", ")"}, CommandRow{"max", "max"},
    CommandRow{"min", "min"}, CommandRow{"left", ""}, CommandRow{"right", ""}, CommandRow{"big", ""},
    CommandRow{"Big", ""}, CommandRow{"bigl", ""}, CommandRow{"bigr", ""}, CommandRow{"limits", ""},
    CommandRow{"displaystyle", ""}, CommandRow{"quad", " "}, CommandRow{"qquad", " "},
    // Commands of one character.
    CommandRow{",", " "}, CommandRow{";", " "}, CommandRow{":", " "}, CommandRow{"!", ""}, CommandRow{" ", " "},
    CommandRow{"(", " "}, CommandRow{")", " "}, CommandRow{"[", " "}, CommandRow{"]", " "}, CommandRow{"{", "{"},
    CommandRow{"}", "}"}, CommandRow{"_", "_"}, CommandRow{"%", "%"}, CommandRow{"&", ","}, CommandRow{"#", " "},
    CommandRow{"$", " "}, CommandRow{"\\", ";"}, CommandRow{"*", "*"},  // Markdown's escape
    CommandRow{"-", "-"}, CommandRow{"n", " "},                         // a line's end that was escaped twice
};

constexpr std::array<absl::string_view, 12> kWrappers = {"text",         "textbf", "textit", "mathrm",
                                                         "mathbf",       "mathit", "mathsf", "mathtt",
                                                         "operatorname", "mbox",   "boxed",  "textrm"};

constexpr absl::string_view kSuperscripts = "0123456789+-";
constexpr char32_t kSuperscriptCharacters[] = {0x2070, 0xB9,   0xB2,   0xB3,   0x2074, 0x2075,
                                               0x2076, 0x2077, 0x2078, 0x2079, 0x207A, 0x207B};

bool IsSpace(char32_t c) { return c >= 0x2000 && c <= 0x200A; }
bool IsInvisible(char32_t c) { return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || c == 0x2060; }
bool IsNarrowSpace(char32_t c) { return c == 0x202F || c == 0x205F; }
bool IsDash(char32_t c) { return c >= 0x2010 && c <= 0x2013; }
bool IsSingleQuote(char32_t c) { return c == 0x2018 || c == 0x2019; }
bool IsDoubleQuote(char32_t c) { return c >= 0x201C && c <= 0x201E; }
// Latin, Greek, Cyrillic and the scripts beyond, up to the symbols; CJK and what follows it. A letter or not, such a
// character is part of a word.
bool IsLetter(char32_t c) {
  return (c >= 0xC0 && c < 0x2000) || (c >= 0x3005 && c < 0xE000) || (c >= 0x1D400 && c < 0x1D800);
}

absl::string_view SignsOfGroup(char32_t c) {
  // One string per ASCII character from ! to ~, which have a wide form each.
  static constexpr absl::string_view kPrintable =
      "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
  if (c >= 0xFF01 && c <= 0xFF5E) return kPrintable.substr(c - 0xFF01, 1);
  if (IsSpace(c) || IsNarrowSpace(c) || IsDoubleQuote(c)) return " ";
  if (IsInvisible(c)) return "";
  if (IsDash(c)) return "-";
  if (IsSingleQuote(c)) return "'";
  return IsLetter(c) ? "\x13" : "\x01";
}

}  // namespace

absl::string_view SignsOfCharacter(char32_t character) {
  const auto* const row = std::find_if(kCharacters.begin(), kCharacters.end(),
                                       [&](const CharacterRow& r) { return r.character == character; });
  return row == kCharacters.end() ? SignsOfGroup(character) : row->signs;
}

char RaisedBy(char32_t character) {
  const auto* const found = std::find(std::begin(kSuperscriptCharacters), std::end(kSuperscriptCharacters), character);
  if (found == std::end(kSuperscriptCharacters)) return 0;
  return kSuperscripts[static_cast<size_t>(found - std::begin(kSuperscriptCharacters))];
}

std::optional<absl::string_view> SignsOfCommand(absl::string_view command) {
  const auto* const row =
      std::find_if(kCommands.begin(), kCommands.end(), [&](const CommandRow& r) { return r.command == command; });
  if (row == kCommands.end()) return std::nullopt;
  return row->signs;
}

bool IsWrapper(absl::string_view command) {
  return std::find(kWrappers.begin(), kWrappers.end(), command) != kWrappers.end();
}

}  // namespace tensord::grading::internal
