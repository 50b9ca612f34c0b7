// Tensors.
#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "grading/src/reader/scan.h"
#include "grading/src/reader/tensor_elements.h"
#include "grading/src/reader/tensor_shape.h"
#include "grading/src/reader/tokens.h"
#include "tensord/grading/reading.h"

namespace tensord::grading {
namespace {

using internal::Element;
using internal::ShapeBuilder;
using internal::Token;
using internal::Tokens;

constexpr absl::string_view kRemedy = "write a list of numbers, e.g. [[1, 2], [3, 4]], or hand in a file";
constexpr absl::string_view kTruncated =
    "print all of it, in NumPy with np.set_printoptions(threshold=sys.maxsize), or hand in a file";

constexpr size_t kLongestType = 16;

bool Opens(const Token& token) { return token.Is('[') || token.Is('(') || token.Is('{'); }
bool Closes(const Token& token) { return token.Is(']') || token.Is(')') || token.Is('}'); }

class TensorReader {
 public:
  TensorReader(absl::string_view text, const Tokens& tokens, const ReadLimits& limits)
      : text_(text), tokens_(tokens), limits_(limits), shape_(limits.max_depth) {}

  std::variant<TensorReading, Unreadable> Run() && {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (tokens_[i].Is(internal::kDots)) return Truncated(i);
    }
    const size_t begin = FindBegin();
    const bool read = begin < tokens_.size() ? Brackets(begin) : Lines();
    if (!read) return std::move(unreadable_);
    return Finish();
  }

 private:
  bool Fail(size_t token, std::string reason, absl::string_view remedy = kRemedy) {
    unreadable_ = {std::move(reason), std::string(remedy), tokens_.Offset(token)};
    return false;
  }

  [[nodiscard]] Unreadable Truncated(size_t i) const {
    return {"the answer is cut short by \"...\"", std::string(kTruncated), tokens_.Offset(i)};
  }

  // The first token of this sign, or size().
  [[nodiscard]] size_t Find(char sign) const {
    size_t i = 0;
    while (i < tokens_.size() && !tokens_[i].Is(sign)) ++i;
    return i;
  }

  // The bracket that the tensor begins with; size() where there is none.
  [[nodiscard]] size_t FindBegin() const {
    size_t begin = Find('[');
    if (begin == tokens_.size()) begin = Find('{');
    if (begin == tokens_.size()) return FindRound();
    // `([1, 2], [3, 4])`: the parenthesis before is the outer list.
    while (begin > 0 && tokens_[begin - 1].Is('(') && !CallsAt(begin - 1)) --begin;
    return begin;
  }

  // `((1, 2), (3, 4))`: the first parentheses that a number follows. A remark has a word there.
  [[nodiscard]] size_t FindRound() const {
    for (size_t i = 0; i < tokens_.size(); ++i) {
      if (!tokens_[i].Is('(') || CallsAt(i)) continue;
      const size_t begin = i;
      while (tokens_[i].Is('(')) ++i;
      if (internal::BeginsElement(tokens_, i)) return begin;
    }
    return tokens_.size();
  }

  // Whether the parenthesis at i is a function's: array(.
  [[nodiscard]] bool CallsAt(size_t i) const { return i > 0 && tokens_[i - 1].IsWord() && tokens_.Touches(i - 1); }

  // The nested lists from token `begin` on; what stands around them is prose.
  bool Brackets(size_t begin) {
    size_t i = begin;
    do {
      if (!List(&i)) return false;
      ++lists_;
      // [1, 2], [3, 4] without brackets around them: rows.
      if (tokens_[i].Is(',') && Opens(tokens_[i + 1])) ++i;
    } while (Opens(tokens_[i]) && !CallsAt(i));
    end_ = i;
    begin_ = begin;
    if (lists_ > 1) shape_.CloseRows(lists_);
    reading_.shape = shape_.shape();
    if (!Keywords(i)) return false;
    for (; i < tokens_.size(); ++i) {
      if (tokens_[i].Is('[')) return Fail(i, "the answer states more than one tensor where one is asked");
    }
    return true;
  }

  bool Ragged(size_t token) {
    return Fail(token, absl::StrCat("the lists differ in length: ", shape_.problem()),
                "give every list as many numbers as the others of its level");
  }

  // One list with what is nested in it; *i moves behind its closing bracket.
  bool List(size_t* i) {
    size_t depth = 0;
    do {
      const Token& token = tokens_[*i];
      if (token.IsEnd()) return Fail(*i, "a bracket is not closed", "close every bracket");
      if (Opens(token)) {
        ++depth;
        if (!shape_.Open()) {
          return Fail(*i, absl::StrCat("lists are nested more than ", limits_.max_depth, " deep"));
        }
        ++*i;
      } else if (Closes(token)) {
        --depth;
        if (!shape_.Close()) return Ragged(*i);
        ++*i;
      } else if (token.Is(';')) {
        if (!shape_.EndRow()) return Ragged(*i);
        ++*i;
      } else if (token.Is(',')) {
        ++*i;
      } else if (!PutElement(i)) {
        return false;
      }
    } while (depth > 0);
    return true;
  }

