// The names of a shape's axes.
#ifndef TENSORD_GRADING_SRC_READER_AXIS_NAMES_H_
#define TENSORD_GRADING_SRC_READER_AXIS_NAMES_H_

#include <cstddef>
#include <vector>

#include "grading/src/reader/scan.h"
#include "grading/src/reader/tokens.h"
#include "tensord/grading/reading.h"

namespace tensord::grading::internal {

// Completes the names of the sizes that were read from items [begin, end): where not each has a name of its own, from a
// list of as many names behind them or before them, as in `(1000, 3): image, colour` and `N x C = 1000 x 3`; where
// there is none, no size keeps a name, since half a set of names is none.
void NameAxes(const Tokens& tokens, const Scan& scan, size_t begin, size_t end, std::vector<Value>* sizes);

}  // namespace tensord::grading::internal

#endif  // TENSORD_GRADING_SRC_READER_AXIS_NAMES_H_
