// The frame of the reports for browsers.
#ifndef TENSORD_GRADING_FORMATS_PAGE_H_
#define TENSORD_GRADING_FORMATS_PAGE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace tensord::grading::formats {

// The style of page.css, embedded by cmake/EmbedPage.cmake, and as a Content-Security-Policy names it: `sha256-...`.
extern const char kPageStyle[];
extern const char kPageStyleHash[];

// A whole page. It lets a browser load nothing and run nothing, whatever gets into the body. `title` is any text,
// `body` HTML.
std::string Page(absl::string_view title, absl::string_view body);

}  // namespace tensord::grading::formats

#endif  // TENSORD_GRADING_FORMATS_PAGE_H_
