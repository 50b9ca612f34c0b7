// A picture of where a tensor differs.
#ifndef TENSORD_GRADING_FORMATS_HEAT_MAP_H_
#define TENSORD_GRADING_FORMATS_HEAT_MAP_H_

#include <string>

#include "tensord/v1/verdict.pb.h"

namespace tensord::grading::formats {

// As HTML: one map of the last two axes for each index of the others that has elements that differ, at most 12 maps; an
// axis longer than 64 is drawn in 64 steps, each the darker the more of its elements differ. A vector is one row. Empty
// where there is nothing to draw: no cells, no shape, a negative size, more than 2^62 elements. Cells outside the
// tensor are left out.
std::string HeatMaps(const v1::Difference& difference);

}  // namespace tensord::grading::formats

#endif  // TENSORD_GRADING_FORMATS_HEAT_MAP_H_
