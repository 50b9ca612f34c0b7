// The parser's state and its rules, one method each; the rules stand in parser*.cc.
#ifndef TENSORD_GRADING_SRC_FORMULA_PARSER_STATE_H_
#define TENSORD_GRADING_SRC_FORMULA_PARSER_STATE_H_

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "grading/src/formula/lexer.h"
#include "grading/src/formula/names.h"
#include "grading/src/formula/parser.h"
#include "grading/src/formula/tree.h"

namespace tensord::grading::formula {

// A rule that fails returns nothing and leaves the reason in fatal(); one named Try... leaves position and result as
// they were instead.
class Parser {
 public:
  using Id = std::optional<size_t>;  // of a node
  using Indices = std::optional<std::vector<IndexExpression>>;

  Parser(std::vector<Token> tokens, const Names& names) : tokens_(std::move(tokens)), names_(names) {
    end_ = tokens_.size() - 1;
  }

  // The whole text: an equation or an expression (parser.cc).
  Parsed Run();
  std::optional<IndexExpression> RunSize();
  Tree& tree() { return result_.tree; }

 private:
  // Leaves room for the levels below; false beyond kMaxDepth.
  class Level {
   public:
    explicit Level(Parser* parser) : parser_(parser) { ++parser_->depth_; }
    ~Level() { --parser_->depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    [[nodiscard]] bool TooDeep() const;

   private:
    Parser* parser_;
  };
  struct State {
    size_t position = 0;
    size_t nodes = 0;
    size_t names = 0;
    size_t fatal = 0;
    size_t unknown = 0;
  };

  // Tokens (parser.cc).
  [[nodiscard]] const Token& Peek(size_t ahead = 0) const {
    return tokens_[std::min(position_ + ahead, end_)].kind == TokenKind::kEnd || position_ + ahead >= end_
               ? end_token_
               : tokens_[position_ + ahead];
  }
  Token Next() {
    Token token = Peek();
    if (position_ < end_) ++position_;
    return token;
  }
  bool Take(absl::string_view mark);
  bool TakeWord(absl::string_view word);
  bool TakeSigns();  // any number of + and -; whether they amount to a -
  bool Expect(absl::string_view mark);
  void Restrict(size_t begin, size_t end);
  std::nullopt_t Fail(std::string text, FormulaProblemCode code = FormulaProblemCode::kSyntax);
  std::nullopt_t FailAt(const Token& token, std::string text);
  [[nodiscard]] State Save() const;
  void Restore(const State& state);

  // Nodes (parser.cc).
  Id Add(Node node, size_t offset);
  Id Wrap(NodeKind kind, size_t child);
  size_t Intern(const std::string& name);

  // Expressions (parser.cc).
  Id Expression();
  Id Term();
  Id Factor();
  Id Power(size_t base, size_t offset);
  Id EulerPower();
  [[nodiscard]] bool StartsFactor() const;
  Id Bracketed(absl::string_view close);
  std::optional<Comparison> TakeComparison();
  void ReadLeft(size_t end);

  // Single values (parser_atoms.cc).
  Id Atom();
  Id Group();
  Id Number();
  Id Name();
  Id SplitProduct(const Token& token, const std::string& name);
  Id Fraction();
  Id FractionPart();
  Id FunctionCall(const Token& token, const std::string& name);
  Id Indicator();
  Id Arguments(Function function, size_t offset);
  Id AbsoluteValue();

  // Tensors and derivatives (parser_tensors.cc).
  bool AtObjective(size_t* length) const;
  Id TryDerivative();
  Id Derivative(const Token& start);
  Id Tensor(size_t tensor, std::string unknown, const Token& start);
  Id Suffix(Node node, size_t offset);
  bool TakeTransposition();
  bool IndexGroups(Node* node);
  Indices BareSubscript();
  bool BracketGroup(Node* node, size_t rank, bool* found);
  bool CallGroup(Node* node, size_t rank);
  [[nodiscard]] bool ComparisonBefore(absl::string_view close) const;

  // Indices (parser_indices.cc).
  std::string NameWithSubscript(const Token& token, bool only_known);
  [[nodiscard]] bool IsKnown(const std::string& name) const;
  [[nodiscard]] bool IsIndexName(const std::string& name) const;
  [[nodiscard]] std::vector<std::string> Split(const std::string& name, bool indices_only) const;
  Indices IndexList(absl::string_view close, size_t want);
  Indices ItemsUntil(absl::string_view close, bool juxtaposed_items);
  std::optional<IndexExpression> IndexSum(bool juxtaposed_items);
  std::optional<IndexExpression> IndexProduct(bool juxtaposed_items);
  std::optional<IndexExpression> IndexFactor(bool juxtaposed_items);

  // Sums (parser_sums.cc).
  Id Sum();
  bool SumHeader(Node* node);
  bool LowerPart(Node* node);
  bool UpperPart(std::optional<IndexExpression>* last);
  bool SumEntries(absl::string_view close, Node* node);
  bool SumEntry(Node* node);
  bool SumChain(Node* node);
  bool SumLimits(SumIndex* index);
  bool SumNames(Node* node);
  void BindNames(const Token& token, Node* node);
  [[nodiscard]] bool NamesUntil(absl::string_view close) const;

  std::vector<Token> tokens_;
  const Names& names_;
  size_t position_ = 0;
  size_t end_ = 0;
  Token end_token_;
  int depth_ = 0;
  std::set<std::string> bound_;                    // names that the formula itself makes indices
  std::vector<IndexExpression>* split_ = nullptr;  // where the items of a name such as "ij" go
  Parsed result_;
};

}  // namespace tensord::grading::formula

#endif  // TENSORD_GRADING_SRC_FORMULA_PARSER_STATE_H_