  bool PutElement(size_t* i) {
    const auto element = internal::ReadElement(tokens_, *i, limits_);
    if (const auto* failure = std::get_if<internal::ElementFailure>(&element)) {
      return Fail(failure->token, failure->reason);
    }
    const Element& value = std::get<Element>(element);
    if (reading_.values.size() >= limits_.max_elements) {
      return Fail(*i, absl::StrCat("the tensor has more than ", limits_.max_elements, " elements"), "hand in a file");
    }
    if (!shape_.Put()) return Ragged(*i);
    reading_.values.push_back(value.value);
    reading_.last_places.push_back(value.last_place);
    if (reading_.dtype.empty()) reading_.dtype = value.dtype;
    *i = value.end;
    return true;
  }

  // dtype=float32 and shape=(0, 3) of the call whose lists end before token i.
  bool Keywords(size_t i) {
    for (; i + 2 < tokens_.size() && !tokens_[i].Is(')'); ++i) {
      if (!tokens_[i].IsWord() || !tokens_[i + 1].Is('=')) continue;
      if (tokens_.IsWord(i, "shape") && tokens_[i + 2].Is('(')) {
        if (!ShapeKeyword(i, &i)) return false;
      } else if (tokens_.IsWord(i, "dtype")) {
        const size_t name = tokens_[i + 3].Is('.') ? i + 4 : i + 2;  // torch.float32
        if (tokens_[name].IsWord()) reading_.dtype = tokens_.Name(name).substr(0, kLongestType);
      }
    }
    return true;
  }

  // The shape that the print states: of a tensor without elements it says more than the brackets.
  bool ShapeKeyword(size_t begin, size_t* end) {
    std::vector<int64_t> shape;
    size_t i = begin + 3;
    for (; !tokens_[i].IsEnd() && !tokens_[i].Is(')') && shape.size() < limits_.max_depth; ++i) {
      int64_t size = 0;
      if (tokens_[i].IsNumber() && absl::SimpleAtoi(tokens_.signs(i), &size)) shape.push_back(size);
    }
    *end = i;
    const bool empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
    if (reading_.values.empty() && empty) reading_.shape = shape;
    return reading_.shape == shape ||
           Fail(begin, absl::StrCat("the print states the shape (", absl::StrJoin(shape, ", "), ") and has (",
                                    absl::StrJoin(reading_.shape, ", "), ")"));
  }

  // Numbers without brackets: a list, or lines of rows.
  bool Lines() {
    size_t i = 0;
    // "y = 1, 3, 0, 1" and "The answer: 1 2 3": what is before the first number is prose.
    while (i < tokens_.size() && !internal::BeginsElement(tokens_, i)) ++i;
    if (i == tokens_.size()) {
      unreadable_ = internal::NothingStated(text_, "tensor", kRemedy);
      return false;
    }
    begin_ = i;
    // A list needs no brackets; and one number without any may be a tensor without axes.
    if (!shape_.Open()) return Fail(i, "lists are nested too deep");
    if (!Rows(&i)) return false;
    end_ = i;
    if (!shape_.Close()) return Ragged(i - 1);
    if (reading_.values.size() > 1 || separated_) reading_.shape = shape_.shape();
    if (i == tokens_.size()) DropFullStop();
    return true;
  }

  // The point behind the last number ends a sentence where no other number has one.
  void DropFullStop() {
    const auto others = reading_.last_places.end() - 1;
    const bool point =
        std::any_of(reading_.last_places.begin(), others, [](int16_t place) { return place != kExactPlace; });
    if (!point && *others == 0 && reading_.values.size() > 1) *others = kExactPlace;
  }

  bool Rows(size_t* at) {
    const size_t begin = *at;
    bool lines = false;
    for (size_t i = begin + 1; i < tokens_.size(); ++i) lines = lines || tokens_[i].line_before;
    for (size_t& i = *at; i < tokens_.size();) {
      const Token& token = tokens_[i];
      // A line's end is a row's, but not behind a comma: there it only wraps.
      if (i > begin && token.line_before && !tokens_[i - 1].Is(',') && !shape_.EndRow()) return Ragged(i);
      // In lines, a semicolon within one is a comma: some CSV files have it.
      const bool comma = lines && !tokens_[i + 1].line_before;
      if (token.Is(';') && !comma && !shape_.EndRow()) return Ragged(i);
      if (token.Is(';') || token.Is(',')) {
        separated_ = true;
        ++i;
      } else if (token.Is(')') || (token.Is('.') && i + 1 == tokens_.size())) {
        break;  // of tensor(1.5), or of a sentence
      } else if (!PutElement(&i)) {
        return false;
      }
    }
    return true;
  }

  std::variant<TensorReading, Unreadable> Finish() {
    reading_.lowest_place = kExactPlace;
    for (const int16_t place : reading_.last_places) reading_.lowest_place = std::min(reading_.lowest_place, place);
    reading_.range = tokens_.Range(begin_, end_);
    return std::move(reading_);
  }

  absl::string_view text_;
  const Tokens& tokens_;
  const ReadLimits& limits_;
  ShapeBuilder shape_;
  size_t lists_ = 0;
  bool separated_ = false;  // a comma or a semicolon stands outside brackets
  size_t begin_ = 0;
  size_t end_ = 0;
  TensorReading reading_;
  Unreadable unreadable_;
};

}  // namespace

std::variant<TensorReading, Unreadable> ReadTensor(absl::string_view text, const ReadLimits& limits) {
  if (auto unreadable = internal::CheckText(text, limits.max_text_bytes)) return *std::move(unreadable);
  const Tokens tokens(text);
  return TensorReader(text, tokens, limits).Run();
}

}  // namespace tensord::grading
