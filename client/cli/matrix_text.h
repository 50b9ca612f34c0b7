// Tensors as aligned text.
#ifndef TENSORD_CLI_MATRIX_TEXT_H_
#define TENSORD_CLI_MATRIX_TEXT_H_

#include <string>
#include <vector>

#include "client/cli/elements.h"
#include "client/cli/style.h"

namespace tensord::cli {

struct MatrixText {
  std::string text;
  bool abbreviated = false;  // rows, columns or slices were left out
  bool rounded = false;      // numbers were cut to fewer digits
};

// The elements as matrices, columns aligned at the decimal point; one matrix, labelled, per slice of a tensor of more
// than two axes. `axes` names the axes, one letter each, or is empty: H and W make the matrix where both are there,
// else the last two axes. The middle of what is long is left out, as `...`.
[[nodiscard]] MatrixText FormatMatrices(const Elements& elements, const std::string& axes, const Style& style);

// `largest  0.5  at (1,3)` and a line break; `none` where there are no elements.
[[nodiscard]] std::string LargestText(const Elements& elements);

// Lines that name the largest and the smallest element, with the places where they are (the first few), and NaN.
[[nodiscard]] std::vector<std::string> ExtremesText(const Elements& elements);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MATRIX_TEXT_H_
