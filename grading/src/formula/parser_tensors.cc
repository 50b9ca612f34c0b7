// Rules for tensors with their indices, and for derivatives.
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grading/src/formula/parser_state.h"

namespace tensord::grading::formula {

// Whether "dJ" or its like stands here, and how many tokens it has.
bool Parser::AtObjective(size_t* length) const {
  const Token& first = Peek();
  const bool d = first.kind == TokenKind::kPartial || (first.kind == TokenKind::kName && first.text == "d");
  if (d && Peek(1).kind == TokenKind::kName && Peek(1).text == names_.objective) {
    *length = 2;
    return true;
  }
  *length = 1;
  return first.kind == TokenKind::kName && first.text == absl::StrCat("d", names_.objective);
}

// dJ/dZ or \frac{\partial J}{\partial Z}, the indices inside or behind it.
Parser::Id Parser::TryDerivative() {
  const State state = Save();
  const Token start = Peek();
  const bool fraction = start.kind == TokenKind::kFraction && Peek(1).Is("{");
  if (fraction) position_ += 2;
  size_t length = 0;
  bool fits = AtObjective(&length);
  if (fits) {
    position_ += length;
    fits = fraction ? Take("}") && Take("{") : Take("/");
  }
  if (fits) {
    const Id id = Derivative(start);
    if (!id.has_value() || !fraction) return id;
    if (!Expect("}")) return std::nullopt;
    Node node = result_.tree.nodes[*id];
    if (!node.implicit) return id;
    result_.tree.nodes.pop_back();  // Its indices stand behind the fraction.
    return Suffix(std::move(node), start.offset);
  }
  Restore(state);
  // dU/dZ would otherwise be read as a quotient of dJ/dU and dJ/dZ.
  const auto short_name = [&](const Token& token) {
    return token.kind == TokenKind::kName && absl::StartsWith(token.text, "d") && names_.Tensor(token.text).has_value();
  };
  if (short_name(Peek()) && Peek(1).Is("/") && short_name(Peek(2))) {
    return Fail(absl::StrCat("of derivatives only d", names_.objective, "/d... by a tensor is read: write others out"));
  }
  return std::nullopt;
}

// What follows "dJ/": dZ and perhaps its indices.
Parser::Id Parser::Derivative(const Token& start) {
  Token token = Next();
  if (token.kind == TokenKind::kPartial || (token.kind == TokenKind::kName && token.text == "d")) {
    token = Next();
  } else if (token.kind == TokenKind::kName && token.text.size() > 1 && token.text.front() == 'd') {
    token.text.erase(0, 1);
  } else {
    return FailAt(token, "a derivative is written dJ/dZ: here the d below the line is missing");
  }
  if (token.kind != TokenKind::kName) return FailAt(token, "a derivative is by a tensor: its name is missing");
  const Token whole{TokenKind::kName, token.text, start.offset, token.offset + token.length - start.offset};
  const std::string name = NameWithSubscript(token, true);
  const std::optional<size_t> tensor = names_.Tensor(name);
  if (!tensor.has_value()) return Tensor(kUnknownTensor, absl::StrCat("d", names_.objective, "/d", token.text), whole);
  const auto gradient = names_.gradients.find(names_.shown[*tensor]);
  if (gradient == names_.gradients.end()) return FailAt(whole, "a derivative is by a tensor, not by a derivative");
  return Tensor(gradient->second, "", whole);
}

Parser::Id Parser::Tensor(size_t tensor, std::string unknown, const Token& start) {
  Node node;
  node.kind = NodeKind::kRead;
  node.tensor = tensor;
  node.unknown = std::move(unknown);
  node.implicit = true;
  if (tensor == kUnknownTensor) {
    result_.unknown.push_back({FormulaProblemCode::kUnknownTensor,
                               absl::StrCat(node.unknown, " is not a tensor of the problem"), start.offset,
                               start.length, node.unknown});
  }
  return Suffix(std::move(node), start.offset);
}

Parser::Id Parser::Suffix(Node node, size_t offset) {
  node.transposed = TakeTransposition() || node.transposed;
  if (!IndexGroups(&node)) return std::nullopt;
  return Add(std::move(node), offset);
}

// ^T, ^{T}, ^\top or .T
bool Parser::TakeTransposition() {
  const auto is_t = [&](size_t ahead) { return Peek(ahead).kind == TokenKind::kName && Peek(ahead).text == "T"; };
  if ((Peek().Is("^") || Peek().Is(".")) && is_t(1)) {
    position_ += 2;
    return true;
  }
  if (Peek().Is("^") && Peek(1).Is("{") && is_t(2) && Peek(3).Is("}")) {
    position_ += 4;
    return true;
  }
  return false;
}

// All groups of indices that follow: [i,j], _{i,j}, [i][j], (i,j).
bool Parser::IndexGroups(Node* node) {
  const bool known = node->tensor != kUnknownTensor;
  const size_t rank = known ? names_.ranks[node->tensor] : 0;
  while (node->implicit || node->indices.size() < rank) {
    bool found = false;
    if (Peek().Is("[")) {
      if (!BracketGroup(node, rank, &found)) return false;
    } else if (Peek().Is("_")) {
      Next();
      found = true;
      const std::string close = Take("{") ? "}" : Take("(") ? ")" : Take("[") ? "]" : "";
      Indices list = close.empty() ? std::nullopt : IndexList(close, rank);
      if (close.empty()) list = BareSubscript();
      if (!list.has_value()) return false;
      node->indices.insert(node->indices.end(), list->begin(), list->end());
    } else if (Peek().Is("(") && known && node->implicit) {
      found = CallGroup(node, rank);
    }
    if (!found) break;
    node->implicit = false;
  }
  return true;
}

// A_k, and A_ik for A_{ik}.
Parser::Indices Parser::BareSubscript() {
  std::vector<IndexExpression> indices;
  std::vector<IndexExpression>* const outer = std::exchange(split_, &indices);
  std::optional<IndexExpression> last = IndexFactor(true);
  split_ = outer;
  if (!last.has_value()) return std::nullopt;
  indices.push_back(std::move(*last));
  return indices;
}

// [i,j], unless a condition stands in it: that is a factor of its own.
bool Parser::BracketGroup(Node* node, size_t rank, bool* found) {
  if (ComparisonBefore("]")) return true;
  Next();
  const Indices list = IndexList("]", rank - std::min(rank, node->indices.size()));
  if (!list.has_value()) return false;
  node->indices.insert(node->indices.end(), list->begin(), list->end());
  *found = true;
  return true;
}

// X(i,j) where the brackets hold just as many indices as X has and nothing else; U(1-U) is a product.
bool Parser::CallGroup(Node* node, size_t rank) {
  const State state = Save();
  Next();
  const Indices list = ItemsUntil(")", false);
  bool names = false;
  bool fits = list.has_value() && rank > 0 && list->size() == rank;
  for (size_t i = 0; fits && i < list->size(); ++i) {
    for (const IndexTerm& term : (*list)[i].terms) {
      for (const size_t name : term.names) {
        names = true;
        fits = fits && IsIndexName(result_.tree.names[name]);
      }
    }
  }
  if (!fits || !names) {
    Restore(state);
    return false;
  }
  node->indices = *list;
  return true;
}

// Whether there is a comparison before the bracket that opens here is closed.
bool Parser::ComparisonBefore(absl::string_view close) const {
  int depth = 0;
  for (size_t i = 0; Peek(i).kind != TokenKind::kEnd; ++i) {
    const Token& token = Peek(i);
    if (token.Is("[") || token.Is("(") || token.Is("{")) ++depth;
    if (token.Is("]") || token.Is(")") || token.Is("}")) --depth;
    if (depth == 0 && token.Is(close)) return false;
    if (token.Is("<") || token.Is(">") || token.Is("<=") || token.Is(">=") || token.Is("=") || token.Is("!="))
      return true;
  }
  return false;
}

}  // namespace tensord::grading::formula
