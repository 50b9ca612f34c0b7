// A question whose answer is a formula in index notation.
#ifndef TENSORD_GRADING_FORMULA_QUESTION_H_
#define TENSORD_GRADING_FORMULA_QUESTION_H_

#include <cstdint>
#include <string>
#include <vector>

namespace tensord::grading {

// What reading a tensor outside its shape means.
enum class OutsideRule {
  kError,  // nothing: in a sum without written limits such terms are left out, elsewhere they are a fault
  kZero,   // 0
};

// The name of a size, e.g. H. It stands for any integer from `minimum` on.
struct FormulaSymbol {
  std::string name;
  int64_t minimum = 1;
  bool operator==(const FormulaSymbol&) const = default;
};

// The name of an index, and how many values it has: it runs over 0 .. size - 1.
struct FormulaIndex {
  std::string name;
  std::string size;  // a polynomial in the symbols, e.g. "H - Kh + 1"
  bool operator==(const FormulaIndex&) const = default;
};

// A tensor that is given.
struct FormulaTensor {
  std::string name;
  std::vector<std::string> sizes;    // one polynomial in the symbols an axis; none for a scalar
  std::vector<std::string> indices;  // how it is indexed where an answer leaves its indices out; may be empty
  std::vector<std::string> aliases;  // other names for it
  bool operator==(const FormulaTensor&) const = default;
};

// A question, as an author writes it; docs/grading/formulas.md has the grammar of formulas. A value: the question that
// a slip answers is a copy with other definitions.
struct FormulaQuestion {
  std::vector<FormulaSymbol> symbols;
  std::vector<FormulaIndex> indices;
  std::vector<FormulaTensor> tensors;
  // Further tensors by formulas, each in terms of given ones and of those before it, e.g.
  // "Z[i,j] = sum(k) W[k,j] * X[i,k] + b[j]". Sums without limits run over the index's range. Names on the left side
  // are of `indices`, which gives the tensor its shape.
  std::vector<std::string> definitions;
  // What is asked for: a defined tensor ("Z[i,j]") or the derivative by any tensor ("dJ/dW[k,j]"), with the indices
  // that an answer may use freely.
  std::string target;
  // For a derivative: the tensor Y of which dJ/dY is given, e.g. "U". Empty: J itself is defined, as a scalar.
  std::string given_gradient;
  std::string objective = "J";
  // Other names for dJ/dY than "dJ/dY" and "dY", e.g. {"Z", {"delta"}}.
  struct GradientNames {
    std::string tensor;
    std::vector<std::string> aliases;
    bool operator==(const GradientNames&) const = default;
  };
  std::vector<GradientNames> gradient_names;
  OutsideRule outside = OutsideRule::kError;
  // What the random numbers start from: the same question and answer get the same verdict.
  uint64_t seed = 1;

  bool operator==(const FormulaQuestion&) const = default;
};

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_FORMULA_QUESTION_H_
