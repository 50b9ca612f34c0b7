#include "grading/src/shape_formula/parser.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "grading/src/shape_formula/token.h"
#include "grading/src/shape_formula/tree_builder.h"
#include "grading/src/shape_formula/tuple.h"
#include "tensord/compute/status_macros.h"

namespace tensord::grading::shapes {
namespace {

using Result = absl::StatusOr<int>;  // the place of a node

class Parser {
 public:
  Parser(std::vector<Token> tokens, const Names& names, DivisionRule division, bool cross_separates)
      : tokens_(std::move(tokens)), names_(names), division_(division), cross_separates_(cross_separates) {}

  absl::StatusOr<Formula> Components() {
    std::vector<int> roots;
    do {
      TENSORD_ASSIGN_OR_RETURN(const int root, Sum());
      roots.push_back(root);
      if (roots.size() > ShapeFormulaJudge::kMaxComponents) {
        return Bad(absl::StrCat("has more than ", ShapeFormulaJudge::kMaxComponents, " components"));
      }
    } while ((Take(TokenKind::kComma) || (cross_separates_ && Take(TokenKind::kCross))) && !Is(TokenKind::kEnd));
    return Finish(std::move(roots));
  }

  absl::StatusOr<Formula> Relations() {
    std::vector<int> roots;
    TENSORD_ASSIGN_OR_RETURN(int left, Sum());
    if (!Is(TokenKind::kRelation)) return Bad("has no relation; write a condition such as K <= N + 2*P");
    while (Is(TokenKind::kRelation)) {
      const std::string relation = tokens_[at_++].text;
      TENSORD_ASSIGN_OR_RETURN(const int right, Sum());
      // Two conditions rather than a product: the proof takes each as a fact.
      if (relation == "=") {
        TENSORD_ASSIGN_OR_RETURN(const int not_less, builder_.Relation(left, ">=", right));
        roots.push_back(not_less);
      }
      TENSORD_ASSIGN_OR_RETURN(const int holds, builder_.Relation(left, relation == "=" ? "<=" : relation, right));
      roots.push_back(holds);
      left = right;
    }
    return Finish(std::move(roots));
  }

 private:
  [[nodiscard]] const Token& current() const { return tokens_[at_]; }
  [[nodiscard]] bool Is(TokenKind kind) const { return current().kind == kind; }
  bool Take(TokenKind kind) {
    if (!Is(kind)) return false;
    ++at_;
    return true;
  }
  [[nodiscard]] absl::Status Bad(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(what, " (at byte ", current().place, ")"));
  }

  absl::StatusOr<Formula> Finish(std::vector<int> roots) {
    if (Is(TokenKind::kRelation)) return Bad("has a relation outside of square brackets; write a formula without it");
    if (Is(TokenKind::kNumber)) return Bad("has a number straight after a factor; write * between them");
    if (!Is(TokenKind::kEnd)) return Bad("goes on after the end of a formula; look at its brackets and signs");
    return Formula{.tree = std::move(builder_).tree(), .roots = std::move(roots), .notes = std::move(notes_)};
  }

  Result Sum() {
    TENSORD_ASSIGN_OR_RETURN(int sum, Term());
    while (Is(TokenKind::kPlus) || Is(TokenKind::kMinus)) {
      const NodeKind kind = tokens_[at_++].kind == TokenKind::kPlus ? NodeKind::kAdd : NodeKind::kSubtract;
      TENSORD_ASSIGN_OR_RETURN(const int next, Term());
      TENSORD_ASSIGN_OR_RETURN(sum, builder_.Binary(kind, sum, next));
    }
    return sum;
  }

  [[nodiscard]] bool IsModuloWord() const {
    return Is(TokenKind::kName) && current().text == "mod" && !names_.Find("mod");
  }
  // Whether a factor begins here that no sign separates from the one before.
  [[nodiscard]] bool BeginsImpliedFactor() const {
    return (Is(TokenKind::kName) && !IsModuloWord()) || Is(TokenKind::kOpen) || Is(TokenKind::kFraction);
  }
  [[nodiscard]] bool IsTimes() const {
    return Is(TokenKind::kTimes) || (Is(TokenKind::kCross) && !(cross_separates_ && depth_ == 0));
  }

  Result Term() {
    TENSORD_ASSIGN_OR_RETURN(int term, Unary());
    bool divided = false;
    while (true) {
      if (BeginsImpliedFactor()) {
        if (divided) {
          return Bad("divides by a product without a sign, which may mean (a/b)*c or a/(b*c); write * and brackets");
        }
        TENSORD_ASSIGN_OR_RETURN(const int next, Power());
        TENSORD_ASSIGN_OR_RETURN(term, builder_.Binary(NodeKind::kMultiply, term, next));
        continue;
      }
      const bool modulo_word = IsModuloWord();
      const bool times = IsTimes();
      if (!times && !modulo_word && !Is(TokenKind::kSlash) && !Is(TokenKind::kDoubleSlash) && !Is(TokenKind::kModulo)) {
        return term;
      }
      const Token sign = tokens_[at_++];
      divided = !times;
      TENSORD_ASSIGN_OR_RETURN(const int next, Unary());
      TENSORD_ASSIGN_OR_RETURN(term, Joined(term, sign, times, next));
    }
  }

