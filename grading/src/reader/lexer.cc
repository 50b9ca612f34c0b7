#include "grading/src/reader/lexer.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace tensord::grading::internal {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)) || c == kLetter; }
bool IsWordPart(char c) { return IsLetter(c) || IsDigit(c); }

// Signs of several characters, the longest first.
struct LongSign {
  absl::string_view signs;
  char sign;
};
constexpr std::array kLongSigns = {
    LongSign{"<=", kLessEqual},   LongSign{"=<", kLessEqual},   LongSign{">=", kGreaterEqual},
    LongSign{"==", '='},          LongSign{":=", '='},          LongSign{"=>", kAbout},
    LongSign{"->", kAbout},       LongSign{"!=", kMeaningless}, LongSign{"**", '^'},
    LongSign{"//", kFloorDivide},
};

class Lexer {
 public:
  explicit Lexer(absl::string_view signs) : signs_(signs) {}

  std::vector<Token> Lex() && {
    while (true) {
      Token token;
      SkipSpaces(&token);
      token.begin = static_cast<uint32_t>(at_);
      if (at_ < signs_.size()) Next(&token);
      token.end = static_cast<uint32_t>(at_);
      list_.push_back(token);
      if (token.IsEnd()) return std::move(list_);
    }
  }

 private:
  [[nodiscard]] char Peek(size_t ahead = 0) const { return at_ + ahead < signs_.size() ? signs_[at_ + ahead] : '\0'; }

  void SkipSpaces(Token* token) {
    for (; at_ < signs_.size(); ++at_) {
      const char c = signs_[at_];
      if (c != ' ' && c != '\t' && c != '\n') return;
      token->space_before = true;
      token->line_before = token->line_before || c == '\n';
    }
  }

  void Next(Token* token) {
    if (IsDigit(Peek()) || (Peek() == '.' && IsDigit(Peek(1)) && !AfterOperand(*token))) {
      token->kind = Token::Kind::kNumber;
      Number();
    } else if ((Peek() == 'x' || Peek() == 'X') && IsBy(*token)) {
      token->kind = Token::Kind::kSign;
      token->sign = kCross;
      ++at_;
    } else if (IsLetter(Peek())) {
      token->kind = Token::Kind::kWord;
      Word();
    } else {
      token->kind = Token::Kind::kSign;
      SignOrLongSign(token);
    }
  }

  // Whether the token before ends here and is one that a point could belong to.
  [[nodiscard]] bool AfterOperand(const Token& token) const {
    return !token.space_before && !list_.empty() && (list_.back().IsNumber() || list_.back().IsWord());
  }

  // Whether an x between two things is a "by": 3x3, 46 x 62, (2) x (3), 3 images x 4.
  [[nodiscard]] bool IsBy(const Token& token) const {
    if (list_.empty()) return false;
    const Token& before = list_.back();
    const bool operand = before.IsNumber() || before.Is(')') || before.Is(']') || before.Is('}') || before.Is('%');
    const char next = Peek(1);
    if (IsLetter(next) || next == '_' || next == '[') return false;
    const size_t after = signs_.substr(0, std::min(signs_.size(), at_ + 16)).find_first_not_of(" \t", at_ + 1);
    const char first = after == absl::string_view::npos ? '\0' : signs_[after];
    if (first == '=' || first == ':' || first == '\0' || first == ',') return false;
    if (operand) return true;
    return before.IsWord() && token.space_before && next == ' ' && IsDigit(first);
  }

  void Digits() {
    while (IsDigit(Peek())) ++at_;
  }

  // Digits, with _ between any and ' before groups of three.
  void IntegerPart() {
    Digits();
    while (true) {
      const bool quote =
          Peek() == '\'' && IsDigit(Peek(1)) && IsDigit(Peek(2)) && IsDigit(Peek(3)) && !IsDigit(Peek(4));
      if (!quote && !(Peek() == '_' && IsDigit(Peek(1)))) return;
      ++at_;
      Digits();
    }
  }

  void Number() {
    const size_t groups = PointGroupsLength(signs_.substr(at_));
    if (groups > 0) {
      at_ += groups;
      return;
    }
    IntegerPart();
    if (Peek() == '.' && Peek(1) != '.') {
      ++at_;
      Digits();
    }
    const size_t sign = Peek(1) == '+' || Peek(1) == '-' ? 1 : 0;
    if ((Peek() == 'e' || Peek() == 'E') && IsDigit(Peek(1 + sign))) {
      at_ += 1 + sign;
      Digits();
    }
  }

  void Word() {
    while (at_ < signs_.size()) {
      const char c = Peek();
      const bool joins = (c == '\'' && IsLetter(Peek(1))) || (c == '_' && IsWordPart(Peek(1)));
      if (IsWordPart(c)) {
        ++at_;
      } else if (joins) {
        at_ += 2;
      } else if (const size_t index = IndexLength(); index > 0) {
        at_ += index;
      } else {
        return;
      }
    }
  }

  // The length of a LaTeX index of letters and digits alone, _{in}; 0 where there is none.
  [[nodiscard]] size_t IndexLength() const {
    if (Peek() != '_' || Peek(1) != '{') return 0;
    size_t length = 2;
    while (length < 16 && IsWordPart(Peek(length))) ++length;
    return length > 2 && Peek(length) == '}' ? length + 1 : 0;
  }

  void SignOrLongSign(Token* token) {
    const absl::string_view rest = signs_.substr(at_);
    if (absl::StartsWith(rest, "..")) {
      token->sign = kDots;
      while (Peek() == '.') ++at_;
      return;
    }
    const auto* const found = std::find_if(kLongSigns.begin(), kLongSigns.end(),
                                           [&](const LongSign& s) { return absl::StartsWith(rest, s.signs); });
    token->sign = found == kLongSigns.end() ? rest[0] : found->sign;
    at_ += found == kLongSigns.end() ? 1 : found->signs.size();
  }

  absl::string_view signs_;
  size_t at_ = 0;
  std::vector<Token> list_;
};

}  // namespace

std::vector<Token> Lex(absl::string_view signs) { return Lexer(signs).Lex(); }

size_t PointGroupsLength(absl::string_view signs) {
  const auto digit = [&](size_t i) { return i < signs.size() && IsDigit(signs[i]); };
  size_t length = 0;
  while (length < 4 && digit(length)) ++length;
  if (length == 0 || length > 3) return 0;
  size_t groups = 0;
  while (length < signs.size() && signs[length] == '.' && digit(length + 1) && digit(length + 2) && digit(length + 3) &&
         !digit(length + 4)) {
    length += 4;
    ++groups;
  }
  const bool goes_on = length < signs.size() && signs[length] == '.' && digit(length + 1);
  return groups >= 2 && !goes_on ? length : 0;
}

}  // namespace tensord::grading::internal
