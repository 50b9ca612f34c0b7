// Rules for single values: numbers, brackets, fractions, functions, names.
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "grading/src/formula/parser_state.h"

namespace tensord::grading::formula {
namespace {

struct NamedFunction {
  absl::string_view name;
  Function function;
};

std::optional<Function> FindFunction(absl::string_view name) {
  static constexpr NamedFunction kFunctions[] = {
      {"exp", Function::kExp},       {"log", Function::kLog},         {"ln", Function::kLog},
      {"sigma", Function::kSigmoid}, {"sigmoid", Function::kSigmoid}, {"logistic", Function::kSigmoid},
      {"sigm", Function::kSigmoid},  {"tanh", Function::kTanh},       {"sqrt", Function::kSqrt},
      {"relu", Function::kRelu},     {"ReLU", Function::kRelu},       {"Relu", Function::kRelu},
      {"RELU", Function::kRelu},     {"abs", Function::kAbs},         {"sign", Function::kSign},
      {"sgn", Function::kSign},      {"max", Function::kMax},         {"min", Function::kMin}};
  for (const NamedFunction& known : kFunctions) {
    if (known.name == name) return known.function;
  }
  return std::nullopt;
}

std::optional<Function> SlopeOf(Function function) {
  switch (function) {
    case Function::kExp:
      return Function::kExp;
    case Function::kSigmoid:
      return Function::kSigmoidSlope;
    case Function::kTanh:
      return Function::kTanhSlope;
    case Function::kRelu:
      return Function::kReluSlope;
    default:
      return std::nullopt;
  }
}

bool IsIndicator(absl::string_view name) { return name == "I" || name == "indicator" || name == "ind"; }
bool IsStep(absl::string_view name) { return name == "step" || name == "heaviside" || name == "Heaviside"; }

absl::string_view Closing(absl::string_view open) { return open == "(" ? ")" : open == "[" ? "]" : "}"; }

}  // namespace

Parser::Id Parser::Atom() {
  const Id derivative = TryDerivative();
  if (derivative.has_value() || !result_.fatal.empty()) return derivative;
  switch (Peek().kind) {
    case TokenKind::kNumber:
      return Number();
    case TokenKind::kName:
      return Name();
    case TokenKind::kSum:
      return Sum();
    case TokenKind::kFraction:
      return Fraction();
    case TokenKind::kPartial:
      return Fail(
          absl::StrCat("of derivatives only d", names_.objective, "/d... by a tensor is read: write others out"));
    case TokenKind::kEnd:
      return Fail("a value is missing: the formula ends here");
    case TokenKind::kMark:
      break;
  }
  if (Peek().Is("|")) return AbsoluteValue();
  if (Peek().Is("(") || Peek().Is("[") || Peek().Is("{")) return Group();
  return Fail(absl::StrCat("a value is missing before '", Peek().text, "'"));
}

Parser::Id Parser::Group() {
  const Token open = Next();
  const Id inside = Bracketed(Closing(open.text));
  if (!inside.has_value()) return std::nullopt;
  // (dJ/dZ)[i,j] has its indices outside: then the node without them goes.
  Node node = result_.tree.nodes[*inside];
  const bool bare = node.kind == NodeKind::kRead && node.implicit && *inside + 1 == result_.tree.nodes.size();
  if (bare && (Peek().Is("[") || Peek().Is("_"))) {
    result_.tree.nodes.pop_back();
    return Suffix(std::move(node), open.offset);
  }
  return inside;
}

Parser::Id Parser::AbsoluteValue() {
  const size_t offset = Next().offset;
  const Id inside = Expression();
  if (!inside.has_value() || !Expect("|")) return std::nullopt;
  Node node;
  node.kind = NodeKind::kFunction;
  node.function = Function::kAbs;
  node.children = {*inside};
  return Add(std::move(node), offset);
}

Parser::Id Parser::Number() {
  const Token token = Next();
  if (token.text == "1" && (Peek().Is("_") && Peek(1).Is("{"))) {  // 1_{Z > 0}
    position_ += 2;
    return Bracketed("}");
  }
  const size_t point = token.text.find('.');
  std::string digits = token.text;
  Node node;
  if (point != std::string::npos) {
    digits.erase(point, 1);
    for (size_t i = point; i < digits.size() && node.denominator < 1000000000; ++i) node.denominator *= 10;
    if (digits.size() - point > 9) return FailAt(token, "a number has at most 9 digits after the point");
  }
  if (digits.size() > 18 || !absl::SimpleAtoi(digits, &node.numerator)) {
    return FailAt(token, "a number has at most 18 digits");
  }
  return Add(std::move(node), token.offset);
}

Parser::Id Parser::Name() {
  const Token token = Next();
  const std::string name = NameWithSubscript(token, true);
  const std::optional<size_t> tensor = names_.Tensor(name);
  if (tensor.has_value()) return Tensor(*tensor, "", token);
  const bool called = Peek().Is("(") || Peek().Is("[") || Peek().Is("{");
  const bool function = FindFunction(name).has_value() || ((IsIndicator(name) || IsStep(name)) && called);
  if (function) return FunctionCall(token, name);
  if (IsIndexName(name)) {
    Node node;
    node.kind = NodeKind::kIndex;
    node.indices = {IndexExpression{{IndexTerm{1, {Intern(name)}}}, token.offset, token.length}};
    return Add(std::move(node), token.offset);
  }
  if (!Split(name, false).empty()) return SplitProduct(token, name);
  return Tensor(kUnknownTensor, token.text, token);
}

// "UV" where only U and V are known is their product; what follows belongs to the last.
Parser::Id Parser::SplitProduct(const Token& token, const std::string& name) {
  const Level level(this);
  if (level.TooDeep()) return std::nullopt;
  Node product;
  product.kind = NodeKind::kMultiply;
  for (const std::string& part : Split(name, false)) {
    const std::optional<size_t> tensor = names_.Tensor(part);
    Node node;
    node.kind = tensor.has_value() ? NodeKind::kRead : NodeKind::kIndex;
    node.tensor = tensor.value_or(kUnknownTensor);
    node.implicit = true;
    if (!tensor.has_value())
      node.indices = {IndexExpression{{IndexTerm{1, {Intern(part)}}}, token.offset, token.length}};
    const bool last = product.children.size() + 1 == Split(name, false).size();
    const Id id = last && tensor.has_value() ? Tensor(*tensor, "", token) : Add(std::move(node), token.offset);
    if (!id.has_value()) return std::nullopt;
    product.children.push_back(*id);
  }
  return Add(std::move(product), token.offset);
}

Parser::Id Parser::FractionPart() {
  if (Take("{")) return Bracketed("}");
  return Atom();
}

Parser::Id Parser::Fraction() {
  const Level level(this);
  if (level.TooDeep()) return std::nullopt;
  const Token start = Next();
  const Id above = FractionPart();
  if (!above.has_value()) return std::nullopt;
  const Id below = FractionPart();
  if (!below.has_value()) return std::nullopt;
  const Id inverse = Wrap(NodeKind::kInvert, *below);
  if (!inverse.has_value()) return std::nullopt;
  Node node;
  node.kind = NodeKind::kMultiply;
  node.children = {*above, *inverse};
  return Add(std::move(node), start.offset);
}

Parser::Id Parser::Indicator() {
  const Token open = Next();
  const Id inside = Bracketed(Closing(open.text));
  if (!inside.has_value()) return std::nullopt;
  if (result_.tree.nodes[*inside].kind != NodeKind::kCompare)
    return FailAt(open, "an indicator needs a condition such as Z > 0");
  return inside;
}

Parser::Id Parser::FunctionCall(const Token& token, const std::string& name) {
  if (IsIndicator(name)) return Indicator();
  if (IsStep(name)) {
    const Id argument = Atom();
    Node zero;
    const Id right = argument.has_value() ? Add(std::move(zero), token.offset) : std::nullopt;
    if (!right.has_value()) return std::nullopt;
    Node node;
    node.kind = NodeKind::kCompare;
    node.comparison = Comparison::kGreater;
    node.children = {*argument, *right};
    return Add(std::move(node), token.offset);
  }
  Function function = *FindFunction(name);
  const bool braced = Peek().Is("^") && Peek(1).Is("{") && Peek(2).Is("'") && Peek(3).Is("}");
  if (braced) position_ += 2;
  if (Peek().Is("^") && Peek(1).Is("'")) ++position_;
  if (Take("'")) {
    const std::optional<Function> slope = SlopeOf(function);
    if (!slope.has_value())
      return FailAt(token, absl::StrCat("the derivative of ", name, " is not known: write it out"));
    function = *slope;
    if (braced) Take("}");
  }
  return Arguments(function, token.offset);
}

Parser::Id Parser::Arguments(Function function, size_t offset) {
  const Level level(this);
  if (level.TooDeep()) return std::nullopt;
  Node node;
  node.kind = NodeKind::kFunction;
  node.function = function;
  if (function == Function::kMax || function == Function::kMin) {
    const Token open = Next();
    if (!open.Is("(") && !open.Is("{") && !open.Is("[")) return FailAt(open, "max and min take two values: max(0, Z)");
    const Id left = Expression();
    if (!left.has_value() || !Expect(",")) return std::nullopt;
    const Id right = Expression();
    if (!right.has_value() || !Expect(Closing(open.text))) return std::nullopt;
    node.children = {*left, *right};
    return Add(std::move(node), offset);
  }
  const bool negative = TakeSigns();
  const bool bracket = Peek().Is("(") || Peek().Is("[") || Peek().Is("{");
  Id argument = std::nullopt;
  if (bracket) {
    const Token open = Next();
    argument = Bracketed(Closing(open.text));
  } else {
    argument = Atom();
  }
  if (argument.has_value() && negative) argument = Wrap(NodeKind::kNegate, *argument);
  if (!argument.has_value()) return std::nullopt;
  node.children = {*argument};
  return Add(std::move(node), offset);
}

}  // namespace tensord::grading::formula
