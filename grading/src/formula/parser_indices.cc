// Rules for names and for what stands between the brackets of a tensor.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "grading/src/formula/parser_state.h"

namespace tensord::grading::formula {

bool Parser::IsIndexName(const std::string& name) const {
  return names_.indices.count(name) > 0 || names_.symbols.count(name) > 0 || bound_.count(name) > 0;
}

bool Parser::IsKnown(const std::string& name) const { return names_.Tensor(name).has_value() || IsIndexName(name); }

// The name with the subscript that belongs to it, the name's token being taken: j_1 and j_{1} are j1. `only_known`:
// just where that makes a known name, as other subscripts are indices.
std::string Parser::NameWithSubscript(const Token& token, bool only_known) {
  std::string name = token.text;
  while (Peek().Is("_")) {
    std::string longer = name;
    size_t ahead = 1;
    const bool braces = Peek(1).Is("{");
    if (braces) ++ahead;
    const auto simple = [&](size_t i) {
      return Peek(i).kind == TokenKind::kName || Peek(i).kind == TokenKind::kNumber;
    };
    if (!simple(ahead)) break;
    do {
      absl::StrAppend(&longer, Peek(ahead++).text);
    } while (braces && simple(ahead));
    if (braces && !Peek(ahead++).Is("}")) break;
    if (only_known && !IsKnown(longer)) break;
    name = longer;
    position_ += ahead;
  }
  return name;
}

// A name as a row of at least two known ones, the longest first; empty where it is none.
std::vector<std::string> Parser::Split(const std::string& name, bool indices_only) const {
  std::vector<std::string> parts;
  constexpr size_t kLongest = 32;
  for (size_t begin = 0; begin < name.size() && name.size() <= kLongest;) {
    size_t length = name.size() - begin;
    for (; length > 0; --length) {
      const std::string part = name.substr(begin, length);
      if (IsIndexName(part) || (!indices_only && names_.Tensor(part).has_value())) break;
    }
    if (length == 0) return {};
    parts.push_back(name.substr(begin, length));
    begin += length;
  }
  return parts.size() > 1 ? parts : std::vector<std::string>();
}

// The indices up to `close`. Where there are no commas and `want` are expected, a space is one: X_{i j n}.
Parser::Indices Parser::IndexList(absl::string_view close, size_t want) {
  const State state = Save();
  Indices list = ItemsUntil(close, false);
  if (want < 2 || (list.has_value() && list->size() != 1)) return list;
  const std::vector<FormulaProblem> fatal = result_.fatal;
  Restore(state);
  Indices spaced = ItemsUntil(close, true);
  if (spaced.has_value() && (spaced->size() == want || !list.has_value())) return spaced;
  Restore(state);
  if (list.has_value()) return ItemsUntil(close, false);
  result_.fatal = fatal;
  return std::nullopt;
}

Parser::Indices Parser::ItemsUntil(absl::string_view close, bool juxtaposed_items) {
  std::vector<IndexExpression> items;
  if (Take(close)) return items;
  while (true) {
    std::vector<IndexExpression> before;
    std::vector<IndexExpression>* const outer = std::exchange(split_, juxtaposed_items ? &before : nullptr);
    std::optional<IndexExpression> item = IndexSum(juxtaposed_items);
    split_ = outer;
    if (!item.has_value()) return std::nullopt;
    items.insert(items.end(), before.begin(), before.end());
    items.push_back(std::move(*item));
    if (Take(close)) return items;
    if (Take(",")) continue;
    const bool next = Peek().kind == TokenKind::kName || Peek().kind == TokenKind::kNumber || Peek().Is("(");
    if (juxtaposed_items && next) continue;
    Expect(close);
    return std::nullopt;
  }
}

std::optional<IndexExpression> Parser::IndexSum(bool juxtaposed_items) {
  const Level level(this);
  if (level.TooDeep()) return std::nullopt;
  const Token start = Peek();
  IndexExpression sum;
  do {
    const bool negative = TakeSigns();
    const std::optional<IndexExpression> term = IndexProduct(juxtaposed_items);
    if (!term.has_value()) return std::nullopt;
    std::optional<IndexExpression> longer = AddIndices(sum, *term, negative ? -1 : 1);
    if (!longer.has_value()) return FailAt(start, "an index has too large a number or too many terms");
    sum = std::move(*longer);
  } while (Peek().Is("+") || Peek().Is("-"));
  sum.offset = start.offset;
  sum.length = tokens_[position_ - 1].offset + tokens_[position_ - 1].length - start.offset;
  return sum;
}

std::optional<IndexExpression> Parser::IndexProduct(bool juxtaposed_items) {
  const Token start = Peek();
  std::optional<IndexExpression> product = IndexFactor(juxtaposed_items);
  while (product.has_value()) {
    const bool next =
        Peek().kind == TokenKind::kName || Peek().kind == TokenKind::kNumber || Peek().Is("(") || Peek().Is("{");
    if (!Take("*") && (juxtaposed_items || !next)) break;
    const std::optional<IndexExpression> factor = IndexFactor(juxtaposed_items);
    if (!factor.has_value()) return std::nullopt;
    product = MultiplyIndices(*product, *factor);
    if (!product.has_value()) return FailAt(start, "an index has too large a number or too many factors");
  }
  return product;
}

std::optional<IndexExpression> Parser::IndexFactor(bool juxtaposed_items) {
  const Token token = Peek();
  if (Take("(") || Take("{")) {
    std::optional<IndexExpression> inside = IndexSum(false);
    if (!inside.has_value() || !Expect(token.Is("(") ? ")" : "}")) return std::nullopt;
    return inside;
  }
  if (token.kind == TokenKind::kNumber) {
    int64_t value = 0;
    if (!absl::SimpleAtoi(token.text, &value)) return Fail("an index is an integer of at most 18 digits");
    Next();
    IndexExpression number;
    if (value != 0) number.terms = {{value, {}}};
    return number;
  }
  if (token.kind != TokenKind::kName) return Fail("an index is made of names, integers, +, - and *");
  Next();
  std::string name = NameWithSubscript(token, false);
  if (juxtaposed_items && split_ != nullptr && !IsIndexName(name)) {
    const std::vector<std::string> parts = Split(name, true);
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      split_->push_back(IndexExpression{{IndexTerm{1, {Intern(parts[i])}}}, token.offset, token.length});
    }
    if (!parts.empty()) name = parts.back();
  }
  return IndexExpression{{IndexTerm{1, {Intern(name)}}}, token.offset, token.length};
}

}  // namespace tensord::grading::formula
