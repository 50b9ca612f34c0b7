#include "grading/src/shape_formula/token.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tensord/compute/status_macros.h"
#include "tensord/grading/shape_formula.h"

namespace tensord::grading::shapes {
namespace {

struct Sign {
  absl::string_view spelling;
  TokenKind kind;
  absl::string_view text;
};

// The first that fits counts, so what begins another stands before it.
constexpr std::array kSigns = {
    Sign{"**", TokenKind::kPower, ""},
    Sign{"//", TokenKind::kDoubleSlash, ""},
    Sign{">=", TokenKind::kRelation, ">="},
    Sign{"<=", TokenKind::kRelation, "<="},
    Sign{"==", TokenKind::kRelation, "="},
    Sign{"!=", TokenKind::kRelation, "!="},
    Sign{">", TokenKind::kRelation, ">"},
    Sign{"<", TokenKind::kRelation, "<"},
    Sign{"=", TokenKind::kRelation, "="},
    Sign{"+", TokenKind::kPlus, ""},
    Sign{"-", TokenKind::kMinus, ""},
    Sign{"*", TokenKind::kTimes, ""},
    Sign{"/", TokenKind::kSlash, ""},
    Sign{"%", TokenKind::kModulo, "%"},
    Sign{"^", TokenKind::kPower, ""},
    Sign{"(", TokenKind::kOpen, "("},
    Sign{")", TokenKind::kClose, "("},
    Sign{"[", TokenKind::kOpen, "["},
    Sign{"]", TokenKind::kClose, "["},
    Sign{"{", TokenKind::kOpen, "{"},
    Sign{"}", TokenKind::kClose, "{"},
    Sign{",", TokenKind::kComma, ""},
    Sign{"\xE2\x88\x92", TokenKind::kMinus, ""},       // U+2212 minus
    Sign{"\xE2\x80\x93", TokenKind::kMinus, ""},       // U+2013 en dash
    Sign{"\xC2\xB7", TokenKind::kTimes, ""},           // U+00B7 middle dot
    Sign{"\xE2\x8B\x85", TokenKind::kTimes, ""},       // U+22C5 dot operator
    Sign{"\xE2\x88\x97", TokenKind::kTimes, ""},       // U+2217 asterisk operator
    Sign{"\xC3\x97", TokenKind::kCross, ""},           // U+00D7 multiplication sign
    Sign{"\xC3\xB7", TokenKind::kSlash, ""},           // U+00F7 division sign
    Sign{"\xE2\x88\x95", TokenKind::kSlash, ""},       // U+2215 division slash
    Sign{"\xE2\x8C\x8A", TokenKind::kOpen, "floor"},   // U+230A
    Sign{"\xE2\x8C\x8B", TokenKind::kClose, "floor"},  // U+230B
    Sign{"\xE2\x8C\x88", TokenKind::kOpen, "ceil"},    // U+2308
    Sign{"\xE2\x8C\x89", TokenKind::kClose, "ceil"},   // U+2309
    Sign{"\xE2\x89\xA5", TokenKind::kRelation, ">="},  // U+2265
    Sign{"\xE2\x89\xA4", TokenKind::kRelation, "<="},  // U+2264
    Sign{"\xE2\x89\xA0", TokenKind::kRelation, "!="},  // U+2260
    Sign{"\\{", TokenKind::kOpen, "{"},
    Sign{"\\}", TokenKind::kClose, "{"},
};

// LaTeX's commands that are signs.
constexpr std::array kCommands = {
    Sign{"frac", TokenKind::kFraction, ""},     Sign{"dfrac", TokenKind::kFraction, ""},
    Sign{"tfrac", TokenKind::kFraction, ""},    Sign{"cdot", TokenKind::kTimes, ""},
    Sign{"ast", TokenKind::kTimes, ""},         Sign{"times", TokenKind::kCross, ""},
    Sign{"div", TokenKind::kSlash, ""},         Sign{"bmod", TokenKind::kModulo, ""},
    Sign{"mod", TokenKind::kModulo, ""},        Sign{"lfloor", TokenKind::kOpen, "floor"},
    Sign{"rfloor", TokenKind::kClose, "floor"}, Sign{"lceil", TokenKind::kOpen, "ceil"},
    Sign{"rceil", TokenKind::kClose, "ceil"},   Sign{"ge", TokenKind::kRelation, ">="},
    Sign{"geq", TokenKind::kRelation, ">="},    Sign{"le", TokenKind::kRelation, "<="},
    Sign{"leq", TokenKind::kRelation, "<="},    Sign{"ne", TokenKind::kRelation, "!="},
    Sign{"neq", TokenKind::kRelation, "!="},    Sign{"lbrace", TokenKind::kOpen, "{"},
    Sign{"rbrace", TokenKind::kClose, "{"},     Sign{"lbrack", TokenKind::kOpen, "["},
    Sign{"rbrack", TokenKind::kClose, "["},
};

// What only spaces or sizes: skipped.
constexpr std::array<absl::string_view, 12> kSilentCommands = {
    "left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "quad", "qquad", "limits", "displaystyle"};
constexpr std::array<absl::string_view, 13> kSpaces = {
    "\\,",      "\\;",          "\\:",          "\\!",          "\\ ", "~",  "$",
    "\xC2\xA0", "\xE2\x80\x89", "\xE2\x80\xAF", "\xE2\x80\x8B", "\\(", "\\)"};
constexpr std::array<absl::string_view, 6> kTextCommands = {"text",   "mathrm", "operatorname",
                                                            "mathit", "textit", "mathsf"};
constexpr std::array<absl::string_view, 6> kModules = {"math", "np", "numpy", "torch", "tf", "jnp"};
// Superscripts 0 to 9.
constexpr std::array<absl::string_view, 10> kSuperscripts = {
    "\xE2\x81\xB0", "\xC2\xB9",     "\xC2\xB2",     "\xC2\xB3",     "\xE2\x81\xB4",
    "\xE2\x81\xB5", "\xE2\x81\xB6", "\xE2\x81\xB7", "\xE2\x81\xB8", "\xE2\x81\xB9"};

template <size_t size>
bool Contains(const std::array<absl::string_view, size>& words, absl::string_view word) {
  for (const absl::string_view w : words) {
    if (w == word) return true;
  }
  return false;
}

class Lexer {
 public:
  explicit Lexer(absl::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Token>> Run() && {
    while (true) {
      SkipSpaces();
      if (at_ == text_.size()) break;
      TENSORD_RETURN_IF_ERROR(Next());
    }
    Push(TokenKind::kEnd);
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] absl::string_view rest() const { return text_.substr(at_); }
  [[nodiscard]] char Peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  Token& Push(TokenKind kind, absl::string_view text = "") {
    tokens_.push_back({.kind = kind, .text = std::string(text), .place = at_});
    return tokens_.back();
  }

  void SkipSpaces() {
    while (at_ < text_.size()) {
      if (absl::ascii_isspace(static_cast<unsigned char>(Peek()))) {
        ++at_;
        continue;
      }
      size_t length = 0;
      for (const absl::string_view space : kSpaces) {
        if (absl::StartsWith(rest(), space)) length = space.size();
      }
      if (length == 0) return;
      at_ += length;
    }
  }

  absl::Status Next() {
    if (absl::ascii_isdigit(static_cast<unsigned char>(Peek())) || (Peek() == '.' && IsDigit(Peek(1)))) return Number();
    if (absl::ascii_isalpha(static_cast<unsigned char>(Peek()))) return Name();
    for (const Sign& sign : kSigns) {
      if (!absl::StartsWith(rest(), sign.spelling)) continue;
      Push(sign.kind, sign.text);
      at_ += sign.spelling.size();
      return absl::OkStatus();
    }
    if (Peek() == '\\') return Command();
    for (size_t digit = 0; digit < kSuperscripts.size(); ++digit) {
      if (!absl::StartsWith(rest(), kSuperscripts[digit])) continue;
      Push(TokenKind::kPower);
      Push(TokenKind::kNumber).numerator = static_cast<int64_t>(digit);
      at_ += kSuperscripts[digit].size();
      return absl::OkStatus();
    }
    return Bad(
        "has a character that is no part of a formula; write it with letters, digits, + - * / ( ) , floor, ceil");
  }

  static bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
  static bool IsWord(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

  [[nodiscard]] absl::Status Bad(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(what, " (at byte ", at_, ")"));
  }

  absl::Status Number() {
    Token& token = Push(TokenKind::kNumber);
    int digits = 0;
    bool point = false;
    while (IsDigit(Peek()) || (!point && Peek() == '.')) {
      if (Peek() == '.') {
        point = true;
      } else {
        if (++digits > 18) return Bad("has a number of more than 18 digits; write fewer");
        token.numerator = token.numerator * 10 + (Peek() - '0');
        if (point) token.denominator *= 10;
      }
      ++at_;
    }
    return absl::OkStatus();
  }

  absl::string_view Word() {
    const size_t begin = at_;
    while (IsWord(Peek())) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  absl::Status Name() {
    const size_t place = at_;
    absl::string_view word = Word();
    if (Peek() == '.' && Contains(kModules, word) && absl::ascii_isalpha(static_cast<unsigned char>(Peek(1)))) {
      ++at_;
      word = Word();
    }
    return NameFrom(std::string(word), place);
  }

  // A name whose first word is read: adds its subscripts.
  absl::Status NameFrom(std::string name, size_t place) {
    while (Peek() == '_') {
      ++at_;
      if (IsWord(Peek())) {
        absl::StrAppend(&name, "_", Word());
        continue;
      }
      const std::optional<std::string> content = TextInBraces();
      if (!content.has_value()) return Bad("has a subscript that is no word; write it as N_in or N_{in}");
      absl::StrAppend(&name, "_", *content);
    }
    Push(TokenKind::kName, name).place = place;
    return absl::OkStatus();
  }

  // "in" of {in}, { in } and {\text{in}}; commas, signs and other commands are no part of a name.
  std::optional<std::string> TextInBraces() {
    if (Peek() == '\\') {
      ++at_;
      if (!Contains(kTextCommands, Word())) return std::nullopt;
    }
    if (Peek() != '{') return std::nullopt;
    std::string content;
    size_t depth = 0;
    do {
      const char c = Peek();
      if (c == '{') {
        ++depth;
      } else if (c == '}') {
        --depth;
      } else if (c == '\\') {
        ++at_;
        if (!Contains(kTextCommands, Word())) return std::nullopt;
        continue;
      } else if (IsWord(c) || c == '_') {
        content.push_back(c);
      } else if (c != ' ') {
        return std::nullopt;
      }
      ++at_;
    } while (depth > 0);
    return content.empty() ? std::nullopt : std::optional(content);
  }

  absl::Status Command() {
    const size_t place = at_;
    const size_t begin = ++at_;
    while (absl::ascii_isalpha(static_cast<unsigned char>(Peek()))) ++at_;
    const absl::string_view word = text_.substr(begin, at_ - begin);
    for (const Sign& command : kCommands) {
      if (word != command.spelling) continue;
      Push(command.kind, command.text).place = place;
      return absl::OkStatus();
    }
    if (Contains(kSilentCommands, word)) return absl::OkStatus();
    if (Contains(kTextCommands, word)) {
      std::optional<std::string> content = TextInBraces();
      if (!content.has_value()) return Bad("has \\text or the like without a word in braces");
      return NameFrom(*std::move(content), place);
    }
    if (word.empty()) return Bad("has a backslash that begins no command");
    // \min, \max, \lambda: a name, known or not.
    return NameFrom(std::string(word), place);
  }

  absl::string_view text_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

absl::StatusOr<std::vector<Token>> Tokenize(absl::string_view text) {
  if (text.size() > ShapeFormulaJudge::kMaxTextBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("has ", text.size(), " bytes; at most ", ShapeFormulaJudge::kMaxTextBytes, " are read"));
  }
  return Lexer(text).Run();
}

}  // namespace tensord::grading::shapes
