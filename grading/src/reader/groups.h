// What stands between brackets.
#ifndef TENSORD_GRADING_SRC_READER_GROUPS_H_
#define TENSORD_GRADING_SRC_READER_GROUPS_H_

#include <cstddef>
#include <vector>

#include "grading/src/reader/scan.h"

namespace tensord::grading::internal {

// A pair of brackets. Brackets of an expression are part of its value and make no group.
struct Group {
  size_t open = 0;             // items
  size_t close = 0;            // one that is never closed ends behind the last item
  std::vector<size_t> values;  // the items directly inside, without those of inner groups
  std::vector<size_t> words;
  bool has_inner_values = false;  // a group inside has values
};

// The groups of a text in the order in which they close. Brackets that do not fit each other close each other all the
// same: [0, 1) is one group.
// Errors: none where brackets are nested deeper than `max_depth`: what is deeper belongs to no group.
[[nodiscard]] std::vector<Group> FindGroups(const Scan& scan, size_t max_depth);

}  // namespace tensord::grading::internal

#endif  // TENSORD_GRADING_SRC_READER_GROUPS_H_