  Result Joined(int first, const Token& sign, bool times, int second) {
    if (times) return builder_.Binary(NodeKind::kMultiply, first, second);
    const bool c_like = division_ == DivisionRule::kTruncated;
    if (sign.kind == TokenKind::kDoubleSlash) return builder_.Quotient(NodeKind::kFloor, first, second);
    if (sign.kind != TokenKind::kSlash) {
      const bool remainder = c_like && sign.text == "%";
      return builder_.Modulo(remainder ? NodeKind::kTruncate : NodeKind::kFloor, first, second);
    }
    if (division_ == DivisionRule::kExact) return builder_.Binary(NodeKind::kDivide, first, second);
    return builder_.Quotient(c_like ? NodeKind::kTruncate : NodeKind::kFloor, first, second);
  }

  // Signs bind less than powers: -x^2 is -(x^2).
  Result Unary() {
    bool negative = false;
    while (Is(TokenKind::kPlus) || Is(TokenKind::kMinus)) negative ^= tokens_[at_++].kind == TokenKind::kMinus;
    TENSORD_ASSIGN_OR_RETURN(const int power, Power());
    return negative ? builder_.Negated(power) : Result(power);
  }

  Result Power() {
    TENSORD_ASSIGN_OR_RETURN(const int base, Primary());
    if (!Take(TokenKind::kPower)) return base;
    TENSORD_ASSIGN_OR_RETURN(const int exponent, Exponent());
    if (Is(TokenKind::kPower)) return Bad("has a power of a power; write brackets");
    return builder_.Power(base, exponent);
  }

  Result Exponent() {
    const bool bracket = Is(TokenKind::kOpen) && (current().text == "{" || current().text == "(");
    const std::string open = bracket ? tokens_[at_++].text : "";
    const Token number = current();
    if (number.kind != TokenKind::kNumber || number.denominator != 1 ||
        number.numerator > ShapeFormulaJudge::kMaxExponent) {
      return Bad(absl::StrCat("has an exponent that is no number from 0 to ", ShapeFormulaJudge::kMaxExponent));
    }
    ++at_;
    if (bracket) TENSORD_RETURN_IF_ERROR(Close(open));
    return static_cast<int>(number.numerator);
  }

  Result Primary() {
    const Token token = current();
    switch (token.kind) {
      case TokenKind::kNumber:
        ++at_;
        return builder_.Number(token.numerator, token.denominator);
      case TokenKind::kName:
        return NameOrCall();
      case TokenKind::kOpen:
        return Bracket();
      case TokenKind::kFraction:
        return Fraction();
      case TokenKind::kEnd:
        return Bad("ends where a number, a name or a bracket is missing");
      default:
        return Bad("lacks a number, a name or a bracket");
    }
  }

  absl::Status Close(absl::string_view open) {
    if (Is(TokenKind::kClose) && current().text == open) {
      ++at_;
      return absl::OkStatus();
    }
    return Bad(absl::StrCat("has no end of a bracket (", open, ") here"));
  }

  absl::Status Deeper() {
    if (++depth_ <= ShapeFormulaJudge::kMaxDepth) return absl::OkStatus();
    return Bad(absl::StrCat("has more than ", ShapeFormulaJudge::kMaxDepth, " brackets in each other"));
  }

  Result Bracket() {
    const std::string open = tokens_[at_++].text;
    TENSORD_RETURN_IF_ERROR(Deeper());
    TENSORD_ASSIGN_OR_RETURN(int inside, Sum());
    if (open == "[" && Is(TokenKind::kRelation)) {
      const std::string relation = tokens_[at_++].text;
      TENSORD_ASSIGN_OR_RETURN(const int right, Sum());
      TENSORD_ASSIGN_OR_RETURN(inside, builder_.Relation(inside, relation, right));
    }
    TENSORD_RETURN_IF_ERROR(Close(open));
    --depth_;
    if (open == "floor") return builder_.Unary(NodeKind::kFloor, inside);
    if (open == "ceil") return builder_.Unary(NodeKind::kCeil, inside);
    return inside;
  }

