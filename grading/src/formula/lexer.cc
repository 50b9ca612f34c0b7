#include "grading/src/formula/lexer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grading/src/formula/lexer_tables.h"

namespace tensord::grading::formula {
namespace {

bool IsSubscriptDigit(absl::string_view text) { return absl::StartsWith(text, "\xE2\x82") && text.size() >= 3; }

class Lexer {
 public:
  explicit Lexer(absl::string_view text) : text_(text) {}

  Tokens Run() {
    while (position_ < text_.size() && result_.problems.empty()) Next();
    if (result_.problems.empty()) result_.tokens.push_back({TokenKind::kEnd, "", text_.size(), 0});
    return std::move(result_);
  }

 private:
  absl::string_view Rest() const { return text_.substr(position_); }

  void Push(TokenKind kind, absl::string_view text, size_t length) {
    result_.tokens.push_back({kind, std::string(text), position_, length});
    position_ += length;
  }

  void Fail(size_t length, std::string text) {
    result_.problems.push_back({FormulaProblemCode::kSyntax, std::move(text), position_, length, ""});
  }

  // A token of a table; layout makes none.
  void PushSpelling(const Spelling& spelling, size_t length) {
    if (spelling.text.empty()) {
      position_ += length;
    } else {
      Push(spelling.kind, spelling.text, length);
    }
  }

  void Next() {
    const auto c = static_cast<unsigned char>(text_[position_]);
    if (absl::ascii_isspace(c) || c == '$' || c == '~' || c == '&') {
      ++position_;
    } else if (c == '\\') {
      Command();
    } else if (absl::ascii_isalpha(c)) {
      Word();
    } else if (absl::ascii_isdigit(c)) {
      Number();
    } else if (c < 0x80) {
      Mark();
    } else {
      Character();
    }
  }

  void Word() {
    size_t length = 1;
    while (length < Rest().size() && absl::ascii_isalnum(static_cast<unsigned char>(Rest()[length]))) ++length;
    const absl::string_view word = Rest().substr(0, length);
    const bool sum = word == "sum" || word == "Sum";
    Push(sum ? TokenKind::kSum : TokenKind::kName, word, length);
  }

  void Number() {
    size_t length = 1;
    const auto digit = [&](size_t i) {
      return i < Rest().size() && absl::ascii_isdigit(static_cast<unsigned char>(Rest()[i]));
    };
    while (digit(length)) ++length;
    if (length < Rest().size() && Rest()[length] == '.' && digit(length + 1)) {
      ++length;
      while (digit(length)) ++length;
    }
    Push(TokenKind::kNumber, Rest().substr(0, length), length);
  }

  void Mark() {
    static constexpr std::pair<absl::string_view, absl::string_view> kMarks[] = {
        {"**", "^"},  {":=", "="}, {"==", "="}, {"<=", "<="}, {">=", ">="}, {"!=", "!="}, {"...", ".."},
        {"..", ".."}, {"+", "+"},  {"-", "-"},  {"*", "*"},   {"/", "/"},   {"^", "^"},   {"_", "_"},
        {"=", "="},   {"(", "("},  {")", ")"},  {"[", "["},   {"]", "]"},   {"{", "{"},   {"}", "}"},
        {",", ","},   {"<", "<"},  {">", ">"},  {"'", "'"},   {"|", "|"},   {".", "."}};
    for (const auto& [written, mark] : kMarks) {
      if (absl::StartsWith(Rest(), written)) return Push(TokenKind::kMark, mark, written.size());
    }
    const char c = Rest().front();
    Fail(1, absl::ascii_isprint(static_cast<unsigned char>(c))
                ? absl::StrCat("'", Rest().substr(0, 1), "' has no meaning in a formula")
                : "a control character has no meaning in a formula");
  }

