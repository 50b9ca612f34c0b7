#include "grading/src/reader/tokens.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "grading/src/reader/lexer.h"
#include "grading/src/reader/utf8.h"

namespace tensord::grading::internal {
namespace {

constexpr size_t kQuoteBytes = 80;
constexpr size_t kLongestKeyword = 32;
constexpr size_t kLongestName = 64;
constexpr int64_t kLargestExponent = 1000000000;

// The exponent behind an e, saturated.
int64_t ReadExponent(absl::string_view text) {
  int64_t exponent = 0;
  if (absl::SimpleAtoi(text, &exponent)) return std::clamp(exponent, -kLargestExponent, kLargestExponent);
  return text[0] == '-' ? -kLargestExponent : kLargestExponent;
}

}  // namespace

std::string Printable(absl::string_view bytes, size_t max_bytes) {
  std::string text;
  for (const char c : bytes) {
    if (text.size() >= max_bytes) return absl::StrCat(text, "...");
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n' || c == '\t' || c == '\r') {
      text.push_back(' ');
    } else if (absl::ascii_isprint(byte)) {
      text.push_back(c);
    } else {
      absl::StrAppendFormat(&text, "\\x%02X", byte);
    }
  }
  return text;
}

Tokens::Tokens(absl::string_view text) : text_(text), plain_(MakePlain(text)), list_(Lex(plain_.signs)) {}

TextRange Tokens::Range(size_t first, size_t end) const {
  if (first >= end) return {Offset(first), Offset(first)};
  // The byte behind a sign is where the next one comes from; behind signs that were dropped, that is too far.
  const size_t begin = Offset(first);
  size_t last = plain_.offsets[(*this)[end - 1].end];
  while (last > begin && absl::ascii_isspace(static_cast<unsigned char>(text_[last - 1]))) --last;
  return {begin, last};
}

std::string Tokens::Quote(size_t first, size_t end) const {
  const TextRange range = Range(first, end);
  return Printable(text_.substr(range.begin, range.end - range.begin), kQuoteBytes);
}

bool Tokens::IsWord(size_t i, absl::string_view word) const {
  return (*this)[i].IsWord() && absl::EqualsIgnoreCase(signs(i), word);
}

std::string Tokens::Lower(size_t i) const {
  return (*this)[i].IsWord() ? absl::AsciiStrToLower(signs(i).substr(0, kLongestKeyword)) : "";
}

std::string Tokens::Name(size_t i) const {
  const Token& token = (*this)[i];
  std::string name;
  for (size_t at = token.begin; at < token.end && name.size() < kLongestName; ++at) {
    const char sign = plain_.signs[at];
    if (sign == '{' || sign == '}') continue;
    // Letters beyond ASCII are as they were written: they are UTF-8, or they would not be letters.
    if (sign == kLetter) {
      const absl::string_view rest = text_.substr(plain_.offsets[at]);
      absl::StrAppend(&name, rest.substr(0, FirstCodePoint(rest).bytes));
    } else {
      name.push_back(sign);
    }
  }
  const size_t index = name.rfind('_');
  const bool number = index != std::string::npos &&
                      name.find_first_not_of("0123456789", index + 1) == std::string::npos && index + 1 < name.size();
  if (number) name.erase(index, 1);
  return name;
}

Literal ReadLiteral(absl::string_view signs) {
  Literal literal;
  const size_t e = signs.find_first_of("eE");
  const absl::string_view mantissa = signs.substr(0, e);
  literal.grouped = PointGroupsLength(mantissa) == mantissa.size();
  const size_t point = literal.grouped ? absl::string_view::npos : mantissa.find('.');
  literal.point = point != absl::string_view::npos || e != absl::string_view::npos;
  for (const char c : mantissa) {
    if (absl::ascii_isdigit(static_cast<unsigned char>(c)) && (c != '0' || !literal.digits.empty())) {
      literal.digits.push_back(c);
    }
    literal.grouped = literal.grouped || c == '\'' || c == '_';
  }
  if (point != absl::string_view::npos) literal.decimals = mantissa.size() - point - 1;
  if (e != absl::string_view::npos) literal.exponent = ReadExponent(signs.substr(e + 1));
  literal.exponent -= static_cast<int64_t>(literal.decimals);
  return literal;
}

}  // namespace tensord::grading::internal
