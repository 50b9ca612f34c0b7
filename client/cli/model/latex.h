// Models and their layers' explanations as LaTeX documents.
#ifndef TENSORD_CLI_MODEL_LATEX_H_
#define TENSORD_CLI_MODEL_LATEX_H_

#include <string>

#include "absl/strings/string_view.h"
#include "tensord/v1/model.pb.h"

namespace tensord::cli {

// Text that LaTeX prints as it is: what it has its own use for is escaped, and a character that is no ASCII becomes its
// code point, as documents differ in what they can print.
[[nodiscard]] std::string LatexText(absl::string_view text);

// A formula in mathematical mode: `floor((H - 1)/sh) + 1` becomes
// `\left\lfloor \left( H - 1 \right) / s_{h} \right\rfloor + 1`. What is no formula is set as text.
[[nodiscard]] std::string LatexFormula(absl::string_view formula);

// A document with the steps in an align*.
[[nodiscard]] std::string ExplanationLatex(const v1::Explanation& explanation);
// A document with a row for each layer, in a longtable: a tabular that may be longer than a page.
[[nodiscard]] std::string ModelLatex(const v1::AnalyzeModelResponse& model);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_LATEX_H_
