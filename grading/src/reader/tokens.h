// The numbers, words and signs of a student's text.
#ifndef TENSORD_GRADING_SRC_READER_TOKENS_H_
#define TENSORD_GRADING_SRC_READER_TOKENS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "grading/src/reader/plain_text.h"
#include "tensord/grading/reading.h"

namespace tensord::grading::internal {

struct Token {
  enum class Kind : uint8_t { kNumber, kWord, kSign, kEnd };
  Kind kind = Kind::kEnd;
  char sign = 0;              // of kSign: ASCII or a Sign
  bool space_before = false;  // a space or a line's end
  bool line_before = false;   // a line's end
  uint32_t begin = 0;         // in the signs of the text
  uint32_t end = 0;

  [[nodiscard]] bool Is(char c) const { return kind == Kind::kSign && sign == c; }
  [[nodiscard]] bool IsNumber() const { return kind == Kind::kNumber; }
  [[nodiscard]] bool IsWord() const { return kind == Kind::kWord; }
  [[nodiscard]] bool IsEnd() const { return kind == Kind::kEnd; }
};

// A text as tokens. There is always a token of kind kEnd at the end, and any number of them behind it.
// Owns: views the text that it was made of.
class Tokens {
 public:
  // `text` must have less than 2^31 bytes.
  explicit Tokens(absl::string_view text);

  [[nodiscard]] size_t size() const { return list_.size() - 1; }  // without kEnd
  [[nodiscard]] const Token& operator[](size_t i) const { return i < list_.size() ? list_[i] : list_.back(); }
  [[nodiscard]] absl::string_view signs(const Token& token) const {
    return absl::string_view(plain_.signs).substr(token.begin, token.end - token.begin);
  }
  [[nodiscard]] absl::string_view signs(size_t i) const { return signs((*this)[i]); }

  // The bytes of the text from token `first` on to before token `end`.
  [[nodiscard]] TextRange Range(size_t first, size_t end) const;
  [[nodiscard]] size_t Offset(size_t i) const { return plain_.offsets[(*this)[i].begin]; }
  // As written, escaped, at most 80 bytes.
  [[nodiscard]] std::string Quote(size_t first, size_t end) const;
  // Whether token i is this word, in any case. `word` must be lower case.
  [[nodiscard]] bool IsWord(size_t i, absl::string_view word) const;
  // The word at i in lower case; empty where there is none. Shortened to 32 bytes.
  [[nodiscard]] std::string Lower(size_t i) const;
  // The word at i as the name of a thing, without LaTeX: k_{1} and k_1 are k1, N_{in} is N_in. About 64 bytes of it.
  [[nodiscard]] std::string Name(size_t i) const;
  // Token i and i + 1 have nothing between them.
  [[nodiscard]] bool Touches(size_t i) const { return !(*this)[i + 1].space_before; }

 private:
  absl::string_view text_;
  PlainText plain_;
  std::vector<Token> list_;
};

// Printable ASCII of any bytes, other ones as \xNN; cut after about `max_bytes`, with "..." then.
[[nodiscard]] std::string Printable(absl::string_view bytes, size_t max_bytes);

// A literal in decimals: digits * 10^exponent.
struct Literal {
  std::string digits;    // without leading zeros; empty for 0
  int64_t exponent = 0;  // saturated at +-10^9
  size_t decimals = 0;   // written behind the point
  bool point = false;    // there is a point or an exponent
  bool grouped = false;  // with marks of thousands
};
// `signs` must be those of a token kNumber.
[[nodiscard]] Literal ReadLiteral(absl::string_view signs);

}  // namespace tensord::grading::internal

#endif  // TENSORD_GRADING_SRC_READER_TOKENS_H_
