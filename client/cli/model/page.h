// What the analysis of a model found, as a page for a browser.
#ifndef TENSORD_CLI_MODEL_PAGE_H_
#define TENSORD_CLI_MODEL_PAGE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "tensord/v1/model.pb.h"

namespace tensord::cli {

// One HTML page with everything in it: its Content-Security-Policy lets it load nothing, and run its own script only.
// Totals and tables are there without the script, which sorts, searches, and draws the graph and what a layer sees of
// the input out of the same JSON that ModelReport makes.
[[nodiscard]] std::string ModelHtml(const v1::AnalyzeModelResponse& model);

// `text` for an element or an attribute's value: control characters as Escape() has them, `<`, `>`, `&` and quotes as
// entities.
[[nodiscard]] std::string HtmlText(absl::string_view text);
// JSON for a script element: no text in it can end the element, as `<`, `>` and `&` are escapes, and all is ASCII.
[[nodiscard]] std::string ScriptJson(const v1::AnalyzeModelResponse& model);

}  // namespace tensord::cli

#endif  // TENSORD_CLI_MODEL_PAGE_H_
