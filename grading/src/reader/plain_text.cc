#include "grading/src/reader/plain_text.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "grading/src/reader/characters.h"
#include "grading/src/reader/utf8.h"

namespace tensord::grading::internal {
namespace {

// How far the end of a wrapper's braces, or of an environment's name, is looked for.
constexpr size_t kLongestArgument = 200;
// How far the operands of ** are looked for.
constexpr size_t kLongestGap = 16;

// Writes the signs of a text, one character or command after the other.
class Writer {
 public:
  explicit Writer(absl::string_view text) : text_(text) {
    plain_.signs.reserve(text.size());
    plain_.offsets.reserve(text.size() + 1);
  }

  PlainText Write() && {
    while (at_ < text_.size()) {
      if (text_[at_] == '\\') {
        Command();
      } else if (absl::ascii_isascii(static_cast<unsigned char>(text_[at_]))) {
        Ascii();
      } else {
        Character();
      }
    }
    plain_.offsets.push_back(static_cast<uint32_t>(text_.size()));
    return std::move(plain_);
  }

 private:
  void Put(absl::string_view signs) {
    for (const char sign : signs) {
      plain_.signs.push_back(sign);
      plain_.offsets.push_back(static_cast<uint32_t>(at_));
    }
  }

  void Ascii() {
    const char c = text_[at_];
    const bool markdown = absl::StartsWith(text_.substr(at_), "**") && IsEmphasis();
    if (c == '\n' || c == '\t') {
      Put(text_.substr(at_, 1));
    } else if (c == '\r' || c == '$' || c == '`' || c == '"' || c == '~' || markdown) {
      Put(" ");
      if (markdown) ++at_;
    } else if (absl::StartsWith(text_.substr(at_), "{,}")) {
      Put(",");  // LaTeX's comma without a space behind it
      at_ += 2;
    } else if (c == '&') {
      Put(",");  // it parts columns, and is an "and"
    } else if (c == '}' && wrapper_end_ == at_) {
      Put(" ");
    } else {
      Put(absl::ascii_isprint(static_cast<unsigned char>(c)) ? text_.substr(at_, 1) : "\x01");
    }
    ++at_;
  }

  // Whether ** at at_ is Markdown's and no power: a power stands between two operands.
  [[nodiscard]] bool IsEmphasis() const {
    const absl::string_view written = plain_.signs;
    const absl::string_view left = written.substr(written.size() - std::min(written.size(), kLongestGap));
    const absl::string_view right = text_.substr(at_, kLongestGap);
    const size_t last = left.find_last_not_of(" \t");
    const size_t next = right.find_first_not_of(" \t*");
    const auto operand = [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); };
    const bool before =
        last != absl::string_view::npos && (operand(left[last]) || absl::StrContains(")]}", left[last]));
    const bool after =
        next != absl::string_view::npos && (operand(right[next]) || absl::StrContains("({[-+\\", right[next]));
    return !before || !after;
  }

  void Character() {
    const CodePoint character = FirstCodePoint(text_.substr(at_));
    if (RaisedBy(character.value) == 0) {
      Put(character.value == 0 ? "\x01" : SignsOfCharacter(character.value));
      at_ += character.bytes;
      return;
    }
    Put("^{");
    while (at_ < text_.size()) {
      const CodePoint next = FirstCodePoint(text_.substr(at_));
      const char raised = RaisedBy(next.value);
      if (raised == 0) break;
      Put(absl::string_view(&raised, 1));
      at_ += next.bytes;
    }
    Put("}");
  }

  // A command of LaTeX, at its backslash.
  void Command() {
    size_t length = 0;
    while (at_ + 1 + length < text_.size() &&
           absl::ascii_isalpha(static_cast<unsigned char>(text_[at_ + 1 + length]))) {
      ++length;
    }
    const absl::string_view command = text_.substr(at_ + 1, std::max<size_t>(length, 1));
    const std::optional<size_t> end = ArgumentEnd(at_ + 1 + command.size());
    if (IsWrapper(command) && end.has_value()) {
      Put(" ");
      wrapper_end_ = *end;
      at_ += 2 + command.size();  // past the opening brace
      return;
    }
    if ((command == "begin" || command == "end") && end.has_value()) {
      Environment(command, *end);
      return;
    }
    const std::optional<absl::string_view> signs = SignsOfCommand(command);
    Put(signs.value_or("\x01"));
    if (!signs.has_value() && length > 0) Put(command);
    at_ += 1 + (command.empty() || (!signs.has_value() && length == 0) ? 0 : command.size());
    // \left. and \right. are no decimal points.
    if ((command == "left" || command == "right") && at_ < text_.size() && text_[at_] == '.') ++at_;
  }

  // \begin{bmatrix} and \end{bmatrix}: the brackets of rows.
  void Environment(absl::string_view command, size_t end) {
    const size_t open = text_.find('{', at_);
    const absl::string_view name = text_.substr(open + 1, end - open - 1);
    const bool matrix = absl::StrContains(name, "matrix") || name == "array";
    Put(!matrix ? " " : command == "begin" ? "[" : "]");
    at_ = end + 1;
    if (name == "array" && command == "begin") {
      const std::optional<size_t> columns = ArgumentEnd(at_);
      if (columns.has_value()) at_ = *columns + 1;
    }
  }

  // The closing brace of a {...} without braces inside that begins at `at`, if one does.
  [[nodiscard]] std::optional<size_t> ArgumentEnd(size_t at) const {
    if (at >= text_.size() || text_[at] != '{') return std::nullopt;
    const size_t end = text_.substr(0, std::min(text_.size(), at + kLongestArgument)).find_first_of("{}", at + 1);
    if (end == absl::string_view::npos || text_[end] == '{') return std::nullopt;
    return end;
  }

  absl::string_view text_;
  size_t at_ = 0;
  size_t wrapper_end_ = absl::string_view::npos;
  PlainText plain_;
};

}  // namespace

PlainText MakePlain(absl::string_view text) { return Writer(text).Write(); }

}  // namespace tensord::grading::internal
