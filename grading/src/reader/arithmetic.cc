#include "grading/src/reader/arithmetic.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grading/src/reader/digit_groups.h"
#include "grading/src/reader/functions.h"
#include "grading/src/reader/rational.h"
#include "grading/src/reader/units.h"

namespace tensord::grading::internal {
namespace {

using Kind = ArithmeticFailure::Kind;

// The bracket that closes this one, or 0.
char ClosingOf(char open) {
  switch (open) {
    case '(':
      return ')';
    case '[':
      return ']';
    case '{':
      return '}';
    case kFloor:
      return kFloorEnd;
    case kCeil:
      return kCeilEnd;
    default:
      return 0;
  }
}

}  // namespace

std::variant<Evaluated, ArithmeticFailure> Arithmetic::Evaluate(size_t begin) {
  at_ = begin;
  depth_ = 0;
  failure_ = {};
  const size_t notes = notes_.size();
  Part part = Sum();
  if (!part.has_value()) {
    notes_.resize(notes);
    return failure_;
  }
  part->end = at_;
  return *std::move(part);
}

std::vector<Note> Arithmetic::TakeNotes() { return std::exchange(notes_, {}); }

Arithmetic::Part Arithmetic::Fail(Kind kind, std::string reason) {
  failure_ = {kind, std::move(reason), at_};
  return std::nullopt;
}

Arithmetic::Part Arithmetic::Checked(Number number) {
  if (number.IsFinite() && number.rational().digits() > limits_.max_digits + 1) {
    return Fail(Kind::kRefused, absl::StrCat("a number of more than ", limits_.max_digits, " digits"));
  }
  return Evaluated{.number = std::move(number), .last_place = std::nullopt, .end = 0, .simple = false};
}

bool Arithmetic::Descend() {
  if (++depth_ <= limits_.max_depth) return true;
  Fail(Kind::kRefused, absl::StrCat("brackets or powers nested more than ", limits_.max_depth, " deep"));
  return false;
}

// Whether + or - at at_ joins what stands before it with what follows.
bool Arithmetic::IsBinarySign() const {
  const Token& token = tokens_[at_];
  if (!token.Is('+') && !token.Is('-')) return false;
  const bool tight = token.space_before && tokens_.Touches(at_);
  // A line that begins with a signed number is a line of its own.
  return !tight || (!options_.tight_sign_separates && !token.line_before);
}

Arithmetic::Part Arithmetic::Sum() {
  Part left = Product();
  while (left.has_value() && IsBinarySign()) {
    const char sign = tokens_[at_].sign;
    ++at_;
    const Part right = Product();
    if (!right.has_value()) {
      if (failure_.kind != Kind::kRefused) failure_.kind = Kind::kBroken;
      return std::nullopt;
    }
    left = Apply(sign, *left, *right);
  }
  return left;
}

// The operation at at_ that binds like a product; '(' for one without a sign; 0 for none.
char Arithmetic::ProductSign() const {
  const Token& token = tokens_[at_];
  if (token.kind != Token::Kind::kSign) return 0;
  switch (token.sign) {
    case '*':
      return options_.star_multiplies ? '*' : '\0';
    case '/':
    case kFloorDivide:
    case '%':
      return token.sign;
    case kCross:
      return options_.cross_multiplies ? '*' : '\0';
    case '(':
      return token.space_before && !tokens_[at_ - 1].Is(')') ? '\0' : '(';
    default:
      return 0;
  }
}

Arithmetic::Part Arithmetic::Product() {
  Part left = Signed();
  while (left.has_value()) {
    const char sign = ProductSign();
    if (sign == 0) break;
    if (sign == '(') {
      const size_t before = at_;
      const size_t depth = depth_;
      const size_t notes = notes_.size();
      const Part right = Bracketed();
      if (!right.has_value()) {
        // A bracket behind an operand that holds something else is no factor.
        if (failure_.kind == Kind::kRefused) return std::nullopt;
        at_ = before;
        depth_ = depth;
        notes_.resize(notes);
        break;
      }
      left = Apply('*', *left, *right);
      continue;
    }
    ++at_;
    const Part right = Signed();
    if (!right.has_value()) {
      if (failure_.kind != Kind::kRefused) failure_.kind = Kind::kBroken;
      return std::nullopt;
    }
    left = Apply(sign, *left, *right);
  }
  return left;
}

Arithmetic::Part Arithmetic::Signed() {
  bool negative = false;
  const size_t begin = at_;
  for (; tokens_[at_].Is('+') || tokens_[at_].Is('-'); ++at_) {
    // -- and +- are no signs of a number; a rule of dashes even less.
    if (at_ > begin && (tokens_.Touches(at_ - 1) || at_ > begin + 1)) return Fail(Kind::kNoOperand, "");
    negative = negative != tokens_[at_].Is('-');
  }
  Part value = Powered();
  if (!value.has_value() || !negative) return value;
  const Number& number = value->number;
  if (number.IsFinite()) {
    value->number = Number(-number.rational());
  } else if (!number.IsNotANumber()) {
    value->number = Number::Infinity(number.sign() > 0);
  }
  return value;
}

Arithmetic::Part Arithmetic::Powered() {
  const Part base = Percent(Operand());
  if (!base.has_value() || !tokens_[at_].Is('^')) return base;
  if (!Descend()) return std::nullopt;
  ++at_;
  const Part exponent = Signed();
  --depth_;
  if (!exponent.has_value()) {
    if (failure_.kind != Kind::kRefused) failure_.kind = Kind::kBroken;
    return std::nullopt;
  }
  return Power(*base, *exponent);
}

// A % that no operand follows.
Arithmetic::Part Arithmetic::Percent(Part operand) {
  if (!operand.has_value() || !tokens_[at_].Is('%')) return operand;
  const Token& next = tokens_[at_ + 1];
  if (next.IsNumber() || next.Is('(') || !operand->number.IsFinite()) return operand;
  Part scaled = Checked(Number(operand->number.rational() / Rational(100)));
  if (!scaled.has_value()) return scaled;
  notes_.push_back({Note::Code::kUnit, "% is 1/100", tokens_.Range(at_, at_ + 1)});
  ++at_;
  if (operand->simple) scaled->last_place = operand->last_place.value_or(0) - 2;
  return scaled;
}

Arithmetic::Part Arithmetic::Operand() {
  const Token& token = tokens_[at_];
  if (token.IsNumber()) {
    if (IsPartOfWord(tokens_, at_))
      return Fail(Kind::kNoOperand, absl::StrCat("\"", tokens_.Quote(at_, at_ + 2), "\" is no number"));
    return LiteralNumber();
  }
  if (token.IsWord()) return Word();
  if (token.Is(kFraction)) return Fraction();
  return Bracketed();
}

Arithmetic::Part Arithmetic::Bracketed() {
  const Token& token = tokens_[at_];
  const char close = token.kind == Token::Kind::kSign ? ClosingOf(token.sign) : '\0';
  if (close == 0) return Fail(Kind::kNoOperand, absl::StrCat("\"", tokens_.Quote(at_, at_ + 1), "\" is no number"));
  if (token.sign == kFloor || token.sign == kCeil) return Function(at_ + 1, token.sign == kFloor ? "floor" : "ceil");
  return Between(at_, close);
}

// The expression between the bracket at `open` and `close`.
Arithmetic::Part Arithmetic::Between(size_t open, char close) {
  if (!Descend()) return std::nullopt;
  at_ = open + 1;
  Part value = Sum();
  --depth_;
  if (!value.has_value()) {
    if (failure_.kind == Kind::kNoOperand) failure_.kind = Kind::kList;
    return std::nullopt;
  }
  if (!tokens_[at_].Is(close)) return Fail(Kind::kList, "a bracket is not closed");
  ++at_;
  return value;
}

Arithmetic::Part Arithmetic::Fraction() {
  const size_t begin = at_;
  if (!tokens_[begin + 1].Is('{')) return Fail(Kind::kBroken, "\\frac without {...}{...}");
  const Part above = Between(begin + 1, '}');
  if (!above.has_value()) return std::nullopt;
  if (!tokens_[at_].Is('{')) return Fail(Kind::kBroken, "\\frac without {...}{...}");
  const Part below = Between(at_, '}');
  if (!below.has_value()) return std::nullopt;
  return Apply('/', *above, *below);
}

Arithmetic::Part Arithmetic::Word() {
  const std::string word = tokens_.Lower(at_);
  if (word == "inf" || word == "infinity" || word == "nan") {
    ++at_;
    return Checked(word == "nan" ? Number::NotANumber() : Number::Infinity(false));
  }
  const bool call = tokens_[at_ + 1].Is('(') && tokens_.Touches(at_);
  if (call && IsFunction(word)) return Function(at_ + 2, word);
  return Fail(call && IsOtherFunction(word) ? Kind::kBroken : Kind::kNoOperand,
              absl::StrCat("\"", tokens_.Quote(at_, at_ + 1), "\" has no value"));
}

// floor(...) and the like; the arguments begin at token `begin`.
Arithmetic::Part Arithmetic::Function(size_t begin, absl::string_view name) {
  if (!Descend()) return std::nullopt;
  const Token& open = tokens_[begin - 1];
  const char close = ClosingOf(open.sign);
  at_ = begin;
  Part value = Sum();
  while (value.has_value() && tokens_[at_].Is(',') && (name == "min" || name == "max")) {
    ++at_;
    const Part other = Sum();
    if (!other.has_value()) return std::nullopt;
    if (!value->number.IsFinite() || !other->number.IsFinite()) return Fail(Kind::kRefused, "arithmetic with infinity");
    value = Checked(Number(Call(name, value->number.rational(), other->number.rational())));
  }
  --depth_;
  if (!value.has_value()) return std::nullopt;
  if (!tokens_[at_].Is(close)) return Fail(Kind::kBroken, absl::StrCat(name, "( is not closed"));
  ++at_;
  if (!value->number.IsFinite()) return Fail(Kind::kRefused, "arithmetic with infinity");
  return Checked(Number(Call(name, value->number.rational(), value->number.rational())));
}

// Whether the comma at token i is that of 3,14 rather than of 3, 14 or 3,14,15.
bool Arithmetic::IsDecimalComma(size_t i) const {
  const auto digits = [&](size_t token) {
    return tokens_[token].IsNumber() && !absl::StrContains(tokens_.signs(token), '.');
  };
  const bool tight = tokens_.Touches(i - 1) && tokens_.Touches(i);
  // In brackets it parts two numbers: (1,3) is a place.
  const Token& before = i >= 2 ? tokens_[i - 2] : tokens_[tokens_.size()];
  const Token& after = tokens_[i + 2];
  const bool opens = before.kind == Token::Kind::kSign && ClosingOf(before.sign) != 0;
  const bool brackets = opens || after.Is(')') || after.Is(']') || after.Is('}');
  const bool list = brackets || before.Is(',') || (after.Is(',') && tokens_.Touches(i + 1));
  return options_.decimal_comma && tokens_[i].Is(',') && tight && digits(i - 1) && digits(i + 1) && !list;
}

// The digits of the number at at_ and of its groups; moves behind them.
std::string Arithmetic::Digits() {
  const size_t begin = at_;
  size_t end = begin + 1;
  if (options_.comma_groups) end = GroupsEnd(tokens_, begin, ',');
  if (options_.space_groups && end == begin + 1) end = GroupsEnd(tokens_, begin, ' ');
  std::string text;
  for (size_t i = begin; i < end; ++i) {
    if (tokens_[i].IsNumber()) absl::StrAppend(&text, tokens_.signs(i));
  }
  const bool comma = end == begin + 1 && IsDecimalComma(end);
  if (comma) {
    absl::StrAppend(&text, ".", tokens_.signs(end + 1));
    end += 2;
  }
  at_ = end;
  if (end > begin + 1) {
    const Note::Code code = comma ? Note::Code::kDecimalComma : Note::Code::kThousands;
    notes_.push_back({code, absl::StrCat("\"", tokens_.Quote(begin, end), "\" is read as ", Printable(text, 40)),
                      tokens_.Range(begin, end)});
  }
  return text;
}

Arithmetic::Part Arithmetic::LiteralNumber() {
  const Literal literal = ReadLiteral(Digits());
  const auto most = static_cast<int64_t>(limits_.max_digits);
  if (literal.digits.size() > limits_.max_digits || (!literal.digits.empty() && std::abs(literal.exponent) > most)) {
    --at_;
    return Fail(Kind::kRefused, absl::StrCat("a number of more than ", limits_.max_digits, " digits"));
  }
  const absl::string_view digits = literal.digits.empty() ? "0" : absl::string_view(literal.digits);
  Part value = Checked(Number(Rational::FromDecimal(digits, literal.digits.empty() ? 0 : literal.exponent)));
  if (!value.has_value()) return value;
  value->simple = true;
  // 1810. at the end of a sentence is an integer.
  if (literal.decimals > 0 || (literal.point && literal.exponent != 0)) value->last_place = literal.exponent;
  return Scaled(*std::move(value));
}

// The value with the unit that follows it.
Arithmetic::Part Arithmetic::Scaled(Evaluated value) {
  if (!tokens_[at_].IsWord()) return value;
  const std::optional<Scale> scale = ScaleOfUnit(tokens_.signs(at_), tokens_.Touches(at_ - 1));
  if (!scale.has_value()) return value;
  const Rational factor = internal::Power(Rational(scale->base), scale->exponent);
  Part scaled = Checked(Number(value.number.rational() * factor));
  if (!scaled.has_value()) return scaled;
  notes_.push_back({Note::Code::kUnit, absl::StrCat("\"", tokens_.Quote(at_, at_ + 1), "\" is ", factor.ToString()),
                    tokens_.Range(at_, at_ + 1)});
  ++at_;
  scaled->simple = true;
  if (scale->base == 10) scaled->last_place = value.last_place.value_or(0) + scale->exponent;
  return scaled;
}

Arithmetic::Part Arithmetic::Apply(char operation, const Evaluated& a, const Evaluated& b) {
  if (++operations_ > limits_.max_operations) {
    return Fail(Kind::kRefused, absl::StrCat("arithmetic of more than ", limits_.max_operations, " operations"));
  }
  if (!a.number.IsFinite() || !b.number.IsFinite()) return Fail(Kind::kRefused, "arithmetic with infinity");
  const Rational& x = a.number.rational();
  const Rational& y = b.number.rational();
  const bool divides = operation != '+' && operation != '-' && operation != '*';
  if (divides && y.sign() == 0) return Fail(Kind::kRefused, "a division by 0");
  switch (operation) {
    case '+':
      return Checked(Number(x + y));
    case '-':
      return Checked(Number(x - y));
    case '/':
      return Checked(Number(x / y));
    case kFloorDivide:
      return Checked(Number(Floor(x / y)));
    case '%':
      return Checked(Number(x - y * Floor(x / y)));
    default:
      break;
  }
  Part product = Checked(Number(x * y));
  // 1.5 * 10^-3 is printed to two digits, as 1.5e-3 is.
  const std::optional<int64_t> power = y.PowerOfTen();
  if (product.has_value() && a.last_place.has_value() && power.has_value() && !b.simple) {
    product->last_place = *a.last_place + *power;
  }
  return product;
}

Arithmetic::Part Arithmetic::Power(const Evaluated& base, const Evaluated& exponent) {
  if (++operations_ > limits_.max_operations) {
    return Fail(Kind::kRefused, absl::StrCat("arithmetic of more than ", limits_.max_operations, " operations"));
  }
  const std::optional<int64_t> times = exponent.number.ToInt64();
  if (!base.number.IsFinite() || !times.has_value()) return Fail(Kind::kRefused, "a power that is no integer");
  const Rational& x = base.number.rational();
  if (x.sign() == 0 && *times < 0) return Fail(Kind::kRefused, "a division by 0");
  // A decimal digit is more than three bits: what is let in here has at most seven times the digits that are allowed.
  const auto most = static_cast<int64_t>(4 * limits_.max_digits);
  const bool large = *times > most || *times < -most ||
                     x.whole_bits() * static_cast<size_t>(std::abs(*times)) > 4 * limits_.max_digits;
  if (large && x.whole_bits() > 0) {
    return Fail(Kind::kRefused, absl::StrCat("a number of more than ", limits_.max_digits, " digits"));
  }
  // 0, 1 and -1: only whether the exponent is 0, and whether it is even, counts.
  return Checked(Number(internal::Power(x, large ? (*times % 2 == 0 ? 2 : 1) : *times)));
}

}  // namespace tensord::grading::internal
