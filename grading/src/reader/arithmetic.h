// Arithmetic as students write it, evaluated exactly.
//
//   sum     := product (("+" | "-") product)*
//   product := signed (("*" | "x" | "/" | "//" | "%") signed | "(" sum ")")*       ")(" and "2(" are products
//   signed  := ("+" | "-")* power
//   power   := operand ("^" ("+" | "-")* power)?
//   operand := number | number unit | number "%" | "(" sum ")" | "\frac{" sum "}{" sum "}" | "floor(" sum ")" |
//   "ceil(...)"
//            | "abs(...)" | "min(" sum ("," sum)* ")" | "max(...)" | "inf" | "nan"
#ifndef TENSORD_GRADING_SRC_READER_ARITHMETIC_H_
#define TENSORD_GRADING_SRC_READER_ARITHMETIC_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "grading/src/reader/tokens.h"
#include "tensord/grading/number.h"
#include "tensord/grading/reading.h"

namespace tensord::grading::internal {

struct ArithmeticOptions {
  bool cross_multiplies = true;       // else x and × end an expression
  bool star_multiplies = true;        // else * ends one too
  bool comma_groups = true;           // 5,133,600 is one number
  bool space_groups = true;           // 5 133 600 is one number
  bool decimal_comma = false;         // 3,14 is a number where nothing else is asked for
  bool tight_sign_separates = false;  // of `1 -2`: two numbers, where `1 - 2` and `1-2` are one
};

// What an expression is worth.
struct Evaluated {
  Number number;
  std::optional<int64_t> last_place;  // as Value's
  size_t end = 0;                     // the token behind the expression
  bool simple = false;                // one literal with its sign
};

struct ArithmeticFailure {
  enum class Kind {
    kNoOperand,  // nothing that can be an expression begins here
    kList,       // a bracket that begins here holds something else than one expression
    kBroken,     // an expression begins and cannot be finished: it has letters
    kRefused,    // beyond a limit, or a division by 0: no answer
  };
  Kind kind = Kind::kNoOperand;
  std::string reason;
  size_t token = 0;
};

// Evaluates expressions of one text, with one account of operations.
class Arithmetic {
 public:
  Arithmetic(const Tokens& tokens, const ReadLimits& limits, ArithmeticOptions options)
      : tokens_(tokens), limits_(limits), options_(options) {}

  // The longest expression that begins at token `begin`.
  [[nodiscard]] std::variant<Evaluated, ArithmeticFailure> Evaluate(size_t begin);
  // Of all expressions so far.
  [[nodiscard]] std::vector<Note> TakeNotes();

 private:
  using Part = std::optional<Evaluated>;  // none: failure_ has why

  Part Sum();
  Part Product();
  Part Signed();
  Part Powered();
  Part Operand();
  Part Percent(Part operand);
  Part LiteralNumber();
  Part Bracketed();
  Part Between(size_t open, char close);
  Part Fraction();
  Part Function(size_t arguments_begin, absl::string_view name);
  Part Word();
  Part Scaled(Evaluated value);
  Part Apply(char operation, const Evaluated& a, const Evaluated& b);
  Part Power(const Evaluated& base, const Evaluated& exponent);
  [[nodiscard]] char ProductSign() const;
  [[nodiscard]] bool IsBinarySign() const;
  [[nodiscard]] bool IsDecimalComma(size_t i) const;
  std::string Digits();

  Part Fail(ArithmeticFailure::Kind kind, std::string reason);
  Part Checked(Number number);
  bool Descend();

  const Tokens& tokens_;
  const ReadLimits& limits_;
  const ArithmeticOptions options_;
  size_t at_ = 0;
  size_t depth_ = 0;
  size_t operations_ = 0;
  ArithmeticFailure failure_;
  std::vector<Note> notes_;
};

}  // namespace tensord::grading::internal

#endif  // TENSORD_GRADING_SRC_READER_ARITHMETIC_H_
