// Answers of any bytes to questions for formulas.
#ifndef TENSORD_TESTS_FUZZ_FORMULA_FUZZ_H_
#define TENSORD_TESTS_FUZZ_FORMULA_FUZZ_H_

#include <cstddef>
#include <cstdint>

namespace tensord::fuzz {

// The fuzz target: the first byte picks a question, the others are an answer. Aborts where a verdict changes when it is
// given again, where a problem lies outside the answer or cannot be shown, where a right answer has a counter-example
// or an ungradable one no reason, or where a counter-example shows two equal values.
void RunFormula(const uint8_t* data, size_t size);

}  // namespace tensord::fuzz

#endif  // TENSORD_TESTS_FUZZ_FORMULA_FUZZ_H_
