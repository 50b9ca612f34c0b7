// Where tensors differ, in words.
#ifndef TENSORD_GRADING_ANSWERS_DIFFERENCE_H_
#define TENSORD_GRADING_ANSWERS_DIFFERENCE_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "grading/src/answers/kind.h"

namespace tensord::grading {

// An answer beside what is expected, of the same shape. `differs`: one for each element.
struct Comparison {
  absl::Span<const int64_t> shape;
  absl::Span<const double> answered;
  absl::Span<const double> expected;
  const std::vector<bool>& differs;
};

// Sets a judgement's difference: how many elements differ and which one most, and whether they are all at a border, or
// along one axis at one place; and its patterns: whether a factor, an offset, a reversal or a transposition would make
// the answer right.
void Locate(const Comparison& comparison, Judgement& judgement);

// Likewise for a tensor of another shape than expected: whether one is the other with its axes in another order.
void OtherShape(absl::Span<const int64_t> answered, absl::Span<const int64_t> expected, Judgement& judgement);

}  // namespace tensord::grading

#endif  // TENSORD_GRADING_ANSWERS_DIFFERENCE_H_
