// What belongs to a number beyond its token.
#ifndef TENSORD_GRADING_SRC_READER_DIGIT_GROUPS_H_
#define TENSORD_GRADING_SRC_READER_DIGIT_GROUPS_H_

#include <cstddef>

#include "grading/src/reader/tokens.h"

namespace tensord::grading::internal {

// The token behind the groups of three digits that follow the number at token `begin` after `mark`, a ',' or a ' ', as
// in 5,133,600; begin + 1 where there are none.
[[nodiscard]] size_t GroupsEnd(const Tokens& tokens, size_t begin, char mark);

// Whether the number at token i is part of a word: 2D, 1st, 3a.
[[nodiscard]] bool IsPartOfWord(const Tokens& tokens, size_t i);

}  // namespace tensord::grading::internal

#endif  // TENSORD_GRADING_SRC_READER_DIGIT_GROUPS_H_
