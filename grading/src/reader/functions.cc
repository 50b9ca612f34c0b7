#include "grading/src/reader/functions.h"

#include <algorithm>
#include <iterator>

namespace tensord::grading::internal {

bool IsFunction(absl::string_view name) {
  return name == "floor" || name == "ceil" || name == "abs" || name == "min" || name == "max";
}

bool IsOtherFunction(absl::string_view name) {
  constexpr absl::string_view kNames[] = {"sqrt", "log",  "ln",  "log2", "log10", "exp",   "sin",  "cos",
                                          "tan",  "tanh", "pow", "sum",  "prod",  "round", "mean", "sigmoid"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

Rational Call(absl::string_view name, const Rational& a, const Rational& b) {
  if (name == "floor") return Floor(a);
  if (name == "ceil") return -Floor(-a);
  if (name == "abs") return a.sign() < 0 ? -a : a;
  return (Compare(a, b) < 0) == (name == "min") ? a : b;
}

}  // namespace tensord::grading::internal