  void Character() {
    const std::optional<Spelling> known = FindCharacter(Rest());
    if (known.has_value()) {
      // A digit below the line belongs to the name before it.
      const bool subscript = IsSubscriptDigit(Rest());
      if (subscript && !result_.tokens.empty() && result_.tokens.back().kind == TokenKind::kName) {
        Token& name = result_.tokens.back();
        absl::StrAppend(&name.text, known->text);
        position_ += known->written.size();
        name.length = position_ - name.offset;
        return;
      }
      return PushSpelling(*known, known->written.size());
    }
    for (const auto& [written, power] : {std::pair{"²", "2"}, std::pair{"³", "3"}, std::pair{"ᵀ", "T"}}) {
      if (!absl::StartsWith(Rest(), written)) continue;
      Push(TokenKind::kMark, "^", 0);
      return Push(power[0] == 'T' ? TokenKind::kName : TokenKind::kNumber, power, absl::string_view(written).size());
    }
    Fail(1, "a character that has no meaning in a formula");
  }

  void Command() {
    size_t length = 1;
    while (length < Rest().size() && absl::ascii_isalpha(static_cast<unsigned char>(Rest()[length]))) ++length;
    if (length == 1) length = std::min<size_t>(2, Rest().size());
    const absl::string_view name = Rest().substr(1, length - 1);
    if (IsFont(name)) return Font(length);
    const std::optional<Spelling> known = FindCommand(name);
    if (known.has_value()) return PushSpelling(*known, length);
    std::string shown;
    for (const char c : name) shown.push_back(absl::ascii_isprint(static_cast<unsigned char>(c)) ? c : '?');
    Fail(length, absl::StrCat("the command \\", shown, " is not known"));
  }

  // \mathrm{sigmoid} is a name, and \mathbb{1} a number.
  void Font(size_t length) {
    const size_t open = Rest().find_first_not_of(' ', length);
    const size_t close = Rest().substr(0, 256).find('}');
    if (open == absl::string_view::npos || Rest()[open] != '{' || close == absl::string_view::npos || close < open) {
      position_ += length;  // The old style, \mathrm d: only layout.
      return;
    }
    const std::string inside(absl::StripAsciiWhitespace(Rest().substr(open + 1, close - open - 1)));
    const bool word = !inside.empty() && std::all_of(inside.begin(), inside.end(), [](char c) {
      return absl::ascii_isalnum(static_cast<unsigned char>(c));
    });
    if (!word) {
      position_ += length;  // \mathbf{X_i}: read as if the font were not there.
      return;
    }
    const bool digit = absl::ascii_isdigit(static_cast<unsigned char>(inside.front()));
    if (digit && inside != "1") return Fail(close + 1, "a font round a number has no meaning in a formula");
    Push(digit ? TokenKind::kNumber : TokenKind::kName, inside, close + 1);
  }

  absl::string_view text_;
  size_t position_ = 0;
  Tokens result_;
};

}  // namespace

Tokens Lex(absl::string_view text) {
  if (text.size() > kMaxTextBytes) {
    Tokens tokens;
    tokens.problems.push_back(
        {FormulaProblemCode::kTooLarge,
         absl::StrCat("the formula has ", text.size(), " bytes, at most ", kMaxTextBytes, " are read"), kMaxTextBytes,
         0, ""});
    return tokens;
  }
  return Lexer(text).Run();
}

std::string CanonicalName(absl::string_view name) {
  if (name.size() > 256) return "";
  std::string canonical;
  const Tokens lexed = Lex(name);
  if (!lexed.problems.empty()) return "";
  for (const Token& token : lexed.tokens) {
    if (token.kind == TokenKind::kName || (token.kind == TokenKind::kNumber && !canonical.empty())) {
      absl::StrAppend(&canonical, token.text);
    } else if (token.kind != TokenKind::kEnd && !token.Is("_") && !token.Is("{") && !token.Is("}")) {
      return "";
    }
  }
  return canonical;
}

}  // namespace tensord::grading::formula
