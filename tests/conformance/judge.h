// Whether an answer is right, and whether the expected value is.
#ifndef TENSORD_TESTS_CONFORMANCE_JUDGE_H_
#define TENSORD_TESTS_CONFORMANCE_JUDGE_H_

#include <string>

#include "tests/conformance/onnx/tensor.h"
#include "tests/conformance/operators.h"

namespace tensord::conformance {

struct Judgement {
  bool answer_holds = true;    // the answer is as near to the exact result as tensord's documentation promises
  bool expected_holds = true;  // and so is the expected value, by the rounding of whoever computed it
  long double largest = 0;     // the largest |answer - expected|
  std::string place = {};      // where, e.g. "(0,1,2)"
  std::string complaint = {};  // the first thing that does not hold, in words
};

// Without an exact result answer and expected value have to be equal: NaN to NaN, and 0 to -0.
[[nodiscard]] Judgement Judge(const Computed& computed, const onnx_reader::Tensor& expected);

}  // namespace tensord::conformance

#endif  // TENSORD_TESTS_CONFORMANCE_JUDGE_H_
