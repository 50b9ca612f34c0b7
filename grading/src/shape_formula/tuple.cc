#include "grading/src/shape_formula/tuple.h"

namespace tensord::grading::shapes {
namespace {

bool IsCross(const Token& token, const Names& names) {
  const bool letter = token.kind == TokenKind::kName && (token.text == "x" || token.text == "X");
  return token.kind == TokenKind::kCross || (letter && !names.Find(token.text).has_value());
}

struct Separators {
  size_t commas = 0;
  size_t crosses = 0;
};

// What stands at that depth of brackets.
Separators CountSeparators(const std::vector<Token>& tokens, const Names& names, size_t wanted_depth) {
  Separators separators;
  size_t depth = 0;
  for (const Token& token : tokens) {
    if (token.kind == TokenKind::kOpen) ++depth;
    if (token.kind == TokenKind::kClose && depth > 0) --depth;
    if (depth != wanted_depth) continue;
    if (token.kind == TokenKind::kComma) ++separators.commas;
    if (IsCross(token, names)) ++separators.crosses;
  }
  return separators;
}

// Whether the first token opens a bracket that the last but one, before the end, closes.
bool IsWrapped(const std::vector<Token>& tokens) {
  if (tokens.size() < 3 || tokens.front().kind != TokenKind::kOpen) return false;
  if (tokens.front().text == "floor" || tokens.front().text == "ceil") return false;
  size_t depth = 0;
  for (size_t i = 0; i + 1 < tokens.size(); ++i) {
    if (tokens[i].kind == TokenKind::kOpen) ++depth;
    if (tokens[i].kind == TokenKind::kClose && --depth == 0) return i + 2 == tokens.size();
  }
  return false;
}

}  // namespace

std::vector<Token> WithoutTupleBrackets(std::vector<Token> tokens, const Names& names, size_t component_count,
                                        bool* cross_separates) {
  if (tokens.size() > 2 && tokens[0].kind == TokenKind::kName && tokens[1].kind == TokenKind::kRelation &&
      tokens[1].text == "=" && !names.Find(tokens[0].text).has_value()) {
    tokens.erase(tokens.begin(), tokens.begin() + 2);
  }
  const bool wrapped = IsWrapped(tokens);
  const Separators inside = CountSeparators(tokens, names, wrapped ? 1 : 0);
  *cross_separates = component_count > 1 && inside.commas == 0 && inside.crosses + 1 == component_count;
  if (wrapped && (inside.commas > 0 || *cross_separates)) {
    tokens.erase(tokens.end() - 2);
    tokens.erase(tokens.begin());
  }
  if (!*cross_separates) return tokens;
  size_t depth = 0;
  for (Token& token : tokens) {
    if (token.kind == TokenKind::kOpen) ++depth;
    if (token.kind == TokenKind::kClose && depth > 0) --depth;
    if (depth == 0 && IsCross(token, names)) token.kind = TokenKind::kCross;
  }
  return tokens;
}

}  // namespace tensord::grading::shapes
