// What the values of a text are called.
#ifndef TENSORD_GRADING_SRC_READER_NAMES_H_
#define TENSORD_GRADING_SRC_READER_NAMES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "grading/src/reader/scan.h"
#include "grading/src/reader/tokens.h"

namespace tensord::grading::internal {

// The name of the value that is item i: "C" of C=20, "row" of row 1, "colours" of 3 colours, "images" of 1000 (images);
// several words as one text. Empty where there is none. Words that name nothing ("the", "is", "and") are left out.
[[nodiscard]] std::string NameOf(const Tokens& tokens, const Scan& scan, size_t i);

// Whether a word names nothing by itself.
[[nodiscard]] bool IsFiller(absl::string_view lower_case_word);

// Whether a comma that touches digits on both sides marks thousands rather than the next number: where every group has
// three digits and some other separator stands between the numbers, as in "5,133,600 and 57,040" or "(1,000, 3, 256)".
[[nodiscard]] bool CommasMarkThousands(const Tokens& tokens);

}  // namespace tensord::grading::internal

#endif  // TENSORD_GRADING_SRC_READER_NAMES_H_
