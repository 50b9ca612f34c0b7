// Rules for sums: sum(i,j), sum_{i,j}, \sum_{i=0}^{N-1}, \sum_i \sum_j, sum over i, j of.
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grading/src/formula/parser_state.h"

namespace tensord::grading::formula {

Parser::Id Parser::Sum() {
  const Level level(this);
  if (level.TooDeep()) return std::nullopt;
  const Token start = Next();
  Node node;
  node.kind = NodeKind::kSum;
  if (!SumHeader(&node)) return std::nullopt;
  const Id body = Term();  // to the end of the product
  if (!body.has_value()) return std::nullopt;
  node.children = {*body};
  return Add(std::move(node), start.offset);
}

bool Parser::SumHeader(Node* node) {
  std::optional<IndexExpression> last;
  if (Peek().Is("^") && !UpperPart(&last)) return false;
  if (Take("_")) {
    if (!LowerPart(node)) return false;
  } else if (Peek().Is("(") && NamesUntil(")")) {
    Next();
    if (!SumEntries(")", node)) return false;
  } else if (Peek().Is("[") && NamesUntil("]")) {
    Next();
    if (!SumEntries("]", node)) return false;
  } else if (Peek().Is("{") && NamesUntil("}")) {
    Next();
    if (!SumEntries("}", node)) return false;
  } else if (TakeWord("over")) {
    if (!SumNames(node)) return false;
    TakeWord("of");
  } else {
    node->sums_all = true;
  }
  if (Peek().Is("^") && !UpperPart(&last)) return false;
  if (!last.has_value()) return true;
  if (node->sums.empty() || node->sums.back().last.has_value()) {
    Fail("the upper limit of this sum belongs to no index");
    return false;
  }
  SumIndex& index = node->sums.back();
  index.last = last;
  if (!index.first.has_value()) index.first = IndexExpression();
  return true;
}

// What stands below the sign, the "_" taken.
bool Parser::LowerPart(Node* node) {
  if (Take("{")) return SumEntries("}", node);
  if (Take("(")) return SumEntries(")", node);
  return SumNames(node);
}

// Names with commas between them.
bool Parser::SumNames(Node* node) {
  do {
    if (Peek().kind != TokenKind::kName) {
      Fail("the index of the sum is missing");
      return false;
    }
    BindNames(Next(), node);
  } while (Take(","));
  return true;
}

bool Parser::UpperPart(std::optional<IndexExpression>* last) {
  Next();  // ^
  if (!Take("{")) {
    *last = IndexFactor(false);
    return last->has_value();
  }
  *last = IndexSum(false);
  return last->has_value() && Expect("}");
}

bool Parser::SumEntries(absl::string_view close, Node* node) {
  const Level level(this);
  if (level.TooDeep()) return false;
  do {
    if (Peek().Is("(")) {  // \sum_{(i,j)}
      Next();
      if (!SumEntries(")", node)) return false;
    } else if (!SumEntry(node)) {
      return false;
    }
  } while (Take(",") || Peek().kind == TokenKind::kName);
  return Expect(close);
}

bool Parser::SumEntry(Node* node) {
  if (Peek().kind == TokenKind::kNumber) return SumChain(node);
  if (Peek().kind != TokenKind::kName) {
    Fail("the index of the sum is missing");
    return false;
  }
  BindNames(Next(), node);
  return SumLimits(&node->sums.back());
}

// i = 0 .. N-1, i < N
bool Parser::SumLimits(SumIndex* index) {
  if (Take("=")) {
    index->first = IndexSum(false);
    if (!index->first.has_value()) return false;
    if (!Take("..") && !TakeWord("to")) return true;
    index->last = IndexSum(false);
    return index->last.has_value();
  }
  const bool strict = Take("<");
  if (!strict && !Take("<=")) return true;
  index->first = IndexExpression();
  index->last = IndexSum(false);
  if (!index->last.has_value()) return false;
  if (strict) index->last = AddIndices(*index->last, IndexExpression{{IndexTerm{1, {}}}, 0, 0}, -1);
  return index->last.has_value();
}

// 0 <= i < N
bool Parser::SumChain(Node* node) {
  std::optional<IndexExpression> first = IndexSum(false);
  if (!first.has_value()) return false;
  const bool strict = Take("<");
  if (!strict && !Take("<=")) {
    Fail("limits of a sum are written i=0 or 0 <= i < N");
    return false;
  }
  if (strict) first = AddIndices(*first, IndexExpression{{IndexTerm{1, {}}}, 0, 0}, 1);
  if (Peek().kind != TokenKind::kName) {
    Fail("the index of the sum is missing");
    return false;
  }
  BindNames(Next(), node);
  SumIndex* index = &node->sums.back();
  if (Peek().Is("<") || Peek().Is("<=")) {
    if (!SumLimits(index)) return false;
  }
  index->first = first;
  return first.has_value();
}

// The name becomes an index of the formula; an unknown one such as "ij" is i and j where those are indices.
void Parser::BindNames(const Token& token, Node* node) {
  const std::string name = NameWithSubscript(token, false);
  std::vector<std::string> parts;
  if (!IsIndexName(name)) parts = Split(name, true);
  if (parts.empty()) parts = {name};
  for (const std::string& part : parts) {
    bound_.insert(part);
    node->sums.push_back({Intern(part), std::nullopt, std::nullopt, token.offset, token.length});
  }
}

// Whether what stands in the brackets is a list of indices rather than what is summed.
bool Parser::NamesUntil(absl::string_view close) const {
  bool item = true;  // whether an item begins here
  for (size_t i = 1; Peek(i).kind != TokenKind::kEnd; ++i) {
    const Token& token = Peek(i);
    if (token.Is(close)) return i > 1;
    if (token.Is("[") || token.Is("(") || token.Is("*") || token.Is("/") || token.Is("^")) return false;
    if (token.kind != TokenKind::kName && token.kind != TokenKind::kNumber && token.kind != TokenKind::kMark)
      return false;
    if (item && token.kind == TokenKind::kName && names_.Tensor(token.text).has_value() && !IsIndexName(token.text))
      return false;
    item = token.Is(",");
  }
  return false;
}

}  // namespace tensord::grading::formula