  // \frac{a}{b}, and \frac12 for one half.
  Result Fraction() {
    ++at_;
    if (Is(TokenKind::kNumber) && current().numerator >= 10 && current().numerator < 100 &&
        current().denominator == 1) {
      const int64_t digits = tokens_[at_++].numerator;
      TENSORD_ASSIGN_OR_RETURN(const int numerator, builder_.Number(digits / 10, 1));
      TENSORD_ASSIGN_OR_RETURN(const int denominator, builder_.Number(digits % 10, 1));
      return builder_.Binary(NodeKind::kDivide, numerator, denominator);
    }
    if (!Is(TokenKind::kOpen)) return Bad("has a fraction without braces; write \\frac{a}{b}");
    TENSORD_ASSIGN_OR_RETURN(const int numerator, Bracket());
    if (!Is(TokenKind::kOpen)) return Bad("has a fraction with one pair of braces; write \\frac{a}{b}");
    TENSORD_ASSIGN_OR_RETURN(const int denominator, Bracket());
    return builder_.Binary(NodeKind::kDivide, numerator, denominator);
  }

  Result NameOrCall() {
    const Token token = tokens_[at_++];
    if (IsFunction(token.text)) return Call(absl::AsciiStrToLower(token.text));
    const absl::StatusOr<std::vector<int>> variables = names_.Resolve(token.text, &notes_);
    if (!variables.ok()) {
      --at_;
      return Bad(variables.status().message());
    }
    TENSORD_ASSIGN_OR_RETURN(int product, builder_.Variable(variables->front()));
    for (size_t i = 1; i < variables->size(); ++i) {
      TENSORD_ASSIGN_OR_RETURN(const int factor, builder_.Variable((*variables)[i]));
      TENSORD_ASSIGN_OR_RETURN(product, builder_.Binary(NodeKind::kMultiply, product, factor));
    }
    return product;
  }

  Result Call(const std::string& function) {
    if (!Is(TokenKind::kOpen))
      return Bad(absl::StrCat("has ", function, " without a bracket; write ", function, "(...)"));
    const std::string open = tokens_[at_++].text;
    TENSORD_RETURN_IF_ERROR(Deeper());
    std::vector<int> arguments;
    do {
      TENSORD_ASSIGN_OR_RETURN(const int argument, Sum());
      arguments.push_back(argument);
    } while (Take(TokenKind::kComma));
    TENSORD_RETURN_IF_ERROR(Close(open));
    --depth_;
    return Applied(function, arguments);
  }

  Result Applied(const std::string& function, const std::vector<int>& arguments) {
    if (function == "min" || function == "max" || function == "minimum" || function == "maximum") {
      const NodeKind kind = function[1] == 'i' ? NodeKind::kMin : NodeKind::kMax;
      int result = arguments[0];
      for (size_t i = 1; i < arguments.size(); ++i) {
        TENSORD_ASSIGN_OR_RETURN(result, builder_.Binary(kind, result, arguments[i]));
      }
      return result;
    }
    const bool modulo = function == "mod" || function == "fmod";
    if (arguments.size() != (modulo ? 2U : 1U)) {
      return Bad(absl::StrCat("has ", function, " of ", arguments.size(), " arguments; it takes ", modulo ? 2 : 1));
    }
    if (modulo) {
      return builder_.Modulo(function == "mod" ? NodeKind::kFloor : NodeKind::kTruncate, arguments[0], arguments[1]);
    }
    if (function == "floor") return builder_.Unary(NodeKind::kFloor, arguments[0]);
    if (function == "int" || function == "trunc") return builder_.Unary(NodeKind::kTruncate, arguments[0]);
    if (function != "abs") return builder_.Unary(NodeKind::kCeil, arguments[0]);
    TENSORD_ASSIGN_OR_RETURN(const int negated, builder_.Negated(arguments[0]));
    return builder_.Binary(NodeKind::kMax, arguments[0], negated);
  }

  std::vector<Token> tokens_;
  const Names& names_;
  const DivisionRule division_;
  const bool cross_separates_;
  size_t at_ = 0;
  size_t depth_ = 0;
  TreeBuilder builder_;
  std::vector<std::string> notes_;
};

}  // namespace

absl::StatusOr<Formula> ParseFormula(absl::string_view text, const Names& names, DivisionRule division,
                                     size_t component_count) {
  TENSORD_ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokenize(text));
  if (tokens.size() == 1) return absl::InvalidArgumentError("is empty; write a formula");
  bool cross_separates = false;
  tokens = WithoutTupleBrackets(std::move(tokens), names, component_count, &cross_separates);
  return Parser(std::move(tokens), names, division, cross_separates).Components();
}

absl::StatusOr<Formula> ParseConstraint(absl::string_view text, const Names& names) {
  TENSORD_ASSIGN_OR_RETURN(std::vector<Token> tokens, Tokenize(text));
  return Parser(std::move(tokens), names, DivisionRule::kExact, false).Relations();
}

}  // namespace tensord::grading::shapes
