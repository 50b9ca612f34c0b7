#include "grading/src/formula/parser.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "grading/src/formula/parser_state.h"

namespace tensord::grading::formula {

bool Parser::Level::TooDeep() const {
  if (parser_->depth_ <= kMaxDepth) return false;
  parser_->Fail(absl::StrCat("the formula is nested deeper than ", kMaxDepth, " levels"),
                FormulaProblemCode::kTooLarge);
  return true;
}

bool Parser::Take(absl::string_view mark) {
  if (!Peek().Is(mark)) return false;
  ++position_;
  return true;
}

bool Parser::TakeWord(absl::string_view word) {
  if (Peek().kind != TokenKind::kName || Peek().text != word) return false;
  ++position_;
  return true;
}

bool Parser::TakeSigns() {
  bool negative = false;
  while (Peek().Is("+") || Peek().Is("-")) negative ^= Next().Is("-");
  return negative;
}

bool Parser::Expect(absl::string_view mark) {
  if (Take(mark)) return true;
  const std::string found =
      Peek().kind == TokenKind::kEnd ? "the formula ends" : absl::StrCat("there is '", Peek().text, "'");
  Fail(absl::StrCat("'", mark, "' is missing: here ", found));
  return false;
}

void Parser::Restrict(size_t begin, size_t end) {
  position_ = begin;
  end_ = end;
  end_token_ = Token{TokenKind::kEnd, "", tokens_[end].offset, 0};
}

std::nullopt_t Parser::Fail(std::string text, FormulaProblemCode code) {
  if (result_.fatal.empty()) result_.fatal.push_back({code, std::move(text), Peek().offset, Peek().length, ""});
  return std::nullopt;
}

std::nullopt_t Parser::FailAt(const Token& token, std::string text) {
  if (result_.fatal.empty()) {
    result_.fatal.push_back({FormulaProblemCode::kSyntax, std::move(text), token.offset, token.length, ""});
  }
  return std::nullopt;
}

Parser::State Parser::Save() const {
  return {position_, result_.tree.nodes.size(), result_.tree.names.size(), result_.fatal.size(),
          result_.unknown.size()};
}

void Parser::Restore(const State& state) {
  position_ = state.position;
  result_.tree.nodes.resize(state.nodes);
  result_.tree.names.resize(state.names);
  result_.fatal.resize(state.fatal);
  result_.unknown.resize(state.unknown);
}

Parser::Id Parser::Add(Node node, size_t offset) {
  if (result_.tree.nodes.size() >= kMaxNodes) {
    return Fail(absl::StrCat("the formula has more than ", kMaxNodes, " parts"), FormulaProblemCode::kTooLarge);
  }
  const size_t last = position_ == 0 ? 0 : position_ - 1;
  const size_t end = tokens_[last].offset + tokens_[last].length;
  node.offset = offset;
  node.length = end > offset ? end - offset : 0;
  result_.tree.nodes.push_back(std::move(node));
  return result_.tree.nodes.size() - 1;
}

Parser::Id Parser::Wrap(NodeKind kind, size_t child) {
  Node node;
  node.kind = kind;
  node.children = {child};
  return Add(std::move(node), result_.tree.nodes[child].offset);
}

size_t Parser::Intern(const std::string& name) {
  std::vector<std::string>& names = result_.tree.names;
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  if (names.size() >= kMaxNames) {
    Fail(absl::StrCat("the formula has more than ", kMaxNames, " names of indices"), FormulaProblemCode::kTooLarge);
    return 0;
  }
  names.push_back(name);
  return names.size() - 1;
}

Parser::Id Parser::Expression() {
  const Level level(this);
  if (level.TooDeep()) return std::nullopt;
  const size_t offset = Peek().offset;
  Node sum;
  sum.kind = NodeKind::kAdd;
  do {
    const bool negative = TakeSigns();
    Id term = Term();
    if (term.has_value() && negative) term = Wrap(NodeKind::kNegate, *term);
    if (!term.has_value()) return std::nullopt;
    sum.children.push_back(*term);
  } while (Peek().Is("+") || Peek().Is("-"));
  if (sum.children.size() == 1) return sum.children[0];
  return Add(std::move(sum), offset);
}

Parser::Id Parser::Term() {
  const size_t offset = Peek().offset;
  Node product;
  product.kind = NodeKind::kMultiply;
  bool invert = false;
  while (true) {
    Id factor = Factor();
    if (factor.has_value() && invert) factor = Wrap(NodeKind::kInvert, *factor);
    if (!factor.has_value()) return std::nullopt;
    product.children.push_back(*factor);
    invert = Take("/");
    if (!invert && !Take("*") && !StartsFactor()) break;
  }
  if (product.children.size() == 1) return product.children[0];
  return Add(std::move(product), offset);
}

bool Parser::StartsFactor() const {
  switch (Peek().kind) {
    case TokenKind::kMark:
      return Peek().Is("(") || Peek().Is("[") || Peek().Is("{");
    case TokenKind::kEnd:
      return false;
    default:
      return true;
  }
}

Parser::Id Parser::Factor() {
  const Level level(this);
  if (level.TooDeep()) return std::nullopt;
  const bool negative = TakeSigns();
  const size_t offset = Peek().offset;
  const bool euler = Peek().kind == TokenKind::kName && Peek().text == "e" && Peek(1).Is("^") &&
                     !names_.Tensor("e").has_value() && !IsIndexName("e");
  Id value = euler ? EulerPower() : Atom();
  if (value.has_value()) value = Power(*value, offset);
  if (value.has_value() && negative) value = Wrap(NodeKind::kNegate, *value);
  return value;
}

Parser::Id Parser::EulerPower() {
  const Token e = Next();
  Next();  // ^
  Id exponent = std::nullopt;
  if (Peek().Is("{") || Peek().Is("(")) {
    const std::string close = Next().Is("{") ? "}" : ")";
    exponent = Bracketed(close);
  } else {
    const Level level(this);
    if (level.TooDeep()) return std::nullopt;
    const bool negative = TakeSigns();
    exponent = Atom();
    if (exponent.has_value() && negative) exponent = Wrap(NodeKind::kNegate, *exponent);
  }
  if (!exponent.has_value()) return std::nullopt;
  Node node;
  node.kind = NodeKind::kFunction;
  node.function = Function::kExp;
  node.children = {*exponent};
  return Add(std::move(node), e.offset);
}

// The exponent, where one follows: an integer, or a half, which is a root.
Parser::Id Parser::Power(size_t base, size_t offset) {
  if (!Take("^")) return base;
  const std::string close = Take("{") ? "}" : Take("(") ? ")" : "";
  const bool negative = TakeSigns();
  const Token digits = Next();
  int64_t exponent = 0;
  const bool root =
      digits.text == "0.5" || (!close.empty() && digits.text == "1" && Peek().Is("/") && Peek(1).text == "2");
  if (root && digits.text == "1") position_ += 2;
  const bool integer = digits.kind == TokenKind::kNumber && absl::SimpleAtoi(digits.text, &exponent);
  if (!root && (!integer || exponent > kMaxExponent || (!close.empty() && !Peek().Is(close)))) {
    return FailAt(digits,
                  absl::StrCat("an exponent is an integer of at most ", kMaxExponent, " or 1/2; of e, any formula"));
  }
  if (!close.empty() && !Expect(close)) return std::nullopt;
  if (Peek().Is("^")) return Fail("a power of a power needs parentheses");
  Node node;
  node.kind = root ? NodeKind::kFunction : NodeKind::kPower;
  node.function = Function::kSqrt;
  node.exponent = negative ? -exponent : exponent;
  node.children = {base};
  const Id power = Add(std::move(node), offset);
  return root && negative && power.has_value() ? Wrap(NodeKind::kInvert, *power) : power;
}

std::optional<Comparison> Parser::TakeComparison() {
  static constexpr std::pair<absl::string_view, Comparison> kComparisons[] = {
      {"<", Comparison::kLess},    {"<=", Comparison::kLessOrEqual},
      {">", Comparison::kGreater}, {">=", Comparison::kGreaterOrEqual},
      {"=", Comparison::kEqual},   {"!=", Comparison::kNotEqual}};
  for (const auto& [mark, comparison] : kComparisons) {
    if (Take(mark)) return comparison;
  }
  return std::nullopt;
}

// What stands in brackets, the opening one taken: an expression, or a comparison of two.
Parser::Id Parser::Bracketed(absl::string_view close) {
  const size_t offset = Peek().offset;
  const Id left = Expression();
  if (!left.has_value()) return std::nullopt;
  const std::optional<Comparison> comparison = TakeComparison();
  if (!comparison.has_value()) return Expect(close) ? left : std::nullopt;
  const Id right = Expression();
  if (!right.has_value() || !Expect(close)) return std::nullopt;
  Node node;
  node.kind = NodeKind::kCompare;
  node.comparison = *comparison;
  node.children = {*left, *right};
  return Add(std::move(node), offset);
}

// The left side of an equation: any tensor with plain indices, which become the formula's own.
void Parser::ReadLeft(size_t end) {
  Restrict(0, end);
  LeftSide left;
  left.offset = Peek().offset;
  const Id id = Atom();
  result_.unknown.clear();  // Whether the name is the right one is judged by who knows what was asked.
  if (!id.has_value()) return;
  const Node node = result_.tree.nodes[*id];
  if (node.kind != NodeKind::kRead || Peek().kind != TokenKind::kEnd) {
    FailAt(tokens_[0], "the left side has to be a tensor, with its indices or without");
    return;
  }
  left.tensor = node.tensor;
  left.unknown = node.unknown;
  left.implicit = node.implicit;
  left.length = node.length;
  for (const IndexExpression& index : node.indices) {
    const bool plain = index.terms.size() == 1 && index.terms[0].coefficient == 1 && index.terms[0].names.size() == 1;
    if (!plain) {
      FailAt(tokens_[0], "the indices on the left side have to be plain names");
      return;
    }
    left.names.push_back(index.terms[0].names[0]);
    bound_.insert(result_.tree.names[left.names.back()]);
  }
  result_.tree.nodes.clear();
  result_.left = std::move(left);
}

Parsed Parser::Run() {
  std::vector<size_t> equals;  // the equality signs outside of brackets
  int depth = 0;
  for (size_t i = 0; i + 1 < tokens_.size(); ++i) {
    const Token& token = tokens_[i];
    if (token.Is("(") || token.Is("[") || token.Is("{")) ++depth;
    if (token.Is(")") || token.Is("]") || token.Is("}")) --depth;
    if (depth == 0 && token.Is("=")) equals.push_back(i);
  }
  if (!equals.empty()) ReadLeft(equals.front());
  if (!result_.fatal.empty()) return std::move(result_);
  result_.chained = equals.size() > 1;
  Restrict(equals.empty() ? 0 : equals.back() + 1, tokens_.size() - 1);
  const Id root = Expression();
  if (root.has_value() && Peek().kind != TokenKind::kEnd) Fail(absl::StrCat("'", Peek().text, "' does not fit here"));
  if (root.has_value()) result_.tree.root = *root;
  return std::move(result_);
}

std::optional<IndexExpression> Parser::RunSize() {
  Restrict(0, tokens_.size() - 1);
  std::optional<IndexExpression> size = IndexSum(false);
  if (Peek().kind != TokenKind::kEnd || !result_.fatal.empty()) return std::nullopt;
  return size;
}

Parsed Parse(absl::string_view text, const Names& names) {
  Tokens lexed = Lex(text);
  if (!lexed.problems.empty()) {
    Parsed failed;
    failed.fatal = std::move(lexed.problems);
    return failed;
  }
  return Parser(std::move(lexed.tokens), names).Run();
}

std::optional<IndexExpression> ParseSize(absl::string_view text, Tree* tree) {
  Tokens lexed = Lex(text);
  if (!lexed.problems.empty()) return std::nullopt;
  const Names none;
  Parser parser(std::move(lexed.tokens), none);
  parser.tree() = *tree;
  std::optional<IndexExpression> size = parser.RunSize();
  *tree = std::move(parser.tree());
  return size;
}

}  // namespace tensord::grading::formula
