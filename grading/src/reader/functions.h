// The functions of arithmetic.
#ifndef TENSORD_GRADING_SRC_READER_FUNCTIONS_H_
#define TENSORD_GRADING_SRC_READER_FUNCTIONS_H_

#include "absl/strings/string_view.h"
#include "grading/src/reader/rational.h"

namespace tensord::grading::internal {

// Whether Call() knows the function: floor, ceil, abs, min, max. Names are lower case.
[[nodiscard]] bool IsFunction(absl::string_view name);
// Functions whose values are no fractions, or that are not read: their argument is no answer.
[[nodiscard]] bool IsOtherFunction(absl::string_view name);
// What a function of ours makes of two values, or of one and itself.
[[nodiscard]] Rational Call(absl::string_view name, const Rational& a, const Rational& b);

}  // namespace tensord::grading::internal

#endif  // TENSORD_GRADING_SRC_READER_FUNCTIONS_H_
